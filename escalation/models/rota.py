"""A rota and the versions of its layers: who takes turns, in what order, from when on."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership, Team
from supportdesk.accounts.models.vendor import check_zone
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class RotaQuerySet(VendorQuerySet["Rota"]):
    def in_use(self) -> RotaQuerySet:
        return self.filter(archived_at__isnull=True).select_related("team", "fallback_person__user", "fallback_team")

    def names(self) -> dict[str, str]:
        """By slug, which is what policies know a rota by; of archived ones too."""
        return dict(self.values_list("slug", "name"))


class Rota(VendorModel):
    """Who is woken, in layers. ``fallback_person`` and ``fallback_team`` are told when no layer has anybody.

    ``notice_minutes``: how long before a shift its person is told that it begins; 0: not at all.
    """

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(max_length=63)
    team = VendorForeignKey(
        Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="rotas", db_index=False
    )
    zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[check_zone])
    fallback_person = VendorForeignKey(
        Membership, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    fallback_team = VendorForeignKey(
        Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    notice_minutes = models.PositiveIntegerField(default=60)
    made_by = VendorForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = VendorManager.from_queryset(RotaQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "slug"], name="rota_slug_once"),
            models.CheckConstraint(condition=~Q(name=""), name="rota_named"),
            models.CheckConstraint(condition=Q(notice_minutes__lte=7 * 24 * 60), name="rota_notice_within_a_week"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zoneinfo(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class RotaVersion(VendorModel):
    """The layers as they are from ``effective_at`` on. What was in force stays as it was: a change is a new version,
    and only one that is not in force yet can be withdrawn."""

    rota = VendorForeignKey(Rota, on_delete=models.CASCADE, related_name="versions", db_index=False)
    effective_at = models.DateTimeField()
    made_by = VendorForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "rota", "effective_at"],
                condition=Q(withdrawn_at__isnull=True),
                name="rotaversion_one_at_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(effective_at__gte=models.F("made_at")), name="rotaversion_leaves_the_past"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__lt=models.F("effective_at")),
                name="rotaversion_withdrawn_before_it_holds",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rota_id} from {self.effective_at:%Y-%m-%d %H:%M}"


class Unit(models.TextChoices):
    HOURS = "hours", _("hours")
    DAYS = "days", _("days")
    WEEKS = "weeks", _("weeks")

    @property
    def length(self) -> timedelta:
        return {Unit.HOURS: timedelta(hours=1), Unit.DAYS: timedelta(days=1), Unit.WEEKS: timedelta(weeks=1)}[self]


class Layer(VendorModel):
    """People who take turns of ``length`` ``unit`` from ``starts_on`` at ``hands_over_at`` on, in ``zone``.

    ``key`` is the layer's own through all versions of its rota, so that overrides and swaps stay with it. ``week`` maps
    weekdays to hours as in a business calendar; None: around the clock.
    """

    version = VendorForeignKey(RotaVersion, on_delete=models.CASCADE, related_name="layers", db_index=False)
    key = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("name"), max_length=100)
    zone = models.CharField(_("time zone"), max_length=64, validators=[check_zone])
    starts_on = models.DateField()
    hands_over_at = models.TimeField()
    length = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=5, choices=Unit)
    week = models.JSONField(null=True, blank=True)

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "version", "key"], name="layer_key_once"),
            models.UniqueConstraint(fields=["vendor", "version", "position"], name="layer_position_once"),
            models.CheckConstraint(condition=Q(length__range=(1, 999)), name="layer_turns_last"),
            models.CheckConstraint(condition=Q(unit__in=[unit.value for unit in Unit]), name="layer_unit_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def turn_length(self) -> timedelta:
        return self.length * Unit(self.unit).length

    @property
    def starts(self) -> datetime:
        """The first hand-over, a naive time in the layer's zone."""
        return datetime.combine(self.starts_on, self.hands_over_at)


class Participant(VendorModel):
    """A place in a layer's order; the same person may have several."""

    layer = VendorForeignKey(Layer, on_delete=models.CASCADE, related_name="participants", db_index=False)
    position = models.PositiveSmallIntegerField()
    person = VendorForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "layer", "position"], name="participant_place_once")]
        indexes = [models.Index(fields=["vendor", "person"], name="participant_person")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.layer_id}"
