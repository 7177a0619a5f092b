"""The customer's side: file a ticket, follow it, answer, resolve, reopen."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plans import choices
from plans import queries as plan_queries
from plans.states import State
from sla import pages as sla_pages
from sla import promises
from supportdesk import markdown
from supportdesk.accounts.access import member
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Role
from tickets import actions, fields, listing, queries
from tickets.forms import NewTicketForm, ReplyForm
from tickets.models import Ticket
from tickets.views.live import unless_same

SCOPES = ("mine", "organization")


@require_GET
@member
def tickets(request: VendorRequest) -> HttpResponse:
    """A customer's lists: created by me, or all that is shared with me."""
    at = timezone.now()
    scope = request.GET.get("scope", "organization" if request.membership.role == Role.MANAGER else "mine")
    status = request.GET.get("status", "open")
    visible = Ticket.objects.visible_to(request.membership)
    if scope == "mine":
        visible = visible.filter(requester=request.membership)
    if status == "open":
        visible = visible.open()
    elif status == "resolved":
        visible = visible.filter(state=State.RESOLVED)
    try:
        page = listing.ticket_list_page(visible, after=request.GET.get("after", ""))
    except ValueError:
        return redirect("portal-tickets", vendor=request.vendor.slug)
    context = {
        "scope": scope,
        "status": status,
        "page": page,
        "chips": sla_pages.chips_for(page.rows, at=at, for_customer=True),
        "labels": choices.status_labels(for_customers=True),
        "now": at,
    }
    return render(request, "portal/list.html", context)


@require_http_methods(["GET", "POST"])
@member
def new(request: VendorRequest) -> HttpResponse:
    """Files a ticket; what was entered stays whatever goes wrong."""
    at = timezone.now()
    if request.method == "POST":
        form = NewTicketForm(request.POST, request.FILES, by=request.membership)
        if form.is_valid():
            data = form.cleaned_data
            try:
                ticket = actions.open_ticket(
                    by=request.membership,
                    at=at,
                    project=data["project"],
                    category=data.get("category"),
                    environment=data["environment"],
                    priority=data["priority"],
                    subject=data["subject"],
                    body=data["body"],
                    url=data["url"],
                    fields=form.answers(),
                    files=data["files"],
                    is_shared=data["is_shared"],
                    submission=data["submission"],
                )
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, _("Your request is filed as #%(number)s.") % {"number": ticket.number})
                return redirect("portal-ticket", vendor=request.vendor.slug, number=ticket.number)
        return render(request, "portal/new.html", _new_context(request, form), status=422)
    form = NewTicketForm(initial=_initial(request), by=request.membership)
    return render(request, "portal/new.html", _new_context(request, form))


@require_GET
@member
def new_choices(request: VendorRequest) -> HttpResponse:
    """The part of the form that depends on the project and category chosen: promises and the category's questions."""
    form = NewTicketForm(initial=_initial(request), by=request.membership)
    return render(request, "portal/_choices.html", _new_context(request, form))


@require_POST
@member
def preview(request: VendorRequest) -> HttpResponse:
    """How Markdown will look."""
    return HttpResponse(markdown.render(request.POST.get("body", "")[:200_000]))


@require_GET
@member
def ticket(request: VendorRequest, number: int) -> HttpResponse:
    """One ticket: the conversation, what is promised, and what can be done next."""
    found = _visible(request, number)
    return render(request, "portal/ticket.html", _ticket_context(request, found, ReplyForm()))


@require_GET
@member
def activity(request: VendorRequest, number: int) -> HttpResponse:
    """The live part of a ticket's page."""
    found = _visible(request, number)
    return unless_same(
        request,
        sla_pages.page_tag(found),
        lambda: render(request, "portal/_activity.html", _ticket_context(request, found, ReplyForm())),
    )


@require_POST
@member
def reply(request: VendorRequest, number: int) -> HttpResponse:
    """The customer answers."""
    found = _visible(request, number)
    form = ReplyForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            actions.reply(
                found,
                by=request.membership,
                at=timezone.now(),
                body=form.cleaned_data["body"],
                files=form.cleaned_data["files"],
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Your reply is sent."))
            return redirect("portal-ticket", vendor=request.vendor.slug, number=number)
    return render(request, "portal/ticket.html", _ticket_context(request, found, form), status=422)


@require_POST
@member
def resolve(request: VendorRequest, number: int) -> HttpResponse:
    """ "Mark the Ticket as Resolved" (OroCloud)."""
    actions.resolve(_visible(request, number), by=request.membership, at=timezone.now())
    messages.success(request, _("Marked as resolved. You can reopen it if the problem comes back."))
    return redirect("portal-ticket", vendor=request.vendor.slug, number=number)


@require_POST
@member
def reopen(request: VendorRequest, number: int) -> HttpResponse:
    """The problem is back."""
    try:
        actions.reopen(_visible(request, number), by=request.membership, at=timezone.now())
        messages.success(request, _("Reopened. Please say below what is still wrong."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("portal-ticket", vendor=request.vendor.slug, number=number)


@require_GET
@member
def clock(request: VendorRequest, number: int, pk: int) -> HttpResponse:
    """Why a promised instant is where it is."""
    found = _visible(request, number)
    at = timezone.now()
    explained = sla_pages.explained(found, pk, at=at, for_customer=True)
    return render(request, "sla/explanation.html", {"ticket": found, "explained": explained, "now": at})


def _visible(request: VendorRequest, number: int) -> Ticket:
    visible = Ticket.objects.visible_to(request.membership).for_page()
    return get_object_or_404(visible, number=number)


def _initial(request: VendorRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in ("project", "category", "environment") if name in request.GET}


def _new_context(request: VendorRequest, form: NewTicketForm) -> dict[str, object]:
    at = timezone.now()
    projects = list(form.fields["project"].queryset)  # type: ignore[attr-defined]
    chosen = str(form.data.get("project") or form.initial.get("project") or "")
    project = next((each for each in projects if str(each.pk) == chosen), projects[0] if projects else None)
    version = plan_queries.plan_version_for(project, at) if project else None
    return {
        "form": form,
        "projects": projects,
        "project": project,
        "plan": version.plan if version else None,
        "promises": promises.by_priority(version, at=at) if version else {},
        "priorities": list(form.fields["priority"].queryset),  # type: ignore[attr-defined]
        "hints": choices.intake_hints(),
        "now": at,
    }


def _ticket_context(request: VendorRequest, ticket: Ticket, form: ReplyForm) -> dict[str, object]:
    at = timezone.now()
    return {
        "ticket": ticket,
        "entries": queries.conversation(ticket, request.membership),
        "answers": fields.labelled(ticket.category, ticket.fields),
        "clocks": sla_pages.chips_of(ticket, at=at, for_customer=True),
        "labels": choices.status_labels(for_customers=True),
        "form": form,
        "tag": sla_pages.page_tag(ticket),
        "now": at,
    }
