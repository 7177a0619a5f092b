"""Files, only through this door: never inline, so nothing uploaded can run as a page of ours."""

from __future__ import annotations

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from supportdesk.accounts.access import member
from supportdesk.accounts.middleware import VendorRequest
from tickets.models import Attachment


@require_GET
@member
def download(request: VendorRequest, pk: int) -> HttpResponse:
    """The file, to those who may read its message; 404 to everybody else."""
    attachment = get_object_or_404(Attachment.objects.visible_to(request.membership), pk=pk)
    response = FileResponse(
        attachment.file.open("rb"), as_attachment=True, filename=attachment.name, content_type=attachment.content_type
    )
    response["Content-Security-Policy"] = "sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=0"
    return response  # type: ignore[return-value]
