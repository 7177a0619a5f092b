"""`manage.py contract`: what it prints and how it ends."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from plans.actions import load_contract
from plans.contract import read, read_file
from plans.models import ContractVersion
from supportdesk.accounts.models import Role, Vendor
from supportdesk.tenancy.scope import vendor_scope
from tests import factories

CONTRACTS = Path(__file__).parents[2] / "contracts"
FILES = [str(path) for path in sorted(CONTRACTS.glob("*.yaml"))]
ORO = str(CONTRACTS / "orocloud.yaml")


def contract(*words: str) -> str:
    out = StringIO()
    call_command("contract", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    text = (
        Path(ORO)
        .read_text(encoding="utf-8")
        .replace("Europe/Kyiv", "Europe/Atlantis")
        .replace("within: 4h", "within: soon")
    )
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_check_needs_no_database() -> None:
    said = contract("check", *FILES)
    assert said.count(": good (") == 5
    assert "(orocloud: enterprise)" in said


def test_check_says_every_fault_with_its_line_and_ends_with_1(broken: Path) -> None:
    with pytest.raises(CommandError) as caught:
        contract("check", ORO, str(broken))
    assert caught.value.returncode == 1
    faults = str(caught.value).splitlines()
    lines = broken.read_text(encoding="utf-8").splitlines()
    assert faults[0].startswith(f"{broken}:{1 + lines.index(next(x for x in lines if 'Atlantis' in x))}: vendor.zone: ")
    assert faults[1].startswith(
        f"{broken}:{1 + lines.index(next(x for x in lines if 'soon' in x))}: plans[0].promises.P1"
    )
    assert faults[2] == "2 faults."


@pytest.mark.django_db
def test_load_says_what_it_did_vendor_by_vendor(tmp_path: Path) -> None:
    said = contract("load", *FILES)
    assert "orocloud: version 1: calendars around-the-clock, business-hours and plans enterprise changed" in said
    assert contract("load", *FILES).count("unchanged (version 1)") == 5
    changed = tmp_path / "oro.yaml"
    changed.write_text(Path(ORO).read_text(encoding="utf-8").replace("within: 4h", "within: 3h"), encoding="utf-8")
    assert contract("load", str(changed)) == "orocloud: version 2: plans enterprise changed\n"
    assert contract("load", ORO, "--from", "2030-01-01") == "orocloud: version 3: plans enterprise changed\n"
    with vendor_scope(Vendor.objects.get(slug="orocloud")):
        newest = ContractVersion.objects.get(number=3).plan_versions.get()
    assert newest.effective_from.isoformat() == "2029-12-31T22:00:00+00:00"


@pytest.mark.django_db
def test_one_faulty_file_keeps_all_from_loading(broken: Path) -> None:
    with pytest.raises(CommandError, match="2 faults: nothing was loaded") as caught:
        contract("load", *FILES, str(broken))
    assert caught.value.returncode == 1
    assert not Vendor.objects.exists()


@pytest.mark.django_db
def test_show_prints_a_contract_that_reads_as_the_same(tmp_path: Path) -> None:
    contract("load", ORO)
    text = Path(ORO).read_text(encoding="utf-8")
    assert read(contract("show", "orocloud"), file="shown") == read(text, file="file")
    assert contract("show", "orocloud", "--source") == text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "oro"), "There is no vendor 'oro': orocloud."),
        (("show", "orocloud", "--number", "7"), "'orocloud' has no contract version 7."),
        (("load", ORO, "--from", "soon"), "--from: expected a date such as 2026-12-25, found 'soon'"),
    ],
)
def test_what_is_impossible_ends_with_2(words: tuple[str, ...], said: str) -> None:
    contract("load", ORO)
    with pytest.raises(CommandError) as caught:
        contract(*words)
    assert (str(caught.value), caught.value.returncode) == (said, 2)


@pytest.mark.django_db
def test_diff_shows_what_differs_in_meaning(tmp_path: Path) -> None:
    contract("load", ORO)
    assert contract("diff", ORO) == "orocloud: no difference\n"
    changed = tmp_path / "oro.yaml"
    text = Path(ORO).read_text(encoding="utf-8").replace("within: 4h", "within: 3h   # faster")
    changed.write_text(text, encoding="utf-8")
    out = StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("contract", "diff", str(changed), stdout=out)
    assert caught.value.code == 1
    marked = [" ".join(line.split()) for line in out.getvalue().splitlines() if line[:1] in "+-"]
    assert marked == [
        "--- orocloud version 1",
        f"+++ {changed}",
        "- within: 4 h",
        "+ within: 3 h",
    ]


@pytest.mark.django_db
def test_diff_of_a_contract_never_loaded_is_all_new() -> None:
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("contract", "diff", ORO, stdout=out)
    assert out.getvalue().startswith("--- orocloud, not loaded\n")


@pytest.mark.django_db
def test_a_start_leaves_alone_what_was_changed_on_pages_until_its_file_changes(tmp_path: Path) -> None:
    contract("load", ORO)
    edited = tmp_path / "edited.yaml"
    edited.write_text(Path(ORO).read_text(encoding="utf-8").replace("within: 4h", "within: 3h"), encoding="utf-8")
    vendor = Vendor.objects.get(slug="orocloud")
    with vendor_scope(vendor):
        erin = factories.StaffFactory.create(role=Role.ADMIN)
        terms, text = read_file(edited)
        load_contract(terms, by=erin, at=timezone.now(), source_text=text)
    assert contract("load", "--keep-edits", ORO) == "orocloud: changed on pages since, left as it is\n"
    newer = tmp_path / "newer.yaml"
    newer.write_text(Path(ORO).read_text(encoding="utf-8").replace("within: 4h", "within: 2h"), encoding="utf-8")
    assert "orocloud: version 3" in contract("load", "--keep-edits", str(newer))
    with vendor_scope(vendor):
        assert [each.loaded_by for each in ContractVersion.objects.order_by("number")] == [None, erin, None]
