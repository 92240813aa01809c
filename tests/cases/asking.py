"""Requests on their way: drafted, sent, and with the applicant's link in hand."""

from typing import Any

from accounts.models import User
from cases.models import ApplicantLink, PlanningApplication, ValidationRequest
from cases.requests.answers.answering import keep_draft, send_answers
from cases.requests.links import link_for
from cases.requests.raising import draft_request
from cases.requests.sending import send_requests
from cases.validation import validity

WORDS = {"title": "Something is missing", "text": "It is not there.", "what_to_send": "Please send it."}
LINE = {
    "type": "Polygon",
    "coordinates": [
        [[-0.6467, 51.6156], [-0.6461, 51.6156], [-0.6461, 51.6151], [-0.6467, 51.6151], [-0.6467, 51.6156]]
    ],
}


def draft(application: PlanningApplication, kind: str, *, by: User, **facts: Any) -> ValidationRequest:
    return draft_request(application, kind=kind, by=by, **(WORDS | facts))


def ask(application: PlanningApplication, kind: str, *, by: User, **facts: Any) -> ValidationRequest:
    """A request that the applicant has been sent; an application not looked at yet becomes invalid by a fault."""
    request = draft(application, kind, by=by, **facts)
    if application.status == "not_started" and kind not in ("description",):
        validity.invalidate(application, by=by)
    else:
        send_requests([request], by=by)
    request.refresh_from_db()
    return request


def link_of(application: PlanningApplication) -> ApplicantLink:
    return link_for(application.parties.get(role="applicant"))


def answer(
    request: ValidationRequest, said: str, *, link: ApplicantLink | None = None, name: str = "Enid Blyton", **more: Any
) -> ValidationRequest:
    """The applicant's answer, sent; the row as it then stands."""
    link = link or link_of(request.application)
    keep_draft(request, link=link, draft={"answer": said, **more})
    return send_answers([request], link=link, name=name)[0]
