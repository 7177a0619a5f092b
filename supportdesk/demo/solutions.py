"""The demo's articles, one YAML file a vendor under ``articles/``, each drawn from that vendor's own document."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml

from supportdesk.accounts.models import Membership, Role, Vendor
from supportdesk.knowledge import actions
from supportdesk.knowledge.models import Article, Section

FOLDER = Path(__file__).parent / "articles"
WRITTEN_BEFORE = timedelta(days=200)


def seed_solutions(vendor: Vendor, *, at: datetime) -> int:
    """Writes the vendor's sections and articles as of ``at``, with what customers said of them; how many articles.

    Needs the vendor's scope and its people. A vendor that has sections is left alone: those may be a visitor's.
    """
    path = FOLDER / f"{vendor.slug}.yaml"
    if Section.objects.exists() or not path.exists():
        return 0
    rng = Random(f"articles {vendor.slug}")
    people = Membership.objects.filter(is_active=True).select_related("user", "organization")
    writers = list(people.filter(role__in=(Role.AGENT, Role.LEAD)).order_by("id"))
    readers = list(people.filter(organization__isnull=False).order_by("id"))
    count = 0
    for section_data in yaml.safe_load(path.read_text(encoding="utf-8"))["sections"]:
        section = actions.add_section(
            name=section_data["name"],
            audience=section_data["audience"],
            summary=section_data["summary"],
            by=None,
            at=at - WRITTEN_BEFORE,
        )
        for data in section_data["articles"]:
            _write(section, data, writers, readers, at=at, rng=rng)
            count += 1
    return count


def _write(
    section: Section,
    data: dict[str, Any],
    writers: list[Membership],
    readers: list[Membership],
    *,
    at: datetime,
    rng: Random,
) -> Article:
    """A draft one day, looked through by a colleague and published on another."""
    written_at = at - timedelta(days=rng.uniform(70, 190))
    texts = {name: data.get(name, "") for name in ("title", "summary", "keywords")}
    author, colleague = rng.sample(writers, 2) if len(writers) > 1 else (writers[0], writers[0])
    first_paragraphs = data["body"].rsplit("\n\n", 1)[0]
    article = actions.write(section=section, body=first_paragraphs, **texts, by=author, at=written_at)
    published_at = written_at + timedelta(days=rng.uniform(1, 30))
    article = actions.rewrite(article, section=section, body=data["body"], **texts, by=colleague, at=published_at)
    actions.publish(article, by=colleague, at=published_at)
    yes, no = data.get("help", (0, 0))
    comments = iter(data.get("comments", []))
    audience = writers if section.is_internal else readers
    voices = rng.sample([True] * yes + [False] * no, min(yes + no, len(audience)))
    # Those whom it did not help say why.
    for reader, is_helpful in zip(rng.sample(audience, len(voices)), sorted(voices), strict=True):
        said_at = published_at + timedelta(days=rng.uniform(0, 30))
        actions.vote(article, is_helpful=is_helpful, comment=next(comments, None), by=reader, at=min(said_at, at))
    return article
