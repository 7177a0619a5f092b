"""What people can be told, in the groups that they choose by. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Group:
    """``for_staff``/``for_customers``: who is ever told such things. ``is_bundled``: its e-mails may wait a little and
    be put together."""

    slug: str
    label: str | Promise
    hint: str | Promise
    kinds: tuple[str, ...]
    for_staff: bool = True
    for_customers: bool = True
    is_bundled: bool = True
    customers_label: str | Promise = ""

    def called(self, *, is_staff: bool) -> str:
        """Its name for a reader of the desk, or for a customer where that is another."""
        return str(self.label if is_staff else self.customers_label or self.label)


GROUPS = (
    Group("new", _("New tickets"), _("Filed with you, your team, or the desk"), ("opened",), for_customers=False),
    Group(
        "mine",
        _("What becomes yours"),
        _("Assigned or handed over to you or your team, mentions"),
        ("assigned", "team_changed", "handed_over", "mentioned"),
        for_customers=False,
    ),
    Group(
        "replies",
        _("Replies"),
        _("In tickets that are yours or that you follow"),
        ("replied", "customer_replied", "auto_replied", "noted", "call_logged"),
    ),
    Group(
        "progress",
        _("Progress"),
        _("Resolved, reopened, another status or priority"),
        ("resolved", "reopened", "status_changed", "priority_changed", "merged", "delivered", "followed_up", "rated"),
    ),
    Group(
        "wishes",
        _("What customers ask for"),
        _("A higher priority, a call-back, a launch"),
        (
            "priority_requested",
            "priority_declined",
            "callback_requested",
            "callback_cancelled",
            "delivery_requested",
            "launch",
            "absence",
        ),
        customers_label=_("What you asked for"),
    ),
    Group(
        "clocks",
        _("Promises at risk"),
        _("A clock that warns or is overdue"),
        ("sla.warning", "sla.breached"),
        for_customers=False,
        is_bundled=False,
    ),
)
"""What may be switched off by e-mail or on by text message. Everything else (pages, escalations, receipts, invitations,
codes) always comes by the ways that its sender chose."""

_BY_KIND = {kind: group for group in GROUPS for kind in group.kinds}
URGENT_PREFIXES = ("page", "escalat")


def group_of(kind: str) -> Group | None:
    """The group a person chooses this by; None when there is no choice."""
    return _BY_KIND.get(kind)


def is_urgent(kind: str) -> bool:
    """Whether it goes out by the lane that nothing holds up: pages and escalations."""
    return kind.startswith(URGENT_PREFIXES)
