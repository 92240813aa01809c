"""Taking a submission in: one way, whoever brings it (HTTP or command line).

Whatever arrives is kept byte for byte. A submission that makes a case is kept in the transaction that makes it; one
that is refused is kept in a transaction of its own, so that the refusal cannot undo it.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import DataError, connection, transaction
from django.utils import timezone

from accounts.models import LocalAuthority
from cases.documents.fetching import fetch_document
from cases.faults import Fault
from cases.jobs.background import enqueue_all
from cases.law.deadlines import received_on
from cases.lifecycle import apply_step
from cases.models import (
    ApplicationType,
    Constraint,
    ConstraintType,
    Document,
    DocumentType,
    Party,
    PlanningApplication,
    ReferenceCounter,
    Submission,
    reference_key,
)
from cases.statuses import Origin
from cases.timeline import record

from . import odp, schemas
from .incoming import CannotBecomeACase, Header, IncomingApplication, IncomingFile, NotReadable, Refused, WrongAuthority
from .reading import read_json

__all__ = ["CannotBecomeACase", "NotReadable", "Received", "Refused", "WrongAuthority", "receive"]

TYPE_PATH = "/data/application/type/value"
NO_ADDRESS_FOR_FILE = "The submission does not say where this file lies. Ask for it, or upload it by hand."


@dataclass(frozen=True)
class Received:
    application: PlanningApplication
    created: bool  # False: the same submission had arrived before


def receive(
    body: bytes, *, authority: LocalAuthority | None, content_type: str, through: str, source: str | None = None
) -> Received:
    """Keep a submission and make a case of it; the same submission again gives the case that it made.

    `authority` is whom the sender may send to; None lets `metadata.organisation` say it. `through` names the door: an
    API token or a command. `source` overrides what the submission says of its source (values of Submission.Source).
    Raises NotReadable, CannotBecomeACase or WrongAuthority, each with faults; the body is kept all the same.
    """
    arrival = _Arrival(body=body, content_type=content_type, through=through, authority=authority)
    with _kept_when_refused(arrival):
        return _take_in(arrival, source)


def receive_read(
    incoming: IncomingApplication, *, body: bytes, authority: LocalAuthority, content_type: str, through: str
) -> Received:
    """As `receive`, for a submission that its own reader has read already (cases/intake/planning_portal.py)."""
    arrival = _Arrival(body=body, content_type=content_type, through=through, authority=authority)
    arrival.header, arrival.schema = incoming.header, schemas.Outcome(incoming.header.schema, False, [])
    with _kept_when_refused(arrival):
        return _make_once(arrival, authority, incoming)


@contextmanager
def _kept_when_refused(arrival: "_Arrival") -> Iterator[None]:
    try:
        yield
    except Refused as refusal:
        arrival.keep_refused(refusal.faults)
        raise
    except DataError as error:  # PostgreSQL's own limits: the fault is in the data, and nothing was written
        faults = [Fault("", "holds a value that cannot be stored")]
        arrival.keep_refused(faults)
        raise CannotBecomeACase("The submission cannot be stored.", faults) from error
    except Exception:
        arrival.keep_refused([Fault("", "was not taken in because of a fault of this system")])
        raise


@dataclass
class _Arrival:
    """One delivery, and what has been learned of it so far."""

    body: bytes
    content_type: str
    through: str
    authority: LocalAuthority | None
    at: datetime = field(default_factory=timezone.now)
    header: Header | None = None
    schema: schemas.Outcome = schemas.NOT_CHECKED

    def keep(self, outcome: str, faults: list[Fault], application: PlanningApplication | None = None) -> Submission:
        return Submission.objects.create(
            authority=self.authority,
            application=application,
            source=self.header.source if self.header else Submission.Source.UNKNOWN,
            external_id=self.header.external_id if self.header else "",
            schema_version=self.schema.version,
            schema_checked=self.schema.checked,
            content_type=self.content_type[:100],
            body=self.body,
            sha256=hashlib.sha256(self.body).hexdigest(),
            outcome=outcome,
            faults=[fault.as_dict() for fault in faults],
            received_at=self.at,
            received_through=self.through[:80],
        )

    def keep_refused(self, faults: list[Fault]) -> None:
        self.keep(Submission.Outcome.REFUSED, faults)


def _take_in(arrival: _Arrival, source: str | None) -> Received:
    payload = read_json(arrival.body)
    header = odp.read_header(payload)
    arrival.header = header = header if source is None else Header(**{**header.__dict__, "source": source})
    arrival.authority = authority = _addressed_authority(header, arrival.authority)
    if earlier := _arrived_before(authority, header):
        return _again(arrival, earlier)
    arrival.schema = schemas.check(payload, schema=header.schema)
    return _make_once(arrival, authority, odp.read(payload))


def _make_once(arrival: _Arrival, authority: LocalAuthority, incoming: IncomingApplication) -> Received:
    header = arrival.header or incoming.header
    if earlier := _arrived_before(authority, header):
        return _again(arrival, earlier)
    application_type = _type_of(incoming)
    with transaction.atomic():
        _one_at_a_time(authority, header)
        if earlier := _arrived_before(authority, header):
            return _again(arrival, earlier)
        return _make_case(arrival, authority, incoming, application_type)


def _addressed_authority(header: Header, allowed: LocalAuthority | None) -> LocalAuthority:
    """The authority that the submission is for, which must be the one that the sender may send to."""
    path = "/metadata/organisation"
    if allowed is None:
        named = LocalAuthority.objects.filter(code=header.organisation, is_active=True).first()
        if named is None:
            raise CannotBecomeACase(
                "The submission is for an authority that is not served here.",
                [Fault(path, "is not an authority of this installation")],
            )
        return named
    if header.organisation and header.organisation != allowed.code:
        raise WrongAuthority(
            "The submission is for another authority.", [Fault(path, "is not the authority that you may send to")]
        )
    return allowed


def _arrived_before(authority: LocalAuthority, header: Header) -> Submission | None:
    return (
        Submission.objects.filter(
            authority=authority,
            source=header.source,
            external_id=header.external_id,
            outcome=Submission.Outcome.ACCEPTED,
        )
        .select_related("application")
        .first()
    )


def _again(arrival: _Arrival, earlier: Submission) -> Received:
    """The same submission: no second case. Kept only when its bytes differ from those that we have."""
    if earlier.sha256 != hashlib.sha256(arrival.body).hexdigest():
        arrival.keep(Submission.Outcome.REPEATED, [], earlier.application)
    assert earlier.application is not None  # noqa: S101 - constraint accepted_submission_has_case
    return Received(earlier.application, created=False)


def _one_at_a_time(authority: LocalAuthority, header: Header) -> None:
    """Let a second delivery of the same submission wait until the first is committed."""
    with connection.cursor() as cursor:
        key = f"submission {authority.pk} {header.source} {header.external_id}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _type_of(incoming: IncomingApplication) -> ApplicationType:
    types = ApplicationType.objects.filter(is_active=True)
    code = incoming.type_code
    found = types.filter(code=code).first() or types.filter(other_codes__contains=[code]).first()
    if found is None:
        raise CannotBecomeACase(
            "Applications of this type are not taken in here.",
            [Fault(TYPE_PATH, "is not a type of application that this authority takes in"), *incoming.faults],
        )
    return found


# --- From plain data to rows ---------------------------------------------------------------------------------------


def _make_case(
    arrival: _Arrival, authority: LocalAuthority, incoming: IncomingApplication, application_type: ApplicationType
) -> Received:
    faults = [*incoming.faults]
    day = _received_on(arrival, authority, incoming.header, faults)
    application = _application(authority, incoming, application_type, day)
    Party.objects.bulk_create(Party(application=application, **party.__dict__) for party in incoming.parties)
    _add_constraints(application, incoming, faults)
    documents = _add_documents(application, incoming, faults)
    arrival.keep(Submission.Outcome.ACCEPTED, [*faults, *arrival.schema.faults], application)
    record(
        application,
        "received",
        by=None,
        source=incoming.header.source,
        external_id=incoming.header.external_id,
        through=arrival.through,
        documents=len(documents),
        faults=len(faults) + len(arrival.schema.faults),
    )
    apply_step(application, "accept", by=None)
    enqueue_all(fetch_document, [(document.pk,) for document in documents if document.source_url])
    return Received(application, created=True)


def _received_on(arrival: _Arrival, authority: LocalAuthority, header: Header, faults: list[Fault]) -> date:
    """The day that the clock runs from: the applicant's submission, which the council's own service took.

    A moment that has not come yet is no such moment; then the arrival here counts.
    """
    sent_at = header.submitted_at
    if sent_at is not None and sent_at > arrival.at:
        faults.append(Fault("/metadata/submittedAt", "has not come yet; the moment of arrival counts"))
        sent_at = None
    # From the database: a council made a moment ago may still hold the hour as text.
    closes_at = LocalAuthority.objects.values_list("working_day_ends_at", flat=True).get(pk=authority.pk)
    return received_on(sent_at or arrival.at, closes_at=closes_at)


def _application(
    authority: LocalAuthority, incoming: IncomingApplication, application_type: ApplicationType, day: date
) -> PlanningApplication:
    site = incoming.site
    return PlanningApplication.objects.create(
        authority=authority,
        application_type=application_type,
        reference=ReferenceCounter.allot(authority=authority, suffix=application_type.suffix, year=day.year),
        origin=Origin.SUBMITTED,
        parent=_parent(authority, incoming.parent_reference),
        description=incoming.description,
        description_as_submitted=incoming.description,
        work_status=incoming.work_status,
        project_types=incoming.project_types,
        proposal=incoming.proposal,
        address=site.address,
        postcode=site.postcode,
        uprn=site.uprn,
        usrn=site.usrn,
        ward=site.ward,
        parish=site.parish,
        property_type=site.property_type,
        latitude=site.latitude,
        longitude=site.longitude,
        boundary=incoming.boundary,
        site_area_sqm=incoming.site_area_sqm,
        submitted_at=incoming.header.submitted_at,
        received_on=day,
        fee_calculated=incoming.fee_calculated,
        fee_payable=incoming.fee_payable,
        fee_paid=incoming.fee_paid,
        fee_details=incoming.fee_details,
        ownership_certificate=incoming.ownership_certificate,
        ownership=incoming.ownership,
        declaration=incoming.declaration,
        cil=incoming.cil,
        answers=incoming.answers,
        pre_assessment=incoming.pre_assessment,
    )


def _parent(authority: LocalAuthority, reference: str) -> PlanningApplication | None:
    """The permission that an application to vary or discharge names, when it stands on our own register."""
    key = reference_key(reference)
    return PlanningApplication.objects.of(authority).filter(reference_key=key).first() if key else None


def _add_constraints(application: PlanningApplication, incoming: IncomingApplication, faults: list[Fault]) -> None:
    known = {row.code: row for row in ConstraintType.objects.filter(code__in=[c.code for c in incoming.constraints])}
    rows: dict[str, Constraint] = {}
    for constraint in incoming.constraints:
        if constraint.code not in known:
            faults.append(Fault(constraint.path, "is not a constraint that is known here; look at it by hand"))
            continue
        row = rows.setdefault(
            constraint.code,
            Constraint(
                application=application,
                constraint_type=known[constraint.code],
                source=Constraint.Source.SUBMISSION,
                entities=[],
            ),
        )
        row.entities.extend(constraint.entities)
    Constraint.objects.bulk_create(rows.values())


def _add_documents(
    application: PlanningApplication, incoming: IncomingApplication, faults: list[Fault]
) -> list[Document]:
    codes = {code for file in incoming.files for code in file.types}
    labels = dict(DocumentType.objects.filter(code__in=codes).values_list("code", "label"))
    rows = []
    for file in incoming.files:
        if set(file.types) - set(labels):
            faults.append(Fault(f"{file.path}/type", "holds a kind of document that is not known here"))
        rows.append(Document(application=application, **_document_fields(application, file, labels)))
    return Document.objects.bulk_create(rows)


def _document_fields(application: PlanningApplication, file: IncomingFile, labels: dict[str, str]) -> dict[str, Any]:
    types = [code for code in file.types if code in labels]
    waiting = bool(file.url) or file.is_in_package
    return {
        "title": file.title or _title([labels[code] for code in types]) or file.name,
        "types": types,
        "drawing_number": file.drawing_number,
        "description": file.description,
        "received_on": application.received_on,
        "original_name": file.name,
        "source_url": file.url,
        "fetch_status": Document.FetchStatus.WAITING if waiting else Document.FetchStatus.FAILED,
        "fetch_error": "" if waiting else NO_ADDRESS_FOR_FILE,
        "fetch_due_at": timezone.now() if file.url else None,
        "public_status": file.public_status,
        "withheld_because": file.withheld_because,
    }


def _title(labels: list[str]) -> str:
    """What the document shows: “Floor plan - existing, Floor plan - proposed and 2 more”."""
    first = ", ".join(labels[:2])
    return f"{first} and {len(labels) - 2} more" if len(labels) > 2 else first
