"""A shift that somebody asks to be relieved of, perhaps for another one in return."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from escalation.models.rota import Rota
from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class SwapState(models.TextChoices):
    OPEN = "open", _("Waiting for an answer")
    TAKEN = "taken", _("Taken")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    RETURNED = "returned", _("Given back")


class SwapQuerySet(VendorQuerySet["Swap"]):
    def open(self, at: datetime) -> SwapQuerySet:
        """Those that wait for an answer and are not over, nor is what is offered in return."""
        is_on_offer = Q(return_ends_at__isnull=True) | Q(return_ends_at__gt=at)
        return self.filter(is_on_offer, state=SwapState.OPEN, ends_at__gt=at)

    def taken(self) -> SwapQuerySet:
        """Those that held for a while at least, also when they were given back since."""
        return self.filter(Q(state=SwapState.TAKEN) | Q(state=SwapState.RETURNED, settled_at__gt=F("starts_at")))

    def within(self, start: datetime, end: datetime) -> SwapQuerySet:
        return self.filter(starts_at__lt=end, ends_at__gt=start)

    def for_rows(self) -> SwapQuerySet:
        return self.select_related("rota", "giver__user", "asked__user", "taker__user")


class Swap(VendorModel):
    """``giver`` asks ``asked``, or (None) anyone, to take the stretch [starts_at, ends_at) of a layer. The database
    lets one request at a time wait or be taken for the same time of the same person.

    With ``return_…`` it is an exchange: ``giver`` takes that stretch of ``asked``, in the same rota, in return. Once
    that is agreed it is a swap of its own, taken from the beginning, ``in_return_for`` the one that was asked for.
    """

    rota = VendorForeignKey(Rota, on_delete=models.CASCADE, related_name="swaps", db_index=False)
    layer_key = models.PositiveSmallIntegerField()
    giver = VendorForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked = VendorForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    return_layer_key = models.PositiveSmallIntegerField(null=True, blank=True)
    return_starts_at = models.DateTimeField(null=True, blank=True)
    return_ends_at = models.DateTimeField(null=True, blank=True)
    in_return_for = VendorForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=SwapState, default=SwapState.OPEN)
    taker = VendorForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    taken_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=200, blank=True)

    objects = VendorManager.from_queryset(SwapQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="swap_lasts"),
            models.CheckConstraint(
                condition=Q(taker__isnull=True) | ~Q(taker=F("giver")), name="swap_taken_by_another"
            ),
            models.CheckConstraint(
                condition=Q(asked__isnull=True) | ~Q(asked=F("giver")), name="swap_asked_of_another"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[SwapState.TAKEN, SwapState.RETURNED], taker__isnull=False, taken_at__isnull=False
                )
                | (~Q(state__in=[SwapState.TAKEN, SwapState.RETURNED]) & Q(taker__isnull=True, taken_at__isnull=True)),
                name="swap_taken_has_taker",
            ),
            models.CheckConstraint(
                condition=Q(return_layer_key__isnull=True, return_starts_at__isnull=True, return_ends_at__isnull=True)
                | Q(
                    return_layer_key__isnull=False,
                    return_starts_at__isnull=False,
                    return_ends_at__isnull=False,
                    return_ends_at__gt=F("return_starts_at"),
                    asked__isnull=False,
                ),
                name="swap_return_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(in_return_for__isnull=True)
                | Q(state__in=[SwapState.TAKEN, SwapState.RETURNED], return_layer_key__isnull=True),
                name="swap_in_return_is_taken",
            ),
            models.UniqueConstraint(fields=["vendor", "in_return_for"], name="swap_in_return_once"),
            ExclusionConstraint(
                name="swap_one_at_a_time",
                expressions=[
                    (F("vendor"), RangeOperators.EQUAL),
                    (F("rota"), RangeOperators.EQUAL),
                    (F("layer_key"), RangeOperators.EQUAL),
                    (F("giver"), RangeOperators.EQUAL),
                    (
                        Func("starts_at", "ends_at", function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state__in=[SwapState.OPEN, SwapState.TAKEN]),
            ),
        ]
        indexes = [
            models.Index(fields=["vendor", "rota", "ends_at"], name="swap_ahead"),
            models.Index(fields=["vendor", "state", "ends_at"], name="swap_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.giver_id} gives {self.rota_id}"

    @property
    def is_exchange(self) -> bool:
        """Whether another shift is taken in return for this one."""
        return self.return_starts_at is not None
