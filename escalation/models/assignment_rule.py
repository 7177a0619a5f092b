"""To whom a team's new tickets go by themselves."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership, Team
from supportdesk.tenancy.models import VendorForeignKey, VendorModel


class Method(models.TextChoices):
    NONE = "none", _("Nobody: agents take tickets themselves")
    ROUND_ROBIN = "round_robin", _("In turn")
    LEAST_LOADED = "least_loaded", _("Whoever has the fewest open tickets")


class AssignmentRule(VendorModel):
    """One for a team. ``last_person`` is whose turn it was last; the row is locked while somebody is chosen, so that
    two tickets at one instant do not go to the same person.

    ``skills``: what a person must have, all of them. ``minimum_tier``: their tier or higher.
    """

    team = VendorForeignKey(Team, on_delete=models.CASCADE, related_name="assignment_rules", db_index=False)
    method = models.CharField(max_length=12, choices=Method, default=Method.NONE)
    only_on_shift = models.BooleanField(default=False)
    minimum_tier = models.PositiveSmallIntegerField(null=True, blank=True)
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    last_person = VendorForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    changed_at = models.DateTimeField()

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "team"], name="assignmentrule_once"),
            models.CheckConstraint(
                condition=Q(minimum_tier__isnull=True) | Q(minimum_tier__range=(1, 3)),
                name="assignmentrule_tier_1_to_3",
            ),
            models.CheckConstraint(
                condition=Q(method__in=[method.value for method in Method]), name="assignmentrule_method_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team_id}: {self.method}"
