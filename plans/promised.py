"""What a plan version promises its customers, laid out to be read: the matrix, and what comes with the plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from plans.contract import Contract
from plans.contract.plan import PlanSection
from plans.contract.resolve import amount_words
from plans.models import PlanVersion, Priority, Subscription
from plans.models.priority import PriorityScheme
from plans.queries import contract_of, version_in_force
from plans.terms import terms_of
from sla.targets import Audience, Driver, Metric, Target
from supportdesk.accounts.models import Organization, Project, Vendor


@dataclass(frozen=True, slots=True)
class Cell:
    """One promise: the amount in words, the hours it is counted in, and the document's sentence behind it."""

    target: Target

    @property
    def amount(self) -> str:
        words = amount_words(self.target.amount)
        if self.target.metric is Metric.UPDATE and not self.target.is_best_effort:
            return _("every %(time)s") % {"time": words}
        return words


@dataclass(frozen=True, slots=True)
class Row:
    """What one priority is promised; ``no_clock`` says why nothing, in the contract's words."""

    code: str
    name: str
    definition: str
    rank: int
    cells: dict[Metric, Cell]
    no_clock: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """The public promises of a plan version, priority by priority. Internal objectives are never in it."""

    metrics: tuple[Metric, ...]
    rows: tuple[Row, ...]

    @property
    def is_empty(self) -> bool:
        return not self.metrics


@dataclass(frozen=True, slots=True)
class Sold:
    """A plan that projects of an organization have on a date, and what it promises."""

    version: PlanVersion
    subscriptions: tuple[Subscription, ...]
    is_current: bool
    matrix: Matrix
    terms: PlanSection | None
    history: tuple[tuple[PlanVersion, tuple[str, ...]], ...]


def sold_to(
    organization: Organization, projects: Iterable[Project], *, at: datetime, shown: PlanVersion | None = None
) -> list[Sold]:
    """What the organization's projects have, plan by plan, the higher first; ``shown`` stands in for the version in
    force of its plan. A plan is listed once for all projects that have it."""
    day = at.astimezone(Vendor.objects.only("zone").get(pk=organization.vendor_id).zoneinfo).date()
    active = Subscription.objects.active_on(day).filter(project__in=list(projects))
    by_plan: dict[int, list[Subscription]] = {}
    rows = active.select_related("plan__offering", "project").order_by("-plan__rank", "plan_id", "project__name")
    for subscription in rows:
        by_plan.setdefault(subscription.plan_id, []).append(subscription)
    found = []
    for subscriptions in by_plan.values():
        plan = subscriptions[0].plan
        in_force = version_in_force(plan, at)
        version = shown if shown is not None and shown.plan_id == plan.pk else in_force
        if version is not None:
            found.append(
                Sold(
                    version=version,
                    subscriptions=tuple(subscriptions),
                    is_current=version == in_force,
                    matrix=matrix_of(version),
                    terms=plan_section(version),
                    history=history_of(version),
                )
            )
    return found


def matrix_of(version: PlanVersion) -> Matrix:
    """The contract promises of a version, by the codes that drive them, the most urgent first."""
    targets = [target for target in terms_of(version).targets if target.audience is Audience.CONTRACT]
    by_code: dict[str, dict[Metric, Cell]] = {}
    for target in targets:
        by_code.setdefault(target.priority, {})[target.metric] = Cell(target)
    section = plan_section(version)
    reasons = {code: cell.no_clock or "" for code, cell in section.promises.items()} if section else {}
    metrics = tuple(metric for metric in Metric if any(target.metric is metric for target in targets))
    graded = [each for each in _grades(version) if each.code in by_code or reasons.get(each.code)]
    rows = tuple(
        Row(each.code, each.name, each.definition, each.rank, by_code.get(each.code, {}), reasons.get(each.code, ""))
        for each in graded
    )
    return Matrix(metrics, rows)


def plan_section(version: PlanVersion) -> PlanSection | None:
    """The plan's section of the contract that the version was made from; None where the plan is not in it."""
    contract: Contract = contract_of(version.contract_version_id)
    try:
        return contract.plan(version.plan.slug)
    except LookupError:
        return None


def history_of(version: PlanVersion) -> tuple[tuple[PlanVersion, tuple[str, ...]], ...]:
    """Every version of the plan, the newest first, each with what it changed for customers, a line a promise."""
    versions = list(PlanVersion.objects.filter(plan=version.plan_id).select_related("plan").order_by("number"))
    told: list[tuple[PlanVersion, tuple[str, ...]]] = []
    before: dict[str, Target] | None = None
    for each in versions:
        now = {t.key: t for t in terms_of(each).targets if t.audience is Audience.CONTRACT}
        told.append((each, () if before is None else tuple(_changes(before, now))))
        before = now
    return tuple(reversed(told))


def _changes(before: dict[str, Target], now: dict[str, Target]) -> Iterable[str]:
    for key in dict.fromkeys([*before, *now]):
        old, new = before.get(key), now.get(key)
        if old is None and new is not None:
            yield _("%(code)s: new, %(promise)s") % {"code": new.priority, "promise": new.promise}
        elif old is not None and new is None:
            yield _("%(code)s: no longer %(promise)s") % {"code": old.priority, "promise": old.promise}
        elif old is not None and new is not None and old.promise != new.promise:
            yield _("%(code)s: %(new)s; before, %(old)s") % {
                "code": new.priority,
                "new": new.promise,
                "old": old.promise,
            }
        elif old is not None and new is not None and old.calendar != new.calendar:
            yield _("%(code)s: %(promise)s, with other hours or holidays") % {
                "code": new.priority,
                "promise": new.promise,
            }


def _grades(version: PlanVersion) -> list[Priority]:
    kinds = [PriorityScheme.Kind.PRIORITY]
    if version.terms_driver is Driver.SEVERITY:
        kinds = [PriorityScheme.Kind.SEVERITY, PriorityScheme.Kind.PRIORITY]
    for kind in kinds:
        found = list(Priority.objects.of_kind(kind).order_by("rank", "pk"))
        if found:
            return found
    return []
