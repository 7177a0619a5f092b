"""The one-time link of a paging e-mail: works without signing in, says what it does first, and does it once."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from escalation import messages, policies
from escalation.answering import ANSWERS, use_link
from escalation.links import link_of
from escalation.models import Page, PageLink
from supportdesk.accounts.access import public
from supportdesk.accounts.middleware import VendorRequest
from tickets.errors import Refused


@never_cache
@require_http_methods(["GET", "POST"])
@public
def answer(request: VendorRequest, secret: str) -> HttpResponse:
    """What the link is about and what can be answered; then the answer. Reading the page uses nothing up, because mail
    programs open links too."""
    link = link_of(secret)
    if link is None:
        return _over(request, _("This link is not one of ours, or was cut off. Open the desk to answer the page."))
    at = timezone.now()
    if request.method == "POST" and link.is_live(at):
        answered = request.POST.get("answer", "")
        if answered in ANSWERS:
            try:
                page = use_link(link, answered, at=at)
            except Refused as error:
                return _over(request, error.text, link, status=409)
            return _render(request, link, done=answered, page=page)
    if link.used_at is not None:
        return _over(request, _("This link has been used. Each of them answers once."), link, status=410)
    if not link.is_live(at):
        return _over(request, _("This link has run out. Open the desk to answer the page."), link, status=410)
    if link.page.is_settled:
        return _over(request, _("This page is over."), link)
    return _render(request, link, done="", page=link.page)


def _render(request: VendorRequest, link: PageLink, *, done: str, page: Page) -> HttpResponse:
    return render(request, "escalation/answer.html", _context(link, page) | {"done": done, "trouble": ""})


def _over(request: VendorRequest, trouble: str, link: PageLink | None = None, *, status: int = 200) -> HttpResponse:
    """The link cannot answer (any more): why, and how things stand."""
    context = _context(link, link.page) if link is not None else {"page": None, "title": _("Page")}
    return render(
        request,
        "escalation/answer.html",
        context | {"done": "", "trouble": trouble},
        status=404 if link is None else status,
    )


def _context(link: PageLink, page: Page) -> dict[str, Any]:
    page = Page.objects.for_rows().get(pk=page.pk)
    return {
        "link": link,
        "page": page,
        "ticket": page.ticket,
        "title": messages.title_of(page, page.ticket),
        "policy": policies.name_of(page.contract_version_id, page.policy),
        "trigger": policies.trigger_names().get(page.trigger, page.trigger),
        "now": timezone.now(),
    }
