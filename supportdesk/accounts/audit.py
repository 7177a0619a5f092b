"""Writing the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models

from supportdesk.accounts.models import AuditEntry, Membership


def record(
    action: str, *, by: Membership | None, at: datetime, subject: models.Model | None = None, **data: Any
) -> AuditEntry:
    """One entry in the scope's vendor's log; ``by`` None is the system. ``data`` must be JSON."""
    return AuditEntry.objects.create(
        action=action,
        by=by,
        at=at,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        data=data,
    )
