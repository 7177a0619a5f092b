from __future__ import annotations

from datetime import timedelta

import pytest

from supportdesk.notifications.channels.base import asked_to_wait

DATE = "Fri, 13 Mar 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "99999999999"}, 24 * 3600),
        ({"Retry-After": "Fri, 13 Mar 2026 12:05:00 GMT", "Date": DATE}, 300),
        ({"Retry-After": "Fri, 13 Mar 2026 11:05:00 GMT", "Date": DATE}, 0),
        ({"Retry-After": "Fri, 13 Mar 2026 12:05:00 GMT"}, None),
    ],
)
def test_how_long_we_are_asked_to_wait(headers: dict[str, str], seconds: int | None) -> None:
    assert asked_to_wait(headers) == (None if seconds is None else timedelta(seconds=seconds))
