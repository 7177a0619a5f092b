"""What an agent writes on a ticket: one box, three kinds."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.forms import AgentReplyForm


class Writing(models.TextChoices):
    REPLY = "reply", _("Reply")
    NOTE = "note", _("Internal note")
    CALL = "call", _("Phone call")


class ComposerForm(AgentReplyForm):
    """A reply with what may follow it, an internal note, or a phone call; the text stays while the kind is changed.

    The kind chosen here is the truth, whichever button or address sent the form: a note never becomes a reply.
    """

    kind = forms.ChoiceField(choices=Writing.choices, initial=Writing.REPLY, required=False)
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=1440, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].label = _("Message")

    @property
    def writing(self) -> Writing:
        """The kind that is chosen now."""
        value = self["kind"].value()
        return Writing(value) if value in Writing.values else Writing.REPLY

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") == Writing.CALL and data.get("minutes") is None and "minutes" not in self.errors:
            self.add_error("minutes", _("How many minutes did the call take?"))
        return data
