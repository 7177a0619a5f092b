"""Secret addresses of calendars: made, shown once, revoked."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from escalation.actions.locking import staff_only
from escalation.models import Feed, Rota
from supportdesk.accounts import audit
from supportdesk.accounts.models import Membership


@transaction.atomic
def make_feed(*, rota: Rota | None, by: Membership, at: datetime) -> tuple[Feed, str]:
    """A feed of one's own shifts, or of all on ``rota``, and its secret, which is shown once and not kept. An earlier
    one of the same is revoked."""
    staff_only(by)
    Membership.objects.select_for_update(of=("self",)).get(pk=by.pk)  # two clicks are one feed
    Feed.objects.filter(person=by, rota=rota, revoked_at__isnull=True).update(revoked_at=at)
    secret = secrets.token_urlsafe(32)
    feed = Feed.objects.create(person=by, rota=rota, digest=Feed.digest_of(secret), made_at=at)
    audit.record("feed.made", by=by, at=at, subject=feed, rota=rota.pk if rota else None)
    return feed, secret


@transaction.atomic
def revoke_feed(feed: Feed, *, by: Membership, at: datetime) -> None:
    """The address leads nowhere from now on. Twice is once."""
    if feed.person_id != by.pk:
        raise PermissionDenied(_("Only who made a calendar address can revoke it."))
    if Feed.objects.filter(pk=feed.pk, revoked_at__isnull=True).update(revoked_at=at):
        audit.record("feed.revoked", by=by, at=at, subject=feed, rota=feed.rota_id)
