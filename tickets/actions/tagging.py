"""Putting tags on tickets, and keeping the vendor's set of tags."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from supportdesk.accounts import audit
from supportdesk.accounts.models import Membership
from tickets import events
from tickets.actions.locking import locked, staff_only
from tickets.errors import Refused
from tickets.models import SavedView, Tag, Ticket, TicketTag
from tickets.models.event import Kind

MOST_TAGS = 20
"""On one ticket."""


def tag_named(name: str) -> Tag:
    """The tag of this name, made when there is none yet; case and spaces make no difference. Raises Refused for a name
    without letters or digits, or one that is too long."""
    name = _cleaned(name)
    slug = slugify(name, allow_unicode=True)[:63]
    known = Tag.objects.filter(name__iexact=name).first() or Tag.objects.filter(slug=slug).first()
    return known or Tag.objects.get_or_create(slug=slug, defaults={"name": name})[0]


def _cleaned(name: str) -> str:
    name = " ".join(name.split())
    if not slugify(name, allow_unicode=True):
        raise Refused(_("A tag needs a letter or a digit."), field="name")
    if len(name) > 40:
        raise Refused(_("A tag has at most 40 characters."), field="name")
    return name


@transaction.atomic
def tag(ticket: Ticket, *, tag: Tag, by: Membership | None, at: datetime) -> Ticket:
    """Puts a tag on a ticket; twice is once."""
    staff_only(by)
    ticket = locked(ticket)
    present = TicketTag.objects.filter(ticket=ticket)
    if present.filter(tag=tag).exists():
        return ticket
    if present.count() >= MOST_TAGS:
        raise Refused(_("A ticket has at most %(most)s tags.") % {"most": MOST_TAGS}, field="tag")
    TicketTag.objects.create(ticket=ticket, tag=tag, by=by, at=at)
    return _noted(ticket, Kind.TAGGED, tag, by=by, at=at)


@transaction.atomic
def untag(ticket: Ticket, *, tag: Tag, by: Membership | None, at: datetime) -> Ticket:
    """Takes a tag off a ticket."""
    staff_only(by)
    ticket = locked(ticket)
    gone, _rows = TicketTag.objects.filter(ticket=ticket, tag=tag).delete()
    return _noted(ticket, Kind.UNTAGGED, tag, by=by, at=at) if gone else ticket


def _noted(ticket: Ticket, kind: Kind, tag: Tag, *, by: Membership | None, at: datetime) -> Ticket:
    ticket.updated_at = at
    ticket.save(update_fields=["updated_at"])
    events.record(ticket, kind, by=by, at=at, tag=tag.pk, name=tag.name)
    return ticket


@transaction.atomic
def rename_tag(tag: Tag, *, name: str, by: Membership, at: datetime) -> Tag:
    """Another name on every ticket that has it. Raises Refused when another tag is called so."""
    name = _cleaned(name)
    if Tag.objects.filter(name__iexact=name).exclude(pk=tag.pk).exists():
        raise Refused(_("There is a tag of this name; merge the two instead."), field="name")
    before, tag.name = tag.name, name
    tag.save(update_fields=["name"])
    audit.record("tag.renamed", by=by, at=at, subject=tag, **{"from": before, "to": name})
    return tag


@transaction.atomic
def merge_tags(tag: Tag, *, into: Tag, by: Membership, at: datetime) -> Tag:
    """Every ticket that has ``tag`` has ``into`` instead, saved views too; ``tag`` is gone. Raises Refused for
    itself."""
    if tag.pk == into.pk:
        raise Refused(_("A tag cannot be merged into itself."), field="into")
    both = TicketTag.objects.filter(tag=into).values("ticket")
    TicketTag.objects.filter(tag=tag, ticket__in=both).delete()
    moved = TicketTag.objects.filter(tag=tag).update(tag=into)
    _rewrite_views(tag.slug, into.slug)
    audit.record("tag.merged", by=by, at=at, subject=into, name=tag.name, into=into.name, tickets=moved)
    tag.delete()
    return into


@transaction.atomic
def remove_tag(tag: Tag, *, by: Membership, at: datetime) -> None:
    """Off every ticket, and gone; what the timelines say of it stays."""
    tickets, _each = TicketTag.objects.filter(tag=tag).delete()
    audit.record("tag.removed", by=by, at=at, subject=tag, name=tag.name, tickets=tickets)
    tag.delete()


def _rewrite_views(old: str, new: str) -> None:
    from tickets import listing, selecting

    for view in SavedView.objects.filter(query__contains="tag"):
        try:
            selection = selecting.read_query(view.query, views=listing.SLUGS)
        except selecting.WrongAddress:
            continue
        renamed = selection.renamed("tag", old, new)
        if renamed != selection:
            view.query = renamed.kept()
            view.save(update_fields=["query"])
