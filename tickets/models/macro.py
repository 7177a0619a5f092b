"""Macros: several changes to a ticket in one press."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plans.states import State
from supportdesk.accounts.models import Membership, Team
from supportdesk.tenancy.models import VendorForeignKey, VendorManager
from tickets.models.canned_response import LONGEST_TEXT
from tickets.models.prepared import Prepared, PreparedQuerySet


class Assign(models.TextChoices):
    KEEP = "", _("Leave it with whoever has it")
    ME = "me", _("Whoever uses the macro")
    NOBODY = "nobody", _("Nobody: let it go")
    PERSON = "person", _("One colleague")


class MacroQuerySet(PreparedQuerySet["Macro"]):
    def with_changes(self) -> Self:
        """With what they do, and where they are kept."""
        return self.with_places().select_related("severity", "group", "assignee__user")


class Macro(Prepared):
    """What is empty is left as it is. ``reply`` and ``note`` are Markdown with variables; ``next_update_minutes``
    counts from the press; ``tags`` are names, made when they are first used."""

    reply = models.TextField(blank=True, max_length=LONGEST_TEXT)
    note = models.TextField(blank=True, max_length=LONGEST_TEXT)
    then_state = models.CharField(max_length=12, blank=True, choices=[(state.value, state.value) for state in State])
    assign = models.CharField(max_length=6, blank=True, choices=Assign)
    assignee = VendorForeignKey(Membership, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    group = VendorForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    severity = VendorForeignKey("plans.Priority", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    next_update_minutes = models.PositiveIntegerField(null=True)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    objects = VendorManager.from_queryset(MacroQuerySet)()  # type: ignore[misc]

    class Meta(Prepared.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "owner", "team", "title"], nulls_distinct=False, name="macro_title_once"
            ),
            models.CheckConstraint(condition=Q(owner__isnull=True) | Q(team__isnull=True), name="macro_in_one_place"),
            models.CheckConstraint(
                condition=Q(assign="person", assignee__isnull=False) | (~Q(assign="person") & Q(assignee__isnull=True)),
                name="macro_person_named",
            ),
            models.CheckConstraint(
                condition=Q(then_state__in=["", *(state.value for state in State)])
                & Q(assign__in=["", "me", "nobody", "person"]),
                name="macro_choices_known",
            ),
            models.CheckConstraint(
                condition=Q(next_update_minutes__isnull=True) | Q(next_update_minutes__range=(1, 10_080)),
                name="macro_next_update_within_a_week",
            ),
            models.CheckConstraint(
                condition=~Q(
                    reply="",
                    note="",
                    then_state="",
                    assign="",
                    group__isnull=True,
                    severity__isnull=True,
                    next_update_minutes__isnull=True,
                    tags=[],
                ),
                name="macro_does_something",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="macro_named"),
        ]
