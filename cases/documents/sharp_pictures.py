"""A page drawn as sharply as its redacted copy would be, for the small print of large sheets: when an officer asks.

Drawn in the background, in strips: neither the reading process nor the browser ever holds an A0 sheet whole. The strips
lie beside the previews of the document and go with them when its pages are made anew.
"""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile
from django.utils import timezone
from django_tasks import task

from accounts.models import User
from cases.documents.preparing.findings import KINDS
from cases.documents.preparing.task import on_disk, store_strip, strip_name
from cases.files.reading import Died, ask
from cases.files.types import IMAGES, PDF
from cases.jobs.background import Priority
from cases.jobs.leased import LeasedJob, NotDone
from cases.locking import locked_for
from cases.models import Document, DocumentPage, SharpPicture
from cases.permissions import can_note

from .serving import why_closed

STATES = SharpPicture.State
SHARP_ENOUGH = 960  # points or pixels at the long side: the preview of an A4 sheet has a hundred dots an inch
TOO_LARGE = 150_000_000  # pixels: such a picture is not opened at all (files/reader/pictures.py)
MOST_STRIPS, MOST_PIXELS = 400, 1_000_000  # of a page; of a side
SECONDS = 240
NOT_NOW = "You cannot have pages of this case drawn."


def is_offered(page: DocumentPage) -> bool:
    """Whether a sharper picture would show more than the preview, or there is no preview of a page that has one."""
    mime_type = page.document.shown_mime_type
    if mime_type not in {PDF, *IMAGES} or (mime_type != PDF and page.width * page.height > TOO_LARGE):
        return False
    return not page.preview or max(page.width, page.height) > SHARP_ENOUGH


@transaction.atomic
def draw_sharply(page: DocumentPage, *, by: User) -> SharpPicture:
    """Have a page drawn sharply, in the background. Asked again: drawn once, except when it has failed.

    Raises PermissionDenied, or ValidationError when the file is closed or has no such pages.
    """
    locked_for(page.document.application, by=by, may=can_note, refusal=NOT_NOW)
    # As who makes its pages locks it: else two wait for each other.
    document = Document.objects.select_for_update(of=("self",)).get(pk=page.document_id)
    if sentence := why_closed(document):
        raise ValidationError(sentence)
    if not is_offered(page):
        raise ValidationError("This page is as sharp as it can be drawn.")
    if not document.pages.filter(pk=page.pk).exists():
        raise ValidationError("The pages of this document were made anew meanwhile. Look at them, then ask again.")
    picture, is_new = SharpPicture.objects.select_for_update(of=("self",)).get_or_create(
        page=page, defaults={"due_at": timezone.now()}
    )
    if is_new or picture.state == STATES.FAILED:
        DRAWING.soon([picture.pk], state=STATES.QUEUED)
        picture.refresh_from_db()
    return picture


def strip_of(page: DocumentPage, number: int) -> FieldFile | None:
    """The picture of strip `number` (from 1), in the document's storage; None when there is none."""
    picture = SharpPicture.objects.filter(page=page, state=STATES.DONE).first()
    if picture is None or not 1 <= number <= len(picture.heights):
        return None
    name = strip_name(page.document, page.number, number)
    return FieldFile(page, DocumentPage._meta.get_field("preview"), name)


# --- In the background ----------------------------------------------------------------------------------------------


@task(queue_name="documents", priority=Priority.SOMEBODY_WAITS)
def draw_sharp_picture(picture_id: int) -> None:
    """Draw the picture that an officer asked for, once."""
    DRAWING.run(picture_id)


def _waiting() -> QuerySet[SharpPicture]:
    return SharpPicture.objects.filter(state=STATES.QUEUED).select_related("page__document__application")


def _draw(picture: SharpPicture) -> None:
    if closed := why_closed(picture.page.document):
        raise NotDone(closed)
    stored: list[str] = []
    try:
        sizes = list(_drawn(picture.page, stored))
    except Died as error:
        _remove(picture, stored)
        raise NotDone(f"The page was not drawn: {error}.") from error
    if not _finish(picture, sizes):
        _remove(picture, stored)  # unless somebody was faster, the pages were made anew meanwhile


def _drawn(page: DocumentPage, stored: list[str]) -> Iterator[tuple[int, int]]:
    """(width, height) of each strip, when it is stored. Raises Died when the process ended before its time."""
    document, until = page.document, time.monotonic() + SECONDS
    kind = KINDS[document.shown_mime_type]
    with (
        on_disk(document.shown_file) as file,
        closing(ask(file, kind, "sharpen", str(page.number), until=until)) as sayings,
    ):
        for number, said in enumerate(sayings, start=1):
            if not said.content or number > MOST_STRIPS:
                raise Died("it spoke nonsense")
            stored.append(store_strip(document, page=page.number, strip=number, jpeg=said.content))
            yield _pixels(said.facts.get("width")), _pixels(said.facts.get("height"))
    if not stored:
        raise Died("it said nothing")


def _pixels(value: object) -> int:
    if not isinstance(value, int) or not 0 < value < MOST_PIXELS:
        raise Died("it spoke nonsense")
    return value


def _finish(picture: SharpPicture, sizes: list[tuple[int, int]]) -> bool:
    """False when somebody was faster, or the row is gone."""
    heights = [height for _, height in sizes]
    waiting = SharpPicture.objects.filter(pk=picture.pk, state=STATES.QUEUED)
    return bool(waiting.update(state=STATES.DONE, width=sizes[0][0], heights=heights, due_at=None))


def _fail(picture: SharpPicture, sentence: str) -> None:
    SharpPicture.objects.filter(pk=picture.pk, state=STATES.QUEUED).update(state=STATES.FAILED, due_at=None)


def _remove(picture: SharpPicture, names: list[str]) -> None:
    """Delete strips that nobody will know of. A newer picture of the same page has strips of the same names."""
    document = picture.page.document
    others = SharpPicture.objects.exclude(pk=picture.pk, state=STATES.QUEUED)
    if others.filter(page__document=document, page__number=picture.page.number).exists():
        return
    for name in names:
        document.file.storage.delete(name)


DRAWING = LeasedJob(
    task=draw_sharp_picture,
    waiting=_waiting,
    work=_draw,
    give_up=_fail,
    lease=timedelta(minutes=10),
    waits=[timedelta(minutes=5)] * 2,
)
