"""Tags: on one ticket, and the vendor's set of them."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from supportdesk.accounts.access import agent, lead
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Role
from tickets import actions
from tickets.models import Tag, Ticket
from tickets.tag_forms import MergeTagsForm, TagForm
from tickets.views.rail import rail

MOST_SUGGESTED = 8


@require_POST
@agent
def add(request: VendorRequest, number: int) -> HttpResponse:
    """Puts a tag on a ticket; a name that there is not yet makes one."""
    ticket = get_object_or_404(Ticket.objects.visible_to(request.membership), number=number)
    try:
        tag = actions.tag_named(request.POST.get("tag", ""))
        actions.tag(ticket, tag=tag, by=request.membership, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("desk-ticket", vendor=request.vendor.slug, number=number)


@require_POST
@agent
def take_off(request: VendorRequest, number: int, slug: str) -> HttpResponse:
    """Takes a tag off a ticket."""
    ticket = get_object_or_404(Ticket.objects.visible_to(request.membership), number=number)
    tag = get_object_or_404(Tag, slug=slug)
    try:
        actions.untag(ticket, tag=tag, by=request.membership, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("desk-ticket", vendor=request.vendor.slug, number=number)


@require_GET
@agent
def suggestions(request: VendorRequest) -> HttpResponse:
    """Tags that begin as what was typed, as options of a datalist."""
    typed = request.GET.get("tag", "").strip()[:40].replace("\0", "")
    rows = Tag.objects.beginning(typed) if typed else Tag.objects.all()
    return render(request, "desk/_tag_options.html", {"tags_offered": list(rows.by_name()[:MOST_SUGGESTED])})


@require_GET
@agent
def listing(request: VendorRequest) -> HttpResponse:
    """All tags with how many tickets have each."""
    rows = Tag.objects.annotate(count=Count("tagged")).by_name()
    context = {"all_tags": list(rows), "may_change": request.membership.is_at_least(Role.LEAD)}
    return render(request, "desk/tags.html", context | rail(request.membership, timezone.now(), current="tags"))


@require_http_methods(["GET", "POST"])
@lead
def edit(request: VendorRequest, slug: str) -> HttpResponse:
    """Renames a tag, or merges it into another."""
    tag = get_object_or_404(Tag, slug=slug)
    at, sent = timezone.now(), request.POST if request.method == "POST" else None
    merging = sent is not None and "into" in sent
    form = TagForm(None if merging else sent, tag=tag)
    merge = MergeTagsForm(sent if merging else None, tag=tag)
    if (merge if merging else form).is_valid():
        try:
            if merging:
                into = actions.merge_tags(tag, into=merge.cleaned_data["into"], by=request.membership, at=at)
                said = _("“%(tag)s” is now “%(into)s” everywhere.") % {"tag": tag.name, "into": into.name}
            else:
                actions.rename_tag(tag, name=form.cleaned_data["name"], by=request.membership, at=at)
                said = _("Saved.")
        except ValidationError as error:
            (merge if merging else form).add_error(None, error)
        else:
            messages.success(request, said)
            return redirect("desk-tags", vendor=request.vendor.slug)
    context = {"form": form, "merge_form": merge, "tag": tag, "count": tag.tagged.count()}
    status = 422 if form.errors or merge.errors else 200
    return render(request, "desk/tag.html", context | rail(request.membership, at, current="tags"), status=status)


@require_POST
@lead
def remove(request: VendorRequest, slug: str) -> HttpResponse:
    """Deletes a tag, from every ticket too."""
    tag = get_object_or_404(Tag, slug=slug)
    actions.remove_tag(tag, by=request.membership, at=timezone.now())
    messages.success(request, _("“%(name)s” is deleted.") % {"name": tag.name})
    return redirect("desk-tags", vendor=request.vendor.slug)
