"""Odd input to the applicants' pages, what was typed while a file came in, and whose eyes meet the link."""

import logging
import re

import pytest
from django.utils import timezone

from cases.models import Condition, ValidationRequest
from cases.requests import links
from cases.requests.answers.answering import AnswersClosed, keep_draft
from cases.statuses import Status
from config import log_filter
from config.log_filter import HideLinks
from home.responses.applicant_pages import answer_views, views
from tests.home.applicants import MOVED, Applicant, ask

from .test_applicant_pages import plan

pytestmark = pytest.mark.usefixtures("letters")

Kind = ValidationRequest.Kind


def owners(**fields) -> dict:
    today = timezone.localdate()
    first = {
        "owners-0-name": "Ann Smith",
        "owners-0-address": "1 High Street",
        "owners-0-notice_on": today,
    }
    certificate = {"answer": "replied", "sole_owner": "no", "knows": "all", "agricultural": "no", "owners-count": "1"}
    return {**certificate, **first, **fields}


@pytest.mark.parametrize("year", ["9" * 30, "9" * 5000, "٣", "-1", "0"])
def test_a_year_that_is_none_is_said_in_words(application, applicant, officer, year):
    asked = ask(application, Kind.OWNERSHIP, by=officer)
    page = applicant.answers(asked, status=422, **owners(**{"owners-0-notice_on": f"3/5/{year}"})).content.decode()
    assert "Enter a date like 27 March 2026" in page


def test_nothing_of_a_certificate_is_cut_off_in_silence(application, applicant, officer):
    asked = ask(application, Kind.OWNERSHIP, by=officer)
    today = timezone.localdate()
    searched = "We asked at HM Land Registry. " * 100
    some = owners(knows="some", steps_taken=searched, newspaper="The Bucks Free Press", newspaper_on=today)
    assert "2,000 characters or fewer" in applicant.answers(asked, status=422, **some).content.decode()
    long_name = applicant.answers(asked, status=422, **owners(**{"owners-0-name": "Ann " * 40})).content.decode()
    assert "120 characters" in long_name


def test_what_was_saved_while_a_file_came_in_is_kept(application, applicant, officer, monkeypatch):
    asked = ask(application, Kind.ADDITIONAL_DOCUMENT, by=officer)
    add = answer_views.add_answer_file

    def meanwhile(request, **how):
        keep_draft(request, link=how["link"], draft={"answer": "disagreed", "text": "It came in May."})
        return add(request, **how)

    monkeypatch.setattr(answer_views, "add_answer_file", meanwhile)
    sent = applicant.client.post(applicant.at("applicant_upload", 1), {"files": plan()})
    assert sent.status_code == 201
    asked.refresh_from_db()
    assert asked.draft_answer == {"answer": "disagreed", "text": "It came in May."}


def test_what_was_signed_and_not_sent_is_no_part_of_the_draft(application, applicant, officer, monkeypatch):
    asked = ask(application, Kind.OWNERSHIP, by=officer)
    applicant.answers(asked, answer="replied", sole_owner="yes", agricultural="no")

    def closed(*args, **kwargs):
        raise AnswersClosed("It is closed.")

    monkeypatch.setattr(views, "send_answers", closed)
    applicant.sends(asked, declared="on", status=409)
    asked.refresh_from_db()
    assert asked.draft_answer["text"] == ""


def test_nobody_signs_what_somebody_else_has_changed_meanwhile(application, applicant, officer):
    asked = ask(application, Kind.DESCRIPTION, by=officer)
    applicant.answers(asked, answer="disagreed", text="It is no extension.")
    seen = re.search(r'name="seen" value="(\w+)"', applicant.reads("applicant_check"))[1]
    applicant.answers(asked, answer="agreed")  # by the agent, on a page of their own
    page = applicant.sends(asked, seen=seen, status=409).content.decode()
    assert "Something has changed" in page
    asked.refresh_from_db()
    assert asked.answer == ""
    applicant.sends(asked, seen=re.search(r'name="seen" value="(\w+)"', page)[1])
    asked.refresh_from_db()
    assert asked.answer == "agreed"


@pytest.mark.parametrize("number", [10**5, 10**30])
def test_a_number_that_no_request_can_have_is_not_found(application, applicant, officer, number):
    ask(application, Kind.ADDITIONAL_DOCUMENT, by=officer)
    for name in ("applicant_request", "applicant_upload"):
        method = applicant.client.post if name == "applicant_upload" else applicant.client.get
        assert method(applicant.at(name, number)).status_code == 404


@pytest.mark.parametrize("logger", ["django.request", "django.security.csrf", "gunicorn.access"])
def test_the_log_does_not_tell_the_link(application, applicant, officer, logger):
    where = {"h": "192.0.2.1", "r": f"GET {applicant.at()} HTTP/1.1", "f": f"https://example.org{applicant.at()}"}
    for told in (
        logging.LogRecord(logger, logging.WARNING, "", 1, "%s: %s", ("Not Found", applicant.at()), None),
        logging.LogRecord(logger, logging.INFO, "", 1, '%(h)s "%(r)s" "%(f)s"', (where,), None),
    ):
        assert HideLinks().filter(told)
        assert applicant.token not in told.getMessage()
        assert "/your-application/" in told.getMessage()


def test_every_log_is_written_through_the_filter(settings):
    handlers = settings.LOGGING["handlers"]
    assert all("hide_links" in handler["filters"] for handler in handlers.values())
    assert settings.LOGGING["loggers"]["gunicorn.access"]["handlers"] == ["access"]


def test_the_filter_knows_what_a_link_looks_like():
    assert log_filter.TOKEN.pattern == links.TOKEN.pattern


def test_a_condition_is_shown_as_the_notice_will_say_it_with_every_reason(make_application, officer):
    assessed = make_application("pp.full.householder", status=Status.IN_ASSESSMENT, address="7 Blyton Close")
    condition = Condition.objects.create(
        application=assessed,
        title="Drainage",
        text="Not before drainage of {{ site_address }} is approved.",
        reason="Floods.",
        pre_commencement_reason="Pipes are laid first.",
        type="pre_commencement",
    )
    ask(assessed, Kind.PRE_COMMENCEMENT, by=officer, condition=condition)
    page = Applicant(assessed).reads("applicant_request", 1)
    assert "drainage of 7 Blyton Close" in page
    assert "{{" not in page
    assert "Pipes are laid first." in page


@pytest.mark.parametrize("is_sent", [False, True])
def test_nobody_is_told_that_they_were_asked_again_before_they_were(application, applicant, officer, is_sent):
    first = ask(
        application,
        "additional_document",
        by=officer,
        answer="replied",
        answered_at=timezone.now(),
        outcome="not_accepted",
        resolved_at=timezone.now(),
        resolved_by=officer,
    )
    not_yet = {} if is_sent else {"sent_at": None, "sent_by": None, "due_on": None}
    ask(application, "additional_document", by=officer, follows=first, **not_yet)
    page = applicant.reads()
    assert ("asked again on" in page) is is_sent
    assert ("will write to you about it" in page) is not is_sent


def test_who_drew_a_line_sees_it_when_it_is_settled(application, applicant, officer):
    ask(
        application,
        "red_line",
        by=officer,
        answer="replied",
        answered_at=timezone.now(),
        answer_boundary=MOVED,
        outcome="accepted",
        arrived_on=timezone.localdate(),
        resolved_at=timezone.now(),
        resolved_by=officer,
    )
    assert "Outline of the site as it was drawn" in applicant.reads("applicant_request", 1)


def test_the_words_that_were_proposed_are_read_after_the_answer_too(application, applicant, officer):
    ask(
        application,
        "description",
        by=officer,
        answer="disagreed",
        answered_at=timezone.now(),
        answer_text="No.",
        outcome="left",
        resolved_at=timezone.now(),
        resolved_by=officer,
    )
    assert "The words that we proposed: “Single storey side extension of a house”" in applicant.reads(
        "applicant_request", 1
    )
