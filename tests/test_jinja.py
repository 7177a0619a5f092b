"""What pages can rely on: words for instants and durations, and components that say what they should."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
import pytest
from django import forms
from django.conf import settings
from django.test import RequestFactory
from django.urls import set_script_prefix
from django.utils import timezone, translation

from supportdesk import jinja

TEMPLATES = Path(settings.BASE_DIR) / "templates"
STATIC = Path(settings.BASE_DIR) / "supportdesk" / "static"
KYIV = ZoneInfo("Europe/Kyiv")
NOW = dt.datetime(2026, 3, 13, 14, 20, tzinfo=KYIV)


@pytest.fixture
def env() -> jinja2.Environment:
    return jinja.environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)


def show(env: jinja2.Environment, source: str, **context: Any) -> str:
    """What `source` renders to, with white space folded."""
    with timezone.override(KYIV):
        return re.sub(r"\s+", " ", env.from_string(source).render(now=NOW, **context)).strip()


class TestDuration:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (dt.timedelta(0), "0 s"),
            (dt.timedelta(seconds=59.9), "59 s"),
            (dt.timedelta(minutes=59, seconds=59), "59 min"),
            (dt.timedelta(hours=1, minutes=42), "1 h 42 min"),
            (dt.timedelta(hours=2), "2 h"),
            (dt.timedelta(hours=23, minutes=50), "23 h"),
            (dt.timedelta(hours=47), "47 h"),
            (dt.timedelta(days=3, hours=4), "3 d 4 h"),
            (dt.timedelta(days=12, hours=4), "12 d"),
            (-dt.timedelta(minutes=12), "12 min"),
            (5400, "1 h 30 min"),
        ],
    )
    def test_is_at_most_two_units_and_never_rounded_up(self, value: dt.timedelta | int, text: str) -> None:
        assert jinja.duration(value) == text

    def test_open_time_has_no_days(self) -> None:
        assert jinja.duration(dt.timedelta(hours=72), days=False) == "72 h"


class TestInstants:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (NOW - dt.timedelta(hours=3), "11:20"),
            (NOW - dt.timedelta(days=3), "10 Mar, 14:20"),
            (NOW - dt.timedelta(days=80), "23 Dec 2025"),
        ],
    )
    def test_a_moment_says_only_what_now_leaves_open(self, value: dt.datetime, text: str) -> None:
        with timezone.override(KYIV):
            assert jinja.moment(value, NOW) == text

    def test_the_readers_zone_decides_which_day_it_is(self) -> None:
        late = dt.datetime(2026, 3, 13, 23, 30, tzinfo=KYIV)
        with timezone.override("Asia/Tokyo"):
            assert jinja.moment(late, NOW) == "14 Mar, 06:30"

    def test_an_instant_names_its_zone(self) -> None:
        assert jinja.instant(NOW, KYIV) == "Fri 13 March 2026, 14:20 EET"
        assert jinja.instant(NOW, "America/Denver") == "Fri 13 March 2026, 06:20 MDT"

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (NOW - dt.timedelta(seconds=20), "now"),
            (NOW - dt.timedelta(minutes=12), "12 min ago"),
            (NOW + dt.timedelta(hours=2, minutes=50), "in 2 h"),
            (NOW - dt.timedelta(days=3, hours=5), "3 d ago"),
        ],
    )
    def test_relative_time_is_one_unit(self, value: dt.datetime, text: str) -> None:
        assert jinja.relative(value, NOW) == text

    def test_scripts_get_utc(self) -> None:
        assert jinja.iso(NOW) == "2026-03-13T12:20:00Z"
        assert jinja.stretches([(NOW, NOW + dt.timedelta(hours=1))]) == "2026-03-13T12:20:00Z/2026-03-13T13:20:00Z"


@pytest.mark.parametrize(
    ("name", "text"),
    [("Carol Oduya", "CO"), ("erin", "E"), ("carol@orocloud.example", "CO"), ("Ana de la Cruz", "AC"), ("", "?")],
)
def test_initials(name: str, text: str) -> None:
    assert jinja.initials(name) == text


class TestTheme:
    def test_the_cookie_wins_over_the_profile(self) -> None:
        request = RequestFactory().get("/")
        request.user = SimpleNamespace(theme="light")  # type: ignore[assignment]
        assert jinja.theme(request) == "light"
        request.COOKIES["theme"] = "dark"
        assert jinja.theme(request) == "dark"

    def test_anything_else_is_auto(self) -> None:
        request = RequestFactory().get("/")
        request.COOKIES["theme"] = '"><script>'
        assert jinja.theme(request) == "auto"


CHIP = '{% from "components/chip.html" import chip %}{{ chip(clock, now, vendor_zone=zone, href=href) }}'


class TestChip:
    @pytest.mark.parametrize(
        ("state", "minutes", "text"),
        [
            ("running", 102, "due in 1 h 42 min"),
            ("at_risk", 12, "due in 12 min"),
            ("breached", -12, "overdue by 12 min"),
            ("paused", 60, "paused"),
            ("met", -60, "met"),
        ],
    )
    def test_says_its_state_in_words(self, env: jinja2.Environment, state: str, minutes: int, text: str) -> None:
        clock = SimpleNamespace(
            state=state, label="First response", due_at=NOW + dt.timedelta(minutes=minutes), share_used=0.25
        )
        html = show(env, CHIP, clock=clock, zone="Europe/Kyiv", href="")
        assert f'data-state="{state}"' in html
        assert f"<span data-clock-text>{text}</span>" in html
        assert ("data-clock=" in html) == (state in {"running", "at_risk", "breached"})

    def test_a_late_answer_says_how_late(self, env: jinja2.Environment) -> None:
        settled = NOW + dt.timedelta(minutes=28)
        clock = SimpleNamespace(state="late", label="Update", due_at=NOW, share_used=1, settled_at=settled)
        assert "met 28 min late" in show(env, CHIP, clock=clock, zone=None, href="")

    def test_best_effort_needs_no_due_instant(self, env: jinja2.Environment) -> None:
        clock = SimpleNamespace(state="best_effort", label="Resolution", due_at=None, share_used=0)
        assert "best effort" in show(env, CHIP, clock=clock, zone=None, href="")

    def test_open_time_is_shown_and_handed_to_the_script(self, env: jinja2.Environment) -> None:
        clock = SimpleNamespace(
            state="running",
            label="Resolution",
            due_at=NOW + dt.timedelta(days=3),
            share_used=0.1,
            left=dt.timedelta(hours=21),
            business=True,
            open=[(NOW, NOW + dt.timedelta(hours=3))],
        )
        html = show(env, CHIP, clock=clock, zone=None, href="")
        assert "due in 21 h" in html
        assert 'data-open="2026-03-13T12:20:00Z/2026-03-13T15:20:00Z" data-business' in html

    def test_beyond_closed_hours_the_instant_comes_first(self, env: jinja2.Environment) -> None:
        """Two minutes of open time are days away on a Friday evening, and the chip says so at a glance."""
        clock = SimpleNamespace(
            state="at_risk",
            label="First response",
            due_at=dt.datetime(2026, 3, 16, 7, 2, tzinfo=dt.UTC),
            share_used=0.99,
            left=dt.timedelta(minutes=2),
            business=True,
            is_far=True,
            open=[(dt.datetime(2026, 3, 16, 7, tzinfo=dt.UTC), dt.datetime(2026, 3, 16, 7, 2, tzinfo=dt.UTC))],
        )
        html = show(env, CHIP, clock=clock, zone=None, href="")
        assert "<span data-clock-text>due Mon 09:02</span>" in html
        assert '<span class="chip__left" data-clock-left>2 min of open time</span>' in html
        assert 'data-when="Mon 09:02"' in html
        clock.is_far, clock.state = False, "running"
        assert "<span data-clock-text>due in 2 min</span>" in show(env, CHIP, clock=clock, zone=None, href="")

    def test_a_customer_who_waits_without_a_clock_is_no_breach(self, env: jinja2.Environment) -> None:
        met = SimpleNamespace(state="met", label="First response", due_at=NOW, share_used=1)
        waiting = SimpleNamespace(
            state="waiting", label="No promise is running", since=NOW - dt.timedelta(minutes=190), last=met, due_at=None
        )
        html = show(env, CHIP, clock=waiting, zone=None, href="")
        assert 'data-state="waiting" tabindex="0" role="note" data-waiting="2026-03-13T09:10:00Z"' in html
        assert '<span class="chip__what">customer</span>' in html
        assert "<span data-clock-text>waiting 3 h 10 min</span>" in html
        assert "The customer has waited for an answer since Fri 13 March 2026, 11:10 EET." in html
        assert "First response: met" in html

    def test_the_tip_gives_both_zones_when_they_differ(self, env: jinja2.Environment) -> None:
        clock = SimpleNamespace(state="running", label="Update", due_at=NOW + dt.timedelta(hours=1), share_used=0)
        there = show(env, CHIP, clock=clock, zone="America/Denver", href="/why")
        assert "15:20 EET" in there
        assert "07:20 MDT where support works" in there
        assert '<a class="chip"' in there
        assert "where support works" not in show(env, CHIP, clock=clock, zone="Europe/Kyiv", href="")


class TicketForm(forms.Form):
    subject = forms.CharField(label="What is it?", help_text="One line.")
    project = forms.CharField(required=False)


class TestForms:
    def test_a_field_ties_its_hint_and_error_to_the_input(self, env: jinja2.Environment) -> None:
        form = TicketForm({})
        assert not form.is_valid()
        html = show(env, '{% from "components/field.html" import fields %}{{ fields(form) }}', form=form)
        assert 'aria-describedby="id_subject_helptext id_subject_error"' in html
        assert 'id="id_subject_helptext"' in html
        assert 'id="id_subject_error"' in html
        assert "(optional)" in html.split('for="id_project"')[1]
        assert "(optional)" not in html.split('for="id_project"')[0]

    def test_the_summary_links_each_error_to_its_field(self, env: jinja2.Environment) -> None:
        source = '{% from "components/errors.html" import error_summary %}{{ error_summary(form) }}'
        form = TicketForm({})
        assert not form.is_valid()
        assert '<a href="#id_subject">What is it? This field is required.</a>' in show(env, source, form=form)
        assert show(env, source, form=TicketForm({"subject": "Checkout is down"})) == ""


def test_a_note_says_that_customers_do_not_see_it_and_text_is_escaped(env: jinja2.Environment) -> None:
    source = (
        '{% from "components/message.html" import message %}'
        '{% call message("note", who, now, now) %}{{ body|markdown }}{% endcall %}'
    )
    html = show(env, source, who="<Dan>", body="**look** <script>")
    assert "message--note" in html
    assert "Customers don’t see this" in html
    assert "&lt;Dan&gt;" in html
    assert "<strong>look</strong> &lt;script&gt;" in html


def test_an_undo_in_a_message_becomes_a_button(env: jinja2.Environment) -> None:
    said = SimpleNamespace(message="Resolved.", level_tag="success", extra_tags="undo:/oro/tickets/1/reopening/")
    html = show(env, '{% from "components/flash.html" import flashes %}{{ flashes([said]) }}', said=said)
    assert 'action="/oro/tickets/1/reopening/"' in html


def test_a_missing_name_is_an_error_not_an_empty_place(env: jinja2.Environment) -> None:
    with pytest.raises(jinja2.UndefinedError):
        show(env, "{{ tikcet }}")


def sources() -> list[Path]:
    """Every page; e-mails are another matter, for mail programs read only inline style."""
    return sorted(path for path in TEMPLATES.rglob("*.html") if path.parent.name != "notifications")


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_template_compiles_and_keeps_to_the_content_security_policy(path: Path, env: jinja2.Environment) -> None:
    source = path.read_text()
    env.parse(source)
    assert not re.search(r"<\w[^>]*?\sstyle\s*=", source), "no inline style: the policy refuses it"
    assert not re.search(r"<\w[^>]*?\son[a-z]+\s*=", source), "no inline handlers"
    for attributes in re.findall(r"<script([^>]*)>", source):
        assert "src=" in attributes or "application/json" in attributes


def test_every_icon_that_a_template_names_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    asked = set()
    for path in sources():
        asked |= set(re.findall(r'(?:icon|draw)\("([\w-]+)"', path.read_text()))
    assert asked <= drawn
    assert len(drawn) >= 40


def test_a_message_is_a_format_string_whose_values_are_escaped(env: jinja2.Environment) -> None:
    assert show(env, '{{ _("Below %(n)s %%", n=who) }} {{ _("100 %%") }}', who="<b>") == "Below &lt;b&gt; % 100 %"
    assert show(env, '{{ _("a < b & {who}").format(who=who) }}', who="<b>") == "a < b & &lt;b&gt;"
    assert show(env, '{% autoescape false %}{{ _("Below %(n)s", n=who) }}{% endautoescape %}', who="<b>") == "Below <b>"


def test_a_message_is_said_in_the_language_of_the_moment(
    env: jinja2.Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jinja, "gettext", lambda text: f"{translation.get_language()}: {text}")
    said = []
    for language in ("de", "fr", "de"):
        with translation.override(language):
            said.append(show(env, '{{ _("A word that only this test says") }}'))
    assert [each[:2] for each in said] == ["de", "fr", "de"]


def test_an_address_begins_where_the_desk_is_mounted() -> None:
    try:
        set_script_prefix("/support/")
        mounted = jinja.url("desk-ticket", vendor="drud", number=7)
        set_script_prefix("/")
        assert (mounted, jinja.url("desk-ticket", vendor="drud", number=7)) == (
            "/support/drud/desk/tickets/7/",
            "/drud/desk/tickets/7/",
        )
    finally:
        set_script_prefix("/")
