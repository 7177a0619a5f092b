"""Absences: noted by managers, read from calendars, seen by the organization and the desk, and by nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from onboarding import actions
from onboarding.models import Absence
from supportdesk.accounts.models import AuditEntry, Membership
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk

pytestmark = pytest.mark.django_db
PAGE = "/orocloud/organization/absences/"
DESK = "/orocloud/desk/organizations/northwind/absences/"
AUGUST = {"starts_on": "2026-08-03", "ends_on": "2026-08-14", "note": "Vacation"}
ICS = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//x//x//EN\r
BEGIN:VEVENT\r
UID:1@x\r
SUMMARY:Vacation\r
DTSTART;VALUE=DATE:20260803\r
DTEND;VALUE=DATE:20260815\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:2@x\r
SUMMARY:Last year\r
DTSTART;VALUE=DATE:20250803\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:3@x\r
SUMMARY:Weekly offsite\r
DTSTART;VALUE=DATE:20260401\r
RRULE:FREQ=WEEKLY\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


def as_(who: Membership) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


def undo(client: Client) -> None:
    html = client.get(PAGE).content.decode()
    found = re.search(r'action="([^"]+)">(?:(?!</form>).)*Undo', html, re.DOTALL)
    assert found is not None
    assert client.post(found[1].replace("&amp;", "&")).status_code == 302


def upload(client: Client, data: bytes = ICS, *, whose: Membership | None = None) -> str:
    file = SimpleUploadedFile("away.ics", data, "text/calendar")
    answer = client.post(
        f"{PAGE}calendar/", {"upload-calendar": file, "upload-person": whose.pk if whose else ""}, follow=True
    )
    return answer.content.decode()


class TestNoting:
    def test_is_told_to_everybody_it_concerns(self, oro: Desk) -> None:
        as_(oro.grace).post(PAGE, AUGUST | {"person": oro.bob.pk})
        for who, place in ((oro.alice, PAGE), (oro.carol, DESK)):
            page = as_(who).get(place).content.decode()
            assert "3 August 2026 – 14 August 2026" in page
            assert "Vacation" in page
        with vendor_scope(oro.vendor):
            entry = AuditEntry.objects.get(action="absence.noted")
            assert (entry.by, entry.data["person"]) == (oro.grace, oro.bob.pk)

    def test_is_undone_and_a_removal_too(self, oro: Desk) -> None:
        grace = as_(oro.grace)
        grace.post(PAGE, AUGUST | {"person": oro.bob.pk})
        undo(grace)
        with vendor_scope(oro.vendor):
            assert not Absence.objects.exists()
        undo(grace)
        with vendor_scope(oro.vendor):
            again = Absence.objects.get()
            assert (again.person, again.note, again.days) == (oro.bob, "Vacation", 12)

    def test_without_a_person_it_is_everybody(self, oro: Desk) -> None:
        grace = as_(oro.grace)
        grace.post(PAGE, AUGUST)
        assert "Everybody" in grace.get(PAGE).content.decode()

    def test_reversed_days_are_named_beside_the_field_and_all_is_kept(self, oro: Desk) -> None:
        answer = as_(oro.grace).post(PAGE, AUGUST | {"ends_on": "2026-08-01"})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "The last day is before the first." in page
        assert 'value="Vacation"' in page

    def test_what_is_over_is_no_longer_listed(self, oro: Desk) -> None:
        as_(oro.grace).post(PAGE, AUGUST)
        with time_machine.travel("2026-08-14 12:00Z", tick=False):
            assert "away now" in as_(oro.alice).get(PAGE).content.decode()
        with time_machine.travel("2026-08-15 12:00Z", tick=False):
            assert "Nobody is away" in as_(oro.alice).get(PAGE).content.decode()

    @pytest.mark.parametrize("who", ["alice", "carol"])
    def test_readers_note_nothing(self, oro: Desk, who: str) -> None:
        place = DESK if who == "carol" else PAGE
        client = as_(getattr(oro, who))
        assert client.post(place, AUGUST).status_code == 403
        assert client.post(f"{place}calendar/").status_code == 403
        assert "Note an absence" not in client.get(place).content.decode()

    def test_leads_note_for_any_organization(self, oro: Desk) -> None:
        assert as_(oro.dan).post(DESK, AUGUST).status_code == 302

    def test_anothers_are_not_there(self, oro: Desk, mallory: Membership) -> None:
        with vendor_scope(oro.vendor):
            theirs = factories.OrganizationFactory.create(slug="southwind")
            absence = actions.note_absence(
                organization=theirs,
                person=None,
                starts_on=date(2026, 8, 3),
                ends_on=date(2026, 8, 3),
                by=oro.dan,
                at=MONDAY,
            )
        assert as_(oro.grace).post(f"{PAGE}{absence.pk}/removal/").status_code == 404
        assert as_(oro.grace).get("/orocloud/desk/organizations/southwind/absences/").status_code == 404
        assert as_(mallory).get(PAGE).status_code == 404


class TestTheActions:
    def test_refuse_strangers_and_other_organizations(self, in_oro: Desk) -> None:
        theirs = factories.OrganizationFactory.create(slug="southwind")
        days = {"starts_on": date(2026, 8, 3), "ends_on": date(2026, 8, 4), "at": MONDAY}
        with pytest.raises(PermissionDenied):
            actions.note_absence(organization=theirs, person=None, by=in_oro.grace, **days)  # type: ignore[arg-type]
        with pytest.raises(ValidationError, match="another organization"):
            actions.note_absence(organization=theirs, person=in_oro.bob, by=in_oro.dan, **days)  # type: ignore[arg-type]

    def test_the_database_refuses_reversed_days(self, in_oro: Desk) -> None:
        with pytest.raises(IntegrityError, match="absence_lasts"), transaction.atomic():
            Absence.objects.create(
                organization=in_oro.organization,
                starts_on=date(2026, 8, 3),
                ends_on=date(2026, 8, 2),
                told_at=MONDAY,
            )


class TestACalendarFile:
    def test_is_read_and_what_was_left_out_is_named(self, oro: Desk) -> None:
        page = upload(as_(oro.grace), whose=oro.bob)
        assert "1 absence noted. 1 is over already." in page
        assert "“Weekly offsite”: repeats" in page
        with vendor_scope(oro.vendor):
            kept = Absence.objects.get()
            assert (kept.person, kept.starts_on, kept.ends_on) == (oro.bob, date(2026, 8, 3), date(2026, 8, 14))

    def test_uploaded_again_changes_what_moved_and_doubles_nothing(self, oro: Desk) -> None:
        grace = as_(oro.grace)
        upload(grace)
        page = upload(grace, ICS.replace(b"20260815", b"20260820"))
        assert "0 absences noted. 1 changed." in page
        with vendor_scope(oro.vendor):
            assert Absence.objects.get().ends_on == date(2026, 8, 19)

    def test_two_people_may_upload_one_shared_event(self, oro: Desk) -> None:
        grace = as_(oro.grace)
        for person in (oro.alice, oro.bob):
            upload(grace, whose=person)
        with vendor_scope(oro.vendor):
            assert Absence.objects.count() == 2

    def test_is_undone_as_a_whole(self, oro: Desk) -> None:
        grace = as_(oro.grace)
        file = SimpleUploadedFile("away.ics", ICS, "text/calendar")
        grace.post(f"{PAGE}calendar/", {"upload-calendar": file})
        undo(grace)
        with vendor_scope(oro.vendor):
            assert not Absence.objects.exists()
            assert AuditEntry.objects.filter(action="absences.upload_undone").exists()

    def test_what_is_no_calendar_says_so_beside_the_field(self, oro: Desk) -> None:
        page = upload(as_(oro.grace), b"%PDF-1.7")
        assert "There is a problem" in page
        assert "calendar file" in page
