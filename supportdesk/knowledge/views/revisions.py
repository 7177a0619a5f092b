"""What an article said before, what each save changed, and taking an old text back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.knowledge import actions
from supportdesk.knowledge.differences import differences
from supportdesk.knowledge.models import ArticleRevision
from supportdesk.knowledge.views.page import page, visible

MOST_SHOWN = 100


@require_safe
@agent
def listing(request: VendorRequest, slug: str) -> HttpResponse:
    """Every save, the newest first."""
    article = visible(request, slug)
    rows = ArticleRevision.objects.filter(article=article).defer("body").select_related("by__user").order_by("-number")
    context = {"article": article, "revisions": list(rows[:MOST_SHOWN]), "most": MOST_SHOWN}
    return page(request, "revisions.html", context)


@require_safe
@agent
def one(request: VendorRequest, slug: str, number: int) -> HttpResponse:
    """One save: what it changed, and the text as it was."""
    article = visible(request, slug)
    rows = ArticleRevision.objects.filter(article=article).select_related("by__user")
    revision = get_object_or_404(rows, number=number)
    before = rows.filter(number=number - 1).first()
    context = {
        "article": article,
        "revision": revision,
        "changes": _changes(before, revision) if before else None,
        "is_newest": revision.number == article.revision,
    }
    return page(request, "revision.html", context)


@require_POST
@agent
def restore(request: VendorRequest, slug: str, number: int) -> HttpResponse:
    """The old text is the text again, as a new revision."""
    article = visible(request, slug)
    get_object_or_404(ArticleRevision.objects.filter(article=article), number=number)
    restored = actions.restore(article, number=number, by=request.membership, at=timezone.now())
    messages.success(request, _("Revision %(number)d is restored. Nothing was lost.") % {"number": number})
    return redirect("solutions-article", vendor=request.vendor.slug, slug=restored.slug)


def _changes(before: ArticleRevision, after: ArticleRevision) -> dict[str, object]:
    """By field what changed; fields that stayed are left out."""
    named = {"title": _("Title"), "summary": _("Summary"), "keywords": _("Other words for it"), "body": _("Text")}
    changed = {label: differences(getattr(before, name), getattr(after, name)) for name, label in named.items()}
    return {label: lines for label, lines in changed.items() if lines}
