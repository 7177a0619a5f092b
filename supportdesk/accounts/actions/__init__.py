"""Writes about people and their organizations."""

from supportdesk.accounts.actions.invitations import INVITATION_LIFE, accept, invite, may_invite, withdraw
from supportdesk.accounts.actions.organizations import (
    add_organization,
    add_project,
    addresses_of,
    change_project,
    may_add_organizations,
    name_success_engineer,
    rename_organization,
    set_project_active,
)
from supportdesk.accounts.actions.people import change_person, may_manage, remove_person, restore_person
from supportdesk.accounts.actions.sharing import set_sharing

__all__ = [
    "INVITATION_LIFE",
    "accept",
    "add_organization",
    "add_project",
    "addresses_of",
    "change_person",
    "change_project",
    "invite",
    "may_add_organizations",
    "may_invite",
    "may_manage",
    "name_success_engineer",
    "remove_person",
    "rename_organization",
    "restore_person",
    "set_project_active",
    "set_sharing",
    "withdraw",
]
