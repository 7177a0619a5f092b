"""Views of the queue that people keep, share, arrange and give up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from supportdesk.accounts import audit
from supportdesk.accounts.models import Membership, Role, Team, TeamMember
from tickets.columns import NAMES, USUAL
from tickets.errors import Refused
from tickets.models import RailOrder, SavedView
from tickets.models.saved_view import Sharing
from tickets.selecting import Selection

MOST_VIEWS = 50
"""Of one person."""


@transaction.atomic
def save_view(
    *,
    name: str,
    selection: Selection,
    sharing: Sharing,
    team: Team | None,
    by: Membership,
    at: datetime,
    columns: Sequence[str] = (),
) -> SavedView:
    """Keeps a list under a name, with columns of its own if it is to have some. Raises Refused when the person has as
    many as one can have, and for a name that is no column's."""
    if SavedView.objects.filter(owner=by, removed_at=None).count() >= MOST_VIEWS:
        raise Refused(_("You have %(most)s views already; delete one first.") % {"most": MOST_VIEWS}, field="name")
    _check_team(sharing, team, by)
    view = SavedView.objects.create(
        name=name,
        query=_kept(selection),
        columns=_known(columns),
        owner=by,
        sharing=sharing,
        team=team if sharing == Sharing.TEAM else None,
        created_at=at,
    )
    if sharing != Sharing.PERSON:
        audit.record("view.shared", by=by, at=at, subject=view, name=name, sharing=sharing.value)
    return view


@transaction.atomic
def change_view(
    view: SavedView, *, name: str, sharing: Sharing, team: Team | None, by: Membership, at: datetime
) -> SavedView:
    """Another name, or for other people. Raises PermissionDenied for who may not."""
    _check_may(view, by)
    _check_team(sharing, team, by)
    if sharing == Sharing.PERSON and view.owner_id != by.pk:
        raise Refused(_("Only its owner can make it private."), field="sharing")
    was_shared = view.sharing != Sharing.PERSON
    view.name, view.sharing = name, sharing
    view.team = team if sharing == Sharing.TEAM else None
    view.save(update_fields=["name", "sharing", "team"])
    if was_shared or sharing != Sharing.PERSON:
        audit.record("view.changed", by=by, at=at, subject=view, name=name, sharing=sharing.value)
    return view


@transaction.atomic
def update_view(view: SavedView, *, selection: Selection, by: Membership, at: datetime) -> SavedView:
    """What the view shows from now on. Raises PermissionDenied for who may not."""
    _check_may(view, by)
    before, view.query = view.query, _kept(selection)
    view.save(update_fields=["query"])
    if view.sharing != Sharing.PERSON:
        audit.record("view.updated", by=by, at=at, subject=view, **{"from": before, "to": view.query})
    return view


@transaction.atomic
def set_view_columns(view: SavedView, *, names: Sequence[str], by: Membership, at: datetime) -> SavedView:
    """Which columns the view has from now on, in which order, for whoever opens it; without any, each reader sees the
    ones they chose for themselves. Raises PermissionDenied for who may not, Refused for a name that is no column's."""
    _check_may(view, by)
    before, view.columns = view.columns, _known(names)
    view.save(update_fields=["columns"])
    if view.sharing != Sharing.PERSON:
        audit.record("view.columns", by=by, at=at, subject=view, **{"from": before, "to": view.columns})
    return view


@transaction.atomic
def remove_view(view: SavedView, *, by: Membership, at: datetime) -> SavedView:
    """Takes a view away from everybody who sees it; ``restore_view`` gives it back."""
    _check_may(view, by)
    view.removed_at = at
    view.save(update_fields=["removed_at"])
    if view.sharing != Sharing.PERSON:
        audit.record("view.removed", by=by, at=at, subject=view, name=view.name)
    return view


@transaction.atomic
def restore_view(view: SavedView, *, by: Membership, at: datetime) -> SavedView:
    """Gives a removed view back to everybody who saw it."""
    _check_may(view, by)
    view.removed_at = None
    view.save(update_fields=["removed_at"])
    if view.sharing != Sharing.PERSON:
        audit.record("view.restored", by=by, at=at, subject=view, name=view.name)
    return view


@transaction.atomic
def arrange_rail(*, order: list[str], hidden: list[str], by: Membership) -> RailOrder:
    """How this person's rail stands from now on; both name views by slug or ``saved:id``."""
    arranged, _made = RailOrder.objects.update_or_create(person=by, defaults={"order": order, "hidden": hidden})
    return arranged


@transaction.atomic
def choose_columns(*, names: Sequence[str], by: Membership) -> RailOrder:
    """Which columns the queue has for this person from now on, in which order, in every view that has none of its own;
    none are the usual ones. Raises Refused for a name that is no column's."""
    kept = _known(names)
    kept = [] if tuple(kept) == USUAL else kept
    arranged, _made = RailOrder.objects.update_or_create(person=by, defaults={"columns": kept})
    return arranged


def _known(names: Sequence[str]) -> list[str]:
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        raise Refused(_("The queue has no column “%(name)s”.") % {"name": unknown[0]}, field="columns")
    return list(dict.fromkeys(names))


def _kept(selection: Selection) -> str:
    query = selection.kept()
    if len(query) > 2000:
        raise Refused(_("These are too many filters to be kept; leave some out."))
    return query


def _check_may(view: SavedView, by: Membership) -> None:
    if not view.may_be_changed_by(by):
        raise PermissionDenied(_("Only its owner and the desk’s leads can change a shared view."))


def _check_team(sharing: Sharing, team: Team | None, by: Membership) -> None:
    if sharing != Sharing.TEAM:
        return
    if team is None:
        raise Refused(_("Choose the group that should see it."), field="team")
    if not by.is_at_least(Role.LEAD) and not TeamMember.objects.filter(team=team, membership=by).exists():
        raise Refused(_("You can share with groups that you are in."), field="team")
