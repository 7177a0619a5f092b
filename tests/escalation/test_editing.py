"""The policy builder: what the form says is what the contract says, and what was seen is what is saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from escalation import actions
from escalation.models import Page
from escalation.policies import name_of
from escalation.policy_form import PolicyForm, StepForm, initial_of, offered, section_of, step_initial_of
from plans.contract import canonical
from plans.contract.edit import with_policies
from plans.contract.paging import PolicySection
from plans.models import ContractVersion
from plans.queries import current_contract
from supportdesk.accounts.models import AuditEntry
from tests.cast import CONTRACTS, Desk, contract_of
from tests.escalation.nights import MINUTE, NIGHT, filed, live, page_of, told
from tests.escalation.test_views import as_

NAMED = [
    pytest.param(path.stem, place, id=f"{path.stem}-{policy.slug}")
    for path in sorted(CONTRACTS.glob("*.yaml"))
    for place, policy in enumerate((contract_of(path.stem)[0].escalation or pytest.fail("no policies")).policies)
]


def as_posted(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """The form's values as a browser sends them."""
    name = f"{prefix}-" if prefix else ""
    return {f"{name}{key}": value for key, value in values.items() if value not in (None, "", [], False)}


def posted(policy: PolicySection) -> dict[str, Any]:
    data = as_posted(initial_of(policy))
    for place, step in enumerate(policy.steps):
        data |= as_posted(step_initial_of(step), f"step-{place}")
    return data | {"row": [str(place) for place in range(len(policy.steps))]}


@pytest.mark.parametrize(("vendor", "place"), NAMED)
def test_every_policy_of_the_contracts_passes_through_the_form_unchanged(vendor: str, place: int) -> None:
    contract, _ = contract_of(vendor)
    assert contract.escalation is not None
    policy = contract.escalation.policies[place]
    have = offered(contract, rotas=[], people=[], services=[], policy=policy)
    form = PolicyForm(as_posted(initial_of(policy)), offered=have)
    rows = [StepForm(as_posted(step_initial_of(step)), offered=have) for step in policy.steps]
    assert form.is_valid(), form.errors
    assert all(row.is_valid() for row in rows), [row.errors for row in rows]
    section = section_of(form.cleaned_data, [row.cleaned_data for row in rows], kept=policy)
    with_it = with_policies(contract, [section])
    assert with_it.escalation is not None
    (written,) = with_it.escalation.policies
    explicit = {"by": ["inbox", "email"]}
    assert [step.model_dump() | ({} if step.by else explicit) for step in policy.steps if step.verb == "notify"] == [
        step.model_dump() for step in written.steps if step.verb == "notify"
    ]
    assert written.model_dump(exclude={"steps"}) == policy.model_dump(exclude={"steps"})


class TestSaving:
    def policy(self) -> PolicySection:
        contract = current_contract()
        assert contract is not None
        assert contract.escalation is not None
        return contract.escalation.policies[0]

    def send(self, client: Client, data: dict[str, Any], path: str = "urgent-and-high/edit/") -> Any:
        return client.post(f"/drud/desk/policies/{path}", data)

    def test_shows_first_what_it_comes_to(self, drud: Desk) -> None:
        filed(drud, "Urgent", NIGHT)
        erin, data = as_(drud.erin), posted(self.policy()) | {"name": "Wake them", "dry-moment": "2026-03-03T02:10"}
        before = ContractVersion.objects.count()
        shown = self.send(erin, data | {"do": "save"})
        assert shown.status_code == 200
        assert "Dan by inbox, e-mail and text message" in shown.content.decode()
        assert ContractVersion.objects.count() == before
        seen = _seen(shown.content.decode())
        saved = self.send(erin, data | {"do": "save", "seen": seen})
        assert saved.headers["Location"] == "/drud/desk/policies/urgent-and-high/"
        assert self.policy().name == "Wake them"
        assert self.policy().source is not None
        assert AuditEntry.objects.filter(action="escalation.policy").get().by == drud.erin

    def test_what_was_changed_since_is_shown_again(self, drud: Desk) -> None:
        erin, data = as_(drud.erin), posted(self.policy())
        seen = _seen(self.send(erin, data | {"do": "try"}).content.decode())
        again = self.send(erin, data | {"do": "save", "seen": seen, "name": "Something else"})
        assert again.status_code == 200
        assert self.policy().name == "Urgent and High"

    def test_rows_are_added_moved_and_removed(self, drud: Desk) -> None:
        erin, data = as_(drud.erin), posted(self.policy())
        count = len(self.policy().steps)
        for do, rows in (("add", count + 1), ("remove-0", count - 1), ("up-1", count), ("down-0", count)):
            answer = self.send(erin, data | {"do": do})
            assert answer.status_code == 200
            assert answer.content.decode().count('name="row"') == rows, do

    def test_faults_stand_next_to_their_step(self, drud: Desk) -> None:
        erin, data = as_(drud.erin), posted(self.policy())
        answer = self.send(erin, data | {"step-2-minutes": "", "do": "try"})
        assert answer.status_code == 422
        assert "Needed for this step." in answer.content.decode()
        answer = self.send(erin, data | {f"step-{len(self.policy().steps) - 1}-repeat_from": "30", "do": "try"})
        assert answer.status_code == 422
        assert "to name a step before" in answer.content.decode()

    def test_a_new_one(self, drud: Desk) -> None:
        erin = as_(drud.erin)
        assert erin.get("/drud/desk/policies/new/").status_code == 200
        data = {
            "name": "Low, by day",
            "when": ["opened"],
            "priorities": ["Low"],
            "until": "answered",
            "fallback": ["leads"],
            "row": ["0"],
            "step-0-verb": "notify",
            "step-0-notify": ["leads"],
            "step-0-by": ["inbox"],
        }
        seen = _seen(self.send(erin, data | {"do": "try"}, "new/").content.decode())
        assert self.send(erin, data | {"do": "save", "seen": seen}, "new/").status_code == 302
        page = page_of(filed(drud, "Low"))
        live(NIGHT + MINUTE)
        assert {name for _, name, _ in told(page)} == {"Dan", "Erin"}
        assert "already" in self.send(erin, data | {"do": "try"}, "new/").content.decode()

    def test_is_for_admins(self, drud: Desk) -> None:
        with pytest.raises(PermissionDenied):
            actions.switch_policy("urgent-and-high", on=False, by=drud.dan, at=NIGHT)
        assert "Edit" not in as_(drud.dan).get("/drud/desk/policies/").content.decode().split("<main")[1]

    def test_is_not_there_for_leads(self, drud: Desk) -> None:
        assert as_(drud.dan).get("/drud/desk/policies/urgent-and-high/edit/").status_code == 403


def _seen(html: str) -> str:
    return html.split('name="seen" value="')[1].split('"', maxsplit=1)[0]


class TestTheList:
    def test_switching_off_opens_nothing_new_and_lets_what_is_open_run(self, drud: Desk) -> None:
        page = page_of(filed(drud, "Urgent"))
        live(NIGHT + MINUTE)
        as_(drud.erin).post("/drud/desk/policies/urgent-and-high/switch/", {"on": "no"})
        assert not Page.objects.filter(ticket=filed(drud, "Urgent")).exists()
        live(NIGHT + 6 * MINUTE)
        assert told(page)[-1] == (5, "Dan", "voice")
        as_(drud.erin).post("/drud/desk/policies/urgent-and-high/switch/", {"on": "yes"})
        assert Page.objects.filter(ticket=filed(drud, "Urgent")).exists()

    def test_open_pages_run_on_under_the_version_they_started_with(self, drud: Desk) -> None:
        page = page_of(filed(drud, "Urgent"))
        live(NIGHT + MINUTE)
        actions.save_policy(
            {"slug": "urgent-and-high", "name": "New", "when": ["opened"], "steps": [{"notify": ["leads"]}]},
            by=drud.erin,
            at=NIGHT + MINUTE,
        )
        live(NIGHT + 11 * MINUTE)
        assert [name for _, name, _ in told(page)] == ["Dan", "Dan", "Carol"]
        assert name_of(page.contract_version_id, page.policy) == "Urgent and High"

    def test_removing_is_undone(self, drud: Desk) -> None:
        contract = current_contract()
        assert contract is not None
        erin = as_(drud.erin)
        answer = erin.post("/drud/desk/policies/waiting-room/removal/", follow=True)
        undo = answer.content.decode().split("/drud/desk/policies/restored/")[1].split("/")[0]
        assert erin.post(f"/drud/desk/policies/restored/{undo}/").status_code == 302
        again = current_contract()
        assert again is not None
        assert canonical(again) == canonical(contract)

    def test_moving(self, drud: Desk) -> None:
        as_(drud.erin).post("/drud/desk/policies/waiting-room/place/", {"to": "up"})
        contract = current_contract()
        assert contract is not None
        assert contract.escalation is not None
        assert [each.slug for each in contract.escalation.policies][:2] == ["waiting-room", "urgent-and-high"]
