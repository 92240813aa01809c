"""The application's events: writing them, proving them, and saying them in words for each reader."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.plain_text import plain_all

from .models import CaseEvent, PlanningApplication

SYSTEM = "BoPS"


@dataclass(frozen=True)
class Kind:
    """A kind of event: the officers' words, the public's words (empty: not public), and MHCLG's event code."""

    words: str
    public: str = ""
    mhclg: str = ""


# MHCLG permission-process-event codes in the third place. Received, decision and withdrawn dates live on the
# application itself in MHCLG's model, hence no code there.
KINDS: dict[str, Kind] = {
    "received": Kind("Received", "Application received", "application-submitted"),
    "submitted_again": Kind("Submitted again with other contents"),
    "accept": Kind("Taken in"),
    "entered": Kind("Entered by an officer", "Application received", "application-submitted"),
    "imported": Kind("Imported from an older register"),
    "assigned": Kind("Given to an officer"),
    "type_changed": Kind("Type of application changed"),
    "description_changed": Kind("Description changed"),
    "boundary_changed": Kind("Red line changed"),
    "fee_checked": Kind("Fee checked"),
    "facts_changed": Kind("Facts of the application changed"),
    "constraints_changed": Kind("Constraints changed"),
    "ownership_checked": Kind("Ownership certificate checked"),
    "task_checked": Kind("Task checked"),
    "document_added": Kind("Document added"),
    "document_changed": Kind("Document changed"),
    "document_fetched": Kind("Document fetched"),
    "document_fetch_failed": Kind("Document could not be fetched"),
    "document_superseded": Kind("Document superseded"),
    "document_redacted": Kind("Redacted copy made"),
    "document_harmful": Kind("Harmful file found and locked away"),
    "document_not_cleaned": Kind("Document withheld: no copy for the public could be made"),
    "document_scan_asked": Kind("Virus scan of a document asked for again"),
    "document_found_clean": Kind("Document scanned again: nothing harmful found"),
    "document_previews_asked": Kind("Previews of a document asked for again"),
    "publication_asked": Kind("Publication of documents proposed"),
    "publication_refused": Kind("Publication of documents not agreed"),
    "documents_published": Kind("Public status of documents changed"),
    "request_raised": Kind("Request noted"),
    "request_changed": Kind("Request changed"),
    "request_dropped": Kind("Request taken out before it was sent"),
    "requests_sent": Kind("Requests sent", "More information requested", "additional-information-requested"),
    "reminded": Kind("Applicant reminded of what is asked"),
    "request_answered": Kind("The applicant answered", "More information received", "additional-information-received"),
    "request_resolved": Kind("Request settled"),
    "request_not_accepted": Kind("Answer not accepted: asked again"),
    "request_left": Kind("Went on without what was asked"),
    "request_cancelled": Kind("Request withdrawn"),
    "request_accepted_by_silence": Kind("Accepted because no answer came in time"),
    "link_made": Kind("Link for the applicant made"),
    "link_revoked": Kind("Link of the applicant revoked"),
    "invalidate": Kind("Found invalid", "", "invalid-from"),
    "validate": Kind("Found valid", "Application valid", "valid-from"),
    "published": Kind("Published on the register", "Published on the register", "application-published"),
    "unpublished": Kind("Taken off the register"),
    "publicity_recorded": Kind("Publicity recorded", "Publicity", "publicity-start"),
    "publicity_changed": Kind("Publicity changed"),
    "publicity_removed": Kind("Publicity removed"),
    "comment_entered": Kind("Comment entered"),
    "comment_changed": Kind("Comment changed"),
    "comment_redacted": Kind("Comment redacted"),
    "comment_published": Kind("Comment published"),
    "comment_unpublished": Kind("Comment taken off the register"),
    "site_visited": Kind("Site visited"),
    "site_visit_changed": Kind("Site visit changed"),
    "section_written": Kind("Report section written"),
    "history_recorded": Kind("Planning history recorded"),
    "history_changed": Kind("Planning history changed"),
    "limits_assessed": Kind("Permitted development limits assessed"),
    "consideration_assessed": Kind("Consideration assessed"),
    "conditions_changed": Kind("Conditions changed"),
    "informatives_changed": Kind("Informatives changed"),
    "refusal_reasons_changed": Kind("Reasons for refusal changed"),
    "plans_listed": Kind("Plans chosen for the notice"),
    "extension_agreed": Kind("Extension of time agreed", "Extension of time agreed", "time-extension-agreed"),
    "extension_removed": Kind("Extension of time removed"),
    "recommended": Kind("Recommendation made"),
    "notice_drafted": Kind("Decision notice drafted"),
    "submit": Kind("Submitted for sign-off"),
    "send_back": Kind("Sent back to the officer"),
    "recall": Kind("Recalled by the officer"),
    "send_to_committee": Kind("Sent to committee", "Referred to the planning committee", "committee-date"),
    "committee_resolved": Kind("Committee resolved", "Planning committee resolution", ""),
    "committee_date_changed": Kind("Committee date changed"),
    "determine": Kind("Decision issued", "Decision issued"),
    "notice_corrected": Kind("Decision notice corrected", "Decision notice corrected"),
    "withdraw": Kind("Withdrawn", "Application withdrawn"),
    "return_": Kind("Returned"),
    "close": Kind("Closed", "Application closed"),
    "reopen": Kind("Reopened"),
    "appeal_lodged": Kind("Appeal lodged", "Appeal lodged"),
    "appeal_decided": Kind("Appeal decided", "Appeal decided"),
    "message_queued": Kind("Message written"),
    "nobody_to_tell": Kind("Nobody could be written to: no e-mail or postal address"),
    "note_added": Kind("Note added"),
}

# Beside the kinds that the public is told of, these change what the register shows of an application.
CHANGES_THE_REGISTER = frozenset(kind for kind, said in KINDS.items() if said.public) | {
    "type_changed", "description_changed", "boundary_changed", "facts_changed", "constraints_changed",
    "document_superseded", "documents_published", "publicity_changed", "publicity_removed", "comment_published",
    "comment_unpublished", "extension_removed", "committee_date_changed", "reopen", "imported",
}  # fmt: skip

# Who else must hear of an event, in the same transaction: kind → functions. The packages above this one add theirs
# when Django starts (`notices` writes messages from events), so that no arrow points upwards.
_LISTENERS: dict[str, list[Callable[[CaseEvent], None]]] = {}


def listen(kind: str, listener: Callable[[CaseEvent], None]) -> None:
    """Have `listener` called with each new event of this kind, inside the transaction that writes it."""
    if kind not in KINDS:
        raise KeyError(kind)
    listeners = _LISTENERS.setdefault(kind, [])
    if listener not in listeners:
        listeners.append(listener)


def record(
    application: PlanningApplication,
    kind: str,
    *,
    by: User | None,
    from_status: str = "",
    to_status: str = "",
    is_imported: bool = False,
    at: datetime | None = None,
    **data: Any,
) -> CaseEvent:
    """Append an event to the application's chain.

    Call inside the transaction of the change it tells of. `data` must be JSON-able facts (dates are fine):
    put `before` and `after` there. `by` None is the system. Raises KeyError for an unknown kind.
    """
    if kind not in KINDS:
        raise KeyError(f"No event of the kind {kind!r}: add it to cases/timeline.py")
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An event is written in the transaction of what it tells of.")
    # The lock puts the chain's links in one order, whoever writes them.
    PlanningApplication.objects.select_for_update().values_list("pk").get(pk=application.pk)
    chain = CaseEvent.objects.filter(application_id=application.pk).order_by("-sequence")
    last, previous_hash = chain.values_list("sequence", "hash").first() or (0, "")
    event = CaseEvent(
        application_id=application.pk,
        sequence=last + 1,
        kind=kind,
        at=at or timezone.now(),
        by=by,
        by_name=str(by) if by else SYSTEM,
        from_status=from_status,
        to_status=to_status,
        data=plain_all(json.loads(json.dumps(data, cls=DjangoJSONEncoder))),
        is_imported=is_imported,
        previous_hash=previous_hash,
    )
    event.hash = hash_of(event)
    event.save(force_insert=True)
    if kind in CHANGES_THE_REGISTER:
        PlanningApplication.objects.filter(pk=application.pk).update(public_changed_at=event.at)
    for listener in _LISTENERS.get(kind, []):
        listener(event)
    return event


def hash_of(event: CaseEvent) -> str:
    """sha256 over everything the event says and the hash of the one before; 64 hexadecimal digits."""
    said = {
        "application": event.application_id,
        "sequence": event.sequence,
        "kind": event.kind,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "by": event.by_id,
        "by_name": event.by_name,
        "from_status": event.from_status,
        "to_status": event.to_status,
        "data": event.data,
        "is_imported": event.is_imported,
        "previous_hash": event.previous_hash,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def moves_of(application: PlanningApplication) -> QuerySet[CaseEvent]:
    """The events that changed its status, its type or its officer, the newest first."""
    moved = Q(kind__in=("assigned", "type_changed")) | ~Q(to_status="") & ~Q(to_status=F("from_status"))
    return application.events.filter(moved).order_by("-sequence")


def broken_links(application_id: int) -> Iterator[tuple[int, str]]:
    """(sequence, what is wrong) for every event whose hash, order or link does not hold."""
    return broken_in(CaseEvent.objects.filter(application_id=application_id).order_by("sequence").iterator())


def broken_in(chain: Iterable[CaseEvent]) -> Iterator[tuple[int, str]]:
    """`broken_links` of the events of one application, in their order."""
    previous_hash, expected = "", 1
    for event in chain:
        if event.sequence != expected:
            yield event.sequence, f"event {expected} is missing"
        if event.previous_hash != previous_hash:
            yield event.sequence, "does not follow the event before it"
        if event.hash != hash_of(event):
            yield event.sequence, "was changed after it was written"
        previous_hash, expected = event.hash, event.sequence + 1
