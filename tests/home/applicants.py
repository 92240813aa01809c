"""Requests as applicants meet them: sent, with a link to answer them by."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from cases.models import ApplicantLink, Condition, PlanningApplication, ValidationRequest
from cases.requests.links import link_for, token_of

Kind = ValidationRequest.Kind
MOVED = {
    "type": "Polygon",
    "coordinates": [
        [[-0.6467, 51.6156], [-0.6461, 51.6156], [-0.6461, 51.6151], [-0.6467, 51.6151], [-0.6467, 51.6156]]
    ],
}
CORNERS = "51.6156, -0.6467\n51.6156, -0.6461\n51.6151, -0.6461\n51.6151, -0.6467"


def ask(application: PlanningApplication, kind: str, *, by: User, **fields: Any) -> ValidationRequest:
    """A request that was sent an hour ago, unless `fields` say otherwise."""
    number = application.validation_requests.count() + 1
    row = {
        "title": f"Request of kind {kind}",
        "text": "It is missing.\nWe cannot go on.",
        "what_to_send": "Send another.",
        "sent_at": timezone.now() - timedelta(hours=1),
        "sent_by": by,
        "raised_by": by,
        "due_on": timezone.localdate() + timedelta(days=10),
    }
    if kind == Kind.DESCRIPTION:
        row["proposed_description"] = "Single storey side extension of a house"
    if kind == Kind.EXTENSION_OF_TIME:
        row["proposed_until"] = timezone.localdate() + timedelta(days=60)
    if kind == Kind.PRE_COMMENCEMENT:
        row["condition"] = Condition.objects.create(
            application=application,
            title="Drainage",
            text="No work starts before drainage is approved.",
            reason="So that the lane does not flood.",
            type="pre_commencement",
        )
    return ValidationRequest.objects.create(application=application, number=number, kind=kind, **row | fields)


def link_of(application: PlanningApplication) -> ApplicantLink:
    return link_for(application.parties.get(role="applicant"))


class Applicant:
    """Somebody with a link, on the host name of their council."""

    def __init__(self, application: PlanningApplication, client: Client | None = None):
        self.application = application
        self.link = link_of(application)
        self.token = token_of(self.link)
        self.client = client or Client(HTTP_HOST=application.authority.site.hostname)

    def at(self, name: str = "applicant_requests", *args: Any) -> str:
        return reverse(name, args=[self.token, *args])

    def reads(self, name: str = "applicant_requests", *args: Any) -> str:
        response = self.client.get(self.at(name, *args))
        assert response.status_code == 200, response.content.decode()
        return response.content.decode()

    def answers(self, asked: ValidationRequest, status: int = 302, **fields: Any) -> Any:
        response = self.client.post(self.at("applicant_request", asked.number), fields)
        assert response.status_code == status, response.content.decode()
        return response

    def sends(self, *asked: ValidationRequest, name: str = "Enid Blyton", status: int = 302, **fields: Any) -> Any:
        given = {"send": [one.number for one in asked], "name": name, **fields}
        response = self.client.post(self.at("applicant_check"), given)
        assert response.status_code == status, response.content.decode()
        return response
