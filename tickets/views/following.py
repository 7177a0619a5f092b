"""Who is kept informed of a ticket: the same page for customers and for the desk."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from supportdesk.accounts.access import member
from supportdesk.accounts.middleware import VendorRequest
from tickets import actions
from tickets.actions.following import may_add, may_remove
from tickets.asking import FollowerForm
from tickets.errors import Refused
from tickets.models import Follower, Ticket
from tickets.views.asking import back, did, found


@require_http_methods(["GET", "POST"])
@member
def followers(request: VendorRequest, number: int) -> HttpResponse:
    """Who follows, who could, and a way out for oneself."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    form = FollowerForm(request.POST or None, ticket=ticket, by=by)
    if did(form, lambda data: actions.follow(ticket, who=data["person"], by=by, at=at)):
        messages.success(request, _("%(name)s is kept informed.") % {"name": form.cleaned_data["person"].name})
        return redirect("followers", vendor=request.vendor.slug, number=number)
    people = list(Follower.objects.filter(ticket=ticket).with_people().select_related("person__organization"))
    context = {
        "ticket": ticket,
        "form": form if may_add(ticket, by) else None,
        "people": [(each, may_remove(ticket, by, each)) for each in people if _shown_to(request, each)],
        "follows": any(each.person_id == by.pk for each in people),
        "is_requester": ticket.requester_id == by.pk,
        "now": at,
    }
    return render(request, "portal/asking/followers.html", context, status=422 if form.is_bound else 200)


@require_POST
@member
def own(request: VendorRequest, number: int) -> HttpResponse:
    """The reader begins to follow."""
    ticket, by = found(request, number), request.membership
    try:
        actions.follow(ticket, who=by, by=by, at=timezone.now())
        messages.success(request, _("You are kept informed of this ticket."))
    except Refused as error:
        messages.error(request, error.text)
    return back(request, number)


@require_POST
@member
def remove(request: VendorRequest, number: int, pk: int) -> HttpResponse:
    """Somebody follows no longer. Who thereby loses sight of the ticket is sent to their list."""
    ticket, by = found(request, number), request.membership
    follower = get_object_or_404(Follower.objects.with_people(), ticket=ticket, pk=pk)
    try:
        actions.unfollow(ticket, who=follower.person, by=by, at=timezone.now())
    except Refused as error:
        messages.error(request, error.text)
        return back(request, number)
    if follower.person_id != by.pk:
        messages.success(request, _("%(name)s is no longer kept informed.") % {"name": follower.person.name})
        return redirect("followers", vendor=request.vendor.slug, number=number)
    messages.success(request, _("You no longer follow #%(number)s.") % {"number": number})
    if Ticket.objects.visible_to(by).filter(pk=ticket.pk).exists():
        return back(request, number)
    return redirect("portal-tickets", vendor=request.vendor.slug)


def _shown_to(request: VendorRequest, follower: Follower) -> bool:
    """Which of its own people watch a ticket is the desk's business."""
    return request.membership.is_staff_side or follower.person.is_customer_side
