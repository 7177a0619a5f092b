"""What an agent writes on a ticket: one box, three kinds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from plans.states import State
from tickets.forms import AgentReplyForm

CUSTOM = "custom"
QUICK = (30, 60, 120, 240)
"""Minutes until a next update that can be stated with one press."""


class Writing(models.TextChoices):
    REPLY = "reply", _("Reply")
    NOTE = "note", _("Internal note")
    CALL = "call", _("Phone call")


class ComposerForm(AgentReplyForm):
    """A reply with what may follow it, an internal note, or a phone call.

    ``kind`` is the truth, whichever address received the form, and a note never becomes a reply: the button that was
    pressed (``send``: a kind, for a reply with the status to follow, as in ``reply:waiting``) and the kind in which the
    text was written (``written_as``) must agree with it, or nothing is sent. ``seen`` is the last message, by its id,
    that the writer had before them.
    """

    kind = forms.ChoiceField(choices=Writing.choices, initial=Writing.REPLY, required=False)
    send = forms.CharField(required=False, max_length=30)
    written_as = forms.ChoiceField(choices=[("", ""), *Writing.choices], required=False)
    seen = forms.IntegerField(required=False, min_value=0)
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=1440, required=False)
    next_update_in = forms.ChoiceField(label=_("Next update"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].label = _("Message")
        quick = [(str(minutes), in_words(minutes)) for minutes in QUICK]
        choices = [("", _("as planned")), *quick, (CUSTOM, _("at a time…"))]
        self.fields["next_update_in"].choices = choices  # type: ignore[attr-defined]

    @property
    def writing(self) -> Writing:
        """The kind that is chosen now."""
        value = self["kind"].value()
        return Writing(value) if value in Writing.values else Writing.REPLY

    def next_update(self, at: datetime) -> datetime | None:
        """The instant that was stated for the next update, by a form sent at ``at``."""
        chosen: str = self.cleaned_data["next_update_in"]
        stated: datetime | None = self.cleaned_data["next_update_at"]
        return at + timedelta(minutes=int(chosen)) if chosen.isdecimal() else stated

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = data.get("kind") or Writing.REPLY
        pressed, _colon, state = (data.get("send") or "").partition(":")
        if pressed and pressed != kind:
            self.add_error("kind", _("The button does not fit what you chose to write: nothing was sent. Look again."))
        elif kind != Writing.NOTE and data.get("written_as") == Writing.NOTE:
            self.add_error("kind", _("This was written as an internal note: nothing was sent to the customer."))
        if state:
            self._follow_with(state, data)
        if kind == Writing.CALL and data.get("minutes") is None and "minutes" not in self.errors:
            self.add_error("minutes", _("How many minutes did the call take?"))
        is_custom = kind == Writing.REPLY and data.get("next_update_in") == CUSTOM
        if is_custom and data.get("next_update_at") is None and "next_update_at" not in self.errors:
            self.add_error("next_update_at", _("When will the customer hear from you next?"))
        return data

    def _follow_with(self, state: str, data: dict[str, Any]) -> None:
        offered = [value for value, _text in self.fields["then_state"].choices]  # type: ignore[attr-defined]
        if state in offered:
            data["then_state"] = State(state)
        else:
            self.add_error("then_state", _("The ticket has moved on; that status cannot follow any more."))


def in_words(minutes: int) -> str:
    """A length of time for a choice."""
    hours, rest = divmod(minutes, 60)
    return str(_("{n} h").format(n=hours) if hours and not rest else _("{n} min").format(n=minutes))
