"""What stands about a document, and which one stands in the place of which."""

from datetime import date
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from cases.holding import hold
from cases.models import Document
from cases.permissions import can_correct
from cases.timeline import record

from .adding import add_document
from .storing import NOT_NOW, known_types, permit

CHANGEABLE = frozenset(
    {"title", "types", "drawing_number", "revision", "description", "received_on", "is_approved_plan"}
)


@transaction.atomic
def change_document(document: Document, *, by: User, **changes: Any) -> Document:
    """Correct what stands about a document (CHANGEABLE). Nothing different: nothing recorded.

    Raises PermissionDenied, ValidationError for an unknown type, TypeError for a field that is not changed this way.
    """
    if unknown := set(changes) - CHANGEABLE:
        raise TypeError(f"Not changed this way: {', '.join(sorted(unknown))}")
    hold(document.application, by=by, may=can_correct, sorry=NOT_NOW)
    if "types" in changes:
        changes["types"] = known_types(changes["types"])
    row = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
    before = {name: getattr(row, name) for name, value in changes.items() if getattr(row, name) != value}
    if before:
        after = {name: changes[name] for name in before}
        Document.objects.filter(pk=row.pk).update(**after)
        record(row.application, "document_changed", by=by, document=row.pk, title=row.title, before=before, after=after)
    document.refresh_from_db()
    return document


@transaction.atomic
def supersede(document: Document, *, with_document: Document, by: User) -> None:
    """Let a newer document stand in the place of an older one. Raises PermissionDenied, ValidationError."""
    hold(document.application, by=by, may=can_correct, sorry=NOT_NOW)
    if with_document.application_id != document.application_id:
        raise ValidationError("The newer document belongs to another application.")
    rows = {d.pk: d for d in Document.objects.select_for_update(of=("self",)).filter(application=document.application)}
    if with_document.pk == document.pk or not rows[with_document.pk].is_current:
        raise ValidationError("A document can only be replaced by another one that is itself current.")
    if not rows[document.pk].is_current:
        raise ValidationError("This document has been replaced already.")
    Document.objects.filter(pk=document.pk).update(superseded_by=with_document, is_approved_plan=False)
    record(
        document.application, "document_superseded", by=by, document=document.pk, title=document.title,
        by_document=with_document.pk, by_title=with_document.title,
    )  # fmt: skip
    document.refresh_from_db()


@transaction.atomic
def replace_document(
    document: Document, *, file: IO[bytes], name: str, revision: str, received_on: date, by: User
) -> Document:
    """Add a newer revision and let it stand in the place of this one. Raises as `add_document` and `supersede`."""
    # Asked before the file is stored: a storage cannot be rolled back.
    permit(can_correct(by, document.application))
    if not document.is_current:
        raise ValidationError("This document has been replaced already.")
    newer = add_document(
        document.application, file=file, name=name, by=by, types=document.types, title=document.title,
        drawing_number=document.drawing_number, revision=revision, received_on=received_on,
    )  # fmt: skip
    supersede(document, with_document=newer, by=by)
    return newer
