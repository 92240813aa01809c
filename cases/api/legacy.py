"""Applications as BOPS v2 writes them: one shape for lists and for one, for systems with a token and for the public.

Keys and their spelling are those that its clients read; what we do not have is null. The Digital Planning Register's
converter refuses a whole application for one date or status that it does not know.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Min
from ninja import Schema
from pydantic import Field

from cases.models import Appeal, CaseEvent, PlanningApplication, PreviousReference, Publicity
from cases.statuses import BEING_ASSESSED, REFUSALS, Decision, Status

from . import corrections
from .corrections import CorrectionOut
from .times import Instant, day_as_instant, instant

# Waiting for sign-off or sent back is between officers: to the public all of it is assessment.
IN_ASSESSMENT = BEING_ASSESSED | {Status.AWAITING_DETERMINATION}
APPEAL_WORDS = {
    "": "Appeal lodged",
    Appeal.Outcome.ALLOWED: "Appeal allowed",
    Appeal.Outcome.DISMISSED: "Appeal dismissed",
    Appeal.Outcome.SPLIT: "Appeal split decision",
    Appeal.Outcome.WITHDRAWN: "Appeal withdrawn",
}
APPEAL_DECISIONS = {
    Appeal.Outcome.ALLOWED: "allowed",
    Appeal.Outcome.DISMISSED: "dismissed",
    Appeal.Outcome.SPLIT: "splitDecision",
    Appeal.Outcome.WITHDRAWN: "withdrawn",
}
GRANTED, REFUSED = "granted", "refused"


class Coded(Schema):
    value: str
    description: str


class ConsultationOut(Schema):
    startDate: date | None
    endDate: date | None
    publicUrl: str | None = Field(description="The application's page on the register.")


class ApplicationOut(Schema):
    type: Coded
    reference: str
    fullReference: str
    alternativeReference: str | None = Field(description="A reference that it had before.")
    targetDate: date | None
    expiryDate: date | None
    receivedAt: Instant
    validAt: Instant | None
    publishedAt: Instant | None
    determinedAt: Instant | None
    determinationDate: date | None
    withdrawnAt: Instant | None
    decision: str | None = Field(description="granted or refused; null before the decision is issued.")
    decisionWords: str | None = Field(description="The decision in the words of its type of application.")
    noticeCorrections: list[CorrectionOut] = Field(description=corrections.DESCRIPTION)
    status: str = Field(examples=["in_assessment", "determined", "Appeal lodged"])
    consultation: ConsultationOut


class AddressOut(Schema):
    latitude: float | None
    longitude: float | None
    title: str
    singleLine: str
    uprn: str | None
    town: str | None
    postcode: str | None


class BoundaryOut(Schema):
    site: dict[str, Any] | None = Field(description="The red line: GeoJSON in WGS84.")


class PropertyOut(Schema):
    address: AddressOut
    boundary: BoundaryOut


class ProposalOut(Schema):
    description: str


class AgentOut(Schema):
    address: str | None


class ApplicantOut(Schema):
    """Who applies is read from the submission; here stands what v2 has always had, and no address is public."""

    type: str | None
    address: str | None
    agent: AgentOut


class OfficerOut(Schema):
    name: str


class AppealOut(Schema):
    reason: str
    lodgedDate: date
    decisionDate: date | None = Field(None, description="Left out while there is none: readers refuse null.")
    decision: str | None = Field(None, examples=["allowed", "dismissed", "splitDecision", "withdrawn"])
    files: list[dict[str, Any]]


class AuthorityOut(Schema):
    publicCommentsAcceptedUntilDecision: bool


class DataOut(Schema):
    localPlanningAuthority: AuthorityOut
    appeal: AppealOut | None = None


class CaseOut(Schema):
    application: ApplicationOut
    property: PropertyOut
    proposal: ProposalOut
    applicant: ApplicantOut
    officer: OfficerOut | None
    data: DataOut


@dataclass
class Beside:
    """What stands beside the applications of a page: four questions, however many they are."""

    consultation_began_on: dict[int, date] = field(default_factory=dict)
    appeals: dict[int, Appeal] = field(default_factory=dict)
    earlier_references: dict[int, str] = field(default_factory=dict)
    corrections: dict[int, list[CaseEvent]] = field(default_factory=dict)

    @classmethod
    def of(cls, applications: Collection[PlanningApplication]) -> "Beside":
        keys = [application.pk for application in applications]
        if not keys:
            return cls()
        began = Publicity.objects.filter(application__in=keys).order_by().values_list("application")
        appeals = Appeal.objects.filter(application__in=keys).order_by("lodged_on", "pk")
        earlier = PreviousReference.objects.filter(application__in=keys).order_by("-pk")
        return cls(
            consultation_began_on=dict(began.annotate(Min("begins_on"))),
            appeals={appeal.application_id: appeal for appeal in appeals},  # the newest is the last
            earlier_references=dict(earlier.values_list("application_id", "reference")),  # the first that it had
            corrections=corrections.by_application(one.pk for one in applications if one.decision),
        )


def case_out(
    application: PlanningApplication,
    beside: Beside,
    *,
    page_address: str | None,
    is_for_the_public: bool,
) -> dict[str, Any]:
    """One application in the shape of `CaseOut`, without what it does not have: answer it with `exclude_unset`.

    For the public the application must come from `cases.register.published`; then no officer is named.
    """
    appeal = beside.appeals.get(application.pk)
    officer = None if is_for_the_public or not application.officer else {"name": application.officer_name}
    return {
        "application": _application(application, beside, appeal, page_address, is_for_the_public),
        "property": {"address": _address(application), "boundary": {"site": application.boundary}},
        "proposal": {"description": application.description},
        "applicant": {"type": None, "address": None, "agent": {"address": None}},
        "officer": officer,
        "data": {
            "localPlanningAuthority": {
                "publicCommentsAcceptedUntilDecision": application.authority.comments_until_decision
            },
            **({"appeal": _appeal(appeal)} if appeal else {}),
        },
    }


def _application(
    application: PlanningApplication,
    beside: Beside,
    appeal: Appeal | None,
    page_address: str | None,
    is_for_the_public: bool,
) -> dict[str, Any]:
    return {
        "type": {"value": application.application_type.code, "description": application.application_type.name},
        "reference": application.reference,
        "fullReference": f"{application.authority.code}-{application.reference}",
        "alternativeReference": beside.earlier_references.get(application.pk),
        "targetDate": application.statutory_expiry_on,
        "expiryDate": application.expires_on,
        "receivedAt": day_as_instant(application.received_on),
        "validAt": day_as_instant(application.valid_from),
        "publishedAt": instant(application.published_at),
        "determinedAt": day_as_instant(application.decided_on),
        "determinationDate": application.decided_on,
        "withdrawnAt": day_as_instant(application.withdrawn_on),
        "decision": decision_word(application.decision),
        "decisionWords": application.decision_words or None,
        "noticeCorrections": corrections.out(beside.corrections.get(application.pk, ())),
        "status": status_word(application, appeal, is_for_the_public=is_for_the_public),
        "consultation": {
            "startDate": beside.consultation_began_on.get(application.pk),
            "endDate": application.consultation_ends_on,
            "publicUrl": page_address,
        },
    }


def status_word(application: PlanningApplication, appeal: Appeal | None, *, is_for_the_public: bool) -> str:
    """The status in BOPS v2's words. An appeal comes before everything else."""
    if appeal:
        return APPEAL_WORDS[appeal.outcome]
    if is_for_the_public and application.status in IN_ASSESSMENT:
        return Status.IN_ASSESSMENT.value
    return application.status


def decision_word(decision: str) -> str | None:
    """granted or refused, the two that clients know. Something was granted where a decision is in part, or where
    prior approval was not required."""
    if not decision or decision == Decision.ADVICE_GIVEN:
        return None
    return REFUSED if decision in REFUSALS else GRANTED


def _address(application: PlanningApplication) -> dict[str, Any]:
    return {
        "latitude": application.latitude,
        "longitude": application.longitude,
        "title": application.address,
        "singleLine": application.full_address,
        "uprn": application.uprn or None,
        "town": None,
        "postcode": application.postcode or None,
    }


def _appeal(appeal: Appeal) -> dict[str, Any]:
    said = {
        "reason": appeal.get_ground_display(),
        "lodgedDate": appeal.lodged_on,
        "files": [],
    }
    if appeal.decided_on:
        said |= {"decisionDate": appeal.decided_on, "decision": APPEAL_DECISIONS[Appeal.Outcome(appeal.outcome)]}
    return said
