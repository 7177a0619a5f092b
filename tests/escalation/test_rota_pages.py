"""The pages about shifts, as the people who use them see them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from escalation.models import Feed, Override, Rota, RotaVersion, Swap, SwapState, TimeOff
from escalation.on_call import people_on_call
from supportdesk.accounts.models import AuditEntry, Membership
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import Desk
from tests.escalation.rows import rota_row, version_row

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""Carol's turn until tomorrow 09:00 UTC; then Dan's."""
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def rota(oro: Desk) -> Rota:
    with vendor_scope(oro.vendor):
        found = rota_row()
        version_row(found, [oro.carol, oro.dan], [oro.erin])
        return found


def as_(who: Membership) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


def page(name: str, **named: object) -> str:
    return reverse(name, kwargs={"vendor": "orocloud"} | named)


def undo_of(html: str) -> str:
    found = re.search(r'action="([^"]+)">(?:(?!</form>).)*Undo', html, re.DOTALL)
    assert found is not None, "nothing can be undone"
    return found[1].replace("&amp;", "&")


class TestTheRotas:
    def test_say_who_is_on_call(self, oro: Desk, rota: Rota) -> None:
        html = as_(oro.carol).get(page("rotas")).content.decode()
        assert "you are on call" in html
        assert "then Dan" in html

    def test_teach_when_there_are_none(self, oro: Desk) -> None:
        assert "No rota yet" in as_(oro.carol).get(page("rotas")).content.decode()

    def test_show_seven_days_of_all_in_one_table(self, oro: Desk, rota: Rota) -> None:
        with vendor_scope(oro.vendor):
            version_row(rota_row("Weekends"), [oro.dan], week={"sat": [["00:00", "24:00"]]})
            version_row(rota_row("Empty"), [])
        html = as_(oro.carol).get(page("rotas")).content.decode()
        assert "The coming week, 2 Mar – 8 Mar" in html
        table = html[html.index('<table class="rota-grid') : html.index("</table>")]
        groups = table.split("<tbody>")[1:]
        assert [re.search(r">([^<]+)</a>", group)[1] for group in groups] == ["Empty", "Support", "Weekends"]  # type: ignore[index]
        assert ["Nobody" in group for group in groups] == [True, False, False]
        assert "1 gap" in groups[0]
        assert groups[1].count('class="is-now"') == 2, "Carol, and Erin behind her"
        dans = {re.search(r"shift--(\d)", each)[1] for each in re.findall(r"<a class=[^>]+Dan,", table)}  # type: ignore[index]
        assert len(dans) == 1, "one colour in every rota"

    def test_show_other_days_too(self, oro: Desk, rota: Rota) -> None:
        html = as_(oro.carol).get(page("rotas"), {"on": "2026-03-20"}).content.decode()
        assert "All rotas, 20 Mar – 26 Mar" in html
        assert "on=2026-03-13" in html
        assert "on=2026-03-27" in html
        assert "is-now" not in html
        assert "The coming week" in as_(oro.carol).get(page("rotas"), {"on": "soon"}).content.decode()

    def test_are_not_for_customers(self, oro: Desk, rota: Rota) -> None:
        assert as_(oro.alice).get(page("rotas")).status_code == 403
        assert as_(oro.alice).get(page("rota", slug=rota.slug)).status_code == 403

    def test_need_as_many_queries_for_one_as_for_many(self, oro: Desk, rota: Rota) -> None:
        client = as_(oro.dan)
        client.get(page("rotas"))
        with CaptureQueriesContext(connection) as one:
            client.get(page("rotas"))
        with vendor_scope(oro.vendor):
            for number in range(50):
                version_row(rota_row(f"Rota {number}"), [oro.carol, oro.dan])
        with CaptureQueriesContext(connection) as many:
            client.get(page("rotas"))
        assert len(many) == len(one)


class TestTheCalendar:
    @pytest.mark.parametrize("view", ["week", "month"])
    def test_shows_layers_and_who_is_called_first(self, oro: Desk, rota: Rota, view: str) -> None:
        html = as_(oro.carol).get(page("rota", slug=rota.slug), {"view": view}).content.decode()
        assert "Called first" in html
        assert all(name in html for name in ("Carol", "Dan", "Erin"))

    def test_every_row_spans_the_same_columns(self, oro: Desk, rota: Rota) -> None:
        for view, columns in (("week", 7 * 48), ("month", 31 * 24)):
            html = as_(oro.carol).get(page("rota", slug=rota.slug), {"view": view}).content.decode()
            for row in re.findall(r"<tr data-layer.*?</tr>", html, re.DOTALL):
                assert sum(map(int, re.findall(r'colspan="(\d+)"', row))) == columns

    def test_warns_of_gaps_and_not_of_off_hours(self, oro: Desk, rota: Rota) -> None:
        client = as_(oro.carol)
        assert "Nobody is on call" not in client.get(page("rota", slug=rota.slug)).content.decode()
        with vendor_scope(oro.vendor):
            for person in (oro.carol, oro.dan):
                TimeOff.objects.create(person=person, starts_at=NOON, ends_at=NOON + DAY, told_at=NOON - DAY)
        assert "everybody of the layer is away" in client.get(page("rota", slug=rota.slug)).content.decode()

    def test_of_a_day_that_is_none_is_todays(self, oro: Desk, rota: Rota) -> None:
        assert as_(oro.carol).get(page("rota", slug=rota.slug), {"on": "2026-02-31"}).status_code == 200

    def test_lists_what_changed_whose_shifts(self, oro: Desk, rota: Rota) -> None:
        with vendor_scope(oro.vendor):
            Override.objects.create(
                rota=rota,
                layer_key=1,
                person=oro.erin,
                starts_at=NOON,
                ends_at=NOON + DAY,
                made_at=NOON - DAY,
                reason="School concert",
            )
        html = as_(oro.carol).get(page("rota", slug=rota.slug)).content.decode()
        assert "School concert" in html
        links = re.findall(r'href="([^"]*/shift/[^"]*)"', html)
        assert links
        assert {as_(oro.carol).get(link.replace("&amp;", "&")).status_code for link in links} == {200}

    def test_links_to_shifts_that_begin_between_two_seconds(self, oro: Desk, rota: Rota) -> None:
        with vendor_scope(oro.vendor):
            version_row(rota, [oro.carol], at=NOON + timedelta(milliseconds=350), length=1)
        html = as_(oro.carol).get(page("my-shifts")).content.decode()
        links = re.findall(r'href="([^"]*/shift/[^"]*)"', html)
        assert {as_(oro.carol).get(link.replace("&amp;", "&")).status_code for link in links} == {200}


class TestCovering:
    def test_a_shift_tells_both_and_can_be_undone(self, oro: Desk, rota: Rota) -> None:
        client = as_(oro.carol)
        tomorrow = NOON + DAY
        shift = client.get(page("rota-shift", slug=rota.slug), {"layer": "1", "at": tomorrow.isoformat()})
        assert "Cover this shift" in shift.content.decode()
        sent = {
            "layer": 1,
            "person": oro.carol.pk,
            "starts_at": tomorrow.isoformat(),
            "ends_at": (tomorrow + DAY).isoformat(),
        }
        response = client.post(page("rota-cover", slug=rota.slug), sent, follow=True)
        with vendor_scope(oro.vendor):
            assert people_on_call(rota, tomorrow)[0] == oro.carol
        client.post(undo_of(response.content.decode()))
        with vendor_scope(oro.vendor):
            assert people_on_call(rota, tomorrow)[0] == oro.dan
            assert list(AuditEntry.objects.filter(action__startswith="override").values_list("action", flat=True)) == [
                "override.made",
                "override.withdrawn",
            ]

    def test_an_agent_puts_nobody_else_on(self, oro: Desk, rota: Rota) -> None:
        sent = {"layer": 1, "person": oro.dan.pk, "starts_at": "2026-03-03T10:00", "ends_at": "2026-03-03T12:00"}
        response = as_(oro.carol).post(page("rota-cover", slug=rota.slug), sent)
        assert response.status_code == 422
        with vendor_scope(oro.vendor):
            assert not Override.objects.exists()

    def test_the_past_is_refused_beside_the_field(self, oro: Desk, rota: Rota) -> None:
        sent = {"layer": 1, "person": oro.dan.pk, "starts_at": "2026-03-01T10:00", "ends_at": "2026-03-01T12:00"}
        response = as_(oro.dan).post(page("rota-cover", slug=rota.slug), sent)
        assert response.status_code == 422
        assert "over already" in response.content.decode()

    def test_a_shift_that_is_not_there_is_404(self, oro: Desk, rota: Rota) -> None:
        client = as_(oro.carol)
        asks: tuple[dict[str, str], ...] = (
            {},
            {"layer": "x", "at": NOON.isoformat()},
            {"layer": "9", "at": NOON.isoformat()},
            {"layer": "1", "at": "now"},
        )
        for asked in asks:
            assert client.get(page("rota-shift", slug=rota.slug), asked).status_code == 404


class TestSwaps:
    def ask(self, oro: Desk, rota: Rota, asked: Membership | None = None) -> Swap:
        place = f"{page('rota-ask', slug=rota.slug)}?layer=1&at=2026-03-02T12:00:00Z"
        sent = {"asked": asked.pk if asked else "", "starts_at": "2026-03-02T14:00", "ends_at": "2026-03-02T20:00"}
        response = as_(oro.carol).post(place, sent, follow=True)
        assert "was asked" in response.content.decode()
        with vendor_scope(oro.vendor):
            return Swap.objects.get()

    def test_asked_of_anyone_and_taken(self, oro: Desk, rota: Rota) -> None:
        swap = self.ask(oro, rota)
        assert "asks anyone" in as_(oro.erin).get(page("my-shifts")).content.decode()
        as_(oro.erin).post(page("swap-taking", pk=swap.pk))
        late = as_(oro.dan).post(page("swap-taking", pk=swap.pk), follow=True)
        assert "Too late: Erin has taken this shift." in late.content.decode()
        with vendor_scope(oro.vendor):
            assert people_on_call(rota, swap.starts_at)[0] == oro.erin
        record = as_(oro.dan).get(page("rota-shift", slug=rota.slug), {"layer": "1", "at": "2026-03-02T15:00:00Z"})
        assert "They took it from Carol." in record.content.decode()

    def test_asked_of_one_and_declined(self, oro: Desk, rota: Rota) -> None:
        swap = self.ask(oro, rota, oro.dan)
        assert as_(oro.erin).post(page("swap-taking", pk=swap.pk)).status_code == 403
        as_(oro.dan).post(page("swap-refusal", pk=swap.pk), {"answer": "On a train"})
        assert "On a train" in as_(oro.carol).get(page("my-shifts")).content.decode()

    def test_withdrawn_and_given_back(self, oro: Desk, rota: Rota) -> None:
        swap = self.ask(oro, rota)
        as_(oro.carol).post(page("swap-withdrawal", pk=swap.pk))
        with vendor_scope(oro.vendor):
            swap.refresh_from_db()
            assert swap.state == SwapState.WITHDRAWN
        again = self.again(oro, rota)
        as_(oro.erin).post(page("swap-taking", pk=again.pk))
        as_(oro.erin).post(page("swap-return", pk=again.pk))
        with vendor_scope(oro.vendor):
            assert people_on_call(rota, again.starts_at)[0] == oro.carol

    def again(self, oro: Desk, rota: Rota) -> Swap:
        with vendor_scope(oro.vendor):
            Swap.objects.all().delete()
        return self.ask(oro, rota)


class TestExchanges:
    def ask(self, oro: Desk, rota: Rota, **more: object) -> str:
        """Carol's Wednesday for Dan's Tuesday."""
        place = f"{page('rota-ask', slug=rota.slug)}?layer=1&at=2026-03-04T12:00:00Z"
        sent = {
            "asked": "",
            "starts_at": "2026-03-04T11:00",
            "ends_at": "2026-03-05T11:00",
            "in_return": "1/2026-03-03T09:00:00+00:00",
        }
        response = as_(oro.carol).post(place, sent | more, follow=True)
        return response.content.decode()

    def test_are_offered_on_the_page_of_the_shift(self, oro: Desk, rota: Rota) -> None:
        at = {"layer": "1", "at": "2026-03-04T12:00:00Z"}
        html = as_(oro.carol).get(page("rota-shift", slug=rota.slug), at).content.decode()
        assert '<optgroup label="Dan">' in html
        assert 'value="1/2026-03-03T09:00:00+00:00"' in html
        assert "In return" not in as_(oro.dan).get(page("rota-shift", slug=rota.slug), at | {"layer": "2"}), "not ours"

    def test_asked_agreed_to_and_undone(self, oro: Desk, rota: Rota) -> None:
        assert "Dan was asked to swap." in self.ask(oro, rota)
        with vendor_scope(oro.vendor):
            swap = Swap.objects.get()
            assert swap.asked == oro.dan
        html = as_(oro.dan).get(page("my-shifts")).content.decode()
        assert "asks you to swap" in html
        assert "For your shift:" in html
        agreed = as_(oro.dan).post(page("swap-taking", pk=swap.pk), follow=True).content.decode()
        assert "Swapped: the shift is yours, and Carol has the other one." in agreed
        assert "Dan swapped with Carol" in as_(oro.carol).get(page("my-shifts")).content.decode()
        with vendor_scope(oro.vendor):
            assert [people_on_call(rota, NOON + number * DAY)[0] for number in (1, 2)] == [oro.carol, oro.dan]
        at = {"layer": "1", "at": "2026-03-03T12:00:00Z"}
        record = as_(oro.erin).get(page("rota-shift", slug=rota.slug), at).content.decode()
        assert "in return for a shift of their own" in record
        undone = as_(oro.dan).post(undo_of(agreed), follow=True).content.decode()
        assert "Swapped back: both shifts are as they were." in undone
        with vendor_scope(oro.vendor):
            assert [people_on_call(rota, NOON + number * DAY)[0] for number in (1, 2)] == [oro.dan, oro.carol]

    def test_are_asked_of_whoever_has_the_shift(self, oro: Desk, rota: Rota) -> None:
        assert "This is a shift of Dan." in self.ask(oro, rota, asked=oro.erin.pk)
        assert "Select a valid choice" in self.ask(oro, rota, in_return="1/2026-03-03T10:00:00+00:00")

    def test_stand_on_ones_own_page_in_as_many_queries_as_none(self, oro: Desk, rota: Rota) -> None:
        client = as_(oro.dan)
        client.get(page("my-shifts"))
        with CaptureQueriesContext(connection) as none:
            client.get(page("my-shifts"))
        self.ask(oro, rota)
        with CaptureQueriesContext(connection) as one:
            client.get(page("my-shifts"))
        client.get(page("my-shifts"))
        assert len(one) <= len(none) + 1, "the layers' names"


class TestTimeOff:
    def test_is_noted_and_the_next_stands_in(self, oro: Desk, rota: Rota) -> None:
        sent = {"person": oro.carol.pk, "starts_on": "2026-03-02", "ends_on": "2026-03-04", "note": "Skiing"}
        response = as_(oro.carol).post(page("time-off"), sent, follow=True)
        assert "Skiing" in response.content.decode()
        with vendor_scope(oro.vendor):
            assert people_on_call(rota, NOON)[0] == oro.dan
        as_(oro.carol).post(undo_of(response.content.decode()))
        with vendor_scope(oro.vendor):
            assert people_on_call(rota, NOON)[0] == oro.carol

    def test_of_others_is_the_leads_to_note(self, oro: Desk) -> None:
        sent = {"person": oro.dan.pk, "starts_on": "2026-03-05", "ends_on": "2026-03-06"}
        assert as_(oro.carol).post(page("time-off"), sent).status_code == 422
        assert as_(oro.dan).post(page("time-off"), sent | {"person": oro.carol.pk}).status_code == 302

    def test_comes_from_a_calendar_file_and_goes_again(self, oro: Desk) -> None:
        text = (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1@x\r\nSUMMARY:Leave\r\n"
            "DTSTART;VALUE=DATE:20260310\r\nDTEND;VALUE=DATE:20260313\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        file = SimpleUploadedFile("leave.ics", text.encode(), "text/calendar")
        client = as_(oro.carol)
        response = client.post(
            page("time-off-upload"), {"upload-person": oro.carol.pk, "upload-calendar": file}, follow=True
        )
        assert "1 absence noted." in response.content.decode()
        with vendor_scope(oro.vendor):
            row = TimeOff.objects.select_related("person__user").get()
            assert (row.starts_on.isoformat(), row.ends_on.isoformat()) == ("2026-03-10", "2026-03-12")
        client.post(undo_of(response.content.decode()))
        with vendor_scope(oro.vendor):
            assert not TimeOff.objects.filter(withdrawn_at__isnull=True).exists()


class TestSettings:
    def sent(self, oro: Desk, **more: object) -> dict[str, object]:
        return {
            "name": "Night watch",
            "zone": "Europe/Kyiv",
            "team": "",
            "notice_minutes": "60",
            "fallback_person": "",
            "fallback_team": "",
            "layers": "1",
            "layer-0-key": "",
            "layer-0-name": "Primary",
            "layer-0-person": [oro.carol.pk, oro.dan.pk, ""],
            "layer-0-starts_on": "2026-03-02",
            "layer-0-hands_over_at": "08:00",
            "layer-0-length": "1",
            "layer-0-unit": "days",
            "layer-0-zone": "Europe/Kyiv",
            "layer-0-hours": "own",
            "layer-0-own_hours": "mon-sun 20:00-08:00",
            "do": "save",
        } | more

    def test_make_a_rota(self, oro: Desk) -> None:
        client = as_(oro.dan)
        assert client.get(page("rota-new")).status_code == 200
        assert client.post(page("rota-new"), self.sent(oro)).status_code == 302
        with vendor_scope(oro.vendor):
            made = Rota.objects.get()
            assert people_on_call(made, datetime(2026, 3, 2, 19, tzinfo=UTC)) == (oro.carol,)
            assert people_on_call(made, NOON) == (None,)

    def test_name_what_is_wrong_beside_it(self, oro: Desk) -> None:
        response = as_(oro.dan).post(
            page("rota-new"), self.sent(oro, **{"layer-0-own_hours": "someday 9-17", "layer-0-length": "0"})
        )
        assert response.status_code == 422
        html = response.content.decode()
        assert "These hours cannot be read" in html
        assert "greater than or equal to 1" in html

    def test_buttons_change_the_form_and_complain_of_nothing(self, oro: Desk) -> None:
        client = as_(oro.dan)
        html = client.post(page("rota-new"), self.sent(oro, do="add", name="")).content.decode()
        assert 'name="layer-1-name"' in html
        assert "field__error" not in html
        html = client.post(page("rota-new"), self.sent(oro, do="out-0-0")).content.decode()
        assert "Place 2 in Primary" not in html

    def test_preview_says_who_would_be_on_call_before_saving(self, oro: Desk, rota: Rota) -> None:
        client = as_(oro.dan)
        html = client.get(page("rota-settings", slug=rota.slug)).content.decode()
        assert "Nobody’s shifts change." in html
        sent = self.sent(oro, **{"layer-0-key": "1", "layer-0-hours": "always", "starting": "now", "do": "look"})
        sent["layer-0-person"] = [oro.erin.pk]
        html = client.post(page("rota-settings", slug=rota.slug), sent, headers={"HX-Request": "true"}).content.decode()
        assert "Erin instead of Carol" in html
        with vendor_scope(oro.vendor):
            assert RotaVersion.objects.count() == 1

    def test_a_change_may_hold_later_and_be_discarded(self, oro: Desk, rota: Rota) -> None:
        client = as_(oro.dan)
        later = self.sent(oro, starting="later", effective_at="2026-03-09T09:00", **{"layer-0-key": "1"})
        assert client.post(page("rota-settings", slug=rota.slug), later).status_code == 302
        with vendor_scope(oro.vendor):
            version = RotaVersion.objects.latest("effective_at")
        assert "Other layers hold from" in client.get(page("rota", slug=rota.slug)).content.decode()
        client.post(page("rota-version-removal", pk=version.pk))
        with vendor_scope(oro.vendor):
            version.refresh_from_db()
            assert version.withdrawn_at is not None

    def test_are_the_leads(self, oro: Desk, rota: Rota) -> None:
        assert as_(oro.carol).get(page("rota-settings", slug=rota.slug)).status_code == 403
        assert as_(oro.carol).get(page("rota-new")).status_code == 403
        assert as_(oro.carol).post(page("rota-archive", slug=rota.slug)).status_code == 403

    def test_a_rota_is_archived_and_comes_back(self, oro: Desk, rota: Rota) -> None:
        client = as_(oro.dan)
        response = client.post(page("rota-archive", slug=rota.slug), follow=True)
        assert "1 archived rota" in response.content.decode()
        client.post(undo_of(response.content.decode()))
        with vendor_scope(oro.vendor):
            assert Rota.objects.in_use().count() == 1


class TestFeeds:
    def secret(self, client: Client, place: str) -> str:
        html = client.post(place).content.decode()
        found = re.search(r"/orocloud/calendars/([\w-]+)\.ics", html)
        assert found is not None
        return found[0]

    def test_show_ones_own_shifts_in_utc(self, oro: Desk, rota: Rota) -> None:
        address = self.secret(as_(oro.carol), page("my-feed"))
        response = Client().get(address)
        text = response.content.decode()
        assert response.headers["Content-Type"].startswith("text/calendar")
        assert "DTSTART:20260304T090000Z" in text
        assert "DTSTART:20260303T090000Z" not in text, "Dan's"
        assert Client().get(address, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304

    def test_of_a_rota_name_everybody(self, oro: Desk, rota: Rota) -> None:
        text = Client().get(self.secret(as_(oro.carol), page("rota-feed", slug=rota.slug))).content.decode()
        assert all(said in text for said in ("Carol: 1", "Dan: 1"))

    def test_are_kept_as_a_digest_and_revoked(self, oro: Desk, rota: Rota) -> None:
        client = as_(oro.carol)
        address = self.secret(client, page("my-feed"))
        with vendor_scope(oro.vendor):
            feed = Feed.objects.get()
            assert feed.digest not in address
        client.post(page("feed-revocation", pk=feed.pk))
        assert Client().get(address).status_code == 404

    def test_end_with_the_persons_place(self, oro: Desk, rota: Rota) -> None:
        address = self.secret(as_(oro.carol), page("my-feed"))
        with vendor_scope(oro.vendor):
            Membership.objects.filter(pk=oro.carol.pk).update(is_active=False)
        assert Client().get(address).status_code == 404

    def test_of_another_vendor_is_not_there(self, oro: Desk, rota: Rota, mallory: Membership) -> None:
        address = self.secret(as_(oro.carol), page("my-feed"))
        assert Client().get(address.replace("orocloud", "elsewhere")).status_code == 404

    def test_are_throttled(self, oro: Desk, rota: Rota) -> None:
        cache.clear()
        address = self.secret(as_(oro.carol), page("my-feed"))
        codes = [Client().get(address).status_code for _ in range(22)]
        assert codes[:20] == [200] * 20
        assert codes[-1] == 429
        cache.clear()
