"""Functions of the database's own that are hidden by others, for the connections that are made meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def a_clock_that_jumps() -> Iterator[None]:
    """The database's clock is what ``jump`` makes of it."""
    with _hiding():
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE shadow.by AS SELECT interval '0' AS much")
            for function in ("statement_timestamp", "clock_timestamp", "transaction_timestamp", "now"):
                cursor.execute(
                    f"CREATE FUNCTION shadow.{function}() RETURNS timestamptz LANGUAGE sql STABLE AS "
                    f"$$ SELECT pg_catalog.{function}() + much FROM shadow.by $$"
                )
        yield


def jump(hours: float) -> None:
    """To so many hours from the true time."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shadow.by SET much = make_interval(secs => %s)", [3600 * hours])


@contextmanager
def notices_that_get_lost() -> Iterator[None]:
    """NOTIFY reaches nobody; of this process's own connection too, which is made anew."""
    try:
        with _hiding():
            with connection.cursor() as cursor:
                cursor.execute(
                    "CREATE FUNCTION shadow.pg_notify(text, text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$"
                )
            connection.close()
            yield
    finally:
        connection.close()


@contextmanager
def _hiding() -> Iterator[None]:
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA shadow")
        cursor.execute(f'ALTER DATABASE "{name}" SET search_path = shadow, pg_catalog, public')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" RESET search_path')
            cursor.execute("DROP SCHEMA shadow CASCADE")
