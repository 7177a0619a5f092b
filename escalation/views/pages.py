"""Pages on the desk: the list, one page, and everything that can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from escalation import actions, bridges, listing, policies
from escalation import messages as texts
from escalation.history import history_of, tag_of_page
from escalation.models import Page, Rota
from escalation.rehearsal import ahead, first_woken, rehearse_policy
from escalation.views.beside import retry_url
from escalation.words import step_words, words_of
from plans.contract.paging import PolicySection
from plans.policies import policy_of
from plans.queries import PolicyBook, contract_of, policy_book
from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership
from supportdesk.notifications.models import Notice
from tickets.errors import Refused
from tickets.models import Ticket
from tickets.views.live import unless_same
from tickets.views.rail import rail


@require_GET
@agent
def pages(request: VendorRequest) -> HttpResponse:
    """Who is being woken about what, and who answers for it."""
    view = request.GET.get("view", "unsettled")
    before = request.GET.get("before", "")
    if view not in listing.VIEWS or (before and not before.isdigit()):
        raise Http404
    at, policy = timezone.now(), request.GET.get("policy", "")
    rows = listing.rows_of(view, request.membership, policy=policy, before=int(before) if before else None)
    book = policy_book()
    context = {
        "view": view,
        "policy": policy,
        "before": before,
        "rows": [(page, policies.name_of(page.contract_version_id, page.policy)) for page in rows.pages],
        "older": rows.older,
        "counts": listing.counts(),
        "policies": book.policies if book is not None else (),
        "now": at,
    }
    return render(request, "escalation/pages.html", context | rail(request.membership, at, current="pages"))


@require_GET
@agent
def page(request: VendorRequest, pk: int) -> HttpResponse:
    """One page."""
    return _page(request, _found(pk))


@require_GET
@agent
def activity(request: VendorRequest, pk: int) -> HttpResponse:
    """The live part: how it stands, what was done and what comes next."""
    found = _found(pk)
    context = _context(request, found, timezone.now())
    return unless_same(request, context["tag"], lambda: render(request, "escalation/_live.html", context))


@require_POST
@agent
def acknowledge(request: VendorRequest, pk: int) -> HttpResponse:
    """Answers for it. From the inbox, what told its reader of the page is read by that."""
    place = "inbox" if request.POST.get("from") == "inbox" else "desk"
    if place == "inbox":
        told = Notice.objects.of(request.membership).unread().filter(kind=texts.KIND, key__startswith=f"page-{pk}-")
        told.update(read_at=timezone.now())
    return _did(
        request,
        pk,
        lambda found, by, at: actions.acknowledge(found, by=by, at=at, by_what=place),
        _("It is yours: nobody further is woken."),
    )


@require_POST
@agent
def escalate(request: VendorRequest, pk: int) -> HttpResponse:
    """Takes the next step at once."""
    return _did(
        request, pk, lambda found, by, at: actions.escalate_now(found, by=by, at=at), _("The next step is taken.")
    )


@require_POST
@agent
def hand(request: VendorRequest, pk: int) -> HttpResponse:
    """Asks a colleague to answer for it."""
    number = request.POST.get("to", "")
    to = get_object_or_404(Membership.objects.staff(), pk=int(number) if number.isdigit() else 0)
    return _did(
        request,
        pk,
        lambda found, by, at: actions.hand_to(found, to=to, by=by, at=at),
        _("%(name)s is asked to answer for it.") % {"name": to.name},
    )


@require_POST
@agent
def note(request: VendorRequest, pk: int) -> HttpResponse:
    """A line on its history and on the incident."""
    text = request.POST.get("text", "")
    return _did(request, pk, lambda found, by, at: actions.annotate(found, text=text, by=by, at=at), _("Noted."))


@require_POST
@agent
def bridge(request: VendorRequest, pk: int) -> HttpResponse:
    """Gives it a conference bridge."""
    url = request.POST.get("url", "")
    return _did(
        request,
        pk,
        lambda found, by, at: actions.open_bridge(found, url=url, by=by, at=at),
        _("The bridge is on the page; whoever is told from now on finds it there."),
    )


@require_POST
@agent
def resolve(request: VendorRequest, pk: int) -> HttpResponse:
    """It is over."""
    reason = request.POST.get("reason", "")
    return _did(
        request,
        pk,
        lambda found, by, at: actions.resolve(found, by=by, at=at, reason=reason),
        _("The page is resolved. The ticket stays as it is."),
    )


@require_http_methods(["GET", "POST"])
@agent
def by_hand(request: VendorRequest, number: int) -> HttpResponse:
    """Wakes somebody about a ticket: by which policy, and whom it tells first."""
    tickets = Ticket.objects.visible_to(request.membership).for_page()
    ticket = get_object_or_404(tickets, number=number)
    at, trouble = timezone.now(), ""
    if request.method == "POST":
        try:
            opened = actions.page_by_hand(ticket, policy=request.POST.get("policy", ""), by=request.membership, at=at)
        except Refused as error:
            trouble = error.text
        else:
            messages.success(request, _("People are being woken."))
            return redirect("desk-page", vendor=request.vendor.slug, pk=opened.pk)
    book = policy_book()
    choices = [_beginning(book, policy, ticket, at) for policy in book.policies] if book is not None else []
    context = {"ticket": ticket, "choices": choices, "trouble": trouble, "now": at}
    status = 422 if trouble else 200
    return render(
        request, "escalation/by_hand.html", context | rail(request.membership, at, current="pages"), status=status
    )


def _beginning(
    book: PolicyBook, policy: PolicySection, ticket: Ticket, at: datetime
) -> tuple[PolicySection, list[tuple[str, str, str]]]:
    """A policy, and what it would do first."""
    first = rehearse_policy(book.contract, policy, ticket, at=at).landings[0]
    return policy, [words_of(deed) for deed in first.deeds]


def _found(pk: int) -> Page:
    return get_object_or_404(Page.objects.for_rows().select_related("ticket__assignee__user", "ticket__team"), pk=pk)


def _did(request: VendorRequest, pk: int, do: Callable[[Page, Membership, datetime], Any], said: str) -> HttpResponse:
    """Does it and goes back to where it was asked for; what cannot be done says why, next to its field."""
    found = _found(pk)
    try:
        do(found, request.membership, timezone.now())
    except Refused as error:
        if error.field is not None:
            return _page(request, _found(pk), status=422, errors={error.field: error.text})
        messages.error(request, error.text)
    else:
        messages.success(request, said)
    if request.POST.get("next") == "ticket":
        return redirect("desk-ticket", vendor=request.vendor.slug, number=found.ticket.number)
    return redirect("desk-page", vendor=request.vendor.slug, pk=pk)


def _page(
    request: VendorRequest, found: Page, *, status: int = 200, errors: dict[str, str] | None = None
) -> HttpResponse:
    at = timezone.now()
    context = _context(request, found, at) | {
        "errors": dict.fromkeys(("text", "url", "to"), "") | (errors or {}),
        "sent": request.POST,
        "colleagues": list(Membership.objects.staff().exclude(pk=request.membership.pk).order_by("user__name")),
    }
    return render(
        request, "escalation/page.html", context | rail(request.membership, at, current="pages"), status=status
    )


def _context(request: VendorRequest, found: Page, at: datetime) -> dict[str, Any]:
    contract = contract_of(found.contract_version_id)
    ladder = policies.ladder_in(found.contract_version_id, found.policy)
    lines = history_of(found)
    landings = ahead(found, found.ticket)
    rotas = Rota.objects.names()
    coming = [(landing.at, [words_of(deed) for deed in landing.deeds]) for landing in landings]
    return {
        "page": found,
        "ticket": found.ticket,
        "name": policies.name_of(found.contract_version_id, found.policy),
        "policy": policy_of(contract, found.policy),
        "title": texts.title_of(found, found.ticket),
        "trigger": policies.trigger_names().get(found.trigger, found.trigger),
        "lines": lines,
        "retry_url": retry_url(request, found.ticket),
        "ahead": coming,
        "woken": first_woken(landings) if found.is_held else None,
        "step_words": [step_words(step, contract, rotas) for step in ladder.steps],
        "bridge_made": bridges.made_for(found, found.ticket),
        "tag": tag_of_page(found, lines, coming),
        "now": at,
    }
