"""`manage.py preview` prints what an edit would move, and writes nothing."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from plans.contract import write
from plans.contract.edit import with_holidays
from plans.models import ContractVersion
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import Desk, contract_of
from tests.sla.test_preview import FRIDAY, NEXT_MONDAY, kyiv
from tests.sla.test_reactions import filed


@pytest.fixture
def on_friday(oro: Desk) -> Desk:
    with vendor_scope(oro.vendor):
        filed(oro, "P3", kyiv("6 10:00"))
        filed(oro, "P1", kyiv("6 11:00"))
    return oro


def preview(*args: str) -> str:
    out = StringIO()
    with time_machine.travel(FRIDAY, tick=False):
        call_command("preview", *args, stdout=out)
    return out.getvalue()


def test_a_holiday_on_a_calendar(on_friday: Desk) -> None:
    printed = preview("orocloud", "--holiday", "2026-03-09=Women's Day", "--calendar", "business-hours").splitlines()
    assert printed[0].split() == ["ticket", "plan", "priority", "clock", "due", "now", "due", "then"]
    assert " ".join(printed[1].split()) == (
        "#1 Enterprise P3 first response Wed 11 Mar 2026 10:00 Thu 12 Mar 2026 10:00"
    )
    assert printed[3] == "1 clock of 1 ticket would change, among 2 open tickets under terms that would."
    assert printed[5] == "Instants are in Europe/Kyiv."


def test_an_edited_file_as_json(on_friday: Desk, tmp_path: Path) -> None:
    file = tmp_path / "orocloud.yaml"
    contract, _ = contract_of("orocloud")
    file.write_text(write(with_holidays(contract, "business-hours", {NEXT_MONDAY: "Women's Day"})), encoding="utf-8")
    answer = json.loads(preview(str(file), "--json"))
    assert (answer["clocks_moved"], answer["tickets_moved"], answer["becoming_breached"]) == (1, 1, 0)
    assert answer["clocks"] == [
        {
            "ticket": 1,
            "plan": "Enterprise",
            "metric": "first_response",
            "audience": "contract",
            "priority": "P3",
            "change": "moves",
            "old_due_at": "2026-03-11T08:00:00Z",
            "new_due_at": "2026-03-12T08:00:00Z",
            "is_paused": False,
            "becomes_breached": False,
            "is_rescued": False,
        }
    ]


def test_the_loaded_file_moves_nothing(on_friday: Desk) -> None:
    assert preview("contracts/orocloud.yaml").startswith("No clock moves")


def test_loading_the_file_afterwards_says_what_it_moved(on_friday: Desk, tmp_path: Path) -> None:
    file = tmp_path / "orocloud.yaml"
    contract, _ = contract_of("orocloud")
    file.write_text(write(with_holidays(contract, "business-hours", {NEXT_MONDAY: "Women's Day"})), encoding="utf-8")
    out = StringIO()
    with time_machine.travel(FRIDAY, tick=False):
        call_command("contract", "load", str(file), stdout=out)
    assert "orocloud: 2 open tickets under the new terms, 1 clock moved" in out.getvalue()
    with vendor_scope(on_friday.vendor):
        assert ContractVersion.objects.count() == 2
    assert preview(str(file)).startswith("No clock moves")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("nobody", "--holiday", "2026-03-09", "--calendar", "business-hours"), "There is no vendor 'nobody'"),
        (("orocloud", "--holiday", "2026-03-09"), "say which: around-the-clock, business-hours"),
        (("orocloud", "--holiday", "Monday", "--calendar", "business-hours"), "expected a date such as 2026-03-09"),
        (("orocloud", "--holiday", "2026-03-09", "--calendar", "weekends"), "has no calendar 'weekends'"),
        (("orocloud.yaml", "--calendar", "business-hours"), "--calendar needs --holiday"),
        (("no-such-file.yaml",), "expected a readable file"),
    ],
)
def test_what_cannot_be_answered_says_why(on_friday: Desk, args: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        preview(*args)


def test_a_desk_without_tickets(oro: Desk) -> None:
    assert preview("contracts/orocloud.yaml") == "No clock moves (0 open tickets under terms that would change).\n"
