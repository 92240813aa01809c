"""People and applications for tests: behind the fixtures of conftest.py, and for a world that a whole module shares."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import date, timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from pytest_django import DjangoDbBlocker

from accounts.models import LocalAuthority, User
from cases.models import ApplicationType, Party, PlanningApplication, Recommendation, ReferenceCounter
from cases.statuses import Decision, Origin, Status
from cases.timeline import record
from tests.database import as_owner
from tests.storage import files_of_a_world

PASSWORD = "correct horse battery staple"
SQUARE = {
    "type": "Polygon",
    "coordinates": [
        [[-0.6466, 51.6155], [-0.6462, 51.6155], [-0.6462, 51.6152], [-0.6466, 51.6152], [-0.6466, 51.6155]]
    ],
}


@contextmanager
def one_world(blocker: DjangoDbBlocker) -> Iterator[None]:
    """For a fixture of a module or a class: what is made within is there for all of its tests, and then is taken back.

    What a test does is taken back after it. Rows are shared, not the objects: each test reads its own.
    """
    with blocker.unblock(), files_of_a_world(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def new_user(name: str, *groups: str, authority: LocalAuthority | None, **fields) -> User:
    user = User.objects.create_user(
        f"{name}@example.org", PASSWORD, first_name=name.title(), last_name="Test", authority=authority, **fields
    )
    found = Group.objects.filter(name__in=groups)
    user.groups.add(*found)
    assert len(found) == len(groups)
    return user


def new_application(
    type_code: str = "ldc.proposed",
    *,
    status: Status = Status.NOT_STARTED,
    received_on: date = date(2026, 6, 1),
    authority: LocalAuthority,
    recommended: Decision | None = None,
    recommended_by: User | None = None,
    **fields,
) -> PlanningApplication:
    application_type = ApplicationType.objects.get(code=type_code)
    reference = ReferenceCounter.allot(authority=authority, suffix=application_type.suffix, year=received_on.year)
    valid = status not in {Status.PENDING, Status.NOT_STARTED, Status.INVALIDATED, Status.RETURNED}
    period = timedelta(days=application_type.period_days or 56)
    dates = {
        "valid_from": received_on,
        "validated_on": received_on,
        "statutory_expiry_on": received_on + period,
        "expires_on": received_on + period,
    }
    ended = {Status.WITHDRAWN: "withdrawn_on", Status.RETURNED: "returned_on", Status.CLOSED: "closed_on"}
    row = {
        "authority": authority,
        "application_type": application_type,
        "reference": reference,
        "status": status,
        "received_on": received_on,
        "description": "Rear extension of a house",
        "address": "7 Blyton Close, Beaconsfield",
        "postcode": "HP9 2LX",
        "uprn": "100080482163",
        "latitude": "51.615446",
        "longitude": "-0.646327",
        "boundary": SQUARE,
        "origin": Origin.SUBMITTED,
        **(dates if valid else {}),
        **({ended[status]: received_on} if status in ended else {}),
        **fields,
    }
    # What was decided elsewhere is entered by whoever owns the tables.
    with as_owner() if row["origin"] == Origin.IMPORTED else nullcontext():
        application = PlanningApplication.objects.create(**row)
    Party.objects.create(
        application=application,
        role=Party.Role.APPLICANT,
        first_name="Enid",
        last_name="Blyton",
        email="famousfive@example.com",
        phone="05555 555555",
        address="7 Blyton Close\nBeaconsfield\nHP9 2LX",
    )
    record(application, "received", by=None)
    if recommended:
        Recommendation.objects.create(
            application=application, decision=recommended, summary="It keeps the limits.", by=recommended_by
        )
    return application
