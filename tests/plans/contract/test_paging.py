"""Escalation policies in the contract file: what they may say, and how a fault in one is named."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from plans.contract import ContractError, canonical, read, write
from tests.cast import CONTRACTS, contract_of

VENDORS = sorted(path.stem for path in CONTRACTS.glob("*.yaml"))


def problems(change: Any) -> list[str]:
    """What is wrong with Drud's contract once its first policy was changed."""
    document = canonical(contract_of("drud")[0])
    change(document["escalation"]["policies"][0], document)
    text = yaml.safe_dump(document, sort_keys=False)
    with pytest.raises(ContractError) as caught:
        read(text, file="drud.yaml")
    for problem in caught.value.problems:
        assert str(problem).startswith(f"drud.yaml:{problem.line}: escalation")
        assert problem.line > 1
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendors_policies_come_back_as_they_were_written(vendor: str) -> None:
    contract, _ = contract_of(vendor)
    assert contract.escalation is not None
    assert contract.escalation.policies
    again = read(write(contract), file="again.yaml")
    assert canonical(again) == canonical(contract)
    assert again.escalation == contract.escalation


def test_only_urgent_and_high_open_an_incident_in_victorops() -> None:
    contract, _ = contract_of("drud")
    assert contract.escalation is not None
    posting = [policy for policy in contract.escalation.policies if any(step.post for step in policy.steps)]
    assert [policy.slug for policy in posting] == ["urgent-and-high"]
    assert posting[0].only.pages
    assert [each.code for each in contract.priorities if each.pages] == ["Urgent", "High"]


def _set(key: str, value: Any) -> Any:
    def change(policy: dict[str, Any], document: dict[str, Any]) -> None:
        policy[key] = value

    return change


def _step(step: dict[str, Any]) -> Any:
    return _set("steps", [{"notify": ["leads"]}, step])


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        pytest.param(_set("when", ["openned"]), "when[0].trigger", "expected 'opened', 'warning'", id="trigger"),
        pytest.param(_set("when", ["unassigned"]), "when[0]", "expected 'after'", id="how long"),
        pytest.param(
            _set("when", [{"trigger": "opened", "after": "5 min"}]), "when[0]", "'after' for unassigned", id="at once"
        ),
        pytest.param(
            _set("when", [{"trigger": "opened", "of": ["resolution"]}]), "when[0]", "'of' and 'audience'", id="clocks"
        ),
        pytest.param(_set("only", {"priorities": ["Urgnt"]}), "only.priorities[0]", "did you mean 'Urgent'", id="code"),
        pytest.param(_set("only", {"teams": ["tier-2"]}), "only.teams[0]", "did you mean 'tier-two'", id="team"),
        pytest.param(_set("only", {"hours": {"open": "week"}}), "only.hours.open", "expected a calendar", id="hours"),
        pytest.param(_set("only", {"hours": {}}), "only.hours", "either 'open' or 'closed'", id="no hours"),
        pytest.param(_step({"notify": ["dan"]}), "steps[1].notify[0]", "expected whom to tell", id="whom"),
        pytest.param(_step({"notify": ["team:x"]}), "steps[1].notify[0]", "expected a team of this file", id="whose"),
        pytest.param(_step({"notify": ["director"]}), "steps[1].notify[0]", "'escalation.director'", id="no director"),
        pytest.param(_step({"hold": "nights"}), "steps[1].hold", "expected a calendar of this file", id="hold"),
        pytest.param(_step({"wait": "soon"}), "steps[1].wait", "expected a length of time", id="wait"),
        pytest.param(_step({"severity": "Awful"}), "steps[1].severity", "expected a severity", id="severity"),
        pytest.param(_step({"wait": "5 min", "post": "VictorOps"}), "steps[1]", "exactly one of", id="two verbs"),
        pytest.param(_step({"by": ["sms"]}), "steps[1]", "exactly one of", id="no verb"),
        pytest.param(_step({"wait": "5 min", "by": ["sms"]}), "steps[1]", "'by' beside 'notify'", id="belonging"),
        pytest.param(_step({"notify": ["leads"], "by": ["fax"]}), "steps[1].by[0]", "'inbox', 'email'", id="channel"),
        pytest.param(_step({"repeat_from": 2}), "policies[0]", "a step before step 2", id="forwards"),
        pytest.param(_step({"notfy": ["leads"]}), "steps[1].notfy", "did you mean 'notify'", id="misspelt"),
        pytest.param(_set("fallback", []), "fallback", "at least one", id="no fallback"),
        pytest.param(_set("slug", "waiting-room"), "policies[1].slug", "each policy once", id="twice"),
    ],
)
def test_a_fault_is_named_with_its_line_and_place(change: Any, where: str, what: str) -> None:
    said = problems(change)
    assert any(where in each and what in each for each in said), said


@pytest.mark.parametrize("bridge", ["http://meet.example/", "meet", "https://meet.example/{room}"])
def test_a_bridge_is_an_https_address(bridge: str) -> None:
    def change(policy: dict[str, Any], document: dict[str, Any]) -> None:
        document["escalation"]["bridge"] = bridge

    assert any("escalation.bridge" in each for each in problems(change))


def test_a_keyword_says_how_customers_escalate() -> None:
    def change(policy: dict[str, Any], document: dict[str, Any]) -> None:
        document["escalation"]["keyword"] = "REDPHONE"

    assert any("'text' and 'source'" in each for each in problems(change))
