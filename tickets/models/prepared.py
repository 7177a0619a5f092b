"""What is prepared once and used on many tickets, by one agent, a group, or everybody at the vendor's desk."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models
from django.db.models import Q

from supportdesk.accounts.models import Membership, Role, Team, TeamMember
from supportdesk.tenancy.models import VendorForeignKey, VendorModel, VendorQuerySet

_Kept_co = TypeVar("_Kept_co", bound="Prepared", covariant=True)


class PreparedQuerySet(VendorQuerySet[_Kept_co]):
    def usable_by(self, who: Membership) -> Self:
        """One's own, those of one's groups, and everybody's; by title."""
        groups = TeamMember.objects.filter(membership=who).values("team")
        everybodys = Q(owner__isnull=True, team__isnull=True)
        return self.filter(everybodys | Q(owner=who) | Q(team__in=groups)).order_by("title", "pk")

    def shown_to(self, who: Membership) -> Self:
        """On the page where they are kept: leads also see those of groups that are not theirs, never other people's."""
        if who.is_at_least(Role.LEAD):
            return self.filter(Q(owner__isnull=True) | Q(owner=who)).order_by("title", "pk")
        return self.usable_by(who)

    def with_places(self) -> Self:
        return self.select_related("owner__user", "team")


class Prepared(VendorModel):
    """With an ``owner`` it is theirs alone, with a ``team`` the group's, with neither everybody's."""

    title = models.CharField(max_length=100)
    owner = VendorForeignKey(Membership, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    team = VendorForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    changed_by = VendorForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    changed_at = models.DateTimeField()

    class Meta(VendorModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def place(self) -> str:
        """own, team or everybody."""
        return "own" if self.owner_id else "team" if self.team_id else "everybody"
