"""Setting a team's assignment rule, and people's skills."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from escalation.actions.locking import leads_only
from escalation.models import AssignmentRule, Method
from supportdesk.accounts import audit
from supportdesk.accounts.models import Membership, Team

MOST_SKILLS = 20


@transaction.atomic
def change_rule(
    team: Team,
    *,
    method: Method,
    only_on_shift: bool,
    minimum_tier: int | None,
    skills: Sequence[str],
    by: Membership | None,
    at: datetime,
) -> AssignmentRule:
    """From now on the team's tickets go to its people so. Raises PermissionDenied below a lead."""
    leads_only(by)
    rule, is_new = AssignmentRule.objects.select_for_update(of=("self",)).get_or_create(
        team=team, defaults={"changed_at": at}
    )
    before = _facts(rule)
    rule.method, rule.only_on_shift, rule.minimum_tier = method, only_on_shift, minimum_tier
    rule.skills = checked_skills(skills)
    now = _facts(rule)
    if is_new or now != before:
        rule.changed_at = at
        rule.save()
        changed = {key: {"from": before[key], "to": now[key]} for key in now if now[key] != before[key]}
        audit.record("assignment_rule.changed", by=by, at=at, subject=team, changed=changed)
    return rule


@transaction.atomic
def set_skills(person: Membership, skills: Sequence[str], *, by: Membership | None, at: datetime) -> None:
    """What somebody of the team is good at, in lower case. Raises PermissionDenied below a lead, ValidationError."""
    leads_only(by)
    if not person.is_staff_side:
        raise ValidationError(_("Only people of the support team have skills."))
    before, now = list(person.skills), checked_skills(skills)
    if before != now:
        person.skills = now
        person.save(update_fields=["skills"])
        audit.record("person.skills_changed", by=by, at=at, subject=person, **{"from": before, "to": now})


def checked_skills(skills: Sequence[str]) -> list[str]:
    """In one spelling, each once, sorted. Raises ValidationError for too many or too long."""
    found = sorted({" ".join(each.lower().split()) for each in skills if each.strip()})
    if len(found) > MOST_SKILLS:
        raise ValidationError(_("At most %(most)s skills.") % {"most": MOST_SKILLS})
    if any(len(each) > 40 for each in found):
        raise ValidationError(_("A skill has at most 40 characters."))
    return found


def _facts(rule: AssignmentRule) -> dict[str, Any]:
    return {
        "method": str(rule.method),
        "only_on_shift": rule.only_on_shift,
        "minimum_tier": rule.minimum_tier,
        "skills": list(rule.skills),
    }
