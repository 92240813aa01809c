"""All published documents of an application as one ZIP, written while it is being sent: constant memory.

PDFs and pictures are packed already, so nothing is compressed. What the storage has lost is told inside the ZIP.
"""

import csv
import io
import logging
from collections.abc import Iterable, Iterator
from typing import IO

from botocore.exceptions import BotoCoreError, ClientError
from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from zipstream import ZipStream

from cases.models import Document, PlanningApplication
from cases.register.document_pages import CONTENTS, README, SUPERSEDED_FOLDER, documents_for_zip, kinds_in_use
from home.tables import spreadsheet_safe
from notices.wording.merge import long_date

from .addresses import in_address

CHUNK = 256 * 1024  # bytes
LOST = "No: the file could not be read. Ask the planning department for it."
BEING_MADE = "No: the file is being made ready. Download the documents again in a few minutes."
CUT_SHORT = "In part: the file could not be read to its end."
_HEADINGS = (
    "File",
    "Title",
    "Types",
    "Drawing number",
    "Revision",
    "Received",
    "Current or superseded",
    "In this ZIP",
    "Address",
)
_STORAGE_FAILS = (OSError, BotoCoreError, ClientError)
logger = logging.getLogger(__name__)


def zip_response(application: PlanningApplication, *, host: str) -> StreamingHttpResponse:
    """The ZIP as a download. `host` is the beginning of the register's addresses, such as https://planning.example."""
    return StreamingHttpResponse(zip_of(application, host=host), headers=zip_headers(application))


def zip_headers(application: PlanningApplication) -> dict[str, str]:
    name = f"{in_address(application.reference)} documents.zip"
    return {
        "Content-Type": "application/zip",
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "Cache-Control": "private, no-store",
        "X-Robots-Tag": "noindex, nofollow",
    }


def zip_of(application: PlanningApplication, *, host: str) -> Iterator[bytes]:
    """The bytes of the ZIP: current documents in its root, superseded ones in a folder, then what it holds."""
    stream, rows = ZipStream(), []
    _, kinds = kinds_in_use(application)
    labels = {kind.code: kind.label for kind in kinds}
    for document, name in documents_for_zip(application):
        file = _Reading(document)
        if file.begins():
            stream.add(file.chunks(), name)
            yield from stream.all_files()
        types = [labels[code] for code in document.types if code in labels]
        address = reverse("register_document", args=[application.reference, document.pk])
        rows.append(_row(document, name, types, came=file.words, address=f"{host}{address}"))
    stream.add(_table(rows), CONTENTS)
    stream.add(_readme(application, rows, host=host), README)
    yield from stream.finalize()


class _Reading:
    """A document's file on its way out of the storage, and in words whether it came."""

    def __init__(self, document: Document):
        self.document = document
        self.words = "Yes"
        self._file: IO[bytes] | None = None
        self._first = b""

    def begins(self) -> bool:
        """Whether the file can be opened and its first bytes be read."""
        if not self.document.public_file:
            self.words = BEING_MADE
            return False
        try:
            self._file = self.document.public_file.open("rb")
            self._first = self._file.read(CHUNK)
        except _STORAGE_FAILS as error:
            self._fail(LOST, error)
            self._close()
            return False
        return True

    def chunks(self) -> Iterator[bytes]:
        try:
            chunk = self._first
            while chunk and self._file is not None:
                yield chunk
                chunk = self._file.read(CHUNK)
        except _STORAGE_FAILS as error:
            self._fail(CUT_SHORT, error)
        finally:
            self._close()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _fail(self, words: str, error: Exception) -> None:
        self.words = words
        logger.error("Document %s cannot be read from the storage: %s", self.document.pk, type(error).__name__)


def _row(document: Document, name: str, types: list[str], *, came: str, address: str) -> list[str]:
    return [
        name,
        document.title,
        "; ".join(types),
        document.drawing_number,
        document.revision,
        document.received_on.isoformat(),
        "Current" if document.is_current else "Superseded",
        came,
        address,
    ]


def _table(rows: Iterable[list[str]]) -> str:
    """A table for a spreadsheet: told by its first character that it is UTF-8, and with nothing in it that computes."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(_HEADINGS)
    writer.writerows([spreadsheet_safe(cell) for cell in row] for row in rows)
    return f"\ufeff{table.getvalue()}"


def _readme(application: PlanningApplication, rows: list[list[str]], *, host: str) -> str:
    now = timezone.localtime()
    waiting = [row[0] for row in rows if row[7] == BEING_MADE]
    missing = [row[0] for row in rows if row[7] in (LOST, CUT_SHORT)]
    superseded = sum(row[6] == "Superseded" for row in rows)
    lines = [
        f"Planning application {application.reference}",
        application.full_address,
        f"{application.authority.name}: {host}{reverse('register_application', args=[application.reference])}",
        "",
        f"Every document that was published on {long_date(now.date())} at {date_format(now, 'H:i')}: {len(rows)}.",
        f"What each of them is stands in {CONTENTS}.",
    ]
    if superseded:
        lines.append(f"Documents in the folder “{SUPERSEDED_FOLDER}” are no longer part of what is proposed.")
    if waiting:
        lines += ["", "These are being made ready and are not here yet. Download the documents again in a few minutes:"]
        lines += [f"- {name}" for name in waiting]
    if missing:
        lines += ["", "These could not be read and are missing or cut short. The planning department can send them:"]
        lines += [f"- {name}" for name in missing]
    lines += [
        "",
        "Plans and documents are protected by copyright. You may use them to look at the application, to comment on",
        "it, and to compare what is built with what was allowed.",
        "",
    ]
    return "\r\n".join(lines)
