"""Two tabs, agent and applicant, two sweeps, an answer and the end of its time: each answer takes effect once."""

import io
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from cases.models import ApplicantLink, Document, Party, PlanningApplication, ValidationRequest
from cases.requests.answers.answering import AnswersClosed, keep_draft, send_answers
from cases.requests.answers.files import add_answer_file
from cases.requests.answers.settling import cancel_request
from cases.requests.links import link_for
from cases.timeline import broken_links
from notices.correspondence import silence
from notices.models import Message
from tests.cases import files
from tests.cases.asking import ask, link_of
from tests.clock import at, moment
from tests.notices.issuing.test_issue_race import both_at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


def row(request: ValidationRequest) -> ValidationRequest:
    return ValidationRequest.objects.get(pk=request.pk)


def send(request: ValidationRequest, link: ApplicantLink):
    return lambda: send_answers([row(request)], link=ApplicantLink.objects.get(pk=link.pk), name="Enid Blyton")


def a_case(make_application) -> PlanningApplication:
    with transaction.atomic():
        return make_application("pp.full.householder")


def with_porch(make_application, officer) -> ValidationRequest:
    application = a_case(make_application)
    return ask(application, "description", by=officer, proposed_description="A porch")


def check_once(request: ValidationRequest) -> None:
    events = request.application.events
    assert events.filter(kind="request_answered").count() == 1
    assert events.filter(kind="description_changed").count() == 1
    assert Message.objects.filter(application=request.application, about="answers_received").count() == 1
    assert list(broken_links(request.application_id)) == []


def test_two_tabs_send_the_same_answer_once(make_application, officer):
    for _ in range(ROUNDS):
        request = with_porch(make_application, officer)
        link = link_of(request.application)
        keep_draft(request, link=link, draft={"answer": "agreed"})
        results = both_at_once(send(request, link), send(request, link))
        assert all(isinstance(result, list) for result in results), results
        check_once(request)


def test_agent_and_applicant_answer_at_once_and_one_of_them_is_told(make_application, officer):
    for _ in range(ROUNDS):
        request = with_porch(make_application, officer)
        agent = Party.objects.create(application=request.application, role="agent", last_name="A", email="a@a.example")
        links = link_of(request.application), link_for(agent)
        keep_draft(request, link=links[0], draft={"answer": "agreed"})
        results = both_at_once(*(send(request, link) for link in links))
        assert sorted(type(result).__name__ for result in results) == ["AnswersClosed", "list"], results
        check_once(request)


def test_files_are_made_documents_once(make_application, officer):
    for number in range(3):
        request = ask(a_case(make_application), "additional_document", by=officer)
        link = link_of(request.application)
        add_answer_file(request, link=link, file=io.BytesIO(files.pdf(words=str(number))), name="plan.pdf")
        keep_draft(request, link=link, draft={"answer": "replied"})
        both_at_once(*[send(request, link)] * 3)
        assert Document.objects.filter(answers=request).count() == 1


def test_an_answer_and_a_withdrawal_at_once_are_one_of_the_two(make_application, officer):
    for _ in range(ROUNDS):
        request = with_porch(make_application, officer)
        link = link_of(request.application)
        keep_draft(request, link=link, draft={"answer": "agreed"})
        both_at_once(send(request, link), lambda request=request: cancel_request(row(request), because="x", by=officer))
        settled = row(request)
        words = PlanningApplication.objects.get(pk=request.application_id).description
        assert (settled.outcome, words) in {("accepted", "A porch"), ("cancelled", "Rear extension of a house")}


def test_the_end_of_the_time_and_the_answer_at_once_are_one_of_the_two(make_application, officer):
    sent = moment("2026-06-03 10:00")
    for _ in range(ROUNDS):
        with at(sent):
            request = with_porch(make_application, officer)
            request.messages.update(status=Message.Status.SENT, sent_at=timezone.now())
            link = link_of(request.application)
            keep_draft(request, link=link, draft={"answer": "disagreed", "text": "It is no porch."})
        with at(sent + timedelta(days=20)):
            results = both_at_once(send(request, link), silence.sweep)
        settled = row(request)
        words = PlanningApplication.objects.get(pk=request.application_id).description
        if settled.answer == "silence":
            assert isinstance(results[0], AnswersClosed), results
            assert (results[1], words) == (1, "A porch")
            assert settled.draft_answer["text"] == "It is no porch."
        else:
            assert (settled.answer, results[1], words) == ("disagreed", 0, "Rear extension of a house"), results
        assert list(broken_links(request.application_id)) == []


def test_two_sweeps_at_once_accept_a_silence_once(make_application, officer):
    sent = moment("2026-06-03 10:00")
    for _ in range(ROUNDS):
        with at(sent):
            request = with_porch(make_application, officer)
            request.messages.update(status=Message.Status.SENT, sent_at=timezone.now())
        with at(sent + timedelta(days=20)):
            results = both_at_once(silence.sweep, silence.sweep)
        assert sorted(results) == [0, 1], results
        assert request.application.events.filter(kind="request_accepted_by_silence").count() == 1
        assert request.application.events.filter(kind="description_changed").count() == 1
