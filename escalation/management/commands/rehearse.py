"""`manage.py rehearse`: who would be woken when, by what and why, if nobody answered. Nothing is written or sent."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from escalation.rehearsal import rehearse_policy
from escalation.words import only_words, trigger_words, words_of
from plans.policies import policy_of
from plans.queries import current_contract
from supportdesk.accounts.models import Vendor
from supportdesk.tenancy.scope import vendor_scope
from tickets.models import Ticket


class Command(BaseCommand):
    help = "Say who would be woken when about a ticket, by one policy or by all that are for it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("vendor", metavar="VENDOR")
        parser.add_argument("number", type=int, metavar="TICKET")
        parser.add_argument("--policy", metavar="SLUG", help="this one, whether or not it is for the ticket")
        parser.add_argument("--at", metavar="INSTANT", help="if it happened then, as 2026-03-03T02:10:00+02:00")

    def handle(self, *, vendor: str, number: int, policy: str | None, at: str | None, **options: Any) -> None:
        found = Vendor.objects.filter(slug=vendor).first()
        if found is None:
            raise CommandError(f"There is no vendor {vendor}.")
        with vendor_scope(found):
            self._rehearse(found, number, policy, _instant(at))

    def _rehearse(self, vendor: Vendor, number: int, slug: str | None, at: datetime) -> None:
        contract = current_contract()
        tickets = Ticket.objects.select_related("organization", "assignee__user", "team", "priority")
        ticket = tickets.filter(number=number).first()
        if contract is None or ticket is None:
            raise CommandError(f"{vendor.name} has no ticket #{number}.")
        every = contract.escalation.policies if contract.escalation else []
        wanted = [policy_of(contract, slug)] if slug else [each for each in every if each.enabled]
        for policy in wanted:
            if policy is None:
                raise CommandError(f"{vendor.name} has no policy {slug}: {', '.join(each.slug for each in every)}")
            rehearsal = rehearse_policy(contract, policy, ticket, at=at)
            if not slug and not rehearsal.is_for:
                continue
            opens = "; ".join(trigger_words(each) for each in policy.when)
            self.stdout.write(f"{policy.name} ({policy.slug}): {opens}; for {only_words(policy, contract)}")
            if not rehearsal.is_for:
                self.stdout.write("  not for this ticket; if somebody paged by hand:")
            elif not rehearsal.is_in_hours:
                self.stdout.write("  nothing is opened at that hour; if somebody paged by hand:")
            for landing in rehearsal.landings:
                when = landing.at.astimezone(vendor.zoneinfo)
                for _drawing, what, remark in map(words_of, landing.deeds):
                    self.stdout.write(f"  {when:%a %Y-%m-%d %H:%M:%S %Z}  {what}{f' ({remark})' if remark else ''}")


def _instant(text: str | None) -> datetime:
    if text is None:
        return timezone.now()
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise CommandError("--at wants an instant with its offset, such as 2026-03-03T02:10:00+02:00.")
    return at
