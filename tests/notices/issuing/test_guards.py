"""A superuser cannot publish a notice or determine a case: by no address, no API, no shell, no SQL. Each test tries."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.actions import action_registry
from wagtail.actions.publish_revision import PublishRevisionAction
from wagtail.models import TaskState, WorkflowState

from cases.lifecycle import StepNotAllowed, apply_step
from cases.models import PlanningApplication
from cases.statuses import Origin, Status
from notices.models import DecisionNotice, IssuedNotice
from notices.signoff.approving import approve
from notices.signoff.drafting import draft_notice, start_correction
from tests.database import as_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(recommended, officer):
    return draft_notice(recommended(), by=officer)


def undecided(notice: DecisionNotice) -> bool:
    notice = DecisionNotice.objects.select_related("application").get(pk=notice.pk)
    case = notice.application
    return (
        not notice.live and not case.decision and case.status != Status.DETERMINED and not IssuedNotice.objects.exists()
    )


COMMITTED = "SET CONSTRAINTS ALL IMMEDIATE"  # what the end of a transaction checks


def sql_refuses(statement: str, *params) -> str:
    """Run SQL as the database's owner, whom only the triggers can refuse; the words of the refusal."""
    with pytest.raises(DatabaseError) as caught, as_owner() as cursor:
        cursor.execute(f"{COMMITTED}; SET CONSTRAINTS ALL DEFERRED; {statement}; {COMMITTED}", params)
    return str(caught.value)


# --- By address -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("button", ["action-publish", "action-submit"])
def test_by_the_editor(draft, superuser, client, button):
    client.force_login(superuser)
    address = reverse(DecisionNotice.snippet_viewset.get_url_name("edit"), args=[draft.pk])
    client.post(address, {"body-count": "0", button: "1"})
    assert undecided(draft)


def test_by_the_sign_off_page(submitted, superuser, client):
    notice = submitted()
    client.force_login(superuser)
    response = client.post(
        reverse("case_sign_off", args=[notice.application_id]), {"action": "approve", "issue": "on", "comment": ""}
    )
    assert response.status_code in {302, 403, 404}
    assert undecided(notice)


def test_by_wagtails_workflow_address(submitted, superuser, client):
    notice = submitted()
    client.force_login(superuser)
    address = reverse(
        DecisionNotice.snippet_viewset.get_url_name("workflow_action"),
        args=[notice.pk, "approve", TaskState.objects.get().pk],
    )
    client.post(address, {"comment": ""})
    assert undecided(notice)


def test_by_reverting_and_unscheduling(draft, superuser, client):
    client.force_login(superuser)
    for name in ("revisions_revert", "revisions_unschedule"):
        address = reverse(DecisionNotice.snippet_viewset.get_url_name(name), args=[draft.pk, draft.latest_revision_id])
        client.post(address, {"action-publish": "1"})
    assert undecided(draft)


def test_by_the_step_of_the_case(submitted, superuser, client):
    notice = submitted()
    client.force_login(superuser)
    client.post(
        reverse("case_step", args=[notice.application_id, "determine"]), {"note": "x", "decision": "ldc_granted"}
    )
    assert undecided(notice)


# --- By API and shell -----------------------------------------------------------------------------------------------


def test_by_the_registry_of_actions_that_wagtails_api_uses(draft, superuser):
    action = action_registry.get_action_class(DecisionNotice, "publish")
    for skip in (False, True):
        with pytest.raises(PermissionDenied):
            action(draft.get_latest_revision(), user=superuser).execute(skip_permission_checks=skip)
    assert undecided(draft)


def test_by_publishing_a_revision(draft, superuser):
    for arguments in ({"user": superuser}, {}, {"user": superuser, "skip_permission_checks": True}):
        with pytest.raises(PermissionDenied):
            draft.get_latest_revision().publish(**arguments)
    assert undecided(draft)


def test_by_wagtails_own_action_past_ours(draft, superuser):
    with pytest.raises(DatabaseError, match="only when it is issued"), transaction.atomic():
        PublishRevisionAction(draft.get_latest_revision(), user=superuser).execute(skip_permission_checks=True)
    assert undecided(draft)


def test_by_saving_it_live(draft):
    draft.live = True
    with pytest.raises(DatabaseError), transaction.atomic():
        draft.save()
    assert undecided(draft)


def test_by_scheduling_it(draft):
    draft.go_live_at = timezone.now()
    with pytest.raises(DatabaseError, match="notice_is_never_scheduled"), transaction.atomic():
        draft.save()
    revision = draft.latest_revision
    revision.approved_go_live_at = timezone.now()
    revision.save()
    with pytest.raises(PermissionDenied):
        call_command("publish_scheduled")
    assert undecided(draft)


def test_by_an_approval_that_nobody_might_give(submitted, superuser, officer):
    """A workflow finished by hand, in the name of the superuser or of the officer who submitted it."""
    notice = submitted()
    for user in (superuser, officer):
        TaskState.objects.update(status="approved", finished_by=user)
        with pytest.raises(PermissionDenied):
            WorkflowState.objects.get().finish(user=user)
    assert undecided(notice)


def test_by_the_step_determine(draft, submitted, superuser, manager):
    application = submitted().application
    facts = {"decision": "ldc_granted", "decided_on": timezone.localdate()}
    with pytest.raises(PermissionDenied):
        apply_step(application, "determine", by=superuser, **facts)
    with pytest.raises(StepNotAllowed, match="No signed-off decision notice"):
        apply_step(application, "determine", by=manager, **facts)


def test_by_saving_the_case(draft):
    case = draft.application
    case.status, case.decision, case.decided_on = Status.DETERMINED, "ldc_granted", timezone.localdate()
    with pytest.raises(DatabaseError, match="without an issued decision notice"), transaction.atomic():
        case.save()
    assert undecided(draft)


# --- By SQL -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "assignment",
    [
        "status = 'determined', decision = 'ldc_granted', decided_on = now()",
        "decision = 'ldc_granted', decided_on = now()",
        "origin = 'imported', status = 'determined', decision = 'ldc_granted', decided_on = now()",
    ],
)
def test_sql_cannot_determine_a_case(draft, assignment):
    sql_refuses(f"UPDATE cases_planningapplication SET {assignment} WHERE id = %s", draft.application_id)
    assert undecided(draft)


def test_sql_cannot_publish_a_notice(draft):
    assert "only when it is issued" in sql_refuses(
        "UPDATE notices_decisionnotice SET live = true WHERE id = %s", draft.pk
    )


INSERT = """
INSERT INTO notices_issuednotice (application_id, notice_id, version, decision, issued_on, issued_at, signed_by_id,
    signed_name, html, pdf, snapshot, html_sha256, pdf_sha256, snapshot_sha256, report_html, correction_reason)
SELECT application_id, %s, %s, decision, now(), now(), %s, 'x', 'x', '', '{}', '', '', '', '', 'x'
FROM notices_decisionnotice WHERE id = %s
"""


@pytest.mark.parametrize("who", ["superuser", "officer", "manager"])
def test_sql_cannot_issue_without_a_sign_off(submitted, request, who):
    notice = submitted()
    user = request.getfixturevalue(who)
    assert "after its sign-off" in sql_refuses(INSERT, notice.pk, 1, user.pk, notice.pk)


@pytest.mark.parametrize("who", ["superuser", "officer"])
def test_sql_cannot_issue_in_the_name_of_who_may_not_sign(submitted, request, who):
    """Even when the workflow's rows were forged to say that they approved."""
    notice = submitted()
    user = request.getfixturevalue(who)
    TaskState.objects.update(status="approved", finished_by=user)
    WorkflowState.objects.update(status="approved", requested_by=None)
    assert "after its sign-off" in sql_refuses(INSERT, notice.pk, 1, user.pk, notice.pk)


def test_sql_cannot_issue_and_leave_the_case_undecided(submitted, manager):
    notice = submitted()
    TaskState.objects.update(status="approved", finished_by=manager)
    WorkflowState.objects.update(status="approved")
    assert "comes with its determined application" in sql_refuses(INSERT, notice.pk, 1, manager.pk, notice.pk)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE notices_issuednotice SET html = 'other'",
        "UPDATE notices_issuednotice SET issued_on = issued_on - 1",
        "DELETE FROM notices_issuednotice",
        "TRUNCATE notices_issuednotice CASCADE",
    ],
)
def test_sql_cannot_touch_what_was_issued(submitted, manager, statement):
    approve(submitted(), by=manager)
    assert "append-only" in sql_refuses(statement)


@pytest.mark.parametrize("change", ["live = false", "decision = 'ldc_refused'", "body = '[]'", "particulars = '{}'"])
def test_sql_cannot_touch_the_notice_that_was_issued(submitted, manager, change):
    approve(submitted(), by=manager)
    assert "does not change" in sql_refuses(f"UPDATE notices_decisionnotice SET {change}")


def test_sql_cannot_take_a_decision_back(submitted, manager):
    issued = approve(submitted(), by=manager)
    assert "no longer changes" in sql_refuses(
        "UPDATE cases_planningapplication SET status = 'in_assessment' WHERE id = %s", issued.application_id
    )


def test_sql_cannot_change_the_decision_by_a_correction(submitted, manager, officer):
    issued = approve(submitted(), by=manager)
    correction = start_correction(issued.application, reason="A slip.", by=officer)
    words = sql_refuses(
        "UPDATE notices_decisionnotice SET decision = 'ldc_refused' WHERE id = %s; " + INSERT,
        correction.pk,
        correction.pk,
        2,
        manager.pk,
        correction.pk,
    )
    assert "sign-off" in words or "keeps the decision" in words


def test_unpublishing_is_refused(submitted, manager):
    notice = submitted()
    approve(notice, by=manager)
    notice.refresh_from_db()
    with pytest.raises(PermissionDenied):
        notice.unpublish(user=manager)


def test_an_imported_decision_needs_no_notice_of_ours(make_application):
    """A register kept elsewhere is taken over as it is, and says so for ever."""
    case = make_application(origin=Origin.IMPORTED, status=Status.IN_ASSESSMENT)
    with as_owner():
        PlanningApplication.objects.filter(pk=case.pk).update(
            status=Status.DETERMINED, decision="ldc_granted", decided_on="2019-01-01"
        )
    case.refresh_from_db()
    assert case.is_decided
