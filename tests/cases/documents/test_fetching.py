"""Fetching files from a real HTTP server on loopback, well-behaved and otherwise."""

import socket
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cases.documents import fetching
from cases.documents.fetching import FETCHING, NotFetched, download, fetch_document
from cases.jobs.background import enqueue
from cases.models import Document
from tests.cases import files
from tests.leases import falls_due


@pytest.fixture
def waiting(make_application):
    application = make_application("pp.full.householder")

    def waiting(url: str, **fields) -> Document:
        return Document.objects.create(
            application=application,
            title="Plan",
            received_on=date(2026, 6, 1),
            source_url=url,
            fetch_status="waiting",
            original_name="plan.pdf",
            fetch_due_at=timezone.now(),
            **fields,
        )

    return waiting


def fetch(document: Document) -> Document:
    fetch_document.call(document.pk)
    document.refresh_from_db()
    return document


def test_a_file_is_fetched(server, waiting):
    server.answers["/plan.pdf"] = (200, {}, files.pdf())
    document = fetch(waiting(server.url("/plan.pdf")))
    assert document.fetch_status == Document.FetchStatus.HERE
    assert document.mime_type == "application/pdf"
    assert document.file.read() == files.pdf()
    assert document.public_status == "not_assessed"
    assert document.application.events.last().kind == "document_fetched"


def test_fetched_twice_is_fetched_once(server, waiting):
    server.answers["/plan.pdf"] = (200, {}, files.pdf())
    document = waiting(server.url("/plan.pdf"))
    fetch(document)
    fetch(document)
    assert len(server.asked) == 1


def test_the_key_goes_to_planx_and_to_nobody_else(server, waiting, settings):
    settings.PLANX_FILE_API_KEY = "secret"
    server.answers["/plan.pdf"] = (200, {}, files.pdf())
    fetch(waiting(server.url("/plan.pdf")))
    assert "api-key" not in {name.lower() for name in server.asked[0][1]}
    planx = fetching.urlsplit("https://api.editor.planx.uk/file/private/x")
    assert fetching._headers(planx)["api-key"] == "secret"
    assert "api-key" not in fetching._headers(fetching.urlsplit("https://api.editor.planx.uk.evil.example/x"))


# --- Where we go and where not ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/plan.pdf",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost/plan.pdf",
        "https://files.example.evil.example/plan.pdf",
        "http://files.example/plan.pdf",
        "https://files.example:8443/plan.pdf",
        "https://user:secret@files.example/plan.pdf",
        "ftp://files.example/plan.pdf",
        "file:///etc/passwd",
        "https://[broken",
        "",
    ],
)
def test_only_listed_hosts_over_https(settings, monkeypatch, url):
    settings.SUBMISSION_FILE_HOSTS = ["files.example"]
    monkeypatch.setattr(fetching.requests.Session, "get", lambda *a, **k: pytest.fail("went there"))
    with pytest.raises(NotFetched) as error, download(url):
        pass
    assert not error.value.again


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1"]
)
def test_a_listed_name_that_leads_inside_is_not_followed(settings, monkeypatch, address):
    settings.SUBMISSION_FILE_HOSTS = ["files.example"]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [(2, 1, 6, "", (address, 443))])
    monkeypatch.setattr(fetching.requests.Session, "get", lambda *a, **k: pytest.fail("went there"))
    with pytest.raises(NotFetched, match="inner network"), download("https://files.example/plan.pdf"):
        pass


def test_a_redirect_within_the_list_is_followed(server, waiting):
    server.answers["/old"] = (302, {"Location": "/new"}, b"")
    server.answers["/new"] = (200, {}, files.pdf())
    assert fetch(waiting(server.url("/old"))).fetch_status == Document.FetchStatus.HERE


def test_a_redirect_to_another_host_is_not(server, waiting):
    server.answers["/old"] = (302, {"Location": "http://169.254.169.254/latest"}, b"")
    document = fetch(waiting(server.url("/old")))
    assert document.fetch_status == Document.FetchStatus.FAILED
    assert "not on the list" in document.fetch_error


def test_redirects_in_a_circle_end(server, waiting):
    server.answers["/a"] = (302, {"Location": "/a"}, b"")
    assert "without end" in fetch(waiting(server.url("/a"))).fetch_error


# --- What comes ----------------------------------------------------------------------


def test_a_web_page_instead_of_the_plan(server, waiting, settings):
    server.answers["/plan.pdf"] = (200, {"Content-Type": "application/pdf"}, b"<!doctype html><p>Please sign in")
    document = fetch(waiting(server.url("/plan.pdf")))
    assert document.fetch_status == Document.FetchStatus.FAILED
    assert "Web pages" in document.fetch_error
    assert document.application.events.last().kind == "document_fetch_failed"


@pytest.mark.parametrize("headers", [{}, {"Content-Length": ""}])
def test_too_large_is_not_read_to_the_end(server, waiting, settings, headers, monkeypatch):
    settings.MAX_DOCUMENT_BYTES = 1024 * 1024
    monkeypatch.setattr(fetching, "store_fetched", lambda *a, **k: pytest.fail("it was read to the end"))
    server.answers["/plan.pdf"] = (200, headers, files.pdf() + bytes(2 * 1024 * 1024))
    assert "larger than 1 MB" in fetch(waiting(server.url("/plan.pdf"))).fetch_error


def test_a_file_that_is_on_the_case_already(server, waiting):
    server.answers["/a"] = server.answers["/b"] = (200, {}, files.pdf())
    fetch(waiting(server.url("/a")))
    document = fetch(waiting(server.url("/b")))
    assert document.fetch_status == Document.FetchStatus.FAILED
    assert "on this case already" in document.fetch_error


@pytest.mark.parametrize(
    ("status", "words"), [(404, "not there"), (410, "not there"), (401, "does not give"), (403, "403")]
)
def test_some_answers_are_final(server, waiting, status, words):
    server.answers["/plan.pdf"] = (status, {}, b"")
    document = fetch(waiting(server.url("/plan.pdf")))
    assert document.fetch_status == Document.FetchStatus.FAILED
    assert words in document.fetch_error


# --- Again, and later ----------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_other_answers_are_tried_again_later_and_at_last_given_up(server, waiting, status):
    server.answers["/plan.pdf"] = (status, {}, b"")
    document = waiting(server.url("/plan.pdf"))
    for wait in FETCHING.waits:
        falls_due(FETCHING, document)
        before = timezone.now()
        fetch(document)
        assert document.fetch_status == Document.FetchStatus.WAITING
        assert document.fetch_error.endswith("It will be tried again.")
        assert before + wait <= document.fetch_due_at <= timezone.now() + wait
    falls_due(FETCHING, document)
    fetch(document)
    assert document.fetch_status == Document.FetchStatus.FAILED
    assert str(status) in document.fetch_error
    assert document.fetch_error.endswith("It was tried 4 times.")


def test_nobody_answers(waiting, settings):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        settings.SUBMISSION_FILE_INNER_HOSTS = [f"127.0.0.1:{port}"]
        document = fetch(waiting(f"http://127.0.0.1:{port}/plan.pdf"))
    assert document.fetch_status == Document.FetchStatus.WAITING
    assert "could not be reached" in document.fetch_error


def test_giving_up_locks_the_case_before_the_document(server, waiting):
    """As officers' verbs do: else the two wait for each other, and PostgreSQL ends one of them."""
    document = waiting(server.url("/plan.pdf"))
    with CaptureQueriesContext(connection) as asked:
        FETCHING.give_up(document, "It is not there.")
    locking = [query["sql"] for query in asked if query["sql"].startswith("UPDATE") or "FOR UPDATE" in query["sql"]]
    assert 'FROM "cases_planningapplication"' in locking[0]


def test_a_file_that_breaks_off_is_tried_again(server, waiting):
    server.answers["/plan.pdf"] = (200, {"Content-Length": "100000"}, files.pdf())
    document = fetch(waiting(server.url("/plan.pdf")))
    assert document.fetch_status == Document.FetchStatus.WAITING


def test_a_file_that_comes_too_slowly(server, waiting, monkeypatch):
    monkeypatch.setattr(fetching, "WHOLE_SECONDS", -1)
    server.answers["/plan.pdf"] = (200, {}, files.pdf())
    assert "too slowly" in fetch(waiting(server.url("/plan.pdf"))).fetch_error


def test_the_next_attempt_is_queued_for_later(server, waiting, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["documents"]}}
    server.answers["/plan.pdf"] = (503, {}, b"")
    document = fetch(waiting(server.url("/plan.pdf")))
    queued = DBTaskResult.objects.get()
    assert queued.args_kwargs["args"] == [document.pk]
    assert queued.run_after == document.fetch_due_at


def test_the_sweep_takes_up_what_lost_its_task(server, waiting, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["documents"]}}
    lost, queued = waiting(server.url("/a")), waiting(server.url("/b"))
    enqueue(fetch_document, queued.pk)
    assert FETCHING.sweep() == 1
    assert [task.args_kwargs["args"] for task in DBTaskResult.objects.order_by("enqueued_at")] == [
        [queued.pk],
        [lost.pk],
    ]
    assert FETCHING.sweep() == 0


def test_a_failure_in_storing_leaves_the_document_to_the_sweep(server, waiting, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(fetching, "store_fetched", fail)
    server.answers["/plan.pdf"] = (200, {}, files.pdf())
    document = waiting(server.url("/plan.pdf"))
    fetch(document)
    assert document.fetch_status == Document.FetchStatus.WAITING
    assert "fault of this system" in document.fetch_error
    assert FETCHING.sweep(document.fetch_due_at) == 1
