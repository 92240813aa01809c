"""Cases as a council's own systems read them: everything of that council, for a token that may read.

Flat and in the keys of BOPS v2's authenticated paths. The public's paths are in home/api: fewer fields, and those of
`cases.register.published` alone.
"""

from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from ninja import Path, Schema
from ninja.errors import HttpError
from pydantic import Field

from accounts.models import LocalAuthority
from cases.models import Comment, Constraint, Document, Party, PlanningApplication, reference_key
from cases.models.constraint import APPLYING

from . import corrections
from .corrections import CorrectionOut
from .times import Instant, day_as_instant, instant
from .tokens import council_of_token

NOT_THERE = "This council has no application with this reference or id."
LARGEST_KEY = 2**63 - 1
Reference = Path(..., description="Reference or id.", min_length=1, max_length=60, examples=["26-00107-HAPP"])


class SiteOut(Schema):
    address_1: str
    postcode: str
    uprn: str
    ward: str
    parish: str
    latitude: float | None
    longitude: float | None


class DocumentBriefOut(Schema):
    id: int
    name: str
    tags: list[str]
    numbers: str
    applicant_description: str
    created_at: Instant


class PublishedCommentOut(Schema):
    comment: str
    received_at: Instant
    summary_tag: str


class CaseConsultationOut(Schema):
    end_date: date | None


class FlatCaseOut(Schema):
    """An application with everything that the council knows of it, personal data among it."""

    id: int
    reference: str
    reference_in_full: str
    status: str
    application_type: str
    application_type_code: str
    description: str
    site: SiteOut
    boundary_geojson: dict[str, Any] | None
    work_status: str
    applicant_first_name: str | None
    applicant_last_name: str | None
    applicant_company: str | None
    applicant_email: str | None
    applicant_phone: str | None
    applicant_address: str | None
    agent_first_name: str | None
    agent_last_name: str | None
    agent_company: str | None
    agent_email: str | None
    agent_phone: str | None
    agent_address: str | None
    assigned_user_name: str | None
    payment_amount: float | None
    payment_reference: str | None
    received_date: date
    validAt: Instant | None
    publishedAt: Instant | None
    created_at: Instant
    invalidated_at: Instant | None
    returned_at: Instant | None
    withdrawn_at: Instant | None
    determined_at: Instant | None
    determination_date: date | None
    target_date: date | None
    expiry_date: date | None
    decision: str | None = Field(description="The decision's own code; null before it is issued.")
    notice_corrections: list[CorrectionOut] = Field(description=corrections.DESCRIPTION)
    constraints: list[str]
    documents: list[DocumentBriefOut] = Field(description="Those that are published.")
    published_comments: list[PublishedCommentOut]
    consultee_comments: list[PublishedCommentOut]
    consultation: CaseConsultationOut
    make_public: bool


class CaseNameOut(Schema):
    """What a system learns that may only send comments: that the application is there, and what it is called."""

    id: int
    reference: str


def cases_of(authority: LocalAuthority) -> QuerySet[PlanningApplication]:
    """Every case of the council, with what lists show of it."""
    return PlanningApplication.objects.of(authority).for_lists()


def case_of(authority: LocalAuthority, reference_or_id: str) -> PlanningApplication | None:
    """The council's case with this reference, whatever its punctuation, or else with this id; None where there is none.

    A reference comes first: those of older registers may be plain numbers.
    """
    key = reference_key(reference_or_id)
    cases = cases_of(authority)
    named = list(cases.filter(reference_key=key)[:5]) if key else []
    exact = [case for case in named if reference_or_id in {case.reference, case.reference.replace("/", "-")}]
    found = next(iter(exact or named), None)
    if found is None and key:
        found = cases.filter(previous_references__reference_key=key).first()
    return found or case_with_id(authority, reference_or_id)


def case_with_id(authority: LocalAuthority, text: str) -> PlanningApplication | None:
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or int(text) > LARGEST_KEY:
        return None
    return cases_of(authority).filter(pk=int(text)).first()


def case_asked(request: HttpRequest, reference: str) -> PlanningApplication:
    """The case of the token's council; of another council's there is no sign."""
    case = case_of(council_of_token(request), reference)
    if case is None:
        raise HttpError(HTTPStatus.NOT_FOUND, NOT_THERE)
    return case


def with_everything(cases: QuerySet[PlanningApplication]) -> QuerySet[PlanningApplication]:
    """For `flat`: five questions more, however many cases."""
    return cases.prefetch_related(
        Prefetch("parties", Party.objects.filter(role__in=[Party.Role.APPLICANT, Party.Role.AGENT])),
        Prefetch("documents", Document.objects.public(), to_attr="published_documents"),
        Prefetch("comments", Comment.objects.filter(published_at__isnull=False), to_attr="published_comments"),
        corrections.prefetched(),
        Prefetch("constraints", Constraint.objects.filter(APPLYING).select_related("constraint_type")),
    )


def flat(case: PlanningApplication) -> dict[str, Any]:
    """A case of `with_everything` in the shape of `FlatCaseOut`."""
    people = {party.role: party for party in case.parties.all()}
    return {
        "id": case.pk,
        "reference": case.reference,
        "reference_in_full": f"{case.authority.code}-{case.reference}",
        "status": case.status,
        "application_type": case.application_type.name,
        "application_type_code": case.application_type.code,
        "description": case.description,
        "site": {
            "address_1": case.address,
            "postcode": case.postcode,
            "uprn": case.uprn,
            "ward": case.ward,
            "parish": case.parish,
            "latitude": case.latitude,
            "longitude": case.longitude,
        },
        "boundary_geojson": case.boundary,
        "work_status": case.work_status,
        **_person(people.get(Party.Role.APPLICANT), "applicant"),
        **_person(people.get(Party.Role.AGENT), "agent"),
        "assigned_user_name": case.officer_name or None,
        "payment_amount": case.fee_paid if case.fee_paid is not None else case.fee_payable,
        "payment_reference": _payment_reference(case),
        **_times(case),
        "decision": case.decision or None,
        "notice_corrections": corrections.out(case.corrections),  # type: ignore[attr-defined]
        "constraints": [row.constraint_type.code for row in case.constraints.all()],
        "documents": [_document(row) for row in case.published_documents],  # type: ignore[attr-defined]
        "published_comments": _comments(case, Comment.Kind.PUBLIC),
        "consultee_comments": _comments(case, Comment.Kind.CONSULTEE),
        "consultation": {"end_date": case.consultation_ends_on},
        "make_public": case.published_at is not None,
    }


def _times(case: PlanningApplication) -> dict[str, date | datetime | str | None]:
    return {
        "received_date": case.received_on,
        "validAt": day_as_instant(case.valid_from),
        "publishedAt": instant(case.published_at),
        "created_at": instant(case.created_at),
        "invalidated_at": day_as_instant(case.invalidated_on),
        "returned_at": day_as_instant(case.returned_on),
        "withdrawn_at": day_as_instant(case.withdrawn_on),
        "determined_at": day_as_instant(case.decided_on),
        "determination_date": case.decided_on,
        "target_date": case.statutory_expiry_on,
        "expiry_date": case.expires_on,
    }


def _person(party: Party | None, role: str) -> dict[str, str | None]:
    parts = ("first_name", "last_name", "company", "email", "phone", "address")
    return {f"{role}_{part}": (getattr(party, part) or None) if party else None for part in parts}


def _payment_reference(case: PlanningApplication) -> str | None:
    reference = case.fee_details.get("reference") if isinstance(case.fee_details, dict) else None
    if isinstance(reference, dict):
        reference = reference.get("govPay")
    return str(reference) if reference else None


def _document(document: Document) -> dict[str, Any]:
    return {
        "id": document.pk,
        "name": document.title,
        "tags": document.types,
        "numbers": document.drawing_number,
        "applicant_description": document.description,
        "created_at": instant(document.created_at),
    }


def _comments(case: PlanningApplication, kind: str) -> list[dict[str, Any]]:
    return [
        {
            "comment": comment.redacted_text,
            "received_at": day_as_instant(comment.received_on),
            "summary_tag": comment.sentiment,
        }
        for comment in case.published_comments  # type: ignore[attr-defined]
        if comment.kind == kind
    ]
