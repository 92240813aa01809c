"""Every step from every status, by every role: what the table says happens, and nothing else ever does."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from cases.lifecycle import STEPS, StepNotAllowed, apply_step, reopened, steps_open_to
from cases.models import CaseEvent, PlanningApplication, ValidationRequest
from cases.statuses import ENDED, OPEN, Decision, Origin, Status

pytestmark = pytest.mark.django_db

# Facts with which each step's guard is content (determine never is: that needs an issued notice).
CONTENT = {
    "validate": {"valid_from": date(2026, 6, 1), "validated_on": date(2026, 6, 1)},
    "send_back": {"note": "Say more about the side windows."},
    "send_to_committee": {"committee_on": date(2026, 9, 1)},
    "withdraw": {"note": "By e-mail.", "withdrawn_on": date(2026, 6, 2)},
    "return_": {"note": "No answer.", "returned_on": date(2026, 6, 2)},
    "close": {"note": "Sent twice.", "closed_on": date(2026, 6, 2)},
    "reopen": {"note": "By mistake.", "withdrawn_on": None, "returned_on": None, "closed_on": None},
    "determine": {"decision": Decision.LDC_GRANTED, "decided_on": date(2026, 6, 2)},
}


def application_in(status: Status, make_application, manager) -> PlanningApplication:
    imported = {"origin": Origin.IMPORTED, "decision": Decision.LDC_GRANTED, "decided_on": date(2026, 6, 20)}
    facts = imported if status is Status.DETERMINED else {}
    return make_application(status=status, recommended=Decision.LDC_GRANTED, recommended_by=manager, **facts)


def with_open_request(application: PlanningApplication, by) -> None:
    ValidationRequest.objects.create(
        application=application,
        number=1,
        kind="fee",
        title="Fee",
        text="Too low",
        what_to_send="The rest",
        raised_by=by,
    )


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("name", list(STEPS))
def test_a_step_is_taken_from_its_own_statuses_and_from_no_other(name, status, make_application, manager):
    application = application_in(status, make_application, manager)
    if name == "invalidate":
        with_open_request(application, manager)
    events = application.events.count()
    allowed = status in STEPS[name].sources and name != "determine"
    if allowed:
        taken = apply_step(application, name, by=manager, **CONTENT.get(name, {}))
        target = STEPS[name].target
        assert taken.status == (target if isinstance(target, Status) else reopened(taken))
        event = application.events.get(kind=name)
        assert (event.from_status, event.to_status, event.by) == (status, taken.status, manager)
    else:
        with pytest.raises(StepNotAllowed) as refusal:
            apply_step(application, name, by=manager, **CONTENT.get(name, {}))
        assert str(refusal.value).endswith(".")  # a sentence for the officer
        application.refresh_from_db()
        assert application.status == status
        assert application.events.count() == events


@pytest.mark.parametrize("name", list(STEPS))
@pytest.mark.parametrize("role", ["support_officer", "officer", "manager", "administrator", "reader"])
def test_a_step_needs_its_permission(name, role, make_application, manager, request):
    user = request.getfixturevalue(role)
    status = sorted(STEPS[name].sources)[0]
    application = application_in(Status(status), make_application, manager)
    if name == "invalidate":
        with_open_request(application, manager)
    may = user.has_perm(f"cases.{STEPS[name].permission}")
    assert (name in steps_open_to(user, application)) is may
    if not may:
        with pytest.raises(PermissionDenied):
            apply_step(application, name, by=user, **CONTENT.get(name, {}))
        application.refresh_from_db()
        assert application.status == status


@pytest.mark.parametrize("name", list(STEPS))
def test_nobody_of_another_council_takes_a_step(name, make_application, make_user, other_authority, manager):
    stranger = make_user("boss", "Planning manager", authority=other_authority)
    application = application_in(Status(sorted(STEPS[name].sources)[0]), make_application, manager)
    assert steps_open_to(stranger, application) == []
    with pytest.raises(PermissionDenied):
        apply_step(application, name, by=stranger, **CONTENT.get(name, {}))


@pytest.mark.parametrize("name", list(STEPS))
def test_a_superuser_without_a_council_takes_no_step(name, make_application, superuser, manager):
    application = application_in(Status(sorted(STEPS[name].sources)[0]), make_application, manager)
    with pytest.raises(PermissionDenied):
        apply_step(application, name, by=superuser, **CONTENT.get(name, {}))


@pytest.mark.parametrize("name", [name for name, step in STEPS.items() if not step.by_system])
def test_the_system_takes_only_the_steps_that_are_its_own(name, make_application, manager):
    application = application_in(Status(sorted(STEPS[name].sources)[0]), make_application, manager)
    with pytest.raises(PermissionDenied):
        apply_step(application, name, by=None, **CONTENT.get(name, {}))


def test_the_system_takes_in_what_arrived(make_application):
    application = make_application(status=Status.PENDING)
    assert apply_step(application, "accept", by=None).status == Status.NOT_STARTED


@pytest.mark.parametrize(
    ("name", "status", "facts", "said"),
    [
        ("invalidate", Status.NOT_STARTED, {}, "what is missing"),
        ("send_back", Status.AWAITING_DETERMINATION, {"note": "   "}, "Say why"),
        ("send_to_committee", Status.AWAITING_DETERMINATION, {}, "committee meets"),
        ("withdraw", Status.IN_ASSESSMENT, {"withdrawn_on": date(2026, 6, 2)}, "Say why"),
        ("validate", Status.NOT_STARTED, {}, "from which day"),
        ("determine", Status.AWAITING_DETERMINATION, {}, "only with its notice"),
    ],
)
def test_a_guard_says_in_a_sentence_what_is_missing(name, status, facts, said, make_application, manager):
    application = make_application(status=status)
    with pytest.raises(StepNotAllowed, match=said):
        apply_step(application, name, by=manager, **facts)
    application.refresh_from_db()
    assert application.status == status


def test_an_application_without_a_red_line_or_with_open_faults_is_not_valid(make_application, officer):
    application = make_application(boundary=None)
    with pytest.raises(StepNotAllowed, match="red line"):
        apply_step(application, "validate", by=officer, **CONTENT["validate"])
    other = make_application()
    with_open_request(other, officer)
    with pytest.raises(StepNotAllowed, match="faults"):
        apply_step(other, "validate", by=officer, **CONTENT["validate"])


def test_without_a_recommendation_nothing_goes_to_sign_off(make_application, officer):
    with pytest.raises(StepNotAllowed, match="recommendation"):
        apply_step(make_application(status=Status.IN_ASSESSMENT), "submit", by=officer)


def test_a_stale_page_cannot_take_a_step_twice(make_application, officer):
    application = make_application(status=Status.IN_ASSESSMENT)
    stale = PlanningApplication.objects.get(pk=application.pk)
    apply_step(application, "withdraw", by=officer, **CONTENT["withdraw"])
    with pytest.raises(StepNotAllowed, match="load the page again"):
        apply_step(stale, "withdraw", by=officer, **CONTENT["withdraw"])
    assert CaseEvent.objects.filter(application=application, kind="withdraw").count() == 1


@pytest.mark.parametrize("status", ["withdrawn", "closed"])
def test_a_reopened_case_goes_on_where_it_stood_and_has_no_end_any_more(status, make_application, officer):
    was_valid = make_application(status=Status(status))
    apply_step(was_valid, "reopen", by=officer, **CONTENT["reopen"])
    was_valid.refresh_from_db()
    assert was_valid.status == Status.IN_ASSESSMENT
    assert (was_valid.withdrawn_on, was_valid.closed_on) == (None, None)
    never_valid = make_application(status=Status.RETURNED)
    apply_step(never_valid, "reopen", by=officer, **CONTENT["reopen"])
    assert never_valid.status == Status.NOT_STARTED


def test_the_database_refuses_a_decision_without_a_notice_by_sql(make_application):
    application = make_application(status=Status.AWAITING_DETERMINATION)
    with pytest.raises(IntegrityError, match="issued decision notice"), transaction.atomic():
        PlanningApplication.objects.filter(pk=application.pk).update(
            status="determined", decision="ldc_granted", decided_on=date(2026, 6, 30)
        )


def test_every_status_is_either_open_or_ended():
    assert set(Status) == OPEN | ENDED
    assert not OPEN & ENDED
