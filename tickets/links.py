"""A ticket's links as the desk shows them: each read from that ticket, and the tickets that are part of an incident."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tickets.models import Link, Ticket
from tickets.models.link import INVERSE, LinkKind


@dataclass(frozen=True, slots=True)
class Linked:
    """The other ticket of a link; ``label`` says what it is to the ticket at hand ("Blocked by")."""

    link: Link
    other: Ticket
    label: str
    is_child: bool


def linked_with(ticket: Ticket, links: Iterable[Link]) -> list[Linked]:
    """These links read from ``ticket``, those of one kind side by side in the order of the kinds."""
    read = [_read_from(ticket, link) for link in links]
    order = [str(label) for kind in LinkKind for label in (LinkKind(kind).label, INVERSE[kind])]
    return sorted(read, key=lambda each: order.index(each.label))


def said(kind: str, *, is_inverse: bool) -> str:
    """What the other ticket is, in a word or two: the kind of a link, read from either end."""
    return str(INVERSE[kind] if is_inverse else LinkKind(kind).label)


def _read_from(ticket: Ticket, link: Link) -> Linked:
    is_inverse = link.target_id == ticket.pk
    other = link.source if is_inverse else link.target
    return Linked(
        link, other, said(link.kind, is_inverse=is_inverse), is_child=is_inverse and link.kind == LinkKind.PART
    )
