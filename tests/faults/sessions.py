"""Sessions with the tests' database beside the one that is Django's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.db import connection

PARAMS = ("dbname", "user", "password", "host", "port")


def params() -> dict[str, Any]:
    return {name: value for name, value in connection.get_connection_params().items() if name in PARAMS}


@contextmanager
def a_session() -> Iterator[Any]:
    session = psycopg2.connect(**params())
    try:
        yield session
    finally:
        session.close()
