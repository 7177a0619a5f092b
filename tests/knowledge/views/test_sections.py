from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from supportdesk.accounts.models import Membership
from supportdesk.knowledge.models import Section
from supportdesk.tenancy.scope import vendor_scope
from tests.knowledge.conftest import Shelves

Visit = Callable[[Membership], Client]
SECTIONS = "/orocloud/desk/solutions/sections/"


def names(shelves: Shelves) -> list[str]:
    with vendor_scope(shelves.vendor):
        return [each.name for each in Section.objects.visible_to(shelves.dan)]


def test_leads_and_admins_manage_them_and_agents_do_not(shelves: Shelves, visit: Visit) -> None:
    assert visit(shelves.carol).get(SECTIONS).status_code == 403
    for who in (shelves.dan, shelves.erin):
        assert "Who can read it" in visit(who).get(SECTIONS).text


def test_added_moved_renamed_deleted(shelves: Shelves, visit: Visit) -> None:
    dan = visit(shelves.dan)
    dan.post(SECTIONS, {"name": "FAQ", "audience": "external"})
    assert names(shelves) == ["Guides", "How we work", "FAQ"]
    dan.post(f"{SECTIONS}faq/place/", {"move": "up"})
    assert names(shelves) == ["Guides", "FAQ", "How we work"]
    dan.post(f"{SECTIONS}faq/", {"name": "Questions", "audience": "internal"})
    assert names(shelves) == ["Guides", "Questions", "How we work"]
    dan.post(f"{SECTIONS}faq/removal/")
    assert names(shelves) == ["Guides", "How we work"]


def test_a_refused_one_says_why_beside_the_field(shelves: Shelves, visit: Visit) -> None:
    answer = visit(shelves.dan).post(SECTIONS, {"name": "guides", "audience": "external"})
    assert answer.status_code == 422
    assert "There is a section of this name already." in answer.text


def test_one_with_articles_stays_with_its_readers_and_on_the_page(shelves: Shelves, visit: Visit) -> None:
    with vendor_scope(shelves.vendor):
        shelves.add("Triage", section=shelves.inside)
    dan = visit(shelves.dan)
    path = f"{SECTIONS}how-we-work/"
    answer = dan.post(path, {"name": "How we work", "audience": "external"})
    assert "they would change their readers" in answer.text
    assert "Delete this section" not in dan.get(path).text
    assert "still has articles" in dan.post(f"{path}removal/", follow=True).text
