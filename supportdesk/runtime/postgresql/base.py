from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base

from supportdesk.runtime.embedded import attach
from supportdesk.runtime.places import cluster_folder


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        self.settings_dict["HOST"] = str(attach(cluster_folder()))
        return super().get_connection_params()
