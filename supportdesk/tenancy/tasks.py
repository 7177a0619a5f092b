"""The base of every Celery task: it runs inside a vendor's scope, or says aloud that it sweeps over all."""

from __future__ import annotations

from typing import Any

from celery import Task

from supportdesk.tenancy.scope import NoScope, all_vendors, vendor_scope


class ScopedTask(Task):  # type: ignore[type-arg]
    """Enters the scope named by the keyword ``vendor_id`` before the body runs, and leaves it after.

    A task that works for all vendors declares ``sweeps = "why"``; one whose body opens its own short scopes (because
    it speaks to the outside between them) declares ``scopes_itself = True``. Anything else without a
    ``vendor_id`` raises NoScope.
    """

    abstract = True
    sweeps: str = ""
    scopes_itself: bool = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.scopes_itself:
            return self.run(*args, **kwargs)
        if self.sweeps:
            with all_vendors(self.sweeps):
                return self.run(*args, **kwargs)
        vendor_id = kwargs.pop("vendor_id", None)
        if vendor_id is None:
            raise NoScope(f"Task {self.name} was called without vendor_id.")
        with vendor_scope(int(vendor_id)):
            return self.run(*args, **kwargs)
