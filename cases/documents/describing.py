"""What stands about a document, and which one stands in the place of which."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from cases.files.disk import atomic_with_files
from cases.locking import locked_for
from cases.models import Document
from cases.permissions import can_correct
from cases.timeline import record

from .adding import add_document
from .publishing import drop_proposals
from .storing import NOT_NOW, known_types, permit

CHANGEABLE = frozenset(
    {"title", "types", "drawing_number", "revision", "description", "received_on", "is_approved_plan"}
)


RETYPED = "The document’s types were changed."


@transaction.atomic
def change_document(document: Document, *, by: User, **changes: Any) -> Document:
    """Correct what stands about a document (CHANGEABLE). Nothing different: nothing recorded.

    Raises PermissionDenied, ValidationError for an unknown type, TypeError for a field that is not changed this way.
    """
    if unknown := set(changes) - CHANGEABLE:
        raise TypeError(f"Not changed this way: {', '.join(sorted(unknown))}")
    locked_for(document.application, by=by, may=can_correct, refusal=NOT_NOW)
    if "types" in changes:
        changes["types"] = known_types(changes["types"])
    row = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
    before = {name: getattr(row, name) for name, value in changes.items() if getattr(row, name) != value}
    if before:
        after = {name: changes[name] for name in before}
        Document.objects.filter(pk=row.pk).update(**after)
        record(row.application, "document_changed", by=by, document=row.pk, title=row.title, before=before, after=after)
    if "types" in before:
        drop_proposals(row.application, [row.pk], by=by, because=RETYPED)
    document.refresh_from_db()
    return document


@transaction.atomic
def change_documents(
    documents: Iterable[Document],
    *,
    by: User,
    types: Mapping[int, Iterable[str]] | None = None,
    received_on: date | None = None,
) -> list[Document]:
    """Set the types (key of the document → codes) or the day of receipt of many documents of one case, in one event.

    Returns those that changed. Raises PermissionDenied, ValidationError for an unknown type or another case's document.
    """
    chosen = list(documents)
    if not chosen:
        return []
    application = locked_for(chosen[0].application, by=by, may=can_correct, refusal=NOT_NOW)
    known = set(known_types(code for codes in (types or {}).values() for code in codes))
    held = Document.objects.select_for_update(of=("self",)).filter(application=application)
    rows = list(held.filter(pk__in=[document.pk for document in chosen]).order_by("pk"))
    if len(rows) != len({document.pk for document in chosen}):
        raise ValidationError("Not all of the documents belong to this case.")
    changed: list[dict[str, Any]] = []
    for row in rows:
        wanted: dict[str, Any] = {} if received_on is None else {"received_on": received_on}
        if types is not None and row.pk in types:
            wanted["types"] = [code for code in dict.fromkeys(types[row.pk]) if code in known]
        before = {name: getattr(row, name) for name, value in wanted.items() if getattr(row, name) != value}
        if before:
            for name in before:
                setattr(row, name, wanted[name])
            changed.append({"document": row.pk, "before": before, "after": {name: wanted[name] for name in before}})
    touched = {change["document"] for change in changed}
    Document.objects.bulk_update([row for row in rows if row.pk in touched], ["types", "received_on"])
    if changed:
        record(
            application,
            "document_changed",
            by=by,
            documents=sorted(touched),
            titles=[row.title for row in rows if row.pk in touched],
            rows=changed,
            what="When it was received" if received_on else "Types",
        )
    retyped = [change["document"] for change in changed if "types" in change["before"]]
    drop_proposals(application, retyped, by=by, because=RETYPED)
    return [row for row in rows if row.pk in touched]


@transaction.atomic
def use_suggested_type(document: Document, *, code: str, by: User) -> Document:
    """Give the document a type that is suggested for it, beside those it has. Nothing is taken over unasked.

    Raises PermissionDenied, or ValidationError when that is not (or no longer) suggested.
    """
    locked_for(document.application, by=by, may=can_correct, refusal=NOT_NOW)
    row = Document.objects.get(pk=document.pk)
    if code not in row.suggested_types:
        raise ValidationError("That type is no longer suggested for this document. Choose one by “Change”.")
    return change_document(document, types=[*row.types, code], by=by)


@transaction.atomic
def supersede(document: Document, *, with_document: Document, by: User) -> None:
    """Let a newer document stand in the place of an older one. Raises PermissionDenied, ValidationError."""
    locked_for(document.application, by=by, may=can_correct, refusal=NOT_NOW)
    if with_document.application_id != document.application_id:
        raise ValidationError("The newer document belongs to another application.")
    rows = {d.pk: d for d in Document.objects.select_for_update(of=("self",)).filter(application=document.application)}
    if with_document.pk == document.pk or not rows[with_document.pk].is_current:
        raise ValidationError("A document can only be replaced by another one that is itself current.")
    if not rows[document.pk].is_current:
        raise ValidationError("This document has been replaced already.")
    Document.objects.filter(pk=document.pk).update(superseded_by=with_document, is_approved_plan=False)
    drop_proposals(document.application, [document.pk], by=by, because="A newer document stands in its place.")
    record(
        document.application,
        "document_superseded",
        by=by,
        document=document.pk,
        title=document.title,
        by_document=with_document.pk,
        by_title=with_document.title,
    )
    document.refresh_from_db()


def replace_document(
    document: Document, *, file: IO[bytes], name: str, revision: str, received_on: date, by: User
) -> Document:
    """Add a newer revision and let it stand in the place of this one. Raises as `add_document` and `supersede`."""
    # Asked before the file is stored: a storage cannot be rolled back.
    permit(can_correct(by, document.application))
    if not document.is_current:
        raise ValidationError("This document has been replaced already.")
    with atomic_with_files():
        newer = add_document(
            document.application,
            file=file,
            name=name,
            by=by,
            types=document.types,
            title=document.title,
            drawing_number=document.drawing_number,
            revision=revision,
            received_on=received_on,
        )
        supersede(document, with_document=newer, by=by)
    return newer
