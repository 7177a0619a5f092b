"""A person's place at one vendor: who they are there, and so what they may do."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models.organization import Organization
from supportdesk.accounts.models.user import User
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class Role(models.TextChoices):
    """From least to most; each staff role may do what the ones before it may."""

    CUSTOMER = "customer", _("Customer contact")
    MANAGER = "manager", _("Organization manager")
    AGENT = "agent", _("Agent")
    LEAD = "lead", _("Lead")
    ADMIN = "admin", _("Admin")
    OPERATOR = "operator", _("Platform operator")

    @property
    def rank(self) -> int:
        return list(Role).index(self)


CUSTOMER_ROLES = (Role.CUSTOMER, Role.MANAGER)
STAFF_ROLES = (Role.AGENT, Role.LEAD, Role.ADMIN, Role.OPERATOR)


class MembershipQuerySet(VendorQuerySet["Membership"]):
    def staff(self) -> MembershipQuerySet:
        return self.filter(role__in=STAFF_ROLES, is_active=True).select_related("user")

    def seeing(self, project_id: int) -> MembershipQuerySet:
        """Those to whom no manager has closed this project of their organization: all but contacts who were limited to
        others."""
        from supportdesk.accounts.models.membership_project import MembershipProject

        limits = MembershipProject.objects.filter(membership_id=OuterRef("pk"))
        is_open = ~Q(role=Role.CUSTOMER) | ~Exists(limits) | Exists(limits.filter(project_id=project_id))
        return self.filter(is_open)

    def leads(self) -> MembershipQuerySet:
        """Those who answer for the desk: leads; admins where a vendor has no lead yet."""
        return self.filter(role__in=(Role.LEAD, Role.ADMIN), is_active=True).select_related("user")


class Membership(VendorModel):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    organization = VendorForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True, related_name="people", db_index=False
    )
    tier = models.PositiveSmallIntegerField(null=True, blank=True)
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    plays_sound = models.BooleanField(default=False, help_text="New urgent tickets are heard at the desk.")

    objects = VendorManager.from_queryset(MembershipQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "user"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(role__in=CUSTOMER_ROLES, organization__isnull=False)
                | Q(role__in=STAFF_ROLES, organization__isnull=True),
                name="membership_customer_has_organization",
            ),
            models.CheckConstraint(
                condition=Q(tier__isnull=True) | Q(tier__range=(1, 3), role__in=STAFF_ROLES),
                name="membership_tier_1_to_3",
            ),
        ]
        indexes = [
            models.Index(fields=["vendor", "organization"], name="membership_organization"),
            models.Index(fields=["vendor", "role"], name="membership_role"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def is_customer_side(self) -> bool:
        return self.role in CUSTOMER_ROLES

    @property
    def is_staff_side(self) -> bool:
        return self.role in STAFF_ROLES

    def is_at_least(self, role: Role) -> bool:
        """Whether this role includes what ``role`` may do; a customer's role never includes a staff role."""
        return Role(self.role).rank >= role.rank
