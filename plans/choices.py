"""What people may choose from and what it is called, by the contract of the vendor in scope."""

from __future__ import annotations

from plans.contract import Contract
from plans.models import Priority
from plans.models.priority import PriorityQuerySet, PriorityScheme
from plans.queries import current_contract
from plans.states import State


def customer_priorities() -> PriorityQuerySet:
    """The priorities that a customer chooses from, the most urgent first."""
    return Priority.objects.current().of_kind(PriorityScheme.Kind.PRIORITY)


def severities() -> PriorityQuerySet:
    """The severities that triage decides by; the priorities where the contract has no scheme of its own for them."""
    own = Priority.objects.current().of_kind(PriorityScheme.Kind.SEVERITY)
    return own if own.exists() else customer_priorities()


def status_labels(*, for_customers: bool) -> dict[str, str]:
    """The vendor's name for each canonical state, as customers or as agents see it; before a contract is loaded the
    canonical word itself."""
    return labels_of(current_contract(), for_customers=for_customers)


def labels_of(contract: Contract | None, *, for_customers: bool) -> dict[str, str]:
    """As ``status_labels``, by this contract. No query."""
    named = {}
    for state, section in contract.statuses.items() if contract is not None else ():
        named[str(state)] = (section.customer_label if for_customers else None) or section.label
    return {state.value: named.get(state.value, state.value.replace("_", " ")) for state in State}


def intake_hints() -> dict[str, str]:
    """The contract's hints for the fields of a new ticket, by field."""
    contract = current_contract()
    return {} if contract is None else {str(field): hint for field, hint in contract.intake.hints.items()}
