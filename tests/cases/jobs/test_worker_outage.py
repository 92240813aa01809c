"""The worker whose PostgreSQL is stopped and started: it says so, waits, and nothing is lost or done twice."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from threading import Thread

import pytest
from django.db import connections
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from cases.management.commands import db_worker
from config import local_postgres
from tests.cases import outage

pytestmark = pytest.mark.skipif(not local_postgres.program_folders(), reason="no PostgreSQL programs on this machine")
PATIENCE = 60  # seconds


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = local_postgres.Server(
        wanted=tmp_path_factory.mktemp("outage") / "postgres", settings=local_postgres.TEST_SETTINGS
    )
    server.start()
    server.create_database("outage")
    yield server
    server.destroy()


def line_to(server: local_postgres.Server):
    line = connections.create_connection("default")
    where = {"host": str(server.socket_folder), "port": local_postgres.PORT}
    line.settings_dict = {**line.settings_dict, "NAME": "outage", "USER": "bops", "PASSWORD": "", "OPTIONS": where}
    return line


@pytest.fixture
def queue(server, django_db_blocker):
    """This test's connection goes to the server that is stopped, where there is an empty queue and a table `done`."""
    server.start()
    ours = connections["default"]
    with django_db_blocker.unblock(), closing(line_to(server)) as line:
        connections["default"] = line
        with line.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE done (number int)")
        with line.schema_editor() as editor:
            editor.create_model(DBTaskResult)
        outage.reached.clear()
        outage.go_on.clear()
        try:
            yield line
        finally:
            connections["default"] = ours


@pytest.fixture
def worker(server, queue, monkeypatch):
    """A worker in a thread, with a connection of its own, that looks often."""
    monkeypatch.setattr(db_worker, "PAUSES", ())
    monkeypatch.setattr(db_worker, "LONGEST_PAUSE", 0.02)
    worker = db_worker.Worker(
        queue_names=["*"],
        interval=0.01,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="ours",
        excluded_queue_names=[],
    )

    def run() -> None:
        with closing(line_to(server)) as line, suppress(SystemExit):
            connections["default"] = line
            worker.run()

    worker.thread = Thread(target=run, daemon=True)
    yield worker
    worker.running = False
    outage.go_on.set()
    worker.thread.join(PATIENCE)
    assert not worker.thread.is_alive()


def add(task, number: int, **fields) -> DBTaskResult:
    return DBTaskResult.objects.create(
        **{
            "args_kwargs": {"args": [number], "kwargs": {}},
            "task_path": task.module_path,
            "queue_name": "default",
            "backend_name": "default",
            "run_after": get_date_max(),
            "exception_class_path": "",
            "traceback": "",
            **fields,
        }
    )


def wait_until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.01)


def statuses() -> Counter:
    return Counter(DBTaskResult.objects.values_list("status", flat=True))


def written(queue) -> list[int]:
    with queue.cursor() as cursor:
        cursor.execute("SELECT number FROM done ORDER BY number")
        return [number for (number,) in cursor.fetchall()]


def stop(server, queue) -> None:
    server.stop()
    queue.close()


def test_a_worker_that_had_nothing_to_do_goes_on_and_says_so_once(server, queue, worker, caplog):
    worker.thread.start()
    add(outage.at_once, 1)
    wait_until(lambda: statuses() == {"SUCCESSFUL": 1})
    stop(server, queue)
    wait_until(lambda: "the worker waits for it" in caplog.text)
    server.start()
    add(outage.at_once, 2)
    wait_until(lambda: statuses() == {"SUCCESSFUL": 2})
    assert written(queue) == [1, 2]
    assert [record.getMessage().split(";")[0].split(",")[0] for record in caplog.records] == [
        "The database cannot be reached",
        "The database answers again",
    ]


def test_a_worker_that_starts_before_the_database_waits_for_it(server, queue, worker, caplog):
    add(outage.at_once, 1)
    stop(server, queue)
    worker.thread.start()
    wait_until(lambda: "the worker waits for it" in caplog.text)
    server.start()
    wait_until(lambda: statuses() == {"SUCCESSFUL": 1})


@pytest.mark.parametrize("task", [outage.held_before_its_end, outage.held_after_its_end])
@pytest.mark.parametrize("is_back_at_once", [True, False])
def test_a_task_is_neither_lost_nor_done_twice(server, queue, worker, caplog, task, is_back_at_once):
    add(task, 1)
    add(outage.at_once, 2)
    worker.thread.start()
    assert outage.reached.wait(PATIENCE)
    stop(server, queue)
    if is_back_at_once:  # so that the end of the task, or its failure, can be written down
        server.start()
    outage.go_on.set()
    if not is_back_at_once:
        wait_until(lambda: "the worker waits for it" in caplog.text)
        server.start()
    wait_until(lambda: statuses() == {"SUCCESSFUL": 2})
    assert written(queue) == [1, 2]
    assert list(DBTaskResult.objects.values_list("worker_ids", flat=True)) == [["ours"]] * 2


def test_a_task_that_fails_by_itself_has_failed(queue, worker):
    failed = add(outage.faulty, 1)
    worker.thread.start()
    wait_until(lambda: statuses() == {"FAILED": 1})
    failed.refresh_from_db()
    assert failed.exception_class_path == "builtins.ValueError"


def test_what_was_claimed_when_the_line_broke_is_taken_up_again_and_that_of_others_is_not(queue, worker):
    now = timezone.now()
    add(outage.at_once, 1, status="RUNNING", started_at=now, worker_ids=["other", "ours"])
    add(outage.at_once, 2, status="RUNNING", started_at=now, worker_ids=["ours", "other"])
    worker.thread.start()
    wait_until(lambda: statuses() == {"SUCCESSFUL": 1, "RUNNING": 1})
    assert written(queue) == [1]


def test_a_worker_that_waits_ends_when_it_is_asked_to(server, queue, worker, caplog):
    add(outage.held_after_its_end, 1)
    worker.thread.start()
    assert outage.reached.wait(PATIENCE)
    stop(server, queue)
    outage.go_on.set()
    wait_until(lambda: "the worker waits for it" in caplog.text)
    worker.running = False
    worker.thread.join(PATIENCE)
    assert not worker.thread.is_alive()
