"""Who may do what: the whole table of role × predicate, in an open, a waiting and an ended case."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cases import permissions
from cases.application.assignment import assign, take
from cases.models import PlanningApplication
from cases.statuses import Decision, Status

pytestmark = pytest.mark.django_db

ALL, WORKERS = (
    {"support_officer", "officer", "manager", "reader", "administrator"},
    {
        "support_officer",
        "officer",
        "manager",
    },
)
ASSESSORS = {"officer", "manager"}

# predicate → status → who may
TABLE = {
    "can_view": {Status.NOT_STARTED: ALL, Status.IN_ASSESSMENT: ALL, Status.WITHDRAWN: ALL},
    "can_view_private": {Status.NOT_STARTED: WORKERS, Status.WITHDRAWN: WORKERS},
    "can_validate": {Status.NOT_STARTED: WORKERS, Status.IN_ASSESSMENT: set(), Status.WITHDRAWN: set()},
    "can_correct": {
        Status.NOT_STARTED: WORKERS,
        Status.IN_ASSESSMENT: WORKERS,
        Status.AWAITING_DETERMINATION: set(),
        Status.WITHDRAWN: set(),
    },
    "can_consult": {Status.NOT_STARTED: set(), Status.IN_ASSESSMENT: WORKERS, Status.AWAITING_DETERMINATION: WORKERS},
    "can_assess": {
        Status.NOT_STARTED: set(),
        Status.IN_ASSESSMENT: ASSESSORS,
        Status.TO_BE_REVIEWED: ASSESSORS,
        Status.AWAITING_DETERMINATION: set(),
    },
    "can_sign_off": {Status.IN_ASSESSMENT: set(), Status.AWAITING_DETERMINATION: {"manager"}, Status.WITHDRAWN: set()},
    "can_assign": {Status.NOT_STARTED: {"manager"}, Status.WITHDRAWN: set()},
    "can_take": {Status.NOT_STARTED: WORKERS, Status.WITHDRAWN: set()},
    "can_extend": {Status.NOT_STARTED: set(), Status.IN_ASSESSMENT: ASSESSORS, Status.WITHDRAWN: set()},
    "can_publish": {Status.IN_ASSESSMENT: WORKERS, Status.WITHDRAWN: WORKERS},
    "can_close": {Status.NOT_STARTED: ASSESSORS, Status.WITHDRAWN: set()},
    "can_reopen": {Status.NOT_STARTED: set(), Status.WITHDRAWN: ASSESSORS},
    "can_note": {Status.NOT_STARTED: WORKERS, Status.WITHDRAWN: WORKERS},
}
ROWS = [(name, status, who) for name, by_status in TABLE.items() for status, who in by_status.items()]


@pytest.mark.parametrize(("name", "status", "who"), ROWS)
def test_the_table_of_who_may_do_what(name, status, who, make_application, request):
    application = make_application(status=status)
    predicate = getattr(permissions, name)
    assert {role for role in ALL if predicate(request.getfixturevalue(role), application)} == who


@pytest.mark.parametrize("name", list(TABLE))
def test_tenants_never_meet_whatever_the_status(name, make_application, make_user, other_authority):
    stranger = make_user("boss", "Planning manager", authority=other_authority)
    for status in set(Status) - {Status.DETERMINED}:
        assert not getattr(permissions, name)(stranger, make_application(status=status))


@pytest.mark.parametrize("name", [name for name in TABLE if name != "can_view"])
def test_a_superuser_without_a_council_does_no_casework(name, make_application, superuser):
    assert not getattr(permissions, name)(superuser, make_application(status=Status.AWAITING_DETERMINATION))


def test_whoever_recommended_never_signs_off(make_application, manager, second_manager):
    application = make_application(
        status=Status.AWAITING_DETERMINATION, recommended=Decision.LDC_GRANTED, recommended_by=manager
    )
    assert not permissions.can_sign_off(manager, application)
    assert permissions.can_sign_off(second_manager, application)


def test_a_user_sees_the_cases_of_their_own_council_only(make_application, officer, other_officer, make_user):
    own = make_application()
    other = make_application(authority=other_officer.authority)
    assert list(permissions.cases_for(officer)) == [own]
    assert list(permissions.cases_for(other_officer)) == [other]
    assert list(permissions.cases_for(make_user("nobody", authority=officer.authority))) == []
    officer.is_active = False
    assert list(permissions.cases_for(officer)) == []


def test_events_are_seen_with_the_cases(make_application, officer, other_officer):
    application = make_application()
    assert set(permissions.events_for(officer)) == set(application.events.all())
    assert not permissions.events_for(other_officer).exists()


def test_what_all_councils_share_is_not_one_council_s_to_change(administrator, superuser, other_authority):
    assert not permissions.can_change_what_all_share(administrator)
    assert permissions.can_change_what_all_share(superuser)
    type(other_authority).objects.filter(pk=other_authority.pk).update(is_active=False)
    administrator = type(administrator).objects.get(pk=administrator.pk)  # as at the next request
    assert permissions.can_change_what_all_share(administrator)


def test_two_officers_who_take_a_case_at_once_do_not_both_get_it(make_application, officer, manager):
    application = make_application()
    stale = PlanningApplication.objects.get(pk=application.pk)
    take(application, by=officer)
    with pytest.raises(ValidationError, match="in the meantime"):
        take(stale, by=manager)
    application.refresh_from_db()
    assert application.officer == officer
    assert [event.data["after"] for event in application.events.filter(kind="assigned")] == [str(officer)]


def test_a_case_is_given_only_to_somebody_who_works_cases_here(make_application, manager, reader, other_officer):
    application = make_application()
    for unfit in (reader, other_officer):
        with pytest.raises(ValidationError, match="cannot be given"):
            assign(application, officer=unfit, by=manager)


def test_only_a_manager_gives_cases_out(make_application, officer):
    with pytest.raises(PermissionDenied):
        assign(make_application(), officer=officer, by=officer)
