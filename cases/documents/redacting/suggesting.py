"""Boxes that BoPS offers: over telephone numbers, e-mail addresses, signatures. An officer has the last word."""

import logging
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import task

from cases.documents.clean_copies.copying import on_disk
from cases.files.types import PDF
from cases.jobs import child
from cases.jobs.background import enqueue
from cases.models import Redaction

from .attempts import LEASE, LOST_AFTER, MOST_ATTEMPTS, SWEPT_AT_ONCE
from .boxes import Box, cleaned, covers, pages_of

logger = logging.getLogger(__name__)


def look_soon(redaction: Redaction) -> None:
    """Have personal details looked for in the background. Inside the transaction that makes the row."""
    Redaction.objects.filter(pk=redaction.pk).update(due_at=timezone.now())
    redaction.refresh_from_db()
    enqueue(look_for_details, redaction.pk)


@task(queue_name="documents")
def look_for_details(redaction_id: int) -> None:
    """Write down what could be covered, once. What cannot be read has nothing to suggest."""
    rows = Redaction.objects.filter(pk=redaction_id, suggested__isnull=True).select_related("document")
    redaction = rows.first()
    if redaction is None:
        return
    rows.filter(state__in=Redaction.EDITABLE).update(attempts=F("attempts") + 1, due_at=timezone.now() + LEASE)
    found: list[Box] = []
    if redaction.document.mime_type == PDF and redaction.document.is_open_to_readers:
        try:
            file = redaction.document.file
            with TemporaryDirectory(prefix="redacting-") as name, on_disk(file, Path(name)) as source:
                found = child.run("cases.documents.redacting.finding", {"source": str(source)})["boxes"]
        except child.BrokenOff:
            return  # the sweep takes it up
        except child.ChildFailed:
            logger.info("No suggestions for redaction %s", redaction_id)
    _keep(redaction_id, found)


def sweep(now: datetime | None = None) -> int:
    """Look again where the task was lost with its worker. Returns how many; called by `run_due`."""
    now = now or timezone.now()
    lost = Redaction.objects.filter(state__in=Redaction.EDITABLE, suggested__isnull=True, due_at__lt=now - LOST_AFTER)
    swept = 0
    for redaction in lost.order_by("due_at")[:SWEPT_AT_ONCE]:
        if redaction.attempts >= MOST_ATTEMPTS:
            _keep(redaction.pk, [])
            continue
        with transaction.atomic():
            if lost.filter(pk=redaction.pk, due_at=redaction.due_at).update(due_at=timezone.now()):
                enqueue(look_for_details, redaction.pk)
                swept += 1
    return swept


def offered(redaction: Redaction) -> list[tuple[int, Box]]:
    """The suggestions that no box covers yet, each with its place in `redaction.suggested`."""
    return [
        (place, box)
        for place, box in enumerate(redaction.suggested or [])
        if not any(covers(kept, box) for kept in redaction.boxes)
    ]


def is_looking(redaction: Redaction) -> bool:
    return redaction.suggested is None and redaction.due_at is not None


def _keep(redaction_id: int, found: list[Any]) -> None:
    """What the process has said is believed as little as the file: it is cleaned as an officer's boxes are."""
    redaction = Redaction.objects.select_related("document").get(pk=redaction_id)
    pages = pages_of(redaction.document)
    kept = []
    for box in found:
        try:
            kept += [{**clean, "because": str(box["because"])[:60]} for clean in cleaned([box], pages=pages)]
        except (ValidationError, KeyError, TypeError):
            continue
    Redaction.objects.filter(pk=redaction_id, suggested__isnull=True).update(suggested=kept)
    Redaction.objects.filter(pk=redaction_id, state__in=Redaction.EDITABLE).update(due_at=None, attempts=0)
