"""`docs/conformance.md` tells the truth: what it names exists, and what the contracts say stands in it.

The rows that need no page of their own to be proved (definitions, statuses, categories) are walked here for all five.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from django.utils import timezone

from onboarding import launching
from plans.actions import subscribe
from plans.models import Category, Plan, Priority, StatusLabel
from plans.states import State
from supportdesk.accounts.models import Team, TeamMember
from supportdesk.notifications.models import Notice
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk, make_desk
from tests.tickets.pages import as_, page, text_of
from tickets import actions
from tickets.guidance import Rule, scheme_of
from tickets.models import Ticket

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "conformance.md"
VENDORS = ["platformsh-apps", "drud", "platformsh", "commercetools", "orocloud"]
CODE = re.compile(r"`([^`]+)`")
STEP = re.compile(r"\.?([a-zA-Z_][\w-]*)|\[([^\]]+)\]")
NAMING = ("slug", "code", "key")
LATER = re.compile(r"not yet \((?:3 engine|4 portal|5 desk|6 escalation|later: [a-z -]+)\)")


@cache
def chapters() -> dict[str, list[list[str]]]:
    """The table rows of the page by vendor: what the document says, where it lives, the proof."""
    parts = re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]
    return {re.findall(r"\(\.\./contracts/([\w-]+)\.yaml\)", part)[0]: _cells(part) for part in parts}


def _cells(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells if row[0] != "The document" and not set(row[0]) <= set("-|: ")]


def rows() -> list[list[str]]:
    return [row for chapter in chapters().values() for row in chapter]


@cache
def contract(vendor: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "contracts" / f"{vendor}.yaml").read_text())
    return read


def paths_named(vendor: str) -> list[str]:
    """Each path in the second column of its chapter, such as ``statuses.new``."""
    return [code for row in chapters()[vendor] for code in CODE.findall(row[1])]


def at(vendor: str, path: str) -> Any:
    """What stands there; an item of a list is named by its slug, code or key, or counted from 1.

    Raises LookupError where nothing does.
    """
    found: Any = contract(vendor)
    for name, item in STEP.findall(path):
        if name or isinstance(found, dict):
            found = found[name or item]
        elif item.isdecimal():
            found = found[int(item) - 1]
        else:
            found = next((each for each in found if item in (each.get(naming) for naming in NAMING)), None)
            if found is None:
                raise LookupError(f"{vendor}: nothing is called {item} in {path}")
    return found


@cache
def collected_in(path: str) -> frozenset[str]:
    """The tests of a file under ``tests/``, those of a class as ``Class::test``."""
    names = set()
    for node in ast.parse((ROOT / "tests" / path).read_text()).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return frozenset(name for name in names if name.rpartition("::")[2].startswith("test_"))


def test_every_row_has_three_cells_and_is_proved_or_says_who_will_do_it() -> None:
    assert list(chapters()) == VENDORS
    assert len(rows()) > 200
    for row in rows():
        assert len(row) == 3, row
        said = "::" in row[2] or LATER.search(row[2]) or row[2].startswith(("for people", "no rule"))
        assert said, row


def test_every_test_named_there_exists() -> None:
    named = {code for row in rows() for code in CODE.findall(row[2]) if "::" in code}
    assert len(named) > 50
    for code in named:
        path, _, name = code.partition("::")
        assert name in collected_in(path), code


def test_every_fault_test_stands_among_the_faults_and_every_test_named_there_exists() -> None:
    named = {code for code in CODE.findall((ROOT / "docs" / "faults.md").read_text()) if "::" in code}
    for code in named:
        path, _, name = code.partition("::")
        assert name in collected_in(path), code
    files = sorted((ROOT / "tests" / "faults").glob("test_*.py"))
    there = {f"faults/{file.name}::{name}" for file in files for name in collected_in(f"faults/{file.name}")}
    assert there <= named


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_contract_path_named_there_resolves(vendor: str) -> None:
    for path in paths_named(vendor):
        assert at(vendor, path) is not None, path


def test_later_is_said_in_the_same_words_everywhere() -> None:
    for row in rows():
        assert row[2].count("not yet") == len(LATER.findall(row[2])), row


def promised_in(vendor: str) -> Iterator[str]:
    """The path of everything in a contract that somebody could hold the vendor to."""
    read = contract(vendor)
    for section in ("teams", "calendars", "statuses"):
        yield from (f"{section}.{name}" for name in read[section])
    for section in read["priorities"]:
        yield f"priorities[{section['code']}]"
        yield from _counted(section, "criteria", f"priorities[{section['code']}].")
    for plan in read["plans"]:
        yield from _promised_by(plan)
    for checklist in read.get("onboarding", {}).get("checklists", ()):
        yield from _counted(checklist, "steps", f"onboarding.checklists[{checklist['slug']}].")
    for section, name in (
        ("", "categories"),
        ("", "offerings"),
        ("", "guides"),
        ("catalogue", "entries"),
        ("launch_notice", "metrics"),
        ("scope", "services"),
        ("scope", "exclusions"),
        ("intake", "fields"),
    ):
        items = (read.get(section, {}) if section else read).get(name, ())
        yield from (f"{section}.{name}[{_name(each)}]".lstrip(".") for each in items)
    yield from (f"intake.hints.{each}" for each in read.get("intake", {}).get("hints", ()))
    yield from (f"escalation.{each}" for each in ("keyword", "director") if each in read.get("escalation", {}))
    yield from (name for name in ("sharing", "triage", "follow_ups", "reopen") if name in read)


def _promised_by(plan: dict[str, Any]) -> Iterator[str]:
    here = f"plans[{plan['slug']}]."
    for kind in ("promises", "objectives"):
        for code, metrics in plan.get(kind, {}).items():
            yield from (f"{here}{kind}.{code}.{metric}" for metric in metrics)
    for name in ("channels", "features", "allowances"):
        yield from _counted(plan, name, here)
    yield from (f"{here}{name}" for name in ("availability", "success_engineer") if name in plan)


def _counted(section: dict[str, Any], name: str, here: str) -> Iterator[str]:
    return (f"{here}{name}[{number}]" for number, _ in enumerate(section.get(name, ()), 1))


def _name(item: dict[str, Any]) -> str:
    return next(str(item[naming]) for naming in NAMING if naming in item)


@pytest.mark.parametrize("vendor", VENDORS)
def test_everything_in_the_contract_has_its_row(vendor: str) -> None:
    named = paths_named(vendor)
    missing = [path for path in promised_in(vendor) if not any(_is_or_is_below(each, path) for each in named)]
    assert missing == []


def _is_or_is_below(path: str, of: str) -> bool:
    """A list may be named as a whole where its items carry no names of their own."""
    return path == of or path.startswith((f"{of}.", f"{of}[")) or path == re.sub(r"\[\d+\]$", "", of)


@pytest.mark.django_db
@pytest.mark.parametrize("vendor", VENDORS)
def test_every_definition_and_criterion_stands_on_the_form(vendor: str) -> None:
    """With the examples: what the documents print under each priority is read where the priority is chosen."""
    words = page(as_(make_desk(vendor).alice.user), f"/{vendor}/tickets/new/")
    for section in contract(vendor)["priorities"]:
        told = [section["definition"], *section.get("examples", ())]
        for group in section.get("criteria", ()):
            told += [group.get("text", "")]
            told += [each if isinstance(each, str) else each["text"] for each in group.get("any_of", ())]
        for each in told:
            assert _one_line(each) in words, (section["code"], each)


@pytest.mark.django_db
@pytest.mark.parametrize("vendor", [each for each in VENDORS if each != "commercetools"])
def test_every_criterion_is_asked_and_when_met_recommends_its_priority(vendor: str) -> None:
    """commercetools leaves its definitions to another agreement. What follows from a workaround alone is not asked, and
    stands under three priorities of Platform.sh: the most urgent is recommended."""
    desk = make_desk(vendor)
    alice = as_(desk.alice.user)
    tomorrow = (timezone.now() + timedelta(days=1)).date()
    with vendor_scope(desk.vendor):
        launching.announce(project=desk.project, planned_on=tomorrow, by=desk.alice, at=timezone.now())
        asked = Priority.objects.current().of_kind("priority")
        scheme = scheme_of((each.code, each.definition, each.criteria) for each in asked)
    followed: dict[str, str] = {}
    for grade in scheme:
        for rule in grade.rules:
            expected = followed.setdefault(rule.workaround, grade.code) if rule.is_implied else grade.code
            for key in [each.key for each in rule.conditions if not each.plan_feature]:
                html = _answered(alice, vendor, rule, key)
                assert (f'value="{key}"' in html) is not rule.is_implied
                assert f"We recommend {expected} " in text_of(html), (grade.code, rule)
    assert followed in ({}, {"temporary": "High"})


def _answered(client: Client, vendor: str, rule: Rule, key: str) -> str:
    """The form where this one thing is true, in an environment and with a workaround that the rule is for."""
    answers = {
        "environment": "staging" if rule.environment == "non-production" else "production",
        "workaround": "none" if rule.workaround == "any" else rule.workaround,
        "criteria": [] if rule.is_implied else [key],
    }
    return client.post(f"/{vendor}/tickets/new/choices/", answers).content.decode()


@pytest.mark.django_db
def test_functions_agreed_as_critical_to_business_are_choices_that_mean_p1() -> None:
    """Platform.sh: "Discuss critical-to-business functionality (helps to determine P1 criteria)"."""
    desk = make_desk("platformsh-apps")
    alice = as_(desk.alice.user)
    with vendor_scope(desk.vendor):
        launching.agree_functions(desk.project, ["Checkout"], by=desk.carol, at=MONDAY)
    words = _posted(alice, "/platformsh-apps/tickets/new/choices/", functions=["Checkout"])
    assert "Has one of these stopped?" in words
    assert "We recommend P1 " in words


@pytest.mark.django_db
@pytest.mark.parametrize("vendor", VENDORS)
def test_every_category_is_offered_with_its_own_questions(vendor: str) -> None:
    desk = make_desk(vendor)
    alice = as_(desk.alice.user)
    sections = contract(vendor).get("categories", [])
    asked_always = [each["label"] for each in contract(vendor).get("intake", {}).get("fields", ())]
    with vendor_scope(desk.vendor):
        offered = {category.name: category.pk for category in Category.objects.offered()}
    assert list(offered) == [section["name"] for section in sections]
    for section in sections:
        words = _posted(alice, f"/{vendor}/tickets/new/choices/", category=offered[section["name"]])
        for label in [*asked_always, *(each["label"] for each in section.get("fields", ()))]:
            assert label in words, (section["name"], label)


@pytest.mark.django_db
@pytest.mark.parametrize("vendor", VENDORS)
def test_every_status_is_reached_and_is_called_as_the_vendor_calls_it(vendor: str) -> None:
    """To the customer and at the desk, through the life of one ticket."""
    desk = make_desk(vendor)
    with vendor_scope(desk.vendor):
        labels = {label.state: label for label in StatusLabel.objects.all()}
        last = contract(vendor)["priorities"][-1]["code"]
        ticket = _filed(desk, last)
    life = [State.NEW, State.ACKNOWLEDGED, State.IN_PROGRESS, State.WAITING, State.RESOLVED, State.REOPENED]
    assert set(labels) == set(life)
    _is_called(ticket, labels[State.NEW], as_(desk.alice.user), as_(desk.carol.user))
    for _, state in pairwise(life):
        with vendor_scope(desk.vendor):
            ticket = actions.set_state(ticket, state, by=desk.carol, at=MONDAY)
        _is_called(ticket, labels[state], as_(desk.alice.user), as_(desk.carol.user))


def _is_called(ticket: Ticket, label: StatusLabel, customer: Client, agent: Client) -> None:
    section = contract(ticket.vendor.slug)["statuses"][label.state]
    portal = page(customer, f"/{ticket.vendor.slug}/tickets/{ticket.number}/")
    assert section.get("customer_label", section["label"]) in portal
    assert _one_line(section["description"]) in portal
    assert section["label"] in page(agent, f"/{ticket.vendor.slug}/desk/tickets/{ticket.number}/")


def _posted(client: Client, address: str, **data: Any) -> str:
    answer = client.post(address, data)
    assert answer.status_code == 200
    return text_of(answer.content.decode())


def _one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.django_db
@pytest.mark.parametrize("vendor", VENDORS)
def test_every_hint_and_the_help_text_stand_on_the_form(vendor: str) -> None:
    desk = make_desk(vendor)
    with vendor_scope(desk.vendor):
        factories.ProjectFactory.create(organization=desk.organization, slug="second", name="A second to choose")
    words = page(as_(desk.alice.user), f"/{vendor}/tickets/new/")
    for hint in (
        contract(vendor)["vendor"]["help_text"],
        *contract(vendor).get("intake", {}).get("hints", {}).values(),
    ):
        assert _one_line(hint) in words


@pytest.mark.django_db
@pytest.mark.parametrize("vendor", VENDORS)
def test_every_group_is_there_and_the_first_takes_new_tickets(vendor: str) -> None:
    """Drud: "it is solely up to the Tier Two team member to decide the severity"."""
    desk = make_desk(vendor)
    names = [section["name"] for section in contract(vendor)["teams"].values()]
    with vendor_scope(desk.vendor):
        assert list(Team.objects.order_by("id").values_list("name", flat=True)) == names
        assert _filed(desk, contract(vendor)["priorities"][0]["code"]).team == Team.objects.get(name=names[0])


@pytest.mark.django_db
def test_handing_over_at_drud_is_letting_go_and_setting_the_group() -> None:
    """ "un-assign the ticket to yourself … Set the group to DDEV Live Support, which will notify agents": one step."""
    drud = make_desk("drud")
    carol = as_(drud.carol.user)
    with vendor_scope(drud.vendor):
        group = Team.objects.get(slug="ddev-live-support")
        TeamMember.objects.create(team=group, membership=drud.dan)
        ticket = _filed(drud, "High")
        actions.assign(ticket, to=drud.carol, by=drud.carol, at=MONDAY)
    address = f"/drud/desk/tickets/{ticket.number}/"
    assert carol.post(f"{address}hand-over/", {"team": group.pk, "reason": "Not mine to read."}).status_code == 302
    with vendor_scope(drud.vendor):
        ticket.refresh_from_db()
        assert (ticket.assignee, ticket.team) == (None, group)
        notice = Notice.objects.get(membership=drud.dan, kind="team_changed")
    assert notice.title == "High for DDEV Live Support, nobody has it: It is down"
    told = page(carol, address)
    assert "Carol handed it over to DDEV Live Support : nobody has it" in told


@pytest.mark.django_db
def test_at_one_due_instant_premium_comes_before_standard() -> None:
    """commercetools: "Prioritized request handling"."""
    desk = make_desk("commercetools", plan="premium")
    with vendor_scope(desk.vendor):
        shop = factories.ProjectFactory.create(organization=desk.organization, slug="standard", name="Standard shop")
        standard = Plan.objects.get(slug="standard")
        subscribe(project=shop, plan=standard, starts_on=MONDAY.date(), ends_on=None, by=None, at=MONDAY)
        later = _filed(desk, "S1", project=shop, subject="Of the standard plan", at=MONDAY + timedelta(minutes=50))
        first = _filed(desk, "S2", subject="Of the premium plan")
        assert first.next_due_at == later.next_due_at
    queue = page(as_(desk.carol.user), "/commercetools/desk/")
    assert queue.index(first.subject) < queue.index(later.subject)


def _filed(desk: Desk, code: str, *, at: datetime = MONDAY, subject: str = "It is down", **facts: Any) -> Ticket:
    return actions.open_ticket(
        **{"by": desk.alice, "project": desk.project} | facts,
        at=at,
        priority=desk.priority(code),
        subject=subject,
        body="Since this morning.",
    )
