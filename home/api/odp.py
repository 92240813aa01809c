"""The public API of Open Digital Planning that the Digital Planning Register reads (IMPLEMENTATION.md of its schemas).

Every answer is an envelope {data, pagination, status} with the HTTP status again as `status.code`. Answers may be kept
for a minute and differ by the header that names the council. Only what `cases.register.published` lets out is asked
for.
"""

import inspect
import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from ninja import Router
from ninja.errors import HttpError

from accounts.models import LocalAuthority
from accounts.public_address import public_url
from cases.models import PlanningApplication
from home.caching import finished

from . import odp_parameters as parameters
from .councils import VARIES_BY, council_of_api_request
from .odp_application import odp_application, odp_applications, register_size, shown_applications
from .odp_comments import (
    odp_public_comments,
    public_comments_asked,
    public_summary,
    shown_public_comment,
    specialist_named,
    specialist_summary,
    specialists_asked,
)
from .odp_documents import documents_asked, odp_documents, shown_documents
from .odp_filters import applications_asked, applications_in_order
from .odp_paging import MOST_COUNTED, Paging, Unreadable, counted, cursor_page, described_by_cursor
from .odp_schemas import (
    OdpApplications,
    OdpDocuments,
    OdpFault,
    OdpOneApplication,
    OdpOneDocument,
    OdpOnePublicComment,
    OdpOneSpecialist,
    OdpPublicComments,
    OdpSpecialistComments,
)

router = Router(tags=["Open Digital Planning"])
_APPLICATIONS = "/public/applications"
_APPLICATION = f"{_APPLICATIONS}/{{path:reference}}"  # references of older registers have slashes
_REFUSALS = dict.fromkeys((400, 401, 403, 404, 429, 503), OdpFault)
_LONGEST_REFERENCE = 60
View = Callable[..., dict[str, Any]]


# --- Envelopes --------------------------------------------------------------------------------------------------------


def in_an_envelope(view: View) -> Callable[..., HttpResponseBase]:
    """A view that is given the council and returns what stands beside `status`."""

    @wraps(view)
    def answered(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        try:
            held = view(request, council=council_of_api_request(request), **kwargs)
        except HttpError as refusal:
            response = _fault(HTTPStatus(refusal.status_code), str(refusal))
        except Unreadable as refusal:
            response = _fault(HTTPStatus.BAD_REQUEST, str(refusal))
        else:
            response = _json({**held, "status": {"code": 200, "message": "OK"}})
        patch_vary_headers(response, VARIES_BY)
        return finished(request, response)

    # What the address is asked with; the council is not part of it.
    shown = inspect.signature(view)
    asked = [parameter for name, parameter in shown.parameters.items() if name != "council"]
    answered.__signature__ = shown.replace(parameters=asked)  # type: ignore[attr-defined]
    return answered


def _json(body: dict[str, Any], status: int = 200) -> HttpResponse:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(text, status=status, content_type="application/json")


def _fault(status: HTTPStatus, detail: str) -> HttpResponse:
    said = {"code": status.value, "message": status.phrase, "detail": detail}
    return _json({"data": None, "status": said}, status=status.value)


def _described(path: str, answer: type, asked: list[dict[str, Any]], summary: str) -> dict[str, Any]:
    """How an address stands in the OpenAPI document; the parameters are read by hand (odp_asking.py)."""
    return {
        "path": path,
        "response": {200: answer, **_REFUSALS},
        "by_alias": True,
        "summary": summary,
        "openapi_extra": {"parameters": [*asked, *parameters.COUNCIL]},
    }


def _application(council: LocalAuthority, reference: str) -> PlanningApplication:
    """The public application with this reference, present or previous. Raises HttpError 404."""
    known = len(reference) <= _LONGEST_REFERENCE and "\x00" not in reference
    found = odp_application(council, reference) if known else None
    if found is None:
        raise HttpError(HTTPStatus.NOT_FOUND, "No application with this reference is on the register.")
    return found


# --- Applications -----------------------------------------------------------------------------------------------------


@router.get(
    url_name="odp_applications",
    **_described(
        _APPLICATIONS, OdpApplications, parameters.APPLICATIONS, "Applications on the register, searched and sorted"
    ),
)
@in_an_envelope
def applications(request: HttpRequest, *, council: LocalAuthority) -> dict[str, Any]:
    asked, register = request.GET, odp_applications(council)
    paging = Paging.asked(asked)
    found, is_narrowed = applications_asked(register, asked, today=timezone.localdate())
    in_order = applications_in_order(found, asked)
    available = register_size(council)
    total = counted(found) if is_narrowed else min(available, MOST_COUNTED)
    if paging.cursor is not None:
        rows, next_cursor = cursor_page(found, paging)
        pagination = described_by_cursor(paging, next_cursor, total=total, available=available)
    else:
        paging = paging.within(total)
        rows = in_order.slice(paging)
        pagination = paging.described(total=total, available=available)
    data = shown_applications(rows, authority=council, base=public_url(council))
    return {"data": data, "pagination": pagination}


# The longer addresses come first: a reference may have slashes, and would swallow what follows it.


@router.get(
    url_name="odp_documents",
    **_described(
        f"{_APPLICATION}/documents", OdpDocuments, parameters.DOCUMENTS, "Published documents of an application"
    ),
)
@in_an_envelope
def documents(request: HttpRequest, reference: str, *, council: LocalAuthority) -> dict[str, Any]:
    application = _application(council, reference)
    found = documents_asked(application, request.GET)
    total = found.count()
    paging = Paging.asked(request.GET).within(total)
    rows = list(found[paging.start : paging.start + paging.length]) if paging.length else []
    return {
        "data": shown_documents(rows, application=application, base=public_url(council)),
        "pagination": paging.described(total=total, available=odp_documents(application).count()),
    }


@router.get(
    url_name="odp_document",
    **_described(f"{_APPLICATION}/documents/{{int:document_id}}", OdpOneDocument, [], "One published document"),
)
@in_an_envelope
def document(request: HttpRequest, reference: str, document_id: int, *, council: LocalAuthority) -> dict[str, Any]:
    application = _application(council, reference)
    found = odp_documents(application).filter(pk=_key(document_id)).first()
    if found is None:
        raise HttpError(HTTPStatus.NOT_FOUND, "There is no such document on the register.")
    shown = shown_documents([found], application=application, base=public_url(council))
    return {"data": shown[0]}


@router.get(
    url_name="odp_public_comments",
    **_described(
        f"{_APPLICATION}/publicComments",
        OdpPublicComments,
        parameters.PUBLIC_COMMENTS,
        "Published comments of the public",
    ),
)
@in_an_envelope
def public_comments(request: HttpRequest, reference: str, *, council: LocalAuthority) -> dict[str, Any]:
    application = _application(council, reference)
    found = public_comments_asked(application, request.GET)
    total, summary = found.count(), public_summary(application)
    paging = Paging.asked(request.GET).within(total)
    rows = found[paging.start : paging.start + paging.length] if paging.length else []
    return {
        "data": {"summary": summary, "comments": [shown_public_comment(one, council) for one in rows]},
        "pagination": paging.described(total=total, available=summary["totalComments"]),
    }


@router.get(
    url_name="odp_public_comment",
    **_described(
        f"{_APPLICATION}/publicComments/{{int:comment_id}}",
        OdpOnePublicComment,
        [],
        "One published comment of the public",
    ),
)
@in_an_envelope
def public_comment(request: HttpRequest, reference: str, comment_id: int, *, council: LocalAuthority) -> dict[str, Any]:
    found = odp_public_comments(_application(council, reference)).filter(pk=_key(comment_id)).first()
    if found is None:
        raise HttpError(HTTPStatus.NOT_FOUND, "There is no such comment on the register.")
    return {"data": shown_public_comment(found, council)}


@router.get(
    url_name="odp_specialist_comments",
    **_described(
        f"{_APPLICATION}/specialistComments",
        OdpSpecialistComments,
        parameters.SPECIALIST_COMMENTS,
        "Published replies of consultees, by consultee",
    ),
)
@in_an_envelope
def specialist_comments(request: HttpRequest, reference: str, *, council: LocalAuthority) -> dict[str, Any]:
    application = _application(council, reference)
    specialists = specialists_asked(application, request.GET, council)
    summary = specialist_summary(application)
    paging = Paging.asked(request.GET).within(len(specialists))
    return {
        "data": {"summary": summary, "comments": paging.slice(specialists)},
        "pagination": paging.described(total=len(specialists), available=summary["totalConsulted"]),
    }


@router.get(
    url_name="odp_specialist",
    **_described(
        f"{_APPLICATION}/specialistComments/{{specialist_id}}",
        OdpOneSpecialist,
        parameters.ONE_SPECIALIST,
        "One consultee with its published replies",
    ),
)
@in_an_envelope
def specialist(request: HttpRequest, reference: str, specialist_id: str, *, council: LocalAuthority) -> dict[str, Any]:
    application = _application(council, reference)
    found = specialist_named(application, specialist_id, request.GET, council)
    if found is None:
        raise HttpError(HTTPStatus.NOT_FOUND, "No consultee with this id is on the register.")
    replies = found["comments"]
    paging = Paging.asked(request.GET).within(len(replies))
    return {
        "data": {**found, "comments": paging.slice(replies)},
        "pagination": paging.described(total=len(replies), available=len(replies)),
    }


@router.get(url_name="odp_application", **_described(_APPLICATION, OdpOneApplication, [], "One application"))
@in_an_envelope
def application(request: HttpRequest, reference: str, *, council: LocalAuthority) -> dict[str, Any]:
    rows = [_application(council, reference)]
    (data,) = shown_applications(rows, authority=council, base=public_url(council))
    return {"data": data}


def _key(number: int) -> int:
    """A key that the database can be asked for."""
    return number if number < 2**63 else 0
