"""The background task.

A worker may be killed anywhere. Pictures are stored under names that follow from the name of the file, so a second
attempt writes over what the first has left; rows and the mark that all is done come in one transaction at the end.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import PurePosixPath
from typing import IO, Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_tasks import task

from cases.documents.clean_copies.copying import NotCopied
from cases.documents.clean_copies.making import clean_soon, made_copy
from cases.documents.type_suggestions import suggested_types
from cases.files.reading import for_another_process
from cases.files.types import CONVERTED, CSV, HEAD_BYTES, TEXT, text_fault
from cases.jobs.background import Priority
from cases.jobs.leased import LeasedJob
from cases.models import Document, DocumentPage, SharpPicture
from cases.models.document import CLOSED_BY_SCAN

from .findings import KINDS, Findings, find_out

logger = logging.getLogger(__name__)

SHARP = "-sharp-"  # in the names of strips


def prepare_soon(document_id: int) -> None:
    """Have a document prepared. Inside the transaction that writes its row: nothing is lost when the process dies."""
    PREPARING.soon([document_id], prepared_at=None, prepare_error="")


@transaction.atomic
def prepare_again(document: Document) -> None:
    """Prepare a document anew, whatever became of it before. What is there stays until the new is whole."""
    prepare_soon(document.pk)
    document.refresh_from_db()


@task(queue_name="documents", priority=Priority.DOCUMENTS)
def prepare_document(document_id: int) -> None:
    """Find out what is in a document's file, where that is due."""
    PREPARING.run(document_id)


def _waiting() -> QuerySet[Document]:
    """Those that were asked for, and those from before there were previews; none that was given up."""
    asked_or_new = Q(prepare_due_at__isnull=False) | Q(prepare_attempts=0)
    return _unprepared().filter(asked_or_new)


def _unprepared() -> QuerySet[Document]:
    """Documents whose file is here and open, and that were not prepared yet."""
    here = Document.objects.with_file().filter(prepared_at=None, mime_type__in=[*KINDS, *CONVERTED])
    return here.exclude(scan_status__in=CLOSED_BY_SCAN)


def _give_up(document: Document, sentence: str) -> None:
    """Leave it without pages. What nobody could look into is neither shown in a browser nor published."""
    try:
        _remove_leftovers(document, keep=set(document.pages.values_list("preview", flat=True)))
    except Exception:
        logger.warning("What attempts at document %s have left could not be removed", document.pk, exc_info=True)
    given_up = Document.objects.filter(pk=document.pk, prepared_at=None)
    given_up.update(prepare_due_at=None, prepare_error=sentence[:300])
    # What was found in the file when it was looked through before still holds.
    given_up.filter(active_content=None).update(active_content=["damaged"])


# --- One attempt ---------------------------------------------------------------------------------------------------


def _prepare(document: Document) -> None:
    storage = document.file.storage
    findings, converted = _found_out(document)
    previews = {page.preview for page in findings.pages.values()}
    has_sharp = SharpPicture.objects.filter(page__document=document).exists()
    _remove_leftovers(document, keep=previews)
    if document.thumbnail and document.thumbnail.name != findings.thumbnail:
        storage.delete(str(document.thumbnail.name))
    suggested = suggested_types(document.original_name, findings.text[:20_000])
    with transaction.atomic():
        row = _unprepared().select_for_update(of=("self",)).filter(pk=document.pk, file=document.file.name).first()
        if row is None:  # found harmful, or prepared by another hand: what is there is theirs
            return
        row.pages.all().delete()
        DocumentPage.objects.bulk_create(_rows(row, findings), batch_size=50)
        Document.objects.filter(pk=row.pk).update(
            prepared_at=timezone.now(),
            prepare_due_at=None,
            prepare_error=findings.error[:300],
            page_count=findings.page_count,
            thumbnail=findings.thumbnail,
            active_content=findings.active,
            suggested_types=suggested,
            **converted,
        )
        clean_soon([row.pk])  # where it was public before: from an older register
    if has_sharp:  # the rows that knew of them went with the old pages
        _remove_leftovers(document, keep=previews, also_sharp=True)


PREPARING = LeasedJob(
    task=prepare_document,
    waiting=_waiting,
    work=_prepare,
    give_up=_give_up,
    put_back=lambda document, sentence: {"prepare_error": sentence[:300]},
    fault="The file could not be read.",
    attempts="prepare_attempts",
    due_at="prepare_due_at",
    undated_are_due=True,
    lease=timedelta(minutes=15),
    waits=[timedelta(minutes=2), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6)],
)


def _found_out(document: Document) -> tuple[Findings, dict[str, Any]]:
    """What is in the file, and what the row says of the copy that was made to show it, where one must be made."""
    converted: dict[str, Any] = {}
    if document.mime_type in CONVERTED:
        try:
            converted = made_copy(document)
        except NotCopied as error:
            return Findings(active=["unopened"], error=str(error)), {}
        document.clean_file = converted["clean_file"]
    with on_disk(document.shown_file) as file:
        if document.mime_type in (TEXT, CSV) and (
            fault := text_fault(file.read(HEAD_BYTES), name=document.original_name)
        ):
            return Findings(active=["unopened"], error=fault), {}
        findings = find_out(
            file,
            mime_type=document.shown_mime_type,
            keep=lambda page, jpeg: _write(document.file.storage, picture_name(document, page), jpeg),
        )
    return findings, converted


def _rows(document: Document, findings: Findings) -> Iterator[DocumentPage]:
    for number, page in sorted(findings.pages.items()):
        yield DocumentPage(
            document=document, number=number, width=page.width, height=page.height, preview=page.preview, text=page.text
        )


@contextmanager
def on_disk(stored: File) -> Iterator[IO[bytes]]:
    """A stored file as one that another process can read."""
    with stored.open("rb") as source, for_another_process(source) as file:
        yield file


# --- Pictures in the storage ---------------------------------------------------------------------------------------


def picture_name(document: Document, page: int) -> str:
    """Where the picture of a page lies, beside the file; page 0 is the thumbnail."""
    return f"{_folder(document)}/{'thumbnail' if page == 0 else f'{page:05d}'}.jpg"


def strip_name(document: Document, page: int, strip: int) -> str:
    """Where a strip of the sharp picture of a page lies (sharp_pictures.py)."""
    return f"{_folder(document)}/{page:05d}{SHARP}{strip:03d}.jpg"


def store_strip(document: Document, *, page: int, strip: int, jpeg: bytes) -> str:
    """Store a strip of the sharp picture of a page, over what an earlier attempt has left. Returns its name."""
    return _write(document.file.storage, strip_name(document, page, strip), jpeg)


def _folder(document: Document) -> str:
    path = PurePosixPath(str(document.file.name))
    return str(path.parent / f"{path.stem}.pages")


def _write(storage: Storage, name: str, content: bytes) -> str:
    """Store under exactly this name, over what an earlier attempt has left: a row may know of that one still."""
    storage.save_over(name, ContentFile(content))  # type: ignore[attr-defined]  # both of our stores have it
    return name


def _remove_leftovers(document: Document, *, keep: set[str], also_sharp: bool = False) -> None:
    """Delete pictures that an earlier attempt has left and that nobody will know of.

    Strips are left alone unless `also_sharp`: a picture that is being drawn just now does not tell yet which it has.
    """
    storage, folder = document.file.storage, _folder(document)
    try:
        _, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        path = f"{folder}/{name}"
        if path not in keep and name != "thumbnail.jpg" and (also_sharp or SHARP not in name):
            storage.delete(path)
