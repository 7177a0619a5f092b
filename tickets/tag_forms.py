"""Keeping the vendor's set of tags."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.models import Tag


class TagForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=40)

    def __init__(self, data: Any = None, *, tag: Tag) -> None:
        super().__init__(data, initial={"name": tag.name})


class MergeTagsForm(forms.Form):
    into: forms.ModelChoiceField[Tag] = forms.ModelChoiceField(
        queryset=None, label=_("Merge into"), empty_label=_("Choose a tag")
    )

    def __init__(self, data: Any = None, *, tag: Tag) -> None:
        super().__init__(data)
        self.fields["into"].queryset = Tag.objects.exclude(pk=tag.pk).by_name()  # type: ignore[attr-defined]
