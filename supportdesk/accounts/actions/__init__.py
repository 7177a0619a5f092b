"""Writes about people and their organizations."""

from supportdesk.accounts.actions.invitations import INVITATION_LIFE, accept, invite, may_invite, withdraw
from supportdesk.accounts.actions.people import change_person, may_manage, remove_person, restore_person
from supportdesk.accounts.actions.sharing import set_sharing

__all__ = [
    "INVITATION_LIFE",
    "accept",
    "change_person",
    "invite",
    "may_invite",
    "may_manage",
    "remove_person",
    "restore_person",
    "set_sharing",
    "withdraw",
]
