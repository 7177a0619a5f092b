"""Forms for articles, sections and votes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from supportdesk.knowledge.models import Article, Audience, Section
from supportdesk.knowledge.models.article import LONGEST_BODY
from supportdesk.knowledge.models.vote import LONGEST_COMMENT


class ArticleForm(forms.Form):
    """A new article, or with ``article`` the one that is edited; ``seen`` is the revision its writer began from."""

    section: forms.ModelChoiceField[Section] = forms.ModelChoiceField(
        queryset=None, label=_("Section"), empty_label=_("Choose one")
    )
    title = forms.CharField(label=_("Title"), max_length=150, help_text=_("What a reader would type to find it."))
    summary = forms.CharField(
        label=_("Summary"), max_length=300, required=False, help_text=_("One sentence, shown in lists and searches.")
    )
    keywords = forms.CharField(
        label=_("Other words for it"),
        max_length=300,
        required=False,
        help_text=_("What readers call it and the text does not, separated by commas."),
    )
    body = forms.CharField(
        label=_("Text"),
        max_length=LONGEST_BODY,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=_("Markdown: ## heading, **bold**, `code`, - lists, tables."),
    )
    expose = forms.BooleanField(label=_("Yes, let customers read it"), required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, article: Article | None = None, **kwargs: Any) -> None:
        if article is not None:
            kept = {name: getattr(article, name) for name in ("section", "title", "summary", "keywords", "body")}
            kwargs["initial"] = kept | {"seen": article.revision} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.article = article
        field = self.fields["section"]
        field.queryset = Section.objects.order_by("position", "id")  # type: ignore[attr-defined]
        field.label_from_instance = _with_audience  # type: ignore[attr-defined]
        if article is None or not (article.is_published and article.section.is_internal):
            del self.fields["expose"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        section = data.get("section")
        if "expose" in self.fields and section is not None and not section.is_internal and not data.get("expose"):
            warning = _("It is published: in “%(section)s” customers can read it at once. Tick this if you mean it.")
            self.add_error("expose", warning % {"section": section.name})
        return data

    def texts(self) -> dict[str, Any]:
        """What ``actions.write`` and ``actions.rewrite`` take."""
        return {name: self.cleaned_data[name] for name in ("section", "title", "summary", "keywords", "body")}


class SectionForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    summary = forms.CharField(label=_("What is in it"), max_length=200, required=False)
    audience = forms.ChoiceField(label=_("Who can read it"), choices=Audience.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, section: Section | None = None, **kwargs: Any) -> None:
        if section is not None:
            kept = {"name": section.name, "summary": section.summary, "audience": section.audience}
            kwargs["initial"] = kept | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)


class VoteForm(forms.Form):
    """Yes or no, and perhaps why."""

    helpful = forms.TypedChoiceField(choices=[("yes", _("Yes")), ("no", _("No"))], coerce=lambda value: value == "yes")
    comment = forms.CharField(
        label=_("Comment"), max_length=LONGEST_COMMENT, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


def _with_audience(section: Section) -> str:
    return _("%(section)s (internal)") % {"section": section.name} if section.is_internal else section.name
