"""A new link without an account: sent to the address on file alone, and the same answer whatever was typed."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import ApplicantLink, Party, PlanningApplication, ValidationRequest
from cases.requests.links import TOKEN, revoke, token_of
from cases.statuses import Status
from home.responses.applicant_pages import new_link
from notices.correspondence import new_links
from notices.models import Message
from tests.home.applicants import Applicant, ask

Kind = ValidationRequest.Kind
EMAIL = "famousfive@example.com"


@pytest.fixture(autouse=True)
def _letters(db):
    call_command("load_letter_templates", verbosity=0)


@pytest.fixture
def application(make_application) -> PlanningApplication:
    return make_application("pp.full.householder", status=Status.INVALIDATED)


@pytest.fixture
def applicant(application, officer) -> Applicant:
    """Somebody whose link has expired, with something filled in."""
    ask(application, Kind.OTHER, by=officer, draft_answer={"answer": "replied", "text": "I am looking for it."})
    one = Applicant(application)
    expire(one.link)
    return one


def expire(link: ApplicantLink) -> None:
    ApplicantLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(days=1))


def ask_for(client: Client, reference: str, email: str):
    return client.post(reverse("applicant_new_link"), {"reference": reference, "email": email})


def sent() -> list[Message]:
    return list(Message.objects.filter(about="new_link"))


def said(response) -> tuple:
    headers = {name: value for name, value in response.headers.items() if name != "Expires"}
    return response.status_code, headers, response.content


def test_from_the_page_of_a_link_that_does_not_work_to_a_new_one(applicant, application):
    gone = applicant.client.get(applicant.at())
    assert gone.status_code == 404
    assert f'href="{reverse("applicant_new_link")}"' in gone.content.decode()
    done = ask_for(applicant.client, application.reference, EMAIL)
    assert done.url == reverse("applicant_new_link_asked")
    (letter,) = sent()
    assert (letter.to_email, letter.channel) == (EMAIL, "email")
    token = TOKEN.search(letter.body)[0]
    assert token != applicant.token  # the expired one opens nothing for ever
    page = applicant.client.get(reverse("applicant_request", args=[token, 1])).content.decode()
    assert "I am looking for it." in page
    assert applicant.client.get(applicant.at()).status_code == 404


@pytest.mark.parametrize(
    "typed",
    ["{0}", " {0} ", "{0.upper}", "26/{1}/happ"],
)
def test_the_reference_is_known_in_any_punctuation_and_the_address_in_any_case(applicant, application, typed):
    number = application.reference.split("-")[1]
    reference = {
        "{0}": application.reference,
        " {0} ": f" {application.reference} ",
        "{0.upper}": application.reference.lower(),
        "26/{1}/happ": f"26/{number}/happ",
    }[typed]
    ask_for(applicant.client, reference, " FamousFive@Example.com ")
    assert len(sent()) == 1


def test_the_same_is_said_and_done_whatever_was_typed(
    applicant, application, officer, make_application, monkeypatch, visitor_elsewhere
):
    """Nobody learns from an answer whether there is such an application, or who is party to it."""
    never_asked = make_application("pp.full.householder", status=Status.INVALIDATED)
    asked = []
    monkeypatch.setattr(type(new_links.send_new_link), "enqueue", lambda self, *args: asked.append(args))
    told, questions = [], []
    for client, reference, email in (
        (applicant.client, application.reference, EMAIL),
        (applicant.client, application.reference, "stranger@example.com"),
        (applicant.client, never_asked.reference, EMAIL),
        (applicant.client, "99-00000-HAPP", EMAIL),
        (applicant.client, "' OR 1=1 --", "x@example.com"),
        (applicant.client, "中文", "x@example.com"),
    ):
        with CaptureQueriesContext(connection) as queries:
            answer = ask_for(client, reference, email)
        told.append((said(answer), said(client.get(answer.url))))
        questions.append(len(queries))
    assert all(one == told[0] for one in told)
    assert len(set(questions)) == 1
    assert asked == [(application.parties.get().pk,)] + [(0,)] * 5  # always a task, with nothing that was typed
    ask_for(visitor_elsewhere, application.reference, EMAIL)
    assert asked[-1] == (0,)  # another council's site knows nothing of it


def test_a_task_for_nobody_does_nothing(db):
    assert new_links.send_new_link.call(0) is False
    assert not Message.objects.exists()


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.CLOSED])
def test_an_application_that_has_ended_needs_no_link(applicant, application, status):
    day = timezone.localdate()
    PlanningApplication.objects.filter(pk=application.pk).update(status=status, withdrawn_on=day, closed_on=day)
    ask_for(applicant.client, application.reference, EMAIL)
    assert not sent()


def test_who_was_never_sent_a_link_is_sent_none(applicant, application):
    Party.objects.create(application=application, role="agent", last_name="Agent", email="agent@example.com")
    ask_for(applicant.client, application.reference, "agent@example.com")
    assert not sent()


def test_what_an_officer_took_back_nobody_gets_back_this_way(applicant, application, officer):
    revoke(applicant.link, because="Sent to the wrong person", by=officer)
    ask_for(applicant.client, application.reference, EMAIL)
    assert not sent()


def test_between_asking_and_writing_things_may_change(applicant, application, officer, monkeypatch):
    asked = []
    monkeypatch.setattr(type(new_links.send_new_link), "enqueue", lambda self, *args: asked.append(args))
    ask_for(applicant.client, application.reference, EMAIL)
    revoke(applicant.link, because="Sent to the wrong person", by=officer)
    monkeypatch.undo()
    assert new_links.send_new_link.call(*asked[0]) is False
    assert not sent()


def test_a_link_that_still_works_is_sent_again_and_stays(application, officer):
    ask(application, Kind.OTHER, by=officer)
    applicant = Applicant(application)
    ask_for(applicant.client, application.reference, EMAIL)
    assert TOKEN.search(sent()[0].body)[0] == token_of(applicant.link)
    assert applicant.client.get(applicant.at()).status_code == 200


@pytest.mark.usefixtures("one_window")
def test_one_mailbox_is_written_to_so_often_and_nobody_sees_the_difference(applicant, application):
    answers = [said(ask_for(applicant.client, application.reference, EMAIL)) for _ in range(6)]
    assert all(answer == answers[0] for answer in answers)
    assert len(sent()) == new_link.SENT_TO_ONE_ADDRESS


@pytest.mark.usefixtures("one_window")
def test_thousands_of_tries_from_one_place_are_stopped(application, officer, authority, monkeypatch):
    ask(application, Kind.OTHER, by=officer)
    guesser = Client(HTTP_HOST=authority.site.hostname, REMOTE_ADDR="203.0.113.9")
    statuses = [
        ask_for(guesser, application.reference, f"guess{number}@example.com").status_code for number in range(60)
    ]
    assert statuses == [302] * 20 + [429] * 40
    stopped = ask_for(guesser, application.reference, EMAIL)
    assert int(stopped.headers["Retry-After"]) > 0
    assert b"Try again later" in stopped.content
    assert not sent()
    elsewhere = Client(HTTP_HOST=authority.site.hostname, REMOTE_ADDR="203.0.113.10")
    assert ask_for(elsewhere, application.reference, "x@example.com").status_code == 302


def test_what_is_missing_is_said_at_its_field(visitor):
    page = ask_for(visitor, "", "no address")
    html = page.content.decode()
    assert page.status_code == 422
    assert "<title>Error: Get a new link" in re.sub(r"\s+", " ", html).replace("> ", ">")
    for words in ("Enter the reference of the application", "Enter an e-mail address in the correct format"):
        assert html.count(words) == 2  # above the form, and at the field
    assert 'href="#id_reference"' in html
    assert 'value="no address"' in html


def test_the_pages_are_kept_by_nobody_and_listed_nowhere(visitor):
    for name in ("applicant_new_link", "applicant_new_link_asked"):
        response = visitor.get(reverse(name))
        assert response.status_code == 200
        assert "no-store" in response.headers["Cache-Control"]
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
    strict = Client(enforce_csrf_checks=True, HTTP_HOST=visitor.defaults["HTTP_HOST"])
    assert ask_for(strict, "26-00100-HAPP", EMAIL).status_code == 403


def test_who_types_an_address_without_an_application_uses_nothing_of_it_up(applicant, application):
    """A stranger who knows the address alone cannot keep the link from whoever has lost it."""
    for _ in range(new_link.SENT_TO_ONE_ADDRESS + 1):
        ask_for(applicant.client, "99-00000-HAPP", EMAIL)
    ask_for(applicant.client, application.reference, EMAIL)
    assert len(sent()) == 1


@pytest.mark.usefixtures("one_window")
def test_an_address_typed_in_letters_that_look_alike_is_the_same_mailbox(applicant, application):
    Party.objects.filter(application=application).update(email="sso@example.com")
    typed = ["sso@example.com", "ſso@example.com", "sſo@example.com", "ſſo@example.com", "SSO@example.com"]
    for email in typed:
        ask_for(applicant.client, application.reference, email)
    assert len(sent()) == new_link.SENT_TO_ONE_ADDRESS
