"""Where services report back. Nobody is signed in there: a report counts by its signature."""

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
from supportdesk.notifications import inbound, sealing
from supportdesk.notifications.channels.base import NotSigned
from supportdesk.notifications.channels.registry import HEARERS
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
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        return HttpResponse(status=413)
    at = timezone.now()
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        reports = hear(found, headers, request.body, at=at)
    except (NotSigned, sealing.Unreadable):
        log.warning("report_not_signed", vendor=found.vendor_id, integration=found.pk)
        return HttpResponse(status=401)
    inbound.hear(reports, at=at)
    return HttpResponse(status=200 if found.kind == IntegrationKind.SLACK else 204)
