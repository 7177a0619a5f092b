"""Who sells the support: the vendor, its documents, its people by team, and how a customer escalates."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from plans.contract.fields import Accent, Domain, Email, Phone, Section, Slug, Text, Zone

Tier = Annotated[int, Field(ge=1, le=3)]


class VendorSection(Section):
    """The vendor as customers see it; `zone` is where its business hours are."""

    slug: Slug
    name: Text
    zone: Zone
    accent: Accent
    domain: Domain | None = None
    help_text: Text


class DocumentSection(Section):
    """A published document that the file's `source` sentences are quoted from."""

    title: Text
    about: Text | None = None


class TeamSection(Section):
    """A group of agents, as the documents call it."""

    name: Text
    tier: Tier | None = None
    about: Text | None = None
    source: Text | None = None


class DirectorSection(Section):
    """Who is reached when a customer escalates, and where: called, and written to where an address is given."""

    title: Text
    phone: Phone
    email: Email | None = None


class EscalationSection(Section):
    """How a customer escalates: a keyword in a message, or the director's phone."""

    keyword: Text | None = None
    director: DirectorSection | None = None
    text: Text
    source: Text


class TriageSection(Section):
    """Who decides how severe a ticket is."""

    team: Slug | None = None
    text: Text
    source: Text
