"""The vendor's escalation policies: in words, tried out, and edited. They are sections of the contract, and saving them
loads the contract anew: versioned, audited, and in `contract show`."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from escalation.models import Page
from escalation.policies import ladder_of
from escalation.views.rehearsing import rehearsed
from escalation.views.words import only_words, step_words, trigger_words
from plans.contract import Contract
from plans.contract.paging import PolicySection
from plans.policies import policy_of
from plans.queries import current_contract
from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Role
from tickets.views.rail import rail


@require_GET
@agent
def policies(request: VendorRequest) -> HttpResponse:
    """Every policy in words, in the order of the contract."""
    contract = _contract()
    every = contract.escalation.policies if contract.escalation else []
    running = dict.fromkeys(Page.objects.unsettled().values_list("policy", flat=True)[:500], True)
    context = {
        "policies": [(_words(policy, contract), running.get(policy.slug, False)) for policy in every],
        "may_edit": request.membership.is_at_least(Role.ADMIN),
    }
    return _render(request, "escalation/policies.html", context)


@require_GET
@agent
def policy(request: VendorRequest, slug: str) -> HttpResponse:
    """One policy in words, and tried out."""
    contract = _contract()
    found = _found(contract, slug)
    context = {"policy": _words(found, contract), "may_edit": request.membership.is_at_least(Role.ADMIN)}
    dry = rehearsed(request.GET, contract, found, who=request.membership, at=timezone.now())
    return _render(request, "escalation/policy.html", context | dry)


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


def _words(policy: PolicySection, contract: Contract) -> dict[str, Any]:
    return {
        "section": policy,
        "when": [trigger_words(each) for each in policy.when],
        "only": only_words(policy, contract),
        "steps": [step_words(step, contract) for step in ladder_of(policy).steps],
    }


def _render(request: VendorRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    at = timezone.now()
    return render(
        request, template, context | {"now": at} | rail(request.membership, at, current="pages"), status=status
    )
