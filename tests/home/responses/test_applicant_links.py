"""A link is all that it takes, and nothing else opens anything: strangers, guesses, forged forms, others' files."""

import logging
import secrets
import string
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import AnswerFile, ApplicantLink, ValidationRequest
from cases.requests.links import revoke, token_of
from cases.statuses import Status
from home.remembering import forget
from home.responses.applicant_pages import views
from home.responses.applicant_pages.link_access import FAILED_LINKS_AN_HOUR
from tests.cases.files import pdf
from tests.database import as_owner
from tests.home.applicants import Applicant, ask

Kind = ValidationRequest.Kind
PAGES = (
    ("applicant_requests",),
    ("applicant_check",),
    ("applicant_sent",),
    ("applicant_request", 1),
    ("applicant_document", 1, 1),
    ("applicant_upload", 1),
    ("applicant_file_remove", 1, 1),
)


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder", status=Status.INVALIDATED, description="A secret swimming pool")


@pytest.fixture
def applicant(application, officer) -> Applicant:
    ask(application, Kind.ADDITIONAL_DOCUMENT, by=officer, title="Secret floor plans")
    return Applicant(application)


@pytest.fixture
def neighbour(make_application, officer) -> Applicant:
    """Another applicant of the same council."""
    other = make_application("pp.full.householder", status=Status.INVALIDATED, description="Another secret")
    ask(other, Kind.ADDITIONAL_DOCUMENT, by=officer, title="Their floor plans")
    return Applicant(other)


def said(response) -> tuple:
    """Status, headers (but for the moment, which is in one of them) and bytes."""
    headers = {name: value for name, value in response.headers.items() if name != "Expires"}
    return response.status_code, headers, response.content


def answers(client: Client, token: str) -> list[tuple]:
    """What every page says to this token, by GET and by POST: status, headers and bytes."""
    found = []
    for name, *args in PAGES:
        path = reverse(name, args=[token, *args])
        for response in (client.get(path), client.post(path, {"files": SimpleUploadedFile("x.pdf", pdf())})):
            assert not response.cookies
            found.append(said(response))
    return found


def forged(token: str) -> str:
    last = "A" if token[-2] != "A" else "B"
    return token[:-2] + last + token[-1]


@pytest.fixture
def refusal(authority) -> tuple:
    """What a token says that never was one."""
    response = Client(HTTP_HOST=authority.site.hostname).get(reverse("applicant_requests", args=["nonsense"]))
    return said(response)


@pytest.fixture
def _many_may_fail(monkeypatch):
    monkeypatch.setattr("home.responses.applicant_pages.link_access.FAILED_LINKS_AN_HOUR", 10_000)


@pytest.mark.usefixtures("_many_may_fail")
class TestStrangers:
    def test_one_and_the_same_answer_whatever_is_wrong(
        self, applicant, neighbour, other_authority, officer, refusal, make_application
    ):
        elsewhere = make_application(authority=other_authority, status=Status.INVALIDATED)
        ends = []

        def other(change) -> str:
            case = make_application("pp.full.householder", status=Status.INVALIDATED)
            ask(case, Kind.FEE, by=officer, title="Secret fee")
            one = Applicant(case)
            change(one)
            ends.append(one)
            return one.token

        def of_link(**fields):
            return lambda one: ApplicantLink.objects.filter(pk=one.link.pk).update(**fields)

        def deleted(one):
            with as_owner():
                one.link.delete()

        tokens = {
            "forged": forged(applicant.token),
            "truncated": applicant.token[:-5],
            "signature of another": applicant.token.split(".")[0] + "." + neighbour.token.split(".")[1],
            "without signature": applicant.token.split(".")[0],
            "key in capitals": applicant.token.upper(),
            "another council's": Applicant(elsewhere).token,
            "expired": other(of_link(expires_at=timezone.now() - timedelta(seconds=1))),
            "revoked": other(lambda one: revoke(one.link, because="Sent to the wrong address", by=officer)),
            "e-mail changed": other(lambda one: one.application.parties.update(email="new@example.com")),
            "party gone": other(lambda one: one.application.parties.all().delete()),
            "link deleted": other(deleted),
        }
        assert refusal[0] == 404
        assert b"This link does not work" in refusal[2]
        assert refusal[1]["Cache-Control"].count("no-store") == 1
        for why, token in tokens.items():
            for answer in answers(applicant.client, token):
                assert answer == refusal, why
        for words in (b"secret", b"Secret", b"Blyton", b"26-"):
            assert words not in refusal[2]
        assert not AnswerFile.objects.exists()
        assert applicant.client.get(applicant.at()).status_code == 200  # the good one does work

    def test_the_link_opens_nothing_on_another_councils_site(self, applicant, visitor_elsewhere):
        nonsense = visitor_elsewhere.get(reverse("applicant_requests", args=["nonsense"]))
        for answer in answers(visitor_elsewhere, applicant.token):
            assert answer == said(nonsense)

    def test_a_link_opens_the_files_and_requests_of_its_own_case_alone(self, applicant, neighbour, officer):
        upload = applicant.at("applicant_upload", 1)
        applicant.client.post(upload, {"files": SimpleUploadedFile("a.pdf", pdf())})
        file = AnswerFile.objects.get()
        for path in (
            neighbour.at("applicant_file_remove", 1, file.pk),
            neighbour.at("applicant_file_remove", 2, file.pk),
        ):
            assert neighbour.client.post(path).status_code == 404
        assert AnswerFile.objects.get() == file
        # A number that only the other case has answers as one that nobody has, whichever case asks for it.
        nobodys = neighbour.client.get(neighbour.at("applicant_request", 10**20))
        ask(applicant.application, Kind.FEE, by=officer, title="Secret fee")
        assert nobodys.status_code == 404
        assert said(neighbour.client.get(neighbour.at("applicant_request", 2))) == said(nobodys)
        assert b"Secret" not in nobodys.content
        # And sending a number that is another's sends nothing.
        neighbour.sends(ValidationRequest.objects.get(title="Secret fee"), status=409)
        assert not ValidationRequest.objects.exclude(answer="").exists()

    def test_a_document_of_the_same_case_that_was_not_asked_about_stays_shut(
        self, applicant, make_document, application
    ):
        document = make_document(application, "Secret letter")
        response = applicant.client.get(applicant.at("applicant_document", 1, document.pk))
        assert said(response) == said(applicant.client.get(applicant.at("applicant_document", 1, document.pk + 999)))
        assert response.status_code == 404
        assert b"This file is not there any more" in response.content

    def test_who_has_a_good_link_is_told_what_is_missing_and_the_way_back(
        self, applicant, refusal, officer, application
    ):
        ask(application, Kind.FEE, by=officer, title="Secret draft", sent_at=None, due_on=None)
        for number in (2, 7, 10**20):  # a draft is no more there than what never was
            response = applicant.client.get(applicant.at("applicant_request", number))
            assert response.status_code == 404
            page = response.content.decode()
            assert "This question is not there any more" in page
            assert "This link does not work" not in page
            assert f'href="{applicant.at()}"' in page
            assert "Secret draft" not in page
            assert "no-store" in response.headers["Cache-Control"]
        missing = applicant.client.get(applicant.at("applicant_request", 7))
        assert said(applicant.client.get(applicant.at("applicant_request", 2))) == said(missing)
        # And a stranger at the same address is told nothing of it.
        stranger = applicant.client.get(applicant.at("applicant_request", 7).replace(applicant.token, "nonsense"))
        assert said(stranger) == refusal

    def test_what_was_revoked_while_the_page_was_open_takes_nothing(self, applicant, officer):
        revoke(applicant.link, because="Wrong person", by=officer)
        post = {"answer": "disagreed", "why": "No"}
        assert applicant.client.post(applicant.at("applicant_request", 1), post).status_code == 404
        assert ValidationRequest.objects.get().draft_answer == {}


class TestForgedForms:
    def test_every_form_asks_for_the_token_against_forged_ones(self, applicant):
        strict = Client(enforce_csrf_checks=True, HTTP_HOST=applicant.application.authority.site.hostname)
        for name, *args in PAGES:
            if name in ("applicant_requests", "applicant_sent", "applicant_document"):
                continue
            response = strict.post(applicant.at(name, *args), {"answer": "disagreed", "why": "No", "send": "1"})
            assert response.status_code == 403, name
            assert "no-store" in response.headers["Cache-Control"]
        assert ValidationRequest.objects.get().draft_answer == {}

    def test_with_the_token_of_the_page_it_is_taken(self, applicant):
        strict = Client(enforce_csrf_checks=True, HTTP_HOST=applicant.application.authority.site.hostname)
        strict.get(applicant.at("applicant_request", 1))
        post = {"answer": "disagreed", "why": "No", "csrfmiddlewaretoken": strict.cookies["csrftoken"].value}
        assert strict.post(applicant.at("applicant_request", 1), post).status_code == 302
        headers = {"X-CSRFToken": strict.cookies["csrftoken"].value}
        files = {"files": SimpleUploadedFile("a.pdf", pdf())}
        assert strict.post(applicant.at("applicant_upload", 1), files, headers=headers).status_code == 201

    def test_nothing_of_what_a_stranger_sends_is_read(self, authority):
        class Unread:
            def read(self, *args):
                raise AssertionError("The body was read.")

        request = RequestFactory().post("/", HTTP_HOST=authority.site.hostname)
        request._stream = Unread()
        assert views.applicant_check(request, token="nonsense").status_code == 404

    def test_only_known_methods(self, applicant):
        assert applicant.client.put(applicant.at()).status_code == 405
        assert applicant.client.post(applicant.at()).status_code == 405
        assert applicant.client.get(applicant.at("applicant_upload", 1)).status_code == 405
        assert "no-store" in applicant.client.delete(applicant.at("applicant_check")).headers["Cache-Control"]


def a_guess() -> str:
    letters = string.ascii_letters + string.digits + "-_"
    return f"{secrets.token_hex(16)}.{''.join(secrets.choice(letters) for _ in range(43))}"


class TestGuessing:
    @pytest.mark.usefixtures("one_window")
    def test_guesses_open_nothing_are_slowed_and_logged(self, applicant, caplog, settings):
        """Twice the limit: what is refused then is refused by the same count, however many come."""
        settings.REMEMBER_SECONDS = 60  # as on a real site, where a page's surroundings are remembered
        forget()
        guesser = Client(HTTP_HOST=applicant.application.authority.site.hostname, REMOTE_ADDR="203.0.113.9")
        statuses = []
        with caplog.at_level(logging.WARNING, logger="home.responses.applicant_pages.link_access"):
            for _ in range(2 * FAILED_LINKS_AN_HOUR):
                response = guesser.get(reverse("applicant_requests", args=[a_guess()]))
                statuses.append(response.status_code)
        assert FAILED_LINKS_AN_HOUR == 20
        assert statuses == [404] * 20 + [429] * 20
        assert int(response.headers["Retry-After"]) > 0
        assert b"Try again later" in response.content
        assert b"ecret" not in response.content
        logged = [record for record in caplog.records if record.name == "home.responses.applicant_pages.link_access"]
        assert len(logged) == 1
        assert "203.0.113.9" in logged[0].getMessage()
        # The owner's link works all the while, from elsewhere and even from the guesser's own connection.
        assert applicant.client.get(applicant.at()).status_code == 200
        assert guesser.get(applicant.at()).status_code == 200
        forget()

    @pytest.mark.usefixtures("one_window")
    def test_a_refused_guess_costs_one_question_to_the_database(self, applicant, settings):
        settings.REMEMBER_SECONDS = 60
        forget()
        for _ in range(25):
            applicant.client.get(reverse("applicant_requests", args=[a_guess()]))
        with CaptureQueriesContext(connection) as asked:
            response = applicant.client.get(reverse("applicant_requests", args=[a_guess()]))
        assert response.status_code == 429
        # The other one is whether anything changed that is remembered.
        assert len([one for one in asked if "home_sitechange" not in one["sql"]]) == 1
        forget()

    def test_the_log_never_holds_a_token(self, applicant, caplog):
        guesses = [a_guess() for _ in range(25)]
        with caplog.at_level(logging.WARNING):
            for guess in guesses:
                applicant.client.get(reverse("applicant_requests", args=[guess]))
        ours = [record.getMessage() for record in caplog.records if record.name.startswith("home.")]
        assert ours
        assert not any(guess in words for guess in guesses for words in ours)

    def test_who_guesses_elsewhere_is_counted_elsewhere(self, applicant):
        host = applicant.application.authority.site.hostname
        for address in ("203.0.113.9", "198.51.100.7"):
            client = Client(HTTP_HOST=host, REMOTE_ADDR=address)
            assert client.get(reverse("applicant_requests", args=[a_guess()])).status_code == 404


def test_the_token_is_the_rows_key_and_a_signature(applicant):
    key, signature = token_of(applicant.link).split(".")
    assert key == applicant.link.pk.hex
    assert len(signature) == 43
