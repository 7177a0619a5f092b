"""The Celery application, and the step that runs the pump inside every worker."""

from __future__ import annotations

import gc
import os
from importlib import import_module
from typing import Any

from celery import Celery, bootsteps
from prometheus_client import start_http_server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportdesk.settings")

app = Celery("supportdesk", task_cls="supportdesk.tenancy.tasks:ScopedTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class PumpStep(bootsteps.StartStopStep):
    """Starts the pump when the worker's pool stands, and stops it before the pool goes down."""

    requires = ("celery.worker.components:Pool",)
    name = "Pump"

    def start(self, parent: Any) -> None:
        # Not before: the models are loaded when the worker starts.
        from django.conf import settings

        from supportdesk.notifications.lanes import lanes
        from supportdesk.timers import tasks
        from supportdesk.timers.pump import Pump

        lanes.threads = parent.concurrency or lanes.threads
        if settings.METRICS_PORT:
            start_http_server(settings.METRICS_PORT)
        import_module(settings.ROOT_URLCONF)  # now, and not while the first alarm waits for its link
        gc.collect()
        gc.freeze()  # what is loaded stays: collecting what a batch leaves behind need not walk all of it each time
        parent.pump = Pump(worker=parent.hostname, publish=tasks.publish)
        parent.pump.start()

    def stop(self, parent: Any) -> None:
        pump = getattr(parent, "pump", None)
        if pump is not None:
            pump.stop()

    terminate = stop


app.steps["worker"].add(PumpStep)
