"""From bytes to a case: everything lands, nothing arrives twice, and what arrives is kept as it came."""

import hashlib
import json
import threading
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DataError, connection

from accounts.models import LocalAuthority
from cases.intake import receiving
from cases.intake.receiving import CannotBecomeACase, NotReadable, WrongAuthority, receive
from cases.models import CaseEvent, Document, Party, PlanningApplication, Submission
from cases.statuses import Origin, Status
from cases.timeline import broken_links
from tests.cases.payloads import as_bytes, changed, payload

EXAMPLES = sorted(
    f for kind in ("application", "preApplication") for f in Path("../shared/odp/examples", kind).glob("*.json")
)
SCHEMAS = Path("../shared/odp/schemas")
needs_schemas = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the published schemas are not beside this repository")


@pytest.fixture(autouse=True)
def _no_schemas(settings, tmp_path):
    settings.ODP_SCHEMA_DIR = tmp_path / "none"


def send(body, authority, **options):
    options = {"content_type": "application/json", "through": "test", **options}
    return receive(body if isinstance(body, bytes) else as_bytes(body), authority=authority, **options)


# --- Everything lands ----------------------------------------------------------------------


@pytest.fixture
def application(authority) -> PlanningApplication:
    return send(payload(), authority).application


def test_the_case_waits_to_be_validated(application, authority):
    application.refresh_from_db()
    assert application.status == Status.NOT_STARTED
    assert application.origin == Origin.SUBMITTED
    assert application.authority == authority
    assert application.reference == "26-00100-HAPP"
    assert application.published_at is None


def test_sent_after_hours_counts_from_the_next_working_day(application):
    # Friday 29 May 2026, 18:40.
    assert application.received_on == date(2026, 6, 1)
    assert application.submitted_at.isoformat() == "2026-05-29T17:40:00+00:00"


def test_the_councils_own_closing_time_counts(authority):
    authority.working_day_ends_at = "19:00"
    authority.save()
    authority.refresh_from_db()
    assert send(payload(), authority).application.received_on == date(2026, 5, 29)


def test_a_moment_to_come_is_no_moment(authority):
    application = send(changed("metadata/submittedAt", "2999-01-01T00:00:00Z"), authority).application
    assert application.received_on.year < 2999
    assert "has not come yet" in str(application.submissions.get().faults)


def test_facts_of_site_and_proposal(application):
    application.refresh_from_db()
    assert application.full_address == "40-42 Stansfield Road, Stoke-on-the-Water, HP9 2LX"
    assert (application.uprn, application.usrn, application.ward) == ("80482163", "35200844", "Beaconsfield")
    assert application.property_type == "Detached"
    assert application.boundary["type"] == "Polygon"
    assert application.site_area_sqm == pytest.approx(Decimal(924), rel=Decimal("0.01"))
    assert (application.latitude, application.longitude) == (Decimal("51.615400"), Decimal("-0.646400"))
    assert application.description == application.description_as_submitted
    assert "3.5 m²" in application.description
    assert application.project_types[0]["value"] == "extend.rear"
    assert application.proposal["extend"]["area"]["squareMetres"] == 24.5


def test_money_and_papers(application):
    application.refresh_from_db()
    assert (application.fee_calculated, application.fee_payable, application.fee_paid) == (
        Decimal("258.00"),
        Decimal("206.50"),
        Decimal("206.50"),
    )
    assert application.fee_details["reference"] == {"govPay": "pay-123"}
    assert application.fee_details["reduction"]["alternative"] is True
    assert application.ownership_certificate == "b"
    assert application.ownership["agriculturalTenants"] is False
    assert application.cil["result"] == "notLiable"
    assert application.declaration["accurate"] is True
    assert [answer["question"] for answer in application.answers] == ["What are you doing?", "Why?"]


def test_people(application):
    assert {(p.role, p.name) for p in application.parties.all()} == {
        ("applicant", "Ms Ada Wren"),
        ("agent", "Tom Finch"),
        ("owner", "Olive Owner"),
        ("site_contact", "Kit Key"),
    }
    owner = application.parties.get(role=Party.Role.OWNER)
    assert owner.notice_on == date(2026, 5, 20)


def test_constraints_that_touch_the_site_and_no_others(application):
    constraint = application.constraints.get()
    assert constraint.constraint_type.code == "designated.conservationArea"
    assert constraint.entities == [
        {"name": "Old Town", "description": "", "url": "https://www.planning.data.gov.uk/entity/1"}
    ]


def test_files_wait_to_be_fetched(application):
    plan, photo = application.documents.order_by("pk")
    assert plan.title == "Site plan - existing, Site plan - proposed"
    assert plan.types == ["sitePlan.existing", "sitePlan.proposed"]
    assert (plan.drawing_number, plan.description) == ("A-001", "As surveyed")
    assert plan.original_name == "site plan.pdf"
    assert plan.source_url == "https://api.editor.planx.uk/file/private/abcd1234/site%20plan.pdf"
    assert {plan.fetch_status, photo.fetch_status} == {Document.FetchStatus.WAITING}
    assert plan.public_status == "not_assessed"


def test_a_file_that_lies_nowhere_is_shown_as_such(authority):
    application = send(changed("files/0/name", "plan.pdf"), authority).application
    document = application.documents.get(original_name="plan.pdf")
    assert document.fetch_status == Document.FetchStatus.FAILED
    assert "upload it by hand" in document.fetch_error


def test_files_are_fetched_only_after_the_commit(authority, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as waiting:
        send(payload(), authority)
    assert Document.objects.filter(fetch_attempts=0).count() == 2
    for commit in waiting:
        commit()
    assert Document.objects.filter(fetch_attempts=1).count() == 2


def test_the_story_begins_with_its_receipt(application):
    events = list(application.events.exclude(kind="message_queued").order_by("sequence"))
    assert [event.kind for event in events] == ["received", "accept"]
    assert events[0].data["external_id"] == payload()["metadata"]["id"]
    assert events[1].to_status == Status.NOT_STARTED
    assert list(broken_links(application.pk)) == []


def test_a_parent_on_our_own_register_is_found(authority, make_application):
    parent = make_application("pp.full.householder")
    made = payload()
    made["data"]["application"]["planningApp"] = {
        "reference": parent.reference.lower().replace("-", "/"),
        "date": "2025-01-01",
        "localPlanningAuthority": "BKM",
    }
    assert send(made, authority).application.parent == parent


def test_an_older_name_of_a_type_is_known(authority):
    application = send(changed("data/application/type/value", "amendment.nonMaterial"), authority).application
    assert application.application_type.code == "nonMaterialAmendment"


def test_what_is_not_known_here_is_noted_on_the_submission(authority):
    made = changed("files/0/type/0/value", "crystalBall")
    made["data"]["property"]["planning"]["designations"][0]["value"] = "designated.fairyRing"
    application = send(made, authority).application
    paths = {fault["path"] for fault in application.submissions.get().faults}
    assert paths == {"/files/0/type", "/data/property/planning/designations/0/value"}
    assert application.constraints.count() == 0
    assert "crystalBall" not in str(application.submissions.get().faults)


# --- Kept as it came ----------------------------------------------------------------------


def test_kept_byte_for_byte(authority):
    body = json.dumps(payload(), indent=3).replace("Ada", "A\\u0064a").encode() + b"\n\n"
    submission = send(body, authority, content_type="application/json; charset=utf-8").application.submissions.get()
    submission.refresh_from_db()
    assert bytes(submission.body) == body
    assert submission.sha256 == hashlib.sha256(body).hexdigest()
    assert submission.outcome == Submission.Outcome.ACCEPTED
    assert submission.source == Submission.Source.ANY
    assert submission.schema_version == "v0.7.7/application"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"\xff\xfe no", NotReadable),
        (as_bytes(changed("data", None)), CannotBecomeACase),
        (as_bytes(changed("data/application/type/value", "flying.carpet")), CannotBecomeACase),
        (as_bytes(changed("metadata/organisation", "XYZ")), WrongAuthority),
    ],
)
def test_a_refused_one_is_kept_too_and_changes_no_case(authority, body, error):
    with pytest.raises(error):
        send(body, authority)
    submission = Submission.objects.get()
    assert bytes(submission.body) == body
    assert submission.outcome == Submission.Outcome.REFUSED
    assert submission.faults
    assert submission.authority == authority
    assert not PlanningApplication.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failure_in_the_middle_undoes_the_case_and_keeps_the_body(authority, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(receiving, "apply_step", fail)
    with pytest.raises(RuntimeError):
        send(payload(), authority)
    assert not PlanningApplication.objects.exists()
    assert not CaseEvent.objects.exists()
    assert Submission.objects.get().outcome == Submission.Outcome.REFUSED
    monkeypatch.undo()
    assert send(payload(), authority).created


@pytest.mark.django_db(transaction=True)
def test_what_the_database_cannot_hold_is_the_senders_fault(authority, monkeypatch):
    def fail(*args, **kwargs):
        raise DataError("value too long")

    monkeypatch.setattr(receiving, "apply_step", fail)
    with pytest.raises(CannotBecomeACase):
        send(payload(), authority)
    assert not PlanningApplication.objects.exists()
    assert Submission.objects.get().outcome == Submission.Outcome.REFUSED


# --- Once ----------------------------------------------------------------------


def test_the_same_again_answers_the_same_reference(authority):
    first = send(payload(), authority)
    again = send(payload(), authority)
    assert again.application == first.application
    assert not again.created
    assert Submission.objects.count() == 1
    assert Document.objects.count() == 2


def test_the_same_again_with_other_contents_is_kept_beside_the_first(authority):
    first = send(payload(), authority)
    again = send(changed("data/proposal/description", "Something quite different"), authority)
    assert again.application == first.application
    assert again.application.description == first.application.description
    kept = Submission.objects.order_by("pk").values_list("outcome", "application")
    assert list(kept) == [("accepted", first.application.pk), ("repeated", first.application.pk)]


def test_the_same_again_although_broken_by_now(authority):
    first = send(payload(), authority)
    assert send(changed("data", None), authority).application == first.application


def test_an_id_in_capitals_is_the_same_id(authority):
    first = send(payload(), authority)
    made = changed("metadata/id", payload()["metadata"]["id"].upper())
    assert send(made, authority).application == first.application


def test_two_councils_may_have_the_same_id(authority, other_authority):
    first = send(payload(), authority)
    second = send(changed("metadata/organisation", other_authority.code), other_authority)
    assert second.created
    assert second.application != first.application


@pytest.mark.django_db(transaction=True)
def test_arriving_at_once_still_makes_one_case(authority, settings):
    settings.SUBMISSION_FILE_HOSTS = []
    gate, results = threading.Barrier(6), []

    def one() -> None:
        try:
            gate.wait()
            results.append(send(payload(), LocalAuthority.objects.get(pk=authority.pk)))
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 6
    assert sum(result.created for result in results) == 1
    assert len({result.application.reference for result in results}) == 1
    assert PlanningApplication.objects.count() == 1
    assert Submission.objects.count() == 1


# --- Whose ----------------------------------------------------------------------


def test_without_an_authority_the_submission_says_whose_it_is(authority, other_authority):
    assert send(changed("metadata/organisation", "lbh"), None).application.authority == other_authority


def test_a_submission_for_nobody_here_is_kept_for_the_installation(authority):
    with pytest.raises(CannotBecomeACase):
        send(changed("metadata/organisation", "XYZ"), None)
    assert Submission.objects.get().authority is None


# --- Held against the published schema ----------------------------------------------------------------------


@needs_schemas
def test_our_own_payload_keeps_to_the_published_schema(authority, settings):
    settings.ODP_SCHEMA_DIR = SCHEMAS
    submission = send(payload(), authority).application.submissions.get()
    assert submission.schema_checked
    assert submission.faults == []


@needs_schemas
def test_a_schema_fault_stops_no_case_and_is_kept(authority, settings):
    settings.ODP_SCHEMA_DIR = SCHEMAS
    made = changed("data/property/address/secret", "Ada's secret")
    made["data"]["property"]["region"] = "Atlantis"
    submission = send(made, authority).application.submissions.get()
    faults = {fault["path"]: fault["reason"] for fault in submission.faults}
    assert "does not know" in faults["/data/property/address"]
    assert "/data/property/region" in faults
    assert "secret" not in str(list(faults.values()))
    assert "Atlantis" not in str(faults)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/v0.7.7/schemas/../../../../etc/passwd.json",
        "https://example.com/../v0.7.7/schemas/application.json/../../secret.json",
        "file:///etc/passwd",
        "v0.7.7",
    ],
)
def test_a_schema_address_leads_to_no_other_file(authority, settings, tmp_path, address):
    settings.ODP_SCHEMA_DIR = tmp_path
    assert not send(changed("metadata/schema", address), authority).application.submissions.get().schema_checked


def test_a_small_schema_of_our_own(authority, settings, tmp_path):
    (tmp_path / "v0.7.7").mkdir(parents=True)
    (tmp_path / "v0.7.7" / "application.json").write_text(
        '{"required": ["blessing"], "properties": {"files": {"maxItems": 1}}}'
    )
    settings.ODP_SCHEMA_DIR = tmp_path
    submission = send(payload(), authority).application.submissions.get()
    assert submission.schema_checked
    assert {(fault["path"], fault["reason"]) for fault in submission.faults} == {
        ("", "lacks “blessing”"),
        ("/files", "has too many items"),
    }


@pytest.mark.skipif(not EXAMPLES, reason="the published examples are not beside this repository")
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_published_examples_make_a_case_each_and_only_one(example, db, settings):
    settings.ODP_SCHEMA_DIR = SCHEMAS
    body = example.read_bytes()
    code = json.loads(body)["metadata"]["organisation"]
    LocalAuthority.objects.create(code=code, name=code, short_name=code)
    first = send(body, None)
    assert first.created
    assert first.application.submissions.get().schema_checked
    again = send(body, None)
    assert not again.created
    assert again.application.reference == first.application.reference
    assert PlanningApplication.objects.count() == 1


# --- The command ----------------------------------------------------------------------


def test_the_command_takes_files_in(authority, tmp_path, capsys):
    (tmp_path / "one.json").write_bytes(as_bytes(payload()))
    call_command("receive", str(tmp_path / "one.json"), "--authority", "bkm")
    call_command("receive", str(tmp_path / "one.json"))
    told = capsys.readouterr().out
    assert told.count("26-00100-HAPP") == 2
    assert "had arrived before" in told
    assert Submission.objects.get().received_through == "bin/manage receive"


def test_the_command_goes_on_after_a_refused_file_and_ends_in_error(authority, tmp_path, capsys):
    (tmp_path / "bad.json").write_bytes(as_bytes(changed("data/applicant", None)))
    (tmp_path / "good.json").write_bytes(as_bytes(payload()))
    with pytest.raises(CommandError, match="1 of 2 refused"):
        call_command("receive", str(tmp_path / "bad.json"), str(tmp_path / "good.json"))
    captured = capsys.readouterr()
    assert "/data/applicant is missing" in captured.err
    assert "26-00100-HAPP" in captured.out
