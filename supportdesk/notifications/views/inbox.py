"""The inbox: what a person was told inside the product."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from escalation import messages
from escalation.models import Page
from supportdesk.accounts.access import member
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.notifications.models import Notice
from tickets.views.rail import rail

PAGE = 50
MANY = 99


@require_safe
@member
def inbox(request: VendorRequest) -> HttpResponse:
    """The newest fifty; ``?before=`` an id for those older, ``?unread`` for what is left to read."""
    mine = Notice.objects.of(request.membership)
    only_unread = "unread" in request.GET
    listed = mine.unread() if only_unread else mine
    before = request.GET.get("before", "")
    if before.isdecimal():
        listed = listed.filter(pk__lt=int(before))
    rows = list(listed[: PAGE + 1])
    now = timezone.now()
    unread = mine.unread().count_up_to(MANY + 1)
    older = {"before": rows[PAGE - 1].pk} | ({"unread": ""} if only_unread else {}) if len(rows) > PAGE else {}
    context = {
        "notices": _with_pages(rows[:PAGE]),
        "older": f"?{urlencode(older)}" if older else "",
        "only_unread": only_unread,
        "unread": unread,
        "unread_text": f"{MANY}+" if unread > MANY else str(unread),
        "now": now,
        "last_id": rows[0].pk if rows and not before else None,
        "rail": None,
    }
    if request.membership.is_staff_side:
        context |= rail(request.membership, now, current="inbox")
    return render(request, "notifications/inbox.html", context)


def _with_pages(notices: Sequence[Notice]) -> list[tuple[Notice, Page | None]]:
    """Each with the page that it tells of. One that waits for an answer stands with the newest notice of it alone. One
    query; none where none tells of a page."""
    numbers = {each.pk: messages.page_number(each.key) or 0 for each in notices if each.kind == messages.KIND}
    if not numbers:
        return [(notice, None) for notice in notices]
    found = Page.objects.filter(pk__in=set(numbers.values()))
    pages = {page.pk: page for page in found.select_related("acknowledged_by__user", "resolved_by__user")}
    told: list[tuple[Notice, Page | None]] = []
    for notice in notices:
        page = pages.get(numbers.get(notice.pk, 0))
        told.append((notice, page))
        if page is not None and page.is_open:
            del pages[page.pk]
    return told


@require_safe
@member
def open_notice(request: VendorRequest, notice_id: int) -> HttpResponse:
    """Where every link of the inbox goes: the notice is read, and its page opened."""
    notice = get_object_or_404(Notice.objects.of(request.membership), pk=notice_id)
    if notice.read_at is None:
        Notice.objects.unread().filter(pk=notice.pk).update(read_at=timezone.now())
    is_ours = url_has_allowed_host_and_scheme(notice.path, allowed_hosts=None, require_https=request.is_secure())
    return HttpResponseRedirect(notice.path if is_ours else reverse("inbox", kwargs={"vendor": request.vendor.slug}))


@require_POST
@member
def mark_read(request: VendorRequest) -> HttpResponse:
    """Marks one notice read, or all up to the newest that was shown (``up_to``): what came since stays unread."""
    mine = Notice.objects.of(request.membership).unread()
    notice, up_to = request.POST.get("notice", ""), request.POST.get("up_to", "")
    if notice.isdecimal():
        mine.filter(pk=int(notice)).update(read_at=timezone.now())
    elif up_to.isdecimal():
        mine.filter(pk__lte=int(up_to)).update(read_at=timezone.now())
    return redirect("inbox", vendor=request.vendor.slug)
