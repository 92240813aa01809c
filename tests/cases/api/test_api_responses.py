"""Comments that the Digital Planning Register sends: exactly 200, once, never public by themselves."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ApiToken
from cases.models import Comment
from cases.statuses import Status

BODY = {
    "name": "Ada Wren",
    "email": "ada@example.org",
    "address": "1 High Street, HP9 2LX",
    "summary_tag": "objection",
    "response": "* Privacy: they look in.  * Light: it is dark.",
    "tags": ["privacy", "light"],
}


@pytest.fixture
def application(make_application):
    ends_on = timezone.localdate() + timedelta(days=5)
    return make_application(
        "pp.full.householder", status=Status.IN_ASSESSMENT, published_at=timezone.now(), consultation_ends_on=ends_on
    )


@pytest.fixture
def send(client, authority):
    client.raise_request_exception = False

    def post(
        name, body=BODY, *, scopes=("read", "respond"), path="/api/v1/planning_applications/{}/neighbour_responses"
    ):
        _, secret = ApiToken.create(authority=authority, name="DPR", scopes=list(scopes))
        return client.post(
            path.format(name), body, content_type="application/json", headers={"Authorization": f"Bearer {secret}"}
        )

    return post


def test_a_comment_is_taken_answered_with_200_and_waits_for_an_officer(send, application):
    answer = send(application.pk)
    assert answer.status_code == 200
    comment = Comment.objects.get()
    assert answer.json() == {"id": comment.reference, "message": "Response submitted"}
    assert (comment.application, comment.name, comment.sentiment) == (application, "Ada Wren", "objection")
    assert (comment.topics, comment.source, comment.published_at) == (["privacy", "light"], "api", None)


def test_the_same_again_makes_no_second_comment_and_another_does(send, application):
    first, again = send(application.pk), send(application.reference)
    assert first.json() == again.json()
    send(application.pk, {**BODY, "name": "Ben Wren"})
    assert Comment.objects.count() == 2


def test_version_2_takes_the_same(send, application):
    path = "/api/v2/planning_applications/{}/comments/public"
    assert send(application.reference, path=path).json() == send(application.pk).json()


def test_the_scope_is_asked_for(send, application):
    for scopes in (["read"], ["submit"]):
        assert send(application.pk, scopes=scopes).status_code == 403
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"name": ""},
        {"name": None},
        {"response": "\x00 "},
        {"summary_tag": "amendments"},
        {"email": "nobody"},
        {"address": "x" * 401},
        {"response": "x" * 50_001},
        {"tags": "privacy"},
    ],
)
def test_what_is_wrong_is_told_by_place_and_never_by_value(send, application, changed):
    answer = send(application.pk, {**BODY, **changed})
    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    (name,) = changed
    assert fault["path"] == f"/{name}"
    assert "nobody" not in answer.content.decode()
    assert not Comment.objects.exists()


def test_unknown_topics_and_nul_are_left_out(send, application):
    assert send(application.pk, {**BODY, "tags": ["privacy", "sky\x00"], "name": "A\x00da"}).status_code == 200
    assert (Comment.objects.get().topics, Comment.objects.get().name) == (["privacy"], "Ada")


def test_no_comment_where_none_can_be_made(send, make_application, application, other_authority):
    private = make_application("pp.full.householder")
    elsewhere = make_application(
        "pp.full.householder", status=Status.IN_ASSESSMENT, published_at=timezone.now(), authority=other_authority
    )
    for name in (private.pk, private.reference, elsewhere.pk, 0, 10**30, "26-99999-HAPP", "%00"):
        assert send(name).status_code == 404
    withdrawn = make_application("pp.full.householder", status=Status.WITHDRAWN, published_at=timezone.now())
    answer = send(withdrawn.pk)
    assert answer.status_code == 409
    assert "withdrawn" in answer.json()["detail"]
    assert not Comment.objects.exists()


def test_what_is_no_json_is_told_so(send, application, client):
    answer = send(application.pk, "{bad")
    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"
