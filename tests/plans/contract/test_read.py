"""A broken contract file is refused with every fault: file, line, path, what was expected and what was found."""

from __future__ import annotations

from pathlib import Path

import pytest

from plans.contract import ContractError, read, read_file

GOOD = """\
format: 1
vendor:
  slug: acme
  name: Acme
  zone: Europe/Berlin
  accent: "#1f6feb"
  help_text: Write to us.
calendars:
  office:
    name: Office hours
    hours: {mon-fri: 09:00-17:00}
priorities:
  - {code: P1, name: Urgent, definition: All is down.}
  - {code: P2, name: Rest, definition: All else.}
statuses:
  new: {label: New, description: New.}
  acknowledged: {label: Seen, description: Seen.}
  in_progress: {label: At work, description: At work.}
  waiting: {label: Waiting, description: Waiting.}
  resolved: {label: Done, description: Done.}
  reopened: {label: Again, description: Again.}
reopen: {within: 14 days}
offerings:
  - {slug: all, name: All}
plans:
  - slug: gold
    name: Gold
    promises:
      P1:
        first_response: {within: 2h, calendar: office, source: Two hours.}
      P2:
        first_response: {within: 1 business day, calendar: office, source: One day.}
"""


def faults(text: str) -> list[str]:
    with pytest.raises(ContractError) as caught:
        read(text, file="acme.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_the_good_file_is_good() -> None:
    assert read(GOOD, file="acme.yaml").vendor.slug == "acme"


@pytest.mark.parametrize(
    ("was", "becomes", "fault"),
    [
        ("format: 1", "format: 2", "acme.yaml:1: format: expected 1, found the number 2"),
        ("  name: Acme\n", "", "acme.yaml:2: vendor.name: expected a value here, found nothing"),
        (
            "  name: Acme",
            "  name: 24",
            (
                "acme.yaml:4: vendor.name: expected text (in quotes, should it look like a number or true/false), "
                "found the number 24"
            ),
        ),
        (
            "name: Acme",
            "nmae: Acme",
            (
                "acme.yaml:4: vendor.nmae: expected one of: slug, name, zone, accent, domain, help_text, found "
                "'nmae' (did you mean 'name'?)"
            ),
        ),
        (
            "slug: acme",
            "slug: Acme Inc",
            "acme.yaml:3: vendor.slug: expected a slug of small letters, digits and hyphens, found 'Acme Inc'",
        ),
        (
            "Europe/Berlin",
            "Europe/Bern",
            "acme.yaml:5: vendor.zone: expected an IANA time zone such as 'Europe/Paris', found 'Europe/Bern'",
        ),
        ('"#1f6feb"', "blue", "acme.yaml:6: vendor.accent: expected a colour such as '#1f6feb', found 'blue'"),
        (
            "09:00-17:00",
            "09:00-25:00",
            (
                "acme.yaml:11: calendars.office.hours: expected a clock time from 00:00 to 24:00, found '25:00' "
                "(at 'mon-fri')"
            ),
        ),
        (
            "09:00-17:00}",
            "09:00-17:00}\n    holidays: [{date: 2026-02-30, name: Odd}]",
            (
                "acme.yaml:12: calendars.office.holidays[0].date: expected a date such as 2026-12-25 that exists in "
                "the "
                "calendar, found '2026-02-30'"
            ),
        ),
        (
            "09:00-17:00}",
            "09:00-17:00}\n    holidays: [{country: XX, years: 2026}]",
            (
                "acme.yaml:12: calendars.office.holidays[0].country: expected a country with known holidays, by its "
                "two-letter code such as DE, found 'XX'"
            ),
        ),
        (
            "09:00-17:00}",
            "09:00-17:00}\n    holidays: [{country: DE, subdivision: ZZ, years: 2026}]",
            (
                "acme.yaml:12: calendars.office.holidays[0]: expected a subdivision of DE (BB, BE, BW, BY, HB, HE, "
                "HH, MV, "
                "NI, NW, RP, SH, SL, SN, ST, TH, Augsburg), found 'ZZ'"
            ),
        ),
        (
            "09:00-17:00}",
            "09:00-17:00}\n    holidays:\n      - country: DE\n",
            "acme.yaml:13: calendars.office.holidays[0]: expected 'years' (and no 'name') beside 'country'",
        ),
        (
            "09:00-17:00}",
            "09:00-17:00}\n    specials: [{date: 2026-12-24, hours: morning}]",
            (
                "acme.yaml:12: calendars.office.specials[0].hours: expected opening hours such as '09:00-17:00', "
                "'09:00-12:00, 13:00-17:00', '22:00-06:00' or 'closed', found 'morning'"
            ),
        ),
        (
            "code: P1, ",
            "code: P 1, ",
            "acme.yaml:13: priorities[0].code: expected a code such as P1, Urgent or S1, found 'P 1'",
        ),
        (
            "code: P2, name: Rest",
            "code: P1, name: Rest",
            "acme.yaml:14: priorities[1].code: expected each priority once, found 'P1' again (first on line 13)",
        ),
        (
            "  waiting: {label: Waiting, description: Waiting.}\n",
            "",
            "acme.yaml:15: statuses: expected a label for every state; missing: waiting",
        ),
        (
            "  waiting: {",
            "  pending: {",
            (
                "acme.yaml:19: statuses.pending: expected a state: new, acknowledged, in_progress, waiting, resolved, "
                "reopened, found 'pending'"
            ),
        ),
        (
            "within: 14 days",
            "within: a while",
            (
                "acme.yaml:22: reopen.within: expected a length of time such as '30 min', '2h', '14 days' or '2 "
                "weeks', "
                "found 'a while'"
            ),
        ),
        (
            "within: 2h",
            "within: soon",
            (
                "acme.yaml:30: plans[0].promises.P1.first_response.within: expected an amount such as '2h', '90 min', "
                "'24 business hours', '1 business day', '1-2 business days' or 'best effort', or '2 x PLAN' for a "
                "multiple "
                "of another plan's, found 'soon'"
            ),
        ),
        (
            "within: 2h, calendar: office",
            "within: 2h, calendar: ofice",
            (
                "acme.yaml:30: plans[0].promises.P1.first_response.calendar: expected a calendar of this file: office; "
                "found 'ofice' (did you mean 'office'?)"
            ),
        ),
        (
            "within: 2h, calendar: office",
            "within: 2h",
            (
                "acme.yaml:30: plans[0].promises.P1.first_response: expected 'calendar' (only a multiple of another "
                "plan's "
                "promise may leave it out)"
            ),
        ),
        (
            ", source: Two hours.}",
            "}",
            "acme.yaml:30: plans[0].promises.P1.first_response.source: expected a value here, found nothing",
        ),
        (
            "within: 2h,",
            "within: 2 x silver,",
            (
                "acme.yaml:30: plans[0].promises.P1.first_response.within: expected a plan of this file: gold; "
                "found 'silver'"
            ),
        ),
        (
            "within: 2h,",
            "within: 2 x gold,",
            (
                "acme.yaml:30: plans[0].promises.P1.first_response.within: expected a multiple of another plan's "
                "promise, "
                "found one of its own plan"
            ),
        ),
        (
            "within: 2h,",
            "within: 2h, warn_at: 110%,",
            (
                "acme.yaml:30: plans[0].promises.P1.first_response.warn_at: expected a share between 0% and 100%, "
                "found "
                "'110%'"
            ),
        ),
        (
            "within: 2h,",
            "within: 2h, pauses_in: [lunch],",
            (
                "acme.yaml:30: plans[0].promises.P1.first_response.pauses_in[0]: expected a state: new, acknowledged, "
                "in_progress, waiting, resolved, reopened, found 'lunch'"
            ),
        ),
        (
            "      P2:\n        first",
            "      P3:\n        first",
            "acme.yaml:31: plans[0].promises.P3: expected a priority of this file: P1, P2; found 'P3'",
        ),
        (
            "      P2:\n        first_response: {within: 1 business day, calendar: office, source: One day.}\n",
            "",
            (
                "acme.yaml:28: plans[0].promises: expected a promise for priority 'P2', or its 'no_clock' with the "
                "reason, "
                "found neither"
            ),
        ),
        (
            "        first_response: {within: 1 business day, calendar: office, source: One day.}\n",
            "        {}\n",
            "acme.yaml:31: plans[0].promises.P2: expected at least one promise, or 'no_clock' with the reason",
        ),
        (
            "    name: Gold",
            "    name: Gold\n    rank: high",
            "acme.yaml:28: plans[0].rank: expected a whole number, found 'high'",
        ),
        (
            "    name: Gold",
            "    name: Gold\n    rank: -1",
            "acme.yaml:28: plans[0].rank: expected a number from 0, found the number -1",
        ),
        (
            "    name: Gold",
            "    name: Gold\n    offerings: [some]",
            "acme.yaml:28: plans[0].offerings[0]: expected an offering of this file: all; found 'some'",
        ),
        (
            "    name: Gold",
            "    name: Gold\n    driver: mood",
            "acme.yaml:28: plans[0].driver: expected what drives contract clocks: priority or severity, found 'mood'",
        ),
        (
            "offerings:\n  - {slug: all, name: All}",
            "offerings: []",
            "acme.yaml:23: offerings: expected at least one entry, found none",
        ),
        (
            "offerings:\n  - {slug: all, name: All}",
            "offerings: all",
            "acme.yaml:23: offerings: expected a list, found 'all'",
        ),
        (
            "  - {code: P1, name: Urgent",
            "  - {code: P1, pages: maybe, name: Urgent",
            "acme.yaml:13: priorities[0].pages: expected true or false, found 'maybe'",
        ),
        (
            "  name: Acme",
            "  name: Acme\n  name: Twice",
            "acme.yaml:5: vendor.name: expected each key once, found it again (first on line 4)",
        ),
        (
            "  name: Acme",
            "  <<: {name: Acme}",
            "acme.yaml:4: vendor: expected a word as key (merge keys are not used here), found '<<'",
        ),
        ("  name: Acme", "  [a]: Acme", "acme.yaml:4: vendor: expected a word as key, found a list or mapping"),
    ],
)
def test_one_fault(was: str, becomes: str, fault: str) -> None:
    assert was in GOOD
    assert fault in faults(GOOD.replace(was, becomes, 1))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("format: 1\nvendor: [\n", 3),
        ("format: 1\nvendor:\n\tslug: x\n", 3),
        ("format: 1\n bad: x\n", 2),
        ("a: 'unclosed\nb: 2\n", 3),
        ("a: *nobody\n", 1),
        ("a: 1\n---\nb: 2\n", 2),
    ],
)
def test_broken_yaml_names_its_line(text: str, line: int) -> None:
    (fault,) = faults(text)
    assert fault.startswith(f"acme.yaml:{line}: expected valid YAML, found ")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "acme.yaml:1: expected a contract, found an empty file"),
        ("# only a comment\n", "acme.yaml:1: expected a contract, found an empty file"),
        ("- a list", "acme.yaml:1: expected a mapping with 'format: 1', found a list"),
        ("a: &a [*a]", "acme.yaml:1: a[0]: expected an alias to something outside itself, found a loop"),
        ("a: b\x07", "acme.yaml:1: expected printable text, found character #x0007"),
    ],
)
def test_what_is_no_contract_at_all(text: str, fault: str) -> None:
    assert faults(text) == [fault]


def test_a_bomb_of_aliases_is_refused_before_it_goes_off() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    (fault,) = faults("\n".join(levels))
    assert "expected at most 50000 values, found more" in fault


def test_all_faults_are_found_at_once_in_order_of_line() -> None:
    text = GOOD.replace("Europe/Berlin", "Mars").replace(
        "calendar: office, source: Two", "calendar: attic, source: Two"
    )
    text = text.replace("14 days", "soon").replace("      P2:", "      P9:")
    lines = [int(fault.split(":")[1]) for fault in faults(text)]
    assert lines == sorted(lines)
    assert lines == [5, 22, 28, 30, 31]


def test_an_unreadable_file_is_a_fault_and_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"nowhere\.yaml:1: expected a readable file"):
        read_file(tmp_path / "nowhere.yaml")
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"format: 1\nname: caf\xe9\n")
    with pytest.raises(ContractError, match=r"latin\.yaml:2: expected UTF-8 text"):
        read_file(latin)


@pytest.mark.parametrize("country", ["NO", "DE"])
def test_norway_is_a_country_and_ten_oclock_is_a_time(country: str) -> None:
    text = GOOD.replace("09:00-17:00}", f"10:00-17:00}}\n    holidays: [{{country: {country}, years: 2026}}]")
    assert read(text, file="acme.yaml").calendars["office"].holidays[0].country == country
