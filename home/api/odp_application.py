"""Applications as Open Digital Planning publishes them: postSubmissionPublishedApplication of its schemas (@next).

Comments and files are left out here: they have addresses of their own. Case officers' names are not public in BoPS, so
the name that the schema wants is empty.
"""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import LocalAuthority
from cases.models import Appeal, ApplicationType, Party, PlanningApplication, Publicity, Submission
from cases.register.published import public_application, public_applications
from cases.statuses import Origin, Route, Status
from home.register.addresses import in_address
from home.remembering import kept
from notices.models import IssuedNotice

from .odp_words import (
    APPEAL_DECISIONS,
    NOT_SAID,
    PRIOR_APPROVAL_REQUIRED,
    council_decision,
    instant,
    stage_of,
    status_of,
    type_code,
)
from .published_submission import AsPublished, published_submission

SCHEMA = (
    "https://theopensystemslab.github.io/digital-planning-data-schemas/@next/schemas/"
    "postSubmissionPublishedApplication.json"
)
_IDS = uuid.UUID("5f2f8f9c-6d7e-4a53-9d3f-0c8a7f2b9d10")  # the namespace of our own identifiers
_READ = (
    "reference", "status", "origin", "description", "address", "postcode", "uprn", "ward", "latitude", "longitude",
    "boundary", "site_area_sqm", "received_on", "submitted_at", "valid_from", "expires_on", "consultation_ends_on",
    "published_at", "public_changed_at", "route", "decision", "decided_on", "withdrawn_on", "authority",
    "application_type__code",
)  # fmt: skip


def odp_applications(authority: LocalAuthority) -> QuerySet[PlanningApplication]:
    """The applications of the register that the standard has words for, with the columns that are shown here."""
    return public_applications(authority).exclude(status__in=NOT_SAID).only(*_READ)


def odp_application(authority: LocalAuthority, reference: str) -> PlanningApplication | None:
    """The application with this reference, present or previous, however it is punctuated; None if it is not public."""
    return public_application(authority, reference, among=odp_applications(authority))


def register_size(authority: LocalAuthority) -> int:
    """How many applications this API knows, as of the last minute. Counted in indexes alone."""

    def count() -> int:
        types = list(ApplicationType.objects.filter(is_publishable=True).values_list("pk", flat=True))
        register = PlanningApplication.objects.filter(authority=authority, application_type__in=types)
        return (
            register.filter(is_on_register=True).count()
            - register.filter(status__in=NOT_SAID, published_at__isnull=False).count()
        )

    return kept(("odp register size", authority.pk), count)


@dataclass
class Facts:
    """What other tables know of one application."""

    began_on: date | None = None
    has_site_notice: bool = False
    appeal: Appeal | None = None
    notice_version: int | None = None
    parties: dict[str, Party] = field(default_factory=dict)
    submission: bytes | None = None


def shown_applications(
    applications: list[PlanningApplication], *, authority: LocalAuthority, base: str
) -> list[dict[str, Any]]:
    """The applications in the standard's form. `base` is the address of the council's site, without a slash.

    The number of queries does not grow with the applications, which must come from `odp_applications`.
    """
    facts = _facts_of(applications)
    today = timezone.localdate()
    return [_shown(one, facts[one.pk], authority=authority, base=base, today=today) for one in applications]


def _shown(
    application: PlanningApplication, facts: Facts, *, authority: LocalAuthority, base: str, today: date
) -> dict[str, Any]:
    identity = str(uuid.uuid5(_IDS, f"{authority.code}:{application.pk}"))
    submitted_at = instant(application.submitted_at or application.received_on)
    changed_at = application.public_changed_at or application.published_at
    return {
        "applicationType": type_code(application.application_type.code),
        "data": _data(application, facts, authority=authority, base=base, submitted_at=submitted_at, today=today),
        "submission": published_submission(
            facts.submission,
            AsPublished(
                application=application,
                identity=identity,
                organisation=authority.code,
                type_code=type_code(application.application_type.code),
                submitted_at=submitted_at,
                parties=facts.parties,
            ),
        ),
        "metadata": {
            "organisation": authority.code,
            "id": identity,
            "submittedAt": submitted_at,
            "generatedAt": instant(changed_at or application.received_on),
            "schema": SCHEMA,
        },
    }


def _data(
    application: PlanningApplication,
    facts: Facts,
    *,
    authority: LocalAuthority,
    base: str,
    submitted_at: str,
    today: date,
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "application": _application(application, facts, today),
        "localPlanningAuthority": {"publicCommentsAcceptedUntilDecision": authority.comments_until_decision},
        "submission": {"submittedAt": submitted_at},
        "validation": {"receivedAt": instant(application.received_on)},
        "caseOfficer": {"name": ""},
    }
    if application.valid_from:
        data["validation"] |= {"validatedAt": instant(application.valid_from), "isValid": True}
    if application.consultation_ends_on and facts.began_on:
        data["consultation"] = {
            "startDate": facts.began_on.isoformat(),
            "endDate": application.consultation_ends_on.isoformat(),
            "siteNotice": facts.has_site_notice,
        }
    if assessment := _assessment(application, facts, base):
        data["assessment"] = assessment
    if facts.appeal:
        data["appeal"] = _appeal(facts.appeal)
    return data


def _application(application: PlanningApplication, facts: Facts, today: date) -> dict[str, Any]:
    stage = stage_of(
        application, consultation_began_on=facts.began_on, has_appeal=facts.appeal is not None, today=today
    )
    shown = {
        "reference": in_address(application.reference),
        "stage": stage,
        "status": status_of(application),
    }
    if application.published_at:
        shown["publishedAt"] = instant(application.published_at)
    if application.status == Status.WITHDRAWN and application.withdrawn_on:
        shown["withdrawnAt"] = instant(application.withdrawn_on)
    return shown


def _assessment(application: PlanningApplication, facts: Facts, base: str) -> dict[str, Any]:
    """The decision that counts and nothing before it: no recommendation, and one decision only, whoever took it."""
    shown: dict[str, Any] = {}
    if application.expires_on:
        shown["expiryDate"] = application.expires_on.isoformat()
    decision = council_decision(application.decision)
    if application.status != Status.DETERMINED or decision is None or application.decided_on is None:
        return shown
    who = "committee" if application.route == Route.COMMITTEE else "planningOfficer"
    shown |= {f"{who}Decision": decision, f"{who}DecisionDate": application.decided_on.isoformat()}
    # The schema wants it everywhere; an older register may not have it, and then the day of decision ended the period.
    shown.setdefault("expiryDate", application.decided_on.isoformat())
    if application.decision in PRIOR_APPROVAL_REQUIRED:
        shown["priorApprovalRequired"] = PRIOR_APPROVAL_REQUIRED[application.decision]
    if facts.notice_version:
        path = reverse("issued_notice_pdf", args=[application.reference, facts.notice_version])
        shown["decisionNotice"] = {"url": f"{base}{path}"}
    return shown


def _appeal(appeal: Appeal) -> dict[str, Any]:
    shown = {"reason": appeal.get_ground_display(), "lodgedDate": appeal.lodged_on.isoformat()}
    if appeal.outcome and appeal.decided_on:
        shown |= {"decision": APPEAL_DECISIONS[appeal.outcome], "decisionDate": appeal.decided_on.isoformat()}
    return shown


# --- What other tables know -------------------------------------------------------------------------------------------


def _facts_of(applications: list[PlanningApplication]) -> dict[int, Facts]:
    """Facts by the application's key, in one query for each table that may know something."""
    facts: defaultdict[int, Facts] = defaultdict(Facts)
    _publicity(applications, facts)
    for appeal in Appeal.objects.filter(application__in=[one.pk for one in applications]).order_by("lodged_on", "pk"):
        facts[appeal.application_id].appeal = appeal  # the last one lodged stays
    if decided := [one.pk for one in applications if one.decision and one.origin != Origin.IMPORTED]:
        issued = IssuedNotice.objects.filter(application__in=decided).order_by().values_list("application")
        for pk, version in issued.annotate(Max("version")):
            facts[pk].notice_version = version
    named = Party.objects.filter(
        application__in=[one.pk for one in applications], role__in=[Party.Role.APPLICANT, Party.Role.AGENT]
    )
    for party in named.only("application", "role", "kind", "first_name", "last_name", "company"):
        facts[party.application_id].parties[party.role] = party
    if sent := [one.pk for one in applications if one.origin == Origin.SUBMITTED]:
        accepted = Submission.objects.filter(
            application__in=sent,
            outcome=Submission.Outcome.ACCEPTED,
            source__in=[Submission.Source.PLANX, Submission.Source.ANY, Submission.Source.UNKNOWN],
        )
        for pk, body in accepted.order_by("pk").values_list("application", "body"):
            facts[pk].submission = bytes(body)
    return facts


def _publicity(applications: list[PlanningApplication], facts: defaultdict[int, Facts]) -> None:
    consulted = []
    for one in applications:
        if one.consultation_ends_on:
            consulted.append(one.pk)
            # An older register knows only the end.
            facts[one.pk].began_on = min(one.valid_from or one.received_on, one.consultation_ends_on)
    if not consulted:
        return
    ways = Publicity.objects.filter(application__in=consulted).order_by().values("application")
    on_site = Count("pk", filter=Q(kind=Publicity.Kind.SITE_NOTICE))
    for way in ways.annotate(began_on=Min("begins_on"), on_site=on_site):
        facts[way["application"]].began_on = way["began_on"]
        facts[way["application"]].has_site_notice = way["on_site"] > 0
