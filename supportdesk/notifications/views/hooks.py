"""Where services and carriers report back. Nobody is signed in there: a report counts by its signature."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from supportdesk.accounts.access import public
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.notifications import inbound, receipts, sealing
from supportdesk.notifications.channels.base import NotSigned
from supportdesk.notifications.channels.registry import HEARERS, READERS
from supportdesk.notifications.models import Integration, IntegrationKind

log = structlog.get_logger(__name__)

MOST_BYTES = 256 * 1024


@csrf_exempt
@require_POST
@public
def hook(request: VendorRequest, token: UUID) -> HttpResponse:
    """204 when it was heard, whatever it was about; 401 when it is not signed; 413 when it is too long."""
    found = get_object_or_404(Integration.objects.enabled().select_related("vendor"), token=token)
    hear = HEARERS.get(IntegrationKind(found.kind))
    if hear is None:
        raise Http404
    if _is_too_long(request):
        return HttpResponse(status=413)
    at = timezone.now()
    try:
        reports = hear(found, _headers(request), request.body, at=at)
    except (NotSigned, sealing.Unreadable):
        return _refused(found)
    inbound.hear(reports, at=at)
    return HttpResponse(status=200 if found.kind == IntegrationKind.SLACK else 204)


@csrf_exempt
@require_POST
@public
def receipt(request: VendorRequest, token: UUID, delivery_id: int) -> HttpResponse:
    """What a carrier says became of one message; answers as ``hook`` does. Also of one that left before its integration
    was disabled."""
    found = get_object_or_404(Integration.objects.select_related("vendor"), token=token)
    read = READERS.get(IntegrationKind(found.kind))
    if read is None:
        raise Http404
    if _is_too_long(request):
        return HttpResponse(status=413)
    try:
        said = read(found, delivery_id, _headers(request), request.body)
    except (NotSigned, sealing.Unreadable):
        return _refused(found)
    if said is not None:
        receipts.write(delivery_id, said, at=timezone.now())
    return HttpResponse(status=204)


def _is_too_long(request: VendorRequest) -> bool:
    return int(request.headers.get("Content-Length") or 0) > MOST_BYTES


def _headers(request: VendorRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _refused(integration: Integration) -> HttpResponse:
    log.warning("report_not_signed", vendor=integration.vendor_id, integration=integration.pk)
    return HttpResponse(status=401)
