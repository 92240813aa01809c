"""Boxes that BoPS offers: over telephone numbers, e-mail addresses, signatures. An officer has the last word."""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_tasks import task

from cases.documents.clean_copies.copying import on_disk
from cases.files.types import PDF
from cases.jobs import child
from cases.jobs.background import Priority
from cases.jobs.leased import LeasedJob, NotDone
from cases.models import Redaction

from .attempts import LEASE, WAITS
from .boxes import Box, cleaned, covers, pages_of

logger = logging.getLogger(__name__)


def look_soon(redaction: Redaction) -> None:
    """Have personal details looked for in the background. Inside the transaction that makes the row."""
    LOOKING.soon([redaction.pk])
    redaction.refresh_from_db()


@task(queue_name="documents", priority=Priority.SOMEBODY_WAITS)
def look_for_details(redaction_id: int) -> None:
    """Write down what could be covered, once. What cannot be read has nothing to suggest."""
    LOOKING.run(redaction_id)


def _waiting() -> QuerySet[Redaction]:
    waiting = Redaction.objects.filter(state__in=Redaction.EDITABLE, suggested__isnull=True, due_at__isnull=False)
    return waiting.select_related("document")


def _look(redaction: Redaction) -> None:
    document, found = redaction.document, list[Box]()
    if document.mime_type == PDF and document.is_open_to_readers:
        try:
            with TemporaryDirectory(prefix="redacting-") as name, on_disk(document.file, Path(name)) as source:
                found = child.run("cases.documents.redacting.finding", {"source": str(source)})["boxes"]
        except child.ChildFailed as error:
            raise NotDone(str(error)) from error
    _keep(redaction, found)


def offered(redaction: Redaction) -> list[tuple[int, Box]]:
    """The suggestions that no box covers yet, each with its place in `redaction.suggested`."""
    return [
        (place, box)
        for place, box in enumerate(redaction.suggested or [])
        if not any(covers(kept, box) for kept in redaction.boxes)
    ]


def is_looking(redaction: Redaction) -> bool:
    return redaction.suggested is None and redaction.due_at is not None


def _keep(redaction: Redaction, found: list[Any]) -> None:
    """What the process has said is believed as little as the file: it is cleaned as an officer's boxes are."""
    pages = pages_of(redaction.document)
    kept = []
    for box in found:
        try:
            kept += [{**clean, "because": str(box["because"])[:60]} for clean in cleaned([box], pages=pages)]
        except (ValidationError, KeyError, TypeError):
            continue
    Redaction.objects.filter(pk=redaction.pk, suggested__isnull=True).update(suggested=kept)
    Redaction.objects.filter(pk=redaction.pk, state__in=Redaction.EDITABLE).update(due_at=None, attempts=0)


def _suggest_nothing(redaction: Redaction, sentence: str) -> None:
    logger.info("No suggestions for redaction %s: %s", redaction.pk, sentence)
    _keep(redaction, [])


LOOKING = LeasedJob(
    task=look_for_details, waiting=_waiting, work=_look, give_up=_suggest_nothing, lease=LEASE, waits=WAITS
)
