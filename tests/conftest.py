"""What every test stands on: PostgreSQL under the application's own role, and the hypothesis profiles.

Without DATABASE_URL the tests' own embedded cluster (`var/postgres-test`) starts with the first connection and ends
with the run.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from supportdesk.runtime.places import var_folder

pytest_plugins = ["tests.cast", "tests.workers", "tests.faults.figures"]

hypothesis.register_profile("dev", max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.register_profile("check", hypothesis.get_profile("dev"), max_examples=10_000)
hypothesis.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Gives each process that tests a database of its own, so that several runs in one checkout do not collide.

    The numbered place is a lock: a killed run frees it, and the next run in that place replaces the database.
    """
    var = var_folder()
    var.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        with Path(var, f"tests.{number}").open("w") as place:
            try:
                fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            name = f"test_{settings.DATABASES['default']['NAME']}_{number}"
            connection.settings_dict["TEST"]["NAME"] = name
            yield
            return
