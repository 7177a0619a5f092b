"""Naming another ticket in a form: by its number, or by words that fit one ticket only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from supportdesk.accounts.models import Membership
from tickets.models import Ticket
from tickets.models.ticket import TicketQuerySet
from tickets.search import search

OFFERED = 8


def suggested(text: str, *, who: Membership, among: TicketQuerySet) -> list[Ticket]:
    """What a person may mean by these words or this beginning of a number, the best first; at most ``OFFERED``. Without
    words the most recent."""
    text = text.strip().removeprefix("#")
    if not text:
        return list(among.for_rows().order_by("-pk")[:OFFERED])
    if text.isdecimal() and len(text) <= 9:
        exact = list(among.for_rows().filter(number=int(text)))
        if exact:
            return exact
    return [each.ticket for each in search(text, who=who, among=among).found[:OFFERED]]


class TicketField(forms.CharField):
    """Cleaned to a ticket of ``among``. What fits several tickets is refused, naming them."""

    def __init__(self, *, who: Membership, among: TicketQuerySet, **kwargs: Any) -> None:
        super().__init__(max_length=200, **kwargs)
        self.who, self.among = who, among

    def clean(self, value: Any) -> Ticket | None:
        text = super().clean(value)
        if not text:
            return None
        found = suggested(text, who=self.who, among=self.among)
        if len(found) == 1:
            return found[0]
        if not found:
            raise forms.ValidationError(_("No ticket here fits “%(text)s”."), params={"text": text})
        names = ", ".join(f"#{each.number} {each.subject}" for each in found[:3])
        raise forms.ValidationError(_("Several tickets fit: %(names)s. Write its number."), params={"names": names})
