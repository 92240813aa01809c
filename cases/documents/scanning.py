"""The virus scan: in the background, by ClamAV, when a council's installation has one.

A file that waits for its first scan is shown to nobody and drawn by nobody. While the scanner is away it waits; when
the scanner is back `run_due` has it scanned. What is found harmful is locked away, until the scanner itself says
otherwise. A file that is scanned again stays as it is until then: open when it was, closed when it was.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django_tasks import task

from cases.documents.preparing.task import prepare_soon
from cases.files import clamd
from cases.jobs.background import enqueue
from cases.locking import locked
from cases.models import Document, PlanningApplication
from cases.models.document import WITHHELD_AS_HARMFUL
from cases.statuses import PublicStatus
from cases.timeline import record

logger = logging.getLogger(__name__)

# Until the next attempt, after the first, second, …; after the last of them it is tried for ever.
WAITS = [timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6)]
LOST_AFTER = timedelta(minutes=20)  # a scan that has not ended so long after it began was lost with its worker
SWEPT_AT_ONCE = 200
PING_SECONDS = 5


def is_configured() -> bool:
    """Whether there is a scanner; without one files are open as soon as they are here."""
    return bool(settings.CLAMAV_ADDRESS)


def scan_soon(document_id: int) -> None:
    """Close a document until it is scanned. Inside the transaction that writes its row."""
    Document.objects.filter(pk=document_id).update(
        scan_status=Document.ScanStatus.WAITING, scan_detail="", scan_attempts=0, scanned_at=None,
        scan_due_at=timezone.now() + LOST_AFTER,
    )  # fmt: skip
    enqueue(scan_document, document_id)


def scan_again_soon(document_id: int) -> None:
    """Have a document scanned that was scanned before, or never. Inside a transaction."""
    Document.objects.filter(pk=document_id).update(scan_attempts=0, scan_due_at=timezone.now() + LOST_AFTER)
    enqueue(scan_document, document_id)


def is_due(document: Document) -> bool:
    """Whether the document waits for the scanner, the first time or again."""
    return document.scan_status == Document.ScanStatus.WAITING or document.scan_due_at is not None


def _due() -> QuerySet[Document]:
    return Document.objects.with_file().filter(scan_due_at__isnull=False)


@task(queue_name="documents")
def scan_document(document_id: int) -> None:
    """Scan one document that waits for it. Running twice does no harm: the first verdict stands."""
    document = _due().filter(pk=document_id).first()
    if document is None or not is_configured():
        return
    Document.objects.filter(pk=document.pk).update(
        scan_attempts=F("scan_attempts") + 1, scan_due_at=timezone.now() + LOST_AFTER
    )
    document.refresh_from_db(fields=["scan_attempts"])
    try:
        verdict = verdict_on(document)
    except clamd.NoVerdict as error:
        _wait(document, str(error))
    except OSError:
        logger.warning("Document %s could not be read for the scan", document.pk, exc_info=True)
        _wait(document, "The file could not be read from the storage.")
    else:
        settle(document, verdict)


def sweep(now: datetime | None = None) -> int:
    """Have scanned what is due and waits. Returns how many; called by `run_due`."""
    now = now or timezone.now()
    due = list(_due().filter(scan_due_at__lt=now).order_by("scan_due_at")[:SWEPT_AT_ONCE])
    if not due or not is_there():
        return 0
    swept = 0
    for document in due:
        with transaction.atomic():
            # Two sweeps at once: the one that moves the due time takes it.
            same = Document.objects.filter(pk=document.pk, scan_due_at=document.scan_due_at)
            if same.update(scan_due_at=now + LOST_AFTER):
                enqueue(scan_document, document.pk)
                swept += 1
    return swept


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
            row.application, "document_found_clean", by=None, document=row.pk, title=row.title,
            found_before=row.scan_detail if row.scan_status == Document.ScanStatus.INFECTED else "",
        )  # fmt: skip
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
        row.application, "document_harmful", by=None, document=row.pk, title=row.title, found=found,
        was_public=row.is_public,
    )  # fmt: skip
    if row.is_public:  # those who copy the register ask whether it has changed
        PlanningApplication.objects.filter(pk=row.application_id).update(public_changed_at=event.at)


def _wait(document: Document, sentence: str) -> None:
    pause = WAITS[min(document.scan_attempts, len(WAITS)) - 1]
    logger.warning("Document %s was not scanned: %s", document.pk, sentence)
    _due().filter(pk=document.pk).update(scan_due_at=timezone.now() + pause)
    # What is known of a file that was scanned before stays to be read.
    Document.objects.filter(pk=document.pk, scan_status=Document.ScanStatus.WAITING).update(
        scan_detail=f"{sentence} It will be tried again."[:300]
    )
