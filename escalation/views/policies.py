"""The vendor's escalation policies: in words, tried out, and edited. They are sections of the contract, and saving them
loads the contract anew: versioned, audited, and in `contract show`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from escalation import actions
from escalation.models import Page, Rota
from escalation.policies import ladder_of
from escalation.views.rehearsing import rehearsed
from escalation.words import only_words, step_words, trigger_words
from plans.contract import Contract
from plans.contract.paging import PolicySection
from plans.policies import policy_of
from plans.queries import current_contract, current_contract_version
from supportdesk.accounts.access import admin, agent
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Role
from tickets.errors import Refused
from tickets.views.rail import rail


@require_GET
@agent
def policies(request: VendorRequest) -> HttpResponse:
    """Every policy in words, in the order of the contract."""
    contract = _contract()
    every = contract.escalation.policies if contract.escalation else []
    rotas = Rota.objects.names()
    running = dict.fromkeys(Page.objects.unsettled().values_list("policy", flat=True)[:500], True)
    context = {
        "policies": [(_words(policy, contract, rotas), running.get(policy.slug, False)) for policy in every],
        "may_edit": request.membership.is_at_least(Role.ADMIN),
    }
    return _render(request, "escalation/policies.html", context)


@require_GET
@agent
def policy(request: VendorRequest, slug: str) -> HttpResponse:
    """One policy in words, and tried out."""
    contract = _contract()
    found = _found(contract, slug)
    words = _words(found, contract, Rota.objects.names())
    context = {"policy": words, "may_edit": request.membership.is_at_least(Role.ADMIN)}
    dry = rehearsed(request.GET, contract, found, who=request.membership, at=timezone.now())
    return _render(request, "escalation/policy.html", context | dry)


@require_POST
@admin
def switch(request: VendorRequest, slug: str) -> HttpResponse:
    """Switches a policy on or off."""
    on = request.POST.get("on") == "yes"
    number = _number()
    actions.switch_policy(slug, on=on, by=request.membership, at=timezone.now())
    said = _("It wakes people again.") if on else _("It is switched off: it opens nothing new.")
    return _back(request, said, number)


@require_POST
@admin
def move(request: VendorRequest, slug: str) -> HttpResponse:
    """One place up or down."""
    try:
        actions.move_policy(slug, up=request.POST.get("to") == "up", by=request.membership, at=timezone.now())
    except Refused as error:
        messages.error(request, error.text)
    return redirect("policies", vendor=request.vendor.slug)


@require_POST
@admin
def remove(request: VendorRequest, slug: str) -> HttpResponse:
    """Takes a policy out of the contract."""
    number = _number()
    actions.remove_policy(slug, by=request.membership, at=timezone.now())
    return _back(request, _("The policy is removed. What is open of it runs on."), number)


@require_POST
@admin
def restore(request: VendorRequest, number: int) -> HttpResponse:
    """Undoes: the policies as they were in that version of the contract."""
    try:
        actions.restore_policies(number, by=request.membership, at=timezone.now())
    except Refused as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("As it was before."))
    return redirect("policies", vendor=request.vendor.slug)


def _number() -> int:
    version = current_contract_version()
    return version.number if version is not None else 0


def _back(request: VendorRequest, said: str, undo: int) -> HttpResponse:
    """To the list, saying what was done and offering to undo it."""
    address = reverse("policies-restored", kwargs={"vendor": request.vendor.slug, "number": undo})
    messages.success(request, said, extra_tags=f"undo:{address}")
    return redirect("policies", vendor=request.vendor.slug)


def _contract() -> Contract:
    contract = current_contract()
    if contract is None:
        raise Http404
    return contract


def _found(contract: Contract, slug: str) -> PolicySection:
    found = policy_of(contract, slug)
    if found is None:
        raise Http404
    return found


def _words(policy: PolicySection, contract: Contract, rotas: Mapping[str, str]) -> dict[str, Any]:
    return {
        "section": policy,
        "when": [trigger_words(each) for each in policy.when],
        "only": only_words(policy, contract),
        "steps": [step_words(step, contract, rotas) for step in ladder_of(policy).steps],
    }


def _render(request: VendorRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    at = timezone.now()
    return render(
        request, template, context | {"now": at} | rail(request.membership, at, current="pages"), status=status
    )
