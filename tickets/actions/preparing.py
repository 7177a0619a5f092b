"""Canned responses and macros: who keeps which, and that it is on record."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from supportdesk.accounts import audit
from supportdesk.accounts.models import Membership, Role, Team, TeamMember
from tickets.actions.locking import staff_only
from tickets.errors import Refused
from tickets.models import CannedResponse, Macro
from tickets.models.prepared import Prepared
from tickets.variables import unknown_in

Kept = TypeVar("Kept", CannedResponse, Macro)
_UNCHANGED = {
    "then_state": "",
    "assign": "",
    "assignee": None,
    "group": None,
    "severity": None,
    "next_update_minutes": None,
}


@transaction.atomic
def keep_response(
    response: CannedResponse | None,
    *,
    by: Membership,
    at: datetime,
    title: str,
    body: str,
    owner: Membership | None = None,
    team: Team | None = None,
) -> CannedResponse:
    """Writes a canned response, or another version of one. Raises Refused, naming the field, for a variable that is
    none or a title that is taken, and PermissionDenied where ``by`` may not write."""
    return _keep(response or CannedResponse(), by=by, at=at, title=title, owner=owner, team=team, texts={"body": body})


@transaction.atomic
def keep_macro(
    macro: Macro | None,
    *,
    by: Membership,
    at: datetime,
    title: str,
    owner: Membership | None = None,
    team: Team | None = None,
    reply: str = "",
    note: str = "",
    **changes: Any,
) -> Macro:
    """Writes a macro, or another version of one; ``changes`` are its fields. Raises as ``keep_response`` does, and when
    it would do nothing."""
    made = macro or Macro()
    for name, unchanged in _UNCHANGED.items():
        setattr(made, name, changes.get(name) or unchanged)
    made.tags = list(changes.get("tags") or ())
    if not (reply.strip() or note.strip() or any(changes.values())):
        raise Refused(_("This macro would do nothing: choose at least one thing."))
    return _keep(made, by=by, at=at, title=title, owner=owner, team=team, texts={"reply": reply, "note": note})


@transaction.atomic
def remove_prepared(prepared: CannedResponse | Macro, *, by: Membership, at: datetime) -> None:
    """It is gone for everybody who used it."""
    if not may_change(prepared, by):
        raise PermissionDenied(_("Only those who keep it can delete it."))
    audit.record(f"{_name(prepared)}.removed", by=by, at=at, subject=prepared, title=prepared.title)
    prepared.delete()


def may_change(prepared: Prepared, who: Membership) -> bool:
    """One's own; those of one's groups; as a lead those of any group and everybody's."""
    return _may_keep(who, prepared.owner, prepared.team)


def _may_keep(who: Membership, owner: Membership | None, team: Team | None) -> bool:
    if owner is not None:
        return owner.pk == who.pk
    if who.is_at_least(Role.LEAD):
        return True
    return team is not None and TeamMember.objects.filter(team=team, membership=who).exists()


def _keep(
    prepared: Kept,
    *,
    by: Membership,
    at: datetime,
    title: str,
    owner: Membership | None,
    team: Team | None,
    texts: dict[str, str],
) -> Kept:
    staff_only(by)
    is_new = prepared.pk is None
    if not _may_keep(by, owner, team) or (not is_new and not may_change(prepared, by)):
        raise PermissionDenied(_("Only leads and admins keep what everybody uses."))
    for name, text in texts.items():
        unknown = unknown_in(text)
        if unknown:
            known = _("There is no variable called {{%(name)s}}.") % {"name": unknown[0]}
            raise Refused(known, field=name)
        setattr(prepared, name, text.strip())
    same = type(prepared)._default_manager.filter(owner=owner, team=team, title__iexact=title.strip())
    if same.exclude(pk=prepared.pk).exists():
        raise Refused(_("There is one of this title already."), field="title")
    prepared.title, prepared.owner, prepared.team = title.strip(), owner, team
    prepared.changed_by, prepared.changed_at = by, at
    prepared.save()
    verb = "added" if is_new else "changed"
    audit.record(f"{_name(prepared)}.{verb}", by=by, at=at, subject=prepared, title=prepared.title)
    return prepared


def _name(prepared: Prepared) -> str:
    return "macro" if isinstance(prepared, Macro) else "canned_response"
