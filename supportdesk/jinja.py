"""The Jinja2 environment of every page: globals, filters and translation.

Filters never read the clock: what depends on the present takes `now`. Instants are shown in the active time zone (the
reader's; middleware activates it) unless a zone is named. Durations are timedeltas or seconds. Undefined names raise,
so that a page never quietly shows nothing where a fact should stand.
"""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
import jinja2.nodes
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.utils import timezone, translation
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext, ngettext, npgettext, pgettext
from markupsafe import Markup

from supportdesk import accent, markdown

THEMES = ("auto", "light", "dark")
ZoneLike = str | dt.tzinfo | None


def environment(**options: Any) -> jinja2.Environment:
    """The environment that Django's Jinja2 backend builds pages with."""
    options["undefined"] = jinja2.StrictUndefined
    options.setdefault("trim_blocks", True)
    options.setdefault("lstrip_blocks", True)
    env = jinja2.Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], **options)  # noqa: S701 - Django autoescapes
    env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        said, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    env.globals.update(
        _=translated,
        url=url,
        static=file_url,
        theme=theme,
        language=translation.get_language,
        here=timezone.get_current_timezone_name,
    )
    env.filters.update(
        instant=instant,
        moment=moment,
        day_time=day_time,
        relative=relative,
        date=date,
        clock_time=clock_time,
        iso=iso,
        duration=duration,
        open_time=functools.partial(duration, days=False),
        filesize=filesizeformat,
        initials=initials,
        ink_on=accent.ink_on,
        markdown=markdown.render,
        stretches=stretches,
    )
    return env


@jinja2.pass_eval_context
def translated(context: jinja2.nodes.EvalContext, message: str, **values: Any) -> str:
    """What ``_("…")`` is in a page: as the extension's own, a format string whose values are escaped, but without its
    three calls for a message that has none and is said in every row."""
    if values:
        text = said(message)
        return (Markup(text) if context.autoescape else text) % values  # noqa: S704 - our own messages
    return _plain(message, translation.get_language(), context.autoescape)


@functools.lru_cache(maxsize=8192)
def _plain(message: str, language: str | None, is_markup: bool) -> str:
    text = _said(message, language) % {}
    return Markup(text) if is_markup else text  # noqa: S704 - our own messages


def said(message: str) -> str:
    """The message in the reader's language. Kept, because a page of rows says the same words hundreds of times and a
    look-up walks every catalogue."""
    return _said(message, translation.get_language())


@functools.lru_cache(maxsize=8192)
def _said(message: str, language: str | None) -> str:
    return gettext(message)


@functools.cache
def file_url(path: str) -> str:
    """The address of a static file, which does not change while the process runs."""
    return static(path)


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """The path of a named view. Raises NoReverseMatch."""
    return _path(get_script_prefix(), name, args, tuple(kwargs.items()))


@functools.lru_cache(maxsize=16_384)
def _path(prefix: str, name: str, args: tuple[Any, ...], kwargs: tuple[tuple[str, Any], ...]) -> str:
    """Kept, because a list names the same tickets every few seconds; where the desk is mounted belongs to it."""
    return reverse(name, args=args, kwargs=dict(kwargs))


def _written(local: dt.datetime, style: str) -> str:
    """Kept, because a list that refreshes itself says the same instants again every few seconds."""
    return _written_by_wall(local.replace(tzinfo=None), local.fold, local.tzinfo, style, translation.get_language())


@functools.lru_cache(maxsize=16_384)
def _written_by_wall(wall: dt.datetime, fold: int, zone: dt.tzinfo | None, style: str, language: str | None) -> str:
    """By what the clock on the wall says: instants of two zones that are equal are written differently."""
    return format_date(wall.replace(tzinfo=zone, fold=fold), style)


def theme(request: HttpRequest) -> str:
    """auto, light or dark: what the reader chose on this device, else what their profile says."""
    chosen = request.COOKIES.get("theme") or getattr(getattr(request, "user", None), "theme", "auto")
    return chosen if chosen in THEMES else "auto"


def instant(value: dt.datetime, zone: ZoneLike = None) -> str:
    """The whole instant, for titles and tables of record: `Fri 13 March 2026, 14:20 EET`."""
    return _written(_local(value, zone), pgettext("date format", "D j F Y, H:i T"))


def moment(value: dt.datetime, now: dt.datetime, zone: ZoneLike = None) -> str:
    """As short as it can be said at `now`: `14:20` today, `13 Mar, 14:20` this year, `13 Mar 2025` before."""
    local, today = _local(value, zone), _local(now, zone)
    if local.date() == today.date():
        return _written(local, pgettext("date format", "H:i"))
    if local.year == today.year or abs(value - now) < dt.timedelta(days=60):
        return _written(local, pgettext("date format", "j M, H:i"))
    return _written(local, pgettext("date format", "j M Y"))


def day_time(value: dt.datetime, now: dt.datetime, zone: ZoneLike = None) -> str:
    """An instant ahead of `now`, as people make appointments: `14:20` today, `Mon 09:02` within six days, else
    `13 Mar, 09:02`."""
    local, today = _local(value, zone), _local(now, zone)
    days = (local.date() - today.date()).days
    return _written(local, pgettext("date format", "D H:i")) if 0 < days < 7 else moment(value, now, zone)


def relative(value: dt.datetime, now: dt.datetime) -> str:
    """How far from `now`, in one unit: `now`, `12 min ago`, `in 2 h`, `3 d ago`."""
    seconds = (value - now).total_seconds()
    amount = _one_unit(abs(seconds))
    if not amount:
        return gettext("now")
    return gettext("in {time}").format(time=amount) if seconds > 0 else gettext("{time} ago").format(time=amount)


def date(value: dt.date | dt.datetime, style: str = "") -> str:
    """A calendar day, `13 March 2026`; `style` may name another format of Django's date filter."""
    day = _local(value, None) if isinstance(value, dt.datetime) else value
    return format_date(day, style or pgettext("date format", "j F Y"))


def clock_time(value: dt.datetime, zone: ZoneLike = None) -> str:
    """The wall-clock time, `14:20`."""
    return _written(_local(value, zone), pgettext("date format", "H:i"))


def iso(value: dt.datetime) -> str:
    """ISO 8601 in UTC, to the second, for `datetime` attributes and scripts."""
    return f"{value.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def duration(value: dt.timedelta | float, *, days: bool = True) -> str:
    """A length of time in at most two units: `45 s`, `12 min`, `1 h 42 min`, `23 h`, `3 d 4 h`.

    With days=False it stays in hours however long it is: open time of a business calendar has no 24-hour days. Never
    rounded up, so that what is left is never overstated. clocks.js says the same in the same words.
    """
    seconds = int(abs(value.total_seconds() if isinstance(value, dt.timedelta) else value))
    minutes, hours, whole_days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 60:
        return gettext("{n} s").format(n=seconds)
    if minutes < 60:
        return gettext("{n} min").format(n=minutes)
    if days and hours >= 48:
        rest = hours % 24
        text = gettext("{n} d").format(n=whole_days)
        return f"{text} {gettext('{n} h').format(n=rest)}" if rest and whole_days < 10 else text
    text = gettext("{n} h").format(n=hours)
    rest = minutes % 60
    return f"{text} {gettext('{n} min').format(n=rest)}" if rest and hours < 10 else text


def initials(name: str) -> str:
    """One or two capitals for a picture-less person: `CO` for Carol Oduya, `E` for erin."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    chosen = words[:1] if len(words) < 2 else [words[0], words[-1]]
    return "".join(word[0] for word in chosen).upper() or "?"


def stretches(value: list[tuple[dt.datetime, dt.datetime]] | tuple[tuple[dt.datetime, dt.datetime], ...]) -> str:
    """Periods as `start/end` pairs of ISO instants with spaces between, for clocks.js."""
    return " ".join(f"{iso(start)}/{iso(end)}" for start, end in value)


def _one_unit(seconds: float) -> str:
    for size, text in ((86400, gettext("{n} d")), (3600, gettext("{n} h")), (60, gettext("{n} min"))):
        if seconds >= size:
            return text.format(n=int(seconds // size))
    return ""


def _local(value: dt.datetime, zone: ZoneLike) -> dt.datetime:
    if zone is None:
        return timezone.localtime(value)
    return value.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)
