"""In or out of scope, what another team tracks for a ticket, and the customer's answer to a fee."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from supportdesk.accounts.access import agent, member
from supportdesk.accounts.middleware import VendorRequest
from tickets import actions, scope
from tickets.errors import Refused
from tickets.models import ExternalIssue, ScopeDecision
from tickets.models.external_issue import IssueState
from tickets.scope import IssueForm, ScopeForm
from tickets.views.asking import back, did, found
from tickets.views.rail import rail

IN_SCOPE = "in-scope"


@require_http_methods(["GET", "POST"])
@agent
def decide(request: VendorRequest, number: int) -> HttpResponse:
    """First which exclusion, if any; then the words for it."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    offered, beside = scope.section(), rail(by, at)
    slug = request.GET.get("exclusion", "")
    exclusion = offered.exclusion(slug)
    if slug not in ("", IN_SCOPE) and exclusion is None:
        raise Http404
    form = (
        ScopeForm(request.POST or None, exclusion=exclusion, ticket=ticket, labels=beside["labels"]) if slug else None
    )
    if form and did(form, lambda data: actions.decide_scope(ticket, exclusion=exclusion, by=by, at=at, **data)):
        said = _("Decided: %(name)s.") % {"name": exclusion.name if exclusion else _("in scope")}
        messages.success(request, said)
        return back(request, number)
    context = {
        "ticket": ticket,
        "form": form,
        "exclusion": exclusion,
        "offered": offered,
        "means": scope.MEANS,
        "decision": ScopeDecision.objects.filter(ticket=ticket).select_related("by__user").first(),
        "now": at,
        **beside,
    }
    return render(request, "desk/scope.html", context, status=422 if form and form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@agent
def add_issue(request: VendorRequest, number: int) -> HttpResponse:
    """Notes where another team tracks the matter, and hands the ticket over."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    handovers = scope.section().handovers()
    form = IssueForm(request.POST or None, handovers=handovers)
    if did(form, lambda data: actions.add_issue(ticket, by=by, at=at, **form.asked())):
        messages.success(request, _("Added. Colleagues see it beside the ticket."))
        return back(request, number)
    context = {"ticket": ticket, "form": form, "handovers": handovers, "now": at, **rail(by, at)}
    return render(request, "desk/issue.html", context, status=422 if form.is_bound else 200)


@require_POST
@agent
def change_issue(request: VendorRequest, number: int, pk: int) -> HttpResponse:
    """Sets what has become of an issue."""
    issue = get_object_or_404(ExternalIssue, ticket=found(request, number), pk=pk)
    state = request.POST.get("state", "")
    if state in IssueState.values:
        actions.change_issue(issue, state=IssueState(state), by=request.membership, at=timezone.now())
        messages.success(request, _("Issue: %(state)s.") % {"state": IssueState(state).label})
    return back(request, number)


@require_POST
@agent
def remove_issue(request: VendorRequest, number: int, pk: int) -> HttpResponse:
    """Takes an issue off the ticket; it stays where it is tracked."""
    issue = get_object_or_404(ExternalIssue, ticket=found(request, number), pk=pk)
    actions.remove_issue(issue, by=request.membership, at=timezone.now())
    messages.success(request, _("Removed from the ticket: %(title)s.") % {"title": issue.title})
    return back(request, number)


@require_http_methods(["GET", "POST"])
@member
def fee(request: VendorRequest, number: int) -> HttpResponse:
    """The customer reads what it is for and what it costs, and agrees or does not."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    decision = ScopeDecision.objects.filter(ticket=ticket).first()
    if by.is_staff_side or decision is None or not decision.awaits_customer:
        return back(request, number)
    if request.method == "POST":
        agrees = request.POST.get("answer") == "agree"
        try:
            actions.answer_fee(ticket, agrees=agrees, by=by, at=at)
            messages.success(
                request, _("Agreed: the support team goes on.") if agrees else _("Declined. We have told the team.")
            )
        except Refused as error:
            messages.error(request, error.text)
        return back(request, number)
    return render(request, "portal/asking/fee.html", {"ticket": ticket, "decision": decision, "form": None, "now": at})
