"""What may be attached: size, count and kind, decided before anything is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any

import filetype
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from tickets.errors import Refused
from tickets.models import Attachment, Message, Ticket

MOST_FILES = 20
_REFUSED_TYPES = {
    "application/x-msdownload",
    "application/x-executable",
    "application/x-mach-binary",
    "application/x-dosexec",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def check(files: Sequence[UploadedFile[Any]]) -> None:
    """Raises Refused, with one message for each file at fault, when these may not be attached together."""
    problems = [problem for file in files if (problem := _problem(file))]
    if len(files) > MOST_FILES:
        problems.insert(
            0, _("At most %(most)s files at once; you chose %(count)s.") % {"most": MOST_FILES, "count": len(files)}
        )
    if problems:
        raise Refused(*problems, field="files")


def keep(files: Iterable[UploadedFile[Any]], *, ticket: Ticket, message: Message, at: datetime) -> list[Attachment]:
    """Stores checked files with their message."""
    kept = []
    for file in files:
        attachment = Attachment(
            ticket=ticket,
            message=message,
            name=clean_name(file.name or "file"),
            size=file.size or 0,
            content_type=sniff(file),
            created_at=at,
        )
        attachment.file.save(attachment.name, file, save=False)
        attachment.save()
        kept.append(attachment)
    return kept


def clean_name(name: str) -> str:
    """The file's own name without folders, control and direction-changing characters; at most 255 characters."""
    return _CONTROL.sub("", PurePath(name.replace("\\", "/")).name).strip()[:255] or "file"


def sniff(file: UploadedFile[Any]) -> str:
    """The media type by the file's first bytes; what the browser claims counts only for plain text."""
    file.seek(0)
    head = file.read(8192)
    file.seek(0)
    kind = filetype.guess_mime(head)
    if kind:
        return str(kind)
    if head.startswith((b"MZ", b"\x7fELF")):
        return "application/x-executable"
    return "text/plain" if b"\x00" not in head else "application/octet-stream"


def _problem(file: UploadedFile[Any]) -> str:
    name = clean_name(file.name or "")
    if (file.size or 0) > settings.ATTACHMENT_MAX_BYTES:
        limit = settings.ATTACHMENT_MAX_BYTES // (1024 * 1024)
        return _("“%(name)s” is larger than %(limit)s MB.") % {"name": name, "limit": limit}
    if not file.size:
        return _("“%(name)s” is empty.") % {"name": name}
    if sniff(file) in _REFUSED_TYPES:
        return _("“%(name)s” is a program; programs cannot be attached.") % {"name": name}
    return ""
