"""Teams: what the vendors' documents call groups."""

from __future__ import annotations

from django.db import models

from supportdesk.accounts.models.membership import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorModel


class Team(VendorModel):
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=63)

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "slug"], name="team_slug_once")]

    def __str__(self) -> str:
        return self.name


class TeamMember(VendorModel):
    team = VendorForeignKey(Team, on_delete=models.CASCADE, related_name="members", db_index=False)
    membership = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="teams", db_index=False)

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "team", "membership"], name="teammember_once")]
        indexes = [models.Index(fields=["vendor", "membership"], name="teammember_membership")]

    def __str__(self) -> str:
        return f"{self.membership} in {self.team}"
