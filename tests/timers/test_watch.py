from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from pytest_django import Settings

from supportdesk.timers.management.commands import watch as command
from supportdesk.timers.watch import Watch, Word, look

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SILENT = "No worker's pump has been heard from for a minute."


def watched(*looks: tuple[int, str, int]) -> list[tuple[int, str]]:
    """Looks at so many seconds after noon, with a reason and how many timers are set aside; what was told when."""
    watch, told = Watch(began_at=NOON - timedelta(hours=1)), []
    for seconds, reason, set_aside in looks:
        watch, word = look(watch, reason=reason, oldest_due_seconds=61, set_aside=set_aside, at=NOON + seconds * SECOND)
        if word is not None:
            told.append((seconds, word.subject))
    return told


def test_while_all_is_well_nothing_is_said() -> None:
    assert watched(*((seconds, "", 0) for seconds in range(0, 7200, 10))) == []


def test_a_trouble_is_told_when_it_has_lasted_once_more_each_hour_and_its_end() -> None:
    looks = [(seconds, SILENT if seconds < 7000 else "", 0) for seconds in range(0, 7200, 10)]
    assert watched(*looks) == [
        (20, "supportdesk does not fire"),
        (3620, "supportdesk does not fire"),
        (7000, "supportdesk fires again"),
    ]


def test_a_hiccup_is_not() -> None:
    assert watched((0, SILENT, 0), (10, "", 0), (20, SILENT, 0), (30, "", 0)) == []


def test_timers_that_are_set_aside_are_told_of_once() -> None:
    assert watched((0, "", 0), (10, "", 2), (20, "", 2), (30, "", 3)) == [
        (10, "supportdesk has set timers aside"),
        (30, "supportdesk has set timers aside"),
    ]


def test_while_everything_starts_nothing_is_said() -> None:
    watch = Watch(began_at=NOON)
    for seconds in range(0, 60, 10):
        watch, word = look(watch, reason=SILENT, oldest_due_seconds=0, set_aside=0, at=NOON + seconds * SECOND)
        assert word is None


def test_operators_are_told_by_plain_e_mail(settings: Settings) -> None:
    settings.OPERATOR_EMAILS = ["ops@example.com"]
    assert command.tell(Word("supportdesk does not fire", SILENT))
    [message] = mail.outbox
    assert (message.to, message.subject) == (["ops@example.com"], "supportdesk does not fire")
    assert SILENT in message.body


def test_what_could_not_be_sent_is_tried_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise ConnectionRefusedError

    settings.OPERATOR_EMAILS = ["ops@example.com"]
    monkeypatch.setattr(command, "_mail", broken)
    assert not command.tell(Word("x", "y"))


def test_another_mail_server_can_be_named(settings: Settings) -> None:
    settings.WATCH_EMAIL_URL = "smtp+tls://ops:secret@mail.elsewhere.example:587"
    server = command._mail()
    assert (server.host, server.port, server.use_tls) == ("mail.elsewhere.example", 587, True)
