"""Whether the public may see a document."""

from collections.abc import Iterable
from functools import partial
from itertools import groupby
from typing import IO

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from cases.holding import hold
from cases.models import Document
from cases.permissions import can_publish
from cases.statuses import PublicStatus
from cases.timeline import record

from .storing import NOT_NOW, file_fields, permit, storing_file, tell_added


@transaction.atomic
def set_public_status(documents: Iterable[Document], *, status: str, because: str = "", by: User) -> None:
    """Say whether the public may see these documents. Withholding needs a reason; what is not here is not published.

    Raises PermissionDenied, ValidationError.
    """
    status = PublicStatus(status)
    because = because.strip()
    if status == PublicStatus.WITHHOLD and not because:
        raise ValidationError("Say why the document is withheld.")
    chosen = sorted(documents, key=lambda document: document.application_id)
    for _, group in groupby(chosen, key=lambda document: document.application_id):
        of_one_case = list(group)
        application = hold(of_one_case[0].application, by=by, may=can_publish, sorry=NOT_NOW)
        if status == PublicStatus.PUBLISH:
            _refuse_publishing_what_cannot(of_one_case)
        pks = [document.pk for document in of_one_case]
        Document.objects.filter(pk__in=pks).update(
            public_status=status, withheld_because=because[:300] if status == PublicStatus.WITHHOLD else ""
        )
        record(
            application, "documents_published", by=by, documents=pks, titles=[d.title for d in of_one_case],
            status=status.value, because=because,
        )  # fmt: skip
    for document in chosen:
        document.refresh_from_db(fields=["public_status", "withheld_because"])


def _refuse_publishing_what_cannot(documents: list[Document]) -> None:
    copies = Document.objects.current().filter(redacted_from__in=documents).exclude(public_status=PublicStatus.WITHHOLD)
    redacted = set(copies.values_list("redacted_from", flat=True))
    for document in documents:
        if document.fetch_status != Document.FetchStatus.HERE:
            raise ValidationError(f"“{document.title}” has no file yet, so it cannot be published.")
        if document.scan_status == Document.ScanStatus.INFECTED:
            raise ValidationError(f"“{document.title}” is harmful, so it cannot be published.")
        if document.pk in redacted:
            raise ValidationError(
                f"A redacted copy stands in the place of “{document.title}”. Withhold the copy first if it is wrong."
            )


def add_redacted_copy(document: Document, *, file: IO[bytes], name: str, by: User) -> Document:
    """Add the copy that the public may see; the original is withheld from then on. Also after the decision.

    Raises PermissionDenied, UnacceptableFile.
    """
    application = document.application
    permit(can_publish(by, application))
    with storing_file(application, file=file, name=name, may=partial(can_publish, by)) as (inspected, stored):
        copy = Document.objects.create(
            application=application,
            redacted_from=document,
            title=document.title,
            types=document.types,
            drawing_number=document.drawing_number,
            revision=document.revision,
            received_on=document.received_on,
            uploaded_by=by,
            **file_fields(inspected, stored, name),
        )
        tell_added(copy, by=by, redacted_from=document.pk)
        set_public_status(
            [document], status=PublicStatus.WITHHOLD, because="A redacted copy stands in its place.", by=by
        )
    return copy
