from __future__ import annotations

import http.client
import io
import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from supportdesk.runtime import preflight
from supportdesk.runtime.children import Child
from supportdesk.runtime.embedded import detach
from supportdesk.runtime.places import CHECKOUT, cluster_folder, var_folder
from supportdesk.runtime.problem import Problem
from supportdesk.runtime.supervisor import Stopped, Supervisor


class Command(BaseCommand):
    help = "Runs the whole desk on this machine: database, web server and worker, until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument(
            "--port", type=int, default=int(os.environ.get("PORT") or 8000), help="default: PORT or 8000"
        )

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        supervisor = Supervisor()
        self.say = supervisor.say
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        try:
            with supervisor.listening():
                var = var_folder()
                preflight.check_folder(var)
                with preflight.only_one(var):
                    preflight.check_port(host, port)
                    self._prepare()
                    self._run(supervisor, host, port)
        except Stopped:
            pass
        finally:
            connections.close_all()
            detach(cluster_folder())
        self.say("", "Stopped.")

    def _prepare(self) -> None:
        self._step("Database", preflight.check_database)
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self._step("Tables", lambda: call_command("migrate", interactive=False, verbosity=0))
        contracts = sorted(str(path) for path in (CHECKOUT / "contracts").glob("*.yaml"))
        self._step("Contracts", lambda: self._load(contracts))
        if settings.DEMO:
            if "BASE_URL" not in os.environ:
                settings.BASE_URL = self.address  # links in the demo's e-mails lead to the port in use
            self._step("Demo data", lambda: call_command("demo", stdout=io.StringIO()))

    def _load(self, contracts: list[str]) -> None:
        """A changed file is taken up; what was changed on pages stays while its file has not changed."""
        call_command("contract", "load", "--keep-edits", *contracts, stdout=io.StringIO())

    def _step(self, name: str, work: Callable[[], object]) -> None:
        started = time.monotonic()
        self.stdout.write(f"{name} … ", ending="")
        self.stdout.flush()
        try:
            work()
        except BaseException:
            self.stdout.write("")
            raise
        self.say("", f"{time.monotonic() - started:.1f} s")

    def _run(self, supervisor: Supervisor, host: str, port: int) -> None:
        environment = {"BASE_URL": self.address} | os.environ | {"PYTHONUNBUFFERED": "1"}
        cwd, say = str(CHECKOUT), supervisor.say
        web = Child("web", web_command(self.address), environment, cwd, say)
        worker = Child("worker", worker_command(), environment, cwd, say, ready_line=" ready.")
        children = [web, worker]
        if settings.OPERATOR_EMAILS:
            watch = [sys.executable, "manage.py", "watch"]
            children.append(Child("watch", watch, environment, cwd, say, ready_line="Watching for"))
        connections.close_all()
        if not supervisor.run(children, lambda: answers(host, port), self._welcome):
            raise Problem("The desk did not start; the lines above say why.")

    def _welcome(self) -> None:
        self.say("", f"\nThe desk is open: {self.address}/    (Ctrl-C stops everything)")
        if settings.DEMO:
            from supportdesk.demo.people import PASSWORD, sign_ins

            self.say("", f"\nDemo people, all with the password {PASSWORD}")
            for vendor, role, email in sign_ins():
                self.say("", f"  {vendor:<16} {role:<10} {email}")
            self.say("", "")


def web_command(address: str) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "supportdesk.wsgi:application",
        "--bind",
        address.removeprefix("http://"),
    ]
    command += ["--worker-class", "gthread", "--workers", os.environ.get("WEB_CONCURRENCY", "2"), "--threads", "8"]
    return [*command, "--timeout", "60", "--graceful-timeout", "5", "--no-control-socket", "--log-level", "warning"]


def worker_command() -> list[str]:
    root_is_fine = "ignore:You're running the worker with superuser privileges"  # the pickle format is what it fears
    command = [sys.executable, "-W", root_is_fine, "-m", "celery", "--quiet", "-A", "supportdesk.celery:app", "worker"]
    command += ["--pool", "threads", "--concurrency", "4", "--hostname", "worker@%h", "--loglevel", "INFO"]
    return [*command, "--without-gossip", "--without-mingle"]


def answers(host: str, port: int) -> bool:
    """Whether the web server answers a request at all, whatever the answer is."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    web = http.client.HTTPConnection(reachable, port, timeout=2)
    try:
        web.request("GET", "/")
        web.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        web.close()
    return True
