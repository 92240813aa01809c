"""The virus scan: in the background, by ClamAV, when a council's installation has one.

A file that waits for its first scan is shown to nobody and drawn by nobody. While the scanner is away it waits; when
the scanner is back `run_due` has it scanned. What is found harmful is locked away, until the scanner itself says
otherwise. A file that is scanned again stays as it is until then: open when it was, closed when it was.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import task

from cases.documents.preparing.task import prepare_soon
from cases.files import clamd
from cases.jobs.background import Priority
from cases.jobs.leased import LeasedJob, NotDone
from cases.locking import locked
from cases.models import Document, PlanningApplication
from cases.models.document import WITHHELD_AS_HARMFUL
from cases.statuses import PublicStatus
from cases.timeline import record

logger = logging.getLogger(__name__)

PING_SECONDS = 5


def is_configured() -> bool:
    """Whether there is a scanner; without one files are open as soon as they are here."""
    return bool(settings.CLAMAV_ADDRESS)


def scan_soon(document_id: int) -> None:
    """Close a document until it is scanned. Inside the transaction that writes its row."""
    SCANNING.soon([document_id], scan_status=Document.ScanStatus.WAITING, scan_detail="", scanned_at=None)


def scan_again_soon(document_id: int) -> None:
    """Have a document scanned that was scanned before, or never. Inside a transaction."""
    SCANNING.soon([document_id])


def is_due(document: Document) -> bool:
    """Whether the document waits for the scanner, the first time or again."""
    return document.scan_status == Document.ScanStatus.WAITING or document.scan_due_at is not None


@task(queue_name="documents", priority=Priority.CLOSED_UNTIL_THEN)
def scan_document(document_id: int) -> None:
    """Scan one document where it is due: the first verdict stands."""
    if is_configured():
        SCANNING.run(document_id)


def sweep(now: datetime | None = None) -> int:
    """Have scanned what is due, once the scanner answers. Returns how many; called by `run_due`."""
    is_due = _waiting().filter(scan_due_at__lte=now or timezone.now()).exists()
    return SCANNING.sweep(now) if is_due and is_there() else 0


def _waiting() -> QuerySet[Document]:
    return Document.objects.with_file().filter(scan_due_at__isnull=False)


def _scan(document: Document) -> None:
    try:
        verdict = verdict_on(document)
    except clamd.NoVerdict as error:
        raise NotDone(str(error), again=True) from error
    except OSError as error:
        logger.warning("Document %s could not be read for the scan", document.pk, exc_info=True)
        raise NotDone("The file could not be read from the storage.", again=True) from error
    settle(document, verdict)


def _put_back(document: Document, sentence: str) -> dict[str, str]:
    """What is known of a file that was scanned before stays to be read."""
    return {"scan_detail": sentence[:300]} if document.scan_status == Document.ScanStatus.WAITING else {}


def is_there() -> bool:
    """Whether the scanner answers; that it does not is logged."""
    if not is_configured():
        logger.warning("Documents wait for a virus scan, and no scanner is configured (CLAMAV_ADDRESS).")
        return False
    try:
        clamd.ping(address=settings.CLAMAV_ADDRESS, seconds=min(PING_SECONDS, settings.CLAMAV_TIMEOUT_SECONDS))
    except clamd.NoVerdict as error:
        logger.warning("Documents wait for the virus scan. %s", error)
        return False
    return True


def verdict_on(document: Document) -> clamd.Verdict:
    """What the scanner says of a document's file now. Raises clamd.NoVerdict, OSError (the file cannot be read)."""
    with document.file.open("rb") as file:
        return clamd.scan(file, address=settings.CLAMAV_ADDRESS, seconds=settings.CLAMAV_TIMEOUT_SECONDS)


@transaction.atomic
def settle(document: Document, verdict: clamd.Verdict) -> bool:
    """Write a verdict on a document. False when somebody was faster, or the file is another by now.

    What is found harmful closes and is withheld at once; what is found clean after all opens, and stays withheld until
    an officer publishes it again.
    """
    # The case first, as officers' verbs lock them: else two wait for each other.
    locked(document.application_id)
    row = Document.objects.select_for_update(of=("self",)).select_related("application").get(pk=document.pk)
    if any(getattr(row, name) != getattr(document, name) for name in ("scan_status", "scanned_at", "file")):
        return False
    status = Document.ScanStatus.CLEAN if verdict.is_clean else Document.ScanStatus.INFECTED
    Document.objects.filter(pk=row.pk).update(
        scan_status=status, scan_detail=verdict.found[:300], scanned_at=timezone.now(), scan_due_at=None
    )
    if row.scan_status == Document.ScanStatus.INFECTED or not verdict.is_clean:
        _withhold(row)
    if not verdict.is_clean:
        _tell_harmful(row, found=verdict.found[:300])
        return True
    if row.prepared_at is None and row.scan_status != Document.ScanStatus.CLEAN:
        prepare_soon(row.pk)
    if row.scan_status == Document.ScanStatus.INFECTED or _was_asked_for(row):
        record(
            row.application,
            "document_found_clean",
            by=None,
            document=row.pk,
            title=row.title,
            found_before=row.scan_detail if row.scan_status == Document.ScanStatus.INFECTED else "",
        )
    return True


def _was_asked_for(row: Document) -> bool:
    """Whether somebody waits for the verdict on a file that was not new."""
    return row.scan_due_at is not None and row.scan_status != Document.ScanStatus.WAITING


def _withhold(row: Document) -> None:
    """Take the document off the register: it comes back by an officer's word, also when it was a false alarm."""
    Document.objects.filter(pk=row.pk).update(publication_asked_by=None, publication_asked_at=None)
    Document.objects.filter(pk=row.pk, public_status=PublicStatus.PUBLISH).update(
        public_status=PublicStatus.WITHHOLD, withheld_because=WITHHELD_AS_HARMFUL
    )


def _tell_harmful(row: Document, *, found: str) -> None:
    if row.scan_status == Document.ScanStatus.INFECTED and not _was_asked_for(row):
        return  # nothing new
    event = record(
        row.application,
        "document_harmful",
        by=None,
        document=row.pk,
        title=row.title,
        found=found,
        was_public=row.is_public,
    )
    if row.is_public:  # those who copy the register ask whether it has changed
        PlanningApplication.objects.filter(pk=row.application_id).update(public_changed_at=event.at)


SCANNING = LeasedJob(
    task=scan_document,
    waiting=_waiting,
    work=_scan,
    give_up=None,
    put_back=_put_back,
    attempts="scan_attempts",
    due_at="scan_due_at",
    lease=timedelta(minutes=20),
    waits=[timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6)],
    only_swept=True,
)
