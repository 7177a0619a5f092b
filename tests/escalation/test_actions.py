"""Who may change who is on call, what is told, what stays on record, and what the database itself refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from escalation import actions
from escalation.models import Layer, Override, Rota, RotaVersion, Swap, SwapState, TimeOff, Unit
from escalation.on_call import people_on_call
from supportdesk.accounts.models import AuditEntry, Membership
from supportdesk.ics import Away
from supportdesk.notifications.models import Notice
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import Desk, make_desk
from tests.escalation.rows import FIRST_DAY, rota_row, version_row
from tests.factories import LONG_AGO

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""Carol's turn until tomorrow 09:00 UTC; then Dan's."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NINE = NOON.replace(hour=9)


@pytest.fixture
def rota(in_oro: Desk) -> Rota:
    found = rota_row()
    version_row(found, [in_oro.carol, in_oro.dan], [in_oro.erin])
    return found


def terms(*people: Membership, **more: object) -> actions.LayerTerms:
    said: dict[str, object] = {
        "name": "Primary",
        "starts_on": FIRST_DAY,
        "hands_over_at": time(9),
        "length": 1,
        "unit": Unit.DAYS,
        "zone": "UTC",
    }
    return actions.LayerTerms(people=people, **(said | more))  # type: ignore[arg-type]


def told(person: Membership) -> list[str]:
    return list(Notice.objects.filter(membership=person).order_by("id").values_list("title", flat=True))


def audited() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


class TestARota:
    def test_is_made_by_a_lead_and_holds_from_then_on(self, in_oro: Desk) -> None:
        made = actions.make_rota(
            name=" Night  watch ", zone="Europe/Kyiv", layers=[terms(in_oro.carol)], by=in_oro.dan, at=NOON
        )
        assert (made.name, made.slug) == ("Night watch", "night-watch")
        assert people_on_call(made, NOON) == (in_oro.carol,)
        assert people_on_call(made, NOON - HOUR) == ()
        assert "rota.made" in audited()

    def test_is_not_made_by_an_agent(self, in_oro: Desk) -> None:
        with pytest.raises(PermissionDenied):
            actions.make_rota(name="Mine", zone="UTC", layers=[terms(in_oro.carol)], by=in_oro.carol, at=NOON)

    def test_has_an_address_of_its_own(self, in_oro: Desk) -> None:
        made = [
            actions.make_rota(name=name, zone="UTC", layers=[terms(in_oro.carol)], by=in_oro.dan, at=NOON)
            for name in ("New", "Night", "Night", "夜")
        ]
        assert [each.slug for each in made] == ["new-2", "night", "night-2", "rota"]

    @pytest.mark.parametrize(
        ("layers", "why"),
        [
            (lambda desk: [], "at least one layer"),
            (lambda desk: [terms(desk.alice)], "support team"),
            (lambda desk: [terms(desk.carol, name=" ")], "name"),
            (lambda desk: [terms(desk.carol, zone="Europe/Kyivv")], "time zone"),
            (lambda desk: [terms(desk.carol, length=0)], "1 to 999"),
            (lambda desk: [terms(desk.carol)] * 9, "at most 8"),
            (lambda desk: [terms(desk.carol, week={"someday": [["09:00", "17:00"]]})], "someday"),
        ],
    )
    def test_that_makes_no_sense_is_refused(
        self, in_oro: Desk, layers: Callable[[Desk], list[actions.LayerTerms]], why: str
    ) -> None:
        with pytest.raises(ValidationError, match=why):
            actions.make_rota(name="Odd", zone="UTC", layers=layers(in_oro), by=in_oro.dan, at=NOON)

    def test_that_is_archived_changes_no_more(self, in_oro: Desk, rota: Rota) -> None:
        actions.archive_rota(rota, by=in_oro.dan, at=NOON)
        with pytest.raises(ValidationError, match="archived"):
            actions.change_layers(rota, [terms(in_oro.erin)], effective_at=NOON, by=in_oro.dan, at=NOON)


class TestItsLayers:
    def test_change_from_an_instant_on(self, in_oro: Desk, rota: Rota) -> None:
        actions.change_layers(rota, [terms(in_oro.erin, key=1)], effective_at=NOON + DAY, by=in_oro.dan, at=NOON)
        assert people_on_call(rota, NOON + DAY - HOUR)[0] == in_oro.dan
        assert people_on_call(rota, NOON + DAY) == (in_oro.erin,)
        assert told(in_oro.carol)[-1].startswith("You leave Support on")

    def test_do_not_change_the_past(self, in_oro: Desk, rota: Rota) -> None:
        with pytest.raises(ValidationError, match="stays on record"):
            actions.change_layers(rota, [terms(in_oro.erin)], effective_at=NOON - HOUR, by=in_oro.dan, at=NOON)

    def test_saved_unchanged_are_no_new_version(self, in_oro: Desk, rota: Rota) -> None:
        new = actions.change_layers(rota, [terms(in_oro.erin, key=1)], effective_at=NOON, by=in_oro.dan, at=NOON)
        again = actions.change_layers(
            rota, [terms(in_oro.erin, key=1)], effective_at=NOON + HOUR, by=in_oro.dan, at=NOON + HOUR
        )
        assert new is not None
        assert again is None

    def test_planned_for_the_same_instant_are_replaced(self, in_oro: Desk, rota: Rota) -> None:
        for person in (in_oro.erin, in_oro.carol):
            actions.change_layers(rota, [terms(person, key=1)], effective_at=NOON + DAY, by=in_oro.dan, at=NOON)
        assert people_on_call(rota, NOON + DAY) == (in_oro.carol,)

    def test_that_do_not_hold_yet_can_be_withdrawn(self, in_oro: Desk, rota: Rota) -> None:
        version = actions.change_layers(
            rota, [terms(in_oro.erin, key=1)], effective_at=NOON + DAY, by=in_oro.dan, at=NOON
        )
        assert version is not None
        with pytest.raises(ValidationError, match="hold already"):
            actions.withdraw_version(version, by=in_oro.dan, at=NOON + 2 * DAY)
        actions.withdraw_version(version, by=in_oro.dan, at=NOON + HOUR)
        assert people_on_call(rota, NOON + DAY)[0] == in_oro.dan

    def test_keep_their_key_so_that_a_cover_stays_with_its_layer(self, in_oro: Desk, rota: Rota) -> None:
        actions.cover(rota, layer_key=2, person=in_oro.dan, starts_at=NOON, ends_at=NOON + DAY, by=in_oro.dan, at=NOON)
        actions.change_layers(
            rota,
            [terms(in_oro.carol), terms(in_oro.erin, key=2, name="Secondary")],
            effective_at=NOON + HOUR,
            by=in_oro.dan,
            at=NOON + HOUR,
        )
        assert people_on_call(rota, NOON + 2 * HOUR) == (in_oro.carol, in_oro.dan)
        assert sorted(Layer.objects.filter(version__rota=rota).values_list("key", flat=True)) == [1, 2, 2, 3]

    def test_are_append_only(self, in_oro: Desk, rota: Rota) -> None:
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Layer.objects.update(name="Other")


class TestACover:
    def cover(self, desk: Desk, rota: Rota, **more: object) -> Override:
        said: dict[str, object] = {
            "layer_key": 1,
            "person": desk.dan,
            "starts_at": NOON,
            "ends_at": NOON + 4 * HOUR,
            "by": desk.dan,
            "at": NOON - HOUR,
        }
        return actions.cover(rota, **(said | more))  # type: ignore[arg-type]

    def test_tells_who_is_relieved(self, in_oro: Desk, rota: Rota) -> None:
        self.cover(in_oro, rota)
        assert told(in_oro.carol) == ["Dan covers Support · 1 from Mon 2 Mar, 14:00 EET to Mon 2 Mar, 18:00 EET"]
        assert told(in_oro.dan) == []

    def test_by_a_lead_for_somebody_tells_them(self, in_oro: Desk, rota: Rota) -> None:
        self.cover(in_oro, rota, person=in_oro.erin)
        assert told(in_oro.erin) == ["You cover Support · 1 from Mon 2 Mar, 14:00 EET to Mon 2 Mar, 18:00 EET"]

    def test_begins_now_when_it_should_have_begun_before(self, in_oro: Desk, rota: Rota) -> None:
        made = self.cover(in_oro, rota, at=NOON + HOUR)
        assert made.starts_at == NOON + HOUR
        assert people_on_call(rota, NOON)[0] == in_oro.carol

    @pytest.mark.parametrize(
        "more", [{"ends_at": NOON - 2 * HOUR}, {"ends_at": NOON}, {"ends_at": NOON + 400 * DAY}, {"layer_key": 9}]
    )
    def test_that_makes_no_sense_is_refused(self, in_oro: Desk, rota: Rota, more: dict[str, object]) -> None:
        with pytest.raises(ValidationError):
            self.cover(in_oro, rota, **more)

    def test_agents_cover_themselves_and_customers_not_at_all(self, in_oro: Desk, rota: Rota) -> None:
        self.cover(in_oro, rota, person=in_oro.carol, by=in_oro.carol)
        for person, by in ((in_oro.dan, in_oro.carol), (in_oro.alice, in_oro.alice)):
            with pytest.raises(PermissionDenied):
                self.cover(in_oro, rota, person=person, by=by)
        with pytest.raises(ValidationError, match="support team"):
            self.cover(in_oro, rota, person=in_oro.alice)

    def test_is_taken_back_from_then_on(self, in_oro: Desk, rota: Rota) -> None:
        made = self.cover(in_oro, rota)
        with pytest.raises(PermissionDenied):
            actions.uncover(made, by=in_oro.carol, at=NOON + HOUR)
        actions.uncover(made, by=in_oro.erin, at=NOON + HOUR)
        assert people_on_call(rota, NOON)[0] == in_oro.dan
        assert people_on_call(rota, NOON + HOUR)[0] == in_oro.carol
        assert told(in_oro.carol)[-1].startswith("Support · 1 is yours again")


class TestASwap:
    def ask(self, desk: Desk, rota: Rota, **more: object) -> Swap:
        said: dict[str, object] = {
            "layer_key": 1,
            "starts_at": NOON + HOUR,
            "ends_at": NOON + 5 * HOUR,
            "asked": None,
            "by": desk.carol,
            "at": NOON,
        }
        return actions.ask(rota, **(said | more))  # type: ignore[arg-type]

    def test_asked_of_anyone_tells_who_takes_turns(self, in_oro: Desk, rota: Rota) -> None:
        self.ask(in_oro, rota)
        assert told(in_oro.dan)[0].startswith("Carol asks for cover: Support · 1")
        assert told(in_oro.erin)[0].startswith("Carol asks for cover")
        assert told(in_oro.carol) == []

    def test_taken_tells_the_giver_and_is_on_record(self, in_oro: Desk, rota: Rota) -> None:
        """ "It's your responsibility to cover your shifts and record changes" (Drud)."""
        swap = actions.take(self.ask(in_oro, rota), by=in_oro.erin, at=NOON)
        assert people_on_call(rota, swap.starts_at)[0] == in_oro.erin
        assert told(in_oro.carol)[0].startswith("Erin takes your shift")
        assert audited()[-2:] == ["swap.asked", "swap.taken"]

    def test_is_taken_once(self, in_oro: Desk, rota: Rota) -> None:
        swap = self.ask(in_oro, rota)
        actions.take(swap, by=in_oro.dan, at=NOON)
        with pytest.raises(ValidationError, match="Dan has taken this shift"):
            actions.take(swap, by=in_oro.erin, at=NOON)

    def test_of_a_running_shift_begins_now(self, in_oro: Desk, rota: Rota) -> None:
        swap = self.ask(in_oro, rota, starts_at=NINE)
        actions.take(swap, by=in_oro.erin, at=NOON + HOUR)
        assert people_on_call(rota, NOON)[0] == in_oro.carol
        assert people_on_call(rota, NOON + HOUR)[0] == in_oro.erin

    def test_of_somebody_elses_shift_is_refused(self, in_oro: Desk, rota: Rota) -> None:
        with pytest.raises(ValidationError, match="not, or no longer"):
            self.ask(in_oro, rota, starts_at=NOON + DAY, ends_at=NOON + DAY + HOUR)
        with pytest.raises(PermissionDenied):
            self.ask(in_oro, rota, giver=in_oro.dan)

    def test_is_asked_for_once_at_a_time(self, in_oro: Desk, rota: Rota) -> None:
        self.ask(in_oro, rota)
        with pytest.raises(ValidationError, match="already"):
            self.ask(in_oro, rota, ends_at=NOON + 2 * HOUR)

    def test_overlapping_is_refused_by_the_database_too(self, in_oro: Desk, rota: Rota) -> None:
        swap = self.ask(in_oro, rota)
        swap.pk = None
        with pytest.raises(IntegrityError, match="swap_one_at_a_time"), transaction.atomic():
            swap.save(force_insert=True)

    def test_of_a_shift_that_is_no_longer_the_givers_cannot_be_taken(self, in_oro: Desk, rota: Rota) -> None:
        swap = self.ask(in_oro, rota)
        actions.change_layers(rota, [terms(in_oro.dan, key=1)], effective_at=NOON, by=in_oro.dan, at=NOON)
        with pytest.raises(ValidationError, match="The rota changed"):
            actions.take(swap, by=in_oro.erin, at=NOON)

    def test_asked_of_one_is_theirs_to_answer(self, in_oro: Desk, rota: Rota) -> None:
        swap = self.ask(in_oro, rota, asked=in_oro.dan)
        for answer in (actions.take, actions.decline):
            with pytest.raises(PermissionDenied):
                answer(swap, by=in_oro.erin, at=NOON)
        actions.decline(swap, by=in_oro.dan, at=NOON, answer="On a train")
        assert told(in_oro.carol)[0].startswith("Dan cannot take your shift")
        self.ask(in_oro, rota, asked=in_oro.erin)

    def test_is_withdrawn_while_nobody_has_taken_it(self, in_oro: Desk, rota: Rota) -> None:
        swap = self.ask(in_oro, rota)
        actions.withdraw(swap, by=in_oro.carol, at=NOON)
        with pytest.raises(ValidationError, match="Carol withdrew"):
            actions.take(swap, by=in_oro.dan, at=NOON)

    def test_is_given_back_before_it_begins(self, in_oro: Desk, rota: Rota) -> None:
        swap = actions.take(self.ask(in_oro, rota), by=in_oro.erin, at=NOON)
        actions.give_back(swap, by=in_oro.erin, at=NOON)
        assert people_on_call(rota, swap.starts_at)[0] == in_oro.carol
        assert told(in_oro.carol)[-1].startswith("Given back")

    def test_given_back_late_by_a_lead_leaves_what_was(self, in_oro: Desk, rota: Rota) -> None:
        swap = actions.take(self.ask(in_oro, rota), by=in_oro.erin, at=NOON)
        begun = swap.starts_at + HOUR
        actions.give_back(swap, by=in_oro.dan, at=begun)
        assert people_on_call(rota, swap.starts_at)[0] == in_oro.erin
        assert people_on_call(rota, begun)[0] == in_oro.carol

    def test_given_on_must_come_back_first(self, in_oro: Desk, rota: Rota) -> None:
        swap = actions.take(self.ask(in_oro, rota), by=in_oro.erin, at=NOON)
        on = actions.take(self.ask(in_oro, rota, by=in_oro.erin), by=in_oro.dan, at=NOON)
        assert people_on_call(rota, swap.starts_at)[0] == in_oro.dan
        with pytest.raises(ValidationError, match="given on"):
            actions.give_back(swap, by=in_oro.erin, at=NOON)
        actions.give_back(on, by=in_oro.dan, at=NOON)
        actions.give_back(swap, by=in_oro.erin, at=NOON)
        assert people_on_call(rota, swap.starts_at)[0] == in_oro.carol


@pytest.mark.django_db(transaction=True)
def test_two_who_take_at_once_one_has_it_and_the_other_is_told() -> None:
    desk = make_desk("orocloud")
    with vendor_scope(desk.vendor):
        rota = rota_row()
        version_row(rota, [desk.carol])
        swap = actions.ask(
            rota, layer_key=1, starts_at=NOON, ends_at=NOON + HOUR, asked=None, by=desk.carol, at=NOON - HOUR
        )
    outcomes: list[str] = []
    together = Barrier(2)

    def take(by: Membership) -> None:
        try:
            together.wait(10)
            with vendor_scope(desk.vendor):
                actions.take(swap, by=by, at=NOON - HOUR)
            outcomes.append("taken")
        except ValidationError as error:
            outcomes.append(error.messages[0])
        finally:
            connection.close()

    threads = [Thread(target=take, args=[by]) for by in (desk.dan, desk.erin)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with vendor_scope(desk.vendor):
        swap.refresh_from_db()
        assert swap.taker is not None
        assert sorted(outcomes) == [f"Too late: {swap.taker.name} has taken this shift.", "taken"]


class TestTimeOff:
    def test_is_whole_days_of_the_persons_zone(self, in_oro: Desk) -> None:
        row = actions.note_time_off(
            in_oro.carol, starts_on=date(2026, 3, 29), ends_on=date(2026, 3, 29), by=in_oro.carol, at=NOON
        )
        assert row.ends_at - row.starts_at == timedelta(hours=23), "the night Kyiv's clocks go forward"

    def test_is_ones_own_and_a_leads_to_note(self, in_oro: Desk) -> None:
        def note(person: Membership, by: Membership) -> None:
            actions.note_time_off(person, starts_on=date(2026, 3, 5), ends_on=date(2026, 3, 6), by=by, at=NOON)

        note(in_oro.carol, in_oro.dan)
        with pytest.raises(PermissionDenied):
            note(in_oro.dan, in_oro.carol)
        with pytest.raises(ValidationError, match="support team"):
            note(in_oro.alice, in_oro.dan)

    def test_that_is_over_or_backwards_is_refused(self, in_oro: Desk) -> None:
        for first, last in ((date(2026, 2, 1), date(2026, 2, 2)), (date(2026, 3, 6), date(2026, 3, 5))):
            with pytest.raises(ValidationError):
                actions.note_time_off(in_oro.carol, starts_on=first, ends_on=last, by=in_oro.carol, at=NOON)

    def test_a_later_file_replaces_what_moved_and_history_stays(self, in_oro: Desk, rota: Rota) -> None:
        def keep(first: int, last: int, at: datetime) -> tuple[int, int, int]:
            events = [Away("1@x", "Leave", date(2026, 3, first), date(2026, 3, last))]
            kept = actions.keep_calendar(events, person=in_oro.carol, by=in_oro.carol, at=at)
            return kept.added, kept.changed, kept.past

        assert keep(2, 4, NOON) == (1, 0, 0)
        assert keep(2, 4, NOON + HOUR) == (0, 0, 0)
        assert keep(6, 8, NOON + 2 * HOUR) == (0, 1, 0)
        assert people_on_call(rota, NOON + HOUR)[0] == in_oro.dan
        assert people_on_call(rota, NOON + 2 * HOUR)[0] == in_oro.carol
        assert keep(1, 1, NOON + 2 * HOUR) == (0, 0, 1)


class TestWhatTheDatabaseRefuses:
    def test_a_version_that_changes_the_past(self, in_oro: Desk, rota: Rota) -> None:
        with pytest.raises(IntegrityError, match="leaves_the_past"), transaction.atomic():
            RotaVersion.objects.create(rota=rota, effective_at=NOON, made_at=NOON + HOUR)

    def test_withdrawing_a_version_that_holds(self, in_oro: Desk, rota: Rota) -> None:
        with pytest.raises(IntegrityError, match="before_it_holds"), transaction.atomic():
            RotaVersion.objects.update(withdrawn_at=F("effective_at"))

    def test_stretches_that_end_before_they_begin(self, in_oro: Desk, rota: Rota) -> None:
        backwards = {"starts_at": NOON, "ends_at": NOON}
        with pytest.raises(IntegrityError, match="override_lasts"), transaction.atomic():
            Override.objects.create(rota=rota, layer_key=1, person=in_oro.dan, made_at=LONG_AGO, **backwards)
        with pytest.raises(IntegrityError, match="timeoff_lasts"), transaction.atomic():
            TimeOff.objects.create(person=in_oro.dan, told_at=LONG_AGO, **backwards)

    def test_a_swap_that_is_taken_by_nobody_or_its_giver(self, in_oro: Desk, rota: Rota) -> None:
        stretch = {"starts_at": NOON, "ends_at": NOON + HOUR, "asked_at": LONG_AGO}
        for more in ({"state": SwapState.TAKEN}, {"asked": in_oro.carol}):
            with pytest.raises(IntegrityError, match="swap_"), transaction.atomic():
                Swap.objects.create(rota=rota, layer_key=1, giver=in_oro.carol, **(stretch | more))
