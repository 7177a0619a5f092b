"""The parts of a contract that are versioned: calendars, and plans with what they promise."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from plans.actions.catalogue import PriorityRows, retire
from plans.contract import Contract, digest
from plans.contract.amounts import write_amount, write_warn_at
from plans.contract.plan import PlanSection
from plans.contract.resolve import ResolvedTarget, calendar_json, resolved_targets
from plans.models import Calendar, CalendarVersion, ContractVersion, Offering, Plan, PlanVersion, Target
from sla.targets import Audience, BestEffort, BusinessDays, Driver, Span
from supportdesk.timers import actions as timers

IN_FORCE = "plans.in_force"
"""The kind of timer that fires when a new version of a plan takes effect; its subject is the version."""

_NOT_DETAILS = {
    "slug", "name", "rank", "description", "offerings", "driver", "warn_at", "promises", "objectives",
}  # fmt: skip


@dataclass(frozen=True)
class WrittenCalendars:
    """The version in force of each calendar, and the slugs of those that got a new one."""

    current: dict[str, CalendarVersion]
    changed: tuple[str, ...]


def write_calendars(contract: Contract, *, at: datetime) -> WrittenCalendars:
    """A new version of each calendar whose hours, holidays, zone or name changed; the holidays are dated here."""
    current: dict[str, CalendarVersion] = {}
    changed: list[str] = []
    rows: list[int] = []
    for slug, section in contract.calendars.items():
        calendar, _ = Calendar.objects.update_or_create(slug=slug, defaults={"name": section.name, "retired_at": None})
        rows.append(calendar.pk)
        hours = calendar_json(contract, slug)
        latest = calendar.versions.order_by("-number").first()
        if latest is None or (latest.name, latest.hours) != (section.name, hours):
            number = latest.number + 1 if latest else 1
            latest = CalendarVersion.objects.create(
                calendar=calendar, number=number, name=section.name, created_at=at, **hours
            )
            changed.append(slug)
        current[slug] = latest
    retire(Calendar, keep=rows, at=at)
    return WrittenCalendars(current, tuple(changed))


def write_plans(
    contract: Contract,
    version: ContractVersion,
    calendars: dict[str, CalendarVersion],
    priorities: PriorityRows,
    *,
    at: datetime,
    effective_from: datetime,
) -> tuple[str, ...]:
    """A new version of each plan whose promises changed, in every offering that it is sold in; returns their slugs."""
    offerings = _write_offerings(contract, at=at)
    changed: list[str] = []
    kept: list[int] = []
    for section in contract.plans:
        targets = resolved_targets(contract, section)
        details = section.model_dump(mode="json", exclude_defaults=True, exclude=_NOT_DETAILS)
        fingerprint = _fingerprint(section, targets, details, calendars)
        for offered in contract.offerings_of(section):
            facts = {"name": section.name, "rank": section.rank, "description": section.description or ""}
            plan, _ = Plan.objects.update_or_create(
                offering=offerings[offered.slug], slug=section.slug, defaults=facts | {"retired_at": None}
            )
            kept.append(plan.pk)
            latest = plan.versions.order_by("-number").first()
            if latest is not None and latest.digest == fingerprint:
                continue
            plan_version = PlanVersion.objects.create(
                plan=plan,
                number=latest.number + 1 if latest else 1,
                contract_version=version,
                effective_from=effective_from,
                driver=section.driver,
                details=details,
                digest=fingerprint,
            )
            _write_targets(plan_version, section, targets, calendars, priorities)
            if latest is not None:
                timers.set(IN_FORCE, plan_version.pk, effective_from)
            if section.slug not in changed:
                changed.append(section.slug)
    retire(Plan, keep=kept, at=at)
    return tuple(changed)


def _write_offerings(contract: Contract, *, at: datetime) -> dict[str, Offering]:
    written: dict[str, Offering] = {}
    for position, section in enumerate(contract.offerings, start=1):
        facts = {"name": section.name, "description": section.description or "", "position": position}
        written[section.slug], _ = Offering.objects.update_or_create(
            slug=section.slug, defaults=facts | {"retired_at": None}
        )
    retire(Offering, keep=[row.pk for row in written.values()], at=at)
    return written


def _fingerprint(
    section: PlanSection,
    targets: tuple[ResolvedTarget, ...],
    details: dict[str, Any],
    calendars: dict[str, CalendarVersion],
) -> str:
    """Differs when anything promised does. Calendars count with their hours, so that a new holiday is a new version."""
    promised = []
    for target in targets:
        fields = asdict(target) | {
            "amount": write_amount(target.amount),
            "rule": target.amount.rule if isinstance(target.amount, BusinessDays) else "",
            "warn": write_warn_at(target.warn),
            "pauses_in": sorted(target.pauses_in),
            "runs_in": sorted(target.runs_in),
            "calendar": calendars[target.calendar].pk,
        }
        promised.append(fields)
    return digest({"name": section.name, "driver": section.driver, "targets": promised, "details": details})


def _write_targets(
    plan_version: PlanVersion,
    section: PlanSection,
    targets: tuple[ResolvedTarget, ...],
    calendars: dict[str, CalendarVersion],
    priorities: PriorityRows,
) -> None:
    rows = []
    for position, target in enumerate(targets, start=1):
        by_severity = target.audience is Audience.INTERNAL or section.driver is Driver.SEVERITY
        rows.append(
            Target(
                plan_version=plan_version,
                priority=priorities["severity" if by_severity else "priority", target.code],
                calendar_version=calendars[target.calendar],
                position=position,
                metric=target.metric,
                audience=target.audience,
                warn_fraction=target.warn.fraction,
                warn_lead=target.warn.lead,
                pauses_in=sorted(target.pauses_in),
                runs_in=sorted(target.runs_in),
                promise=target.promise,
                source=target.source,
                derived_from=target.derived_from,
                **_amount_columns(target),
            )
        )
    Target.objects.bulk_create(rows)


def _amount_columns(target: ResolvedTarget) -> dict[str, Any]:
    match target.amount:
        case Span(seconds):
            return {"kind": Target.Kind.SPAN, "seconds": seconds}
        case BusinessDays(days, low, rule):
            return {"kind": Target.Kind.BUSINESS_DAYS, "days": days, "low_days": low, "rule": rule}
        case BestEffort():
            return {"kind": Target.Kind.BEST_EFFORT}
