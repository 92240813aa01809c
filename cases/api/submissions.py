"""HTTP in: submissions."""

from http import HTTPStatus
from io import BytesIO
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from accounts.models import ApiToken
from cases.intake.incoming import CannotBecomeACase, NotReadable, Refused, WrongAuthority
from cases.intake.receiving import receive

from .problems import Problem, problem
from .tokens import BearerToken

CHUNK_BYTES = 64 * 1024
STATUS_OF = {
    NotReadable: HTTPStatus.BAD_REQUEST,
    CannotBecomeACase: HTTPStatus.UNPROCESSABLE_ENTITY,
    WrongAuthority: HTTPStatus.FORBIDDEN,
}


router = Router(auth=BearerToken(), tags=["Submissions"])


class Created(Schema):
    id: str
    message: str


class Pong(Schema):
    message: str
    timestamp: str


@router.get("ping", response={200: Pong}, summary="Whether the token works")
def ping(request: HttpRequest) -> Any:
    return {"message": "OK", "timestamp": timezone.now().isoformat()}


@router.post(
    "planning_applications",
    response={200: Created, 400: Problem, 401: Problem, 403: Problem, 413: Problem, 415: Problem, 422: Problem},
    summary="Send an application",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "description": "An application or preApplication payload of the Digital Planning Data schemas.",
                    }
                }
            },
        }
    },
)
def create_planning_application(request: HttpRequest) -> Any:
    """The same `metadata.id` again gets the same answer and makes no second application."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    if ApiToken.Scope.SUBMIT not in token.scopes:
        return problem(HTTPStatus.FORBIDDEN, "This token may not send submissions.")
    if not _is_json(request):
        return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send application/json in UTF-8, not compressed.")
    try:
        body = _read_body(request)
    except OSError:
        return problem(HTTPStatus.BAD_REQUEST, "The submission broke off on the way.")
    if body is None:
        limit = settings.MAX_SUBMISSION_BYTES // 1024 // 1024
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A submission may have {limit} MB at most.")
    try:
        received = receive(
            body,
            authority=token.authority,
            content_type=request.headers.get("Content-Type", ""),
            through=f"API token {token.name}",
        )
    except Refused as refusal:
        return problem(STATUS_OF[type(refusal)], str(refusal), refusal.faults)
    return {"id": received.application.reference, "message": "Application created"}


def _is_json(request: HttpRequest) -> bool:
    kind = (request.content_type or "").lower()
    charset = (request.content_params or {}).get("charset", "utf-8").lower().replace("-", "")
    is_plain = request.headers.get("Content-Encoding", "identity").lower() == "identity"
    is_json = kind == "application/json" or kind.endswith("+json")
    return is_json and is_plain and charset in {"utf8", "usascii", "ascii"}


def _read_body(request: HttpRequest) -> bytes | None:
    """The body, read no further than the limit; None when it is longer.

    Not `request.body`: that has another limit, and reads nothing of a body sent in chunks without a length.
    """
    limit = settings.MAX_SUBMISSION_BYTES
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdigit() and int(length) > limit:
        return None
    is_chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    stream = request.META["wsgi.input"] if is_chunked and not length else request
    body = BytesIO()
    while chunk := stream.read(min(CHUNK_BYTES, limit + 1 - body.tell())):
        body.write(chunk)
        if body.tell() > limit:
            return None
    return body.getvalue()
