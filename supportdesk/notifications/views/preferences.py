"""One's own notifications: what comes by which way, quiet hours, and telephone numbers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from supportdesk.accounts.access import member
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.notifications import contacts
from supportdesk.notifications.forms import CodeForm, NumberForm, PreferenceForm, groups_for
from supportdesk.notifications.models import ContactMethod, Preference
from supportdesk.notifications.reach import carrier, quiet_until
from tickets import phone_numbers
from tickets.views.rail import rail


@require_http_methods(["GET", "POST"])
@member
def preferences(request: VendorRequest) -> HttpResponse:
    """What comes by e-mail and by text, and when not."""
    if request.method == "GET":
        return _page(request)
    form = _form(request, request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    Preference.objects.update_or_create(membership=request.membership, defaults=form.chosen())
    messages.success(request, _("Your choices are saved."))
    return redirect("notification-preferences", vendor=request.vendor.slug)


@require_POST
@member
def add_number(request: VendorRequest) -> HttpResponse:
    """Notes a number and sends it a code."""
    form = NumberForm(request.POST)
    if form.is_valid():
        try:
            contact = contacts.add(request.membership, at=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("A code is on its way to %(number)s.") % {"number": contact.number})
            return redirect("notification-preferences", vendor=request.vendor.slug)
    return _page(request, number_form=form, status=422)


@require_POST
@member
def send_code(request: VendorRequest, pk: int) -> HttpResponse:
    """Sends a new code."""
    contact = _mine(request, pk)
    try:
        contacts.send_code(contact, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("A new code is on its way to %(number)s.") % {"number": contact.number})
    return redirect("notification-preferences", vendor=request.vendor.slug)


@require_POST
@member
def verify(request: VendorRequest, pk: int) -> HttpResponse:
    """Takes the code that came."""
    contact = _mine(request, pk)
    form = CodeForm(request.POST, auto_id=f"id_{pk}_%s")
    if form.is_valid():
        try:
            contacts.verify(contact, code=form.cleaned_data["code"], at=timezone.now())
        except ValidationError as error:
            form.add_error("code", error)
        else:
            messages.success(request, _("%(number)s is yours.") % {"number": contact.number})
            return redirect("notification-preferences", vendor=request.vendor.slug)
    return _page(request, code_forms={pk: form}, status=422)


@require_POST
@member
def remove_number(request: VendorRequest, pk: int) -> HttpResponse:
    """Forgets a number."""
    contact = _mine(request, pk)
    number = contact.number
    contacts.remove(contact, at=timezone.now())
    messages.success(request, _("%(number)s is removed.") % {"number": number})
    return redirect("notification-preferences", vendor=request.vendor.slug)


def _page(
    request: VendorRequest,
    *,
    form: PreferenceForm | None = None,
    number_form: NumberForm | None = None,
    code_forms: dict[int, CodeForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    at = timezone.now()
    numbers = list(ContactMethod.objects.of(request.membership))
    codes = code_forms or {}
    context: dict[str, Any] = {
        "form": form or _form(request),
        "numbers": [
            (each, phone_numbers.readable(each.number), codes.get(each.pk) or CodeForm(auto_id=f"id_{each.pk}_%s"))
            for each in numbers
        ],
        "number_form": number_form or NumberForm(auto_id="id_number_%s"),
        "has_wrong_code": bool(codes),
        "missing": carrier().missing,
        "quiet_until": quiet_until(request.membership, at),
        "now": at,
        "rail": None,
    }
    if request.membership.is_staff_side:
        context |= rail(request.membership, at, current="preferences")
    return render(request, "notifications/preferences.html", context, status=status)


def _form(request: VendorRequest, data: Any = None) -> PreferenceForm:
    who = request.membership
    return PreferenceForm(
        data,
        groups=groups_for(is_staff=who.is_staff_side),
        of=Preference.objects.filter(membership=who).first() or Preference(),
        may_text=ContactMethod.objects.of(who).verified().filter(takes_texts=True).exists(),
        is_staff=who.is_staff_side,
    )


def _mine(request: VendorRequest, pk: int) -> ContactMethod:
    found: ContactMethod = get_object_or_404(ContactMethod.objects.of(request.membership), pk=pk)
    return found
