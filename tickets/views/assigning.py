"""Who sees to a ticket: taking it, giving it to a colleague, setting the group, handing it over, watching it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership, Team, TeamMember
from tickets import actions, presence
from tickets.errors import Refused
from tickets.models import Ticket
from tickets.views.rail import rail
from tickets.views.ticket_page import back, found


class HandOverForm(forms.Form):
    """To which group, and what it should know."""

    team: forms.ModelChoiceField[Team] = forms.ModelChoiceField(
        queryset=None, label=gettext_lazy("Group"), empty_label=None, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=gettext_lazy("What have you tried, and what do you need?"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The group reads this in its notice and on the timeline. Customers do not."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@agent
def assignment(request: VendorRequest, number: int) -> HttpResponse:
    """Takes the ticket, gives it to a colleague, or lets it go; GET: everybody who could have it."""
    ticket, at = found(request, number), timezone.now()
    if request.method == "GET":
        staff = Membership.objects.staff().order_by("user__name")
        groups: dict[int, list[str]] = {}
        for each in TeamMember.objects.select_related("team").order_by("team__name"):
            groups.setdefault(each.membership_id, []).append(each.team.name)
        people = sorted(staff, key=lambda each: each.pk != request.membership.pk)
        who = [(each, groups.get(each.pk, [])) for each in people]
        return _sheet(request, "desk/assign.html", ticket, at, people=who, teams=list(Team.objects.order_by("name")))
    to = request.POST.get("assignee", "me")
    colleague = None
    if to == "me":
        colleague = request.membership
    elif to:
        colleague = get_object_or_404(Membership.objects.staff(), pk=int(to) if to.isdecimal() else 0)
    seen = request.POST.get("seen", "")
    expected: Any = (int(seen) if seen.isdecimal() else None) if "seen" in request.POST else True
    try:
        actions.assign(ticket, to=colleague, by=request.membership, at=at, expected=expected)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        name = colleague.name if colleague else _("nobody")
        messages.success(request, _("Assigned to %(name)s.") % {"name": name})
    return back(request, number)


@require_POST
@agent
def group(request: VendorRequest, number: int) -> HttpResponse:
    """Sets the group that sees to it, and leaves it with whoever has it."""
    ticket = found(request, number)
    chosen = request.POST.get("team", "")
    team = get_object_or_404(Team, pk=int(chosen) if chosen.isdecimal() else 0) if chosen else None
    actions.set_team(ticket, team=team, by=request.membership, at=timezone.now())
    name = team.name if team else _("none")
    messages.success(request, _("Group: %(name)s.") % {"name": name})
    return back(request, number)


@require_http_methods(["GET", "POST"])
@agent
def hand_over(request: VendorRequest, number: int) -> HttpResponse:
    """Lets it go and sets the group, which is told, in one step."""
    ticket, at = found(request, number), timezone.now()
    form = HandOverForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            team = form.cleaned_data["team"]
            actions.hand_over(ticket, team=team, by=request.membership, at=at, reason=form.cleaned_data["reason"])
        except Refused as error:
            form.add_error(None, error.text)
        else:
            messages.success(request, _("Handed over to %(team)s: its agents are told.") % {"team": team.name})
            return back(request, number)
    return _sheet(request, "desk/hand_over.html", ticket, at, form=form, status=422 if form.errors else 200)


@require_POST
@agent
def leaving(request: VendorRequest, number: int) -> HttpResponse:
    """The page was closed."""
    presence.leave(found(request, number), by=request.membership, at=timezone.now())
    return HttpResponse(status=204)


@require_safe
@agent
def colleagues(request: VendorRequest) -> HttpResponse:
    """Who can be named with an @ in a note."""
    staff = Membership.objects.staff().exclude(pk=request.membership.pk).order_by("user__name")
    response = JsonResponse({"names": [each.name for each in staff]})
    response["Cache-Control"] = "private, max-age=60"
    return response


def _sheet(
    request: VendorRequest, template: str, ticket: Ticket, at: datetime, *, status: int = 200, **context: Any
) -> HttpResponse:
    """In a dialog over the ticket where scripts ask for it, else a page of its own."""
    context |= {"ticket": ticket, "now": at, "bare": bool(request.headers.get("HX-Request"))}
    if not context["bare"]:
        context |= rail(request.membership, at)
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
