"""Reports over 12 months at 1,000 and at 100,000 tickets: `python benchmarks/reports.py`.

Makes a database of its own beside the desk's (and removes it), fills it with synthetic tickets and clocks in SQL, four
clocks a ticket, those of the vendors in turns as they come in life, and times what the report page asks for.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import django
from django.db import connection

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportdesk.settings")

AT = datetime(2026, 3, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
ROUNDS = 7

TICKETS = """
INSERT INTO tickets_ticket (vendor_id, number, subject, organization_id, project_id, plan_version_id, plan_rank,
  environment, priority_id, state, state_since, requester_id, team_id, is_shared, url, fields, received_at, created_at,
  updated_at, resolved_at)
SELECT %(vendor)s, n, 'The shop answers slowly since the last release', %(organization)s, %(project)s, %(version)s, 10,
  '', (%(priorities)s::bigint[])[1 + n %% 4], 'resolved', at, %(requester)s, (%(teams)s::bigint[])[1 + n %% 5], false,
  '', '{}', at, at, at, at
FROM (SELECT n, %(at)s - interval '365 days' * (1 - n::float / %(last)s) AS at
      FROM generate_series(%(first)s, %(until)s) AS n) AS numbered"""

CLOCKS = """
INSERT INTO sla_clock (vendor_id, ticket_id, plan_version_id, target_key, metric, audience, priority, promise,
  is_best_effort, cycle, started_at, pauses, paused_reason, due_at, warn_at, breached_at, settled_at, outcome,
  open_seconds)
SELECT ticket.vendor_id, ticket.id, ticket.plan_version_id, audience || '.' || metric || '.' || priority.code, metric,
  audience, priority.code, 'first response within 24 business hours, M–F 09:00–17:00', false, 1, ticket.received_at,
  '[]', '', ticket.received_at + interval '6 hours', ticket.received_at + interval '4 hours',
  CASE WHEN standing IN ('late', 'breached') THEN ticket.received_at + interval '6 hours' END,
  CASE WHEN standing IN ('late', 'met') THEN ticket.received_at + make_interval(secs => used) END,
  CASE WHEN standing IN ('late', 'met') THEN standing ELSE '' END,
  CASE WHEN standing IN ('late', 'met') THEN used END
FROM tickets_ticket AS ticket
JOIN plans_priority AS priority ON priority.id = ticket.priority_id
CROSS JOIN (VALUES ('first_response', 'contract'), ('resolution', 'contract'), ('first_response', 'internal'),
                   ('next_response', 'contract')) AS kind (metric, audience)
CROSS JOIN LATERAL (SELECT CASE WHEN random() < 0.93 THEN 'met' WHEN random() < 0.95 THEN 'late' ELSE 'breached' END
                    AS standing, ticket.id) AS drawn
CROSS JOIN LATERAL (SELECT CASE WHEN standing = 'late' THEN 21600 + (random() * 90000)::int
                                ELSE 1 + (random() * 21500)::int END AS used) AS taken
WHERE ticket.vendor_id = %(vendor)s AND ticket.number BETWEEN %(first)s AND %(until)s"""

EVENTS = """
INSERT INTO tickets_event (vendor_id, ticket_id, kind, at, data)
SELECT vendor_id, id, 'opened', received_at, '{"state": "new"}'::jsonb FROM tickets_ticket WHERE vendor_id = %(vendor)s
UNION ALL
SELECT vendor_id, id, 'assigned', received_at + interval '20 minutes', '{"to_name": "Carol"}'::jsonb
FROM tickets_ticket WHERE vendor_id = %(vendor)s"""


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000, help="of the large vendor")
    parser.add_argument("--others", type=int, default=100_000, help="tickets of a third vendor in the same tables")
    options = parser.parse_args()
    django.setup()
    connection.settings_dict["TEST"]["NAME"] = "bench_reports"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        vendors = fill({"large": options.tickets, "small": 1_000, "third": options.others})
        table(vendors)
    finally:
        connection.creation.destroy_test_db("postgres", verbosity=0)


def fill(sizes: dict[str, int]) -> dict[str, int]:
    """The vendors' ids, by name; their tickets lie between each other's in the tables."""
    from supportdesk.tenancy.scope import vendor_scope

    settings = {name: vendor(name) for name in sizes if sizes[name]}
    shares = 20
    for share in range(shares):
        for name, values in settings.items():
            size = sizes[name]
            numbers = {"first": 1 + size * share // shares, "until": size * (share + 1) // shares, "last": size}
            with vendor_scope(values["vendor"]), connection.cursor() as cursor:
                cursor.execute(TICKETS, values | numbers)
                cursor.execute(CLOCKS, values | numbers)
    for values in settings.values():
        with vendor_scope(values["vendor"]), connection.cursor() as cursor:
            cursor.execute(EVENTS, values)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {name: values["vendor"] for name, values in settings.items()}


def vendor(name: str) -> dict[str, Any]:
    """A vendor with OroCloud's contract, five teams and one customer: the values that its tickets need."""
    from plans.actions import load_contract
    from plans.contract import canonical, read_canonical, read_file
    from plans.models import PlanVersion, Priority
    from supportdesk.accounts.models import Membership, Organization, Project, Role, Team, User, Vendor
    from supportdesk.tenancy.scope import vendor_scope

    contract, _ = read_file(Path(__file__).resolve().parents[1] / "contracts" / "orocloud.yaml")
    document = canonical(contract)
    document["vendor"] |= {"slug": name, "name": name.title()}
    load_contract(read_canonical(document, name=name), by=None, at=AT - 2 * YEAR, source_text="")
    owner = Vendor.objects.get(slug=name)
    with vendor_scope(owner):
        teams = [Team.objects.create(slug=f"team-{number}", name=f"Team {number}").pk for number in range(5)]
        organization = Organization.objects.create(slug="northwind", name="Northwind")
        project = Project.objects.create(organization=organization, slug="shop", name="Shop")
        alice = User.objects.create_user(email=f"alice@{name}.example", name="Alice")
        requester = Membership.objects.create(user=alice, organization=organization, role=Role.CUSTOMER)
        return {
            "vendor": owner.pk,
            "organization": organization.pk,
            "project": project.pk,
            "version": PlanVersion.objects.get().pk,
            "priorities": list(Priority.objects.exclude(code="ER").values_list("pk", flat=True)),
            "requester": requester.pk,
            "teams": teams,
            "at": AT,
        }


def table(vendors: dict[str, int]) -> None:
    from sla.breaches import breaches
    from sla.reports import By, Selection, attainment, times
    from supportdesk.tenancy.scope import vendor_scope

    year = Selection(AT - YEAR, AT + timedelta(seconds=1))
    kyiv = ZoneInfo("Europe/Kyiv")
    questions: dict[str, Callable[[], object]] = {
        f"attainment by {by}": partial(attainment, year, by, at=AT, zone=kyiv) for by in By
    }
    questions["median and p90 of open time"] = lambda: times(year, at=AT)
    questions["50 breaches with reasons"] = lambda: breaches(year, at=AT)
    questions["**one page: by month, times, breaches**"] = lambda: (
        attainment(year, By.MONTH, at=AT, zone=kyiv), times(year, at=AT), breaches(year, at=AT)
    )  # fmt: skip
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; medians of {ROUNDS}\n")
    print("| ms over 12 months | 100k tickets | 1k tickets | ratio |\n|---|--:|--:|--:|")
    for name, ask in questions.items():
        taken = {}
        for size in ("large", "small"):
            with vendor_scope(vendors[size]):
                assert ask(), name
                taken[size] = statistics.median(milliseconds(ask) for _ in range(ROUNDS))
        print(f"| {name} | {taken['large']:.0f} | {taken['small']:.1f} | {taken['large'] / taken['small']:.0f} |")


def milliseconds(ask: Callable[[], object]) -> float:
    began = perf_counter()
    ask()
    return 1000 * (perf_counter() - began)


if __name__ == "__main__":
    main()
