from supportdesk.accounts.models.api_token import ApiToken
from supportdesk.accounts.models.audit import AuditEntry
from supportdesk.accounts.models.invitation import Invitation
from supportdesk.accounts.models.membership import Membership, Role
from supportdesk.accounts.models.membership_project import MembershipProject
from supportdesk.accounts.models.organization import Environment, EnvironmentKind, Organization, Project
from supportdesk.accounts.models.team import Team, TeamMember
from supportdesk.accounts.models.user import User
from supportdesk.accounts.models.vendor import Vendor, VendorCounter

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Environment",
    "EnvironmentKind",
    "Invitation",
    "Membership",
    "MembershipProject",
    "Organization",
    "Project",
    "Role",
    "Team",
    "TeamMember",
    "User",
    "Vendor",
    "VendorCounter",
]
