"""The queue: nothing waits twice, nothing is lost by that, and what people wait for comes first."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cases.documents.clean_copies.making import make_clean_copy
from cases.documents.fetching import fetch_document
from cases.documents.preparing.task import prepare_document
from cases.documents.redacting.making import make_redacted_copy
from cases.documents.scanning import scan_document
from cases.intake.planning_portal import take_in_delivery
from cases.jobs.background import enqueue, enqueue_all
from notices.outbox.delivery import deliver_soon


@pytest.fixture(autouse=True)
def queue(settings):
    queues = ["default", "documents", "messages"]
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": queues}}


def waiting() -> list[list]:
    return [task.args_kwargs["args"] for task in DBTaskResult.objects.order_by("enqueued_at")]


@pytest.mark.django_db
def test_what_waits_is_not_queued_a_second_time():
    assert enqueue(fetch_document, 7)
    assert not enqueue(fetch_document, 7)
    assert enqueue(fetch_document, 8)
    assert enqueue(prepare_document, 7), "other work on the same row"
    assert waiting() == [[7], [8], [7]]


@pytest.mark.django_db
def test_many_cost_as_many_questions_as_one(django_assert_num_queries):
    enqueue(fetch_document, 7)
    with django_assert_num_queries(4):  # savepoint, what waits, what is new, end
        assert enqueue_all(fetch_document, [(number,) for number in range(300)]) == 299
    assert len(waiting()) == 300


@pytest.mark.django_db
def test_what_waits_until_tomorrow_does_not_keep_back_what_is_wanted_now():
    now = timezone.now()
    enqueue(fetch_document, 7, run_after=now + timedelta(days=1))
    assert enqueue(fetch_document, 7, run_after=now + timedelta(hours=1))
    assert enqueue(fetch_document, 7)
    assert not enqueue(fetch_document, 7, run_after=now + timedelta(hours=1))
    assert not enqueue(fetch_document, 7, run_after=now + timedelta(days=2))


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["RUNNING", "SUCCESSFUL", "FAILED"])
def test_what_a_worker_has_taken_does_not_wait(status):
    enqueue(fetch_document, 7)
    DBTaskResult.objects.update(status=status)
    assert enqueue(fetch_document, 7)


@pytest.mark.django_db(transaction=True)
def test_no_worker_takes_what_waits_before_it_can_see_what_was_written():
    """Else it would find nothing to do, and what was written would wait for a sweep."""
    enqueue(fetch_document, 7)
    taken: list[bool] = []

    def take() -> None:
        with transaction.atomic():
            taken.append(DBTaskResult.objects.ready().get_locked() is not None)
        connection.close()

    def worker() -> None:
        thread = threading.Thread(target=take)
        thread.start()
        thread.join()

    with transaction.atomic():
        assert not enqueue(fetch_document, 7)
        worker()
    worker()
    assert taken == [False, True]


@pytest.mark.django_db(transaction=True)
def test_what_a_worker_is_just_taking_is_queued_once_more():
    enqueue(fetch_document, 7)
    queued: list[bool] = []

    def ask() -> None:
        queued.append(enqueue(fetch_document, 7))
        connection.close()

    with transaction.atomic():
        DBTaskResult.objects.ready().get_locked()
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert queued == [True]


@pytest.mark.django_db
def test_what_people_wait_for_comes_first():
    for task in (
        prepare_document,
        scan_document,
        make_clean_copy,
        make_redacted_copy,
        fetch_document,
        take_in_delivery,
    ):
        enqueue(task, 1)
    enqueue(deliver_soon, "a message")
    order = [task.task_path.rpartition(".")[2] for task in DBTaskResult.objects.ready()]
    assert order == [
        "deliver_soon",
        "fetch_document",
        "take_in_delivery",
        "make_clean_copy",
        "make_redacted_copy",
        "scan_document",
        "prepare_document",
    ]


@pytest.mark.django_db
def test_what_waits_is_found_by_an_index():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT 1 FROM django_tasks_database_dbtaskresult WHERE status = 'READY' AND task_path = 'x'"
            " AND (args_kwargs -> 'args') IN ('[1]', '[2]')"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "waiting_tasks" in plan
