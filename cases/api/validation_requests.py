"""What applicants were asked to put right: of one case, or of all of a council's."""

from typing import Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Schema
from pydantic import Field

from cases.models import ValidationRequest

from .asking import Day, PageAsked
from .lists import Links, ListMetadata, listed
from .paging import page_of
from .problems import answers
from .reading import Reference, case_asked
from .routers import v2
from .times import Instant, day_as_instant, instant
from .tokens import council_of_token

Answer = ValidationRequest.Answer
# Our kinds, and what v2 calls them.
KINDS = {
    ValidationRequest.Kind.ADDITIONAL_DOCUMENT: "AdditionalDocumentValidationRequest",
    ValidationRequest.Kind.REPLACEMENT_DOCUMENT: "ReplacementDocumentValidationRequest",
    ValidationRequest.Kind.DESCRIPTION: "DescriptionChangeValidationRequest",
    ValidationRequest.Kind.RED_LINE: "RedLineBoundaryChangeValidationRequest",
    ValidationRequest.Kind.FEE: "FeeChangeValidationRequest",
    ValidationRequest.Kind.OWNERSHIP: "OwnershipCertificateValidationRequest",
    ValidationRequest.Kind.OTHER: "OtherChangeValidationRequest",
    ValidationRequest.Kind.PRE_COMMENCEMENT: "PreCommencementConditionValidationRequest",
    ValidationRequest.Kind.HEADS_OF_TERMS: "HeadsOfTermsValidationRequest",
    ValidationRequest.Kind.EXTENSION_OF_TIME: "TimeExtensionValidationRequest",
}
Kind = Literal[
    "AdditionalDocumentValidationRequest",
    "ReplacementDocumentValidationRequest",
    "DescriptionChangeValidationRequest",
    "RedLineBoundaryChangeValidationRequest",
    "FeeChangeValidationRequest",
    "OwnershipCertificateValidationRequest",
    "OtherChangeValidationRequest",
    "PreCommencementConditionValidationRequest",
    "HeadsOfTermsValidationRequest",
    "TimeExtensionValidationRequest",
]
OURS = {theirs: ours for ours, theirs in KINDS.items()}


class CaseReferenceOut(Schema):
    reference: str


class AsksFor(Schema):
    suggestion: str = Field(description="What would put it right.")


class RequestOut(Schema):
    id: int
    planning_application: CaseReferenceOut
    type: Kind
    state: Literal["pending", "open", "closed", "cancelled"]
    title: str
    reason: str
    approved: bool | None = Field(
        description="Whether the applicant agreed to what was proposed. Null: there is no answer yet, the answer is a "
        "reply, or a pre-commencement condition was left without an answer, which is no agreement (SI 2018/566)."
    )
    rejection_reason: str | None = Field(description="Why the applicant does not agree, in their words.")
    response: str | None = Field(description="What the applicant wrote, or how an officer settled it.")
    auto_closed: bool = Field(
        description="Closed because no answer came in time: a description counts as agreed (`approved` is true), a "
        "pre-commencement condition may be imposed without agreement."
    )
    created_at: Instant
    notified_at: Instant | None
    answered_at: Instant | None = Field(description="When the applicant answered; null where nobody did.")
    arrived_at: Instant | None = Field(description="The day on which the remedy arrived.")
    cancel_reason: str | None
    closed_at: Instant | None
    specific_attributes: AsksFor


class RequestsOut(Schema):
    metadata: ListMetadata
    links: Links
    data: list[RequestOut]


class RequestsAsked(PageAsked):
    type: Kind | None = None
    from_date: Day = Field(None, description="Sent on this day or later.")
    to_date: Day = Field(None, description="Sent on this day or earlier.")


@v2.get(
    "validation_requests",
    response=answers(RequestsOut, 401, 403, 422, 429),
    by_alias=True,
    tags=["Cases"],
    summary="What applicants were asked for",
)
def validation_requests(request: HttpRequest, asked: Query[RequestsAsked]) -> Any:
    """Those that were sent, the last first."""
    sent = ValidationRequest.objects.filter(
        application__authority=council_of_token(request), sent_at__isnull=False
    ).order_by("-sent_at", "-pk")
    return _answer(request, sent, asked)


@v2.get(
    "planning_applications/{reference}/validation_requests",
    response=answers(RequestsOut, 401, 403, 404, 422, 429),
    by_alias=True,
    tags=["Cases"],
    summary="What the applicant was asked for",
)
def validation_requests_of_case(request: HttpRequest, asked: Query[RequestsAsked], reference: str = Reference) -> Any:
    """Those that are not sent yet too, the last first."""
    return _answer(request, case_asked(request, reference).validation_requests.order_by("-raised_at", "-pk"), asked)


def _answer(request: HttpRequest, requests: QuerySet[ValidationRequest], asked: RequestsAsked) -> dict[str, Any]:
    if asked.type:
        requests = requests.filter(kind=OURS[asked.type])
    if asked.from_date:
        requests = requests.filter(sent_at__date__gte=asked.from_date)
    if asked.to_date:
        requests = requests.filter(sent_at__date__lte=asked.to_date)
    page = page_of(requests.select_related("application"), asked.page, asked.length)
    return listed(request, page, [_request(row) for row in page.rows])


def _request(row: ValidationRequest) -> dict[str, Any]:
    return {
        "id": row.pk,
        "planning_application": {"reference": row.application.reference},
        "type": KINDS[ValidationRequest.Kind(row.kind)],
        "state": _state(row),
        "title": row.title,
        "reason": row.text,
        "approved": _approved(row),
        "rejection_reason": row.answer_text or None if row.answer == Answer.DISAGREED else None,
        "response": row.answer_text or row.resolution or None,
        "auto_closed": row.answer == Answer.SILENCE,
        "created_at": instant(row.raised_at),
        "notified_at": instant(row.sent_at),
        "answered_at": None if row.answer == Answer.SILENCE else instant(row.answered_at),
        "arrived_at": day_as_instant(row.arrived_on),
        "cancel_reason": row.cancelled_because or None,
        "closed_at": instant(row.resolved_at),
        "specific_attributes": {"suggestion": row.what_to_send},
    }


def _approved(row: ValidationRequest) -> bool | None:
    if row.answer == Answer.SILENCE:
        return True if row.kind == ValidationRequest.Kind.DESCRIPTION else None
    return {Answer.AGREED.value: True, Answer.DISAGREED.value: False}.get(row.answer)


def _state(row: ValidationRequest) -> str:
    if row.cancelled_because:
        return "cancelled"
    if not row.is_open:
        return "closed"
    return "open" if row.sent_at else "pending"
