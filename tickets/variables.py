"""What a prepared text may leave open: names in double braces, such as {{customer.first_name}}. Pure.

The list is closed: a text with any other name is refused before it is saved, so that no customer ever reads a
misspelled one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VARIABLES: Mapping[str, Promise] = {
    "customer.first_name": _("the first name of who asks"),
    "customer.name": _("the whole name of who asks"),
    "organization.name": _("their organization"),
    "project.name": _("the project"),
    "ticket.number": _("the ticket’s number"),
    "ticket.subject": _("the ticket’s subject"),
    "priority": _("its priority"),
    "status": _("its status, as customers read it"),
    "plan": _("the support plan"),
    "next_due": _("when it is next due, in the customer’s time zone"),
    "agent.name": _("your name"),
    "agent.first_name": _("your first name"),
    "vendor.name": _("the vendor"),
}

_OPEN = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_MISSING = re.compile(r"\[\?[a-z._]+\]")


def unknown_in(text: str) -> list[str]:
    """The names in braces that nothing stands for, each once, in the order of the text."""
    return [name for name in dict.fromkeys(_OPEN.findall(text)) if name not in VARIABLES]


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its values. What has none on this ticket (nothing is due, no plan) becomes a mark such as
    [?next_due] that the writer has to replace."""
    return _OPEN.sub(
        lambda match: values.get(match[1]) or f"[?{match[1]}]" if match[1] in VARIABLES else match[0], text
    )


def missing_in(text: str) -> list[str]:
    """The marks that a filled text still has."""
    return list(dict.fromkeys(_MISSING.findall(text)))
