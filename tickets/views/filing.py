"""Filing a ticket in the portal: what was entered stays, whatever goes wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from plans import choices
from plans import queries as plan_queries
from supportdesk.accounts.access import member
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Project
from tickets import actions
from tickets.fields import PREFIX
from tickets.forms import LONGEST_BODY, NewTicketForm
from tickets.models import Ticket
from tickets.uploads import MOST_FILES
from tickets.views import guidance
from tickets.views.portal_context import names_of_files

KEPT = ("submission", "project", "category", "environment", "subject", "url", "body", "priority")
"""What a form shown again keeps, besides the category's own questions and the sharing."""


@require_http_methods(["GET", "POST"])
@member
def new(request: VendorRequest) -> HttpResponse:
    """Files a ticket. ``refresh`` among what is sent shows the form again for a changed project or category, or with a
    preview: the way without scripts."""
    if request.membership.is_staff_side:
        return redirect("desk-new", vendor=request.vendor.slug)
    at = timezone.now()
    if request.method == "GET" or "refresh" in request.POST:
        return render(request, "portal/new.html", _context(request, _shown_again(request), at))
    form = NewTicketForm(request.POST, request.FILES, by=request.membership)
    ticket = _filed(form, request, at) if form.is_valid() else None
    if ticket is None:
        return render(request, "portal/new.html", _context(request, form, at), status=422)
    messages.success(
        request, _("Your request is filed as #%(number)s. Answers come here and by e-mail.") % {"number": ticket.number}
    )
    return redirect("portal-ticket", vendor=request.vendor.slug, number=ticket.number)


@require_http_methods(["GET", "POST"])
@member
def choices_of_form(request: VendorRequest) -> HttpResponse:
    """The parts of the form that depend on the project and the category; with ``only=promises`` just what each priority
    promises at this moment, for a form that stays open."""
    template = "portal/_promises.html" if request.GET.get("only") == "promises" else "portal/_choices.html"
    return render(request, template, _context(request, _shown_again(request), timezone.now()))


@require_POST
@member
def preview(request: VendorRequest) -> HttpResponse:
    """How Markdown will look."""
    return render(request, "portal/_preview.html", {"preview": request.POST.get("body", "")[:LONGEST_BODY]})


def _filed(form: NewTicketForm, request: VendorRequest, at: datetime) -> Ticket | None:
    """The ticket, or None with the form saying why not."""
    data = form.cleaned_data
    try:
        return actions.open_ticket(
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
        return None


def _shown_again(request: VendorRequest) -> NewTicketForm:
    """The form with what was entered so far, and no complaint about what is missing yet."""
    sent: QueryDict = request.POST if request.method == "POST" else request.GET
    initial: dict[str, Any] = {
        name: value for name, value in sent.items() if (name in KEPT or name.startswith(PREFIX)) and value
    }
    if "is_shared" in sent:
        initial["is_shared"] = sent["is_shared"] in ("true", "on")
    return NewTicketForm(initial=initial, by=request.membership)


def _context(request: VendorRequest, form: NewTicketForm, at: datetime) -> dict[str, object]:
    projects = _projects(form, at)
    project = next((each for each in projects if str(each.pk) == str(form["project"].value())), None)
    version = plan_queries.plan_version_for(project, at) if project else None
    contract = plan_queries.current_contract()
    return {
        "form": form,
        "projects": projects,
        "project": project,
        "plan": version.plan if version else None,
        "cards": guidance.cards(form.fields["priority"].queryset, version, at=at),  # type: ignore[attr-defined]
        "hints": choices.intake_hints(),
        "sharing": contract.sharing if contract else None,
        "asked_files": _asked_files(form),
        "lost_files": names_of_files(request),
        "preview": request.POST.get("body", "") if request.POST.get("refresh") == "preview" else "",
        "max_bytes": settings.ATTACHMENT_MAX_BYTES,
        "max_files": MOST_FILES,
        "now": at,
    }


def _projects(form: NewTicketForm, at: datetime) -> list[Project]:
    """The projects to choose from. The choice says which have no subscription, and begins with one that has."""
    field = form.fields["project"]
    projects: list[Project] = list(field.queryset)  # type: ignore[attr-defined]
    covered = plan_queries.covered_projects(projects, at)
    lacking = _("%(project)s (no active subscription)")
    field.choices = [  # type: ignore[attr-defined]
        (each.pk, each.name if each.pk in covered else lacking % {"project": each.name}) for each in projects
    ]
    if projects and not form.is_bound and "project" not in form.initial:
        form.initial["project"] = next((each.pk for each in projects if each.pk in covered), projects[0].pk)
    return projects


def _asked_files(form: NewTicketForm) -> list[str]:
    """What the category chosen wants attached, in the contract's words."""
    category = form.chosen_category
    return [spec["label"] for spec in category.fields if spec.get("kind") == "file"] if category else []
