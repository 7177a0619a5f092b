"""Two shifts that change hands in one step: asked, agreed to by both at one instant or not at all, and undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from escalation import actions
from escalation.models import Rota, Swap, SwapState
from escalation.on_call import people_on_call
from escalation.queries import requests_for, requests_of, shifts_on_offer
from supportdesk.accounts.models import AuditEntry, Membership, Role
from supportdesk.notifications.models import Notice
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import Desk, make_desk
from tests.escalation.rows import rota_row, version_row

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""A Monday. Carol's turn until tomorrow 09:00 UTC; then Dan's until Wednesday, and Carol's again."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NINE = NOON.replace(hour=9)
TUESDAY, WEDNESDAY, THURSDAY = (NINE + number * DAY for number in (1, 2, 3))
DANS = actions.InReturn(1, TUESDAY, WEDNESDAY)

Ask = Callable[..., Swap]


@pytest.fixture
def rota(in_oro: Desk) -> Rota:
    found = rota_row()
    version_row(found, [in_oro.carol, in_oro.dan], [in_oro.erin])
    return found


@pytest.fixture
def ask(in_oro: Desk, rota: Rota) -> Ask:
    """Carol asks Dan to take her Wednesday, for his Tuesday."""

    def ask(**more: object) -> Swap:
        said: dict[str, object] = {
            "layer_key": 1,
            "starts_at": WEDNESDAY,
            "ends_at": THURSDAY,
            "asked": in_oro.dan,
            "in_return": DANS,
            "by": in_oro.carol,
            "at": NOON,
        }
        return actions.ask(rota, **(said | more))  # type: ignore[arg-type]

    return ask


def told(person: Membership) -> list[str]:
    return list(Notice.objects.filter(membership=person).order_by("id").values_list("title", flat=True))


def audited() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def first_on(rota: Rota, *instants: datetime) -> list[str]:
    return [person.name if person else "" for each in instants for person in people_on_call(rota, each)[:1]]


class TestAsking:
    def test_changes_nothing_and_says_both_shifts(self, in_oro: Desk, rota: Rota, ask: Ask) -> None:
        swap = ask()
        assert first_on(rota, TUESDAY, WEDNESDAY) == ["Dan", "Carol"]
        assert told(in_oro.dan) == [
            "Carol asks you to swap: you take Support · 1, Wed 4 Mar, 11:00 EET to Thu 5 Mar, 11:00 EET; "
            "they take Tue 3 Mar, 11:00 EET to Wed 4 Mar, 11:00 EET"
        ]
        assert told(in_oro.erin) == []
        [entry] = AuditEntry.objects.filter(action="swap.asked")
        assert entry.data["in_return"] == {
            "layer": 1,
            "starts_at": TUESDAY.isoformat(),
            "ends_at": WEDNESDAY.isoformat(),
        }
        assert requests_for(in_oro.dan, NOON) == requests_of(in_oro.carol, NOON) == [swap]

    def test_needs_somebody_who_has_what_is_taken_in_return(self, in_oro: Desk, ask: Ask) -> None:
        with pytest.raises(ValidationError, match="Say whose shift"):
            ask(asked=None)
        with pytest.raises(ValidationError, match="not, or no longer, all the shift of Erin"):
            ask(asked=in_oro.erin)
        with pytest.raises(ValidationError, match="not, or no longer, all the shift of Dan"):
            ask(in_return=actions.InReturn(1, TUESDAY, THURSDAY))
        with pytest.raises(ValidationError, match="over already"):
            ask(in_return=actions.InReturn(1, NINE - DAY, NINE))

    def test_offers_the_shifts_of_colleagues_that_are_to_come(self, in_oro: Desk, rota: Rota) -> None:
        offered = shifts_on_offer(rota, in_oro.carol, NOON, until=NOON + 4 * DAY)
        assert [(each.person.name, each.layer, each.start) for each in offered if each.layer == 1] == [
            ("Dan", 1, TUESDAY),
            ("Dan", 1, THURSDAY),
        ]
        assert {each.person.name for each in offered} == {"Dan", "Erin"}


class TestAgreeing:
    def test_both_change_hands_at_once_and_both_are_on_record(self, in_oro: Desk, rota: Rota, ask: Ask) -> None:
        swap = actions.take(ask(), by=in_oro.dan, at=NOON)
        assert first_on(rota, TUESDAY, WEDNESDAY, THURSDAY) == ["Carol", "Dan", "Dan"]
        other = Swap.objects.get(in_return_for=swap)
        assert (other.giver, other.taker, other.state) == (in_oro.dan, in_oro.carol, SwapState.TAKEN)
        assert audited()[-3:] == ["swap.asked", "swap.taken", "swap.taken"]
        assert told(in_oro.carol) == [
            "Dan swaps with you: they take Support · 1, Wed 4 Mar, 11:00 EET to Thu 5 Mar, 11:00 EET; "
            "you take Tue 3 Mar, 11:00 EET to Wed 4 Mar, 11:00 EET"
        ]
        assert requests_of(in_oro.carol, NOON) == requests_of(in_oro.dan, NOON) == [swap], "it is one"

    def test_is_for_who_was_asked(self, in_oro: Desk, ask: Ask) -> None:
        swap = ask()
        with pytest.raises(PermissionDenied):
            actions.take(swap, by=in_oro.erin, at=NOON)

    def test_of_what_runs_takes_what_is_left(self, in_oro: Desk, rota: Rota, ask: Ask) -> None:
        actions.take(ask(), by=in_oro.dan, at=TUESDAY + HOUR)
        assert first_on(rota, TUESDAY, TUESDAY + HOUR, WEDNESDAY) == ["Dan", "Carol", "Dan"]

    def test_is_too_late_when_either_is_over(self, in_oro: Desk, ask: Ask) -> None:
        swap = ask()
        assert requests_for(in_oro.dan, WEDNESDAY) == []
        with pytest.raises(ValidationError, match="Your shift that was asked for in return is over"):
            actions.take(swap, by=in_oro.dan, at=WEDNESDAY)

    def test_leaves_both_when_one_is_no_longer_theirs(self, in_oro: Desk, rota: Rota, ask: Ask) -> None:
        swap = ask()
        actions.cover(
            rota, layer_key=1, person=in_oro.erin, starts_at=TUESDAY, ends_at=WEDNESDAY, by=in_oro.erin, at=NOON
        )
        with pytest.raises(ValidationError, match="no longer your shift"):
            actions.take(swap, by=in_oro.dan, at=NOON)
        swap.refresh_from_db()
        assert swap.state == SwapState.OPEN
        assert first_on(rota, TUESDAY, WEDNESDAY) == ["Erin", "Carol"]

    def test_waits_while_the_other_shift_is_offered_elsewhere(self, in_oro: Desk, rota: Rota, ask: Ask) -> None:
        swap = ask()
        elsewhere = actions.ask(
            rota, layer_key=1, starts_at=TUESDAY, ends_at=WEDNESDAY, asked=None, by=in_oro.dan, at=NOON
        )
        with pytest.raises(ValidationError, match="Withdraw that first"):
            actions.take(swap, by=in_oro.dan, at=NOON)
        actions.withdraw(elsewhere, by=in_oro.dan, at=NOON)
        actions.take(swap, by=in_oro.dan, at=NOON)
        assert first_on(rota, TUESDAY, WEDNESDAY) == ["Carol", "Dan"]

    def test_what_was_swapped_can_be_given_on(self, in_oro: Desk, rota: Rota, ask: Ask) -> None:
        """Dan took it by a swap himself, asked for after Carol asked him."""
        swap = actions.take(ask(), by=in_oro.dan, at=NOON)
        on = actions.ask(rota, layer_key=1, starts_at=TUESDAY, ends_at=WEDNESDAY, asked=None, by=in_oro.carol, at=NOON)
        actions.take(on, by=in_oro.erin, at=NOON)
        assert first_on(rota, TUESDAY, WEDNESDAY) == ["Erin", "Dan"]
        with pytest.raises(ValidationError, match="given on"):
            actions.give_back(swap, by=in_oro.dan, at=NOON)

    def test_across_layers(self, in_oro: Desk, rota: Rota, ask: Ask) -> None:
        swap = ask(asked=in_oro.erin, in_return=actions.InReturn(2, WEDNESDAY, THURSDAY))
        assert "they take Support · 2, Wed" in told(in_oro.erin)[0]
        actions.take(swap, by=in_oro.erin, at=NOON)
        assert people_on_call(rota, WEDNESDAY) == (in_oro.erin, in_oro.carol)


class TestNotAgreeing:
    def test_declined(self, in_oro: Desk, rota: Rota, ask: Ask) -> None:
        actions.decline(ask(), by=in_oro.dan, at=NOON, answer="Exams")
        assert told(in_oro.carol)[0].startswith("Dan cannot swap Support · 1, Wed 4 Mar")
        assert first_on(rota, TUESDAY, WEDNESDAY) == ["Dan", "Carol"]

    def test_withdrawn(self, in_oro: Desk, rota: Rota, ask: Ask) -> None:
        swap = ask()
        actions.withdraw(swap, by=in_oro.carol, at=NOON)
        assert told(in_oro.dan)[-1].startswith("No longer offered: Support · 1, Wed 4 Mar")
        with pytest.raises(ValidationError, match="Carol withdrew"):
            actions.take(swap, by=in_oro.dan, at=NOON)
        assert not Swap.objects.filter(in_return_for__isnull=False).exists()


class TestUndoing:
    @pytest.mark.parametrize("half", ["asked for", "in return"])
    @pytest.mark.parametrize("who", ["carol", "dan"])
    def test_by_either_undoes_both(self, in_oro: Desk, rota: Rota, ask: Ask, half: str, who: str) -> None:
        swap = actions.take(ask(), by=in_oro.dan, at=NOON)
        given = swap if half == "asked for" else Swap.objects.get(in_return_for=swap)
        by = getattr(in_oro, who)
        for _ in range(2):
            actions.give_back(given, by=by, at=NOON)
        assert first_on(rota, TUESDAY, WEDNESDAY) == ["Dan", "Carol"]
        assert set(Swap.objects.values_list("state", flat=True)) == {SwapState.RETURNED}
        other = in_oro.dan if who == "carol" else in_oro.carol
        assert [each for each in told(other) if each.startswith("Swapped back: Support · 1, Wed 4 Mar")] != []
        assert audited().count("swap.given_back") == 2

    def test_is_not_for_others(self, in_oro: Desk, ask: Ask) -> None:
        swap = actions.take(ask(), by=in_oro.dan, at=NOON)
        with pytest.raises(PermissionDenied):
            actions.give_back(swap, by=factories.StaffFactory.create(role=Role.AGENT), at=NOON)

    def test_once_one_has_begun_is_for_a_lead_who_undoes_what_is_left(self, in_oro: Desk, rota: Rota, ask: Ask) -> None:
        swap = actions.take(ask(), by=in_oro.dan, at=NOON)
        with pytest.raises(ValidationError, match="has begun"):
            actions.give_back(swap, by=in_oro.carol, at=TUESDAY)
        actions.give_back(swap, by=in_oro.erin, at=WEDNESDAY - HOUR)
        assert first_on(rota, TUESDAY, WEDNESDAY - HOUR, WEDNESDAY) == ["Carol", "Dan", "Carol"]

    def test_by_a_lead_when_one_is_over_undoes_the_other(self, in_oro: Desk, rota: Rota, ask: Ask) -> None:
        swap = actions.take(ask(), by=in_oro.dan, at=NOON)
        actions.give_back(swap, by=in_oro.erin, at=WEDNESDAY)
        assert first_on(rota, TUESDAY, WEDNESDAY) == ["Carol", "Carol"]
        assert told(in_oro.dan)[-1].startswith("Given back: Support · 1, Wed 4 Mar")


class TestWhatTheDatabaseRefuses:
    def test_half_of_a_return(self, ask: Ask) -> None:
        swap = ask()
        for field in ("return_layer_key", "return_starts_at", "return_ends_at", "asked"):
            with pytest.raises(IntegrityError, match="swap_return_is_whole"), transaction.atomic():
                Swap.objects.filter(pk=swap.pk).update(**{field: None})

    def test_a_return_that_nobody_took_or_that_comes_twice(self, in_oro: Desk, ask: Ask) -> None:
        swap = actions.take(ask(), by=in_oro.dan, at=NOON)
        other = Swap.objects.get(in_return_for=swap)
        with pytest.raises(IntegrityError, match="swap_in_return_is_taken"), transaction.atomic():
            Swap.objects.filter(pk=other.pk).update(state=SwapState.OPEN, taker=None, taken_at=None)
        other.pk, other.starts_at, other.ends_at = None, THURSDAY, THURSDAY + HOUR
        with pytest.raises(IntegrityError, match="swap_in_return_once"), transaction.atomic():
            other.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_answer_at_once_one_counts() -> None:
    """Dan agrees while Carol withdraws: both shifts change hands, or neither."""
    desk = make_desk("orocloud")
    with vendor_scope(desk.vendor):
        rota = rota_row()
        version_row(rota, [desk.carol, desk.dan])
        swap = actions.ask(
            rota,
            layer_key=1,
            starts_at=WEDNESDAY,
            ends_at=THURSDAY,
            asked=desk.dan,
            in_return=DANS,
            by=desk.carol,
            at=NOON,
        )
    together, outcomes = Barrier(2), []

    def answer(action: Callable[..., object], by: Membership) -> None:
        try:
            together.wait(10)
            with vendor_scope(desk.vendor):
                action(swap, by=by, at=NOON)
            outcomes.append(by.name)
        except ValidationError:
            outcomes.append("too late")
        finally:
            connection.close()

    threads = [Thread(target=answer, args=each) for each in ((actions.take, desk.dan), (actions.withdraw, desk.carol))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with vendor_scope(desk.vendor):
        expected = {"Dan": ["Carol", "Dan"], "Carol": ["Dan", "Carol"]}
        [winner] = set(outcomes) - {"too late"}
        assert first_on(rota, TUESDAY, WEDNESDAY) == expected[winner]
