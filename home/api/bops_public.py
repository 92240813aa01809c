"""The public paths of BOPS v2: the register in the shapes that its clients have always read. No token is asked for.

Only what `cases.register.published` lets out. Answers may be kept for a minute, and differ by the header that names the
council.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Literal

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from ninja import Path, Query, Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from accounts.models import LocalAuthority
from accounts.public_address import public_url
from cases.api.applications import TypeOut
from cases.api.asking import Asked, PageAsked, Several, Text, asked_for, several
from cases.api.belongings import DocumentsOut, documents_of, issued_notice_of
from cases.api.legacy import ApplicationOut, Beside, CaseOut, case_out
from cases.api.paging import MOST_COUNTED, Page, Pagination, counted, page_of, pagination
from cases.api.problems import answers
from cases.api.times import Instant, day_as_instant
from cases.models import Comment, PlanningApplication
from cases.register.published import (
    comment_counts,
    public_application,
    public_applications,
    public_comments,
    public_documents,
    public_types,
)
from home.caching import finished

from .councils import VARIES_BY, council_of_api_request
from .odp_application import shown_applications
from .odp_comments import specialist_summary, specialists_asked
from .odp_words import NOT_SAID

NOT_THERE = "No application with this reference is on the register."
# References of older registers have slashes; so the longer addresses stand before the shorter.
ONE = "planning_applications/{path:reference}"
ERRORS = (401, 403, 404, 422, 429, 503)
Reference = Path(..., description="The reference, present or previous.", max_length=60, examples=["26-00107-HAPP"])

router = Router(tags=["Register (BOPS v2)"])


class PublicCasesOut(Schema):
    pagination: Pagination
    data: list[CaseOut]


class PublicDocumentsOut(DocumentsOut):
    pagination: Pagination


class PublicSubmissionOut(Schema):
    application: ApplicationOut
    submission: dict[str, Any] = Field(description="Without personal data; a prototype application of the standard.")


class PublicSentiment(Schema):
    supportive: int = Field(ge=0)
    objection: int = Field(ge=0)
    neutral: int = Field(ge=0)


class PublicSummary(Schema):
    totalComments: int = Field(ge=0)
    sentiment: PublicSentiment


class PublicCommentOut(Schema):
    id: int
    sentiment: str
    comment: str
    receivedAt: Instant


class PublicCommentsOut(Schema):
    pagination: Pagination
    summary: PublicSummary
    comments: list[PublicCommentOut]


class SpecialistsOut(Schema):
    summary: dict[str, Any]
    comments: list[dict[str, Any]]


class SpecialistCommentsOut(Schema):
    pagination: Pagination
    data: SpecialistsOut
    status: dict[str, Any] = Field(description="The HTTP status again: the register's converter passes it on.")


class CommentsAsked(PageAsked):
    query: Text = Field("", description="Words of the comment.")
    sentiment: Several = Field([], description="supportive, neutral or objection; several with commas between them.")
    sortBy: Literal["receivedAt", "publishedAt", "id"] = "receivedAt"
    orderBy: Literal["asc", "desc"] = "desc"


class SpecialistsAsked(PageAsked):
    query: Text = Field("", description="Words of the comment.")
    sentiment: Several = Field([], description="approved, amendmentsNeeded or objected; several with commas.")


ORDERS = {"receivedAt": "received_on", "publishedAt": "published_at", "id": "pk"}


def kept_for_a_minute(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """With Cache-Control and ETag, or 304; not the same for every council, whatever the host name."""

    @wraps(run)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = run(request, *args, **kwargs)
        patch_vary_headers(response, VARIES_BY)
        return finished(request, response)

    return answered


router.add_decorator(kept_for_a_minute, mode="view")


# --- Applications -----------------------------------------------------------------------------------------------------


@router.get(
    "planning_applications/search",
    response=answers(PublicCasesOut, *ERRORS),
    exclude_unset=True,
    url_name="bops_public_search",
    summary="Applications on the register",
)
def search(request: HttpRequest, asked: Query[Asked]) -> Any:
    """The newest first, unless sorted otherwise."""
    council = council_of_api_request(request)
    found, total = asked_for(public_applications(council), asked, is_for_the_public=True)
    page = page_of(found, asked.page, asked.length, total=total)
    beside = Beside.of(page.rows)
    available = _register_size(council) if asked.narrows else page.total
    return {
        "pagination": pagination(page, available=available),
        "data": [_shown(council, application, beside) for application in page.rows],
    }


@router.get(
    f"{ONE}/documents",
    response=answers(PublicDocumentsOut, *ERRORS),
    exclude_unset=True,
    url_name="bops_public_documents",
    summary="Published documents",
)
def documents(request: HttpRequest, asked: Query[PageAsked], reference: str = Reference) -> Any:
    """Once the decision is issued, with the address of its notice."""
    council, application = _found(request, reference)
    page = page_of(public_documents(application).order_by("-received_on", "-pk"), asked.page, asked.length)
    files = [
        (document, public_url(council, _path("register_document", application, document.pk))) for document in page.rows
    ]
    brief = _brief(council, application)
    shown = documents_of(files, application=brief, notice=issued_notice_of(application))
    shown["metadata"]["totalResults"] = page.total
    return {**shown, "pagination": pagination(page, available=page.total)}


@router.get(
    f"{ONE}/submission",
    response=answers(PublicSubmissionOut, *ERRORS),
    url_name="bops_public_submission",
    summary="The application form, without personal data",
)
def submission(request: HttpRequest, reference: str = Reference) -> Any:
    council, application = _found(request, reference)
    if application.status in NOT_SAID:
        raise HttpError(HTTPStatus.NOT_FOUND, "The form of an application closed without decision is not published.")
    (shown,) = shown_applications([application], authority=council, base=public_url(council))
    return {"application": _brief(council, application), "submission": shown["submission"]}


# --- Comments ---------------------------------------------------------------------------------------------------------


@router.get(
    f"{ONE}/comments/public",
    response=answers(PublicCommentsOut, *ERRORS),
    url_name="bops_public_comments",
    summary="Published comments of the public",
)
def comments(request: HttpRequest, asked: Query[CommentsAsked], reference: str = Reference) -> Any:
    """In their redacted words."""
    _, application = _found(request, reference)
    found = public_comments(application).filter(kind=Comment.Kind.PUBLIC)
    available = counted(found)
    if words := asked.query.replace("\0", " ").strip():
        found = found.filter(redacted_text__icontains=words)
    if sentiments := several(asked.sentiment):
        found = found.filter(sentiment__in=sentiments)
    sign = "" if asked.orderBy == "asc" else "-"
    page = page_of(found.order_by(f"{sign}{ORDERS[asked.sortBy]}", f"{sign}pk"), asked.page, asked.length)
    return {
        "pagination": pagination(page, available=available),
        "summary": _summary(application),
        "comments": [_comment(comment) for comment in page.rows],
    }


@router.get(
    f"{ONE}/comments/specialist",
    response=answers(SpecialistCommentsOut, *ERRORS),
    url_name="bops_public_specialists",
    summary="Published replies of consultees",
)
def specialists(request: HttpRequest, asked: Query[SpecialistsAsked], reference: str = Reference) -> Any:
    """Consultees with their replies in redacted words, the newest first."""
    council, application = _found(request, reference)
    query = QueryDict(mutable=True)
    query.update({"query": asked.query, "sentiment": ",".join(several(asked.sentiment))})
    shown = specialists_asked(application, query, council)
    summary = specialist_summary(application)
    page = Page.of_all(shown, asked.page, asked.length)
    return {
        "pagination": pagination(page, available=summary["totalConsulted"]),
        "data": {"summary": summary, "comments": page.rows},
        "status": {"code": 200, "message": "OK"},
    }


@router.get(
    ONE,
    response=answers(CaseOut, *ERRORS),
    exclude_unset=True,
    url_name="bops_public_application",
    summary="One application",
)
def application(request: HttpRequest, reference: str = Reference) -> Any:
    council, application = _found(request, reference)
    return _shown(council, application, Beside.of([application]))


@router.get(
    "application_types",
    response=answers(list[TypeOut], 401, 403, 404, 429, 503),
    url_name="bops_public_types",
    summary="Types of application on the register",
)
def application_types(request: HttpRequest) -> Any:
    council_of_api_request(request)
    return list(public_types().values("code", "name", "suffix"))


# --- What they share --------------------------------------------------------------------------------------------------


def _found(request: HttpRequest, reference: str) -> tuple[LocalAuthority, PlanningApplication]:
    council = council_of_api_request(request)
    application = public_application(council, reference)
    if application is None:
        raise HttpError(HTTPStatus.NOT_FOUND, NOT_THERE)
    application.authority = council  # read already
    return council, application


def _shown(council: LocalAuthority, application: PlanningApplication, beside: Beside) -> dict[str, Any]:
    application.authority = council
    page = public_url(council, _path("register_application", application))
    return case_out(application, beside, page_address=page, is_for_the_public=True)


def _brief(council: LocalAuthority, application: PlanningApplication) -> dict[str, Any]:
    return _shown(council, application, Beside.of([application]))["application"]


def _path(name: str, application: PlanningApplication, *more: int) -> str:
    return reverse(name, args=[application.reference, *more])


def _summary(application: PlanningApplication) -> dict[str, Any]:
    counts = comment_counts(application)
    sentiment = {said.slug: count for said, count in counts.by_sentiment}
    return {"totalComments": counts.total, "sentiment": sentiment}


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.pk,
        "sentiment": comment.sentiment,
        "comment": comment.redacted_text,
        "receivedAt": day_as_instant(comment.received_on),
    }


def _register_size(council: LocalAuthority) -> int:
    """How many applications the register has, as of the last minute; counted no further than is said."""

    def count() -> int:
        return min(counted(public_applications(council)), MOST_COUNTED)

    return cache.get_or_set(f"register-size:{council.pk}", count, settings.REGISTER_CACHE_SECONDS) or 0
