"""Who sells the support: the vendor, its documents, its people by team, and how tickets are escalated."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from plans.contract.fields import Accent, Domain, Email, Phone, Section, Slug, Text, Zone
from plans.contract.paging import Bridge, PolicySection

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
    """How a customer escalates (a keyword in a message, or the director's phone), and who is woken for which tickets.
    `bridge` is the address of the conference bridge that a page can open."""

    keyword: Text | None = None
    director: DirectorSection | None = None
    text: Text | None = None
    source: Text | None = None
    bridge: Bridge | None = None
    policies: list[PolicySection] = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_how(self) -> EscalationSection:
        if (self.keyword or self.director) and not (self.text and self.source):
            raise ValueError("expected 'text' and 'source' beside a keyword or director: what customers are told")
        if self.source and not self.text:
            raise ValueError("expected 'text' beside 'source'")
        return self

    @property
    def is_for_customers(self) -> bool:
        """Whether customers were given a way to escalate."""
        return self.text is not None


class TriageSection(Section):
    """Who decides how severe a ticket is."""

    team: Slug | None = None
    text: Text
    source: Text
