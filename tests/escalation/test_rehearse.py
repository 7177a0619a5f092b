"""`manage.py rehearse`, and what a rehearsal answers."""

from __future__ import annotations

from datetime import time, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from escalation.ladder import Deed, Landing, Notify, Post, Reached, Standing
from escalation.models import Page
from escalation.rehearsal import Woken, first_woken
from supportdesk.notifications.models import Preference
from supportdesk.timers.models import Timer
from tests.cast import Desk
from tests.escalation.nights import NIGHT, filed


def said(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("rehearse", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_says_who_would_be_woken_when_by_what_and_why(drud: Desk) -> None:
    ticket = filed(drud, "Urgent")
    timers = Timer.objects.count()
    lines = said("drud", str(ticket.number), "--at", NIGHT.isoformat())
    assert lines[0].startswith("Urgent and High (urgent-and-high): A ticket is opened; for priorities that wake people")
    assert lines[1] == "  Tue 2026-03-03 02:10:00 MST  Incident in VictorOps (no such service is set up)"
    why = "on call: DDEV Live on-call"
    assert lines[2] == f"  Tue 2026-03-03 02:10:00 MST  Dan by inbox, e-mail and text message ({why})"
    assert lines[3] == f"  Tue 2026-03-03 02:15:00 MST  Dan by phone call ({why})"
    assert lines[4].startswith("  Tue 2026-03-03 02:20:00 MST  Carol by inbox, e-mail, text message and phone call")
    assert (Page.objects.count(), Timer.objects.count()) == (1, timers), "nothing is written"


def test_quiet_hours_hold_for_all_but_the_most_urgent(drud: Desk) -> None:
    Preference.objects.create(membership=drud.dan, quiet_from=time(0), quiet_to=time(23, 59))
    urgent, high = filed(drud, "Urgent"), filed(drud, "High")
    at = ["--policy", "urgent-and-high", "--at", NIGHT.isoformat()]
    assert "Dan by inbox, e-mail and text message" in said("drud", str(urgent.number), *at)[2]
    lines = said("drud", str(high.number), *at)
    assert "Dan by inbox and e-mail" in lines[2]
    assert "quiet hours of Dan, nobody waits for them" in lines[2]
    assert "02:10:00 MST  Carol" in lines[3], "the next one is told at once"


def test_by_a_policy_that_is_not_for_it(drud: Desk) -> None:
    lines = said("drud", str(filed(drud, "Urgent").number), "--policy", "waiting-room")
    assert lines[1] == "  not for this ticket; if somebody paged by hand:"


def test_who_is_woken_first() -> None:
    telling, hour = Notify(("leads",), ("inbox",)), timedelta(hours=1)
    dan = Reached("member-1", "Dan", "leads the desk", ("inbox",))
    asleep = Reached("member-2", "Erin", "leads the desk", ("inbox",), is_quiet=True)
    lost, posted = Deed(1, Post("Opsgenie"), is_missing=True), Deed(0, Post("VictorOps"))

    def landing(number: int, *deeds: Deed) -> Landing:
        return Landing(NIGHT + number * hour, deeds, Standing(), None)

    nobody = landing(0, Deed(0, telling), Deed(0, telling, (asleep,)), lost)
    assert first_woken([]) is first_woken([nobody]) is None
    both = landing(1, posted, Deed(1, telling, (dan, asleep)), Deed(2, telling, (dan,)))
    assert first_woken([nobody, both, landing(2, posted)]) == Woken(NIGHT + hour, "Dan and VictorOps")


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["nobody", "1"], "no vendor"),
        (["drud", "999"], "no ticket #999"),
        (["drud", "1", "--policy", "x"], "urgent-and-high, waiting-room"),
        (["drud", "1", "--at", "yesterday"], "an instant with its offset"),
    ],
)
def test_faults(drud: Desk, arguments: list[str], fault: str) -> None:
    filed(drud, "Low")
    with pytest.raises(CommandError, match=fault):
        said(*arguments)
