"""Whether the public may see a document; and, where the council wants it, two people's word before it may.

A council's switch (LocalAuthority.second_person_publishes) makes publishing two steps: one officer proposes it
(`set_public_status`), another one looks at the document and publishes it (`confirm_publication`). The proposal is about
the file and the types that were looked at: it falls when either changes. To withhold needs nobody else's word.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cases.holding import hold
from cases.models import Document, PlanningApplication
from cases.permissions import can_publish
from cases.preparing.active_content import said
from cases.statuses import PublicStatus
from cases.timeline import record

from .storing import NOT_NOW, file_fields, permit, storing_file, tell_added

STATED = ["public_status", "withheld_because", "publication_asked_by_id", "publication_asked_at"]
NOT_PROPOSED = {"publication_asked_by": None, "publication_asked_at": None}


@transaction.atomic
def set_public_status(documents: Iterable[Document], *, status: str, because: str = "", by: User) -> None:
    """Say whether the public may see these documents. Withholding needs a reason; what is not here is not published.

    Where the council wants a second person's look, PUBLISH only proposes it, of those that are neither public nor
    proposed already; any other status takes a proposal away. Raises PermissionDenied, ValidationError.
    """
    status = PublicStatus(status)
    because = because.strip()
    if status == PublicStatus.WITHHOLD and not because:
        raise ValidationError("Say why the document is withheld.")
    chosen = list(documents)
    for application, of_one_case in _held(chosen, by=by):
        if status == PublicStatus.PUBLISH:
            _refuse_publishing_what_cannot(of_one_case)
        if status == PublicStatus.PUBLISH and application.authority.second_person_publishes:
            _propose(application, of_one_case, by=by)
        else:
            _state(application, of_one_case, status=status, because=because, by=by)
    _read_again(chosen)


@transaction.atomic
def confirm_publication(documents: Iterable[Document], *, by: User) -> None:
    """Publish what another officer has proposed, all or nothing.

    Raises PermissionDenied, or ValidationError for a document that `by` proposed, that nobody proposed (any more), or
    that cannot be published.
    """
    chosen = list(documents)
    for application, of_one_case in _held(chosen, by=by):
        for document in _proposed(of_one_case):
            if document.publication_asked_by_id == by.pk:
                raise ValidationError(
                    f"You proposed to publish “{document.title}” yourself: another person must look at it."
                )
        _refuse_publishing_what_cannot(of_one_case)
        proposers = sorted({str(document.publication_asked_by) for document in of_one_case})
        _state(application, of_one_case, status=PublicStatus.PUBLISH, by=by, proposed_by=proposers)
    _read_again(chosen)


@transaction.atomic
def refuse_publication(documents: Iterable[Document], *, because: str, by: User) -> None:
    """Do not agree with what another officer has proposed; the documents stay as they were.

    Raises PermissionDenied, or ValidationError without a reason, or for a document that `by` proposed or nobody did.
    """
    because = because.strip()
    if not because:
        raise ValidationError("Say why the document should not be published.")
    chosen = list(documents)
    for application, of_one_case in _held(chosen, by=by):
        for document in _proposed(of_one_case):
            if document.publication_asked_by_id == by.pk:
                raise ValidationError(f"You proposed to publish “{document.title}” yourself. You can take that back.")
        _drop_proposals(application, of_one_case, by=by, because=because)
    _read_again(chosen)


@transaction.atomic
def take_back_proposal(documents: Iterable[Document], *, by: User) -> None:
    """Take one's own proposals back; the documents stay as they were. Raises PermissionDenied, ValidationError."""
    chosen = list(documents)
    for application, of_one_case in _held(chosen, by=by):
        for document in _proposed(of_one_case):
            if document.publication_asked_by_id != by.pk:
                raise ValidationError(f"It was not you who proposed to publish “{document.title}”.")
        _drop_proposals(application, of_one_case, by=by, because="Taken back.")
    _read_again(chosen)


def drop_proposals(application: PlanningApplication, pks: Iterable[int], *, by: User, because: str) -> None:
    """What was proposed is not what would be published now: somebody must propose it anew.

    Call inside the transaction of the change, with the case held. Documents that nobody proposed are passed over.
    """
    proposed = Document.objects.filter(application=application, pk__in=pks, publication_asked_by__isnull=False)
    if documents := list(proposed.select_related("publication_asked_by").order_by("pk")):
        _drop_proposals(application, documents, by=by, because=because)


def _held(documents: list[Document], *, by: User) -> Iterator[tuple[PlanningApplication, list[Document]]]:
    """Case by case, the case locked and the documents as they now stand: somebody may have been faster."""
    ordered = sorted(documents, key=lambda document: document.application_id)
    for _, group in groupby(ordered, key=lambda document: document.application_id):
        of_one_case = list(group)
        application = hold(of_one_case[0].application, by=by, may=can_publish, sorry=NOT_NOW)
        rows = Document.objects.select_for_update(of=("self",)).select_related("publication_asked_by")
        yield application, list(rows.filter(pk__in=[document.pk for document in of_one_case]).order_by("pk"))


def _read_again(documents: list[Document]) -> None:
    rows = Document.objects.in_bulk([document.pk for document in documents])
    for document in documents:
        for name in STATED:
            setattr(document, name, getattr(rows[document.pk], name))


def _propose(application: PlanningApplication, documents: list[Document], *, by: User) -> None:
    wanted = [
        document
        for document in documents
        if document.public_status != PublicStatus.PUBLISH and document.publication_asked_by_id is None
    ]
    if not wanted:
        return
    pks = [document.pk for document in wanted]
    Document.objects.filter(pk__in=pks).update(publication_asked_by=by, publication_asked_at=timezone.now())
    record(application, "publication_asked", by=by, documents=pks, titles=[document.title for document in wanted])


def _proposed(documents: list[Document]) -> list[Document]:
    for document in documents:
        if document.publication_asked_by_id is None:
            raise ValidationError(f"Nobody proposes to publish “{document.title}” (any more). Load the page again.")
    return documents


def _drop_proposals(application: PlanningApplication, documents: list[Document], *, by: User, because: str) -> None:
    pks = [document.pk for document in documents]
    Document.objects.filter(pk__in=pks).update(**NOT_PROPOSED)
    record(
        application, "publication_refused", by=by, documents=pks, titles=[document.title for document in documents],
        because=because, proposed_by=sorted({str(document.publication_asked_by) for document in documents}),
    )  # fmt: skip


def _state(
    application: PlanningApplication,
    documents: list[Document],
    *,
    status: PublicStatus,
    because: str = "",
    by: User,
    **facts: Any,
) -> None:
    pks = [document.pk for document in documents]
    Document.objects.filter(pk__in=pks).update(
        public_status=status, withheld_because=because[:300] if status == PublicStatus.WITHHOLD else "", **NOT_PROPOSED
    )
    record(
        application, "documents_published", by=by, documents=pks, titles=[document.title for document in documents],
        status=status.value, because=because, **facts,
    )  # fmt: skip


def _refuse_publishing_what_cannot(documents: list[Document]) -> None:
    # Superseded or not: what was replaced is still on the register until it is withheld.
    copies = Document.objects.filter(redacted_from__in=documents).exclude(public_status=PublicStatus.WITHHOLD)
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
        if document.scan_status == Document.ScanStatus.WAITING:
            raise ValidationError(f"“{document.title}” waits for the virus scan, so it cannot be published yet.")
        if document.active_content is None:
            raise ValidationError(
                f"Nobody has looked yet whether “{document.title}” is safe to publish. Try again in a few minutes."
            )
        if document.active_content:
            raise ValidationError(
                f"“{document.title}” cannot be published. {said(document.active_content)} Publish a redacted copy, "
                "which holds nothing but its pages."
            )


def add_redacted_copy(document: Document, *, file: IO[bytes], name: str, by: User) -> Document:
    """Add the copy that the public may see; the original is withheld from then on. Also after the decision.

    A copy of a copy stands in the place of the original too, and both of these are withheld.
    Raises PermissionDenied, UnacceptableFile.
    """
    application = document.application
    permit(can_publish(by, application))
    with storing_file(application, file=file, name=name, may=partial(can_publish, by)) as (inspected, stored):
        # As it stands now: a title may have been corrected while the copy was drawn.
        row = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
        copy = Document.objects.create(
            application=application,
            redacted_from=row.redacted_from or row,
            title=row.title,
            types=row.types,
            drawing_number=row.drawing_number,
            revision=row.revision,
            received_on=row.received_on,
            uploaded_by=by,
            **file_fields(inspected, stored, name),
        )
        tell_added(copy, by=by, redacted_from=copy.redacted_from_id)
        originals = [document]
        if row.redacted_from is not None and row.redacted_from.public_status != PublicStatus.WITHHOLD:
            originals.append(row.redacted_from)
        set_public_status(
            originals, status=PublicStatus.WITHHOLD, because="A redacted copy stands in its place.", by=by
        )
    return copy
