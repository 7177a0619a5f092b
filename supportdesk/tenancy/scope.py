"""Which vendor's rows this piece of work may touch.

A scope is both a fact in the process (a context variable that the managers read) and a fact in the database
(the transaction-local setting ``app.vendor`` that the row-level security policies read), so a scope is always
a transaction: it begins one when none is open.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

import structlog
from django.db import connection, transaction

log = structlog.get_logger(__name__)

SETTING = "app.vendor"
ALL = "*"
_active: ContextVar[str | None] = ContextVar("vendor_scope", default=None)


class NoScope(RuntimeError):  # noqa: N818 (a refusal, named for what is missing)
    """A tenant table was reached with no vendor scope active."""


class HasPk(Protocol):
    @property
    def pk(self) -> int: ...


@contextmanager
def vendor_scope(vendor: HasPk | int) -> Iterator[None]:
    """Everything inside sees and writes the rows of this vendor only, in one transaction."""
    with _scope(str(vendor if isinstance(vendor, int) else vendor.pk)):
        yield


@contextmanager
def all_vendors(why: str) -> Iterator[None]:
    """A named system sweep over every vendor's rows, in one transaction. ``why`` goes to the log.

    Raises ValueError when no reason is given.
    """
    if not why.strip():
        raise ValueError("all_vendors needs a reason")
    log.debug("all_vendors", why=why)
    with _scope(ALL):
        yield


def current_vendor_id() -> int | None:
    """The vendor in scope, or None when the scope is all vendors. Raises NoScope when there is none."""
    active = _active.get()
    if active is None:
        raise NoScope("No vendor scope is active: use vendor_scope(vendor), or all_vendors(why) in a system sweep.")
    return None if active == ALL else int(active)


def has_scope() -> bool:
    return _active.get() is not None


def default_vendor_id() -> int | None:
    """What a new tenant row's ``vendor`` is when nobody names one; the database refuses None."""
    return current_vendor_id() if has_scope() else None


@contextmanager
def _scope(value: str) -> Iterator[None]:
    before = _active.get()
    if before == value and connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        _tell_database(value)
        token = _active.set(value)
        try:
            yield
        finally:
            _active.reset(token)
        # Only after success: on an exception PostgreSQL restores the setting with the rolled-back savepoint.
        if not connection.needs_rollback:
            _tell_database(before or "")


def _tell_database(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, value])
