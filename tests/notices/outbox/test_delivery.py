"""Delivery over real HTTP, against a Notify that misbehaves: once and only once, and every end is told in words."""

import threading
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from notices.models import Message
from notices.outbox import delivery, notify
from tests.notices.fake_notify import SECRET, SERVICE, notify_server  # noqa: F401

Status = Message.Status


@pytest.fixture
def make_message(authority):
    def make(**fields) -> Message:
        values = {
            "authority": authority,
            "about": "acknowledgement",
            "channel": "email",
            "to_name": "Enid Blyton",
            "to_email": "enid@example.org",
            "subject": "We have received it",
            "body": "Dear Enid",
        }
        return Message.objects.create(**{**values, **fields})

    return make


def later(message: Message) -> None:
    """As if the waiting time were over."""
    Message.objects.filter(pk=message.pk).update(next_attempt_at=timezone.now() - timedelta(seconds=1))


def deliver(message: Message) -> Message:
    delivery.deliver(message.pk)
    message.refresh_from_db()
    return message


def test_an_email_is_handed_over_with_its_uuid_as_reference(notify_server, make_message):  # noqa: F811
    message = deliver(make_message())

    assert message.status == Status.SENT
    (sent,) = notify_server.sent()
    assert sent["reference"] == str(message.pk)
    assert str(message.notify_id) == sent["id"]
    assert message.notify_template_version == 3
    assert message.sent_at is not None
    assert sent["body"]["email_address"] == "enid@example.org"
    assert sent["body"]["personalisation"] == {"subject": "We have received it", "body": "Dear Enid"}
    assert sent["body"]["sanitise_content_for"] == ["subject"]
    assert notify_server.refused_tokens == []


def test_a_message_that_was_taken_is_not_sent_a_second_time(notify_server, make_message):  # noqa: F811
    message = deliver(make_message())
    deliver(message)
    assert notify_server.posts() == 1


def test_a_wrong_key_is_refused_by_the_server_and_told_in_words(notify_server, make_message, settings):  # noqa: F811
    settings.NOTIFY_API_KEY = f"team-{SERVICE}-{SECRET[:-1]}f"
    message = deliver(make_message())
    assert notify_server.refused_tokens
    assert message.status == Status.FAILED
    assert "refused the key (403)" in message.status_detail


def test_the_councils_own_key_wins(notify_server, make_message, settings):  # noqa: F811
    good = settings.NOTIFY_API_KEY
    settings.NOTIFY_API_KEY = f"team-{SERVICE}-{SECRET[:-1]}f"
    settings.NOTIFY_API_KEYS = {"BKM": good}
    assert deliver(make_message()).status == Status.SENT


@pytest.mark.parametrize(("answer", "words"), [("400", "Missing personalisation"), ("403", "API key not found")])
def test_what_notify_refuses_is_not_tried_again(notify_server, make_message, answer, words):  # noqa: F811
    notify_server.answers = [answer]
    message = deliver(make_message())
    assert message.status == Status.FAILED
    assert words in message.status_detail
    assert message.next_attempt_at is None
    deliver(message)
    assert notify_server.posts() == 1


@pytest.mark.parametrize("answer", ["500", "429", "nonsense"])
def test_a_passing_fault_is_tried_again_and_then_succeeds(notify_server, make_message, answer):  # noqa: F811
    notify_server.answers = [answer]
    message = deliver(make_message())
    assert message.status == Status.QUEUED
    assert message.status_detail
    assert message.next_attempt_at > timezone.now()

    assert delivery.deliver(message.pk) == "not due"
    later(message)
    assert deliver(message).status == Status.SENT
    assert len(notify_server.sent()) == 1


def test_the_days_limit_waits_until_tomorrow_and_never_gives_up(notify_server, make_message):  # noqa: F811
    message = make_message()
    notify_server.answers = ["429 day"] * 20
    for _ in range(20):
        later(message)
        deliver(message)
    assert message.status == Status.QUEUED
    assert message.next_attempt_at.date() == timezone.now().date() + timedelta(days=1)


def test_what_waited_for_the_limit_before_the_upgrade_is_not_given_up_for_it(notify_server, make_message):  # noqa: F811
    """The limit counted as an attempt then."""
    message = make_message(attempts=30)
    done = make_message(attempts=3, status=Status.FAILED)
    import_module("notices.migrations.0014_attempts_count_anew").forwards(apps, None)
    assert deliver(message).status == Status.SENT
    assert notify_server.requests[0][0] == "GET", "Notify may have it from an attempt that was broken off"
    done.refresh_from_db()
    assert done.attempts == 3


def test_waiting_grows_and_ends_with_words_for_a_person(notify_server, make_message):  # noqa: F811
    message = make_message()
    notify_server.answers = ["500"] * 20
    waits = []
    for _ in delivery.DELAYS:
        deliver(message)
        waits.append(message.next_attempt_at - timezone.now())
        later(message)
    assert waits == sorted(waits)
    deliver(message)
    assert message.status == Status.FAILED
    assert message.status_detail.endswith("It was tried 8 times.")


def test_a_time_out_after_notify_took_it_is_not_sent_twice(notify_server, make_message, settings):  # noqa: F811
    settings.NOTIFY_TIMEOUT_SECONDS = 0.2
    notify_server.answers = ["hang after accepting"]
    message = deliver(make_message())
    assert message.status == Status.QUEUED
    assert message.notify_id is None

    assert notify_server.hangs.wait(30)  # it may read what was sent after its sender has given up
    settings.NOTIFY_TIMEOUT_SECONDS = 30
    later(message)
    assert deliver(message).status == Status.SENT
    assert notify_server.posts() == 1
    assert [sent["id"] for sent in notify_server.sent()] == [str(message.notify_id)]


def test_a_time_out_before_notify_took_it_is_sent_once(notify_server, make_message, settings):  # noqa: F811
    settings.NOTIFY_TIMEOUT_SECONDS = 0.2
    notify_server.answers = ["hang"]
    message = deliver(make_message())
    assert notify_server.hangs.wait(30)
    settings.NOTIFY_TIMEOUT_SECONDS = 30
    later(message)
    assert deliver(message).status == Status.SENT
    assert len(notify_server.sent()) == 1


def test_when_notify_cannot_be_asked_nothing_is_sent(notify_server, make_message):  # noqa: F811
    message = make_message(attempts=1)
    notify_server.lookups = ["500"]
    deliver(message)
    assert message.status == Status.QUEUED
    assert notify_server.posts() == 0


def test_a_worker_that_dies_half_way_leaves_nothing_unsent_or_sent_twice(
    notify_server,  # noqa: F811
    make_message,
    monkeypatch,
    django_capture_on_commit_callbacks,
):
    message = make_message()
    really = notify.send_email

    def send_and_die(*args, **kwargs):
        really(*args, **kwargs)
        raise SystemExit

    monkeypatch.setattr(notify, "send_email", send_and_die)
    with pytest.raises(SystemExit):
        delivery.deliver(message.pk)
    monkeypatch.setattr(notify, "send_email", really)
    message.refresh_from_db()
    assert message.status == Status.SENDING

    assert delivery.deliver(message.pk) == "not due"  # its lease still runs
    later(message)
    with django_capture_on_commit_callbacks(execute=True):
        assert delivery.DELIVERY.sweep() == 1
    message.refresh_from_db()
    assert message.status == Status.SENT
    assert notify_server.posts() == 1


def test_a_callback_that_overtakes_the_answer_is_kept(notify_server, make_message, client, settings):  # noqa: F811
    settings.NOTIFY_CALLBACK_TOKEN = "their-token"
    message = make_message()

    def call_back(notification):
        delivery.take_report(notify.report_from({**notification, "status": "delivered"}))

    # The callback comes in on the server's thread of a real Notify; here between its accepting and our reading.
    really = notify.send_email

    def send(*args, **kwargs):
        report = really(*args, **kwargs)
        call_back(notify_server.sent()[0])
        return report

    notify.send_email = send
    try:
        deliver(message)
    finally:
        notify.send_email = really
    assert message.status == Status.DELIVERED
    assert str(message.notify_id) == notify_server.sent()[0]["id"]


def test_a_letter_has_three_to_seven_lines_and_the_postcode_last(notify_server, make_message):  # noqa: F811
    address = "Flat 3\nThe Old Mill\nMill Lane\nLittle Hamlet\nBeaconsfield\nBucks\nEngland\nHP9 2LX"
    message = deliver(make_message(channel="letter", to_email="", to_address=address))
    assert message.status == Status.SENT
    lines = notify_server.sent()[0]["body"]["personalisation"]
    assert lines["address_line_1"] == "Enid Blyton"
    assert lines["address_line_7"] == "HP9 2LX"
    assert "address_line_8" not in lines
    assert "Bucks" in lines["address_line_6"]
    assert "England" in lines["address_line_6"]


def test_a_letter_without_a_whole_address_fails_in_words(notify_server, make_message):  # noqa: F811
    message = deliver(make_message(channel="letter", to_email="", to_address="HP9 2LX"))
    assert message.status == Status.FAILED
    assert "too short" in message.status_detail
    assert notify_server.posts() == 0


def test_without_a_key_a_message_is_held_and_nothing_leaves(notify_server, make_message, settings):  # noqa: F811
    settings.NOTIFY_API_KEY = ""
    message = deliver(make_message())
    assert message.status == Status.HELD
    assert message.status_detail == "There is no GOV.UK Notify key for this council."
    assert message.attempts == 0
    assert notify_server.requests == []


@pytest.mark.parametrize(
    ("name", "production", "may_send"),
    [
        ("live-key", True, True),
        ("team-key", True, True),
        ("test-key", True, False),
        ("mine", True, False),
        ("live-key", False, False),
        ("team", False, True),
        ("TEST key", False, True),
        ("alive", False, False),
        ("teamwork", False, False),
        ("live", True, True),
    ],
)
def test_kinds_of_key_are_told_apart_and_kept_where_they_belong(settings, name, production, may_send):
    settings.IS_PRODUCTION = production
    assert bool(notify.why_not(f"{name}-{SERVICE}-{SECRET}")) is not may_send


def test_a_live_key_outside_production_sends_nothing(notify_server, make_message, settings):  # noqa: F811
    settings.NOTIFY_API_KEY = f"live-{SERVICE}-{SECRET}"
    message = deliver(make_message())
    assert message.status == Status.HELD
    assert "live key" in message.status_detail
    assert notify_server.requests == []


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("sending", Status.SENT),
        ("delivered", Status.DELIVERED),
        ("permanent-failure", Status.FAILED),
        ("temporary-failure", Status.FAILED),
        ("technical-failure", Status.FAILED),
        ("received", Status.DELIVERED),
        ("pending-virus-check", Status.SENT),
        ("a word of next year", Status.SENT),
    ],
)
def test_asking_notify_brings_the_outcome(notify_server, make_message, word, status):  # noqa: F811
    message = deliver(make_message())
    notify_server.accepted[str(message.notify_id)]["status"] = word
    assert delivery.ask_for_outcomes() == 0  # not at once: a callback is quicker
    Message.objects.update(sent_at=timezone.now() - timedelta(hours=1))
    assert delivery.ask_for_outcomes() == 1
    message.refresh_from_db()
    assert message.status == status
    assert (message.completed_at is None) == (status == Status.SENT)


def test_asking_ends_after_seven_days(notify_server, make_message):  # noqa: F811
    deliver(make_message())
    Message.objects.update(sent_at=timezone.now() - timedelta(days=8))
    asked = len(notify_server.requests)
    assert delivery.ask_for_outcomes() == 0
    assert len(notify_server.requests) == asked


def test_a_letter_that_the_post_brings_back_is_failed_after_all(notify_server, make_message):  # noqa: F811
    message = deliver(make_message(channel="letter", to_email="", to_address="1 High Street\nTown\nHP9 2LX"))
    for word in ("received", "permanent-failure", "received"):
        row = {**notify_server.sent()[0], "status": word}
        delivery.take_report(notify.report_from(row))
    message.refresh_from_db()
    assert message.status == Status.FAILED


def test_confidential_words_are_erased_once_sent(notify_server, make_message):  # noqa: F811
    message = deliver(make_message(is_confidential=True, body="https://example.org/reset/secret"))
    assert message.status == Status.SENT
    assert "secret" in notify_server.sent()[0]["body"]["personalisation"]["body"]
    assert message.body == ""


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_send_once(notify_server, make_message):  # noqa: F811
    message = make_message()
    start = threading.Barrier(8)
    faults = []

    def work():
        try:
            start.wait()
            delivery.deliver(message.pk)
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    message.refresh_from_db()
    assert faults == []
    assert notify_server.posts() == 1
    assert message.status == Status.SENT


@pytest.mark.django_db(transaction=True)
def test_no_transaction_and_no_lock_is_held_while_notify_is_asked(notify_server, make_message, monkeypatch):  # noqa: F811
    seen = []
    really = notify.send_email

    def look(*args, **kwargs):
        seen.append(connection.in_atomic_block)
        return really(*args, **kwargs)

    monkeypatch.setattr(notify, "send_email", look)
    delivery.deliver(make_message().pk)
    assert seen == [False]
