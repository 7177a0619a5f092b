from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.scope import vendor_scope
from tests.knowledge.conftest import Shelves

Visit = Callable[[Membership], Client]
SUGGESTIONS = "/orocloud/solutions/suggestions/"
PICKER = "/orocloud/desk/solutions/picker/"


@pytest.fixture
def stocked(shelves: Shelves) -> Shelves:
    with vendor_scope(shelves.vendor):
        shelves.add("Restoring [old] backups")
        shelves.add("Backup triage", section=shelves.inside)
    return shelves


def test_suggestions_follow_the_subject_by_either_name(stocked: Shelves, visit: Visit) -> None:
    for name in ("q", "subject"):
        page = visit(stocked.alice).get(SUGGESTIONS, {name: "Where is the backup of Monday"}).text
        assert "Restoring [old] backups" in page
        assert "Backup triage" not in page


def test_suggestions_are_nothing_when_none_is_near(stocked: Shelves, visit: Visit) -> None:
    for text in ("", "ba", "Invoice"):
        assert visit(stocked.alice).get(SUGGESTIONS, {"q": text}).text.strip() == ""


def test_the_picker_inserts_a_link_as_markdown(stocked: Shelves, visit: Visit) -> None:
    page = visit(stocked.carol).get(PICKER, {"q": "restoring"}).text
    address = "http://testserver/orocloud/solutions/articles/restoring-old-backups/"
    assert f'data-insert="[Restoring \\[old\\] backups]({address})"' in page


def test_the_picker_offers_internal_articles_to_notes_alone(stocked: Shelves, visit: Visit) -> None:
    carol = visit(stocked.carol)
    assert "Backup triage" not in carol.get(PICKER, {"q": "triage", "kind": "reply"}).text
    assert "No article that customers can read matches." in carol.get(PICKER, {"q": "triage"}).text
    assert "Backup triage" in carol.get(PICKER, {"q": "triage", "kind": "note"}).text


def test_the_picker_is_not_for_customers(stocked: Shelves, visit: Visit) -> None:
    assert visit(stocked.alice).get(PICKER).status_code == 403
