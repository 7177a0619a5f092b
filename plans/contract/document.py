"""The contract file as a whole: everything one vendor promises, in one readable document."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from plans.contract.calendar import CalendarSection
from plans.contract.desk import (
    CategorySection,
    ConferenceSection,
    FollowUpSection,
    GuideSection,
    IntakeSection,
    ReopenSection,
    ScopeSection,
    SharingSection,
    StatusSection,
)
from plans.contract.fields import Section, Slug, StateName
from plans.contract.onboarding import CatalogueSection, LaunchNoticeSection, OnboardingSection
from plans.contract.plan import OfferingSection, PlanSection
from plans.contract.priorities import PrioritySection
from plans.contract.vendor import DocumentSection, EscalationSection, TeamSection, TriageSection, VendorSection


class Contract(Section):
    """One vendor's contract. Without `severities`, triage grades severity by the codes of `priorities`."""

    format: Literal[1]
    vendor: VendorSection
    documents: list[DocumentSection] = Field(default_factory=list)
    teams: dict[Slug, TeamSection] = Field(default_factory=dict)
    escalation: EscalationSection | None = None
    calendars: Annotated[dict[Slug, CalendarSection], Field(min_length=1)]
    priorities: Annotated[list[PrioritySection], Field(min_length=1)]
    severities: list[PrioritySection] = Field(default_factory=list)
    triage: TriageSection | None = None
    statuses: dict[StateName, StatusSection]
    intake: IntakeSection = Field(default_factory=IntakeSection)
    categories: list[CategorySection] = Field(default_factory=list)
    sharing: SharingSection | None = None
    reopen: ReopenSection
    follow_ups: FollowUpSection | None = None
    offerings: Annotated[list[OfferingSection], Field(min_length=1)]
    plans: Annotated[list[PlanSection], Field(min_length=1)]
    scope: ScopeSection | None = None
    conference: ConferenceSection | None = None
    onboarding: OnboardingSection | None = None
    catalogue: CatalogueSection | None = None
    launch_notice: LaunchNoticeSection | None = None
    guides: list[GuideSection] = Field(default_factory=list)

    def plan(self, slug: str) -> PlanSection:
        """The plan of that slug; raises LookupError with the slugs there are."""
        for plan in self.plans:
            if plan.slug == slug:
                return plan
        raise LookupError(f"{self.vendor.slug} has no plan '{slug}': {', '.join(plan.slug for plan in self.plans)}")

    def offerings_of(self, plan: PlanSection) -> list[OfferingSection]:
        """The offerings in which a plan is sold."""
        return [offering for offering in self.offerings if not plan.offerings or offering.slug in plan.offerings]

    def severity_codes(self) -> list[str]:
        """The codes by which triage grades, the most severe first."""
        return [section.code for section in self.severities or self.priorities]

    def priority_codes(self) -> list[str]:
        """The codes that customers choose from, the most urgent first."""
        return [section.code for section in self.priorities]
