"""Sign-off: who may, in which order, and that the case goes along, whichever door is used."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from wagtail.models import ModelLogEntry, Task, TaskState, WorkflowState

from accounts.roles import PLANNING_MANAGER, PLANNING_OFFICER
from cases.lifecycle import StepNotAllowed, apply_step
from cases.models import CaseEvent, Recommendation
from cases.statuses import Decision, Resolution, Route, Status
from notices.models import DecisionNotice, IssuedNotice
from notices.permissions import waiting_for, why_not_sign_off
from notices.signoff.approving import approve, send_back
from notices.signoff.drafting import draft_notice, save_draft, start_correction
from notices.signoff.submitting import recall, submit_for_sign_off

pytestmark = pytest.mark.django_db


def status_of(notice: DecisionNotice) -> str:
    notice.application.refresh_from_db()
    return notice.application.status


def task_state(notice: DecisionNotice) -> TaskState:
    return TaskState.objects.filter(workflow_state__object_id=str(notice.pk)).latest("pk")


# --- Drafting -----------------------------------------------------------------------------------------------------


def test_a_notice_is_drafted_from_the_recommendation(recommended, officer):
    application = recommended()
    notice = draft_notice(application, by=officer)
    assert (notice.decision, notice.template.slug) == (Decision.LDC_GRANTED, "ldc-proposed-granted")
    assert notice.particulars["values"]["reference"] == application.reference
    assert not notice.live
    assert application.events.filter(kind="notice_drafted").exists()


def test_no_notice_without_a_recommendation(make_application, officer):
    with pytest.raises(StepNotAllowed, match="Recommend a decision first"):
        draft_notice(make_application(status=Status.IN_ASSESSMENT), by=officer)


def test_drafting_again_keeps_the_words_and_reads_the_facts_anew(recommended, officer):
    application = recommended()
    notice = draft_notice(application, by=officer)
    notice = save_draft(notice, by=officer, body=[("heading", "Our own words")])
    type(application).objects.filter(pk=application.pk).update(description="A porch")
    again = draft_notice(application, by=officer)
    assert again.pk == notice.pk
    assert [child.value for child in again.body] == ["Our own words"]
    assert again.particulars["values"]["description"] == "A porch"
    afresh = draft_notice(application, by=officer, afresh=True)
    assert len(afresh.body) > 1


def test_another_recommendation_makes_another_notice(recommended, officer):
    application = recommended()
    draft_notice(application, by=officer)
    Recommendation.objects.create(application=application, decision=Decision.LDC_REFUSED, summary="No.", by=officer)
    assert draft_notice(application, by=officer).template.slug == "ldc-proposed-refused"


def test_a_notice_that_does_not_say_what_was_recommended_is_not_submitted(recommended, officer):
    application = recommended()
    notice = draft_notice(application, by=officer)
    Recommendation.objects.create(application=application, decision=Decision.LDC_REFUSED, summary="No.", by=officer)
    with pytest.raises(StepNotAllowed, match="does not say what was recommended"):
        submit_for_sign_off(notice, by=officer)
    assert status_of(notice) == Status.IN_ASSESSMENT


@pytest.mark.parametrize("who", ["support_officer", "reader", "administrator", "superuser", "other_officer"])
def test_only_officers_of_the_case_draft(recommended, request, who):
    with pytest.raises(PermissionDenied):
        draft_notice(recommended(), by=request.getfixturevalue(who))


# --- Submitting ---------------------------------------------------------------------------------------------------


def test_submitting_locks_the_text_and_moves_the_case(submitted, officer):
    notice = submitted()
    assert status_of(notice) == Status.AWAITING_DETERMINATION
    assert notice.workflow_in_progress
    with pytest.raises(PermissionDenied):
        save_draft(notice, by=officer, body=[("heading", "Changed behind their backs")])
    with pytest.raises(PermissionDenied):
        draft_notice(notice.application, by=officer)


def test_the_law_keeps_a_faulty_notice_back(recommended, officer):
    application = recommended(decision=Decision.LDC_REFUSED)  # and no reason
    notice = draft_notice(application, by=officer)
    with pytest.raises(ValidationError, match="has no reasons"):
        submit_for_sign_off(notice, by=officer)
    assert status_of(notice) == Status.IN_ASSESSMENT
    assert not WorkflowState.objects.exists()


def test_managers_of_the_council_are_told(submitted, manager, second_manager, make_user, other_authority, mailoutbox):
    make_user("elsewhere", PLANNING_MANAGER, authority=other_authority)
    submitted()
    told = [mail.to for mail in mailoutbox if "waits for your sign-off" in mail.subject]
    assert sorted(told) == sorted([[manager.email], [second_manager.email]])


def test_wagtail_mails_nobody_elsewhere(submitted, make_user, other_authority, superuser, manager, officer, mailoutbox):
    make_user("elsewhere", PLANNING_MANAGER, authority=other_authority)
    send_back(submitted(), by=manager, comment="Change it.")
    assert {address for mail in mailoutbox for address in mail.to} == {manager.email, officer.email}


# --- Deciding -----------------------------------------------------------------------------------------------------


def test_approval_issues_the_decision(submitted, manager):
    notice = submitted()
    issued = approve(notice, by=manager, comment="Agreed.")
    assert status_of(notice) == Status.DETERMINED
    assert (issued.version, issued.signed_by, issued.decision) == (1, manager, notice.decision)
    notice.refresh_from_db()
    assert notice.live
    assert (task_state(notice).comment, task_state(notice).finished_by) == ("Agreed.", manager)


def test_sending_back_needs_words_and_returns_the_case(submitted, manager, officer):
    notice = submitted()
    with pytest.raises(StepNotAllowed, match="what the officer should change"):
        send_back(notice, by=manager, comment="  ")
    send_back(notice, by=manager, comment="Name the plans.")
    assert status_of(notice) == Status.TO_BE_REVIEWED
    assert notice.current_workflow_state.status == WorkflowState.STATUS_NEEDS_CHANGES
    assert task_state(notice).comment == "Name the plans."


def test_resubmitting_ties_the_approval_to_the_new_text(submitted, manager, officer):
    notice = submitted()
    send_back(notice, by=manager, comment="Reword it.")
    body = [(child.block_type, child.value) for child in notice.body] + [("heading", "Added after the review")]
    save_draft(notice, by=officer, body=body)
    notice = DecisionNotice.objects.get(pk=notice.pk)
    submit_for_sign_off(notice, by=officer)
    newest = DecisionNotice.objects.get(pk=notice.pk).latest_revision
    assert task_state(notice).revision == newest
    assert "Added after the review" in approve(notice, by=manager).html


def test_nobody_signs_off_their_own_work(recommended, manager, second_manager, make_user, authority):
    both = make_user("both", PLANNING_OFFICER, PLANNING_MANAGER, authority=authority)
    notice = submit_for_sign_off(draft_notice(recommended(by=both), by=both), by=both)
    with pytest.raises(PermissionDenied, match="somebody else must sign it off"):
        approve(notice, by=both)
    assert not waiting_for(both).exists()
    assert not TaskState.objects.reviewable_by(both).exists()
    assert list(waiting_for(manager)) == [notice]
    approve(notice, by=manager)


def test_what_waits_for_a_manager_is_asked_once_however_much_waits(submitted, manager, django_assert_num_queries):
    notices = {submitted().pk}
    assert list(waiting_for(manager))  # whose permissions are known from here on
    for _ in range(2):
        with django_assert_num_queries(1):
            assert {notice.pk for notice in waiting_for(manager)} == notices
        notices.add(submitted().pk)


@pytest.mark.parametrize("part", ["recommended", "wrote", "submitted"])
def test_a_hand_in_one_part_is_enough_to_be_kept_from_signing(recommended, officer, manager, part):
    application = recommended()
    if part == "recommended":
        Recommendation.objects.create(
            application=application, decision=Decision.LDC_GRANTED, summary="Yes.", by=manager
        )
    notice = draft_notice(application, by=officer)
    if part == "wrote":
        save_draft(notice, by=manager, body=notice.body)
    submit_for_sign_off(notice, by=manager if part == "submitted" else officer)
    assert why_not_sign_off(notice, manager)
    assert not waiting_for(manager).exists()
    with pytest.raises(PermissionDenied):
        approve(notice, by=manager)
    with pytest.raises(PermissionDenied):
        send_back(notice, by=manager, comment="No.")


@pytest.mark.parametrize("who", ["officer", "support_officer", "reader", "administrator", "superuser", "other_officer"])
def test_who_is_no_manager_of_the_council_signs_nothing_off(submitted, request, who):
    notice = submitted()
    user = request.getfixturevalue(who)
    for verb in (lambda: approve(notice, by=user), lambda: send_back(notice, by=user, comment="No.")):
        with pytest.raises(PermissionDenied):
            verb()
    assert notice.current_workflow_task.get_actions(notice, user) == []
    assert status_of(notice) == Status.AWAITING_DETERMINATION


def test_a_manager_of_another_council_sees_and_does_nothing(submitted, make_user, other_authority, client):
    notice = submitted()
    stranger = make_user("elsewhere", PLANNING_MANAGER, authority=other_authority)
    with pytest.raises(PermissionDenied, match="another council"):
        approve(notice, by=stranger)
    assert not TaskState.objects.reviewable_by(stranger).exists()
    client.force_login(stranger)
    for name in ("case_notice", "case_sign_off", "case_notice_preview"):
        assert client.get(reverse(name, args=[notice.application_id])).status_code == 404


def test_taking_back(submitted, officer, manager):
    notice = submitted()
    recall(notice, by=officer)
    assert status_of(notice) == Status.IN_ASSESSMENT
    assert not notice.workflow_in_progress
    with pytest.raises(StepNotAllowed):
        approve(notice, by=manager)
    submit_for_sign_off(DecisionNotice.objects.get(pk=notice.pk), by=officer)
    approve(DecisionNotice.objects.get(pk=notice.pk), by=manager)


def test_withdrawing_the_case_ends_the_sign_off(submitted, officer, manager):
    notice = submitted()
    apply_step(notice.application, "withdraw", by=officer, note="Withdrawn by letter.", withdrawn_on="2026-07-01")
    assert not DecisionNotice.objects.get(pk=notice.pk).workflow_in_progress
    with pytest.raises(StepNotAllowed):
        approve(notice, by=manager)
    assert not IssuedNotice.objects.exists()


# --- Committee ----------------------------------------------------------------------------------------------------


def at_committee(notice, manager, **resolution):
    apply_step(notice.application, "send_to_committee", by=manager, committee_on="2026-08-01", route=Route.COMMITTEE)
    type(notice.application).objects.filter(pk=notice.application_id).update(**resolution)


def test_after_committee_the_resolution_comes_first(submitted, manager):
    notice = submitted()
    at_committee(notice, manager)
    with pytest.raises(StepNotAllowed, match="what the committee resolved"):
        approve(notice, by=manager)


@pytest.mark.parametrize(
    ("resolution", "words"), [(Resolution.REFUSE, "does not say what"), (Resolution.DEFER, "deferred")]
)
def test_the_notice_says_what_the_committee_resolved(submitted, manager, resolution, words):
    notice = submitted()
    at_committee(notice, manager, committee_resolution=resolution)
    with pytest.raises(StepNotAllowed, match=words):
        approve(notice, by=manager)
    send_back(notice, by=manager, comment="Draft the refusal.")
    assert status_of(notice) == Status.TO_BE_REVIEWED


def test_a_resolution_to_grant_is_issued(submitted, manager):
    notice = submitted()
    at_committee(notice, manager, committee_resolution=Resolution.GRANT)
    approve(notice, by=manager)
    assert status_of(notice) == Status.DETERMINED


def test_who_decides_is_who_was_recommended(recommended, officer, manager):
    application = recommended()
    application.recommendations.create(
        decision=Decision.LDC_GRANTED, summary="Called in.", route=Route.COMMITTEE, by=officer
    )
    notice = submit_for_sign_off(draft_notice(application, by=officer), by=officer)
    with pytest.raises(StepNotAllowed, match="goes to committee"):
        approve(notice, by=manager)
    send_back(notice, by=manager, comment="The member has withdrawn the call-in.")
    application.recommendations.create(decision=Decision.LDC_GRANTED, summary="Ours.", route=Route.OFFICER, by=officer)
    submit_for_sign_off(notice, by=officer)
    approve(notice, by=manager)
    assert status_of(notice) == Status.DETERMINED


def test_redrafted_as_the_committee_resolved_it_need_not_go_there_again(submitted, officer, manager):
    notice = submitted()
    application = notice.application
    at_committee(notice, manager, committee_resolution=Resolution.REFUSE, committee_note="Harm.")
    send_back(notice, by=manager, comment="Draft the refusal.")
    # What the committee has taken up, no recommendation takes back from it.
    submit_for_sign_off(notice, by=officer)
    with pytest.raises(StepNotAllowed, match="does not say what the committee resolved"):
        approve(notice, by=manager)
    send_back(notice, by=manager, comment="Draft the refusal.")
    application.refusal_reasons.create(title="Harm", text="It does not keep the limits.", sort_order=0)
    application.recommendations.create(decision=Decision.LDC_REFUSED, summary="As resolved.", by=officer)
    application.refresh_from_db()
    submit_for_sign_off(draft_notice(application, by=officer), by=officer)
    approve(notice, by=manager)
    application.refresh_from_db()
    assert (application.decision, application.committee_resolution) == (Decision.LDC_REFUSED, Resolution.REFUSE)


def test_deferred_and_sent_back_it_goes_to_another_meeting(submitted, officer, manager):
    notice = submitted()
    at_committee(notice, manager, committee_resolution=Resolution.DEFER)
    send_back(notice, by=manager, comment="They want shadow diagrams.")
    submit_for_sign_off(notice, by=officer)
    with pytest.raises(StepNotAllowed, match="goes to committee"):
        approve(notice, by=manager)
    at_committee(notice, manager, committee_resolution=Resolution.GRANT)
    approve(notice, by=manager)
    assert status_of(notice) == Status.DETERMINED


# --- Corrections --------------------------------------------------------------------------------------------------


def test_a_correction_is_a_new_version_by_the_same_way(submitted, manager, officer):
    notice = submitted()
    first = approve(notice, by=manager)
    application = first.application
    correction = start_correction(application, reason="The address was misspelt.", by=officer)
    particulars = {**correction.particulars}
    particulars["facts"] = {**particulars["facts"], "site_address": "8 Blyton Close"}
    particulars["values"] = {**particulars["values"], "site_address": "8 Blyton Close"}
    save_draft(correction, by=officer, particulars=particulars)
    submit_for_sign_off(DecisionNotice.objects.get(pk=correction.pk), by=officer)
    assert status_of(notice) == Status.DETERMINED
    with pytest.raises(PermissionDenied):
        approve(correction, by=officer)
    second = approve(correction, by=manager)
    assert (second.version, second.correction_reason) == (2, "The address was misspelt.")
    assert "8 Blyton Close" in second.html
    assert "misspelt" in second.html
    assert IssuedNotice.objects.get(version=1).html == first.html
    decided = application.events.filter(kind__in=["determine", "notice_corrected"]).values_list("kind", flat=True)
    assert list(decided) == ["determine", "notice_corrected"]


def test_a_correction_can_be_sent_back(submitted, manager, officer):
    first = approve(submitted(), by=manager)
    correction = start_correction(first.application, reason="A slip.", by=officer)
    submit_for_sign_off(correction, by=officer)
    send_back(correction, by=manager, comment="It is right as it is.")
    assert correction.current_workflow_state.status == WorkflowState.STATUS_NEEDS_CHANGES
    assert status_of(correction) == Status.DETERMINED
    assert IssuedNotice.objects.count() == 1


def test_a_correction_needs_a_reason_and_an_issued_notice(submitted, manager, officer, make_application):
    notice = submitted()
    with pytest.raises(PermissionDenied):
        start_correction(notice.application, reason="Too early.", by=officer)
    approve(notice, by=manager)
    with pytest.raises(StepNotAllowed, match="Say what is wrong"):
        start_correction(notice.application, reason=" ", by=officer)


# --- Wagtail's own doors ------------------------------------------------------------------------------------------


def url(name: str, *args) -> str:
    return reverse(DecisionNotice.snippet_viewset.get_url_name(name), args=args)


def is_refused(response) -> bool:
    """Wagtail's admin answers a refusal by its home page with a message, our pages by 404 or 403."""
    return response.status_code in {403, 404} or (
        response.status_code == 302 and response.url == reverse("wagtailadmin_home")
    )


def act(client, user, notice, action, **data):
    client.force_login(user)
    return client.post(url("workflow_action", notice.pk, action, task_state(notice).pk), {"comment": "", **data})


def test_wagtails_approve_does_what_ours_does(submitted, manager, client):
    notice = submitted()
    assert act(client, manager, notice, "approve", comment="Fine").status_code == 302
    assert status_of(notice) == Status.DETERMINED


def test_wagtails_reject_moves_the_case_and_needs_words(submitted, manager, client):
    notice = submitted()
    assert is_refused(act(client, manager, notice, "reject"))
    assert status_of(notice) == Status.AWAITING_DETERMINATION
    act(client, manager, notice, "reject", comment="Change it.")
    assert status_of(notice) == Status.TO_BE_REVIEWED


@pytest.mark.parametrize("who", ["officer", "superuser", "other_officer", "administrator"])
@pytest.mark.parametrize("action", ["approve", "reject"])
def test_wagtails_workflow_addresses_refuse_who_may_not(submitted, request, client, who, action):
    notice = submitted()
    assert is_refused(act(client, request.getfixturevalue(who), notice, action, comment="Let me."))
    assert status_of(notice) == Status.AWAITING_DETERMINATION
    assert not IssuedNotice.objects.exists()


def test_a_task_state_of_another_notice_cannot_be_smuggled_in(submitted, manager, client, make_user, other_authority):
    """The address names one notice and the task state of another: asked is the one that would change."""
    theirs = make_user("stranger2", PLANNING_OFFICER, authority=other_authority)
    other = submitted(by=theirs, authority=other_authority)
    mine = submitted()
    client.force_login(manager)
    client.post(url("workflow_action", mine.pk, "approve", task_state(other).pk), {"comment": ""})
    assert status_of(other) == Status.AWAITING_DETERMINATION
    assert status_of(mine) == Status.AWAITING_DETERMINATION


@pytest.mark.parametrize("who", ["officer", "manager", "superuser"])
@pytest.mark.parametrize(
    "name", ["add", "delete", "unpublish", "lock", "unlock", "usage", "confirm_workflow_cancellation", "preview_on_add"]
)
def test_what_has_no_place_with_decisions_is_refused_to_all(submitted, request, client, who, name):
    notice = submitted()
    client.force_login(request.getfixturevalue(who))
    address = url(name) if name in {"add", "preview_on_add"} else url(name, notice.pk)
    assert is_refused(client.get(address))
    assert is_refused(client.post(address, {"action-publish": "1"}))
    assert DecisionNotice.objects.filter(pk=notice.pk, live=False, locked=False).exists()


@pytest.mark.parametrize(
    "button", ["action-publish", "action-submit", "action-cancel-workflow", "action-workflow-action"]
)
def test_the_editor_saves_and_does_nothing_else(recommended, officer, client, button):
    notice = draft_notice(recommended(), by=officer)
    client.force_login(officer)
    data = {
        "body-count": "1",
        "body-0-deleted": "",
        "body-0-order": "0",
        "body-0-type": "heading",
        "body-0-id": "",
        "body-0-value": "Our words",
        button: "1",
    }
    response = client.post(url("edit", notice.pk), data)
    assert response.status_code == 302, response.content[:500]
    notice.refresh_from_db()
    assert not notice.live
    assert not notice.workflow_in_progress
    assert [child.value for child in notice.get_latest_revision_as_object().body] == ["Our words"]


@pytest.mark.parametrize("who", ["officer", "manager", "superuser"])
def test_nobody_edits_a_notice_in_sign_off(submitted, request, client, who):
    notice = submitted()
    before = notice.latest_revision_id
    client.force_login(request.getfixturevalue(who))
    client.post(url("edit", notice.pk), {"body-count": "0", "action-publish": "1"})
    notice.refresh_from_db()
    assert notice.latest_revision_id == before
    assert not notice.live


@pytest.mark.parametrize("name", ["edit", "history", "workflow_history", "preview_on_edit", "workflow_action"])
def test_another_council_finds_nothing(submitted, client, make_user, other_authority, name):
    notice = submitted()
    client.force_login(make_user("elsewhere", PLANNING_MANAGER, authority=other_authority))
    args = [notice.pk, "approve", task_state(notice).pk] if name == "workflow_action" else [notice.pk]
    assert client.get(url(name, *args)).status_code == 404
    assert notice.application.reference not in client.get(url("list")).content.decode()


def test_the_editor_sends_managers_to_the_sign_off_page(submitted, manager, client):
    notice = submitted()
    client.force_login(manager)
    assert client.get(url("edit", notice.pk)).url == reverse("case_sign_off", args=[notice.application_id])


# --- In a shell ---------------------------------------------------------------------------------------------------


def test_a_workflow_started_by_hand_obeys_the_same_rules(recommended, officer, superuser):
    notice = draft_notice(recommended(decision=Decision.LDC_REFUSED), by=officer)
    with pytest.raises(PermissionDenied):
        notice.get_workflow().start(notice, superuser)
    with pytest.raises(ValidationError):
        notice.get_workflow().start(notice, officer)
    assert not WorkflowState.objects.exists()


def test_switching_the_task_off_publishes_nothing(submitted, superuser):
    notice = submitted()
    task = Task.objects.get(pk=notice.current_workflow_task.pk).specific
    with pytest.raises(PermissionDenied):
        task.deactivate(user=superuser)  # Wagtail would finish the workflow then
    assert status_of(notice) == Status.AWAITING_DETERMINATION


def test_a_task_state_approved_by_hand_publishes_nothing(submitted, superuser, officer):
    notice = submitted()
    for user in (superuser, officer, None):
        with pytest.raises(PermissionDenied):
            task_state(notice).approve(user=user)
    assert task_state(notice).status == TaskState.STATUS_IN_PROGRESS
    assert not ModelLogEntry.objects.filter(action="wagtail.publish", object_id=str(notice.pk)).exists()
    assert not CaseEvent.objects.filter(kind="determine").exists()
