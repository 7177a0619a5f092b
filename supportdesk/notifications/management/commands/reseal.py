from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from supportdesk.notifications import sealing
from supportdesk.notifications.models import Integration
from supportdesk.tenancy.scope import all_vendors


class Command(BaseCommand):
    help = "Encrypts the integrations' secrets anew under the first of INTEGRATION_KEYS, after a new one was put there."

    def handle(self, **options: Any) -> None:
        done, lost = 0, []
        with all_vendors("secrets are sealed under a new key"), transaction.atomic():
            for each in Integration.objects.select_for_update(of=("self",)).select_related("vendor").exclude(sealed=""):
                try:
                    each.sealed = sealing.reseal(each.sealed)
                except sealing.Unreadable:
                    lost.append(f"{each.vendor.slug}: {each.name}")
                    continue
                each.save(update_fields=["sealed"])
                done += 1
        self.stdout.write(f"{done} sealed anew.")
        if lost:
            self.stderr.write(f"No key opens those of {', '.join(lost)}: they have to be entered anew.")
            raise SystemExit(1)
