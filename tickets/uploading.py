"""Receiving files: what is over the limits is counted and named, and not kept."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from tickets.uploads import MOST_FILES


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Django's, which would store all that comes.

    Of a file beyond ``ATTACHMENT_MAX_BYTES``, and of every file after ``MOST_FILES``, only name and size are kept: the
    form can say what is wrong with each (``tickets.uploads.check``), and no disk is filled with it.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.count = 0
        self.is_dropped = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.count += 1
        self.is_dropped = self.count > MOST_FILES

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if not self.is_dropped and start + len(raw_data) > settings.ATTACHMENT_MAX_BYTES:
            self.is_dropped = True
            self.file.seek(0)
            self.file.truncate()
        return None if self.is_dropped else super().receive_data_chunk(raw_data, start)
