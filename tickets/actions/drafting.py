"""Keeping what is being written, so that nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from supportdesk.accounts.models import Membership
from tickets.errors import Refused
from tickets.models import Draft, Ticket

MOST_DRAFTS = 10
"""Of one person; an eleventh takes the place of the oldest."""
KEPT_FOR = timedelta(days=30)
LARGEST = 8 * 1024 * 1024
"""Bytes: more than any ticket takes, so that a text too long for one is kept while it is being cut."""


@transaction.atomic
def save_draft(*, by: Membership, at: datetime, submission: UUID, content: Mapping[str, Sequence[str]]) -> Draft | None:
    """Keeps what stands in the form, in place of what stood there before.

    None when the form was filed meanwhile (a save may arrive after the sending), or when nothing was written.
    Raises Refused above ``LARGEST``.
    """
    kept = {name: [each.replace("\0", "") for each in values] for name, values in content.items() if any(values)}
    if not (kept.get("subject") or kept.get("body")) or Ticket.objects.filter(submission=submission).exists():
        return None
    if len(json.dumps(kept)) > LARGEST:
        raise Refused(_("This is too long to be kept as a draft. Attach long logs as files."), field="body")
    draft, _made = Draft.objects.update_or_create(
        person=by, submission=submission, defaults={"content": kept, "saved_at": at}
    )
    Draft.objects.of(by).filter(saved_at__lt=at - KEPT_FOR).delete()
    beyond = list(Draft.objects.of(by).values_list("pk", flat=True)[MOST_DRAFTS:])
    if beyond:
        Draft.objects.filter(pk__in=beyond).delete()
    return draft


def discard_draft(*, by: Membership, submission: UUID) -> bool:
    """Whether there was one to forget. Nobody discards another's."""
    count, _by_model = Draft.objects.of(by).filter(submission=submission).delete()
    return count > 0
