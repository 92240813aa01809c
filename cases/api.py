"""HTTP in: submissions. HTTP out: other systems."""

from datetime import timedelta
from http import HTTPStatus
from io import BytesIO
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from ninja import Router, Schema
from ninja.security import HttpBearer

from accounts.models import ApiToken

from .intake.incoming import CannotBecomeACase, Fault, NotReadable, Refused, WrongAuthority
from .intake.receiving import receive

CHUNK_BYTES = 64 * 1024
USED_EVERY = timedelta(minutes=1)
STATUS_OF = {
    NotReadable: HTTPStatus.BAD_REQUEST,
    CannotBecomeACase: HTTPStatus.UNPROCESSABLE_ENTITY,
    WrongAuthority: HTTPStatus.FORBIDDEN,
}


class BearerToken(HttpBearer):
    """A token made by `manage.py create_api_token`."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = ApiToken.objects.named_by(token)
        if found is not None:
            _note_use(found)
        return found


def _note_use(token: ApiToken) -> None:
    """When the token was last used: to the minute is enough, and saves a write for every request."""
    now = timezone.now()
    not_just_now = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
    ApiToken.objects.filter(not_just_now, pk=token.pk).update(last_used_at=now)


router = Router(auth=BearerToken(), tags=["Submissions"])


class Created(Schema):
    id: str
    message: str


class FaultOut(Schema):
    path: str
    reason: str


class Problem(Schema):
    """Problem details (RFC 9457). `faults` say where and why, never the value."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    faults: list[FaultOut]


class Pong(Schema):
    message: str
    timestamp: str


def problem(status: HTTPStatus, detail: str, faults: list[Fault] | None = None) -> JsonResponse:
    """An answer in problem details (RFC 9457)."""
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "faults": [fault.as_dict() for fault in faults or []],
    }
    response = JsonResponse(body, status=status.value, content_type="application/problem+json")
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="BoPS"'
    return response


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
