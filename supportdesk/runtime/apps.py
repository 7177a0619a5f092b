from __future__ import annotations

from django.apps import AppConfig


class Runtime(AppConfig):
    name = "supportdesk.runtime"

    def ready(self) -> None:
        from supportdesk.runtime import checks  # noqa: F401  (registers the system check)
