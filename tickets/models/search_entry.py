"""What a search reads: the words of each ticket, kept by triggers in the same transaction as the ticket itself."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from supportdesk.tenancy.models import VendorForeignKey, VendorModel
from tickets.models.ticket import Ticket


class SearchEntry(VendorModel):
    """``public`` holds subject, public messages and the names of their files; ``whole`` also internal notes and theirs.

    A row is seen only by a search that it answers, or under its ticket's id: see the migration, which puts the search
    into the table's policy, because only there may an index serve it.
    """

    ticket = VendorForeignKey(Ticket, on_delete=models.DO_NOTHING, related_name="+", db_index=False)
    public = SearchVectorField()
    whole = SearchVectorField()

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "ticket"], name="searchentry_once")]
        indexes = [
            GinIndex(fields=["public"], name="searchentry_public", fastupdate=False),
            GinIndex(fields=["whole"], name="searchentry_whole", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"words of {self.ticket_id}"
