"""Many tickets at once: what can be done to them, doing it, and taking it back."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from plans import choices
from plans.states import State
from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Team
from tickets import actions
from tickets.actions.bulk import Outcome
from tickets.bulk_forms import BulkForm, Wanted
from tickets.errors import Refused
from tickets.models import BulkChange, Tag
from tickets.models.bulk_change import Change
from tickets.triage import grades
from tickets.views import queue_context

MOST_NAMED = 20
"""Of the tickets that refused so many are named by number."""


@require_http_methods(["GET", "POST"])
@agent
def bulk(request: VendorRequest) -> HttpResponse:
    """The bar's menus; or a change to the selected tickets."""
    labels = choices.status_labels(for_customers=False)
    if request.method == "GET":
        context = {
            "states": [(state.value, labels[state.value]) for state in State if state is not State.NEW],
            "colleagues": queue_context.people_of(request.membership),
            "teams": list(Team.objects.order_by("name")),
            "severities": grades().severities,
            "tag_names": list(Tag.objects.by_name()[:200]),
        }
        return render(request, "desk/_bulk_menus.html", context)
    form = BulkForm(request.POST, by=request.membership, labels=labels)
    if not form.is_valid():
        raise BadRequest
    try:
        wanted = form.wanted()
        outcome = actions.change_many(
            form.tickets(), change=wanted.change, to=wanted.to, by=request.membership, at=timezone.now()
        )
    except Refused as refused:
        messages.error(request, refused.text)
    else:
        _say(request, wanted, outcome)
    return _back(request)


@require_POST
@agent
def undo(request: VendorRequest, pk: int) -> HttpResponse:
    """Takes a change to many tickets back, where nobody has done anything since."""
    bulk = get_object_or_404(BulkChange, pk=pk, by=request.membership)
    try:
        outcome = actions.undo(bulk, by=request.membership, at=timezone.now())
    except (Refused, PermissionDenied) as error:
        messages.error(request, error.text if isinstance(error, Refused) else str(error))
    else:
        if outcome.changed:
            count = len(outcome.changed)
            said = ngettext("%(n)s ticket is as it was.", "%(n)s tickets are as they were.", count) % {"n": count}
            messages.success(request, said)
        if outcome.refused:
            messages.warning(request, _("Left as they are: %(which)s") % {"which": _reasons(outcome.refused)})
    return _back(request)


def _say(request: VendorRequest, wanted: Wanted, outcome: Outcome) -> None:
    count = len(outcome.changed)
    if count:
        said = _done(wanted.change, count) % {"n": count, "to": wanted.words}
        undo_at = ""
        if outcome.bulk is not None:
            undo_at = reverse("desk-bulk-undo", kwargs={"vendor": request.vendor.slug, "pk": outcome.bulk.pk})
        messages.success(request, said, extra_tags=f"undo:{undo_at}" if undo_at else "")
    elif not outcome.refused:
        messages.info(request, _("They were like that already: nothing to change."))
    if outcome.refused:
        messages.warning(request, _("Not changed: %(which)s") % {"which": _reasons(outcome.refused)})


def _done(change: Change, count: int) -> str:
    return {
        Change.ASSIGN: ngettext("%(n)s ticket assigned to %(to)s.", "%(n)s tickets assigned to %(to)s.", count),
        Change.TEAM: ngettext("%(n)s ticket moved to %(to)s.", "%(n)s tickets moved to %(to)s.", count),
        Change.STATE: ngettext("%(n)s ticket set to %(to)s.", "%(n)s tickets set to %(to)s.", count),
        Change.SEVERITY: ngettext("%(n)s ticket has severity %(to)s.", "%(n)s tickets have severity %(to)s.", count),
        Change.TAG: ngettext("%(n)s ticket tagged %(to)s.", "%(n)s tickets tagged %(to)s.", count),
        Change.UNTAG: ngettext("Tag %(to)s taken off %(n)s ticket.", "Tag %(to)s taken off %(n)s tickets.", count),
        Change.MERGE: ngettext("%(n)s ticket merged into %(to)s.", "%(n)s tickets merged into %(to)s.", count),
    }[change]


def _reasons(refused: Iterable[tuple[int, str]]) -> str:
    """“#12, #15: why; #20: why”."""
    by_reason: dict[str, list[int]] = {}
    for number, reason in refused:
        by_reason.setdefault(reason, []).append(number)
    parts = []
    for reason, numbers in by_reason.items():
        named = ", ".join(f"#{number}" for number in numbers[:MOST_NAMED])
        more = len(numbers) - MOST_NAMED
        named += ngettext(" and %(n)s more", " and %(n)s more", more) % {"n": more} if more > 0 else ""
        parts.append(f"{named}: {reason}")
    return "; ".join(parts)


def _back(request: VendorRequest) -> HttpResponse:
    """To the list where the reader was; an address that is none of ours leads to the first view."""
    if back := request.POST.get("back", ""):
        return redirect(queue_context.address(request, back))
    queue = reverse("desk-queue", kwargs={"vendor": request.vendor.slug})
    referer = request.headers.get("Referer", "")
    same_place = referer.startswith(request.build_absolute_uri(queue))
    return redirect(referer if same_place else queue)
