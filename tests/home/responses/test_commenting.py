"""Commenting without an account: question by question, nothing lost, sent once, acknowledged."""

import json
import re
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import RateCount
from cases.consultation.comments import enter_comment, publish_comments
from cases.models import Comment
from cases.register.published import public_comments
from cases.statuses import Status
from home.models import CommentDraft, RegisterPage
from home.responses.commenting import delete_old_drafts, submission_key, what_is_shown
from notices.due_work import JOBS
from notices.models import Message
from tests.database import give_public_site

TEXT = "It would take our light.\nAnd the lane is narrow."
ANSWERS = {
    "view": {"sentiment": "objection"},
    "topics": {"topics": ["light", "traffic"]},
    "words": {"text": TEXT},
    "details": {
        "name": "Ann Neighbour",
        "address": "5 Blyton Close\nBeaconsfield\n HP9 2LX ",
        "email": "ann@example.com",
        "phone": "01494 732000",
        "subject": "",
    },
}


@pytest.fixture(autouse=True)
def _letters(db):
    call_command("load_letter_templates", verbosity=0)


@pytest.fixture
def application(make_public, authority):
    authority.comments_until_decision = False
    authority.save()
    return make_public(consultation_ends_on=timezone.localdate() + timedelta(days=9))


def start_of(application) -> str:
    return f"/planning-applications/{application.reference}/comment/"


def begin(visitor, application) -> str:
    """The address of the first question of a new draft."""
    response = visitor.post(start_of(application))
    assert response.status_code == 302, response.content.decode()
    return response.url


def at(address: str, question: str) -> str:
    """The address of another page of the same draft."""
    return re.sub(r"[^/]+/$", f"{question}/", urlsplit(address).path)


def answer_all(visitor, address: str, **changed) -> str:
    """Answers every question in turn, following where each leads. Returns the address of the check page."""
    for question, answers in (ANSWERS | changed).items():
        assert address == at(address, question)
        response = visitor.post(address, answers)
        assert response.status_code == 302, response.content.decode()
        address = response.url
    return address


def acknowledgements() -> list[Message]:
    return list(Message.objects.filter(about="comment_received"))


def end_comments(application) -> None:
    application.consultation_ends_on = timezone.localdate() - timedelta(days=1)
    application.save()


class TestTheJourney:
    def test_from_the_first_page_to_a_comment_with_a_reference(self, visitor, application):
        first = visitor.get(start_of(application))
        assert "your address, but not your name" in first.content.decode()
        check = answer_all(visitor, begin(visitor, application))
        page = visitor.get(check).content.decode()
        for said in ("I object to it", "Daylight and sunlight", "the lane is narrow", "Ann Neighbour", "01494 732000"):
            assert said in page
        sent = visitor.post(check)
        comment = Comment.objects.get()
        assert (comment.sentiment, comment.topics, comment.text) == ("objection", ["light", "traffic"], TEXT)
        assert (comment.name, comment.address) == ("Ann Neighbour", "5 Blyton Close, Beaconsfield, HP9 2LX")
        assert (comment.email, comment.phone) == ("ann@example.com", "01494 732000")
        assert (comment.source, comment.entered_by, comment.published_at) == ("website", None, None)
        page = visitor.get(sent.url).content.decode()
        assert comment.reference in page
        # As words of their own: a token, or the number of a comment, may hold the letters or the digits.
        for private in ("Ann", "ann@example.com", "01494 732000", "narrow"):
            assert not re.search(rf"\b{private}\b", page)

    def test_the_draft_is_deleted_with_sending_and_every_page_of_it_leads_to_the_confirmation(
        self, visitor, application
    ):
        check = answer_all(visitor, begin(visitor, application))
        sent = visitor.post(check).url
        assert not CommentDraft.objects.exists()
        for page in (check, at(check, "words")):
            assert visitor.get(page).url == sent
        assert visitor.get(sent).status_code == 200

    def test_sent_twice_is_one_comment(self, visitor, application):
        check = answer_all(visitor, begin(visitor, application))
        assert visitor.post(check).url == visitor.post(check).url
        assert Comment.objects.count() == 1

    def test_each_confirmation_gives_its_own_reference(self, visitor, application):
        sent = [visitor.post(answer_all(visitor, begin(visitor, application))).url for _ in range(2)]
        references = [comment.reference for comment in Comment.objects.order_by("pk")]
        for own, address in enumerate(sent):
            page = visitor.get(address).content.decode()
            assert [reference in page for reference in references] == [own == 0, own == 1]

    def test_nothing_is_asked_for_but_what_is_needed(self, visitor, application):
        details = {"name": "Ann", "address": "5 Blyton Close", "subject": ""}
        check = answer_all(visitor, begin(visitor, application), topics={}, details=details)
        assert "Not given" in visitor.get(check).content.decode()
        page = visitor.get(visitor.post(check).url).content.decode()
        assert "you left no e-mail address" in page
        assert not acknowledgements()

    def test_change_goes_back_to_the_question_and_returns_to_the_check_page(self, visitor, application):
        check = answer_all(visitor, begin(visitor, application))
        change = f"{at(check, 'words')}?change"
        assert change in visitor.get(check).content.decode()
        form = visitor.get(change).content.decode()
        assert "the lane is narrow" in form
        assert f'href="{check}"' in form  # Back leads to where one came from
        assert visitor.post(change, {"text": "Other words"}).url == check
        assert "Other words" in visitor.get(check).content.decode()

    def test_back_shows_what_was_answered(self, visitor, application):
        check = answer_all(visitor, begin(visitor, application))
        assert 'value="objection" checked' in visitor.get(at(check, "view")).content.decode()
        topics = visitor.get(at(check, "topics")).content.decode()
        assert topics.count(" checked") == 2
        assert "5 Blyton Close\nBeaconsfield" in visitor.get(at(check, "details")).content.decode()

    def test_no_question_can_be_left_out(self, visitor, application):
        first = begin(visitor, application)
        assert visitor.get(at(first, "check")).url == first
        visitor.post(first, ANSWERS["view"])
        assert visitor.post(at(first, "check")).url == at(first, "topics")
        assert not Comment.objects.exists()

    @pytest.mark.parametrize(
        ("question", "answers", "words"),
        [
            ("view", {}, "Choose whether you object"),
            ("view", {"sentiment": "amendments"}, "Select a valid choice"),
            ("topics", {"topics": ["weather"]}, "Select a valid choice"),
            ("words", {"text": "  "}, "Enter your comment"),
            ("words", {"text": "x" * 20_001}, "20,000 characters or fewer"),
            ("details", {"address": "5 Blyton Close"}, "Enter your full name"),
            ("details", {"name": "Ann"}, "Enter your address"),
            ("details", ANSWERS["details"] | {"address": "x" * 401}, "400 characters or fewer"),
            ("details", ANSWERS["details"] | {"email": "nonsense"}, "Enter an e-mail address"),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, visitor, application, question, answers, words):
        address = at(begin(visitor, application), question)
        response = visitor.post(address, answers)
        page = response.content.decode()
        assert response.status_code == 422
        assert page.count(words) == 2  # in the summary and at the field
        assert "<title>Error: " in page
        (target,) = set(re.findall(r'<li><a href="#([^"]+)">', page))
        assert f'id="{target}"' in page
        for typed in answers.values():
            assert isinstance(typed, list) or len(typed) > 400 or typed.strip() in page or question == "view"

    def test_a_lines_end_counts_as_one_character(self, visitor, application):
        address = at(begin(visitor, application), "words")
        assert visitor.post(address, {"text": "ab\r\n" * 6_666 + "ab"}).status_code == 302  # 20,000 as browsers count

    def test_two_tabs_on_one_draft_do_not_undo_each_other(self, visitor, application):
        first = begin(visitor, application)
        draft_seen_by_both = CommentDraft.objects.get()
        visitor.post(first, ANSWERS["view"])
        visitor.post(at(first, "words"), ANSWERS["words"])
        draft_seen_by_both.refresh_from_db()
        assert set(draft_seen_by_both.answers) == {"view", "words"}

    def test_the_page_says_what_the_council_shows(self, authority):
        said = set()
        for names in (True, False):
            for addresses in (True, False):
                authority.publishes_commenter_names, authority.publishes_commenter_addresses = names, addresses
                said.add(what_is_shown(authority))
        assert len(said) == 4

    def test_a_certificate_is_about_facts(self, visitor, make_public):
        facts = "Only facts and the law count"
        assert facts in visitor.get(start_of(make_public("ldc.existing"))).content.decode()
        assert facts not in visitor.get(start_of(make_public())).content.decode()


class TestNobodyElse:
    def test_pages_are_kept_by_nobody_listed_nowhere_and_set_no_session(self, visitor, application):
        check = answer_all(visitor, begin(visitor, application))
        for response in (
            visitor.get(start_of(application)),
            visitor.get(check),
            visitor.get(visitor.post(check).url),
        ):
            assert "no-store" in response.headers["Cache-Control"]
            assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
            assert response.headers["Referrer-Policy"] == "same-origin"
            assert set(response.cookies) <= {"csrftoken"}

    def test_a_token_is_long_and_another_councils_site_does_not_know_it(self, visitor, visitor_elsewhere, application):
        check = answer_all(visitor, begin(visitor, application))
        token = CommentDraft.objects.get().token
        assert len(token) >= 32
        assert visitor_elsewhere.get(check).status_code == 404
        assert visitor_elsewhere.post(check).status_code == 404
        visitor.post(check)
        assert visitor_elsewhere.get(at(check, "sent")).status_code == 404
        assert Comment.objects.get().submission_key == submission_key(token) != token

    def test_our_own_forms_only(self, authority, application):
        careful = Client(HTTP_HOST=authority.site.hostname, enforce_csrf_checks=True)
        assert careful.post(start_of(application)).status_code == 403

    def test_nothing_is_public_before_an_officer_has_published_it(self, visitor, application, officer):
        visitor.post(answer_all(visitor, begin(visitor, application)))
        register = f"/planning-applications/{application.reference}/"
        assert "narrow" not in visitor.get(register).content.decode()
        assert publish_comments(Comment.objects.all(), by=officer)
        page = visitor.get(f"{register}comments/").content.decode()
        assert "narrow" in page
        for private in ("ann@example.com", "01494 732000", "Ann Neighbour"):
            assert private not in page


class TestAcknowledgement:
    def test_it_gives_the_reference_and_repeats_nothing(self, visitor, application):
        visitor.post(answer_all(visitor, begin(visitor, application)))
        (message,) = acknowledgements()
        assert message.to_email == "ann@example.com"
        assert Comment.objects.get().reference in message.subject + message.body
        assert application.reference in message.body
        for typed in ("narrow", "Ann", "01494 732000"):
            assert typed not in message.subject + message.body

    def test_what_an_officer_enters_is_not_acknowledged_here(self, application, officer):
        enter_comment(
            application,
            name="Ann",
            text="Too high",
            sentiment="objection",
            email="ann@example.com",
            received_on=timezone.localdate(),
            by=officer,
        )
        assert not acknowledgements()

    def test_without_the_acknowledgement_there_is_no_comment(self, visitor, application, monkeypatch):
        def fail(**kwargs):
            raise RuntimeError("no outbox")

        monkeypatch.setattr("home.responses.commenting.queue_to_person", fail)
        check = answer_all(visitor, begin(visitor, application))
        with pytest.raises(RuntimeError):
            visitor.post(check)
        assert not Comment.objects.exists()
        assert CommentDraft.objects.count() == 1


class TestClosed:
    def test_before_anything_is_written(self, visitor, application):
        end_comments(application)
        response = visitor.get(start_of(application))
        assert response.status_code == 200
        assert "The time for comments on this application ended on" in response.content.decode()
        assert visitor.post(start_of(application)).status_code == 409
        assert not CommentDraft.objects.exists()

    def test_in_the_middle_what_was_just_typed_is_shown(self, visitor, application):
        address = at(begin(visitor, application), "words")
        end_comments(application)
        response = visitor.post(address, {"text": "Words <b>of mine</b>"})
        page = response.content.decode()
        assert response.status_code == 409
        assert "Words &lt;b&gt;of mine&lt;/b&gt;" in page
        assert "Your comment was not sent" in page

    def test_at_the_end_what_was_written_is_shown(self, visitor, application):
        check = answer_all(visitor, begin(visitor, application))
        end_comments(application)
        for response in (visitor.get(check), visitor.post(check)):
            assert "the lane is narrow" in response.content.decode()
        assert not Comment.objects.exists()
        assert CommentDraft.objects.count() == 1

    def test_between_reading_and_sending(self, visitor, application, monkeypatch):
        check = answer_all(visitor, begin(visitor, application))
        end_comments(application)
        monkeypatch.setattr("home.responses.comment_views.why_closed", lambda application: "")
        response = visitor.post(check)
        assert response.status_code == 409
        assert "ended on" in response.content.decode()

    def test_off_the_register_nothing_of_the_application_is_told(self, visitor, application):
        check = answer_all(visitor, begin(visitor, application))
        application.published_at = None
        application.save()
        page = visitor.get(check).content.decode()
        assert "not on the planning register" in page
        assert "the lane is narrow" in page
        assert application.description not in page
        assert visitor.get(start_of(application)).status_code == 404

    def test_while_the_register_is_closed(self, visitor, authority, application):
        give_public_site(authority)
        address = at(begin(visitor, application), "words")
        RegisterPage.objects.update(is_closed=True, closed_message="Back on Monday.")
        response = visitor.post(address, ANSWERS["words"])
        assert response.status_code == 503
        assert "Back on Monday." in response.content.decode()
        assert "the lane is narrow" in response.content.decode()

    def test_a_deleted_draft_still_shows_what_was_just_typed(self, visitor, application):
        address = at(begin(visitor, application), "words")
        CommentDraft.objects.all().delete()
        response = visitor.post(address, ANSWERS["words"])
        assert response.status_code == 404
        assert "the lane is narrow" in response.content.decode()
        assert f'href="{start_of(application)}"' in response.content.decode()


class TestReferences:
    def test_an_untidy_reference_leads_on(self, visitor, application):
        untidy = application.reference.lower()
        assert visitor.get(f"/planning-applications/{untidy}/comment/").url == start_of(application)

    def test_a_draft_goes_on_under_the_applications_new_reference(self, visitor, application):
        check = answer_all(visitor, begin(visitor, application))
        application.reference = "26-99999-HAPP"
        application.save()
        assert visitor.get(check).url == check.replace(check.split("/")[2], "26-99999-HAPP")
        assert visitor.post(check).status_code == 302
        assert Comment.objects.count() == 1

    def test_what_is_no_question_is_not_there(self, visitor, application):
        address = begin(visitor, application)
        assert visitor.get(at(address, "nonsense")).status_code == 404
        assert visitor.get("/planning-applications/26-00000-HAPP/comment/").status_code == 404


class TestAgainstPrograms:
    def test_one_that_fills_in_every_field_is_refused_and_told_which(self, visitor, application):
        address = at(begin(visitor, application), "details")
        response = visitor.post(address, ANSWERS["details"] | {"subject": "Cheap pills"})
        page = response.content.decode()
        assert response.status_code == 422
        assert 'href="#id_subject"' in page
        assert "left-empty" not in page  # whoever is told of the field can see it
        assert CommentDraft.objects.get().answers == {}

    @pytest.mark.usefixtures("one_window")
    def test_three_an_hour_on_one_application_and_ten_on_all(self, visitor, application, make_public, authority):
        def send_to(application) -> int:
            return visitor.post(answer_all(visitor, begin(visitor, application))).status_code

        assert [send_to(application) for _ in range(3)] == [302] * 3
        check = answer_all(visitor, begin(visitor, application))
        response = visitor.post(check)
        assert response.status_code == 429
        assert 0 < int(response.headers["Retry-After"]) <= 3600
        assert "the lane is narrow" in response.content.decode()
        assert f'href="{check}"' in response.content.decode()
        authority.comments_until_decision = True
        authority.save()
        assert [send_to(make_public()) for _ in range(6)] == [302] * 6
        assert send_to(make_public()) == 429
        assert Comment.objects.count() == 9

    def test_somebody_elsewhere_may_still_comment(self, visitor, application, authority):
        for _ in range(3):
            visitor.post(answer_all(visitor, begin(visitor, application)))
        another = Client(HTTP_HOST=authority.site.hostname, REMOTE_ADDR="203.0.113.9")
        assert another.post(answer_all(another, begin(another, application))).status_code == 302
        assert not RateCount.objects.filter(key__contains="203.0.113.9").exists()

    @pytest.mark.usefixtures("one_window")
    def test_one_home_with_many_addresses_of_the_newer_kind_counts_once(self, application, authority):
        statuses = []
        for number in range(4):
            neighbour = Client(HTTP_HOST=authority.site.hostname, REMOTE_ADDR=f"2001:db8:1:2::{number:x}")
            statuses.append(neighbour.post(answer_all(neighbour, begin(neighbour, application))).status_code)
        assert statuses == [302, 302, 302, 429]

    @pytest.mark.usefixtures("one_window")
    def test_drafts_are_not_begun_without_end(self, visitor, application):
        assert {visitor.post(start_of(application)).status_code for _ in range(30)} == {302}
        assert visitor.post(start_of(application)).status_code == 429
        assert CommentDraft.objects.count() == 30


class TestOldDrafts:
    def test_a_week_after_the_last_answer_it_is_gone(self, visitor, application):
        old, young = begin(visitor, application), begin(visitor, application)
        for address, age in ((old, 7), (young, 6)):
            token = address.split("/")[4]
            CommentDraft.objects.filter(token=token).update(updated_at=timezone.now() - timedelta(days=age))
        assert visitor.get(old).status_code == 404
        assert delete_old_drafts() == 1
        assert visitor.get(young).status_code == 200
        assert delete_old_drafts in [job for _, job in JOBS]


def test_no_page_needs_more_queries_for_a_busier_application(visitor, application):
    check = answer_all(visitor, begin(visitor, application))
    numbers = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get(check).status_code == 200
        numbers.append(len(queries))
        for _ in range(3):
            Comment.objects.create(
                application=application,
                name="x",
                text="x",
                sentiment="neutral",
                received_on=timezone.localdate(),
                submission_key=secrets.token_hex(8),
            )
    assert numbers[0] == numbers[1]


class TestReadingComments:
    @pytest.fixture
    def read(self, visitor, application):
        def get(**asked) -> list[str]:
            response = visitor.get(f"/planning-applications/{application.reference}/comments/", asked)
            assert response.status_code == 200
            return sorted(comment.text for comment in response.context["comments"])

        return get

    @pytest.fixture
    def published(self, application, officer):
        for text, sentiment, topics in (
            ("The light goes", "objection", ["light"]),
            ("The lane is narrow, the light is poor", "objection", ["traffic", "light"]),
            ("A fine house", "supportive", []),
            ("100% in favour_of it", "supportive", ["design"]),
        ):
            enter_comment(
                application,
                name="Ann",
                text=text,
                sentiment=sentiment,
                topics=topics,
                by=officer,
                received_on=timezone.localdate(),
            )
        publish_comments(application.comments.all(), by=officer)
        enter_comment(
            application,
            name="Ann",
            text="Secret light",
            sentiment="objection",
            topics=["light"],
            by=officer,
            received_on=timezone.localdate(),
        )

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ({"sentiment": "supportive"}, ["100% in favour_of it", "A fine house"]),
            ({"topic": "light"}, ["The lane is narrow, the light is poor", "The light goes"]),
            ({"q": "LIGHT"}, ["The lane is narrow, the light is poor", "The light goes"]),
            ({"q": "light lane"}, ["The lane is narrow, the light is poor"]),
            ({"q": "light", "topic": "traffic"}, ["The lane is narrow, the light is poor"]),
            ({"q": "%"}, ["100% in favour_of it"]),
            ({"q": "_of"}, ["100% in favour_of it"]),
            ({"q": "secret"}, []),
            ({"q": "\0"}, None),
            ({"sentiment": "nonsense", "topic": "nonsense", "page": "nonsense"}, None),
        ],
    )
    def test_narrowed(self, read, published, asked, found):
        assert read(**asked) == (read() if found is None else found)
        assert len(read()) == 4

    def test_pages_keep_what_was_asked(self, visitor, application, officer):
        for number in range(51):
            enter_comment(
                application,
                name="Ann",
                text=f"Light, number {number}",
                sentiment="objection",
                by=officer,
                received_on=timezone.localdate(),
            )
        publish_comments(application.comments.all(), by=officer)
        page = visitor.get(f"/planning-applications/{application.reference}/comments/?q=light").content.decode()
        assert 'href="?q=light&amp;page=2"' in page
        assert "<strong>51</strong> comments like this" in page


def test_the_application_page_leads_to_it_while_comments_are_taken(visitor, application):
    page = f"/planning-applications/{application.reference}/"
    link = f'href="{start_of(application)}"'
    assert link in visitor.get(page).content.decode()
    end_comments(application)
    assert link not in visitor.get(page).content.decode()


def test_answers_are_plain_data(visitor, application):
    answer_all(visitor, begin(visitor, application))
    assert "subject" not in json.dumps(CommentDraft.objects.get().answers)
    assert not public_comments(application).exists()
    assert application.status == Status.IN_ASSESSMENT
