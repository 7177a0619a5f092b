"""How many tickets are in the views that people saved: capped, and bounded in time.

A built-in view has an index to be counted by; a saved one narrows by anything, so what its count reads has no bound. It
is asked for after the page has come, one view at a time, and a count that cannot be had in time is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import OperationalError, connection, transaction

from supportdesk.accounts.models import Membership
from tickets import listing, selecting
from tickets.models import RailOrder, SavedView
from tickets.selecting import WrongAddress

PATIENCE = timedelta(milliseconds=150)
"""A view's count may take so long in the database."""
MOST_COUNTED = 20
"""Of a person's saved views so many are counted, those that stand first by name."""
QUERY_CANCELED = "57014"


def saved_counts(who: Membership, at: datetime) -> dict[int, int]:
    """By id, for each saved view in a person's rail that could be counted in time; ``listing.COUNT_CAP`` stands for
    that many or more."""
    hidden = {key for keys in RailOrder.objects.filter(person=who).values_list("hidden", flat=True) for key in keys}
    views = [view for view in SavedView.objects.shown_to(who).order_by("name", "pk") if view.key not in hidden]
    counted = ((view.pk, _count(view, who, at)) for view in views[:MOST_COUNTED])
    return {pk: count for pk, count in counted if count is not None}


def _count(view: SavedView, who: Membership, at: datetime) -> int | None:
    try:
        selection = selecting.read_query(view.query, views=listing.SLUGS)
    except WrongAddress:
        return None
    try:
        with transaction.atomic(), _in_time(PATIENCE):
            return listing.count(selection, who, at)
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) == QUERY_CANCELED:
            return None
        raise


@contextmanager
def _in_time(limit: timedelta) -> Iterator[None]:
    """No statement inside may take longer. In a savepoint: one that was cut off undoes the setting too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        before = cursor.fetchone()[0]
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true)", [f"{limit / timedelta(milliseconds=1):.0f}ms"]
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
