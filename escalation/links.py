"""The one-time links of paging e-mails: made in bulk, kept as digests, worth one answer."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from escalation.models import Page, PageLink
from escalation.whom import Contact

LIVES = timedelta(hours=24)


def make_links(wanted: Sequence[tuple[Page, Contact]], *, vendor: str, at: datetime) -> list[str]:
    """An address for each page and person, in their order. One statement."""
    secrets_ = [secrets.token_urlsafe(24) for _ in wanted]
    PageLink.objects.bulk_create(
        [
            PageLink(
                page=page,
                holder=contact.member,
                holder_name=contact.name,
                digest=PageLink.digest_of(secret),
                made_at=at,
                expires_at=at + LIVES,
            )
            for (page, contact), secret in zip(wanted, secrets_, strict=True)
        ],
        batch_size=1000,
    )
    return [
        urljoin(settings.BASE_URL, reverse("page-link", kwargs={"vendor": vendor, "secret": secret}))
        for secret in secrets_
    ]


def link_of(secret: str) -> PageLink | None:
    """The link with this secret, live or not."""
    links = PageLink.objects.select_related("page", "holder__user")
    return links.filter(digest=PageLink.digest_of(secret)).first()
