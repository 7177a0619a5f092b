"""What was sent is never lost: not to an expired session, a form that became too old, or a request beyond the limits.

docs/decisions/nothing-is-lost.md says why each is done here and so.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.middleware.csrf import CsrfViewMiddleware
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from supportdesk.accounts.access import View, member
from supportdesk.accounts.middleware import VendorRequest
from tickets.forms import LONGEST_BODY
from tickets.uploads import MOST_FILES, clean_name

SESSION_KEY = "unsent"
MOST_OF_A_FIELD = 2 * LONGEST_BODY
MINUTES_KEPT = 60
SECRETS = ("csrfmiddlewaretoken",)


class SentRequest(VendorRequest):
    """A request whose form was read. ``faults``: why it cannot be carried out as it came, by field ("": the whole)."""

    faults: dict[str, str]


def keeps_what_was_sent(guard: Callable[[View], View] = member, *, page: str = "") -> Callable[[View], View]:
    """For those whom ``guard`` lets in; and whoever sends the form without being signed in (any more) is asked to sign
    in and finds it filled in afterwards, on the page of this name (by default: where it was sent to). The view reads
    ``request.faults`` before it does anything."""

    def keeping_of(view: View) -> View:
        guarded = guard(view)

        @wraps(view)
        def keeping(request: SentRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            is_anonymous = not request.user.is_authenticated
            if not is_anonymous and getattr(request, "membership", None) is None:
                raise Http404
            request.faults = _read(request) if request.method == "POST" else {}
            if is_anonymous:
                address = reverse(page, kwargs={"vendor": request.vendor.slug} | kwargs) if page else request.path
                if request.method == "POST" and "" not in request.faults:
                    _keep(request, address)
                return redirect_to_login(address if page else request.get_full_path())
            return guarded(request, *args, **kwargs)

        keeping.access = guarded.access  # type: ignore[attr-defined]
        keeping.is_public = True  # type: ignore[attr-defined]
        keeping.csrf_exempt = True  # type: ignore[attr-defined]  # checked in _read, where the text is at hand
        return keeping

    return keeping_of


def content_of(sent: QueryDict) -> dict[str, list[str]]:
    """A form's fields as a draft keeps them."""
    return {name: [str(each) for each in values] for name, values in sent.lists() if name not in SECRETS}


def sent_of(content: dict[str, list[str]]) -> QueryDict:
    """The other way round."""
    sent = QueryDict(mutable=True)
    for name, values in content.items():
        sent.setlist(name, values)
    return sent


def submission_of(content: dict[str, list[str]]) -> UUID:
    """The mark of the form; a new one where it has none."""
    try:
        return UUID(next(iter(content.get("submission", ()))))
    except (StopIteration, ValueError):
        return uuid4()


def taken_up(request: VendorRequest) -> tuple[dict[str, list[str]], list[str]] | None:
    """What this browser sent from this page before its owner signed in again, once; and the names of its files."""
    unsent = request.session.get(SESSION_KEY)
    if not unsent or unsent.get("page") != request.path:
        return None
    del request.session[SESSION_KEY]
    return unsent["content"], unsent["files"]


def blame(form: Form, faults: dict[str, str]) -> None:
    """Says in a form that is shown again why it could not be carried out as it came, and nothing else."""
    form.full_clean()
    form.errors.clear()
    for name, fault in faults.items():
        form.add_error(name or None, fault)


def _keep(request: SentRequest, page: str) -> None:
    """In the session of somebody not signed in: signing in takes it along. Sized, and for an hour."""
    content = content_of(request.POST)
    request.session[SESSION_KEY] = {
        "page": page,
        "content": {name: [each[:MOST_OF_A_FIELD] for each in values] for name, values in content.items()},
        "files": [clean_name(file.name or "") for file in request.FILES.getlist("files")],
    }
    request.session.set_expiry(MINUTES_KEPT * 60)


def _read(request: SentRequest) -> dict[str, str]:
    """Reads the form within Django's limits. Beyond them what came before the limit is kept, and said."""
    faults = {}
    if request.content_type == "multipart/form-data":
        request._post, request._files = QueryDict(), MultiValueDict()  # type: ignore[attr-defined]
        try:
            parser = _Keeping(request.META, request, request.upload_handlers, request.encoding)
            request._post, request._files = parser.parse()  # type: ignore[attr-defined]
            faults = parser.faults
        except MultiPartParserError:
            faults["body"] = _("What was sent broke off on the way. Please send it again.")
    if (refused := _Check(_never).process_view(request, _never, (), {})) is not None:
        faults[""] = refused.content.decode()
    return faults


class _Keeping(MultiPartParser):
    """Django's parser, which at a limit forgets all that it had read; this one keeps it, and hears the sender out, so
    that the answer arrives."""

    _input_data: Any
    _post: QueryDict
    _files: MultiValueDict[str, Any]

    def parse(self) -> tuple[QueryDict, MultiValueDict[str, Any]]:
        self.faults: dict[str, str] = {}
        try:
            return super().parse()
        except (RequestDataTooBig, TooManyFieldsSent):
            limit = filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
            said = _("Your text is longer than %(limit)s. Attach long logs as files.") % {"limit": limit}
            self.faults["body"] = said
        except TooManyFilesSent:
            self.faults["files"] = _("At most %(most)s files at once.") % {"most": MOST_FILES}
        while self._input_data.read(65536):
            pass
        return self._post, self._files


class _Check(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(
            _("This page was open while you signed in elsewhere. Nothing is lost: look it over and send it again.")
        )


def _never(request: HttpRequest) -> HttpResponse:
    raise AssertionError("only the check before a view is used")
