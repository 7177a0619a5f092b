"""Vendors with very many tickets, made by the database itself, for the programs beside this one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

AT = datetime(2026, 3, 1, tzinfo=UTC)
WORDS = """
checkout basket invoice catalogue search index payment shipping login password session cache certificate
webhook import export report dashboard customer order refund discount tax currency translation theme image
upload backup migration deployment release queue worker cron database replica timeout latency memory disk
network proxy domain
""".split()  # noqa: SIM905 (a list of words is read, not of quotes)
"""Drawn so that the first are common (in a fifth of all messages) and the last rare."""
STATES = ("new", "acknowledged", "in_progress", "waiting", "reopened")

TICKETS = """
INSERT INTO tickets_ticket (vendor_id, number, subject, organization_id, project_id, plan_version_id, plan_rank,
  environment, priority_id, state, state_since, requester_id, assignee_id, team_id, is_shared, url, fields, received_at,
  created_at, updated_at, resolved_at, next_due_at, next_warn_at, unanswered_since)
SELECT %(vendor)s, n, 'The ' || w1 || ' fails after the ' || w2 || ' of ' || n, (%(organizations)s::bigint[])[o],
  (%(projects)s::bigint[])[o], %(version)s, 10 * (n %% 4), 'production', (%(priorities)s::bigint[])[1 + n %% 4],
  CASE WHEN is_open THEN (%(states)s::text[])[1 + n %% 5] ELSE 'resolved' END, at, (%(requesters)s::bigint[])[o],
  CASE WHEN n %% 3 > 0 THEN (%(agents)s::bigint[])[1 + n %% cardinality(%(agents)s::bigint[])] END,
  (%(teams)s::bigint[])[1 + n %% 5], false, '', '{}', at, at, at, CASE WHEN NOT is_open THEN at END,
  CASE WHEN is_open AND n %% 10 < 7 THEN %(at)s + (at - %(at)s) / 20 + interval '9 days' END,
  CASE WHEN is_open AND n %% 10 < 7 THEN %(at)s + (at - %(at)s) / 20 + interval '8 days' END,
  CASE WHEN is_open AND n %% 4 = 0 THEN at END
FROM (SELECT n, 1 + n %% cardinality(%(organizations)s::bigint[]) AS o, n %% 2 = 0 AS is_open,
        %(at)s - interval '365 days' * (1 - n::float / %(last)s) AS at,
        (%(words)s::text[])[1 + floor(power(random(), 3) * cardinality(%(words)s::text[]))] AS w1,
        (%(words)s::text[])[1 + floor(power(random(), 3) * cardinality(%(words)s::text[]))] AS w2
      FROM generate_series(%(first)s, %(until)s) AS n) AS numbered"""

MESSAGES = """
INSERT INTO tickets_message (vendor_id, ticket_id, author_id, kind, channel, body, created_at)
SELECT vendor_id, id, CASE WHEN m = 2 THEN assignee_id ELSE requester_id END, CASE WHEN m = 3 THEN 'note' ELSE
'public' END,
  'portal', (SELECT string_agg((%(words)s::text[])[1 + floor(power(random(), 3) * cardinality(%(words)s::text[]))]
                               || ' w' || (id * 7 + i * m) %% 5000, ' ') FROM generate_series(1, 20) AS i),
  received_at + m * interval '1 hour'
FROM tickets_ticket CROSS JOIN generate_series(1, 3) AS m
WHERE vendor_id = %(vendor)s AND number BETWEEN %(first)s AND %(until)s"""

CLOCKS = """
INSERT INTO sla_clock (vendor_id, ticket_id, plan_version_id, target_key, metric, audience, priority, promise,
  is_best_effort, cycle, started_at, pauses, paused_reason, due_at, warn_at, settled_at, outcome)
SELECT ticket.vendor_id, ticket.id, plan_version_id, 'contract.first_response.' || code, 'first_response', 'contract',
  code, 'first response within 24 business hours', false, 1, received_at, '[]', '', next_due_at, next_warn_at,
  CASE WHEN next_due_at IS NULL THEN received_at + interval '1 hour' END,
  CASE WHEN next_due_at IS NULL THEN 'met' ELSE '' END
FROM tickets_ticket AS ticket JOIN plans_priority AS priority ON priority.id = priority_id
WHERE ticket.vendor_id = %(vendor)s AND number BETWEEN %(first)s AND %(until)s"""

ENTRIES = """
INSERT INTO tickets_searchentry (vendor_id, ticket_id, public, whole)
SELECT t.vendor_id, t.id, words || said, words || searchentry_ids(t) || said || noted
FROM tickets_ticket AS t,
  LATERAL (SELECT searchentry_scope(t.vendor_id, t.organization_id)
    || setweight(to_tsvector('simple', t.number::text) || to_tsvector('english', t.subject), 'A') AS words) AS subject,
  LATERAL (SELECT to_tsvector('english', coalesce(string_agg(body, ' ') FILTER (WHERE kind <> 'note'), '')) AS said,
      to_tsvector('english', coalesce(string_agg(body, ' ') FILTER (WHERE kind = 'note'), '')) AS noted
    FROM tickets_message AS m WHERE m.vendor_id = t.vendor_id AND m.ticket_id = t.id) AS messages
WHERE t.vendor_id = %(vendor)s AND number BETWEEN %(first)s AND %(until)s"""
"""What the triggers would have written of each ticket, all at once: a million takes them most of an hour."""

TAGGED = """
INSERT INTO tickets_tickettag (vendor_id, ticket_id, tag_id, at)
SELECT vendor_id, id, (%(tags)s::bigint[])[1 + number %% cardinality(%(tags)s::bigint[])], received_at
FROM tickets_ticket WHERE vendor_id = %(vendor)s AND number BETWEEN %(first)s AND %(until)s AND number %% 5 = 0"""


@contextmanager
def database(name: str) -> Iterator[None]:
    """A database of its own beside the desk's, gone at the end."""
    connection.settings_dict["TEST"]["NAME"] = name
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db("postgres", verbosity=0)


@contextmanager
def without_search() -> Iterator[None]:
    """Fills without the search's triggers, and makes its indexes when all is there."""
    tables = ("tickets_ticket", "tickets_message", "tickets_tickettag")
    columns = ("public", "whole")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER searchentry")
        for column in columns:
            cursor.execute(f"DROP INDEX searchentry_{column}")
        yield
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER searchentry")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for column in columns:
            cursor.execute(
                f"CREATE INDEX searchentry_{column} ON tickets_searchentry USING gin ({column}) WITH (fastupdate = off)"
            )


def fill(sizes: dict[str, int], *, with_messages: bool) -> dict[str, dict[str, Any]]:
    """What each vendor's tickets point at, by name; the tickets lie between each other's in the tables, half of them
    open. Without messages the words to search are those of the subjects alone."""
    from supportdesk.tenancy.scope import vendor_scope

    settings = {name: vendor(name) for name in sizes if sizes[name]}
    statements = [TICKETS, *([MESSAGES] if with_messages else []), CLOCKS, TAGGED, ENTRIES]
    shares = 20
    with without_search():
        for share in range(shares):
            for name, values in settings.items():
                size = sizes[name]
                numbers = {"first": 1 + size * share // shares, "until": size * (share + 1) // shares, "last": size}
                with vendor_scope(values["vendor"]), connection.cursor() as cursor:
                    for statement in statements:
                        cursor.execute(statement, values | numbers)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return settings


def vendor(name: str) -> dict[str, Any]:
    """A vendor with OroCloud's contract, five teams, eight agents and twenty customers."""
    from plans.actions import load_contract
    from plans.contract import canonical, read_canonical, read_file
    from plans.models import PlanVersion, Priority
    from supportdesk.accounts.models import Membership, Organization, Project, Role, Team, User, Vendor
    from supportdesk.tenancy.scope import vendor_scope
    from tickets.models import Tag

    contract, _ = read_file(Path(__file__).resolve().parents[1] / "contracts" / "orocloud.yaml")
    document = canonical(contract)
    document["vendor"] |= {"slug": name, "name": name.title()}
    load_contract(read_canonical(document, name=name), by=None, at=AT - timedelta(days=730), source_text="")
    owner = Vendor.objects.get(slug=name)

    def member(who: str, organization: Organization | None, role: Role) -> int:
        user = User(email=f"{who.lower()}@{name}.example", name=who, password="!")
        user.save()
        return Membership.objects.create(user=user, organization=organization, role=role).pk

    with vendor_scope(owner):
        teams = [Team.objects.create(slug=f"team-{number}", name=f"Team {number}").pk for number in range(5)]
        organizations = [Organization.objects.create(slug=f"org-{n}", name=f"Organization {n}") for n in range(20)]
        return {
            "vendor": owner.pk,
            "organizations": [each.pk for each in organizations],
            "projects": [Project.objects.create(organization=o, slug="shop", name="Shop").pk for o in organizations],
            "requesters": [member(f"Customer{o.pk}", o, Role.CUSTOMER) for o in organizations],
            "agents": [member(f"Agent{number}", None, Role.LEAD) for number in range(8)],
            "version": PlanVersion.objects.get().pk,
            "priorities": list(Priority.objects.exclude(code="ER").values_list("pk", flat=True)),
            "tags": [Tag.objects.create(slug=f"tag-{n}", name=f"Tag {n}").pk for n in range(30)],
            "teams": teams,
            "words": list(WORDS),
            "states": list(STATES),
            "at": AT,
        }
