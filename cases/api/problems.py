"""Problem details (RFC 9457): how every part of the API says that something went wrong.

`faults` say where and why, never the value: senders keep our answers in logs that more people read than the
application itself.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from cases.faults import Fault

MEDIA_TYPE = "application/problem+json"
_BODY = "body"


class FaultOut(Schema):
    path: str = Field(examples=["/metadata/id"])
    reason: str = Field(examples=["is missing"])


class Problem(Schema):
    """Problem details (RFC 9457). `faults` say where and why, never the value."""

    type: str = Field("about:blank", examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(ge=400, le=599, examples=[404])
    detail: str = Field(examples=["No application with this reference is on the register."])
    faults: list[FaultOut] = Field(examples=[[]])


def answers(model: Any, *errors: int) -> dict[int, Any]:
    """What an operation may answer, for its description: `model` with 200, problem details with the others."""
    return {200: model, **dict.fromkeys(errors, Problem)}


def problem(status: HTTPStatus, detail: str, faults: Iterable[Fault] = ()) -> JsonResponse:
    """An answer in problem details (RFC 9457)."""
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "faults": [fault.as_dict() for fault in faults],
    }
    response = JsonResponse(body, status=status.value, content_type=MEDIA_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="BoPS"'
    return response


def speak_in_problems(api: NinjaAPI) -> None:
    """Whatever is raised in an operation of `api`, the answer is problem details. Faults of ours (500) are Django's to
    report; config.middleware writes their answer."""

    @api.exception_handler(AuthenticationError)
    def without_token(request: HttpRequest, error: Exception) -> JsonResponse:
        return problem(HTTPStatus.UNAUTHORIZED, "Send a bearer token that is in use.")

    @api.exception_handler(HttpError)
    def refused(request: HttpRequest, error: HttpError) -> JsonResponse:
        return problem(HTTPStatus(error.status_code), error.message)

    @api.exception_handler(Http404)
    def not_there(request: HttpRequest, error: Exception) -> JsonResponse:
        return problem(HTTPStatus.NOT_FOUND, str(error) or "There is nothing at this address.")

    @api.exception_handler(ValidationError)
    def not_understood(request: HttpRequest, error: ValidationError) -> JsonResponse:
        detail = "Something in the request cannot be understood. The faults say where and why."
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, map(_fault, error.errors))


def _fault(error: dict[str, Any]) -> Fault:
    """Where: "/name" in a body, "query/page" or "path/reference" elsewhere. Pydantic's words name no value."""
    place, *names = (str(part) for part in error.get("loc", ()))
    if place == _BODY:
        return Fault("/" + "/".join(names[1:]), _reason(error["msg"]))
    return Fault("/".join([place, *names]), _reason(error["msg"]))


def _reason(message: str) -> str:
    message = message.removeprefix("Value error, ").removeprefix("Input ")
    return message[:1].lower() + message[1:]
