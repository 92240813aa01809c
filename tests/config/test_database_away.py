"""While the database is away every page says so in words, with 503, and all is well again when it is back."""

import psycopg2
import pytest
from django.db import DatabaseError, OperationalError, connections
from django.test import Client

from cases.jobs.database_away import is_away
from config.errors import server_error
from config.log_filter import ShortOutages

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(authority) -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def no_database(tmp_path, visitor):
    """From now on nobody listens at the database's address. What was set up before stays in the transaction."""
    ours = connections["default"]
    away = connections.create_connection("default")
    away.settings_dict = {**ours.settings_dict, "OPTIONS": {**ours.settings_dict["OPTIONS"], "host": str(tmp_path)}}
    connections["default"] = away
    yield
    connections["default"] = ours


@pytest.mark.parametrize(
    "path", ["/", "/planning-applications/", "/admin/login/", "/verify-a-notice/", "/register.csv"]
)
def test_a_page_answers_503_in_words(no_database, visitor, path):
    answer = visitor.get(path, headers={"host": "testshire.example"})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    page = answer.content.decode()
    assert "Sorry, the service is not available just now" in page
    assert "go back to the page before" in page


def test_somebody_who_is_signed_in_reads_the_same(officer, visitor, no_database):
    visitor.cookies["sessionid"] = "0123456789abcdef0123456789abcdef"
    assert visitor.get("/admin/").status_code == 503


@pytest.mark.parametrize("path", ["/api/v2/planning_applications", "/api/@next/public/applications", "/api/v2/ping"])
def test_an_api_answers_in_problem_details(no_database, visitor, path):
    answer = visitor.get(path, headers={"host": "testshire.example", "authorization": "Bearer bops_AbC12.secret"})
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "The database cannot be reached just now. Try again in a minute."
    assert int(answer.headers["Retry-After"]) > 0


def test_a_script_that_sends_something_reads_a_sentence(no_database, visitor):
    answer = visitor.post("/admin/login/", headers={"accept": "application/json"})
    assert answer.status_code == 503
    assert answer.json() == {"error": "The database cannot be reached just now. Try again in a minute."}


def test_a_fault_of_ours_is_still_500(rf):
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        answer = server_error(rf.get("/"))
    assert answer.status_code == 500
    assert "Sorry, there is a problem" in answer.content.decode()


@pytest.mark.parametrize(
    ("question", "away"),
    [
        # A server process of the owner, as who the tests sign in, is ended by the owner alone.
        ("SET ROLE NONE; SELECT pg_terminate_backend(pg_backend_pid())", True),
        ("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)", False),
    ],
)
def test_an_end_of_the_line_is_told_from_a_question_that_took_too_long(question, away):
    other = connections.create_connection("default")
    try:
        with pytest.raises(OperationalError) as told, other.cursor() as cursor:
            cursor.execute(question)
    finally:
        other.close()
    assert is_away(told.value) is away


def test_a_crash_in_the_middle_of_a_question_is_told_from_a_save_that_found_no_row():
    crash = DatabaseError("server closed the connection unexpectedly")
    crash.__cause__ = psycopg2.DatabaseError("server closed the connection unexpectedly")
    assert is_away(crash)
    assert not is_away(DatabaseError("Save with update_fields did not affect any rows."))


def test_the_log_gets_a_line_and_no_traceback(no_database, visitor, caplog):
    visitor.get("/admin/login/")
    record = next(record for record in caplog.records if record.name == "django.request")
    assert ShortOutages().filter(record)
    assert record.exc_info is None
    assert record.getMessage().startswith("Service Unavailable: /admin/login/: connection to server")
    assert "\n" not in record.getMessage()
