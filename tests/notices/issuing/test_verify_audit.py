"""`bin/manage verify_audit` finds what somebody changed who had switched the triggers off."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from accounts.roles import PLANNING_MANAGER
from cases.lifecycle import apply_step
from cases.models import CaseEvent, PlanningApplication
from cases.statuses import Status
from cases.timeline import record
from notices.issuing import audit
from notices.issuing.audit import batches
from notices.management.commands import verify_audit
from notices.signoff.approving import approve
from tests.database import as_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(make_application, officer):
    application = make_application(status=Status.PENDING)
    apply_step(application, "accept", by=None)
    record(application, "note_added", by=officer, text="seen")
    return application


def tamper(sql: str, *parameters) -> None:
    """As an administrator of the database could, past the triggers."""
    with as_owner() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, parameters)
        assert cursor.rowcount == 1
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_untouched_records_are_proved(application, make_application, capsys):
    make_application(status=Status.IN_ASSESSMENT)
    call_command("verify_audit")
    assert "The records of 2 applications are as they were written." in capsys.readouterr().out


TAMPERINGS = {
    "a decision told in nonsense": (
        "UPDATE cases_caseevent SET data = '[]', kind = 'determine' WHERE application_id = %s AND kind = 'note_added'",
        "was changed",
    ),
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


# --- A whole register ------------------------------------------------------------------------------------------------


@pytest.fixture
def small_batches(monkeypatch):
    """Two applications in a batch, and a word on each batch."""
    monkeypatch.setattr(verify_audit, "batches", lambda rows, **asked: batches(rows, **asked, size=2))
    monkeypatch.setattr(verify_audit, "TOLD_EVERY", 2)


def test_questions_do_not_grow_with_the_cases_of_a_batch_nor_with_their_events(
    make_application, officer, submitted, manager, django_assert_num_queries
):
    for _ in range(3):
        approve(submitted(), by=manager)
    application = make_application()
    for number in range(5):
        record(application, "note_added", by=officer, text=str(number))
    with django_assert_num_queries(4):  # one batch of four, each asked for its events and notices, and an empty one
        (batch,) = batches(PlanningApplication.objects.all())
    assert len(batch.applications) == 4
    assert batch.faults == {}


def test_it_tells_how_far_it_is_and_goes_on_from_there(make_application, small_batches, capsys):
    made = [make_application() for _ in range(5)]
    call_command("verify_audit")
    said = capsys.readouterr().out
    assert f"2 of 5 looked at. To go on from here: --after {made[1].pk}" in said
    assert f"4 of 5 looked at. To go on from here: --after {made[3].pk}" in said
    tamper("UPDATE cases_caseevent SET by_name = 'Eve' WHERE application_id = %s AND sequence = 1", made[0].pk)
    call_command("verify_audit", after=made[3].pk)
    assert "The records of 1 applications are as they were written." in capsys.readouterr().out
    with pytest.raises(CommandError, match="1 of 5"):
        call_command("verify_audit")


def test_every_tampered_case_of_a_batch_is_named_and_no_other(make_application, small_batches, capsys):
    made = [make_application() for _ in range(6)]
    for application in (made[0], made[3], made[5]):
        tamper("UPDATE cases_caseevent SET by_name = 'Eve' WHERE application_id = %s AND sequence = 1", application.pk)
    with pytest.raises(CommandError, match="3 of 6"):
        call_command("verify_audit")
    err = capsys.readouterr().err
    assert [row.reference in err for row in made] == [True, False, False, True, False, True]


def test_a_case_that_moves_while_it_is_looked_at_is_no_fault(application, monkeypatch):
    """Its status was read a moment before its last event was written."""
    faults_of, moved = audit.faults_of, []

    def late(rows):
        if not moved:
            moved.append(True)
            apply_step(PlanningApplication.objects.get(pk=application.pk), "close", by=closes, note="Sent twice")
        return faults_of(rows)

    closes = application.events.get(kind="note_added").by
    closes.groups.set(Group.objects.filter(name=PLANNING_MANAGER))
    monkeypatch.setattr(audit, "faults_of", late)
    (batch,) = batches(PlanningApplication.objects.all())
    assert moved
    assert batch.faults == {}


NOTICE_TAMPERINGS = {
    "the HTML": "UPDATE notices_issuednotice SET html = html || ' ' WHERE application_id = %s",
    "the PDF": "UPDATE notices_issuednotice SET pdf = pdf || '\\x00'::bytea WHERE application_id = %s",
    "the data": "UPDATE notices_issuednotice SET snapshot = '{}' WHERE application_id = %s",
    "no event": "UPDATE notices_issuednotice SET version = 7, correction_reason = 'x' WHERE application_id = %s",
}


@pytest.mark.parametrize("what", NOTICE_TAMPERINGS)
def test_a_notice_that_was_changed_is_found(submitted, manager, what, capsys):
    issued = approve(submitted(), by=manager)
    call_command("verify_audit")
    tamper(NOTICE_TAMPERINGS[what], issued.application_id)
    with pytest.raises(CommandError, match="1 of 1"):
        call_command("verify_audit")
    assert what in capsys.readouterr().err


def test_a_notice_that_was_taken_away_is_missed(submitted, manager, capsys):
    issued = approve(submitted(), by=manager)
    tamper("DELETE FROM notices_issuednotice WHERE application_id = %s", issued.application_id)
    with pytest.raises(CommandError, match="1 of 1"):
        call_command("verify_audit")
    assert "decision notice 1, which is not there" in capsys.readouterr().err


def test_a_pdf_that_was_changed_together_with_its_hash_is_found(submitted, manager, capsys):
    issued = approve(submitted(), by=manager)
    tamper(
        "UPDATE notices_issuednotice SET pdf = 'x'::bytea, pdf_sha256 = encode(sha256('x'::bytea), 'hex')"
        " WHERE application_id = %s",
        issued.application_id,
    )
    with pytest.raises(CommandError, match="1 of 1"):
        call_command("verify_audit")
    assert "no event tells" in capsys.readouterr().err
