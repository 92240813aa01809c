"""Problem details (RFC 9457): how every part of the API says that something went wrong.

`faults` say where and why, never the value: senders keep our answers in logs that more people read than the
application itself.
"""

from collections.abc import Iterable
from http import HTTPStatus

from django.http import JsonResponse
from ninja import Schema

from cases.intake.incoming import Fault


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


def problem(status: HTTPStatus, detail: str, faults: Iterable[Fault] = ()) -> JsonResponse:
    """An answer in problem details (RFC 9457)."""
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "faults": [fault.as_dict() for fault in faults],
    }
    response = JsonResponse(body, status=status.value, content_type="application/problem+json")
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="BoPS"'
    return response
