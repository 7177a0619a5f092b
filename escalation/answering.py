"""Answering a page by the link of an e-mail: of many who press it, the first one counts."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from escalation.actions import acknowledge, escalate_now, resolve
from escalation.models import Page, PageLink
from tickets.errors import Refused

ANSWERS = ("acknowledge", "escalate", "resolve")


@transaction.atomic
def use_link(link: PageLink, answer: str, *, at: datetime) -> Page:
    """Answers as the person who was written to, and uses the link up. Raises Refused when it was used or has run out,
    and when the page cannot be answered so any more; the link is not used up then."""
    used = PageLink.objects.filter(pk=link.pk, used_at__isnull=True, expires_at__gt=at)
    if not used.update(used_at=at, used_for=answer):
        raise Refused(_("This link has been used, or has run out."))
    if link.holder is not None and not link.holder.is_active:
        raise Refused(_("You have no place at this desk any more."))
    by, named = link.holder, "" if link.holder is not None else link.holder_name
    match answer:
        case "acknowledge":
            return acknowledge(link.page, by=by, at=at, by_what="email", named=named)
        case "escalate":
            return escalate_now(link.page, by=by, at=at, by_what="email", named=named)
    return resolve(link.page, by=by, at=at, by_what="email", named=named)
