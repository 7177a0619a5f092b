"""Sections: leads and admins say which there are, for whom, and in which order."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from supportdesk.accounts.access import lead
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.knowledge import actions
from supportdesk.knowledge.forms import SectionForm
from supportdesk.knowledge.models import Section
from supportdesk.knowledge.views.page import page


@require_http_methods(["GET", "POST"])
@lead
def listing(request: VendorRequest) -> HttpResponse:
    """All sections, and a form for another."""
    form = SectionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            section = actions.add_section(**form.cleaned_data, by=request.membership, at=timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("“%(name)s” is added at the end.") % {"name": section.name})
            return redirect("solutions-sections", vendor=request.vendor.slug)
    counted = Count("articles", filter=Q(articles__removed_at=None))
    sections = Section.objects.visible_to(request.membership).annotate(count=counted)
    context = {"form": form, "sections": list(sections)}
    return page(request, "sections.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@lead
def edit(request: VendorRequest, slug: str) -> HttpResponse:
    """Renames a section, or changes for whom it is while it is empty."""
    section = get_object_or_404(Section, slug=slug)
    form = SectionForm(request.POST if request.method == "POST" else None, section=section)
    if form.is_valid():
        try:
            actions.change_section(section, **form.cleaned_data, by=request.membership, at=timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("solutions-sections", vendor=request.vendor.slug)
    context = {"form": form, "section": section, "has_articles": section.articles.exists()}
    return page(request, "section_form.html", context, status=422 if form.errors else 200)


@require_POST
@lead
def place(request: VendorRequest, slug: str) -> HttpResponse:
    """One place up, or down."""
    section = get_object_or_404(Section, slug=slug)
    actions.move_section(section, up=request.POST.get("move") == "up", by=request.membership)
    return redirect("solutions-sections", vendor=request.vendor.slug)


@require_POST
@lead
def remove(request: VendorRequest, slug: str) -> HttpResponse:
    """Deletes an empty section."""
    section = get_object_or_404(Section, slug=slug)
    try:
        actions.remove_section(section, by=request.membership, at=timezone.now())
        messages.success(request, _("“%(name)s” is deleted.") % {"name": section.name})
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("solutions-sections", vendor=request.vendor.slug)
