"""A category's own questions, as the contract file states them, made into form fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plans.models import Category

PREFIX = "field_"
GUIDANCE = "_guidance"
"""Where a ticket keeps what was answered about its priority; no key of a contract begins with an underscore."""


class LinesField(forms.CharField):
    """Several lines, one value each; cleaned to a list."""

    widget = forms.Textarea

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        return [line.strip() for line in text.splitlines() if line.strip()]


def _choice(spec: dict[str, Any], **common: Any) -> forms.Field:
    choices = [("", _("Choose one")), *((choice, choice) for choice in spec["choices"])]
    return forms.ChoiceField(choices=choices, **common)


_MAKERS: dict[str, Callable[..., forms.Field]] = {
    "text": lambda spec, **common: forms.CharField(max_length=500, **common),
    "textarea": lambda spec, **common: forms.CharField(
        max_length=20_000, widget=forms.Textarea(attrs={"rows": 4}), **common
    ),
    "list": lambda spec, **common: LinesField(max_length=20_000, **common),
    "select": _choice,
    "checkbox": lambda spec, **common: forms.BooleanField(**common),
    "email": lambda spec, **common: forms.EmailField(**common),
    "url": lambda spec, **common: forms.URLField(assume_scheme="https", **common),
    "number": lambda spec, **common: forms.DecimalField(max_digits=20, decimal_places=4, localize=False, **common),
    "date": lambda spec, **common: forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **common),
}


def category_fields(category: Category) -> dict[str, forms.Field]:
    """The fields by form name (``field_<key>``), in the contract's order. A question of kind ``file`` is answered by
    an attachment, so it becomes part of the attachments' hint and no field of its own."""
    made: dict[str, forms.Field] = {}
    for spec in category.fields:
        maker = _MAKERS.get(spec.get("kind", "text"))
        if maker is not None:
            common = {
                "label": spec["label"],
                "required": bool(spec.get("required")),
                "help_text": spec.get("help") or "",
            }
            made[PREFIX + spec["key"]] = maker(spec, **common)
    return made


def labelled(category: Category | None, answers: dict[str, Any]) -> list[tuple[str, Any]]:
    """The answers with their questions, in the contract's order; answers to questions since dropped come last."""
    labels = {spec["key"]: spec["label"] for spec in (category.fields if category else [])}
    known = [(label, answers[key]) for key, label in labels.items() if answers.get(key) not in (None, "", [])]
    said = [(key, value) for key, value in answers.items() if key != GUIDANCE and value not in (None, "", [])]
    gone = [(key, value) for key, value in said if key not in labels]
    return known + gone
