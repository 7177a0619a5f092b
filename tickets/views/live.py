"""Pages that keep themselves current: an unchanged one costs a 304."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified


def unless_same(request: HttpRequest, tag: str, build: Callable[[], HttpResponse]) -> HttpResponse:
    """What ``build`` answers, or 304 when the reader's copy carries this tag already."""
    quoted = f'"{tag}"'
    if request.headers.get("If-None-Match") == quoted:
        return HttpResponseNotModified(headers={"ETag": quoted})
    response = build()
    response["ETag"] = quoted
    response["Cache-Control"] = "private, no-cache"
    return response
