"""What must come with each application, and all that the rules of the checklist look at: read for many at once.

A council's own list binds only when it was published or reviewed in the two years before the application was made
(DMPO 2015 art. 11(3)(c)). The kind of application and the constraints of its site decide which items apply.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db.models import Q

from accounts.models import LocalAuthority
from cases.documents.provided import Doubt, doubts
from cases.models import (
    ApplicationType,
    Constraint,
    Document,
    Fee,
    Party,
    PlanningApplication,
    Requirement,
    ValidationRequest,
)
from cases.models.constraint import APPLYING

Rule = Requirement.Rule

LOCAL_LIST_BINDS_FOR = relativedelta(years=2)


def local_list_binds(authority: LocalAuthority, *, made_on: date) -> bool:
    """Whether the local list binds an application that was made on this day.

    The list must have been published, or reviewed and published again, during the two years immediately before that
    day: the same day two years earlier is the first that counts. Of a list that was reviewed since, the review before
    it is taken to have been in time.
    """
    reviewed_on = authority.local_list_reviewed_on
    return reviewed_on is not None and reviewed_on >= made_on - LOCAL_LIST_BINDS_FOR


@dataclass
class CaseFacts:
    """One application with all that the rules look at, read beforehand."""

    application: PlanningApplication
    type: ApplicationType
    local_list_binds: bool
    requirements: list[Requirement]
    documents: list[Document]
    doubts: dict[int, Doubt]  # key of a document → why it is not there
    requests: list[ValidationRequest]
    constraints: dict[str, str]  # code → name
    applicant: Party | None
    usual_fee: Decimal | None


def facts_of(applications: list[PlanningApplication]) -> list[CaseFacts]:
    keys = [application.pk for application in applications]
    types = ApplicationType.objects.in_bulk({application.application_type_id for application in applications})
    authorities = LocalAuthority.objects.in_bulk({application.authority_id for application in applications})
    listed = list(
        Requirement.objects.filter(Q(authority=None) | Q(authority__in=authorities), is_active=True)
        .select_related("reason")
        .order_by("sort_order", "title", "pk")
    )
    documents = _by_application(_documents(keys))
    requests = _by_application(ValidationRequest.objects.filter(application__in=keys).order_by("number"))
    constraints = _by_application(
        Constraint.objects.filter(APPLYING, application__in=keys).select_related("constraint_type")
    )
    applicants = _by_application(Party.objects.filter(application__in=keys, role=Party.Role.APPLICANT))
    fees = _fees({kind.fee_rule for kind in types.values()})
    cases = []
    for application in applications:
        kind, authority = types[application.application_type_id], authorities[application.authority_id]
        case = CaseFacts(
            application=application,
            type=kind,
            local_list_binds=local_list_binds(authority, made_on=application.received_on),
            requirements=[],
            documents=documents[application.pk],
            doubts=doubts(documents[application.pk], requests[application.pk]),
            requests=requests[application.pk],
            constraints={row.constraint_type.code: row.constraint_type.name for row in constraints[application.pk]},
            applicant=next(iter(applicants[application.pk]), None),
            usual_fee=_fee_on(fees[kind.fee_rule], application.received_on),
        )
        case.requirements = _without_doubles([row for row in listed if _applies(row, case)], case)
        cases.append(case)
    return cases


def _documents(keys: list[int]):
    """Current documents; redacted copies stand for nothing of their own."""
    return Document.objects.current().filter(application__in=keys, redacted_from=None)


def _by_application(rows) -> Mapping[int, list]:
    grouped = defaultdict(list)
    for row in rows:
        grouped[row.application_id].append(row)
    return grouped


def _fees(rules: set[str]) -> Mapping[str, list[Fee]]:
    """Rule → its rows, newest first."""
    grouped = defaultdict(list)
    for fee in Fee.objects.filter(rule__in=rules - {"", "none"}, is_active=True).order_by("-effective_from"):
        grouped[fee.rule].append(fee)
    return grouped


def _fee_on(fees: list[Fee], day: date) -> Decimal | None:
    return next((fee.amount for fee in fees if fee.effective_from <= day), None)


def _applies(requirement: Requirement, case: CaseFacts) -> bool:
    application = case.application
    if requirement.authority_id not in (None, application.authority_id):
        return False
    if requirement.application_types and case.type.code not in requirement.application_types:
        return False
    if requirement.rule == Rule.OWNERSHIP and not case.type.needs_ownership_certificate:
        return False
    if requirement.rule == Rule.FEE and case.type.fee_rule in ("", "none"):
        return False
    return not requirement.constraints or bool(grounds_for(requirement, case))


def _without_doubles(requirements: list[Requirement], case: CaseFacts) -> list[Requirement]:
    """What is only to be looked at gives way to the same on a local list that binds: the list asks for it outright."""
    if not case.local_list_binds:
        return requirements
    asked = {
        code for row in requirements if row.authority_id and row.rule == Rule.DOCUMENT for code in row.document_types
    }
    return [
        row
        for row in requirements
        if row.authority_id or row.rule != Rule.LOOK or not asked.intersection(row.document_types)
    ]


def grounds_for(requirement: Requirement, case: CaseFacts) -> list[str]:
    """Names of the constraints of the site for which it is wanted: flood.zoneThree means flood.zoneThree.a too."""
    return [
        name
        for code, name in case.constraints.items()
        if any(code == wanted or code.startswith(f"{wanted}.") for wanted in requirement.constraints)
    ]
