"""What officers do with a redaction: draw boxes, and take over or leave those that BoPS offers."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from cases.documents.rebuilding.pages import KINDS
from cases.documents.serving import why_closed
from cases.locking import locked_for
from cases.models import Document, Redaction
from cases.permissions import can_publish

from .boxes import Box, cleaned, pages_of
from .suggesting import look_soon

NOT_NOW = "You cannot redact the documents of this case."
STATES = Redaction.State


class SomebodyWasFaster(ValidationError):
    """The boxes were changed by somebody else after this officer read them."""


def why_not(document: Document) -> str:
    """Why the document cannot be redacted, in a sentence; "" when it can."""
    if document.redacted_from_id is not None:
        return "This is a redacted copy. Redact the original again, if something is missing."
    if closed := why_closed(document):
        return closed
    if document.shown_mime_type not in KINDS:
        return "Only PDF documents and pictures can be redacted here. Save it as PDF, and add that to the case."
    if "password" in (document.active_content or ()):
        return "The document is locked with a password, so its pages cannot be drawn. Ask for one without."
    return ""


def newest_redaction(document: Document) -> Redaction | None:
    """The redaction that is being worked on, or the last one that was made."""
    return document.redactions.select_related("by", "copy").first()


@transaction.atomic
def redaction_of(document: Document, *, by: User) -> Redaction:
    """The redaction that is being worked on: an open one, or a new one with the boxes of the last copy.

    Raises PermissionDenied, ValidationError when the document cannot be redacted.
    """
    locked_for(document.application, by=by, may=can_publish, refusal=NOT_NOW)
    row = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
    newest = newest_redaction(row)
    if newest is not None and newest.state != STATES.DONE:
        return newest
    if sentence := why_not(row):
        raise ValidationError(sentence)
    before = {"boxes": newest.boxes, "suggested": newest.suggested} if newest else {}
    redaction = Redaction.objects.create(document=row, by=by, **before)
    if redaction.suggested is None:
        look_soon(redaction)
    return redaction


@transaction.atomic
def save_boxes(redaction: Redaction, *, boxes: Iterable[Mapping[str, Any]], version: int, by: User) -> Redaction:
    """Keep the boxes, in the place of those that the officer read as `version`. The same ones: nothing changes, but
    that a copy that could not be made is no longer wanted.

    Raises PermissionDenied, SomebodyWasFaster, ValidationError (a box without size, a copy that is being made).
    """
    row = locked_redaction(redaction, by=by)
    if row.state not in Redaction.EDITABLE:
        raise ValidationError("The copy is being made, so its boxes cannot be changed now.")
    kept = cleaned(boxes, pages=pages_of(row.document))
    if row.version != version:
        raise SomebodyWasFaster(
            f"{row.by} has changed the boxes at {timezone.localtime(row.updated_at):%H:%M}, after you opened this page."
        )
    if kept != row.boxes or row.state == STATES.FAILED:
        row.boxes, row.by, row.state, row.error = kept, by, STATES.DRAFT, ""
        row.version += 1
        row.save(update_fields=["boxes", "by", "state", "error", "version", "updated_at"])
    redaction.refresh_from_db()
    return redaction


def locked_redaction(redaction: Redaction, *, by: User) -> Redaction:
    """The row, locked, its case locked before it. Raises PermissionDenied."""
    locked_for(redaction.document.application, by=by, may=can_publish, refusal=NOT_NOW)
    rows = Redaction.objects.select_for_update(of=("self",)).select_related("document__application", "by")
    return rows.get(pk=redaction.pk)


@transaction.atomic
def accept(redaction: Redaction, *, places: Collection[int], version: int, by: User) -> Redaction:
    """Draw the suggested boxes at these places of `redaction.suggested`, beside those that are there.

    Raises as `save_boxes`, and ValidationError for a place that nothing is suggested at.
    """
    return save_boxes(redaction, boxes=[*redaction.boxes, *_chosen(redaction, places)], version=version, by=by)


@transaction.atomic
def leave(redaction: Redaction, *, places: Collection[int], version: int, by: User) -> Redaction:
    """Take suggestions off the list: there is nothing to cover. Raises as `accept`."""
    _chosen(redaction, places)
    save_boxes(redaction, boxes=redaction.boxes, version=version, by=by)
    left = [box for place, box in enumerate(redaction.suggested or []) if place not in places]
    Redaction.objects.filter(pk=redaction.pk).update(suggested=left, version=F("version") + 1)
    redaction.refresh_from_db()
    return redaction


def _chosen(redaction: Redaction, places: Collection[int]) -> list[Box]:
    suggested = redaction.suggested or []
    if not all(0 <= place < len(suggested) for place in places):
        raise ValidationError("That is not suggested any more. Load the page again.")
    return [suggested[place] for place in places]
