"""Writing articles: what was entered stays, whatever goes wrong."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.knowledge import actions
from supportdesk.knowledge.forms import ArticleForm
from supportdesk.knowledge.models import Article, Section
from supportdesk.knowledge.models.article import LONGEST_BODY
from supportdesk.knowledge.text import as_page
from supportdesk.knowledge.views.page import page, visible


@require_http_methods(["GET", "POST"])
@agent
def new(request: VendorRequest) -> HttpResponse:
    """A new article, as a draft or published at once; ``?section=`` a section's slug."""
    if request.method == "GET":
        chosen = Section.objects.filter(slug=request.GET.get("section", "")).first()
        return _page(request, ArticleForm(initial={"section": chosen}))
    if "refresh" in request.POST:
        return _page(request, _shown_again(request, None))
    form = ArticleForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    article = actions.write(**form.texts(), by=request.membership, at=timezone.now())
    return _saved(request, article)


@require_http_methods(["GET", "POST"])
@agent
def edit(request: VendorRequest, slug: str) -> HttpResponse:
    """Changes an article; each save is a revision that can be taken back."""
    found = visible(request, slug)
    if request.method == "GET":
        return _page(request, ArticleForm(article=found))
    if "refresh" in request.POST:
        return _page(request, _shown_again(request, found))
    data = request.POST.copy()
    form = ArticleForm(data, article=found)
    if form.is_valid():
        try:
            article = actions.rewrite(
                found, **form.texts(), seen=form.cleaned_data["seen"], by=request.membership, at=timezone.now()
            )
        except ValidationError as error:
            form.add_error(None, error)
            data["seen"] = str(found.revision)  # who saves again has been told
        else:
            return _saved(request, article)
    return _page(request, form, status=422)


@require_POST
@agent
def preview(request: VendorRequest) -> HttpResponse:
    """How the text will read, with its headings as the article will have them."""
    return render(request, "knowledge/_preview.html", {"preview": as_page(_body(request))})


def _body(request: VendorRequest) -> str:
    return request.POST.get("body", "")[:LONGEST_BODY]


def _saved(request: VendorRequest, article: Article) -> HttpResponse:
    if request.POST.get("then") == "publish" and not article.is_published:
        article = actions.publish(article, by=request.membership, at=timezone.now())
    if article.is_for_customers:
        messages.success(request, _("Saved. Customers can read it now."))
    elif article.is_published:
        messages.success(request, _("Saved. Your team can read it now."))
    else:
        messages.success(request, _("Saved as a draft."))
    return redirect("solutions-article", vendor=request.vendor.slug, slug=article.slug)


def _shown_again(request: VendorRequest, article: Article | None) -> ArticleForm:
    """The form with what was entered so far and no complaint, for a preview without scripts."""
    return ArticleForm(article=article, initial=dict(request.POST.items()))


def _page(request: VendorRequest, form: ArticleForm, *, status: int = 200) -> HttpResponse:
    preview = as_page(_body(request)) if request.POST.get("refresh") == "preview" else ""
    return page(request, "form.html", {"form": form, "article": form.article, "preview": preview}, status=status)
