"""Steps and conditions of policies as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalation import policies
from escalation.ladder import Assign, Deed, Hold, Notify, Post, RaiseSeverity, Repeat, SetTeam, Step, Wait
from plans.contract import Contract
from plans.contract.paging import PolicySection, TriggerSection
from supportdesk.jinja import duration

NOTHING: Mapping[str, str] = MappingProxyType({})


def channel_names() -> dict[str, str]:
    return {"inbox": _("inbox"), "email": _("e-mail"), "sms": _("text message"), "voice": _("phone call")}


def and_list(words: Iterable[str]) -> str:
    """`a, b and c`."""
    words = list(words)
    if len(words) < 2:
        return "".join(words)
    return _("%(some)s and %(last)s") % {"some": ", ".join(words[:-1]), "last": words[-1]}


def whom(name: str, rotas: Mapping[str, str] = NOTHING, teams: Mapping[str, str] = NOTHING) -> str:
    """A name of a step: `the first on call of “Support”`. ``rotas``, ``teams``: names by slug; what is in neither is
    called by its slug."""
    kind, _colon, rest = name.partition(":")
    match kind:
        case "rota":
            slug, _slash, place = rest.partition("/")
            if place and place != "1":
                return _("number %(place)s on call of “%(rota)s”") % {"place": place, "rota": rotas.get(slug, slug)}
            return _("the first on call of “%(rota)s”") % {"rota": rotas.get(slug, slug)}
        case "team" if rest:
            return _("everybody in “%(team)s”") % {"team": teams.get(rest, rest)}
        case "person":
            return rest
    return {
        "team": _("the ticket’s team"),
        "assignee": _("the assignee"),
        "leads": _("the leads"),
        "director": _("the director"),
        "success-engineer": _("the success engineer"),
    }.get(name, name)


def step_words(step: Step, contract: Contract, rotas: Mapping[str, str] = NOTHING) -> str:
    """What a step of a ladder does. ``rotas``: their names by slug."""
    teams = {slug: team.name for slug, team in contract.teams.items()}
    match step:
        case Notify(names, channels):
            by = and_list(channel_names()[each] for each in channels)
            told = and_list(whom(each, rotas, teams) for each in names)
            return _("Tell %(whom)s by %(by)s") % {"whom": told, "by": by}
        case Wait(seconds, calendar) if calendar:
            named = {"time": duration(seconds, days=False), "calendar": _calendar(contract, calendar)}
            return _("Wait %(time)s of “%(calendar)s”") % named
        case Wait(seconds):
            return _("Wait %(time)s") % {"time": duration(seconds)}
        case Hold(calendar):
            return _("Hold until “%(calendar)s” is open") % {"calendar": _calendar(contract, calendar)}
        case Assign(name):
            return _("Assign to %(whom)s") % {"whom": whom(name, rotas, teams)} if name else _("Assign to nobody")
        case SetTeam(slug):
            team = contract.teams.get(slug)
            return _("Move to the group “%(team)s”") % {"team": team.name if team else slug}
        case RaiseSeverity(code):
            return _("Raise the severity to %(code)s") % {"code": code}
        case Post(name):
            return _("Open an incident in %(service)s") % {"service": name}
        case Repeat(place, times):
            named = {"step": str(place + 1), "times": str(times)}
            return ngettext(
                "Repeat from step %(step)s, once more", "Repeat from step %(step)s, up to %(times)s times", times
            ) % (named)


def words_of(deed: Deed) -> tuple[str, str, str]:
    """A step that will be taken: an icon, what, and a remark."""
    step = deed.step
    if isinstance(step, Notify):
        if not deed.people:
            return "minus", _("Nobody: %(whom)s") % {"whom": and_list(whom(each) for each in step.whom)}, ""
        names = and_list(person.name for person in deed.people)
        by = and_list(channel_names()[each] for each in deed.people[0].channels)
        why = and_list(dict.fromkeys(person.why for person in deed.people))
        quiet = and_list(person.name for person in deed.people if person.is_quiet)
        if quiet:
            why = _("%(why)s; quiet hours of %(names)s, nobody waits for them") % {"why": why, "names": quiet}
        if deed.place is None:
            why = _("the fallback, for nobody was reached; %(why)s") % {"why": why}
        return "bell", _("%(names)s by %(by)s") % {"names": names, "by": by}, why
    named = and_list(person.name for person in deed.people)
    match step:
        case Assign(name):
            return "user", _("Assigned to %(name)s") % {"name": named or (whom(name) if name else _("nobody"))}, ""
        case SetTeam(slug):
            return "users", _("Moved to the group %(team)s") % {"team": slug}, ""
        case RaiseSeverity(code):
            return "arrow-up", _("Severity at least %(code)s") % {"code": code}, ""
        case Post(name):
            missing = _("no such service is set up") if deed.is_missing else ""
            return "bolt", _("Incident in %(service)s") % {"service": name}, missing
    return "arrow-right", "", ""


def trigger_words(section: TriggerSection) -> str:
    """What opens a page, in words."""
    text = policies.trigger_names()[section.trigger]
    if section.after is not None:
        text = f"{text} {duration(section.after)}"
    if section.of:
        metrics = and_list(each.replace("_", " ") for each in section.of)
        text = _("%(trigger)s (%(metrics)s)") % {"trigger": text, "metrics": metrics}
    if section.audience:
        kind = _("internal objectives") if section.audience == "internal" else _("promises to the customer")
        text = _("%(trigger)s, %(audience)s only") % {"trigger": text, "audience": kind}
    return text


def only_words(policy: PolicySection, contract: Contract) -> str:
    """The tickets that a policy is for, in words."""
    only = policy.only
    paging = [priority.code for priority in contract.priorities if priority.pages]
    plans = {plan.slug: plan.name for plan in contract.plans}
    categories = {category.slug: category.name for category in contract.categories}
    plans_only = [plans.get(slug, slug) for slug in only.plans]
    categories_only = [categories.get(slug, slug) for slug in only.categories]
    parts = [
        _("priorities that wake people (%(codes)s)") % {"codes": ", ".join(paging)} if only.pages else "",
        _("priority %(codes)s") % {"codes": _or(only.priorities)} if only.priorities else "",
        _("severity %(codes)s") % {"codes": _or(only.severities)} if only.severities else "",
        _("plan %(names)s") % {"names": _or(plans_only)} if plans_only else "",
        _("group %(names)s") % {"names": _or(contract.teams[each].name for each in only.teams)} if only.teams else "",
        _("category %(names)s") % {"names": _or(categories_only)} if categories_only else "",
    ]
    if only.hours is not None:
        named = {"calendar": _calendar(contract, only.hours.open or only.hours.closed or "")}
        parts.append(
            (_("while “%(calendar)s” is open") if only.hours.open else _("while “%(calendar)s” is closed")) % named
        )
    return ", ".join(part for part in parts if part) or _("every ticket")


def _or(words: Iterable[str]) -> str:
    return _(" or ").join(words)


def _calendar(contract: Contract, slug: str) -> str:
    section = contract.calendars.get(slug)
    return section.name if section is not None else slug
