"""What the variables of prepared texts stand for, on one ticket and in one agent's mouth."""

from __future__ import annotations

from plans import choices
from supportdesk.accounts.models import Membership, Vendor
from supportdesk.jinja import instant
from tickets.models import Ticket


def values_of(ticket: Ticket, *, by: Membership, vendor: Vendor) -> dict[str, str]:
    """By variable; empty where the ticket has nothing to say. Instants are in the customer's zone, which is named."""
    asker, agent = ticket.requester, by
    plan = ticket.plan_version.plan.name if ticket.plan_version is not None else ""
    return {
        "customer.first_name": asker.user.get_short_name(),
        "customer.name": asker.name,
        "organization.name": ticket.organization.name,
        "project.name": ticket.project.name,
        "ticket.number": str(ticket.number),
        "ticket.subject": ticket.subject,
        "priority": ticket.priority.code,
        "status": choices.status_labels(for_customers=True)[ticket.state],
        "plan": plan,
        "next_due": instant(ticket.next_due_at, asker.user.zone) if ticket.next_due_at is not None else "",
        "agent.name": agent.name,
        "agent.first_name": agent.user.get_short_name(),
        "vendor.name": vendor.name,
    }


def example_values(*, by: Membership, vendor: Vendor) -> dict[str, str]:
    """For looking at a text before there is a ticket for it."""
    return {
        "customer.first_name": "Alice",
        "customer.name": "Alice Moreau",
        "organization.name": "Northwind",
        "project.name": "Shop",
        "ticket.number": "1042",
        "ticket.subject": "Checkout is down",
        "priority": "P2",
        "status": choices.status_labels(for_customers=True)["in_progress"],
        "plan": "Enterprise",
        "next_due": "Fri 13 March 2026, 14:20 CET",
        "agent.name": by.name,
        "agent.first_name": by.user.get_short_name(),
        "vendor.name": vendor.name,
    }
