"""`manage.py backtest` prints how the past would have gone under an edited contract file, and changes nothing."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import override_settings

from plans.contract import write
from sla.management.commands.backtest import Bar
from sla.models import Backtest
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers import heartbeats
from tests.cast import Desk, contract_of
from tests.sla.test_backtest import AT
from tests.sla.test_preview import edited, kyiv
from tests.sla.test_reactions import filed
from tickets import actions


@pytest.fixture
def past(oro: Desk) -> Desk:
    with vendor_scope(oro.vendor):
        ticket = filed(oro, "P3", kyiv("2 10:00"))
        actions.reply(ticket, by=oro.carol, at=kyiv("2 15:00"), body="Have you tried the new release?")
        filed(oro, "P1", kyiv("14 10:00"))
    return oro


@pytest.fixture
def tighter(tmp_path: Path) -> str:
    file = tmp_path / "orocloud.yaml"
    contract, _ = contract_of("orocloud")
    file.write_text(write(edited(contract, P3="4 business hours")), encoding="utf-8")
    return str(file)


def backtest(*args: str) -> str:
    out = StringIO()
    with time_machine.travel(AT, tick=False):
        call_command("backtest", *args, "--jobs", "1", stdout=out)
    return out.getvalue()


def test_the_table_says_what_was_kept_and_what_would_have_been(past: Desk, tighter: str) -> None:
    lines = [" ".join(line.split()) for line in backtest(tighter, "--from", "2026-03-01").splitlines()]
    assert lines[0] == (
        "Clocks started from Sun 1 Mar 2026 00:00 to Tue 17 Mar 2026 00:00 (Europe/Kyiv), 2 tickets; "
        "left as it was, right under the draft."
    )
    assert lines[3:5] == [
        "Enterprise P1 first response 0 % 0 0 1 0 0 % 0 0 1 0",
        "Enterprise P3 first response 100 % 1 0 0 0 0 % 0 1 0 0",
    ]
    assert lines[6:] == [
        "1 clock would stand otherwise:",
        "#1 P3 first response: met → late (due Thu 5 Mar 2026 10:00 → Mon 2 Mar 2026 14:00)",
    ]


def test_json_has_the_cells_and_the_flips(past: Desk, tighter: str) -> None:
    answer = json.loads(backtest(tighter, "--from", "2026-03-01", "--to", "2026-03-08", "--json"))
    assert (answer["from"], answer["to"]) == ("2026-03-01T00:00:00+02:00", "2026-03-09T00:00:00+02:00")
    (cell,) = answer["cells"]
    assert (cell["priority"], cell["now"]["share"], cell["then"]["share"]) == ("P3", 1.0, 0.0)
    assert answer["flips"] == [
        {
            "ticket": 1,
            "plan": "Enterprise",
            "priority": "P3",
            "metric": "first_response",
            "audience": "contract",
            "started_at": "2026-03-02T08:00:00Z",
            "now": "met",
            "then": "late",
            "now_due_at": "2026-03-05T08:00:00Z",
            "then_due_at": "2026-03-02T12:00:00Z",
        }
    ]


def test_the_bar_is_for_terminals(past: Desk, tighter: str, capsys: pytest.CaptureFixture[str]) -> None:
    backtest(tighter)
    assert capsys.readouterr().err == ""
    backtest(tighter, "--progress")
    assert "2 of 2 tickets" in capsys.readouterr().err


def test_the_bar_says_how_much_is_left() -> None:
    stream = StringIO()
    bar = Bar(stream, is_shown=True)
    with time_machine.travel(AT, tick=False):
        bar(250, 1000)
    assert stream.getvalue().startswith("\r[███████·······················] 250 of 1,000 tickets, 0:00:0")


@override_settings(REDIS_URL="redis://broker.example/0")
def test_several_workers_share_the_work_and_a_broken_wait_leaves_nothing(
    past: Desk, tighter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    heartbeats.beat("one", 0, None)
    heartbeats.beat("two", 0, None)

    def interrupted(seconds: float) -> None:
        with vendor_scope(past.vendor):
            assert Backtest.objects.count() == 1
        raise KeyboardInterrupt

    monkeypatch.setattr("sla.management.commands.backtest.time.sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        call_command("backtest", tighter, "--from", "2026-03-01")
    with vendor_scope(past.vendor):
        assert not Backtest.objects.exists()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--from", "yesterday"), "expected a date such as 2026-03-09"),
        (("--from", "2026-03-09", "--to", "2026-03-08"), "is after"),
    ],
)
def test_what_cannot_be_answered_says_why(past: Desk, tighter: str, args: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        backtest(tighter, *args)


def test_a_vendor_that_is_not_loaded_has_no_past(past: Desk) -> None:
    with pytest.raises(CommandError, match="'drud' is not loaded"):
        backtest("contracts/drud.yaml")
