"""Amounts as people write them."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.contract.amounts import (
    Derived,
    multiplied,
    parse_amount,
    parse_duration,
    parse_promise,
    parse_warn_at,
    write_amount,
    write_duration,
    write_promise,
    write_warn_at,
)
from sla.targets import Amount, BestEffort, BusinessDays, Span, WarnAt


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("2h", Span(7200)),
        ("2 hours", Span(7200)),
        ("60 minutes", Span(3600)),
        ("90 min", Span(5400)),
        ("1h 30m", Span(5400)),
        ("1.5 hours", Span(5400)),
        ("20 Min", Span(1200)),
        ("45 s", Span(45)),
        ("24 business hours", Span(86400)),
        ("6 support hours", Span(21600)),
        ("1 business day", BusinessDays(1)),
        ("1-2 business days", BusinessDays(2, low=1)),
        ("2–3 working days", BusinessDays(3, low=2)),
        ("Best  Effort", BestEffort()),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, amount: Amount) -> None:
    assert parse_amount(text) == amount
    assert parse_amount(write_amount(amount)) == amount


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2",
        2,
        None,
        True,
        "1 day",
        "2 parsecs",
        "h2",
        "2h and a bit",
        "0h",
        "-2h",
        "0.00001 s",
        "1e3 s",
        ["2h"],
    ],
)
def test_what_is_no_amount_is_refused_with_examples(text: object) -> None:
    with pytest.raises(ValueError, match="expected an amount such as '2h'"):
        parse_amount(text)


@pytest.mark.parametrize("text", ["3-1 business days", "2-2 business days", "0 business days"])
def test_a_range_goes_from_the_smaller_to_the_larger(text: str) -> None:
    with pytest.raises(ValueError, match="from the smaller to the larger"):
        parse_amount(text)


@given(st.integers(1, 10**7))
def test_every_span_is_written_so_that_it_reads_the_same(seconds: int) -> None:
    assert parse_amount(write_amount(Span(seconds))) == Span(seconds)


@pytest.mark.parametrize(
    ("text", "derived", "written"),
    [
        ("2 x premium", Derived(Fraction(2), "premium"), "2 x premium"),
        ("2 × premium", Derived(Fraction(2), "premium"), "2 x premium"),
        ("1/2 x standard", Derived(Fraction(1, 2), "standard"), "0.5 x standard"),
        ("1/3 x standard", Derived(Fraction(1, 3), "standard"), "1/3 x standard"),
    ],
)
def test_a_multiple_names_the_other_plan(text: str, derived: Derived, written: str) -> None:
    assert parse_promise(text) == derived
    assert write_promise(derived) == written
    assert parse_promise(written) == derived


@pytest.mark.parametrize(
    ("amount", "factor", "result"),
    [
        (Span(1200), Fraction(2), Span(2400)),
        (Span(5400), Fraction(1, 2), Span(2700)),
        (BusinessDays(2, low=1), Fraction(2), BusinessDays(4, low=2)),
        (BusinessDays(2, rule="end_of_day"), Fraction(1, 2), BusinessDays(1, rule="end_of_day")),
        (BestEffort(), Fraction(2), BestEffort()),
    ],
)
def test_a_multiple_of_an_amount(amount: Amount, factor: Fraction, result: Amount) -> None:
    assert multiplied(amount, factor) == result


def test_half_a_business_day_is_none() -> None:
    with pytest.raises(ValueError, match="whole number of business days"):
        multiplied(BusinessDays(1), Fraction(1, 2))


@pytest.mark.parametrize(
    ("text", "duration", "written"),
    [
        ("14 days", timedelta(days=14), "2 weeks"),
        ("2 weeks", timedelta(days=14), "2 weeks"),
        ("3 days", timedelta(days=3), "3 days"),
        ("1 week", timedelta(days=7), "1 week"),
        ("36 h", timedelta(hours=36), "36 h"),
        ("30 min", timedelta(minutes=30), "30 min"),
    ],
)
def test_a_duration(text: str, duration: timedelta, written: str) -> None:
    assert parse_duration(text) == duration
    assert write_duration(duration) == written


@pytest.mark.parametrize(
    ("text", "warn", "written"),
    [
        ("75%", WarnAt(0.75), "75%"),
        ("33.3 %", WarnAt(0.333), "33.3%"),
        ("30 min before", WarnAt(None, timedelta(minutes=30)), "30 min before"),
        ("75% or 30 min before", WarnAt(0.75, timedelta(minutes=30)), "75% or 30 min before"),
        ("1 day before", WarnAt(None, timedelta(days=1)), "1 day before"),
        ("never", WarnAt(), "never"),
    ],
)
def test_when_to_warn(text: str, warn: WarnAt, written: str) -> None:
    assert parse_warn_at(text) == warn
    assert write_warn_at(warn) == written


@pytest.mark.parametrize("text", ["", "75", "0%", "100%", "75% 30 min", "before", "75% or", "or 30 min before", 0.75])
def test_an_unclear_warning_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_warn_at(text)
