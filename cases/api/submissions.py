"""HTTP in: submissions. Two addresses and one handler, because senders move from the first to the second."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Literal

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Schema
from ninja.errors import HttpError
from pydantic import Field

from accounts.models import ApiToken
from cases.intake.incoming import CannotBecomeACase, NotReadable, Refused, WrongAuthority
from cases.intake.receiving import receive

from .bodies import is_json, read_body
from .portal import Announced, PortalSignature, take_notice, take_signed_notice
from .problems import answers, problem
from .routers import v2
from .tokens import SUBMIT, BearerToken

STATUS_OF = {
    NotReadable: HTTPStatus.BAD_REQUEST,
    CannotBecomeACase: HTTPStatus.UNPROCESSABLE_ENTITY,
    WrongAuthority: HTTPStatus.FORBIDDEN,
}
# PlanX sends a session once more unless it has heard exactly this.
CREATED = "Application created"


class Created(Schema):
    id: str = Field(description="The reference of the application.", examples=["26-00107-HAPP"])
    message: str = Field(examples=[CREATED])


def _takes(schema: str, *, needs: Sequence[str] = ("data", "metadata")) -> dict[str, Any]:
    """How an operation describes the body that it reads by itself."""
    described = {"type": "object", "description": schema, "required": list(needs)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": described}}}}


ODP = _takes("An application or preApplication payload of the Open Digital Planning schemas, as PlanX sends it.")
NOTICE = _takes("A notice of the Planning Portal, which names the ZIP of an application.", needs=["applicationRef"])
EITHER = _takes("A payload of the Open Digital Planning schemas, or a notice of the Planning Portal.", needs=[])
ERRORS = (400, 401, 403, 413, 415, 422, 429)


@v2.post(
    "planning_applications",
    auth=BearerToken(SUBMIT),
    tags=["Submissions"],
    response=answers(Created, *ERRORS),
    summary="Send an application",
    openapi_extra=ODP,
)
def create_planning_application(request: HttpRequest) -> Any:
    """The same `metadata.id` again gets the same answer and makes no second application."""
    return _submission(request, take_odp)


@v2.post(
    "submissions",
    auth=BearerToken(SUBMIT),
    tags=["Submissions"],
    response=answers(Created | Announced, *ERRORS),
    summary="Send a submission",
    openapi_extra=EITHER,
)
def create_submission(
    request: HttpRequest,
    written_in: Literal["odp", "planning-portal"] = Query("odp", alias="schema", description="What the body is."),
) -> Any:
    """The address that senders are moving to: Open Digital Planning as at `planning_applications`, or the Planning
    Portal's notice that a ZIP can be fetched."""
    return _submission(request, TAKERS[written_in])


@v2.post(
    "submissions/{council}",
    auth=PortalSignature(),
    tags=["Submissions"],
    response=answers(Announced, *ERRORS),
    summary="Send a notice of the Planning Portal, signed by it",
    openapi_extra=NOTICE,
)
def create_signed_submission(
    request: HttpRequest,
    council: str,
    written_in: Literal["planning-portal"] = Query("planning-portal", alias="schema", description="What the body is."),
) -> Any:
    """`council` is the council's code. The header `tq-timestamp` holds the moment that was signed."""
    return _submission(request, take_signed_notice)


def _submission(request: HttpRequest, take: Callable[[bytes, str, Any], dict[str, Any]]) -> Any:
    if not is_json(request):
        raise HttpError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send application/json in UTF-8, not compressed.")
    try:
        body = read_body(request)
    except OSError as error:
        raise HttpError(HTTPStatus.BAD_REQUEST, "The submission broke off on the way.") from error
    if body is None:
        limit = settings.MAX_SUBMISSION_BYTES // 1024 // 1024
        raise HttpError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A submission may have {limit} MB at most.")
    try:
        return take(body, request.headers.get("Content-Type", ""), request.auth)  # type: ignore[attr-defined]
    except Refused as refusal:
        return problem(STATUS_OF[type(refusal)], str(refusal), refusal.faults)


def take_odp(body: bytes, content_type: str, token: ApiToken) -> dict[str, str]:
    """Open Digital Planning: an application comes of it at once."""
    received = receive(body, authority=token.authority, content_type=content_type, through=f"API token {token.name}")
    return {"id": received.application.reference, "message": CREATED}


TAKERS: dict[str, Callable[[bytes, str, ApiToken], dict[str, Any]]] = {"odp": take_odp, "planning-portal": take_notice}
