"""`manage.py verify_audit` finds what somebody changed who had switched the triggers off."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from cases.lifecycle import apply_step
from cases.models import CaseEvent
from cases.statuses import Status
from cases.timeline import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(make_application, officer):
    application = make_application(status=Status.PENDING)
    apply_step(application, "accept", by=None)
    record(application, "note_added", by=officer, text="seen")
    return application


def tamper(sql: str, *parameters) -> None:
    """As an administrator of the database could, past the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, parameters)
        assert cursor.rowcount == 1
        cursor.execute("SET session_replication_role = origin")


def test_untouched_records_are_proved(application, make_application, capsys):
    make_application(status=Status.IN_ASSESSMENT)
    call_command("verify_audit")
    assert "The records of 2 applications are as they were written." in capsys.readouterr().out


TAMPERINGS = {
    "words": (
        "UPDATE cases_caseevent SET data = '{}' WHERE application_id = %s AND kind = 'note_added'",
        "was changed",
    ),
    "who": ("UPDATE cases_caseevent SET by_name = 'Eve' WHERE application_id = %s AND kind = 'accept'", "was changed"),
    "when": (
        "UPDATE cases_caseevent SET at = at - interval '1 day' WHERE application_id = %s AND kind = 'accept'",
        "was changed",
    ),
    "gone from the middle": (
        "DELETE FROM cases_caseevent WHERE application_id = %s AND kind = 'accept'",
        "does not follow",
    ),
    "status": ("UPDATE cases_planningapplication SET status = 'returned' WHERE id = %s", "its last event says"),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampering_is_found_and_named(application, what, capsys):
    sql, words = TAMPERINGS[what]
    tamper(sql, application.pk)
    with pytest.raises(CommandError, match="1 of 1 applications"):
        call_command("verify_audit")
    err = capsys.readouterr().err
    assert application.reference in err
    assert words in err


def test_only_the_council_that_was_asked_for(application, other_authority, capsys):
    tamper("UPDATE cases_caseevent SET by_name = 'Eve' WHERE application_id = %s AND sequence = 1", application.pk)
    call_command("verify_audit", authority=other_authority.code)
    with pytest.raises(CommandError):
        call_command("verify_audit", authority=application.authority.code.lower())
    with pytest.raises(CommandError, match="no council"):
        call_command("verify_audit", authority="XXXX")


def test_a_forged_event_with_a_good_hash_does_not_pass(application):
    """Somebody who knows the rule can hash a forged event; the one after it still gives it away."""
    from cases.timeline import hash_of

    event = CaseEvent.objects.get(application=application, kind="accept")
    event.by_name = "Eve"
    tamper("UPDATE cases_caseevent SET by_name = 'Eve', hash = %s WHERE id = %s", hash_of(event), event.pk)
    with pytest.raises(CommandError):
        call_command("verify_audit")
