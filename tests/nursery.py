"""A process that has loaded everything a worker needs and forks one whenever it is told to: a start in moments.

Run by ``tests.workers`` with an environment of its own. Each line of its input is an order for one worker; its output
says which process that became, and with what code a process ended. At the end of its input it ends those that are left.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from django.db import connections

OPTIONS = [
    *("worker", "--pool", "threads", "-c", "4", "-l", "info"),
    *("--without-gossip", "--without-mingle", "--without-heartbeat"),
]
LOOKS_EVERY = 0.01  # seconds


def load(name: str) -> Any:
    """The Celery application ``module:attribute``, and all that its worker would import."""
    module, _, attribute = name.partition(":")
    app = getattr(import_module(module), attribute)
    app.loader.import_default_modules()
    app.finalize()

    from django.conf import settings

    import_module(settings.ROOT_URLCONF)
    for each in ("celery.bin.worker", "celery.concurrency.thread", "celery.worker.consumer", "kombu.transport.memory"):
        import_module(each)
    return app


def bear(app: Any, order: dict[str, Any]) -> int:
    """Forks; the child is the worker and never returns. What cannot be shared or copied is not there yet."""
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "of several threads a fork takes one along"
    assert all(each.connection is None for each in connections.all(initialized_only=True))
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        os.environ.update(order["env"])
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        try:
            app.worker_main([*OPTIONS, "-n", order["name"]])
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    finally:
        os._exit(code)


def main(name: str) -> None:
    app = load(name)
    children: set[int] = set()
    try:
        while True:
            readable, _, _ = select.select([sys.stdin], [], [], LOOKS_EVERY)
            if readable:
                line = sys.stdin.readline()
                if not line:
                    return
                child = bear(app, json.loads(line))
                children.add(child)
                say(born=child)
            for ended, code in collect(children):
                children.discard(ended)
                say(ended=ended, code=code)
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)


def collect(children: set[int]) -> list[tuple[int, int]]:
    found = []
    for child in children:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            found.append((ended, os.waitstatus_to_exitcode(status)))
    return found


def say(**what: int) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
