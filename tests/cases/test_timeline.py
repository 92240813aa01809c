"""History stands: each event holds the hash of the one before, and nobody changes one without being found."""

import pytest
from django.db import IntegrityError, transaction

from cases.admin.frame.history_words import tell, tell_all
from cases.models import CaseEvent
from cases.reference_data.code_names import CodeNames
from cases.timeline import KINDS, broken_links, listen, record
from tests.database import as_owner

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_listens(monkeypatch):
    """What other packages write when they hear of an event is theirs to test."""
    monkeypatch.setattr("cases.timeline._LISTENERS", {})


@pytest.fixture
def application(make_application, officer):
    application = make_application()
    record(application, "assigned", by=officer, before="", after="Officer Test")
    record(application, "facts_changed", by=officer, before={"ward": ""}, after={"ward": "East"})
    return application


def without_triggers(sql: str, parameters: list) -> None:
    """What somebody with the database's own password could do."""
    with as_owner() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, parameters)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_events_are_numbered_and_chained(application):
    events = list(application.events.order_by("sequence"))
    assert [event.sequence for event in events] == [1, 2, 3]
    assert events[0].previous_hash == ""
    assert [event.previous_hash for event in events[1:]] == [event.hash for event in events[:-1]]
    assert list(broken_links(application.pk)) == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE cases_caseevent SET by_name = 'Somebody else'",
        "DELETE FROM cases_caseevent",
        "TRUNCATE cases_caseevent CASCADE",
        "TRUNCATE cases_check",
        "TRUNCATE cases_recommendation",
    ],
)
def test_the_database_refuses_to_change_history(sql, application):
    with as_owner() as cursor:  # web and worker have not even the right to try
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the end of the transaction forbids TRUNCATE
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute(sql)
    assert application.events.count() == 3


@pytest.mark.parametrize(
    "change", ["by_name = 'X'", "data = '{}'", "kind = 'closed'", "at = at + interval '1 day'", "to_status = 'closed'"]
)
def test_a_changed_event_is_found(change, application):
    without_triggers(
        f"UPDATE cases_caseevent SET {change} WHERE application_id = %s AND sequence = 2", [application.pk]
    )
    assert [sequence for sequence, _ in broken_links(application.pk)] == [2]


def test_a_removed_event_is_found(application):
    without_triggers("DELETE FROM cases_caseevent WHERE application_id = %s AND sequence = 2", [application.pk])
    assert [sequence for sequence, _ in broken_links(application.pk)][:1] == [3]


def test_an_event_of_an_unknown_kind_is_refused(application):
    with pytest.raises(KeyError):
        record(application, "invented", by=None)


def test_whoever_listens_hears_in_the_same_transaction(application, officer):
    heard = []
    listen("note_added", lambda event: heard.append((event.kind, transaction.get_connection().in_atomic_block)))
    record(application, "note_added", by=officer)
    assert heard == [("note_added", True)]


def test_a_listener_that_fails_takes_the_event_with_it(application, officer, monkeypatch):
    def refuse(event):
        raise RuntimeError("no")

    monkeypatch.setattr("cases.timeline._LISTENERS", {"note_added": [refuse]})
    with pytest.raises(RuntimeError), transaction.atomic():
        record(application, "note_added", by=officer)
    assert not application.events.filter(kind="note_added").exists()


def test_history_is_told_in_words_and_not_in_numbers_of_rows(application, officer):
    record(application, "request_raised", by=officer, request=17, title="Fee too low")
    told = [tell(event, names=CodeNames(), sees_private=True) for event in application.events.order_by("sequence")]
    assert told[1].headline == "Given to Officer Test"
    assert ("Ward", "nothing → East") in told[2].lines
    assert (told[3].headline, told[3].lines) == ("Request noted: Fee too low", [])


def test_what_happened_to_requests_is_told_by_their_titles(application, officer):
    about = {"request": 17, "number": 3, "title": "Fee too low", "request_kind": "fee"}
    record(application, "request_changed", by=officer, **about, changed=["text", "proposed_boundary"])
    record(
        application,
        "request_answered",
        by=None,
        requests=[17, 18],
        numbers=[3, 4],
        titles=["Fee too low", "Red line"],
        answers=["Replied", "Disagreed"],
        link="9e107d9d",
        **{"from": "Enid Blyton"},
    )
    record(application, "requests_sent", by=officer, requests=[17], numbers=[3], titles=["Fee too low"])
    record(application, "request_not_accepted", by=officer, **about, followed_by=5)
    changed, answered, sent, again = (
        tell(event, names=CodeNames(), sees_private=True) for event in application.events.order_by("sequence")[3:]
    )
    assert (changed.headline, changed.lines) == (
        "Request changed: 3. Fee too low",
        [("Changed", "the text, the line proposed")],
    )
    assert answered.lines == [
        ("About", "3. Fee too low (replied), 4. Red line (disagreed)"),
        ("Answered by", "Enid Blyton"),
    ]
    assert sent.lines == [("About", "3. Fee too low")]
    assert again.lines == [("Asked again in request", "5")]


def test_a_letter_is_told_of_without_its_codes(application, officer):
    record(application, "message_queued", by=officer, message="1", about="requests_sent", channel="email", to="Agent")
    told = tell(application.events.order_by("sequence").last(), names=CodeNames())
    assert dict(told.lines) == {"About": "requests sent", "Channel": "e-mail", "To": "Agent"}


def test_codes_are_told_in_the_words_that_officers_know(application, officer):
    record(application, "recommended", by=officer, decision="ldc_refused", route="committee", recommendation=47)
    record(application, "plans_listed", by=officer, before=[], after=[361, 363])
    recommended, plans = tell_all(application.events.order_by("sequence")[3:], names=CodeNames(), sees_private=True)
    assert dict(recommended.lines) == {"Decision": "Certificate refused", "Decided by": "Planning committee"}
    assert plans.lines == [("Number of plans", "2")]


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_of_event_can_be_told(kind, application):
    event = CaseEvent(kind=kind, by_name="BoPS", data={"before": {"x": None}, "after": {"x": [1, {"y": True}]}})
    assert tell(event, names=CodeNames()).headline
