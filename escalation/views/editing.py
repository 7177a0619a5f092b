"""The policy builder: conditions, a row for each step, and what it all comes to before it is saved.

Every button sends the whole form: rows are added, moved and removed on the server, so it works without a script. Saving
first shows the dry run of exactly what would be saved; pressing again saves it.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from escalation import actions
from escalation.models import Rota
from escalation.policy_form import (
    MOST_STEPS,
    Offered,
    PolicyForm,
    StepForm,
    initial_of,
    offered,
    section_of,
    step_initial_of,
)
from escalation.views.rehearsing import rehearsed
from plans.contract import Contract, ContractError, digest
from plans.contract.edit import with_policies
from plans.contract.paging import PolicySection
from plans.policies import policy_of
from plans.queries import current_contract
from supportdesk.accounts.access import admin
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership
from supportdesk.notifications.models import Integration
from tickets.views.rail import rail

FIRST_STEPS: list[dict[str, Any]] = [
    {"verb": "notify", "by": ["inbox", "email", "sms"]},
    {"verb": "wait", "minutes": 5},
    {"verb": "notify", "notify": ["leads"], "by": ["inbox", "email", "sms"]},
]


@require_http_methods(["GET", "POST"])
@admin
def new(request: VendorRequest) -> HttpResponse:
    """Writes a policy."""
    return _edited(request, _contract(), None)


@require_http_methods(["GET", "POST"])
@admin
def edit(request: VendorRequest, slug: str) -> HttpResponse:
    """Changes a policy."""
    contract = _contract()
    policy = policy_of(contract, slug)
    if policy is None:
        raise Http404
    return _edited(request, contract, policy)


def _edited(request: VendorRequest, contract: Contract, policy: PolicySection | None) -> HttpResponse:
    have = _offered(contract, policy)
    if request.method == "GET":
        values = initial_of(policy) if policy is not None else {"until": "resolved", "fallback": ["leads"]}
        steps = [step_initial_of(step) for step in policy.steps] if policy is not None else FIRST_STEPS
        form = PolicyForm(initial=values, offered=have)
        rows = [StepForm(initial=step, offered=have, prefix=f"step-{place}") for place, step in enumerate(steps)]
        return _render(request, policy, form, rows, {})
    data = request.POST
    order = _order(data)
    form = PolicyForm(data, offered=have)
    rows = [StepForm(data, offered=have, prefix=f"step-{key}") for key in order]
    if data.get("do", "save") not in ("save", "try"):
        return _render(request, policy, form, rows, {}, is_draft=True)
    are_valid = [each.is_valid() for each in (form, *rows)]
    if not all(are_valid):
        return _render(request, policy, form, rows, {}, status=422)
    section = section_of(form.cleaned_data, [row.cleaned_data for row in rows], kept=policy)
    return _tried(request, contract, policy, form, rows, section)


def _tried(
    request: VendorRequest,
    contract: Contract,
    policy: PolicySection | None,
    form: PolicyForm,
    rows: list[StepForm],
    section: dict[str, Any],
) -> HttpResponse:
    """Shows what it comes to; saves what was shown before, exactly."""
    if policy is None and policy_of(contract, section["slug"]) is not None:
        form.add_error("name", _("There is a policy of this name already."))
        return _render(request, policy, form, rows, {}, status=422)
    try:
        draft = policy_of(with_policies(contract, [section]), section["slug"])
    except ContractError as error:
        _say(error, form, rows)
        return _render(request, policy, form, rows, {}, status=422)
    assert draft is not None
    seen = digest(section)
    if request.POST.get("do") == "save" and request.POST.get("seen") == seen:
        actions.save_policy(section, by=request.membership, at=timezone.now())
        messages.success(request, _("Saved. What is open already runs on as it was."))
        return redirect("policy", vendor=request.vendor.slug, slug=section["slug"])
    dry = rehearsed(request.POST, contract, draft, who=request.membership, at=timezone.now())
    return _render(request, policy, form, rows, dry | {"seen": seen})


def _say(error: ContractError, form: PolicyForm, rows: list[StepForm]) -> None:
    """Puts what the contract's reader says next to the step, or on top of the form."""
    for problem in error.problems:
        text = f"{problem.expected}{f', found {problem.found}' if problem.found else ''}"
        path = problem.path
        if len(path) > 4 and path[3] == "steps" and isinstance(path[4], int) and path[4] < len(rows):
            rows[path[4]].add_error(None, text)
        else:
            form.add_error(None, text)


def _order(data: QueryDict) -> list[str]:
    """The keys of the step rows in their order, after what was pressed: `add`, `up-3`, `down-3`, `remove-3`."""
    keys = [key for key in data.getlist("row") if key.isdigit()][:MOST_STEPS]
    verb, _dash, key = data.get("do", "").partition("-")
    if verb == "add" and len(keys) < MOST_STEPS:
        keys.append(str(max(map(int, keys), default=-1) + 1))
    elif key in keys:
        place = keys.index(key)
        keys.remove(key)
        if verb != "remove":
            keys.insert(max(place - 1, 0) if verb == "up" else place + 1, key)
    return keys


def _offered(contract: Contract, policy: PolicySection | None) -> Offered:
    people = Membership.objects.staff().order_by("user__name")
    return offered(
        contract,
        rotas=list(Rota.objects.in_use().order_by("name").values_list("slug", "name")),
        people=[(person.user.email, person.name) for person in people],
        services=list(Integration.objects.taking_incidents().order_by("name").values_list("name", flat=True)),
        policy=policy,
    )


def _contract() -> Contract:
    contract = current_contract()
    if contract is None:
        raise Http404
    return contract


def _render(
    request: VendorRequest,
    policy: PolicySection | None,
    form: PolicyForm,
    rows: list[StepForm],
    tried: dict[str, Any],
    *,
    status: int = 200,
    is_draft: bool = False,
) -> HttpResponse:
    at = timezone.now()
    if is_draft:  # being written: nothing is wrong with it yet
        form.errors.clear()
        for row in rows:
            row.errors.clear()
    context = {
        "policy": policy,
        "form": form,
        "steps": [(str(row.prefix).removeprefix("step-"), row) for row in rows],
        "wrong": status == 422,
        "rehearsal": None,
        "ahead": [],
        "seen": "",
        "dry": None,
        "now": at,
    }
    return render(
        request, "escalation/edit.html", context | tried | rail(request.membership, at, current="pages"), status=status
    )
