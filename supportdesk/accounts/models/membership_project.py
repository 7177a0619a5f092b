"""Which of their organization's projects a customer contact sees."""

from __future__ import annotations

from django.db import models

from supportdesk.accounts.models.membership import Membership
from supportdesk.accounts.models.organization import Project
from supportdesk.tenancy.models import VendorForeignKey, VendorModel


class MembershipProject(VendorModel):
    """One project that a customer contact sees. A contact with no row sees every project of their organization.

    A row stays when its project is no longer active, so that a limit never turns into "everything".
    """

    membership = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="projects", db_index=False)
    project = VendorForeignKey(Project, on_delete=models.CASCADE, related_name="limited_to", db_index=False)

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "membership", "project"], name="membershipproject_once")
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} sees {self.project_id}"
