"""Two roles: what the runtime role tries in SQL and is refused, what it must be able to do, and the command."""

import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from io import StringIO
from typing import Any

import psycopg2
import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core import checks
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import TransactionTestCase
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import PLANNING_MANAGER, PLANNING_OFFICER
from cases.consultation import comments
from cases.documents import adding, describing, publishing
from cases.models import (
    ApplicationType,
    CaseNote,
    Check,
    Comment,
    Condition,
    Constraint,
    ConstraintType,
    Document,
    GpdoClass,
    Party,
    PlanningApplication,
    PortalDelivery,
    PreviousReference,
    Publicity,
    Recommendation,
    ReferenceCounter,
    Submission,
    ValidationRequest,
)
from cases.statuses import Decision, Origin, PublicStatus, Status
from cases.timeline import record
from config import database_roles
from config.database_roles import APPEND_ONLY, GROUPS, RIGHTS, Refused
from notices.models import DecisionNotice, Message
from notices.signoff.approving import approve
from notices.signoff.drafting import draft_notice
from notices.signoff.submitting import submit_for_sign_off
from tests.cases.files import pdf
from tests.database import as_owner, make_authority
from tests.making import PASSWORD, SQUARE

pytestmark = pytest.mark.django_db

RUNTIME = "bops_runtime"
NO_RIGHT, GUARDED = "42501", "23001"  # what PostgreSQL says when a right is missing, and what our triggers say


def connect(role: str, database: str = "") -> Any:
    """A connection of its own to the server of the tests, which asks nobody for a password."""
    ours = connection.get_connection_params()
    own = {"user": role, "dbname": database or ours["dbname"], "cursor_factory": None, "options": ""}
    return psycopg2.connect(**{**ours, **own})


# --- What is there to be attacked: made once, for every attempt -------------------------------------------------------


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[dict[str, Any]]:
    """Keys of committed rows: a decided case with all that belongs to one, and a case that waits for its sign-off."""
    with django_db_blocker.unblock():
        try:
            with transaction.atomic():
                made = _make_world()
            yield made
        finally:
            TransactionTestCase._fixture_teardown(None)  # as tests/conftest.py has it: back to what all tests share


def _make_world() -> dict[str, Any]:
    council = make_authority("WLD", "Worldshire", "worldshire.example")
    officer, manager = _person("o", council, PLANNING_OFFICER), _person("m", council, PLANNING_MANAGER)
    decided, waiting = _case(council, officer, "26-00001-LDCP"), _case(council, officer, "26-00002-LDCP")
    keys = _fill(decided, officer, manager)
    for case in (decided, waiting):
        Recommendation.objects.create(application=case, decision=Decision.LDC_GRANTED, summary="Keeps.", by=officer)
    notice = submit_for_sign_off(draft_notice(decided, by=officer), by=officer)
    unsigned = submit_for_sign_off(draft_notice(waiting, by=officer), by=officer)
    approve(notice, by=manager)
    PortalDelivery.objects.create(
        authority=council, application_ref="PP-1", notice=b"{}", package_url="https://x.example", received_through="x"
    )
    Submission.objects.create(authority=council, body=b"{}", sha256="0" * 64, outcome="refused")
    ReferenceCounter.objects.create(authority=council, next_number=200)
    condition = Condition.objects.create(application=decided, title="Time", text="Three years.", reason="The law.")
    return keys | {
        "case": decided.pk,
        "waiting": waiting.pk,
        "council": council.pk,
        "officer": officer.pk,
        "manager": manager.pk,
        "notice": notice.pk,
        "unsigned": unsigned.pk,
        "condition": condition.pk,
        "notices": ContentType.objects.get_for_model(DecisionNotice).pk,
    }


def _person(name: str, council, role: str) -> User:
    user = User.objects.create_user(f"{name}@worldshire.example", PASSWORD, first_name=name, authority=council)
    user.groups.add(Group.objects.get(name=role))
    return user


def _case(council, officer: User, reference: str) -> PlanningApplication:
    day = date(2026, 11, 2)
    case = PlanningApplication.objects.create(
        authority=council, application_type=ApplicationType.objects.get(code="ldc.proposed"), reference=reference,
        status=Status.IN_ASSESSMENT, officer=officer, received_on=day, valid_from=day, validated_on=day,
        statutory_expiry_on=date(2026, 12, 28), expires_on=date(2026, 12, 28), description="Rear extension of a house",
        description_as_submitted="rear extention", address="7 Blyton Close", postcode="HP9 2LX", boundary=SQUARE,
        published_at=timezone.now(),
    )  # fmt: skip
    Party.objects.create(
        application=case,
        role=Party.Role.APPLICANT,
        first_name="Enid",
        last_name="Blyton",
        email="e@example.com",
        address="7 Blyton Close",
    )
    case.class_assessments.create(gpdo_class=GpdoClass.objects.get(code="part1.classA"))
    record(case, "received", by=None)
    return case


def _fill(case: PlanningApplication, officer: User, manager: User) -> dict[str, Any]:
    day, now = case.received_on, timezone.now()
    document = Document.objects.create(
        application=case,
        title="Site plan",
        types=["sitePlan.proposed"],
        received_on=day,
        file="1/a.pdf",
        size=5,
        sha256="a" * 64,
        mime_type="application/pdf",
        public_status=PublicStatus.PUBLISH,
    )
    replaced = Document.objects.create(
        application=case,
        title="Old",
        received_on=day,
        superseded_by=document,
        redacted_from=document,
        fetch_status="failed",
    )
    comment = Comment.objects.create(
        application=case,
        name="A Neighbour",
        text="Too tall.",
        redacted_text="Too tall.",
        sentiment="objection",
        received_on=day,
        published_at=now,
        published_by=officer,
        source=Comment.Source.WEBSITE,
    )
    request = ValidationRequest.objects.create(
        application=case, number=1, kind="other", title="Height", text="How tall?", raised_by=officer, sent_at=now,
        sent_by=officer, answer="replied", answer_text="Three metres", answered_at=now, answered_name="Enid",
        outcome="accepted", resolved_at=now, resolved_by=officer, arrived_on=day,
    )  # fmt: skip
    kind = ConstraintType.objects.first()
    rows = {
        "document": document, "replaced": replaced, "comment": comment, "request": request,
        "publicity": Publicity.objects.create(
            application=case, kind="site_notice", begins_on=day, days=21, ends_on=date(2026, 11, 23), by=officer
        ),
        "constraint": Constraint.objects.create(application=case, constraint_type=kind, source="officer"),
        "check": Check.objects.create(application=case, task="fee", outcome="done", by=officer),
        "note": CaseNote.objects.create(application=case, text="Seen.", by=officer),
        "earlier": PreviousReference.objects.create(
            application=case, authority=case.authority, reference="26-00009-LDCP"
        ),
        "message": Message.objects.create(
            authority=case.authority, application=case, about="valid", channel="email", to_email="e@example.com",
            subject="It is valid", body="We began to assess it.", status="delivered", sent_at=now,
        ),
    }  # fmt: skip
    return {name: str(row.pk) if isinstance(row.pk, uuid.UUID) else row.pk for name, row in rows.items()}


# --- The attempts -----------------------------------------------------------------------------------------------------

ISSUE = """
INSERT INTO notices_issuednotice (application_id, notice_id, version, decision, issued_on, issued_at, signed_by_id,
    signed_name, html, pdf, snapshot, html_sha256, pdf_sha256, snapshot_sha256, report_html, correction_reason)
SELECT application_id, id, {version}, decision, current_date, now(), %({by})s, 'x', 'x', '', '{{}}', '', '', '', '', 'x'
FROM notices_decisionnotice WHERE id = %({notice})s
"""
# A case of the register's own kind: every column as an undecided one has it, and then what is claimed of it.
CLAIM = """
INSERT INTO cases_planningapplication (authority_id, application_type_id, reference, origin, status, status_changed_at,
    description, description_as_submitted, work_status, project_types, proposal, address, postcode, uprn, usrn, ward,
    parish, property_type, received_on, valid_from, is_eia, fee_details, ownership_certificate, ownership, declaration,
    cil, answers, pre_assessment, route, committee_resolution, committee_note, decision, decided_on, created_at,
    updated_at)
SELECT authority_id, application_type_id, '26-99999-LDCP', '{origin}', 'determined', now(), description, '',
    work_status, project_types, proposal, address, postcode, uprn, usrn, ward, parish, property_type, received_on,
    valid_from, is_eia, fee_details, '', ownership, declaration, cil, answers, pre_assessment, route, '', '',
    'ldc_granted', current_date, now(), now()
FROM cases_planningapplication WHERE id = %(waiting)s
"""

# Switching the guards off, and getting more rights.
POWERS = {
    "disable a trigger": "ALTER TABLE notices_issuednotice DISABLE TRIGGER issued_notice_is_append_only",
    "disable every trigger": "ALTER TABLE cases_caseevent DISABLE TRIGGER ALL",
    "replication role": "SET session_replication_role = replica",
    "replication role for the transaction": "SET LOCAL session_replication_role = replica",
    "replication role by function": "SELECT set_config('session_replication_role', 'replica', true)",
    "replication role for ever": f"ALTER ROLE {RUNTIME} SET session_replication_role = replica",
    "replication role in a block": "DO $$ BEGIN SET LOCAL session_replication_role = replica; END $$",
    "drop a trigger": "DROP TRIGGER issued_notice_needs_sign_off ON notices_issuednotice",
    "rename a trigger": "ALTER TRIGGER case_event_is_append_only ON cases_caseevent RENAME TO x",
    "add a trigger": "CREATE TRIGGER a BEFORE UPDATE ON cases_document FOR EACH ROW EXECUTE FUNCTION keep_origin()",
    "drop a function": "DROP FUNCTION refuse_change() CASCADE",
    "replace a function": "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RETURN NEW; END $$",
    "a function with its maker's rights": "CREATE FUNCTION public.mine() RETURNS void LANGUAGE sql SECURITY DEFINER AS"
    " $$ DELETE FROM cases_caseevent $$",
    "make a guard run as its owner": "ALTER FUNCTION refuse_change() SECURITY DEFINER",
    "let a guard look elsewhere": "ALTER FUNCTION decision_has_issued_notice() RESET search_path",
    "become the owner": "SET ROLE bops",
    "become the owner for the session": "SET SESSION AUTHORIZATION bops",
    "join the owner": f"GRANT bops TO {RUNTIME}",
    "superuser": f"ALTER ROLE {RUNTIME} SUPERUSER",
    "another role": "CREATE ROLE accomplice LOGIN SUPERUSER",
    "own a table": f"ALTER TABLE cases_caseevent OWNER TO {RUNTIME}",
    "drop a constraint": "ALTER TABLE cases_planningapplication DROP CONSTRAINT determined_has_decision",
    "rename a table": "ALTER TABLE notices_issuednotice RENAME TO notices_old",
    "drop a table": "DROP TABLE notices_issuednotice CASCADE",
    "a rule": "CREATE RULE gone AS ON DELETE TO cases_caseevent DO INSTEAD NOTHING",
    "a policy": "CREATE POLICY mine ON cases_caseevent USING (true)",
    "an inheriting table": "CREATE TABLE mine () INHERITS (cases_caseevent)",
    "a table": "CREATE TABLE public.mine (id int)",
    "a view": "CREATE VIEW public.mine AS SELECT * FROM cases_caseevent",
    "a schema": "CREATE SCHEMA mine",
    "a temporary table in a guard's way": "CREATE TEMP TABLE notices_issuednotice (application_id bigint)",
    "a temporary function": "CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT 'epoch' $$",
    "an extension": "DROP EXTENSION pg_trgm CASCADE",
    "an event trigger": "CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION refuse_change()",
    "default privileges of the owner": f"ALTER DEFAULT PRIVILEGES FOR ROLE bops GRANT ALL ON TABLES TO {RUNTIME}",
    "a setting of the database": "DO $$ BEGIN EXECUTE format('ALTER DATABASE %%I SET session_replication_role ="
    " replica', current_database()); END $$",
    "a program of the server": "COPY (SELECT 1) TO PROGRAM 'true'",
    "a file of the server": "COPY django_session FROM '/etc/passwd'",
    "a file as a large object": "SELECT lo_import('/etc/passwd')",
    "write a file from a large object": "SELECT lo_export(lo_create(0), '/tmp/x')",
    "the catalogue of triggers": "UPDATE pg_trigger SET tgenabled = 'D'",
    "the catalogue of rights": "UPDATE pg_class SET relacl = NULL WHERE relname = 'cases_caseevent'",
    "copy into what migrations did": "COPY django_migrations FROM STDIN",
    "say that a migration was done": "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'x', now())",
    "forget a migration": "DELETE FROM django_migrations",
    "a permission": "UPDATE auth_permission SET codename = 'x'",
    "a content type": "UPDATE django_content_type SET model = 'x' WHERE id = %(notices)s",
    "a number back": "SELECT setval(pg_get_serial_sequence('cases_caseevent', 'id'), 1)",
    "restart a sequence": "ALTER TABLE cases_caseevent ALTER id RESTART WITH 1",
}

HISTORY = {
    f"{verb} {table}": statement.format(table=table)
    for table in sorted(APPEND_ONLY | database_roles.LOGS)
    for verb, statement in {
        "change": "UPDATE {table} SET id = id",
        "delete": "DELETE FROM {table}",
        "empty": "TRUNCATE {table} CASCADE",
    }.items()
} | {
    "delete an event with the rest of a block": "DO $$ BEGIN DELETE FROM cases_caseevent; END $$",
    "delete by a common table": "WITH gone AS (DELETE FROM cases_caseevent RETURNING 1) SELECT count(*) FROM gone",
    "change on conflict": "INSERT INTO cases_caseevent SELECT * FROM cases_caseevent ON CONFLICT (id) DO UPDATE SET"
    " by_name = 'x'",
    "lock the history": "LOCK TABLE cases_caseevent IN ACCESS EXCLUSIVE MODE",
    **{
        f"empty {table}": f"TRUNCATE {table} CASCADE"
        for table in (
            "cases_document",
            "cases_planningapplication",
            "notices_decisionnotice",
            "notices_message",
            "wagtailcore_revision",
            "django_session",
        )
    },
    **{f"delete {table}": f"DELETE FROM {table}" for table in sorted(database_roles.NEVER_DELETED - APPEND_ONLY)},
}

CASE = "UPDATE cases_planningapplication SET {} WHERE id = %(case)s"
DOCUMENT = "UPDATE cases_document SET {} WHERE id = %(document)s"
REQUEST = "UPDATE cases_validationrequest SET {} WHERE id = %(request)s"
COMMENT = "UPDATE cases_comment SET {} WHERE id = %(comment)s"
MESSAGE = "UPDATE notices_message SET {} WHERE id = %(message)s"
NOTICE = "UPDATE notices_decisionnotice SET {} WHERE id = %(notice)s"
REVISION = "UPDATE wagtailcore_revision SET {} WHERE content_type_id = %(notices)s AND object_id = %(notice)s::text"
TASK = """UPDATE wagtailcore_taskstate SET {} WHERE workflow_state_id IN
    (SELECT id FROM wagtailcore_workflowstate WHERE object_id = %(notice)s::text)"""
FLOW = "UPDATE wagtailcore_workflowstate SET {} WHERE object_id = %(notice)s::text"
WORDS = {
    **{f"the {what} of a decided case": CASE.format(change) for what, change in {
        "description": "description = 'A tower'", "submitted words": "description_as_submitted = 'A tower'",
        "address": "address = 'Elsewhere'", "red line": "boundary = NULL",
        "day of receipt": "received_on = '2026-01-01'",
        "day of validity": "valid_from = '2026-11-03'", "due date": "expires_on = '2027-12-31'",
        "decision": "decision = 'ldc_refused'", "day": "decided_on = '2026-11-30'",
        "manager": "decided_by_id = %(officer)s",
        "reference": "reference = 'X'", "council": "authority_id = authority_id + 1", "origin": "origin = 'imported'",
        "status": "status = 'in_assessment'", "type": "application_type_id = application_type_id + 1",
        "route": "route = 'committee'", "fee": "fee_paid = 1", "answers": "answers = '[1]'",
    }.items()},
    **{f"the {what} of a document": DOCUMENT.format(change) for what, change in {
        "digest": "sha256 = repeat('b', 64)", "file": "file = '1/b.pdf'", "size": "size = 6",
        "kind": "mime_type = 'x/y'",
        "case": "application_id = %(waiting)s", "title": "title = 'Other'", "types": "types = '{}'",
        "place among the plans": "is_approved_plan = NOT is_approved_plan",
        "file, waiting": "fetch_status = 'waiting', file = ''",
    }.items()},
    "a document that was replaced": "UPDATE cases_document SET superseded_by_id = NULL WHERE id = %(replaced)s",
    "a copy's original": "UPDATE cases_document SET redacted_from_id = NULL WHERE id = %(replaced)s",
    **{f"the {what} of a comment": COMMENT.format(change) for what, change in {
        "words": "text = 'Lovely.'", "writer": "name = 'Another'", "opinion": "sentiment = 'supportive'",
        "case": "application_id = %(waiting)s", "origin": "source = 'officer'",
    }.items()},
    **{f"the {what} of a request": REQUEST.format(change) for what, change in {
        "words": "text = 'Nothing'", "day": "sent_at = now() - interval '1 year'",
        "answer": "answer_text = 'Nine metres'",
        "answerer": "answered_name = 'Another'", "kind": "kind = 'fee'",
    }.items()},
    "delete a request that was sent": "DELETE FROM cases_validationrequest WHERE id = %(request)s",
    **{f"the {what} of a letter": MESSAGE.format(change) for what, change in {
        "words": "body = 'Refused.'", "subject": "subject = 'x'", "recipient": "to_email = 'x@example.com'",
        "case": "application_id = NULL", "words, erased": "body = ''", "secrecy": "is_confidential = true",
    }.items()},
    "delete a letter": "DELETE FROM notices_message WHERE id = %(message)s",
    **{f"the {what} of a revision": REVISION.format(change) for what, change in {
        "author": "user_id = %(manager)s", "words": "content = '{}'", "day": "created_at = now() - interval '1 day'",
        "notice": "object_id = %(unsigned)s::text", "model": "content_type_id = content_type_id + 1",
    }.items()},
    "delete a revision": "DELETE FROM wagtailcore_revision WHERE object_id = %(notice)s::text",
    **{f"the {what} of a sign-off": TASK.format(change) for what, change in {
        "manager": "finished_by_id = %(officer)s", "outcome": "status = 'rejected'",
        "revision": "revision_id = revision_id + 1",
        "comment": "comment = 'x'",
    }.items()},
    "delete a sign-off": "DELETE FROM wagtailcore_taskstate WHERE finished_by_id = %(manager)s",
    "who submitted": FLOW.format("requested_by_id = %(manager)s"),
    "the notice of a sign-off": FLOW.format("object_id = %(unsigned)s::text"),
    "delete a submission for sign-off": "DELETE FROM wagtailcore_workflowstate WHERE object_id = %(notice)s::text",
    **{f"the {what} of a notice": NOTICE.format(change) for what, change in {
        "author": "created_by_id = %(manager)s", "decision": "decision = 'ldc_refused'", "words": "body = '[]'",
        "life": "live = false", "facts": "particulars = '{}'", "revision": "live_revision_id = NULL",
    }.items()},
    **{f"the {what} of a condition": f"UPDATE cases_condition SET {change} WHERE id = %(condition)s"
       for what, change in {
           "words": "text = 'None.'", "reason": "reason = 'None.'", "kind": "type = 'time_limit'",
           "reason before work": "pre_commencement_reason = 'x'", "agreement": "agreed_on = current_date",
       }.items()},
    **{f"the {what} of a settled request": REQUEST.format(change) for what, change in {
        "outcome": "outcome = 'left'", "arrival": "arrived_on = arrived_on - 1", "words": "resolution = 'x'",
        "officer": "resolved_by_id = %(manager)s",
    }.items()},
    "delete a condition": "DELETE FROM cases_condition WHERE id = %(condition)s",
    "the days of a publicity": "UPDATE cases_publicity SET begins_on = begins_on - 1 WHERE id = %(publicity)s",
    "delete a publicity": "DELETE FROM cases_publicity WHERE id = %(publicity)s",
    "a constraint": "UPDATE cases_constraint SET removed_because = 'x' WHERE id = %(constraint)s",
    "what the Portal sent": "UPDATE cases_portaldelivery SET notice = 'x' WHERE authority_id = %(council)s",
    "a number given twice": "UPDATE cases_referencecounter SET next_number = 1 WHERE authority_id = %(council)s",
}  # fmt: skip

PAST_THE_SIGN_OFF = {
    "issue what nobody signed": ISSUE.format(version=1, by="manager", notice="unsigned"),
    "issue in the officer's name": ISSUE.format(version=1, by="officer", notice="unsigned"),
    "issue in the officer's name, workflow forged": "UPDATE wagtailcore_taskstate SET status = 'approved',"
    " finished_by_id = %(officer)s WHERE status = 'in_progress'; UPDATE wagtailcore_workflowstate SET status ="
    " 'approved', requested_by_id = NULL WHERE status = 'in_progress';"
    + ISSUE.format(version=1, by="officer", notice="unsigned"),
    "issue without deciding, workflow forged": "UPDATE wagtailcore_taskstate SET status = 'approved',"
    " finished_by_id = %(manager)s WHERE status = 'in_progress'; UPDATE wagtailcore_workflowstate SET status ="
    " 'approved' WHERE status = 'in_progress';" + ISSUE.format(version=1, by="manager", notice="unsigned"),
    "decide a case": "UPDATE cases_planningapplication SET status = 'determined', decision = 'ldc_granted',"
    " decided_on = current_date WHERE id = %(waiting)s",
    "a decision that waits": "UPDATE cases_planningapplication SET decision = 'ldc_granted',"
    " decided_on = current_date WHERE id = %(waiting)s",
    "insert a decided case": CLAIM.format(origin="submitted"),
    "insert a case as decided elsewhere": CLAIM.format(origin="imported"),
    "publish a notice": "UPDATE notices_decisionnotice SET live = true WHERE id = %(unsigned)s",
    "an import that never was": "INSERT INTO cases_registerimport (authority_id, file_name, sha256, mapping,"
    " lines_done, created, updated, unchanged, refused, by_year_and_type, started_at)"
    " VALUES (%(council)s, 'x', 'x', '{}', 0, 0, 0, 0, 0, '{}', now())",
}
ATTEMPTS = POWERS | HISTORY | WORDS | PAST_THE_SIGN_OFF


@pytest.fixture(scope="module")
def runtime(world) -> Iterator[Any]:
    with closing(connect(RUNTIME)) as ours:
        yield ours


@pytest.fixture(scope="module")
def owning(world) -> Iterator[Any]:
    with closing(connect("bops")) as ours:
        yield ours


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_runtime_role_is_refused(attempt, world, runtime):
    # What the end of the transaction asks is asked at once.
    try:
        with pytest.raises(psycopg2.Error) as refused, runtime.cursor() as cursor:
            cursor.execute(f"{ATTEMPTS[attempt]}; SET CONSTRAINTS ALL IMMEDIATE", world)
    finally:
        runtime.rollback()
    assert refused.value.pgcode in {NO_RIGHT, GUARDED}, refused.value


# The owner may enter what was decided elsewhere: bin/manage import_register does.
OWNERS = {"insert a case as decided elsewhere", "an import that never was"}


@pytest.mark.parametrize("attempt", [name for name in WORDS | PAST_THE_SIGN_OFF if name not in OWNERS])
def test_the_guards_refuse_the_owner_as_well(attempt, world, owning):
    """While they are on. So it is they who refuse, not a right that is missing."""
    try:
        with pytest.raises(psycopg2.Error) as refused, owning.cursor() as cursor:
            cursor.execute(f"{ATTEMPTS[attempt]}; SET CONSTRAINTS ALL IMMEDIATE", world)
    finally:
        owning.rollback()
    assert refused.value.pgcode == GUARDED, refused.value


def test_a_guard_reads_its_own_tables_whatever_stands_in_their_way(world):
    """Even for who may make temporary tables, which PostgreSQL looks at first."""
    with closing(connect("bops")) as owner, owner.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE notices_issuednotice AS SELECT id AS application_id, 'ldc_granted'::text AS decision,"
            " current_date AS issued_on FROM public.cases_planningapplication;"
            "CREATE TEMP TABLE cases_planningapplication AS SELECT * FROM public.cases_planningapplication;"
            "UPDATE pg_temp.cases_planningapplication SET decision = ''"
        )
        with pytest.raises(psycopg2.Error, match="without an issued decision notice"):
            cursor.execute(
                f"SAVEPOINT s; {PAST_THE_SIGN_OFF['decide a case']}".replace("UPDATE ", "UPDATE public."), world
            )
        cursor.execute("ROLLBACK TO s")
        with pytest.raises(psycopg2.Error, match="is decided"):
            cursor.execute(WORDS["the words of a condition"], world)


def test_what_triggers_run_looks_where_they_belong_and_has_no_rights_of_its_own(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, prosecdef, proconfig FROM pg_proc WHERE prorettype = 'trigger'::regtype"
            " AND pronamespace = current_schema()::regnamespace AND proname <> ALL(%s)",
            [["wagtail_search_trigger"]],
        )
        found = cursor.fetchall()
    assert len(found) >= 9
    assert [name for name, has_its_makers, _ in found if has_its_makers] == []
    assert [name for name, _, path in found if path != ["search_path=pg_catalog, public, pg_temp"]] == []


# --- What is declared -------------------------------------------------------------------------------------------------


def test_every_table_is_in_one_group(db):
    """A new table must be thought of: what may the web processes do with it?"""
    there = {*connection.introspection.django_table_names(only_existing=True, include_views=False), "django_migrations"}
    assert sum(map(len, GROUPS.values())) == len(RIGHTS)
    assert there - RIGHTS.keys() == set(), "not yet in a group of config/database_roles.py"
    assert RIGHTS.keys() - there == set(), "no such table"


def test_our_history_is_append_only_by_trigger_as_well(db):
    """Bits of pg_trigger.tgtype: 8 delete, 16 update, 32 truncate. With a condition it would let something through."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, bit_or(tgtype::int) FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid"
            " WHERE proname = 'refuse_change' AND tgqual IS NULL GROUP BY tgrelid"
        )
        guarded = dict(cursor.fetchall())
    assert {table for table, kinds in guarded.items() if kinds & 56 == 56} == APPEND_ONLY


# --- What the runtime role must be able to do: the tests work with its rights -----------------------------------------


def test_the_way_to_a_decision_and_after_it(authority, officer, manager, client):
    assert client.post("/admin/login/", {"username": officer.email, "password": PASSWORD}).status_code == 302
    case = _case(authority, officer, "26-00001-LDCP")
    drawing = SimpleUploadedFile("Site plan.pdf", pdf())
    document = adding.add_document(case, file=drawing, name="Site plan.pdf", by=officer)
    describing.change_document(document, by=officer, title="Site plan, corrected")
    comment = comments.enter_comment(
        case, name="A Neighbour", text="Fine.", sentiment="supportive", received_on=case.received_on, by=officer
    )
    comments.redact_comment(comment, redacted_text="Fine.", by=officer)
    Recommendation.objects.create(application=case, decision=Decision.LDC_GRANTED, summary="Keeps.", by=officer)
    notice = submit_for_sign_off(draft_notice(case, by=officer), by=officer)
    issued = approve(notice, by=manager)
    assert comments.publish_comments([comment], by=officer) == [comment]
    document.refresh_from_db()
    publishing.set_public_status([document], status=PublicStatus.WITHHOLD, because="A signature.", by=officer)
    call_command("run_due", stdout=StringIO())
    for address in ("/admin/", f"/admin/cases/{case.pk}/", reverse("case_document", args=[document.pk])):
        assert client.get(address).status_code == 200, address
    case.refresh_from_db()
    assert (case.status, case.decision) == (Status.DETERMINED, issued.decision)
    assert client.post("/admin/logout/").status_code == 302


def test_an_older_register_is_for_the_owner(authority, tmp_path):
    (tmp_path / "old.csv").write_text("A\n1\n")
    (tmp_path / "mapping.yaml").write_text("columns: {reference: A}\n")
    with pytest.raises(CommandError, match="owner of the tables"):
        call_command("import_register", tmp_path / "old.csv", authority="BKM", mapping=tmp_path / "mapping.yaml")


def test_an_imported_decision_is_the_owners_to_change(make_application):
    case = make_application(
        origin=Origin.IMPORTED, status=Status.DETERMINED, decision="ldc_granted", decided_on=date(2019, 1, 1)
    )
    of_it = PlanningApplication.objects.filter(pk=case.pk)
    with as_owner():
        of_it.update(description="As the register says now")
    of_it.update(public_changed_at=timezone.now())  # no fact of it
    with pytest.raises(IntegrityError, match="is decided"), transaction.atomic():
        of_it.update(description="As an officer would have it")


# --- The command ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fresh(django_db_setup) -> Iterator[dict[str, str]]:
    """A database whose owner is no superuser, with some tables as a first migration leaves them, and a runtime role."""
    ours = connection.get_connection_params()["dbname"]
    names = {"database": f"{ours}_roles", "owner": f"{ours}_owner", "runtime": f"{ours}_web"}
    with closing(connect("bops", "postgres")) as server, server.cursor() as cursor:
        server.autocommit = True
        _drop(cursor, names)
        cursor.execute("CREATE ROLE {owner} LOGIN; CREATE ROLE {runtime} LOGIN".format(**names))
        cursor.execute("CREATE DATABASE {database} OWNER {owner}".format(**names))
        try:
            with closing(connect(names["owner"], names["database"])) as owner, owner.cursor() as first:
                first.execute(
                    "CREATE TABLE django_migrations (id int GENERATED BY DEFAULT AS IDENTITY);"
                    "CREATE TABLE cases_caseevent (id bigint GENERATED BY DEFAULT AS IDENTITY, by_name text);"
                    "CREATE TABLE cases_document (id bigint GENERATED BY DEFAULT AS IDENTITY);"
                    "CREATE TABLE django_session (session_key text)"
                )
                owner.commit()
            yield names
        finally:
            _drop(cursor, names)


def _drop(cursor, names: dict[str, str]) -> None:
    cursor.execute("DROP DATABASE IF EXISTS {database} WITH (FORCE)".format(**names))
    cursor.execute("DROP ROLE IF EXISTS {owner}, {runtime}".format(**names))


@pytest.fixture
def owner(fresh) -> Iterator[Any]:
    """The owner's cursor in a transaction that is never committed."""
    with closing(connect(fresh["owner"], fresh["database"])) as ours, ours.cursor() as cursor:
        yield cursor


@pytest.fixture
def after(fresh) -> Iterator[Any]:
    """after("ALTER ROLE …") → the owner's cursor when a superuser has done that, and will have undone it."""
    with closing(connect("bops", fresh["database"])) as server, server.cursor() as cursor:

        def make(statement: str, *, role: str = "owner") -> Any:
            cursor.execute(f"{statement}; SET LOCAL ROLE {{{role}}}".format(**fresh))
            return cursor

        yield make


def rights(cursor) -> list[tuple]:
    cursor.execute("SELECT relname, relacl::text FROM pg_class WHERE relkind IN ('r', 'S') ORDER BY relname")
    return [*cursor.fetchall(), *_default_rights(cursor)]


def _default_rights(cursor) -> list[tuple]:
    cursor.execute("SELECT defaclobjtype, defaclacl::text FROM pg_default_acl ORDER BY 1")
    return cursor.fetchall()


def test_it_gives_what_is_declared_and_says_what_it_does_not_give(owner, fresh):
    words = "\n".join(database_roles.apply(owner, fresh["runtime"]))
    assert "change or delete a row of cases_caseevent\n" in words
    assert "delete a row of cases_document\n" in words
    assert "write anything to django_migrations" in words
    assert f"become {fresh['owner']}" in words


def test_a_second_time_changes_nothing(owner, fresh):
    first = database_roles.apply(owner, fresh["runtime"])
    once = rights(owner)
    assert database_roles.apply(owner, fresh["runtime"]) == first
    assert rights(owner) == once


def test_what_it_prints_is_what_it_does_and_printing_does_nothing(owner, fresh):
    before = rights(owner)
    printed = database_roles.sql_of(owner, fresh["runtime"])
    assert rights(owner) == before
    owner.execute("; ".join(printed))
    by_hand = rights(owner)
    owner.connection.rollback()
    database_roles.apply(owner, fresh["runtime"])
    assert rights(owner) == by_hand


def test_a_table_that_comes_later_can_be_used_at_once_and_no_more(after, fresh):
    cursor = after("SELECT 1")
    database_roles.apply(cursor, fresh["runtime"])
    cursor.execute("CREATE TABLE later (id int GENERATED BY DEFAULT AS IDENTITY, words text)")
    cursor.execute("RESET ROLE; SET LOCAL ROLE {runtime}".format(**fresh))
    cursor.execute(
        "INSERT INTO later (words) VALUES ('x'); UPDATE later SET words = 'y'; DELETE FROM later;"
        " SELECT nextval('later_id_seq')"
    )
    with pytest.raises(psycopg2.Error, match="permission denied"):
        cursor.execute("TRUNCATE later")


@pytest.mark.parametrize(
    "before",
    [
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO {runtime}",
        "GRANT UPDATE (by_name) ON cases_caseevent TO {runtime}",
        "GRANT ALL ON cases_caseevent TO PUBLIC",
        "GRANT ALL ON SEQUENCE cases_caseevent_id_seq TO PUBLIC",
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT ALL ON TABLES TO {runtime}",
    ],
)
def test_what_the_role_had_before_is_taken_away(before, after, fresh):
    clean = after("SELECT 1")
    database_roles.apply(clean, fresh["runtime"])
    wanted = rights(clean)
    clean.connection.rollback()
    cursor = after(before)
    database_roles.apply(cursor, fresh["runtime"])
    assert rights(cursor) == wanted


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("ALTER ROLE {runtime} SUPERUSER", "is a superuser"),
        ("ALTER ROLE {runtime} CREATEROLE", "may make roles"),
        ("ALTER ROLE {runtime} BYPASSRLS", "row-level security"),
        ("GRANT {owner} TO {runtime}", "is a member of"),
        ("GRANT bops TO {runtime}", "is a member of bops"),
        ("GRANT pg_write_all_data TO {runtime}", "is a member of pg_write_all_data"),
        ("CREATE TABLE its_own (); ALTER TABLE its_own OWNER TO {runtime}", "owns 1 objects"),
        ("ALTER DATABASE {database} OWNER TO bops", "may make temporary tables: whoever owns the database"),
    ],
)
def test_a_role_that_could_undo_it_is_refused(before, words, after, fresh):
    cursor = after(before)
    with pytest.raises(Refused, match=words):
        database_roles.apply(cursor, fresh["runtime"])


def test_a_role_that_is_not_there_is_refused_with_the_line_that_makes_it(owner):
    with pytest.raises(Refused, match='CREATE ROLE "nobody at all" LOGIN PASSWORD'):
        database_roles.sql_of(owner, "nobody at all")


def test_an_owner_without_the_right_to_make_roles_is_told_so(owner):
    assert database_roles.sql_of(owner, "a new one", create=True)[0] == 'CREATE ROLE "a new one" LOGIN'
    with pytest.raises(psycopg2.Error, match="permission denied to create role"):
        database_roles.apply(owner, "a new one", create=True)


def test_the_role_is_made_by_who_may(after, fresh):
    cursor = after("ALTER ROLE {owner} CREATEROLE")
    name = fresh["runtime"] + " 2"
    assert database_roles.apply(cursor, name, create=True)[0].startswith(f"{name} works with 4 tables")


def test_only_the_owner_sets_the_roles(after, fresh):
    with pytest.raises(Refused, match=f"The tables belong to {fresh['owner']}, and this runs as {fresh['runtime']}"):
        database_roles.apply(after("SELECT 1", role="runtime"), fresh["runtime"])
    with pytest.raises(Refused, match="owns the tables"):
        database_roles.apply(after("RESET ROLE"), fresh["owner"])


def test_before_the_first_migration_there_is_nothing_to_give(after, fresh):
    with pytest.raises(Refused, match="migrate first"):
        database_roles.apply(after("DROP TABLE django_migrations"), fresh["runtime"])


def test_the_command_prints_applies_and_refuses_in_words(db, settings):
    out = StringIO()
    with as_owner():
        call_command("database_roles", stdout=out)
    assert 'GRANT SELECT, INSERT ON TABLE "public"."cases_caseevent"' in out.getvalue()
    with pytest.raises(CommandError, match="give it the owner's DATABASE_URL"):
        call_command("database_roles", apply=True)
    settings.DATABASE_RUNTIME_ROLE = "nobody_at_all"
    with pytest.raises(CommandError, match="There is no role nobody_at_all"), as_owner():
        call_command("database_roles", apply=True)


# --- Who a process is -------------------------------------------------------------------------------------------------


def said_at_deployment() -> list[checks.CheckMessage]:
    found = checks.run_checks(tags=["database"], include_deployment_checks=True, databases=["default"])
    return [one for one in found if one.id == "config.W001"]


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("SELECT 1", "signs in as bops, which is a superuser"),
        ("CREATE ROLE one_of_them IN ROLE bops; SET LOCAL ROLE one_of_them", "as one_of_them, which owns the tables"),
    ],
)
def test_production_is_told_of_a_process_that_could_switch_the_guards_off(who, words, db, settings):
    settings.IS_PRODUCTION = True
    with as_owner() as cursor:
        cursor.execute(who)
        said = said_at_deployment()
    assert words in said[0].msg


def test_the_runtime_role_is_right_in_production_and_any_elsewhere(db, settings):
    with as_owner():
        assert said_at_deployment() == []
    settings.IS_PRODUCTION = True
    assert said_at_deployment() == []
