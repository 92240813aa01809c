"""Whether the public may see a document; and, where the council wants it, two people's word before it may.

A council's switch (LocalAuthority.second_person_publishes) makes publishing two steps: one officer proposes it
(`set_public_status`), another one looks at the document and publishes it (`confirm_publication`). The proposal is about
the file and the types that were looked at: it falls when either changes. To withhold needs nobody else's word.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from cases.documents.clean_copies.making import clean_soon
from cases.documents.preparing.active_content import said
from cases.locking import locked_for
from cases.models import Document, PlanningApplication, Redaction
from cases.models.document import WITHHELD_AS_HARMFUL
from cases.permissions import can_publish
from cases.statuses import PublicStatus
from cases.timeline import record

from .storing import NOT_NOW

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
    for application, of_one_case in _locked(chosen, by=by):
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
    for application, of_one_case in _locked(chosen, by=by):
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
    for application, of_one_case in _locked(chosen, by=by):
        for document in _proposed(of_one_case):
            if document.publication_asked_by_id == by.pk:
                raise ValidationError(f"You proposed to publish “{document.title}” yourself. You can take that back.")
        _drop_proposals(application, of_one_case, by=by, because=because)
    _read_again(chosen)


@transaction.atomic
def take_back_proposal(documents: Iterable[Document], *, by: User) -> None:
    """Take one's own proposals back; the documents stay as they were. Raises PermissionDenied, ValidationError."""
    chosen = list(documents)
    for application, of_one_case in _locked(chosen, by=by):
        for document in _proposed(of_one_case):
            if document.publication_asked_by_id != by.pk:
                raise ValidationError(f"It was not you who proposed to publish “{document.title}”.")
        _drop_proposals(application, of_one_case, by=by, because="Taken back.")
    _read_again(chosen)


def drop_proposals(application: PlanningApplication, pks: Iterable[int], *, by: User, because: str) -> None:
    """What was proposed is not what would be published now: somebody must propose it anew.

    Call inside the transaction of the change, with the case locked. Documents that nobody proposed are passed over.
    """
    proposed = Document.objects.filter(application=application, pk__in=pks, publication_asked_by__isnull=False)
    if documents := list(proposed.select_related("publication_asked_by").order_by("pk")):
        _drop_proposals(application, documents, by=by, because=because)


def _locked(documents: list[Document], *, by: User) -> Iterator[tuple[PlanningApplication, list[Document]]]:
    """Case by case, the case locked and the documents as they now stand: somebody may have been faster."""
    ordered = sorted(documents, key=lambda document: document.application_id)
    for _, group in groupby(ordered, key=lambda document: document.application_id):
        of_one_case = list(group)
        application = locked_for(of_one_case[0].application, by=by, may=can_publish, refusal=NOT_NOW)
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
        application,
        "publication_refused",
        by=by,
        documents=pks,
        titles=[document.title for document in documents],
        because=because,
        proposed_by=sorted({str(document.publication_asked_by) for document in documents}),
    )


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
        application,
        "documents_published",
        by=by,
        documents=pks,
        titles=[document.title for document in documents],
        status=status.value,
        because=because,
        **facts,
    )
    if status == PublicStatus.PUBLISH:
        clean_soon(pks)


def _refuse_publishing_what_cannot(documents: list[Document]) -> None:
    # Asked with the case locked: whoever has a copy made, or boxes drawn, takes the same lock first.
    refused = why_not_published(documents)
    if refused:
        raise ValidationError(
            [f"“{one.title}” cannot be published. {refused[one.pk]}" for one in documents if one.pk in refused]
        )


def why_not_published(documents: Iterable[Document]) -> dict[int, str]:
    """Why these cannot be published: key → sentences for an officer, of those that cannot. Two queries."""
    chosen = list(documents)
    copied, redacting = _with_redacted_copy(chosen), _still_to_be_redacted(chosen)
    sentences = {
        document.pk: _why_not(document, is_copied=document.pk in copied, redacting=redacting.get(document.pk, ""))
        for document in chosen
    }
    return {key: because for key, because in sentences.items() if because}


def _with_redacted_copy(documents: list[Document]) -> frozenset[int]:
    """The keys of those in whose place a redacted copy stands that no officer has withheld."""
    # Superseded or not: what was replaced is still on the register until it is withheld.
    copies = Document.objects.filter(redacted_from__in=[document.pk for document in documents])
    # A copy that the scanner locked away was not wrong in what it covers: until there is a newer one it stands there.
    by_no_officer = Q(withheld_because=WITHHELD_AS_HARMFUL, superseded_by=None)
    not_withheld = copies.exclude(~by_no_officer, public_status=PublicStatus.WITHHOLD)
    return frozenset(key for key in not_withheld.values_list("redacted_from", flat=True) if key is not None)


STATES = Redaction.State
COPY_TO_COME = {
    STATES.QUEUED: "{} is being made. Wait for it, and publish that.",
    STATES.FAILED: "{} could not be made. Have it made again; or save the redaction without boxes if nothing in the "
    "document must be covered.",
    STATES.DRAFT: "Boxes are drawn over {}, and no copy has been made with them. Have the copy made; or remove the "
    "boxes and save if nothing in the document must be covered.",
}


def _still_to_be_redacted(documents: list[Document]) -> dict[int, str]:
    """Those over which an officer has drawn boxes, or wants a copy, that is not made: key → why that is in the way.

    A copy is as little to be seen as its original, when more was covered after it was made.
    """
    originals = {document.redacted_from_id or document.pk for document in documents}
    redactions = list(Redaction.objects.filter(document__in=originals).order_by("pk"))
    drawn = {redaction.copy_id: redaction.boxes for redaction in redactions if redaction.copy_id is not None}
    to_come = {
        redaction.document_id: redaction
        for redaction in redactions
        if redaction.state != STATES.DONE and (redaction.boxes or redaction.state != STATES.DRAFT)
    }
    return {
        document.pk: _copy_to_come(document, to_come[original], drawn=drawn.get(document.pk))
        for document in documents
        if (original := document.redacted_from_id or document.pk) in to_come
    }


def _copy_to_come(document: Document, redaction: Redaction, *, drawn: list | None) -> str:
    """`drawn`: the boxes that the document, a copy, was made with; redacting again begins with them."""
    sentence, is_draft = COPY_TO_COME[STATES(redaction.state)], redaction.state == STATES.DRAFT
    if document.redacted_from_id is None:
        return sentence.format("it" if is_draft else "A redacted copy of it")
    if document.created_at >= redaction.updated_at or (is_draft and drawn == redaction.boxes):
        return ""
    return sentence.format("its original" if is_draft else "A newer redacted copy")


def _why_not(document: Document, *, is_copied: bool, redacting: str) -> str:
    if document.fetch_status != Document.FetchStatus.HERE:
        return "It has no file yet."
    if document.scan_status == Document.ScanStatus.INFECTED:
        return "The virus scanner found it harmful."
    if is_copied:
        return "A redacted copy stands in its place. Withhold the copy first if it is wrong."
    if redacting:
        return redacting
    if document.scan_status == Document.ScanStatus.WAITING:
        return "It waits for the virus scan."
    if document.active_content is None:
        return "Nobody has looked yet whether it is safe to publish. Try again in a few minutes."
    if document.does_not_open:
        return "It does not open, so nobody can say what is in it. Ask for the file once more."
    if document.active_content:
        return f"{said(document.active_content)} Make a flattened copy of it by redaction and publish that."
    return ""
