"""An application that came on paper, or that an officer takes down for somebody."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cases.models import ApplicationType, Party, PlanningApplication, ReferenceCounter
from cases.statuses import Origin, Status, WorkStatus
from cases.timeline import record


@transaction.atomic
def enter_application(
    *,
    application_type: ApplicationType,
    description: str,
    address: str,
    received_on: date,
    applicant: dict[str, str],
    by: User,
    postcode: str = "",
    uprn: str = "",
    work_status: str = WorkStatus.PROPOSED,
    agent: dict[str, str] | None = None,
    fee_paid: Any = None,
) -> PlanningApplication:
    """Enter an application by hand, ready to be validated, for the council of the officer who enters it.

    `applicant` and `agent` are fields of Party (title, first_name, last_name, company, email, phone, address).
    Raises PermissionDenied, ValidationError.
    """
    if by.authority_id is None or not by.has_perm("cases.add_planningapplication"):
        raise PermissionDenied("You cannot enter applications.")
    if received_on > timezone.localdate():
        raise ValidationError({"received_on": "This day is in the future."})
    application = PlanningApplication(
        authority=by.authority,
        application_type=application_type,
        origin=Origin.ENTERED,
        status=Status.NOT_STARTED,
        reference=ReferenceCounter.allot(authority=by.authority, suffix=application_type.suffix, year=received_on.year),
        description=description.strip(),
        description_as_submitted=description.strip(),
        address=address.strip(),
        postcode=postcode.strip().upper(),
        uprn=uprn,
        received_on=received_on,
        work_status=work_status,
        fee_paid=fee_paid,
    )
    application.full_clean(exclude=["fee_details", "ownership", "declaration", "cil", "answers", "pre_assessment"])
    application.save()
    for role, person in ((Party.Role.APPLICANT, applicant), (Party.Role.AGENT, agent)):
        if person and any(person.values()):
            Party.objects.create(application=application, role=role, **person)
    record(application, "entered", by=by, received_on=received_on, to_status=Status.NOT_STARTED)
    return application
