"""Articles where somebody is writing: beside a customer's new ticket, and in an agent's composer."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from supportdesk.accounts.access import agent, member
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.knowledge import queries
from supportdesk.knowledge.models import Article


@require_safe
@member
def suggestions(request: VendorRequest) -> HttpResponse:
    """Up to five articles about what is typed (``?q=``, or ``?subject=`` as the form's field is called); nothing when
    none is near."""
    text = request.GET.get("q") or request.GET.get("subject", "")
    context = {"articles": queries.suggest(text, who=request.membership)}
    return render(request, "knowledge/_suggested.html", context)


@require_safe
@agent
def picker(request: VendorRequest) -> HttpResponse:
    """Articles with a button that inserts each. ``?kind=note`` offers internal ones too: a reply must never send a
    customer to a page that they cannot open."""
    for_note = request.GET.get("kind") == "note"
    text = request.GET.get("q", "")
    articles = queries.offer(text, who=request.membership, for_note=for_note)
    offers = [(article, _as_markdown(request, article)) for article in articles]
    return render(request, "knowledge/_picked.html", {"offers": offers, "text": text, "for_note": for_note})


def _as_markdown(request: VendorRequest, article: Article) -> str:
    """A link with the whole address, because a reply is also an e-mail."""
    path = reverse("solutions-article", kwargs={"vendor": request.vendor.slug, "slug": article.slug})
    title = article.title.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return f"[{title}]({request.build_absolute_uri(path)})"
