"""How far a task is follows from the facts of the case."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from cases.models import Document, ValidationRequest
from cases.statuses import Status
from cases.worklists.checking import record_check
from cases.worklists.task_list import Stage, TaskStatus, facts_of, task_list

pytestmark = pytest.mark.django_db


def status_of(application, slug: str) -> TaskStatus:
    rows = {row.task.slug: row.status for _, rows in task_list(facts_of(application)) for row in rows}
    return rows[slug]


def add_document(application, **fields) -> Document:
    values = {"title": "Plan", "received_on": date(2026, 6, 1), "file": "x.pdf", **fields}
    return Document.objects.create(application=application, **values)


def test_stages_come_in_the_order_of_the_work(make_application):
    stages = [stage for stage, _ in task_list(facts_of(make_application("pp.full.householder")))]
    assert stages == [stage for stage in Stage if stage in stages]
    assert stages[0] == Stage.VALIDATE


def test_a_task_that_was_looked_at_does_not_look_untouched(make_application, officer):
    application = make_application()
    assert status_of(application, "check_description") == TaskStatus.NOT_STARTED
    record_check(application, task="check_description", outcome="looked_at", by=officer)
    assert status_of(application, "check_description") == TaskStatus.IN_PROGRESS
    record_check(application, task="check_description", outcome="fault", note="Too short", by=officer)
    assert status_of(application, "check_description") == TaskStatus.FAULT
    record_check(application, task="check_description", outcome="done", by=officer)
    assert status_of(application, "check_description") == TaskStatus.COMPLETED


def test_documents_are_done_when_each_was_assessed(make_application, officer):
    application = make_application()
    document = add_document(application)
    record_check(application, task="check_documents", outcome="done", by=officer)
    assert status_of(application, "check_documents") == TaskStatus.IN_PROGRESS
    Document.objects.filter(pk=document.pk).update(public_status="publish")
    assert status_of(application, "check_documents") == TaskStatus.COMPLETED


def test_a_document_that_could_not_be_fetched_is_a_fault_until_it_is_replaced(make_application, officer):
    application = make_application()
    failed = add_document(application, file="", fetch_status="failed", source_url="https://example.org/plan.pdf")
    assert status_of(application, "check_documents") == TaskStatus.FAULT
    newer = add_document(application, public_status="publish")
    Document.objects.filter(pk=failed.pk).update(superseded_by=newer)
    record_check(application, task="check_documents", outcome="done", by=officer)
    assert status_of(application, "check_documents") == TaskStatus.COMPLETED


def test_a_red_line_that_is_not_there_is_never_right(make_application, officer):
    application = make_application(boundary=None)
    record_check(application, task="check_red_line", outcome="done", by=officer)
    assert status_of(application, "check_red_line") == TaskStatus.FAULT


def test_the_decision_on_validity_is_begun_by_a_fault_and_ended_by_validity(make_application, officer):
    application = make_application()
    assert status_of(application, "send_validation_decision") == TaskStatus.NOT_STARTED
    ValidationRequest.objects.create(
        application=application, number=1, kind="fee", title="Fee", text="x", raised_by=officer
    )
    assert status_of(application, "send_validation_decision") == TaskStatus.IN_PROGRESS
    assert status_of(make_application(status=Status.IN_ASSESSMENT), "send_validation_decision") == TaskStatus.COMPLETED


@pytest.mark.parametrize("slug", ["site_visit", "recommendation"])
def test_assessment_cannot_start_before_the_application_is_valid(slug, make_application):
    assert status_of(make_application(), slug) == TaskStatus.CANNOT_START
    assert status_of(make_application(status=Status.IN_ASSESSMENT), slug) == TaskStatus.NOT_STARTED


def test_the_number_of_queries_does_not_depend_on_what_the_case_holds(
    make_application, officer, django_assert_max_num_queries, django_assert_num_queries
):
    application = make_application()
    with django_assert_max_num_queries(25) as first:
        task_list(facts_of(application))
    for number in range(3):
        add_document(application, title=str(number))
        record_check(application, task="check_fee", outcome="looked_at", by=officer)
    with django_assert_num_queries(len(first)):
        task_list(facts_of(application))


def test_comments_that_came_after_the_check_are_not_done(make_application, officer):
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)

    def comment() -> None:
        application.comments.create(name="N", sentiment="objection", text="x", received_on=date(2026, 6, 10))

    comment()
    record_check(application, task="comments", outcome="done", by=officer)
    assert status_of(application, "comments") == TaskStatus.COMPLETED  # left unpublished, and said so
    comment()
    assert status_of(application, "comments") == TaskStatus.IN_PROGRESS
    record_check(application, task="comments", outcome="done", by=officer)
    assert status_of(application, "comments") == TaskStatus.COMPLETED


def test_a_fault_found_while_it_is_assessed_shows_on_the_list(make_application, officer):
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    assert status_of(application, "send_validation_decision") == TaskStatus.COMPLETED
    ValidationRequest.objects.create(
        application=application, number=1, kind="fee", title="Fee", text="x", raised_by=officer
    )
    assert status_of(application, "requests") == TaskStatus.IN_PROGRESS
    assert words_of(application, "requests") == "1 not sent yet"
    assert status_of(application, "send_validation_decision") == TaskStatus.COMPLETED  # it was found valid once


def test_a_case_that_ended_before_it_was_valid_was_never_found_valid(make_application):
    application = make_application(status=Status.RETURNED)
    assert status_of(application, "send_validation_decision") == TaskStatus.NOT_STARTED


def ask(application, officer, number: int = 1, **fields) -> ValidationRequest:
    return application.validation_requests.create(
        **{"number": number, "kind": "fee", "title": "Fee", "text": "x", "raised_by": officer, **fields}
    )


def words_of(application, slug: str) -> str:
    return {row.task.slug: row.words for _, rows in task_list(facts_of(application)) for row in rows}[slug]


def test_the_decision_on_validity_says_what_waits_for_whom(make_application, officer):
    application = make_application(status=Status.INVALIDATED)
    assert words_of(application, "send_validation_decision") == ""
    now, today = timezone.now(), timezone.localdate()
    sent = {"sent_at": now, "sent_by": officer}
    ask(application, officer)
    ask(application, officer, 2, **sent, due_on=today)
    ask(application, officer, 3, **sent, due_on=today - timedelta(days=1))
    assert words_of(application, "send_validation_decision") == "1 not sent yet; 2 with the applicant, 1 late"
    for number in (4, 5):
        ask(application, officer, number, **sent, due_on=today, answer="replied", answered_at=now)
    assert words_of(application, "send_validation_decision").startswith("2 answers to look at; 1 not sent yet")


def test_an_answer_after_validity_waits_in_a_task_of_its_own_and_validity_stays_done(make_application, officer):
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    now = timezone.now()
    terms = ask(application, officer, kind="heads_of_terms", sent_at=now, sent_by=officer)
    assert status_of(application, "send_validation_decision") == TaskStatus.COMPLETED  # validity does not wait for it
    assert "requests" not in slugs_of(application)
    terms.answer, terms.answered_at = "disagreed", now
    terms.save()
    assert status_of(application, "send_validation_decision") == TaskStatus.COMPLETED
    assert words_of(application, "send_validation_decision") == ""
    assert status_of(application, "requests") == TaskStatus.IN_PROGRESS
    assert words_of(application, "requests") == "1 answer to look at"
    terms.outcome, terms.resolved_at = "left", now
    terms.save()
    assert status_of(application, "send_validation_decision") == TaskStatus.COMPLETED
    assert "requests" not in slugs_of(application)


@pytest.mark.parametrize("status", [Status.NOT_STARTED, Status.INVALIDATED])
def test_before_validity_what_is_asked_is_part_of_the_decision_on_it(make_application, officer, status):
    application = make_application("pp.full.householder", status=status)
    ask(application, officer)
    assert "requests" not in slugs_of(application)
    assert status_of(application, "send_validation_decision") == TaskStatus.IN_PROGRESS
    assert words_of(application, "send_validation_decision") == "1 not sent yet"


def slugs_of(application) -> set[str]:
    return {row.task.slug for _, rows in task_list(facts_of(application)) for row in rows}


def test_conditions_are_not_done_before_the_applicant_agreed_to_what_comes_before_work(make_application, officer):
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    condition = application.conditions.create(title="Samples", text="x", reason="y", type="pre_commencement")
    application.conditions.create(title="Materials", text="x", reason="y", type="compliance")
    record_check(application, task="conditions", outcome="done", by=officer)
    assert status_of(application, "conditions") == TaskStatus.IN_PROGRESS
    assert words_of(application, "conditions") == "1 not agreed to"
    ask(
        application,
        officer,
        kind="pre_commencement",
        condition=condition,
        sent_at=timezone.now(),
        sent_by=officer,
        answer="silence",
        answered_at=timezone.now(),
        outcome="accepted",
        arrived_on=timezone.localdate(),
        resolved_at=timezone.now(),
    )
    assert status_of(application, "conditions") == TaskStatus.COMPLETED  # ten working days of silence are a yes
    application.validation_requests.update(outcome="left")
    assert status_of(application, "conditions") == TaskStatus.IN_PROGRESS
    condition.agreed_on = date(2026, 7, 1)
    condition.save()
    assert status_of(application, "conditions") == TaskStatus.COMPLETED
    assert words_of(application, "conditions") == ""
