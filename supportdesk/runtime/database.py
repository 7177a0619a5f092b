from __future__ import annotations

from typing import Any

import environ
from django.db import connection

from supportdesk.runtime.embedded import DATABASE, ROLE, socket_folder
from supportdesk.runtime.places import cluster_folder
from supportdesk.runtime.problem import Problem

ENGINE = "supportdesk.runtime.postgresql"


def database_settings(env: environ.Env) -> dict[str, Any]:
    """The entry of `DATABASES`: the server named by `DATABASE_URL`, else the embedded one.

    Nothing is started here. The embedded server's backend attaches when the first connection is made, so reading the
    settings stays cheap and commands without a database leave none behind.
    """
    common = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    url = env.str("DATABASE_URL", default="")
    if not url:
        return {"ENGINE": ENGINE, "NAME": DATABASE, "USER": ROLE, "HOST": str(socket_folder(cluster_folder()))} | common
    named: dict[str, Any] = environ.Env.db_url_config(url)
    if named.get("ENGINE") != "django.db.backends.postgresql":
        raise Problem("DATABASE_URL must name a PostgreSQL database: postgres://role:password@host:5432/name.")
    named["OPTIONS"] = {"connect_timeout": 5} | named.get("OPTIONS", {})
    return common | named


def is_embedded() -> bool:
    """Whether this process uses the embedded server."""
    return bool(connection.settings_dict["ENGINE"] == ENGINE)
