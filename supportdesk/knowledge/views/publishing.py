"""Publishing an article, taking it back, removing it and bringing it back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from supportdesk.accounts.access import agent, lead
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.knowledge import actions
from supportdesk.knowledge.models import Article
from supportdesk.knowledge.views.page import visible


@require_POST
@agent
def publish(request: VendorRequest, slug: str) -> HttpResponse:
    """Lets those read it for whom its section is."""
    article = actions.publish(visible(request, slug), by=request.membership, at=timezone.now())
    told = _("Published. Your team can read it now.")
    if article.is_for_customers:
        told = _("Published. Customers can read it now.")
    messages.success(request, told, extra_tags=f"undo:{_address(request, 'solutions-withdrawal', slug)}")
    return redirect("solutions-article", vendor=request.vendor.slug, slug=slug)


@require_POST
@agent
def unpublish(request: VendorRequest, slug: str) -> HttpResponse:
    """A draft again."""
    actions.unpublish(visible(request, slug), by=request.membership, at=timezone.now())
    messages.success(
        request,
        _("Unpublished. Only your team can read it now."),
        extra_tags=f"undo:{_address(request, 'solutions-publication', slug)}",
    )
    return redirect("solutions-article", vendor=request.vendor.slug, slug=slug)


@require_POST
@lead
def remove(request: VendorRequest, slug: str) -> HttpResponse:
    """Gone from every page; the way back stands beside the confirmation."""
    article = actions.remove(visible(request, slug), by=request.membership, at=timezone.now())
    messages.success(
        request,
        _("“%(title)s” is deleted.") % {"title": article.title},
        extra_tags=f"undo:{_address(request, 'solutions-recovery', slug)}",
    )
    return redirect("solutions", vendor=request.vendor.slug)


@require_POST
@lead
def recover(request: VendorRequest, slug: str) -> HttpResponse:
    """Back, as a draft."""
    removed = get_object_or_404(Article.objects.exclude(removed_at=None), slug=slug)
    actions.recover(removed, by=request.membership, at=timezone.now())
    messages.success(request, _("“%(title)s” is back, as a draft.") % {"title": removed.title})
    return redirect("solutions-article", vendor=request.vendor.slug, slug=slug)


def _address(request: VendorRequest, name: str, slug: str) -> str:
    return reverse(name, kwargs={"vendor": request.vendor.slug, "slug": slug})
