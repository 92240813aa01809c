"""The applicants' pages: what is asked, the answer to each kind, checked, sent, acknowledged; and nothing lost."""

import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import ApplicantLink, Document, ValidationRequest
from cases.requests.answers.settling import cancel_request
from cases.requests.links import link_for
from cases.statuses import Status
from tests.cases.files import pdf
from tests.clock import at
from tests.home.applicants import CORNERS, MOVED, Applicant, ask

pytestmark = pytest.mark.usefixtures("letters")

Kind = ValidationRequest.Kind


@pytest.fixture
def assessed(make_application):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, received_on=timezone.localdate())


def plan(name: str = "plan.pdf", **how) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf(**how), content_type="application/pdf")


def part_of(page: str, number: int) -> str:
    """The list's item of one request."""
    return re.search(rf'<li class="request" id="request-{number}">.*?</li>', page, re.DOTALL)[0]


class TestTheList:
    def test_everything_that_is_asked_stands_on_one_page_in_order(self, application, applicant, officer):
        due = timezone.localdate() + timedelta(days=10)
        ask(application, Kind.ADDITIONAL_DOCUMENT, by=officer, title="Floor plans are missing", due_on=due)
        ask(application, Kind.FEE, by=officer, title="The fee is short", due_on=due)
        page = applicant.reads()
        assert page.index("1. Floor plans are missing") < page.index("2. The fee is short")
        assert application.reference in page
        assert "7 Blyton Close" in page
        assert "Rear extension of a house" in page
        assert "There are 2 things that we need from you" in page
        assert f"by <strong>{due:%A %-d %B %Y}</strong>" in part_of(page, 1)
        assert "Not answered" in part_of(page, 1)
        assert "planning@testshire.example" in page

    def test_what_was_not_sent_is_not_there(self, application, applicant, officer):
        ask(application, Kind.FEE, by=officer, title="A secret draft", sent_at=None, due_on=None)
        assert "A secret draft" not in applicant.reads()
        assert applicant.client.get(applicant.at("applicant_request", 1)).status_code == 404

    def test_only_where_silence_is_an_answer_does_it_say_so(self, application, applicant, officer):
        due = timezone.localdate() + timedelta(days=10)
        words = ask(application, Kind.DESCRIPTION, by=officer, due_on=due)
        ask(application, Kind.RED_LINE, by=officer)
        page = applicant.reads()
        assert f"If you do not answer by {due:%A %-d %B %Y}, we take it that you agree." in part_of(page, 1)
        assert "we take it" not in part_of(page, 2)
        cancel_request(words, because="The council has no better words.", by=officer)
        ask(application, Kind.DESCRIPTION, by=officer, due_on=due, proposed_description="")
        assert "we take it" not in applicant.reads()

    def test_what_is_late_says_so(self, application, applicant, officer):
        ask(application, Kind.FEE, by=officer, due_on=timezone.localdate() - timedelta(days=1))
        assert "Overdue:" in part_of(applicant.reads(), 1)

    def test_each_state_has_its_tag(self, application, applicant, officer):
        begun = ask(application, Kind.DESCRIPTION, by=officer)
        ready = ask(application, Kind.OTHER, by=officer)
        sent = ask(application, Kind.FEE, by=officer)
        gone = ask(application, Kind.RED_LINE, by=officer)
        for asked in (ready, sent):
            applicant.answers(asked, answer="replied", text="Here it is.")
        applicant.answers(begun, 422, answer="disagreed", text="")
        applicant.sends(sent)
        ValidationRequest.objects.filter(pk=gone.pk).update(
            outcome="cancelled", cancelled_because="A mistake", resolved_at=timezone.now(), resolved_by=officer
        )
        page = applicant.reads()
        assert "Not finished" in part_of(page, 1)
        assert "Say why you disagree" in part_of(page, 1)
        assert "Ready to send" in part_of(page, 2)
        assert "Sent, with the council" in part_of(page, 3)
        assert "No longer needed" in page
        assert "The council withdrew this" in page
        assert "Check and send your answer" in page

    def test_nothing_to_do_is_said(self, application, applicant, officer):
        assert "You do not need to do anything now" in applicant.reads()
        asked = ask(application, Kind.FEE, by=officer)
        assert "You do not need" not in applicant.reads()
        applicant.answers(asked, answer="replied", text="Paid.")
        applicant.sends(asked)
        assert "We have your answers and are looking at them" in applicant.reads()

    def test_ten_requests_cost_no_more_questions_to_the_database_than_two(self, application, applicant, officer):
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                applicant.reads()
            return len(asked)

        ask(application, Kind.ADDITIONAL_DOCUMENT, by=officer)
        applicant.reads()
        first = queries()
        for _ in range(9):
            ask(application, Kind.ADDITIONAL_DOCUMENT, by=officer)
        assert queries() == first

    def test_nobody_keeps_or_lists_the_pages(self, application, applicant, officer):
        ask(application, Kind.FEE, by=officer)
        for name, *args in (("applicant_requests",), ("applicant_request", 1), ("applicant_check",)):
            response = applicant.client.get(applicant.at(name, *args))
            assert "no-store" in response.headers["Cache-Control"]
            assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
            assert response.headers["Referrer-Policy"] == "same-origin"
            assert "sessionid" not in response.cookies


class TestFiles:
    def test_several_files_and_words_become_ready(self, application, applicant, officer):
        asked = ask(application, Kind.ADDITIONAL_DOCUMENT, by=officer)
        response = applicant.answers(
            asked, answer="replied", text="Both.", files=[plan("a.pdf", words="A"), plan("b.pdf", words="B")]
        )
        assert response.url == applicant.at("applicant_check")
        page = applicant.reads("applicant_check")
        for words in ("a.pdf", "b.pdf", "Both."):
            assert words in page
        assert asked.answer_files.count() == 2

    def test_no_file_is_said_and_the_words_are_kept(self, application, applicant, officer):
        asked = ask(application, Kind.ADDITIONAL_DOCUMENT, by=officer)
        page = applicant.answers(asked, 422, answer="replied", text="They come later.").content.decode()
        assert "Add at least one file" in page
        assert '<a href="#id_attached">' in page
        assert "They come later." in applicant.reads("applicant_request", 1)

    def test_a_refused_file_says_why_and_the_others_are_kept(self, application, applicant, officer):
        asked = ask(application, Kind.ADDITIONAL_DOCUMENT, by=officer)
        bad = SimpleUploadedFile("plan.pdf", b"MZ\x90\x00 a program", content_type="application/pdf")
        page = applicant.answers(asked, 422, answer="replied", files=[plan("good.pdf"), bad]).content.decode()
        assert re.search(r"plan\.pdf: [A-Z]", page)
        assert [file.original_name for file in asked.answer_files.all()] == ["good.pdf"]

    def test_a_file_that_is_too_large_is_let_go_while_it_comes(self, application, applicant, officer, settings):
        settings.MAX_DOCUMENT_BYTES = 1024 * 1024
        asked = ask(application, Kind.ADDITIONAL_DOCUMENT, by=officer)
        large = SimpleUploadedFile("large.pdf", pdf() + b"x" * 3 * 1024 * 1024)
        page = applicant.answers(
            asked, 422, answer="replied", text="Kept", files=[large, plan("ok.pdf")]
        ).content.decode()
        assert "large.pdf: The file is larger than 1 MB." in page
        assert [file.original_name for file in asked.answer_files.all()] == ["ok.pdf"]
        assert ValidationRequest.objects.get(pk=asked.pk).draft_answer["text"] == "Kept"

    def test_more_than_twenty_files_are_refused_by_name(self, application, applicant, officer):
        asked = ask(application, Kind.ADDITIONAL_DOCUMENT, by=officer)
        files = [plan(f"{n}.pdf", words=f"Plan {n}") for n in range(22)]
        page = applicant.answers(asked, 422, answer="replied", files=files).content.decode()
        assert asked.answer_files.count() == 20
        assert "20.pdf:" in page
        assert "21.pdf:" in page

    def test_one_by_one_for_the_script(self, application, applicant, officer):
        asked = ask(application, Kind.ADDITIONAL_DOCUMENT, by=officer)
        upload = applicant.at("applicant_upload", 1)
        kept = applicant.client.post(upload, {"files": plan("site.pdf")})
        assert (kept.status_code, kept.json()["name"]) == (201, "site.pdf")
        refused = applicant.client.post(upload, {"files": SimpleUploadedFile("x.pdf", b"<html>")})
        assert refused.status_code == 422
        assert refused.json()["error"].endswith(".")
        assert applicant.client.post(upload, {}).json() == {"error": "No file came."}
        # A file is an answer: it can be sent without the page being saved.
        assert "Ready to send" in part_of(applicant.reads(), 1)
        removed = applicant.client.post(kept.json()["remove"], headers={"accept": "application/json"})
        assert removed.status_code == 200
        assert not asked.answer_files.exists()

    def test_too_large_for_the_script(self, application, applicant, officer, settings):
        settings.MAX_DOCUMENT_BYTES = 1024 * 1024
        ask(application, Kind.ADDITIONAL_DOCUMENT, by=officer)
        large = SimpleUploadedFile("large.pdf", pdf() + b"x" * 2 * 1024 * 1024)
        answer = applicant.client.post(applicant.at("applicant_upload", 1), {"files": large})
        assert (answer.status_code, answer.json()) == (422, {"error": "The file is larger than 1 MB."})

    def test_a_file_is_taken_out_and_what_was_typed_stays(self, application, applicant, officer):
        asked = ask(application, Kind.ADDITIONAL_DOCUMENT, by=officer)
        applicant.answers(asked, answer="replied", files=[plan("a.pdf", words="A"), plan("b.pdf", words="B")])
        first = asked.answer_files.first()
        remove = applicant.at("applicant_file_remove", 1, first.pk)
        assert applicant.client.post(remove, {"answer": "replied", "text": "Only one."}).status_code == 302
        page = applicant.reads("applicant_request", 1)
        assert "a.pdf" not in page
        assert "b.pdf" in page
        assert "Only one." in page

    def test_who_does_not_agree_says_why(self, application, applicant, officer):
        asked = ask(application, Kind.ADDITIONAL_DOCUMENT, by=officer)
        assert "Say why you do not agree" in applicant.answers(asked, 422, answer="disagreed").content.decode()
        applicant.answers(asked, answer="disagreed", why="Nothing changes inside the house.")
        applicant.sends(asked)
        asked.refresh_from_db()
        assert (asked.answer, asked.answer_text) == ("disagreed", "Nothing changes inside the house.")

    def test_the_document_that_should_be_replaced_can_be_opened_and_no_other(
        self, application, applicant, officer, make_document
    ):
        old, other = (make_document(application, title, public_status="not_assessed") for title in ("Old", "Other"))
        ask(application, Kind.REPLACEMENT_DOCUMENT, by=officer, document=old)
        assert applicant.client.get(applicant.at("applicant_document", 1, old.pk)).status_code == 200
        assert applicant.client.get(applicant.at("applicant_document", 1, other.pk)).status_code == 404


class TestAgreeing:
    def test_present_and_proposed_words_and_what_changes(self, application, applicant, officer):
        ask(application, Kind.DESCRIPTION, by=officer)
        page = applicant.reads("applicant_request", 1)
        assert "Rear extension of a house" in page
        assert '<mark class="is-new">Single storey side</mark> extension of a house' in page
        assert "“Rear” becomes “Single storey side”" in page

    def test_agreeing_takes_effect(self, application, applicant, officer):
        asked = ask(application, Kind.DESCRIPTION, by=officer)
        applicant.answers(asked, answer="agreed")
        assert "I agree" in applicant.reads("applicant_check")
        applicant.sends(asked)
        application.refresh_from_db()
        assert application.description == "Single storey side extension of a house"
        assert "What you agreed to counts from now on" in applicant.reads("applicant_sent")
        assert "Accepted" in applicant.reads()

    def test_disagreeing_needs_a_reason_and_changes_nothing(self, application, applicant, officer):
        asked = ask(application, Kind.DESCRIPTION, by=officer)
        page = applicant.answers(asked, 422, answer="disagreed").content.decode()
        assert "Error: " in re.search("<title>.*?</title>", page)[0]
        applicant.answers(asked, answer="disagreed", text="It is at the rear.")
        applicant.sends(asked)
        application.refresh_from_db()
        assert application.description == "Rear extension of a house"

    def test_better_words_of_ones_own(self, application, applicant, officer):
        asked = ask(application, Kind.DESCRIPTION, by=officer, proposed_description="")
        applicant.answers(asked, 422, answer="replied", text="")
        applicant.answers(asked, answer="replied", text="Two storey rear extension")
        applicant.sends(asked)
        asked.refresh_from_db()
        assert (asked.answer, asked.answer_text) == ("replied", "Two storey rear extension")

    def test_a_condition_is_shown_in_full_and_signed(self, assessed, officer):
        applicant = Applicant(assessed)
        asked = ask(assessed, Kind.PRE_COMMENCEMENT, by=officer)
        page = applicant.reads("applicant_request", 1)
        for words in ("No work starts before drainage is approved.", "So that the lane does not flood."):
            assert words in page
        applicant.answers(asked, answer="agreed")
        assert "Tick the box to sign" in applicant.sends(asked, status=422).content.decode()
        applicant.sends(asked, declared="yes")
        asked.condition.refresh_from_db()
        assert asked.condition.agreed_on == timezone.localdate()

    def test_more_time_is_agreed_to_by_name_and_declaration(self, assessed, officer):
        applicant = Applicant(assessed)
        until = assessed.expires_on + timedelta(days=28)
        day = f"{until:%A %-d %B %Y}"
        asked = ask(assessed, Kind.EXTENSION_OF_TIME, by=officer, proposed_until=until)
        page = applicant.reads("applicant_request", 1)
        assert day in page
        assert "If you do not, nothing changes" in page
        applicant.answers(asked, answer="agreed")
        check = applicant.reads("applicant_check")
        assert f"I agree in writing that the council may take until {day}" in check
        applicant.sends(asked, status=422)
        applicant.sends(asked, name="", declared="yes", status=422)
        assessed.refresh_from_db()
        assert assessed.expires_on != until
        applicant.sends(asked, name="Enid Blyton", declared="yes")
        assessed.refresh_from_db()
        asked.refresh_from_db()
        assert assessed.expires_on == until
        assert asked.answered_name == "Enid Blyton"
        # The words that were signed stay with the answer.
        assert asked.answer_text.startswith(f"I agree in writing that the council may take until {day}")

    def test_a_refused_extension_changes_nothing_and_needs_no_signature(self, assessed, officer):
        applicant, before = Applicant(assessed), assessed.expires_on
        asked = ask(assessed, Kind.EXTENSION_OF_TIME, by=officer)
        applicant.answers(asked, answer="disagreed", text="We have waited long enough.")
        applicant.sends(asked)
        assessed.refresh_from_db()
        assert assessed.expires_on == before

    def test_heads_of_terms(self, assessed, officer):
        applicant = Applicant(assessed)
        asked = ask(assessed, Kind.HEADS_OF_TERMS, by=officer, due_on=None)
        assert "Heads of terms are" in applicant.reads("applicant_request", 1)
        applicant.answers(asked, answer="agreed")
        applicant.sends(asked)
        asked.refresh_from_db()
        assert asked.answer == "agreed"


class TestTheRedLine:
    def test_corners_are_kept_and_sent(self, application, applicant, officer):
        asked = ask(application, Kind.RED_LINE, by=officer)
        applicant.answers(asked, how="draw", corners=CORNERS)
        assert "51.6156000, -0.6467000" in applicant.reads("applicant_request", 1)
        assert "As you drew it" in applicant.reads("applicant_check")
        applicant.sends(asked)
        asked.refresh_from_db()
        assert (asked.answer, asked.answer_boundary) == ("replied", MOVED)

    def test_what_is_no_line_is_said_clearly_and_not_lost(self, application, applicant, officer):
        asked = ask(application, Kind.RED_LINE, by=officer)
        page = applicant.answers(asked, 422, how="draw", corners="51.6156, -0.6467\nnear the oak").content.decode()
        assert "Line 2 must hold two numbers" in page
        assert "near the oak" in page
        assert "Not finished" in part_of(applicant.reads(), 1)

    def test_agreeing_to_the_proposed_line(self, application, applicant, officer):
        asked = ask(application, Kind.RED_LINE, by=officer, proposed_boundary=MOVED)
        assert "Proposed by the council" in applicant.reads("applicant_request", 1)
        applicant.answers(asked, how="agreed")
        applicant.sends(asked)
        application.refresh_from_db()
        assert application.boundary == MOVED

    def test_without_a_proposal_nobody_can_agree(self, application, applicant, officer):
        asked = ask(application, Kind.RED_LINE, by=officer)
        applicant.answers(asked, 422, how="agreed")

    def test_a_plan_instead(self, application, applicant, officer):
        asked = ask(application, Kind.RED_LINE, by=officer)
        assert "Add the plan" in applicant.answers(asked, 422, how="plan").content.decode()
        assert "Ready to send" not in applicant.reads()
        applicant.answers(asked, how="plan", files=[plan("line.pdf")])
        applicant.sends(asked)
        assert Document.objects.get(application=application, answers=asked).original_name == "line.pdf"

    def test_the_line_should_stay(self, application, applicant, officer):
        asked = ask(application, Kind.RED_LINE, by=officer)
        applicant.answers(asked, 422, how="disagreed")
        applicant.answers(asked, how="disagreed", text="It follows the deeds.")
        applicant.sends(asked)
        asked.refresh_from_db()
        assert (asked.answer, asked.answer_boundary) == ("disagreed", None)


OWNER = {"owners-count": 1, "owners-0-name": "Ann Owner", "owners-0-address": "1 High Street\nHP9 1AA"}


class TestTheCertificate:
    @pytest.fixture
    def asked(self, application, officer):
        return ask(application, Kind.OWNERSHIP, by=officer)

    def certificate(self, asked) -> dict:
        asked.refresh_from_db()
        return asked.draft_answer["ownership"]

    def test_the_only_owner_gives_certificate_a(self, applicant, asked):
        applicant.answers(asked, answer="replied", sole_owner="yes", agricultural="no")
        assert self.certificate(asked)["certificate"] == "a"
        check = applicant.reads("applicant_check")
        assert "Certificate A: nobody else owned any of the land" in check
        assert "it is an offence" in check
        applicant.sends(asked, status=422)
        applicant.sends(asked, declared="yes")
        asked.refresh_from_db()
        assert asked.answer_ownership["certificate"] == "a"

    def test_all_owners_known_gives_certificate_b_with_their_notices(self, applicant, asked):
        given = {"answer": "replied", "sole_owner": "no", "knows": "all", "agricultural": "no", **OWNER}
        page = applicant.answers(asked, 422, **given).content.decode()
        assert "Owner 1: Enter the day on which they were given notice" in page
        applicant.answers(asked, **given, **{"owners-0-notice_on": date(2026, 5, 3)})
        held = self.certificate(asked)
        assert held["certificate"] == "b"
        assert held["owners"] == [{"name": "Ann Owner", "address": "1 High Street\nHP9 1AA", "notice_on": "2026-05-03"}]
        assert "Notice given on 3 May 2026" in applicant.reads("applicant_check")

    @pytest.mark.parametrize(("knows", "letter"), [("some", "c"), ("none", "d")])
    def test_owners_who_are_not_known_need_a_search_and_a_newspaper(self, applicant, asked, knows, letter):
        given = {"answer": "replied", "sole_owner": "no", "knows": knows, "agricultural": "no"}
        given |= OWNER | {"owners-0-notice_on": date(2026, 5, 3)}
        page = applicant.answers(asked, 422, **given).content.decode()
        assert "Enter the newspaper" in page
        given |= {"steps_taken": "Asked at HM Land Registry", "newspaper": "Bucks Free Press"}
        applicant.answers(asked, **given, newspaper_on=date(2026, 5, 8))
        held = self.certificate(asked)
        assert held["certificate"] == letter
        assert len(held["owners"]) == (1 if knows == "some" else 0)
        assert held["newspaper_on"] == "2026-05-08"

    def test_a_day_in_the_future_or_that_is_none_is_refused(self, applicant, asked):
        given = {"answer": "replied", "sole_owner": "no", "knows": "all", "agricultural": "no", **OWNER}
        tomorrow = timezone.localdate() + timedelta(days=1)
        page = applicant.answers(asked, 422, **given, **{"owners-0-notice_on": tomorrow}).content.decode()
        assert "is in the future" in page
        page = applicant.answers(asked, 422, **given, **{"owners-0-notice_on": "31/2/2026"}).content.decode()
        assert "February 2026 has 28 days" in page
        assert 'value="31/2/2026"' in page

    def test_another_owner_is_added_and_nothing_is_lost(self, applicant, asked):
        given = {"answer": "replied", "sole_owner": "no", "knows": "all", **OWNER, "add_owner": "yes"}
        page = applicant.answers(asked, 200, **given).content.decode()
        assert "Owner 2" in page
        assert "Ann Owner" in page
        assert "There is a problem" not in page
        assert "Ann Owner" in applicant.reads("applicant_request", 1)  # on another device too

    def test_tenants_of_farmland_are_told(self, applicant, asked):
        given = {"answer": "replied", "sole_owner": "yes", "agricultural": "tenants"}
        assert "Enter each tenant" in applicant.answers(asked, 422, **given).content.decode()
        given |= {"tenants-count": 1, "tenants-0-name": "Tom Tenant", "tenants-0-address": "The Farm"}
        applicant.answers(asked, **given, **{"tenants-0-notice_on": date(2026, 5, 3)})
        assert self.certificate(asked)["tenants"][0]["name"] == "Tom Tenant"
        assert "Tom Tenant" in applicant.reads("applicant_check")

    def test_an_unfinished_certificate_cannot_be_sent(self, applicant, asked):
        applicant.answers(asked, 422, answer="replied", sole_owner="yes")
        assert self.certificate(asked)["certificate"] == ""
        assert "Not finished" in part_of(applicant.reads(), 1)
        applicant.sends(asked, declared="yes", status=409)


class TestSending:
    @pytest.fixture
    def two(self, application, applicant, officer):
        rows = [ask(application, Kind.OTHER, by=officer, title=f"Thing {n}") for n in (1, 2)]
        for row in rows:
            applicant.answers(row, answer="replied", text=f"Answer of {row.title}")
        return rows

    def test_some_now_and_others_later(self, applicant, two):
        applicant.sends(two[0])
        page = applicant.reads("applicant_sent")
        assert "Answer of Thing 1" in page
        assert "Answer of Thing 2" not in page
        assert "There is still 1 thing that we need from you" in page
        assert "Ready to send" in part_of(applicant.reads(), 2)
        applicant.sends(two[1])
        assert "Answer of Thing 2" in applicant.reads("applicant_sent")

    def test_pressed_twice_sends_once(self, application, applicant, two):
        assert applicant.sends(*two).url == applicant.sends(*two).url == applicant.at("applicant_sent")
        assert application.events.filter(kind="request_answered").count() == 1

    def test_the_acknowledgement_works_again(self, applicant, two):
        applicant.sends(*two)
        assert applicant.reads("applicant_sent").count("We have your answers") >= 1
        assert "We have your answers" in applicant.reads("applicant_sent")

    def test_nothing_sent_has_no_acknowledgement(self, applicant, two):
        assert applicant.client.get(applicant.at("applicant_sent")).url == applicant.at()

    @pytest.fixture
    def december(self):
        """In which the requests are sent: an answer never comes before them."""
        with at("2026-12-01T10:00"):
            yield

    def test_what_comes_in_the_evening_counts_from_the_next_working_day(self, december, applicant, two):
        with at("2026-12-24T19:30"):  # a Thursday; Friday and Monday are bank holidays
            applicant.sends(*two)
            page = applicant.reads("applicant_sent")
        assert "24 December 2026 at 19:30" in page
        assert "as received on <strong>Tuesday 29 December 2026</strong>" in page

    def test_a_name_is_needed_and_nothing_chosen_is_said(self, applicant, two):
        page = applicant.sends(*two, name=" ", status=422).content.decode()
        assert "Enter your full name" in page
        assert "Answer of Thing 1" in page
        assert "Choose at least one answer" in applicant.sends(status=422).content.decode()

    def test_a_request_that_was_withdrawn_meanwhile_is_not_sent_and_the_other_is_kept(self, applicant, two, officer):
        cancel_request(two[0], because="A mistake", by=officer)
        page = applicant.sends(*two, status=409).content.decode()
        assert "Something has changed" in page
        assert "Answer of Thing 2" in page
        assert not ValidationRequest.objects.exclude(answer="").exists()
        closed = applicant.reads("applicant_request", 1)
        assert "The council withdrew this" in closed
        assert "Answer of Thing 1" in closed

    def test_what_ended_meanwhile_takes_no_answer_and_loses_none(self, application, applicant, two):
        application.status, application.withdrawn_on = Status.WITHDRAWN, timezone.localdate()
        application.save()
        page = applicant.answers(two[0], 409, answer="replied", text="My last words").content.decode()
        assert "My last words" in page
        assert "The application has ended" in page
        page = applicant.reads()
        assert "The application was withdrawn." in page
        assert "Thing 1" in page
        applicant.sends(*two, status=409)
        assert "Answer of Thing 2" in applicant.reads("applicant_request", 2)

    def test_the_draft_is_there_on_another_device(self, application, applicant, two):
        elsewhere = Applicant(application)
        assert "Answer of Thing 1" in elsewhere.reads("applicant_request", 1)

    @pytest.mark.usefixtures("one_window")
    def test_limits_for_files_and_sending(self, application, applicant, two, monkeypatch):
        monkeypatch.setattr("home.responses.applicant_pages.views.SENDINGS_AN_HOUR", 0)
        monkeypatch.setattr("home.responses.applicant_pages.answer_views.UPLOADS_AN_HOUR", 1)
        response = applicant.sends(*two, status=429)
        assert int(response.headers["Retry-After"]) > 0
        upload = applicant.at("applicant_upload", 1)
        assert applicant.client.post(upload, {"files": plan()}).status_code == 201
        refused = applicant.client.post(upload, {"files": plan(words="B")})
        assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (429, True)
        assert "Try again in" in refused.json()["error"]


def test_a_new_letter_gives_the_same_link(application, applicant):
    link_for(application.parties.get(role="applicant"))
    assert ApplicantLink.objects.count() == 1
