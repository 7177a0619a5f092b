"""The parts of a contract that are kept in place: renamed when they change, retired when they go, never deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import models
from django.db.models import F

from plans.contract import Contract
from plans.contract.desk import FormField
from plans.contract.priorities import CriteriaSection, PrioritySection
from plans.models import Category, Priority, PriorityScheme, StatusLabel
from supportdesk.accounts.models import Team

Row = TypeVar("Row", bound=models.Model)

PriorityRows = dict[tuple[str, str], Priority]
"""Priorities by kind of scheme ("priority" or "severity") and code."""


def write_teams(contract: Contract) -> None:
    """Makes the contract's teams and names them. Teams that it no longer has stay: people are in them."""
    _write(Team, "slug", {slug: {"name": team.name} for slug, team in contract.teams.items()})


def write_status_labels(contract: Contract) -> None:
    """The six states in the vendor's words."""
    _write(
        StatusLabel,
        "state",
        {
            state.value: {
                "label": section.label,
                "customer_label": section.customer_label or section.label,
                "description": section.description,
            }
            for state, section in contract.statuses.items()
        },
    )


def write_categories(contract: Contract, *, at: datetime) -> None:
    """The categories with their forms: the questions common to all first."""
    rows = _write(
        Category,
        "slug",
        {
            section.slug: {
                "name": section.name,
                "description": section.description or "",
                "fields": form_json([*contract.intake.fields, *section.fields]),
                "position": position,
                "retired_at": None,
            }
            for position, section in enumerate(contract.categories, start=1)
        },
    )
    retire(Category, keep=[row.pk for row in rows.values()], at=at)


def write_priorities(contract: Contract, *, at: datetime) -> PriorityRows:
    """Both schemes. Without severities of its own the contract grades severity by its priorities."""
    written: PriorityRows = {}
    for kind, sections in (("priority", contract.priorities), ("severity", contract.severities)):
        scheme = PriorityScheme.objects.filter(kind=kind).first()
        if scheme is None:
            if not sections:
                continue
            scheme = PriorityScheme.objects.create(kind=kind)
        written |= {(kind, code): row for code, row in _write_scheme(scheme, sections, at).items()}
    if not contract.severities:
        written |= {("severity", code): row for (_, code), row in list(written.items())}
    return written


def form_json(fields: list[FormField]) -> list[dict[str, Any]]:
    """The questions of a form, with kind and required always given; of two with one key the later counts."""
    return list({field.key: field.model_dump(mode="json") for field in fields}.values())


def retire(model: type[models.Model], *, keep: list[int], at: datetime) -> None:
    """Marks the rows that the contract no longer has."""
    gone = model._default_manager.filter(retired_at__isnull=True).exclude(pk__in=keep)
    gone.update(retired_at=at)


def _write_scheme(scheme: PriorityScheme, sections: list[PrioritySection], at: datetime) -> dict[str, Priority]:
    current = Priority.objects.filter(scheme=scheme, retired_at__isnull=True)
    current.exclude(code__in=[section.code for section in sections]).update(retired_at=at)
    if list(current.order_by("rank").values_list("code", flat=True)) != [section.code for section in sections]:
        current.update(rank=F("rank") + 1000)  # ranks are unique: make room before they change places
    return _write(
        Priority,
        "code",
        {
            section.code: {
                "scheme": scheme,
                "name": section.name,
                "rank": rank,
                "definition": section.definition,
                "examples": section.examples,
                "criteria": [_criteria(criteria) for criteria in section.criteria],
                "pages": section.pages,
                "retired_at": None,
            }
            for rank, section in enumerate(sections, start=1)
        },
        among={"scheme": scheme},
    )


def _criteria(section: CriteriaSection) -> dict[str, Any]:
    conditions: list[dict[str, Any]] = []
    for condition in section.any_of:
        written: dict[str, Any] = {"text": condition.text}
        if condition.launch_within is not None:
            written["launch_within_days"] = condition.launch_within / timedelta(days=1)
        if condition.plan_feature is not None:
            written["plan_feature"] = condition.plan_feature
        conditions.append(written)
    return {
        "environment": section.environment,
        "workaround": section.workaround,
        "text": section.text or "",
        "any_of": conditions,
    }


def _write(
    model: type[Row], key: str, values: Mapping[str, Mapping[str, Any]], among: Mapping[str, Any] | None = None
) -> dict[str, Row]:
    """Makes or changes the row of each key; a row that already says so is left alone."""
    existing = {getattr(row, key): row for row in model._default_manager.filter(**(among or {}))}
    written: dict[str, Row] = {}
    for name, fields in values.items():
        row = existing.get(name)
        if row is None:
            row = model._default_manager.create(**{key: name}, **fields)
        else:
            changed = [field for field, value in fields.items() if getattr(row, field) != value]
            for field in changed:
                setattr(row, field, fields[field])
            if changed:
                row.save(update_fields=changed)
        written[name] = row
    return written
