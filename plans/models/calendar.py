"""Calendars and their versions: when support is open."""

from __future__ import annotations

from django.db import models

from sla.calendars import BusinessCalendar
from supportdesk.tenancy.models import VendorForeignKey, VendorModel


class Calendar(VendorModel):
    """A calendar of the contract. Its hours are in its versions; retired ones are no longer in the contract."""

    slug = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "slug"], name="calendar_slug_once")]

    def __str__(self) -> str:
        return self.name


class CalendarVersion(VendorModel):
    """The hours as they were stated at a time; never changed. The newest version is the one in force."""

    calendar = VendorForeignKey(Calendar, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=64)
    week = models.JSONField(help_text="Weekday to shifts: {'mon': [['09:00', '17:00']]}.")
    holidays = models.JSONField(help_text="Dates with names, in order: [{'date': '2026-12-25', 'name': '…'}].")
    specials = models.JSONField(help_text="Date to the shifts that replace the week's.")
    created_at = models.DateTimeField()

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "calendar", "number"], name="calendarversion_number_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="calendarversion_number_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.name} version {self.number}"

    @property
    def hours(self) -> dict[str, object]:
        """The version in the form that `BusinessCalendar.from_json` reads."""
        return {"zone": self.zone, "week": self.week, "holidays": self.holidays, "specials": self.specials}

    @property
    def business_calendar(self) -> BusinessCalendar:
        """The calendar to count with."""
        return BusinessCalendar.from_json(self.hours)
