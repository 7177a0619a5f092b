"""What triage offers."""

from __future__ import annotations

import pytest

from plans.models import Priority
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk, make_desk
from tickets import actions
from tickets.models import Ticket
from tickets.triage import TriageForm, grades

pytestmark = pytest.mark.django_db


def _ticket(desk: Desk, code: str) -> Ticket:
    return actions.open_ticket(
        by=desk.alice, at=MONDAY, project=desk.project, priority=desk.priority(code), subject="Down", body="Down."
    )


def test_a_vendor_without_severities_grades_by_its_priorities(in_oro: Desk) -> None:
    offered = grades()
    assert [each.code for each in offered.severities] == [each.code for each in offered.priorities]


def test_a_vendor_with_severities_of_its_own_offers_those() -> None:
    with vendor_scope(make_desk("drud").vendor):
        offered = grades()
        assert {each.scheme.kind for each in offered.priorities} == {"priority"}
        assert offered.severities


def test_a_priority_retired_since_can_be_kept(in_oro: Desk) -> None:
    ticket = _ticket(in_oro, "P2")
    Priority.objects.filter(code="P2").update(retired_at=MONDAY)
    p2 = str(Priority.objects.get(code="P2").pk)
    data = {"triage-priority": p2, "triage-severity": "", "triage-team": ""}
    form = TriageForm(data, ticket=ticket, offered=grades())
    assert form.is_valid(), form.errors
    assert form.cleaned_data["priority"].code == "P2"
    assert form.cleaned_data["severity"] is None


def test_what_is_not_offered_is_refused(in_oro: Desk) -> None:
    ticket = _ticket(in_oro, "P2")
    form = TriageForm({"triage-priority": "999999"}, ticket=ticket, offered=grades())
    assert "priority" in form.errors
