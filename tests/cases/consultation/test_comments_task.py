"""The officers' page of comments: where each came from, what is suggested, publishing many at once and undoing it."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.consultation.comments import enter_comment, publish_comments, receive_comment, redact_comment
from cases.models import Comment
from cases.permissions import cases_for
from cases.statuses import Status
from cases.worklists.officer_lists import in_list


@pytest.fixture
def application(make_application, officer):
    return make_application(
        "pp.full.householder",
        status=Status.IN_ASSESSMENT,
        officer=officer,
        published_at=timezone.now(),
        consultation_ends_on=timezone.localdate(),
    )


@pytest.fixture
def url(application) -> str:
    return reverse("case_task", args=[application.pk, "comments"])


@pytest.fixture
def sent(application):
    def send(text, **fields):
        said = {"name": "Ann Neighbour", "sentiment": "objection", "source": Comment.Source.WEBSITE, **fields}
        return receive_comment(application, text=text, **said)

    return send


@pytest.fixture
def signed_in(client, officer):
    client.force_login(officer)
    return client


def page_of(response) -> str:
    return response.content.decode()


def test_it_says_where_a_comment_came_from_and_its_reference(signed_in, url, application, sent, officer):
    website = sent("Too high")
    sent("Too wide", source=Comment.Source.API)
    enter_comment(
        application, name="Bob", text="Too long", sentiment="neutral", received_on=date(2026, 6, 10), by=officer
    )
    page = page_of(signed_in.get(url))
    assert website.reference in page
    for words in ("written on the website", "sent by another system", "entered by an officer"):
        assert words in page


def test_publishing_all_asks_once_and_says_how_many_and_which_stay_behind(signed_in, url, sent, application):
    harmless = [sent("Too high"), sent("Too wide")]
    behind = sent("Ring 07700 900123", name="Bob Builder")
    page = page_of(signed_in.get(url, {"open": "publish_harmless"}))
    assert "<strong>2</strong> comments will be public" in page
    assert "<strong>1</strong> stays behind" in page
    assert f"Bob Builder, {behind.reference}</a>: Telephone number" in page
    assert not application.comments.exclude(published_at=None).exists()
    later = sent("Too late to be asked about")
    data = {"action": "publish_harmless", "publish_harmless-up_to": behind.pk}
    assert signed_in.post(url, data).status_code == 302
    assert set(application.comments.exclude(published_at=None)) == set(harmless)
    later.refresh_from_db()
    assert later.published_at is None


def test_publishing_all_is_not_offered_where_every_comment_must_be_read(signed_in, url, sent):
    sent("Ring 07700 900123")
    page = page_of(signed_in.get(url, {"open": "publish_harmless"}))
    assert "No comment can be published without being read first" in page
    assert "Yes, publish them" not in page
    assert "Publish the ticked comments" not in page


def test_what_was_published_together_is_taken_off_together_with_a_reason(signed_in, url, sent, application):
    comments = [sent("Too high"), sent("Too wide")]
    signed_in.post(url, {"action": "publish_harmless"})
    asked = signed_in.get(url, {"open": "undo"})
    assert "2 comments leave the register" in page_of(asked)
    which = ",".join(str(comment.pk) for comment in comments)
    without_reason = {"action": "undo", "undo-which": which, "undo-because": ""}
    assert signed_in.post(url, without_reason).status_code == 422
    stale = {"action": "undo", "undo-which": "1,2,3", "undo-because": "Too early"}
    assert signed_in.post(url, stale).status_code == 422
    assert application.comments.exclude(published_at=None).count() == 2
    assert signed_in.post(url, stale | {"undo-which": which}).status_code == 302
    assert not application.comments.exclude(published_at=None).exists()


def test_the_original_is_marked_and_the_preview_saves_nothing(signed_in, url, sent, authority):
    comment = sent("Ring 07700 900123 & ask", address="5 Blyton Close", email="ann@example.com")
    page = page_of(signed_in.get(url, {"open": "redact", "row": comment.pk}))
    assert '<mark title="Telephone number">07700 900123</mark> &amp; ask' in page
    key = f"redact-{comment.pk}"
    data = {"action": "redact", "row": comment.pk, f"{key}-redacted_text": "Ring <b>us</b>", "preview": "1"}
    response = signed_in.post(url, data)
    preview = page_of(response).split("As the public would read it")[1].split("Text for the register")[0]
    assert response.status_code == 200
    assert "Ring &lt;b&gt;us&lt;/b&gt;" in preview
    assert "5 Blyton Close" in preview  # by the council's switch
    assert "Ann Neighbour" not in preview
    assert "ann@example.com" not in preview
    comment.refresh_from_db()
    assert (comment.redacted_text, comment.published_at) == ("", None)
    assert signed_in.post(url, data | {f"{key}-redacted_text": ""}).status_code == 422


def test_the_writers_name_is_suggested_for_redaction_where_names_are_not_shown(signed_in, url, sent):
    comment = sent("I, Ann Neighbour, object")
    page = page_of(signed_in.get(url, {"open": "redact", "row": comment.pk}))
    assert "I, [redacted], object" in page
    assert "Name of who wrote it" in page


def test_a_reader_is_not_shown_a_preview_or_offered_to_publish(client, reader, url, sent):
    comment = sent("Too high")
    client.force_login(reader)
    data = {"action": "redact", "row": comment.pk, f"redact-{comment.pk}-redacted_text": "x", "preview": "1"}
    assert client.post(url, data).status_code in (302, 403, 404)
    page = page_of(client.get(url))
    assert "Publish all that need no redaction" not in page


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        ("", {"public", "sent", "body"}),
        ("waiting", {"sent", "body"}),
        ("published", {"public"}),
        ("sent", {"sent"}),
        ("consultees", {"body"}),
        ("nonsense", {"public", "sent", "body"}),
    ],
)
def test_the_list_is_narrowed(signed_in, url, application, sent, officer, show, expected):
    def enter(text, **fields):
        return enter_comment(
            application, name="Bob", text=text, sentiment="neutral", received_on=date(2026, 6, 10), by=officer, **fields
        )

    publish_comments([enter("It is public")], by=officer)
    sent("It was sent")
    enter("Of a body", kind="consultee")
    response = signed_in.get(url, {"show": show})
    words = {"public": "It is public", "sent": "It was sent", "body": "Of a body"}
    shown = {comment.text for comment in response.context["rows"]}
    assert shown == {words[name] for name in expected}
    assert response.context["counts"]["public"] == [("Objects", 1), ("Neutral", 1), ("Supports", 0)]
    assert response.context["counts"]["consultees"] == 1


def test_only_a_consultee_may_want_changes(signed_in, url, application):
    fields = {"name": "Ann", "received_on": "2026-06-10", "sentiment": "amendments", "text": "Lower, please"}
    for kind, status in (("public", 422), ("consultee", 302)):
        data = {f"add-{name}": value for name, value in {**fields, "kind": kind}.items()}
        assert signed_in.post(url, {"action": "add", **data}).status_code == status
    assert application.comments.get().kind == "consultee"


def test_the_list_of_new_comments_holds_what_nobody_has_looked_at(
    officer, application, make_application, sent, other_authority
):
    make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    cases = cases_for(officer)
    assert list(in_list(cases, "new_comments", officer)) == []
    first, second = sent("Too high"), sent("Ring 07700 900123")
    assert list(in_list(cases, "new_comments", officer)) == [application]
    publish_comments([first], by=officer)
    assert list(in_list(cases, "new_comments", officer)) == [application]
    redact_comment(second, redacted_text="Ring [redacted]", by=officer)
    assert list(in_list(cases, "new_comments", officer)) == []


def test_queries_do_not_grow_with_the_comments(signed_in, url, sent):
    signed_in.get(url)  # what is remembered from the first page on
    numbers = []
    for _ in range(2):
        for number in range(3):
            sent(f"Number {number} of them")
        for query in ({}, {"open": "publish_harmless"}):
            with CaptureQueriesContext(connection) as queries:
                assert signed_in.get(url, query).status_code == 200
            numbers.append(len(queries))
    assert numbers[:2] == numbers[2:]
