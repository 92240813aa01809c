"""`bin/manage run_due`: lost work is found again, one failure stops nothing else, and two runs do not meet."""

import uuid
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from notices import due_work
from notices.management.commands import run_due
from notices.models import Message
from tests.notices.fake_notify import notify_server  # noqa: F401

pytestmark = pytest.mark.django_db


def make_task(status, **fields) -> DBTaskResult:
    values = {
        "args_kwargs": {"args": [str(uuid.uuid4())], "kwargs": {}},
        "task_path": "notices.outbox.delivery.deliver_soon",
        "queue_name": "messages",
        "backend_name": "default",
        "run_after": timezone.now(),
        "exception_class_path": "",
        "traceback": "",
        "status": status,
    }
    return DBTaskResult.objects.create(**{**values, **fields})


def test_a_message_whose_task_was_lost_is_delivered(
    notify_server,  # noqa: F811
    authority,
    django_capture_on_commit_callbacks,
):
    message = Message.objects.create(
        authority=authority, about="valid", channel="email", to_email="enid@example.org", subject="x", body="y"
    )
    with django_capture_on_commit_callbacks(execute=True):
        call_command("run_due", verbosity=0)
    message.refresh_from_db()
    assert message.status == Message.Status.SENT


def test_a_message_with_a_waiting_task_gets_no_second_one(authority, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["messages"]}}
    message = Message.objects.create(
        authority=authority, about="valid", channel="email", to_email="enid@example.org", subject="x", body="y"
    )
    make_task("READY", args_kwargs={"args": [str(message.pk)], "kwargs": {}})
    call_command("run_due", verbosity=0)
    assert DBTaskResult.objects.filter(args_kwargs__args=[str(message.pk)]).count() == 1


def test_tasks_of_dead_workers_go_back_to_the_queue_and_end_after_three(db):
    long_ago = timezone.now() - timedelta(hours=2)
    lost = make_task("RUNNING", started_at=long_ago, worker_ids=["a"])
    deadly = make_task("RUNNING", started_at=long_ago, worker_ids=["a", "b", "c"])
    busy = make_task("RUNNING", started_at=timezone.now(), worker_ids=["a"])
    assert due_work.requeue_lost_tasks() == 2
    for task, status in ((lost, "READY"), (deadly, "FAILED"), (busy, "RUNNING")):
        task.refresh_from_db()
        assert task.status == status


def test_tasks_that_no_worker_takes_are_told(db, caplog):
    waiting = make_task("READY")
    make_task("READY", run_after=timezone.now() + timedelta(hours=1))  # not due: it waits rightly
    assert due_work.tasks_that_wait() == 0
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(hours=1))
    assert due_work.tasks_that_wait() == 1
    assert "is a worker running" in caplog.text
    assert waiting.status == "READY"


def test_old_results_and_failed_sign_ins_are_deleted(db):
    old = timezone.now() - timedelta(days=60)
    make_task("SUCCESSFUL", finished_at=old)
    fresh = make_task("SUCCESSFUL", finished_at=timezone.now())
    attempt = AccessAttempt.objects.create(username="a", failures_since_start=1)
    AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=old)
    call_command("run_due", verbosity=0)
    assert list(DBTaskResult.objects.all()) == [fresh]
    assert not AccessAttempt.objects.exists()


def test_a_database_that_goes_away_ends_the_run(monkeypatch):
    def broken_off():
        raise OperationalError("server closed the connection unexpectedly")

    asked = []
    monkeypatch.setattr(run_due, "JOBS", [("one", broken_off), ("two", lambda: asked.append("two"))])
    with pytest.raises(OperationalError):  # told in a sentence by bin/manage
        call_command("run_due", verbosity=0)
    assert asked == []


def test_a_job_that_fails_stops_no_other_and_is_told(monkeypatch, capsys):
    done = []

    def fail():
        raise RuntimeError("broken")

    monkeypatch.setattr(run_due, "JOBS", [("first", fail), ("second", lambda: done.append(1))])
    with pytest.raises(CommandError, match="1 of 2 jobs failed: first"):
        call_command("run_due")
    assert done == [1]
    out, err = capsys.readouterr()
    assert "done: second" in out
    assert "FAILED: first" in err


def test_two_runs_at_once_do_not_meet(monkeypatch, capsys):
    done = []
    monkeypatch.setattr(run_due, "JOBS", [("job", lambda: done.append(1))])
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [run_due.LOCK])
        call_command("run_due")
        assert done == []
        assert "Another run_due" in capsys.readouterr().out
        with other.cursor() as cursor:  # not by closing alone: the server lets go of the lock a moment later
            cursor.execute("SELECT pg_advisory_unlock(%s)", [run_due.LOCK])
    finally:
        other.close()
    call_command("run_due")
    assert done == [1]
    with connection.cursor() as cursor:  # and the lock was given back
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s", [run_due.LOCK])
        assert cursor.fetchone() == (0,)
