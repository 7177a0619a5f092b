"""What services report of incidents comes back to their pages."""

from __future__ import annotations

import pytest

from escalation import actions
from escalation.listening import hear
from escalation.models import PageState
from supportdesk.notifications import inbound
from supportdesk.notifications.inbound import Report
from tests.cast import Desk
from tests.escalation.nights import MINUTE, NIGHT, filed, history, kinds, live, page_of


def test_an_acknowledgement_there_is_one_here(drud: Desk) -> None:
    page = page_of(filed(drud, "Urgent"))
    live(NIGHT + MINUTE)
    report = Report(page.incident_key, "acknowledge", "dan.novak")
    inbound.hear([report, report], at=NIGHT + 2 * MINUTE)
    page.refresh_from_db()
    assert (page.state, page.acknowledged_by, page.answered_by) == (PageState.ACKNOWLEDGED, None, "dan.novak")
    assert kinds(page).count("acknowledged") == 1
    assert history(page)[-1].data["by_what"] == "service"


def test_a_resolution_there_is_one_here(drud: Desk) -> None:
    page = page_of(filed(drud, "Urgent"))
    inbound.hear([Report(page.incident_key, "resolve", "")], at=NIGHT + MINUTE)
    page.refresh_from_db()
    assert page.state == PageState.RESOLVED


def test_who_was_quicker_here_stays(drud: Desk) -> None:
    page = page_of(filed(drud, "Urgent"))
    actions.acknowledge(page, by=drud.carol, at=NIGHT)
    inbound.hear([Report(page.incident_key, "acknowledge", "dan.novak")], at=NIGHT + MINUTE)
    page.refresh_from_db()
    assert page.acknowledged_by == drud.carol


@pytest.mark.parametrize("key", ["page-999999", "page-", "page-x", "ticket-1", ""])
def test_what_is_none_of_ours_is_passed_over(drud: Desk, key: str) -> None:
    hear(incident_key=key, action="acknowledge", author="x", at=NIGHT)


def test_what_is_over_stays_over(drud: Desk) -> None:
    page = page_of(filed(drud, "Urgent"))
    actions.resolve(page, by=drud.carol, at=NIGHT)
    inbound.hear([Report(page.incident_key, "acknowledge", "x"), Report(page.incident_key, "reopen", "x")], at=NIGHT)
    page.refresh_from_db()
    assert page.state == PageState.RESOLVED
