"""Links between tickets: made, taken back and made again; and an incident's tickets answered together."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from tickets import actions
from tickets.actions.incidents import Answered
from tickets.errors import Refused
from tickets.models import Link, Ticket
from tickets.models.link import LinkKind
from tickets.picking import suggested
from tickets.regrouping import LinkForm, TogetherForm
from tickets.views import desk_context
from tickets.views.asking import did, found
from tickets.views.rail import rail


@require_GET
@agent
def suggestions(request: VendorRequest, number: int) -> HttpResponse:
    """Tickets that what is being typed may mean; ``mergeable``: only those that this one can be merged into."""
    ticket, by = found(request, number), request.membership
    among = Ticket.objects.visible_to(by).exclude(pk=ticket.pk)
    if "mergeable" in request.GET:
        among = among.filter(organization_id=ticket.organization_id).open()
    words = request.GET.get("link-to") or request.GET.get("into") or ""
    return render(request, "desk/_ticket_options.html", {"offered": suggested(words[:200], who=by, among=among)})


@require_POST
@agent
def add(request: VendorRequest, number: int) -> HttpResponse:
    """Links this ticket with another one."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    form = LinkForm(request.POST, ticket=ticket, by=by)
    if did(form, lambda data: _link(form, ticket, request)):
        other = form.cleaned_data["to"]
        messages.success(request, _("Linked with #%(number)s.") % {"number": other.number})
        return _back(request, number)
    context = desk_context.ticket_page(request, ticket, at) | {"link_form": form}
    return render(request, "desk/ticket.html", context, status=422)


@require_POST
@agent
def remove(request: VendorRequest, number: int, pk: int) -> HttpResponse:
    """Takes a link back; the same link can be made again from the message that says so."""
    ticket = found(request, number)
    link = get_object_or_404(Link.objects.of(ticket), pk=pk)
    actions.unlink(ticket, link=link, by=request.membership, at=timezone.now())
    kwargs = {"vendor": request.vendor.slug, "number": link.source.number, "kind": link.kind, "to": link.target.number}
    other = link.target if link.source_id == ticket.pk else link.source
    said = _("The link with #%(number)s is removed.") % {"number": other.number}
    messages.success(request, said, extra_tags=f"undo:{reverse('desk-link-again', kwargs=kwargs)}")
    return _back(request, number)


@require_POST
@agent
def again(request: VendorRequest, number: int, kind: str, to: int) -> HttpResponse:
    """Makes a link that was removed."""
    if kind not in LinkKind.values:
        raise Http404
    ticket, other = found(request, number), found(request, to)
    try:
        actions.link(ticket, to=other, kind=LinkKind(kind), by=request.membership, at=timezone.now())
        messages.success(request, _("Linked again."))
    except Refused as error:
        messages.error(request, error.text)
    return _back(request, number)


@require_http_methods(["GET", "POST"])
@agent
def incident(request: VendorRequest, number: int) -> HttpResponse:
    """One answer for every ticket that is part of this one."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    beside = rail(by, at)
    form = TogetherForm(request.POST or None, incident=ticket, labels=beside["labels"])
    parts = list(form.fields["children"].queryset)  # type: ignore[attr-defined]
    done: list[Answered] = []
    if did(form, lambda data: done.extend(actions.answer_together(ticket, by=by, at=at, **data))):
        _report(request, done)
        if not any(each.refused for each in done):
            return _back(request, number)
    context = {"ticket": ticket, "form": form, "parts": parts, "done": done, "now": at, **beside}
    status = 422 if form.is_bound and not done else 200
    return render(request, "desk/incident.html", context, status=status)


def _link(form: LinkForm, ticket: Ticket, request: VendorRequest) -> Link:
    source, target, kind = form.ends(ticket)
    return actions.link(source, to=target, kind=kind, by=request.membership, at=timezone.now())


def _report(request: VendorRequest, done: list[Answered]) -> None:
    answered = sum(not each.refused for each in done)
    if answered:
        said = ngettext("%(n)s ticket answered.", "%(n)s tickets answered.", answered) % {"n": answered}
        messages.success(request, said)
    for each in done:
        if each.refused:
            messages.warning(request, f"#{each.ticket.number}: {each.refused}")


def _back(request: VendorRequest, number: int) -> HttpResponse:
    address = reverse("desk-ticket", kwargs={"vendor": request.vendor.slug, "number": number})
    return redirect(f"{address}#ticket-links")
