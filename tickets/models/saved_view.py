"""Views of the queue that people made, and how each of them arranged the rail."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership, Role, Team, TeamMember
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class Sharing(models.TextChoices):
    PERSON = "person", _("Only me")
    TEAM = "team", _("A group")
    EVERYONE = "everyone", _("Everyone at the desk")


class SavedViewQuerySet(VendorQuerySet["SavedView"]):
    def shown_to(self, who: Membership) -> SavedViewQuerySet:
        """A person's own, those shared with a group of theirs, and those shared with the desk."""
        groups = TeamMember.objects.filter(membership=who).values("team")
        is_shared = Q(sharing=Sharing.EVERYONE) | Q(sharing=Sharing.TEAM, team__in=groups)
        return self.filter(Q(owner=who) | is_shared, removed_at__isnull=True)


class SavedView(VendorModel):
    """``query`` is the view as its address says it (``tickets.selecting`` reads it anew each time, so that nothing that
    is not allowed any more is asked). ``columns`` are its own, whoever opens it; empty, each reader sees theirs. A
    removed one can be taken back for a while."""

    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=2000)
    columns = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    owner = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="saved_views", db_index=False)
    sharing = models.CharField(_("who sees it"), max_length=8, choices=Sharing, default=Sharing.PERSON)
    team = VendorForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    objects = VendorManager.from_queryset(SavedViewQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(query=""), name="savedview_says_something"),
            models.CheckConstraint(
                condition=Q(sharing=Sharing.TEAM, team__isnull=False)
                | (~Q(sharing=Sharing.TEAM) & Q(team__isnull=True)),
                name="savedview_team_when_shared_with_one",
            ),
            models.CheckConstraint(
                condition=Exact(Func(F("columns"), function="jsonb_typeof", output_field=models.TextField()), "array"),
                name="savedview_columns_are_a_list",
            ),
        ]
        indexes = [models.Index(fields=["vendor", "owner"], name="savedview_owner")]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """What a person's rail calls it."""
        return f"saved:{self.pk}"

    def may_be_changed_by(self, who: Membership) -> bool:
        """Its owner's; what is shared also leads and admins see to."""
        return self.owner_id == who.pk or (self.sharing != Sharing.PERSON and who.is_at_least(Role.LEAD))


class RailOrder(VendorModel):
    """How one person arranged the desk: ``order`` and ``hidden`` name the views beside it by slug, or ``saved:12``;
    what is not named stands at the end, shown. ``columns`` are those of the queue in their order, the usual ones when
    it is empty; a saved view may have its own."""

    person = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="rail_orders", db_index=False)
    order = models.JSONField(default=list)
    hidden = models.JSONField(default=list)
    columns = models.JSONField(default=list, db_default=Value([], models.JSONField()))

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "person"], name="railorder_once")]

    def __str__(self) -> str:
        return f"Rail of {self.person_id}"
