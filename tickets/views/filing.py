"""Filing a ticket in the portal: what was entered stays, whatever goes wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from plans import choices
from plans import queries as plan_queries
from plans.models import Priority
from supportdesk.accounts.access import member
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Project
from tickets import actions
from tickets.actions.drafting import discard_draft, save_draft
from tickets.fields import GUIDANCE, PREFIX
from tickets.filing import FilingForm
from tickets.forms import LONGEST_BODY
from tickets.models import Draft, Ticket
from tickets.uploads import MOST_FILES
from tickets.views import guidance, unsent
from tickets.views.advice import Advice, advice_for
from tickets.views.portal_context import names_of_files
from tickets.views.unsent import SentRequest, keeps_what_was_sent

KEPT = ("submission", "project", "category", "environment", "subject", "url", "body", "priority")
"""What a form shown again keeps, besides the category's own questions, the sharing and the people."""


@keeps_what_was_sent()
@require_http_methods(["GET", "POST"])
def new(request: SentRequest) -> HttpResponse:
    """Files a ticket. ``refresh`` among what is sent shows the form again for a changed choice, or with a preview: the
    way without scripts. ``?draft=`` goes on with what was left unsent."""
    if request.membership.is_staff_side:
        return redirect("desk-new", vendor=request.vendor.slug)
    at = timezone.now()
    if request.method == "GET":
        return _after_sign_in(request, at) or _fresh(request, at)
    if request.faults:
        return _with_faults(request, at)
    if "refresh" in request.POST:
        return render(request, "portal/new.html", _context(request, _shown_again(request, request.POST), at))
    form = FilingForm(request.POST, request.FILES, by=request.membership)
    ticket = _filed(form, request, at) if form.is_valid() else None
    if ticket is None:
        _save(request, request.POST, at)
        return render(request, "portal/new.html", _context(request, form, at), status=422)
    messages.success(
        request, _("Your request is filed as #%(number)s. Answers come here and by e-mail.") % {"number": ticket.number}
    )
    return redirect("portal-ticket", vendor=request.vendor.slug, number=ticket.number)


@require_http_methods(["GET", "POST"])
@member
def choices_of_form(request: VendorRequest) -> HttpResponse:
    """The parts of the form that depend on what is chosen; with ``only=promises`` just what each priority promises at
    this moment, for a form that stays open."""
    template = "portal/_promises.html" if request.GET.get("only") == "promises" else "portal/_choices.html"
    form = _shown_again(request, request.POST if request.method == "POST" else request.GET)
    return render(request, template, _context(request, form, timezone.now()))


@require_POST
@member
def preview(request: VendorRequest) -> HttpResponse:
    """How Markdown will look."""
    return render(request, "portal/_preview.html", {"preview": request.POST.get("body", "")[:LONGEST_BODY]})


@transaction.atomic
def _filed(form: FilingForm, request: VendorRequest, at: datetime) -> Ticket | None:
    """The ticket, or None with the form saying why not."""
    data = form.cleaned_data
    kept = _answered(request, form, at)
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
            fields=form.answers() | ({GUIDANCE: kept} if kept else {}),
            files=data["files"],
            is_shared=data["is_shared"],
            submission=data["submission"],
        )
    except ValidationError as error:
        form.add_error(None, error)
        return None
    for person in data["informed"]:
        try:
            with transaction.atomic():
                actions.follow(ticket, who=person, by=request.membership, at=at)
        except ValidationError as error:
            messages.warning(request, " ".join(error.messages))
    discard_draft(by=request.membership, submission=data["submission"])
    return ticket


def _fresh(request: SentRequest, at: datetime) -> HttpResponse:
    """An empty form, or the draft asked for; beside it what else is unsent."""
    drafts = list(Draft.objects.of(request.membership)[:3])
    chosen = next((each for each in drafts if str(each.submission) == request.GET.get("draft")), None)
    sent = unsent.sent_of(chosen.content) if chosen else request.GET
    context = _context(request, _shown_again(request, sent), at, sent)
    others = [] if chosen else drafts
    return render(request, "portal/new.html", context | {"drafts": others, "restored": chosen})


def _after_sign_in(request: SentRequest, at: datetime) -> HttpResponse | None:
    """What was sent while nobody was signed in becomes a draft of whoever signed in, and the form is shown with it."""
    taken = unsent.taken_up(request)
    if taken is None:
        return None
    content, files = taken
    draft = _save(request, unsent.sent_of(content), at)
    if draft is None:
        return None
    said = _("You had been signed out. What you wrote is here; nothing is filed yet: look it over and send it.")
    messages.warning(request, said)
    if files:
        messages.warning(request, _("Please choose your files again: %(names)s") % {"names": ", ".join(files[:20])})
    address = reverse("portal-new", kwargs={"vendor": request.vendor.slug})
    return redirect(f"{address}?draft={draft.submission}")


def _with_faults(request: SentRequest, at: datetime) -> HttpResponse:
    """The form with what came before a limit was met, the rest as the draft last had it, and what was wrong."""
    sent = request.POST.copy()
    submission = unsent.submission_of(unsent.content_of(sent))
    draft = Draft.objects.of(request.membership).filter(submission=submission).first()
    for name, values in (draft.content if draft else {}).items():
        if name not in sent:
            sent.setlist(name, values)
    form = FilingForm(sent, by=request.membership)
    unsent.blame(form, request.faults)
    _save(request, sent, at)
    return render(request, "portal/new.html", _context(request, form, at, sent), status=422)


def _save(request: VendorRequest, sent: QueryDict, at: datetime) -> Draft | None:
    content = unsent.content_of(sent)
    try:
        return save_draft(by=request.membership, at=at, submission=unsent.submission_of(content), content=content)
    except ValidationError:
        return None


def _shown_again(request: VendorRequest, sent: QueryDict) -> FilingForm:
    """The form with what was entered so far, and no complaint about what is missing yet."""
    initial: dict[str, Any] = {
        name: value for name, value in sent.items() if (name in KEPT or name.startswith(PREFIX)) and value
    }
    if "is_shared" in sent:
        initial["is_shared"] = sent["is_shared"] in ("true", "on")
    initial["informed"] = sent.getlist("informed")
    return FilingForm(initial=initial, by=request.membership)


def _answered(request: VendorRequest, form: FilingForm, at: datetime) -> dict[str, Any]:
    """What the ticket keeps of the answers about its priority; empty where none was given."""
    data = form.cleaned_data
    version = plan_queries.plan_version_for(data["project"], at)
    priorities: list[Priority] = list(form.fields["priority"].queryset)  # type: ignore[attr-defined]
    advice = advice_for(
        request.POST, priorities=priorities, project=data["project"], version=version, vendor=request.vendor, at=at
    )
    kept = advice.kept()
    return kept and kept | {"chosen": data["priority"].code}


def _context(
    request: VendorRequest, form: FilingForm, at: datetime, sent: QueryDict | None = None
) -> dict[str, object]:
    sent = sent if sent is not None else request.POST if request.method == "POST" else request.GET
    projects = _projects(form, at)
    project = next((each for each in projects if str(each.pk) == str(form["project"].value())), None)
    version = plan_queries.plan_version_for(project, at) if project else None
    contract = plan_queries.current_contract()
    priorities: list[Priority] = list(form.fields["priority"].queryset)  # type: ignore[attr-defined]
    advice = advice_for(sent, priorities=priorities, project=project, version=version, vendor=request.vendor, at=at)
    advised = _follow_advice(form, sent, priorities, advice)
    return {
        "form": form,
        "projects": projects,
        "project": project,
        "plan": version.plan if version else None,
        "advice": advice,
        "advised": advised,
        "cards": guidance.cards(priorities, version, at=at, recommended=advice.recommended.code),
        "hints": choices.intake_hints(),
        "sharing": contract.sharing if contract else None,
        "asked_files": _asked_files(form),
        "lost_files": names_of_files(request),
        "preview": request.POST.get("body", "") if request.POST.get("refresh") == "preview" else "",
        "max_bytes": settings.ATTACHMENT_MAX_BYTES,
        "max_files": MOST_FILES,
        "drafts": [],
        "restored": None,
        "now": at,
    }


def _follow_advice(form: FilingForm, sent: QueryDict, priorities: list[Priority], advice: Advice) -> Priority | None:
    """The recommended priority; chosen in the form unless the customer has chosen another one than was recommended
    before."""
    advised = next((each for each in priorities if each.code == advice.recommended.code), None)
    chosen, before = sent.get("priority", ""), sent.get("advised", "")
    if not form.is_bound and chosen in ("", before):
        form.initial["priority"] = advised.pk if advised else None
    return advised


def _projects(form: FilingForm, at: datetime) -> list[Project]:
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


def _asked_files(form: FilingForm) -> list[str]:
    """What the category chosen wants attached, in the contract's words."""
    category = form.chosen_category
    return [spec["label"] for spec in category.fields if spec.get("kind") == "file"] if category else []
