"""Delivery reports that GOV.UK Notify sends by itself: any order, twice, and only with the token."""

import json
import uuid

import pytest
from django.utils import timezone

from notices.models import Message

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-forty-characters-for-callbacks"


@pytest.fixture
def sent(authority, settings):
    settings.NOTIFY_CALLBACK_TOKEN = TOKEN
    return Message.objects.create(
        authority=authority,
        about="valid",
        channel="email",
        to_email="enid@example.org",
        subject="x",
        body="y",
        status=Message.Status.SENT,
        attempts=1,
        notify_id=uuid.uuid4(),
        sent_at=timezone.now(),
    )


@pytest.fixture
def call(client):
    def call(data, *, token=TOKEN):
        body = data if isinstance(data, str | bytes) else json.dumps(data)
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return client.post("/notify/callback", body, content_type="application/json", headers=headers)

    return call


def report(message, status="delivered", **changes):
    return {
        "id": str(message.notify_id),
        "reference": str(message.pk),
        "to": "enid@example.org",
        "status": status,
        "created_at": "2026-06-01T12:00:00.000000Z",
        "completed_at": "2026-06-01T12:01:00.000000Z",
        "sent_at": "2026-06-01T12:00:10.000000Z",
        "notification_type": "email",
        "template_id": str(uuid.uuid4()),
        "template_version": 2,
        **changes,
    }


def test_a_report_is_taken_and_taken_again_without_harm(call, sent):
    for _ in range(2):
        assert call(report(sent)).status_code == 200
        sent.refresh_from_db()
        assert sent.status == Message.Status.DELIVERED
        assert sent.completed_at.isoformat() == "2026-06-01T12:01:00+00:00"


def test_an_earlier_state_that_comes_later_changes_nothing(call, sent):
    call(report(sent, "permanent-failure"))
    call(report(sent, "sending"))
    call(report(sent, "delivered"))
    sent.refresh_from_db()
    assert sent.status == Message.Status.FAILED


def test_found_by_our_reference_while_the_answer_is_still_out(call, sent):
    their_id = uuid.uuid4()
    Message.objects.update(status=Message.Status.SENDING, notify_id=None)
    assert call(report(sent, id=str(their_id))).status_code == 200
    sent.refresh_from_db()
    assert (sent.status, sent.notify_id) == (Message.Status.DELIVERED, their_id)


def test_a_reference_with_another_id_is_not_believed(call, sent):
    assert call(report(sent, "permanent-failure", id=str(uuid.uuid4()))).status_code == 200
    sent.refresh_from_db()
    assert sent.status == Message.Status.SENT


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x", "é"])
def test_without_the_token_nothing_is_taken(call, sent, token):
    assert call(report(sent), token=token).status_code == 401
    sent.refresh_from_db()
    assert sent.status == Message.Status.SENT


def test_where_no_token_is_set_an_empty_one_opens_nothing(call, sent, settings):
    settings.NOTIFY_CALLBACK_TOKEN = ""
    assert call(report(sent), token="").status_code == 401


def test_what_is_not_ours_is_answered_200_so_that_it_is_not_repeated(call, sent):
    assert call({"id": str(uuid.uuid4()), "reference": None, "status": "delivered"}).status_code == 200


@pytest.mark.parametrize(
    "body", ["", "[]", "null", "{", '{"id": 1}', "[" * 5000, b"\xff\xfe", '{"id": "x", "status": null}',
             '{"id": "7f4c2d4e-6b0a-4b6e-9a53-000000000001", "completed_at": "2026-13-45T00:00:00Z"}'],
)  # fmt: skip
def test_nonsense_is_answered_400(call, sent, body):
    assert call(body).status_code == 400


def test_too_long_is_refused(call, sent):
    assert call("x" * 20_000).status_code == 413


def test_only_post(client, sent):
    assert client.get("/notify/callback").status_code == 405
