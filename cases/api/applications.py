"""A council's cases for its own systems: lists, search, one, and what belongs to it. Paths of BOPS v2."""

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from ninja import Query, Schema
from ninja.errors import HttpError
from pydantic import Field

from accounts.public_address import public_url
from cases.documents.serving import file_response
from cases.models import PlanningApplication, Submission

from .asking import Asked, PageAsked, asked_for
from .belongings import (
    CommentsOut,
    DocumentsOut,
    comments_of,
    documents_of,
    issued_notice_of,
    types_in_use,
)
from .legacy import ApplicationOut, Beside, CaseOut, case_out
from .lists import Links, ListMetadata, listed
from .paging import page_of
from .problems import answers
from .reading import NOT_THERE, CaseNameOut, FlatCaseOut, Reference, case_asked, cases_of, flat, with_everything
from .routers import v2
from .times import Instant, instant
from .tokens import READ, RESPOND, BearerToken, council_of_token, token_of

LONGEST_LIST = 50


class Pong(Schema):
    message: str = Field(examples=["OK"])
    timestamp: Instant


class FlatCasesOut(Schema):
    metadata: ListMetadata
    links: Links
    data: list[FlatCaseOut]


class FeeOut(Schema):
    calculated: float | None
    payable: float | None
    paid: float | None


class CaseWithFeeOut(CaseOut):
    applicationFee: FeeOut


class CasesOut(Schema):
    metadata: ListMetadata
    links: Links
    data: list[CaseWithFeeOut]


class SubmissionOut(Schema):
    application: ApplicationOut
    submission: dict[str, Any] = Field(description="As it was received.")


class TypeOut(Schema):
    code: str = Field(examples=["pp.full.householder"])
    name: str
    suffix: str = Field(examples=["HAPP"])


class ListAsked(PageAsked):
    ids: list[int] = Field([], max_length=LONGEST_LIST, description="Only these.")


@v2.get(
    "ping",
    auth=BearerToken(),
    response=answers(Pong, 401, 429),
    tags=["Cases"],
    summary="Whether the token works",
)
def ping(request: HttpRequest) -> Any:
    return {"message": "OK", "timestamp": instant(timezone.now())}


@v2.get(
    "planning_applications",
    response=answers(FlatCasesOut, 401, 403, 422, 429),
    by_alias=True,
    tags=["Cases"],
    summary="Cases",
)
def planning_applications(request: HttpRequest, asked: Query[ListAsked]) -> Any:
    """Those that came to this system last stand first."""
    cases = with_everything(cases_of(council_of_token(request)).order_by("-pk"))
    if asked.ids:
        cases = cases.filter(pk__in=[key for key in asked.ids if 0 < key < 2**63])
    page = page_of(cases, asked.page, asked.length)
    return listed(request, page, [flat(case) for case in page.rows])


@v2.get(
    "planning_applications/search",
    response=answers(CasesOut, 401, 403, 422, 429),
    by_alias=True,
    exclude_unset=True,
    tags=["Cases"],
    summary="Cases that fit",
)
def search(request: HttpRequest, asked: Query[Asked]) -> Any:
    """Also those that are not on the register; in the shape of the public path, with the officer and the fee."""
    found, total = asked_for(cases_of(council_of_token(request)), asked, is_for_the_public=False)
    page = page_of(found, asked.page, asked.length, total=total)
    beside = Beside.of(page.rows)
    return listed(request, page, [_with_fee(request, case, beside) for case in page.rows])


@v2.get(
    "planning_applications/{reference}",
    auth=BearerToken(READ, RESPOND),
    response=answers(FlatCaseOut | CaseNameOut, 401, 403, 404, 422, 429),
    tags=["Cases"],
    summary="One case",
)
def planning_application(request: HttpRequest, reference: str = Reference) -> Any:
    """A token that may only send comments learns the id of an application on the register, and nothing more."""
    case = case_asked(request, reference)
    if READ in token_of(request).scopes:
        return FlatCaseOut(**flat(with_everything(cases_of(case.authority)).get(pk=case.pk)))
    if not case.is_on_register:
        raise HttpError(HTTPStatus.NOT_FOUND, NOT_THERE)
    return CaseNameOut(id=case.pk, reference=case.reference)


@v2.get(
    "planning_applications/{reference}/documents",
    response=answers(DocumentsOut, 401, 403, 404, 422, 429),
    exclude_unset=True,
    tags=["Cases"],
    summary="Documents of a case",
)
def documents(request: HttpRequest, reference: str = Reference) -> Any:
    """All current ones, published or not. Their addresses ask for the token."""
    case = case_asked(request, reference)
    files = [
        (document, public_url(case.authority, reverse("api:case_document", args=[case.pk, document.pk])))
        for document in case.documents.with_file().current()
    ]
    return documents_of(files, application=_brief(request, case), notice=issued_notice_of(case))


@v2.get(
    "planning_applications/{reference}/documents/{document_id}",
    url_name="case_document",
    response={302: None, **answers(None, 401, 403, 404, 422, 429)},
    tags=["Cases"],
    summary="The file of a document",
    openapi_extra={"responses": {200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}},
)
def document_file(request: HttpRequest, document_id: int, reference: str = Reference) -> HttpResponseBase:
    case = case_asked(request, reference)
    document = case.documents.filter(pk=document_id).first() if 0 < document_id < 2**63 else None
    if document is None:
        raise HttpError(HTTPStatus.NOT_FOUND, "The case has no such document.")
    return file_response(document, inline=False)


@v2.get(
    "planning_applications/{reference}/submission",
    response=answers(SubmissionOut, 401, 403, 404, 422, 429),
    tags=["Cases"],
    summary="What was submitted",
)
def submission(request: HttpRequest, reference: str = Reference) -> Any:
    """As it was received, personal data among it. 404 where the case came in another way than as JSON."""
    case = case_asked(request, reference)
    received = case.submissions.filter(outcome=Submission.Outcome.ACCEPTED).first()
    try:
        sent = json.loads(bytes(received.body)) if received else None
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise HttpError(HTTPStatus.NOT_FOUND, "This case has no submission in JSON.")
    return {"application": _brief(request, case), "submission": sent}


@v2.get(
    "planning_applications/{reference}/comments/public",
    response=answers(CommentsOut, 401, 403, 404, 422, 429),
    tags=["Cases"],
    summary="What the public said",
)
def public_comments(request: HttpRequest, asked: Query[PageAsked], reference: str = Reference) -> Any:
    """Every comment in full, published or not."""
    return comments_of(case_asked(request, reference), "public", asked)


@v2.get(
    "planning_applications/{reference}/comments/specialist",
    response=answers(CommentsOut, 401, 403, 404, 422, 429),
    tags=["Cases"],
    summary="What consultees said",
)
def specialist_comments(request: HttpRequest, asked: Query[PageAsked], reference: str = Reference) -> Any:
    """Every reply in full, published or not."""
    return comments_of(case_asked(request, reference), "consultee", asked)


@v2.get(
    "application_types",
    response=answers(list[TypeOut], 401, 403, 429),
    tags=["Cases"],
    summary="Types of application",
)
def application_types(request: HttpRequest) -> Any:
    return types_in_use()


def _shown(request: HttpRequest, case: PlanningApplication, beside: Beside) -> dict[str, Any]:
    address = None
    case.authority = council_of_token(request)  # the same for all, with its site, which is read once
    if case.is_on_register:
        address = public_url(case.authority, reverse("register_application", args=[case.reference]))
    return case_out(case, beside, page_address=address, is_for_the_public=False)


def _brief(request: HttpRequest, case: PlanningApplication) -> dict[str, Any]:
    return _shown(request, case, Beside.of([case]))["application"]


def _with_fee(request: HttpRequest, case: PlanningApplication, beside: Beside) -> dict[str, Any]:
    fee = {"calculated": case.fee_calculated, "payable": case.fee_payable, "paid": case.fee_paid}
    return {**_shown(request, case, beside), "applicationFee": fee}
