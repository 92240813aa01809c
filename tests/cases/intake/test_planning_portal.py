"""The Planning Portal: its notice, its ZIP and what becomes of them."""

import base64
import hashlib
import hmac
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ApiToken
from cases.intake import planning_portal
from cases.intake.incoming import CannotBecomeACase
from cases.intake.planning_portal import TAKING_IN, announce, take_in_delivery, try_again, upload
from cases.intake.portal import form as portal_form
from cases.intake.portal.document_kinds import types_of
from cases.intake.portal.package import open_package
from cases.intake.portal.scenarios import type_code
from cases.models import Document, Party, PlanningApplication, PortalDelivery, Submission
from cases.register.published import public_documents
from tests.cases import files
from tests.leases import falls_due

REAL = Path(__file__).resolve().parents[3].parent / "shared" / "planning-portal" / "PT-10079425.zip"
State = PortalDelivery.State
# A square of about twenty metres in metres of the National Grid, by the A40 near Beaconsfield.
GRID_SQUARE = [[493_000, 190_000], [493_020, 190_000], [493_020, 190_020], [493_000, 190_020], [493_000, 190_000]]


def form(**changes) -> dict:
    """A householder form as the Portal writes it, with what a test changes by block."""
    blocks = {
        "applicationHeader": {
            "dateSubmitted": "2026-06-03T09:30:00.123Z", "refNum": 10079425, "formattedRefNum": "PT-10079425",
            "applicationVersion": 1, "description": "Header words",
            "payment": {"amountDue": 258.0, "amountPaid": 258.0, "currency": "GBP"},
        },
        "applicationScenario": {"scenarioNumber": 1},
        "applicationData": {
            "siteLocation": {
                "bs7666Number": 6, "bs7666Suffix": "A", "bs7666Description": "Rose Cottage",
                "bs7666StreetDescription": "Mill Lane", "bs7666Town": "Beaconsfield", "bs7666PostCode": "HP9 2LX",
                "bs7666UniquePropertyReferenceNumber": 100080012345, "bs7666X": 493010, "bs7666Y": 190010,
            },
            "applicant": {
                "title": "Ms", "personGivenName": "Ada", "personFamilyName": "Byron", "orgName": "",
                "intAddressLine1": "1 High Street", "intAddressLine4": "Beaconsfield",
                "internationalPostCode": "HP9 1AA", "country": "United Kingdom", "isAgent": False,
                "telNationalNumber": 7700900123, "emailAddress": "ada@example.com",
            },
            "proposalDescription": {"descriptionText": "\nSingle storey rear extension", "proposalStarted": False},
            "siteArea": {"siteArea": 0.04, "areaUnit": "hectares"},
            "floodRisk": {"siteInFloodRiskArea": "No", "soakaway": True},
            "ownershipCertificates": {"certificateSelected": "CertificateA", "personFamilyName": "Byron"},
        },
        "documentList": [
            {"name": "Application Form", "fileName": "ApplicationForm.pdf", "documentType": "Application_Form"},
            {"name": "Application Form - Without Personal Data", "fileName": "ApplicationFormRedacted.pdf",
             "documentType": "Application_Form_Without_Personal_Data"},
            {"name": "Elevation (Front) - Existing", "fileName": "front.pdf", "description": "From the lane",
             "documentType": "Elevation_(Front)_-_Existing"},
        ],
        "polygon": {"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [GRID_SQUARE]}}
        ]},
    }  # fmt: skip
    for block, change in changes.items():
        blocks[block] = {**blocks[block], **change} if isinstance(change, dict) else change
    return blocks


def package(payload: dict | None = None, *, more: dict[str, bytes] | None = None, without: tuple = ()) -> bytes:
    entries = {
        "Application.json": json.dumps(payload or form()).encode(),
        "ApplicationForm.pdf": files.pdf(words="with telephone"),
        "ApplicationFormRedacted.pdf": files.pdf(words="without"),
        "front.pdf": files.pdf(words="front"),
        **(more or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in entries.items():
            if name not in without:
                archive.writestr(name, body)
    return out.getvalue()


def notice(url: str, **changes) -> bytes:
    said = {
        "applicationRef": "PT-10079425",
        "applicationVersion": 1,
        "applicationState": "Submitted",
        "sentDateTime": "2026-06-03T09:31:00.1234567Z",
        "updated": False,
        "documentLinks": [
            {
                "documentName": "PT-10079425.zip",
                "documentLink": url,
                "expiryDateTime": "2036-06-03T09:31:00Z",
                "documentType": "application/x-zip-compressed",
            }
        ],
    }
    return json.dumps(said | changes).encode()


@pytest.fixture
def delivered(authority, server):
    """Announce a ZIP that lies on the server, and do what the worker would."""

    def delivered(body: bytes, *, version: int = 1, path: str = "/PT.zip") -> PortalDelivery:
        server.answers[path] = (200, {}, body)
        found = announce(notice(server.url(path), applicationVersion=version), authority=authority, through="test")
        take_in_delivery.call(found.pk)
        found.refresh_from_db()
        return found

    return delivered


@pytest.fixture
def portal_token(authority) -> str:
    return ApiToken.create(authority=authority, name="Portal", scopes=[ApiToken.Scope.SUBMIT])[1]


def case_of(delivery: PortalDelivery) -> PlanningApplication:
    return delivery.submission.application


# --- From the ZIP to the case -------------------------------------------------------------------------------------


def test_a_case_is_made_of_the_form(delivered):
    delivery = delivered(package())
    assert (delivery.state, delivery.failed_because, delivery.due_at) == (State.TAKEN_IN, "", None)
    case = case_of(delivery)
    assert case.application_type.code == "pp.full.householder"
    assert case.description == "Single storey rear extension"
    assert (case.address, case.postcode) == ("Rose Cottage, 6A Mill Lane, Beaconsfield", "HP9 2LX")
    assert case.uprn == "100080012345"
    assert (case.received_on.isoformat(), case.fee_payable, case.fee_paid) == ("2026-06-03", 258, 258)
    assert case.ownership_certificate == "a"
    applicant = case.parties.get(role=Party.Role.APPLICANT)
    assert (applicant.last_name, applicant.email, applicant.phone) == ("Byron", "ada@example.com", "7700900123")
    assert applicant.address == "1 High Street\nBeaconsfield\nHP9 1AA"
    assert {"question": "Soakaway", "answer": "Yes"}.items() <= case.answers[-1].items()


def test_what_is_longer_than_can_be_kept_is_said_to_be_cut(delivered, monkeypatch):
    monkeypatch.setattr(portal_form, "MAX_ANSWERS", 2)
    long = {"materials": {"walls": "W" * 6_000, "roof": "Slate", "doors": "Oak"}}
    case = case_of(delivered(package(form(applicationData=long))))
    assert len(case.answers) == 2
    faults = {fault["path"]: fault["reason"] for fault in Submission.objects.get().faults}
    assert faults["/applicationData/materials"] == "was cut to 5,000 characters"
    assert "the first 2 were kept" in faults["/applicationData"]


def test_the_red_line_comes_from_the_national_grid(delivered):
    case = case_of(delivered(package()))
    west, south = case.boundary["coordinates"][0][0]
    assert (west, south) == (pytest.approx(-0.659, abs=0.002), pytest.approx(51.601, abs=0.002))
    assert float(case.site_area_sqm) == pytest.approx(400, rel=0.01)
    assert float(case.latitude) == pytest.approx(51.601, abs=0.002)


def test_the_zips_own_geojson_in_degrees_goes_before_the_forms(delivered):
    drawn = {"type": "Polygon", "coordinates": [[[-0.65, 51.6], [-0.649, 51.6], [-0.649, 51.601], [-0.65, 51.6]]]}
    case = case_of(delivered(package(more={"SiteLocationWGS84.geojson": json.dumps(drawn).encode()})))
    assert case.boundary["coordinates"][0][0] == [-0.65, 51.6]


def test_a_red_line_that_cannot_be_read_stops_nothing_and_is_noted(delivered):
    delivery = delivered(package(form(polygon={"type": "Polygon", "coordinates": "nowhere"})))
    assert case_of(delivery).boundary is None
    assert any("red line" in fault["reason"] for fault in delivery.submission.faults)


def test_the_form_without_personal_data_is_published_and_the_other_withheld(delivered):
    case = case_of(delivered(package()))
    assert [d.original_name for d in public_documents(case)] == ["ApplicationFormRedacted.pdf"]
    whole = case.documents.get(original_name="ApplicationForm.pdf")
    assert whole.public_status == "withhold"
    assert case.documents.get(original_name="ApplicationFormRedacted.pdf").redacted_from == whole


def test_documents_have_their_types_titles_and_files(delivered):
    front = case_of(delivered(package())).documents.get(original_name="front.pdf")
    assert front.types == ["elevations.existing"]
    assert (front.title, front.description) == ("Elevation (Front) - Existing", "From the lane")
    assert (front.fetch_status, front.public_status) == (Document.FetchStatus.HERE, "not_assessed")
    assert front.file.read() == files.pdf(words="front")


def test_without_the_json_the_xml_is_read(delivered):
    xml = """<?xml version="1.0"?><Proposal xmlns="urn:p" xmlns:c="urn:c" xmlns:a="urn:a" xmlns:b="urn:b">
      <ApplicationHeader><DateSubmitted>2026-06-03</DateSubmitted><FormattedRefNum>PT-10079425</FormattedRefNum>
        <Payment><c:AmountDue>258.00</c:AmountDue><c:AmountPaid>258.00</c:AmountPaid></Payment></ApplicationHeader>
      <FileAttachments><c:FileAttachment><c:FileName>front.pdf</c:FileName>
        <c:Reference>Elevation - Proposed</c:Reference></c:FileAttachment></FileAttachments>
      <Applicant><c:PersonName><a:PersonGivenName>Ada</a:PersonGivenName>
        <a:PersonFamilyName>Byron</a:PersonFamilyName></c:PersonName>
        <a:IntAddressLine>1 High Street</a:IntAddressLine><a:EmailAddress>ada@example.com</a:EmailAddress></Applicant>
      <SiteLocation><b:PAON><b:StartRange><b:Number>6</b:Number></b:StartRange></b:PAON>
        <b:StreetDescription>Mill Lane</b:StreetDescription><b:Town>Beaconsfield</b:Town>
        <b:PostCode>HP9 2LX</b:PostCode><b:X>493010</b:X><b:Y>190010</b:Y></SiteLocation>
      <ApplicationScenario><ScenarioNumber>1</ScenarioNumber></ApplicationScenario>
      <ApplicationData><ProposalDescription><c:DescriptionText>Porch</c:DescriptionText></ProposalDescription>
        <SiteArea AreaUnit="sq.metres">400</SiteArea></ApplicationData></Proposal>"""
    delivery = delivered(package(without=("Application.json",), more={"Application.xml": xml.encode()}))
    case = case_of(delivery)
    assert (case.description, case.address) == ("Porch", "6 Mill Lane, Beaconsfield")
    assert case.documents.get(original_name="front.pdf").types == ["elevations.proposed"]
    assert case.parties.get().last_name == "Byron"


def test_xml_with_entities_of_its_own_is_refused(delivered):
    xml = b'<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]><Proposal>&a;</Proposal>'
    delivery = delivered(package(without=("Application.json",), more={"Application.xml": xml}))
    assert delivery.state == State.FAILED
    assert not PlanningApplication.objects.exists()


@pytest.mark.skipif(not REAL.exists(), reason="the Planning Portal's example is not there")
@pytest.mark.parametrize("without", [(), ("Application.json",)])
def test_the_real_example_is_taken_in_and_again_changes_nothing(delivered, without):
    body = _real_zip(without)
    first = delivered(body)
    assert first.state == State.TAKEN_IN, first.failed_because
    case = case_of(first)
    assert case.application_type.code == "pp.full.minor"
    assert case.description == "Test DH 01_03_2023"
    assert (case.address, case.postcode) == ("Civic Centre, 6 Brixton Hill, London", "SW2 1EG")
    assert float(case.latitude) == pytest.approx(51.4597, abs=0.001)
    assert [d.title for d in public_documents(case)] == ["Application Form - Without Personal Data"]
    refused = case.documents.get(original_name="doc_Test_2.doc")
    assert (refused.types, refused.fetch_status) == (["locationPlan"], "failed")
    assert "old Office format" in refused.fetch_error
    before = _all_rows(case)
    again = delivered(body)
    assert again.pk == first.pk
    assert _all_rows(case) == before
    assert PlanningApplication.objects.count() == 1


def _real_zip(without: tuple) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(REAL) as real, zipfile.ZipFile(out, "w") as copy:
        for entry in real.infolist():
            if entry.filename not in without:
                copy.writestr(entry, real.read(entry))
    return out.getvalue()


def _all_rows(case: PlanningApplication) -> tuple:
    return (
        list(case.documents.order_by("pk").values()),
        list(case.events.values_list("hash")),
        list(case.parties.values()),
        Submission.objects.count(),
        PlanningApplication.objects.values().get(pk=case.pk),
    )


# --- Repeated, broken off, changed --------------------------------------------------------------------------------


def test_the_same_notice_twice_is_one_delivery_and_one_case(delivered):
    first, second = delivered(package()), delivered(package())
    assert first.pk == second.pk
    assert PlanningApplication.objects.count() == 1
    assert Document.objects.count() == 3


def test_a_task_that_died_after_the_case_was_made_is_taken_up_where_it_stopped(delivered, monkeypatch, authority):
    def dies(*args):
        raise KeyboardInterrupt  # what a worker sees that is told to go

    with monkeypatch.context() as broken:
        broken.setattr(planning_portal, "_put_documents_in_place", dies)
        with pytest.raises(KeyboardInterrupt):
            delivered(package())
    delivery = PortalDelivery.objects.get()
    assert case_of(delivery).documents.filter(fetch_status="waiting").count() == 3
    PortalDelivery.objects.update(due_at=timezone.now() - timedelta(hours=1))
    assert TAKING_IN.sweep() == 1
    take_in_delivery.call(delivery.pk)
    assert Document.objects.filter(fetch_status="here").count() == 3
    assert PlanningApplication.objects.count() == 1


def test_what_hindered_it_for_a_while_is_not_said_when_all_is_done(delivered, monkeypatch):
    def is_away(*args):
        raise OSError("the storage")

    with monkeypatch.context() as broken:
        broken.setattr(planning_portal, "_put_documents_in_place", is_away)
        delivery = delivered(package())
    assert "tried again" in delivery.failed_because
    falls_due(TAKING_IN, delivery)
    take_in_delivery.call(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.due_at, delivery.failed_because) == (State.TAKEN_IN, None, "")


def test_a_later_version_is_kept_and_its_files_wait_beside_the_first(delivered):
    case = case_of(delivered(package()))
    changed = form(applicationData={**form()["applicationData"], "proposalDescription": {"descriptionText": "Two"}})
    second = delivered(package(changed), version=2, path="/2.zip")
    case.refresh_from_db()
    assert case_of(second) == case
    assert case.description == "Single storey rear extension"
    assert case.submissions.filter(outcome="repeated").count() == 1
    assert case.documents.filter(revision="v2").exists()
    assert case.events.filter(kind="submitted_again").count() == 1
    assert not public_documents(case).filter(revision="v2").exists()


def test_a_later_version_with_the_same_form_brings_its_files_too(delivered):
    case = case_of(delivered(package()))
    second = delivered(package(more={"amended.pdf": files.pdf(words="amended")}), version=2, path="/2.zip")
    assert case_of(second) == case
    assert case.documents.get(original_name="amended.pdf").fetch_status == "here"


def contents(case: PlanningApplication) -> dict[str, dict[str, bytes]]:
    """Revision → name → bytes, of all documents of the case."""
    found: dict[str, dict[str, bytes]] = {}
    for document in case.documents.order_by("pk"):
        found.setdefault(document.revision, {})[document.original_name] = document.file.read()
    return found


def words(version: int) -> dict[str, bytes]:
    """The files of a version; their names are the same in each."""
    return {
        name: files.pdf(words=f"{name} of version {version}")
        for name in ("ApplicationForm.pdf", "ApplicationFormRedacted.pdf", "front.pdf")
    }


def test_a_later_version_leaves_the_files_alone_that_the_first_one_has_still_to_bring(delivered, monkeypatch):
    def dies(*args):
        raise KeyboardInterrupt  # what a worker sees that is told to go

    with monkeypatch.context() as broken:
        broken.setattr(planning_portal, "_put_documents_in_place", dies)
        with pytest.raises(KeyboardInterrupt):
            delivered(package(more=words(1)))
    first = PortalDelivery.objects.get()
    delivered(package(more=words(2)), version=2, path="/2.zip")
    falls_due(TAKING_IN, first)
    take_in_delivery.call(first.pk)
    case = case_of(first)
    assert contents(case) == {"": words(1), "v2": words(2)}
    for form_without in case.documents.filter(original_name="ApplicationFormRedacted.pdf"):
        assert form_without.redacted_from.revision == form_without.revision


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_form", [True, False])
def test_two_versions_at_the_same_moment_keep_their_files_apart(authority, server, monkeypatch, same_form):
    monkeypatch.setattr(planning_portal, "enqueue", lambda *args, **kwargs: None)  # the two threads are the workers
    put, both_have_made_the_case = planning_portal._put_documents_in_place, Barrier(2)

    def put_when_the_other_is_there(*args):
        both_have_made_the_case.wait(timeout=60)
        put(*args)

    monkeypatch.setattr(planning_portal, "_put_documents_in_place", put_when_the_other_is_there)
    payload = form() if same_form else form(applicationHeader={"description": "Other words"})
    for version, said in ((1, form()), (2, payload)):
        server.answers[f"/{version}.zip"] = (200, {}, package(said, more=words(version)))
    deliveries = [
        announce(
            notice(server.url(f"/{version}.zip"), applicationVersion=version), authority=authority, through="test"
        ).pk
        for version in (1, 2)
    ]
    start = Barrier(2)

    def work(pk: int) -> None:
        start.wait()
        try:
            take_in_delivery.call(pk)
        finally:
            connection.close()

    threads = [Thread(target=work, args=(pk,)) for pk in deliveries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(PortalDelivery.objects.values_list("state", "failed_because")) == {(State.TAKEN_IN, "")}
    case = PlanningApplication.objects.get()
    (second,) = case.events.filter(kind="submitted_again")
    later = second.data["version"]
    assert contents(case) == {"": words(3 - later), f"v{later}": words(later)}


def test_a_link_that_has_run_out_is_said_and_a_newer_notice_tries_again(delivered, authority, server):
    late = json.loads(notice(server.url("/PT.zip")))
    late["documentLinks"][0]["expiryDateTime"] = "2020-01-01T00:00:00Z"
    delivery = announce(json.dumps(late).encode(), authority=authority, through="test")
    take_in_delivery.call(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == State.FAILED
    assert "run out" in delivery.failed_because
    assert delivered(package()).state == State.TAKEN_IN


def test_a_server_that_is_away_is_asked_again_later(authority, server):
    server.answers["/PT.zip"] = (503, {}, b"")
    delivery = announce(notice(server.url("/PT.zip")), authority=authority, through="test")
    take_in_delivery.call(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == State.WAITING
    assert delivery.due_at > timezone.now()
    assert "tried again" in delivery.failed_because


def test_a_host_that_is_not_on_the_list_is_never_asked(authority, server, settings):
    settings.SUBMISSION_FILE_INNER_HOSTS = []
    delivery = announce(notice(server.url("/PT.zip")), authority=authority, through="test")
    take_in_delivery.call(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == State.FAILED
    assert server.asked == []


# --- What may not be opened -----------------------------------------------------------------------------------------


def test_an_unknown_kind_of_application_fails_in_words_and_the_zip_is_kept(delivered):
    delivery = delivered(package(form(applicationScenario={"scenarioNumber": 999})))
    assert delivery.state == State.FAILED
    assert "not a kind of application that is known here" in delivery.failed_because
    assert delivery.package
    assert not PlanningApplication.objects.exists()


def test_a_type_that_is_not_taken_in_keeps_the_refused_form(delivered):
    delivery = delivered(package(form(applicationScenario={"scenarioNumber": 23})))
    assert delivery.state == State.FAILED
    assert Submission.objects.filter(outcome="refused", source="planning_portal").count() == 1


@pytest.mark.parametrize("body", [b"", b"not a zip", files.pdf(), package()[:-40]])
def test_what_is_no_zip_fails_in_words(delivered, body):
    delivery = delivered(body)
    assert delivery.state == State.FAILED
    assert "ZIP" in delivery.failed_because


def test_an_entry_that_would_unpack_to_far_more_is_left_out_and_said(delivered):
    delivery = delivered(package(more={"bomb.pdf": b"%PDF-" + b"0" * 30_000_000}))
    assert delivery.state == State.TAKEN_IN
    assert delivery.notes == [{"path": "/bomb.pdf", "reason": "would unpack to far more than it is; it was left out"}]
    assert not Document.objects.filter(original_name="bomb.pdf").exists()


def test_names_that_climb_out_of_the_zip_are_only_names(delivered):
    delivery = delivered(package(more={"../../etc/cron.d/evil.pdf": files.pdf(words="evil")}))
    document = case_of(delivery).documents.get(original_name="evil.pdf")
    assert document.file.name.startswith(f"{document.application_id}/")


def test_an_executable_among_the_files_is_refused_alone(delivered):
    case = case_of(delivered(package(more={"plan.pdf": b"MZ" + bytes(range(256)) * 10})))
    assert case.documents.get(original_name="plan.pdf").fetch_status == "failed"
    assert case.documents.get(original_name="front.pdf").fetch_status == "here"


def test_refusing_a_file_locks_the_case_before_the_document(delivered):
    """As officers' verbs do: else the two wait for each other, and PostgreSQL ends one of them."""
    document = case_of(delivered(package())).documents.first()
    with CaptureQueriesContext(connection) as asked:
        planning_portal._refuse(document, "The file is damaged.")
    locking = [query["sql"] for query in asked if query["sql"].startswith("UPDATE") or "FOR UPDATE" in query["sql"]]
    assert 'FROM "cases_planningapplication"' in locking[0]


def locked(body: bytes, name: str) -> bytes:
    """The ZIP with one entry that says it wants a password."""
    changed = bytearray(body)
    for begins, flags, length in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        at = body.index(begins)
        while body[at + length : at + length + len(name)] != name.encode():
            at = body.index(begins, at + 4)
        changed[at + flags] |= 1
    return bytes(changed)


def test_a_document_with_a_password_is_refused_alone(delivered):
    case = case_of(delivered(locked(package(), "ApplicationForm.pdf")))
    kept = dict(case.documents.values_list("original_name", "fetch_status"))
    assert kept == {"ApplicationForm.pdf": "failed", "ApplicationFormRedacted.pdf": "here", "front.pdf": "here"}


def test_a_form_that_is_damaged_in_the_zip_is_said(delivered):
    body = bytearray(package())
    begin = body.index(b"Application.json") + len(b"Application.json")
    body[begin : begin + 40] = b"\xff" * 40
    delivery = delivered(bytes(body))
    assert (delivery.state, delivery.due_at) == (State.FAILED, None)
    assert "ZIP" in delivery.failed_because


def test_a_fault_of_ours_is_not_tried_for_ever(delivered, monkeypatch):
    def is_wrong(package):
        raise KeyError("nobody thought of it")

    monkeypatch.setattr(planning_portal, "read_package", is_wrong)
    delivery = delivered(package())
    assert delivery.state == State.WAITING
    assert "fault of this system" in delivery.failed_because
    PortalDelivery.objects.update(attempts=len(TAKING_IN.waits), due_at=timezone.now())
    take_in_delivery.call(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.due_at) == (State.FAILED, None)


def test_too_many_entries_are_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(1_001):
            archive.writestr(f"{number}.txt", "x")
    with pytest.raises(CannotBecomeACase), open_package(out):
        pass


# --- Doors ----------------------------------------------------------------------------------------------------------


def test_a_notice_by_bearer_token(client, portal_token, server):
    server.answers["/PT.zip"] = (200, {}, package())
    response = client.post(
        "/api/v2/submissions?schema=planning-portal",
        notice(server.url("/PT.zip")),
        content_type="application/json",
        headers={"Authorization": f"Bearer {portal_token}"},
    )
    assert response.status_code == 200
    assert set(response.json()) == {"uuid", "message"}
    assert "PT-10079425" in response.json()["message"]
    assert PortalDelivery.objects.count() == 1


SIGNED_TO = "/api/v2/submissions/BKM?schema=planning-portal"


def signed(timestamp: str, secret: str = "shared secret") -> dict[str, str]:
    digest = hmac.digest(secret.encode(), f"bops|client-7|{timestamp}".encode(), hashlib.sha256)
    return {"Authorization": base64.b64encode(digest).decode(), "tq-timestamp": timestamp}


@pytest.fixture
def _shared_secret(settings):
    settings.PLANNING_PORTAL_SECRETS = {"BKM": "shared secret"}
    settings.PLANNING_PORTAL_PRODUCT_ID, settings.PLANNING_PORTAL_CLIENT_ID = "bops", "client-7"


@pytest.mark.usefixtures("_shared_secret")
def test_a_notice_with_the_portals_signature(client, authority, server):
    now = timezone.now().isoformat()
    response = client.post(
        SIGNED_TO, notice(server.url("/PT.zip")), content_type="application/json", headers=signed(now)
    )
    assert response.status_code == 200
    assert PortalDelivery.objects.get().authority == authority


@pytest.mark.usefixtures("_shared_secret", "authority")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "", "tq-timestamp": ""},
        signed("2026-01-01T00:00:00Z"),
        signed("not a moment"),
        signed(timezone.now().isoformat(), secret="another"),
        {**signed(timezone.now().isoformat()), "tq-timestamp": (timezone.now() + timedelta(seconds=1)).isoformat()},
        {**signed(timezone.now().isoformat()), "Authorization": "ü"},
    ],
)
def test_a_wrong_old_or_missing_signature_is_refused(client, headers, server):
    response = client.post(SIGNED_TO, notice(server.url("/PT.zip")), content_type="application/json", headers=headers)
    assert response.status_code == 401
    assert not PortalDelivery.objects.exists()


def test_without_a_shared_secret_the_door_is_shut(client, authority, settings, server):
    settings.PLANNING_PORTAL_SECRETS = {}
    now = timezone.now().isoformat()
    response = client.post(
        SIGNED_TO, notice(server.url("/PT.zip")), content_type="application/json", headers=signed(now, secret="")
    )
    assert response.status_code == 401


def test_a_signature_opens_the_door_of_no_other_council(client, authority, other_authority, settings, server):
    settings.PLANNING_PORTAL_SECRETS = {"BKM": "shared secret", other_authority.code: "theirs"}
    settings.PLANNING_PORTAL_PRODUCT_ID, settings.PLANNING_PORTAL_CLIENT_ID = "bops", "client-7"
    response = client.post(
        f"/api/v2/submissions/{other_authority.code}?schema=planning-portal",
        notice(server.url("/PT.zip")),
        content_type="application/json",
        headers=signed(timezone.now().isoformat()),
    )
    assert response.status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"[]",
        b"{}",
        b'{"applicationRef":"PT-1","documentLinks":[]}',
        notice("ftp://x/PT.zip"),
        notice("https://x.example/PT.zip", applicationState="Withdrawn"),
        notice("https://x.example/PT.zip", applicationVersion=10**12),
    ],
)
def test_a_notice_that_cannot_be_used_is_refused_in_words_and_kept(client, portal_token, body):
    response = client.post(
        "/api/v2/submissions?schema=planning-portal",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {portal_token}"},
    )
    assert response.status_code in {400, 422}
    assert response.json()["faults"]
    assert bytes(Submission.objects.get().body) == body
    assert not PortalDelivery.objects.exists()


# --- Uploading ------------------------------------------------------------------------------------------------------


def test_an_officer_uploads_a_zip(client, support_officer, authority):
    client.force_login(support_officer)
    page = client.get("/admin/cases/planning-portal/")
    assert "has sent nothing yet" in page.content.decode()
    body = package()  # once: a ZIP holds the time of day
    file = io.BytesIO(body)
    file.name = "PT-10079425.zip"
    response = client.post("/admin/cases/planning-portal/", {"package": file})
    assert response.status_code == 302
    take_in_delivery.call(PortalDelivery.objects.get().pk)
    delivery = PortalDelivery.objects.get()
    assert delivery.state == State.TAKEN_IN
    listed = client.get("/admin/cases/planning-portal/").content.decode()
    assert case_of(delivery).reference in listed
    zipped = client.get(f"/admin/cases/planning-portal/{delivery.pk}/zip/")
    assert b"".join(zipped.streaming_content) == body
    assert "attachment" in zipped.headers["Content-Disposition"]


def test_the_same_zip_uploaded_twice_is_one_delivery(support_officer, authority):
    body = package()  # once: a ZIP holds the time of day
    first = upload(io.BytesIO(body), authority=authority, by=support_officer)
    second = upload(io.BytesIO(body), authority=authority, by=support_officer)
    assert first == second


def test_another_file_is_refused_in_words_and_nothing_is_kept(support_officer, authority):
    with pytest.raises(ValidationError, match="not a ZIP"):
        upload(io.BytesIO(files.pdf()), authority=authority, by=support_officer)
    assert not PortalDelivery.objects.exists()


def test_neither_a_reader_nor_another_council_may(reader, other_officer, authority, client, delivered):
    delivery = delivered(b"nothing")
    for user in (reader, other_officer):
        with pytest.raises(PermissionDenied):
            upload(io.BytesIO(package()), authority=authority, by=user)
        with pytest.raises(PermissionDenied):
            try_again(delivery, by=user)
        client.force_login(user)
        assert client.get(f"/admin/cases/planning-portal/{delivery.pk}/zip/").status_code in {302, 403, 404}
        assert "PT-10079425" not in client.get("/admin/cases/planning-portal/").content.decode()


def test_a_failed_delivery_is_taken_up_again(client, support_officer, delivered, server):
    delivery = delivered(b"nothing")
    delivery.package.delete(save=True)
    server.answers["/PT.zip"] = (200, {}, package())
    client.force_login(support_officer)
    assert client.post(f"/admin/cases/planning-portal/{delivery.pk}/again/").status_code == 302
    take_in_delivery.call(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == State.TAKEN_IN


# --- Kinds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "facts", "code"),
    [
        (1, {}, "pp.full.householder"),
        (4, {}, "pp.full.minor"),
        (4, {"site_sqm": 9_999}, "pp.full.minor"),
        (4, {"site_sqm": 10_000}, "pp.full.major"),
        (4, {"floor_sqm": 1_000}, "pp.full.major"),
        (4, {"dwellings": 9}, "pp.full.minor"),
        (4, {"dwellings": 10}, "pp.full.major"),
        (16, {"site_sqm": 50_000}, "pa.part6.classA"),
        (19, {"site_sqm": 49_999}, "pa.part6.classB"),
        (31, {"is_protected_tree": True}, "wtt.consent"),
        (31, {}, "wtt.notice"),
        (15, {}, "ldc.proposed"),
        (999, {}, ""),
    ],
)
def test_the_forms_number_tells_the_type(number, facts, code):
    usual = {"site_sqm": None, "floor_sqm": None, "dwellings": 0, "is_protected_tree": False}
    assert type_code(number, **{**usual, **facts}) == code


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("The_location_plan", "locationPlan"),
        ("Elevation_(Front)_-_Existing", "elevations.existing"),
        ("Floor plan - Proposed", "floorPlan.proposed"),
        ("Block plan", "sitePlan.proposed"),
        ("Detail_Drawing", "otherDrawing"),
        ("Heritage Statement", "heritageStatement"),
        ("Something else", "otherDocument"),
    ],
)
def test_the_portals_kinds_of_documents_are_ours(kind, code):
    assert types_of(kind) == [code]
