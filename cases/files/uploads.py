"""Uploads that are too large, refused while they come: neither memory nor disk ever holds more than what is allowed."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

MEGABYTE = 1024 * 1024


class RefusedUpload(UploadedFile):
    """Stands for a file that was not kept: empty, and `refused` says why. files/types.py raises it."""

    def __init__(self, name: str, *, refused: str, size: int):
        super().__init__(ContentFile(b""), name, "application/octet-stream", size)
        self.refused = refused

    def read(self, *args: Any) -> bytes:
        raise SuspiciousFileOperation(self.refused)  # who did not ask `refused` must not take it for an empty file

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        raise SuspiciousFileOperation(self.refused)


class LimitedUploads(FileUploadHandler):
    """First in FILE_UPLOAD_HANDLERS: lets through what is allowed, and takes back what the others have already written.

    The form gets a file that says why it was refused, so that the answer is a sentence beside the field.
    """

    def __init__(self, request: Any = None):
        super().__init__(request)
        self.together = 0  # bytes of all files of the request
        self.size = 0
        self.refused = ""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.size, self.refused = 0, ""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.size += len(raw_data)
        self.together += len(raw_data)
        if self.refused:
            return None  # read, because the browser listens only when it has said all, and let fall
        if self.size > settings.MAX_DOCUMENT_BYTES:
            self.refused = f"The file is larger than {settings.MAX_DOCUMENT_BYTES // MEGABYTE} MB."
        elif self.together > settings.MAX_UPLOAD_BYTES:
            limit = settings.MAX_UPLOAD_BYTES // MEGABYTE
            self.refused = f"The files together are larger than {limit} MB. Send fewer at a time."
        if not self.refused:
            return raw_data
        self._take_back()
        return None

    def file_complete(self, file_size: int) -> RefusedUpload | None:
        if not self.refused:
            return None
        return RefusedUpload(str(self.file_name), refused=self.refused, size=self.size)

    def _take_back(self) -> None:
        for handler in self.request.upload_handlers if self.request else []:
            if handler is not self:
                handler.upload_interrupted()
