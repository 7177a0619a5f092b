#!/usr/bin/env python3
import os
import sys


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 (an older one must be able to say so)
        print("supportdesk needs Python 3.11 or newer; this is %d.%d." % sys.version_info[:2], file=sys.stderr)  # noqa: T201, UP031
        sys.exit(2)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportdesk.settings")
    try:
        from django.core.management import execute_from_command_line
        from django.db import OperationalError
    except ImportError:
        sys.exit("Django is not installed for this Python; run `make run`, or use .venv/bin/python manage.py.")

    from supportdesk.runtime.problem import Problem, unreachable

    try:
        execute_from_command_line(sys.argv)
    except (Problem, OperationalError) as error:
        sentence = str(error) if isinstance(error, Problem) else unreachable(error)
        if sentence is None:
            raise
        sys.stderr.write(f"{sentence}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
