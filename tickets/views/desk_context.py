"""What the desk's pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from escalation.history import Told, tag_of, told_by
from escalation.views.beside import pages_of, retry_url
from plans import queries as plan_queries
from plans.states import State
from sla import pages as sla_pages
from sla.promises import update_within
from supportdesk.accounts.middleware import VendorRequest
from tickets import fields, presence, queries, severity, tags, transitions
from tickets.actions.drafting import reply_draft
from tickets.composer import ComposerForm
from tickets.models import Message, Ticket
from tickets.presence import Company
from tickets.triage import Grades, TriageForm, grades_of
from tickets.views.beside import asked_for
from tickets.views.rail import rail
from tickets.views.thread import blocks
from tickets.views.together import together


def ticket_page(
    request: VendorRequest,
    ticket: Ticket,
    at: datetime,
    *,
    composer: ComposerForm | None = None,
    triage: TriageForm | None = None,
    held: Sequence[Message] = (),
    moved_to: Ticket | None = None,
    company: Company | None = None,
    unread_after: int | None = None,
) -> dict[str, Any]:
    """One ticket with everything beside it; forms that came back with errors stand in for fresh ones.

    ``held``: what a reply was held back for. ``moved_to``: the ticket that this one was merged into while something was
    written. ``company`` and ``unread_after``: of a live part, which has asked already who is there, and up to which
    message the reader had read when they opened the page.
    """
    who, version = request.membership, plan_queries.current_contract_id()
    contract = plan_queries.contract_of(version) if version is not None else None
    beside = rail(who, at, contract=contract)
    offered = grades_of(version) if version is not None else Grades()
    told = queries.whole_conversation(ticket, who)
    if company is None:
        company = presence.look(ticket, by=who, at=at, read_to=told.last_message)
        unread_after = company.read_to
    else:
        presence.read_up_to(told.last_message, ticket, by=who)
    woken = told_by(entry.event for entry in told.entries if entry.event is not None)
    asked = asked_for(ticket, told.entries)
    draft = reply_draft(ticket)
    writes_to = written_on(ticket)
    form = composer or ComposerForm(ticket=writes_to, labels=beside["labels"], initial=draft.initial if draft else None)
    deciders = severity.kept_from(who, contract)
    return {
        "ticket": ticket,
        "blocks": blocks(
            told.entries, vendor=request.vendor.slug, told=woken, unread_after=unread_after, reader=who.pk
        ),
        "retry_url": retry_url(request, ticket),
        "unread_after": unread_after,
        "last_public": told.last_public,
        "held": held,
        "moved_to": moved_to,
        "writes_to": writes_to,
        "seen": held[-1].pk if held else form["seen"].value() or told.last_message,
        "company": company,
        "watching": next((each.pk for each in asked["followers"] if each.person_id == who.pk), None),
        "answers": fields.labelled(ticket.category, ticket.fields),
        "clocks": sla_pages.chips_of(ticket, at=at, for_customer=False),
        "cadence": _cadence(writes_to),
        "ranks": offered.ranks,
        "next_states": () if ticket.merged_into_id else transitions.next_states(State(ticket.state)),
        "states_to_send": transitions.next_states(State(writes_to.state)),
        "composer": form,
        "draft": draft,
        "triage": triage or TriageForm(ticket=ticket, offered=offered, deciders=deciders),
        "deciders": deciders,
        "pages": pages_of(ticket, told.entries),
        "max_bytes": settings.ATTACHMENT_MAX_BYTES,
        "tag": live_tag(f"{ticket.pk}-{told.last_event}", company, woken),
        "tags": tags.of_ticket(ticket, told.entries),
        "now": at,
        **asked,
        **together(ticket, told.entries, who, at),
        **beside,
    }


def written_on(ticket: Ticket) -> Ticket:
    """The ticket on which an answer is written: where a merged one goes on, at a query; else itself."""
    if ticket.merged_into_id is None:
        return ticket
    found: Ticket = Ticket.objects.for_page().get(pk=ticket.merged_into_id)
    return found


def live_tag(page_tag: str, company: Company, woken: Mapping[int, tuple[Told, ...]]) -> str:
    """Changes with the ticket's timeline, with who else is there, and when what woke somebody arrives or is seen."""
    return f"{page_tag}-{company.tag}{tag_of(woken)}"


def _cadence(ticket: Ticket) -> timedelta | None:
    """How often the plan promises an update at the ticket's priority and severity, in open time."""
    if ticket.plan_version is None:
        return None
    return update_within(
        ticket.plan_version, ticket.priority.code, ticket.severity.code if ticket.severity is not None else None
    )
