"""To whom each team's tickets go by themselves, and what people are good at."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from escalation.actions.assignment import change_rule, set_skills
from escalation.assigning import fitting
from escalation.assignment_forms import RuleForm, SkillsForm
from escalation.models import AssignmentRule, Method, Rota
from escalation.views.rotas import around
from supportdesk.accounts.access import lead
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership, Team

MOST = 200


@require_GET
@lead
def assignment(request: VendorRequest) -> HttpResponse:
    """A rule for each team, who would be chosen from now, and everybody's skills."""
    return _page(request)


@require_POST
@lead
def change(request: VendorRequest, pk: int) -> HttpResponse:
    """Sets a team's rule."""
    team = get_object_or_404(Team, pk=pk)
    form = RuleForm(request.POST, team=team)
    if not form.is_valid():
        return _page(request, rule=form)
    change_rule(team, **form.cleaned_data, by=request.membership, at=timezone.now())
    messages.success(request, _("Saved: the rule of %(team)s holds for the next ticket.") % {"team": team.name})
    return redirect("assignment", vendor=request.vendor.slug)


@require_POST
@lead
def skills(request: VendorRequest, pk: int) -> HttpResponse:
    """What somebody is good at."""
    person = get_object_or_404(Membership.objects.staff(), pk=pk)
    form = SkillsForm(request.POST, person=person)
    if form.is_valid():
        try:
            set_skills(person, form.cleaned_data["skills"], by=request.membership, at=timezone.now())
        except ValidationError as error:
            form.add_error("skills", error)
    if form.errors:
        return _page(request, skill=form)
    messages.success(request, _("The skills of %(name)s are saved.") % {"name": person.name})
    return redirect("assignment", vendor=request.vendor.slug)


def _page(request: VendorRequest, *, rule: RuleForm | None = None, skill: SkillsForm | None = None) -> HttpResponse:
    at = timezone.now()
    rules = {each.team_id: each for each in AssignmentRule.objects.all()}
    teams = []
    for team in Team.objects.order_by("name")[:MOST]:
        found = rules.get(team.pk)
        form = rule if rule is not None and rule.team.pk == team.pk else RuleForm(team=team, rule=found)
        active = found is not None and found.method != Method.NONE
        teams.append((team, form, fitting(found, at) if found is not None and active else None))
    staff = Membership.objects.staff().order_by("user__name", "pk")[:MOST]
    people = [
        (each, skill if skill is not None and skill.person.pk == each.pk else SkillsForm(person=each)) for each in staff
    ]
    known = sorted({name for each, _form in people for name in each.skills})
    wrong = rule is not None or skill is not None
    context: dict[str, Any] = {
        "teams": teams,
        "people": people,
        "known": known,
        "wrong": rule or skill,
        "has_rotas": Rota.objects.in_use().exists(),
    }
    return render(
        request,
        "escalation/assignment.html",
        context | around(request, at, "assignment"),
        status=422 if wrong else 200,
    )
