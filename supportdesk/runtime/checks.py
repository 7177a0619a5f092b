from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


def privilege_of(connection: BaseDatabaseWrapper) -> str | None:
    """What lifts the connected role above row-level security, or None: then the database walls off tenants."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        is_superuser, bypasses = cursor.fetchone()
    return "is a superuser" if is_superuser else "has BYPASSRLS" if bypasses else None


def refusal(connection: BaseDatabaseWrapper) -> str | None:
    """The sentence that refuses a role the tenants' walls do not hold for, or None."""
    privilege = privilege_of(connection)
    if privilege is None:
        return None
    role = connection.settings_dict["USER"] or "of the operating system"
    return (
        f"The database role {role} {privilege}, so row-level security would not hold for it; "
        f"use a role made with: CREATE ROLE … LOGIN NOSUPERUSER NOBYPASSRLS."
    )


@register(Tags.database)
def application_role_is_bound_by_row_level_security(
    databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    refusals = (refusal(connections[alias]) for alias in databases or ())
    return [Error(sentence, id="runtime.E001") for sentence in refusals if sentence]
