"""Reading: the shelves, the search, one article, and whether it helped. Customers and staff open the same addresses."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from supportdesk.accounts.access import member
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.knowledge import actions, queries
from supportdesk.knowledge.forms import VoteForm
from supportdesk.knowledge.models import Article, ArticleVote, Section
from supportdesk.knowledge.text import as_page
from supportdesk.knowledge.views.page import page, visible


@require_safe
@member
def index(request: VendorRequest) -> HttpResponse:
    """The sections with their first articles, or with ``?q=`` what a search finds."""
    text = request.GET.get("q", "").replace("\0", " ").strip()[:200]
    if text:
        results = queries.find(text, who=request.membership)
        return page(request, "search.html", {"text": text, "results": results})
    return page(request, "index.html", {"text": "", "shelves": queries.shelves(request.membership)})


@require_safe
@member
def section(request: VendorRequest, slug: str) -> HttpResponse:
    """All articles of a section by title, a page at a time."""
    found = get_object_or_404(Section.objects.visible_to(request.membership), slug=slug)
    after = request.GET.get("after", "")
    if after and not (after.isdecimal() and len(after) < 19):
        raise Http404
    articles, next_after = queries.shelf_page(found, request.membership, after=int(after) if after else None)
    context = {"section": found, "articles": articles, "after": after, "next_after": next_after, "text": ""}
    return page(request, "section.html", context)


@require_safe
@member
def article(request: VendorRequest, slug: str) -> HttpResponse:
    """One article."""
    return _article_page(request, visible(request, slug), VoteForm())


@require_POST
@member
def vote(request: VendorRequest, slug: str) -> HttpResponse:
    """Did this help? The buttons send yes or no, the form after them yes or no with a comment."""
    found = visible(request, slug)
    form = VoteForm(request.POST)
    if not form.is_valid():
        return _article_page(request, found, form, status=422)
    comment = form.cleaned_data["comment"] if "comment" in request.POST else None
    actions.vote(
        found, is_helpful=form.cleaned_data["helpful"], comment=comment, by=request.membership, at=timezone.now()
    )
    if comment:
        messages.success(request, _("Thank you. The authors read every comment."))
    address = reverse("solutions-article", kwargs={"vendor": request.vendor.slug, "slug": slug})
    return redirect(f"{address}#helped")


def _article_page(request: VendorRequest, found: Article, form: VoteForm, *, status: int = 200) -> HttpResponse:
    context = {
        "article": found,
        "written": as_page(found.body),
        "form": form,
        "voted": ArticleVote.objects.filter(article=found, membership=request.membership).first(),
        "figures": queries.helpfulness(found) if request.membership.is_staff_side else None,
        "text": "",
    }
    return page(request, "article.html", context, status=status)
