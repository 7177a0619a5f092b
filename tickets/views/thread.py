"""A conversation laid out for reading: messages, and between them what happened, folded where it is much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from escalation.history import Told
from sla.chips import label_of
from sla.targets import Audience, Metric
from tickets.links import said
from tickets.models import Attachment, Event, Message
from tickets.models.event import Kind
from tickets.models.external_issue import IssueState
from tickets.queries import Entry

SHOWN_AT_ONCE = 3
"""More lines than this between two messages are folded."""

NEVER_FOLDED = (
    Kind.SLA_BREACHED,
    Kind.PAGE_OPENED,
    Kind.PAGE_ACKNOWLEDGED,
    Kind.RESOLVED,
    Kind.REOPENED,
    Kind.MERGED,
    Kind.UNMERGED,
    Kind.SPLIT,
)


STATED = ("due_at", "next_update_at", "received_at", "asked_at", "starts_at")
"""What events say of an instant beside their own, the first of these that they have."""


@dataclass(frozen=True, slots=True)
class File:
    """An attachment as a link."""

    name: str
    size: int
    content_type: str
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """An event as one line. ``until`` is the instant it speaks of (a due instant, a promised update, a receipt),
    ``clock`` what a clock's event is about, how another ticket is
    linked, or what became of an issue. ``told``: whom a page's step told."""

    event: Event
    until: datetime | None = None
    clock: str = ""
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Either a message with its files, or lines, which stand folded under one summary when ``is_folded``. ``origin``:
    the number of the merged ticket that the message was written on. What was written since the reader's last visit
    begins with the block that ``is_first_unread``."""

    message: Message | None = None
    files: tuple[File, ...] = ()
    lines: tuple[Line, ...] = ()
    is_folded: bool = False
    origin: int = 0
    is_first_unread: bool = False


def blocks(
    entries: Iterable[Entry],
    *,
    vendor: str,
    told: Mapping[int, tuple[Told, ...]] | None = None,
    unread_after: int | None = None,
    reader: int | None = None,
) -> list[Block]:
    """The entries in their order; neighbouring events gathered, all but the telling ones folded when they are many.

    ``told``: whom which event told, see ``escalation.history``; what did not reach somebody is never folded.
    ``unread_after``: the last message, by its id, that the ``reader`` (a membership) had read; None marks nothing.
    """
    made: list[Block] = []
    quiet: list[Line] = []
    is_marked = unread_after is None
    for entry in entries:
        if entry.event is not None and _is_said_by_the_next(entry.event):
            continue
        people = (told or {}).get(entry.event.pk, ()) if entry.event is not None else ()
        if entry.event is not None and entry.event.kind not in NEVER_FOLDED and not any(p.has_failed for p in people):
            quiet.append(line(entry.event, people))
            continue
        made += _gathered(quiet)
        quiet = []
        if entry.message is not None:
            files = tuple(_file(each, vendor) for each in entry.files)
            is_new = not is_marked and entry.message.pk > (unread_after or 0) and entry.message.author_id != reader
            is_marked = is_marked or is_new
            made.append(Block(message=entry.message, files=files, origin=entry.origin, is_first_unread=is_new))
        elif entry.event is not None:
            made.append(Block(lines=(line(entry.event, people),)))
    return made + _gathered(quiet)


def line(event: Event, told: tuple[Told, ...] = ()) -> Line:
    """The event with what its data says made into values."""
    stated = next((event.data[name] for name in STATED if event.data.get(name)), None)
    clock = ""
    if event.kind in (Kind.SLA_WARNING, Kind.SLA_BREACHED):
        clock = label_of(Metric(event.data["metric"]), Audience(event.data["audience"]))
    elif event.kind == Kind.ISSUE_CHANGED:
        clock = str(IssueState(event.data["state"]).label)
    elif event.kind in (Kind.LINKED, Kind.UNLINKED):
        clock = said(event.data["link"], is_inverse=event.data["is_inverse"])
    return Line(event, until=datetime.fromisoformat(stated) if stated else None, clock=clock, told=told)


def _is_said_by_the_next(event: Event) -> bool:
    """Letting go, of a hand-over, which is one step in two events."""
    return event.kind == Kind.ASSIGNED and bool(event.data.get("is_handed_over"))


def _gathered(lines: Sequence[Line]) -> list[Block]:
    return [Block(lines=tuple(lines), is_folded=len(lines) > SHOWN_AT_ONCE)] if lines else []


def _file(attachment: Attachment, vendor: str) -> File:
    href = reverse("attachment", kwargs={"vendor": vendor, "pk": attachment.pk})
    return File(attachment.name, attachment.size, attachment.content_type, href)
