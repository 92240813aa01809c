"""Documents: what is accepted, where it goes, who gets at it, and what the public may see."""

import io
from datetime import date
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.http import Http404
from django.urls import reverse

from accounts.roles import ADMINISTRATOR, READER
from cases.documents.adding import add_document, supply_file
from cases.documents.describing import change_document, supersede
from cases.documents.fetching import retry_fetch
from cases.documents.publishing import set_public_status
from cases.documents.redacted_copies import add_redacted_copy
from cases.documents.serving import file_response, readable_name, thumbnail_response
from cases.files.reader.pictures import MAX_PIXELS
from cases.files.types import UnacceptableFile, inspect
from cases.models import Document, Recommendation
from cases.statuses import PublicStatus, Status
from tests.cases import files, hostile


def on_disk(settings) -> list[Path]:
    root = Path(settings.STORAGES["case_documents"]["OPTIONS"]["location"])
    return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder")


@pytest.fixture
def add(application, officer):
    def add(content: bytes | None = None, *, name: str = "Site_plan.pdf", **fields) -> Document:
        return add_document(application, file=io.BytesIO(content or files.pdf()), name=name, by=officer, **fields)

    return add


def kinds(application) -> list[str]:
    """What happened to its documents, in order."""
    events = application.events.filter(kind__startswith="document").order_by("sequence")
    return list(events.values_list("kind", flat=True))


# --- What is accepted ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "mime_type"),
    [
        (files.pdf(), "plan.exe", "application/pdf"),
        (b"\r\n\x00junk" + files.pdf(), "plan.pdf", "application/pdf"),
        (files.image("PNG"), "x", "image/png"),
        (files.image("JPEG"), "x.pdf", "image/jpeg"),
        (files.image("TIFF"), "x", "image/tiff"),
        (files.image("GIF"), "x", "image/gif"),
        (files.image("WEBP"), "x", "image/webp"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(100), "x", "image/heic"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><!-- <html> --><svg:svg xmlns:svg='x'/>", "x", "image/svg+xml"),
        (files.docx(), "x.zip", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (files.xlsx(), "x", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (
            files.office("content.xml", mark="application/vnd.oasis.opendocument.text"),
            "x.odt",
            "application/vnd.oasis.opendocument.text",
        ),
        ("Höhe der Dachkante über Grund, 3 m²\n".encode(), "table.csv", "text/csv"),
        ("Höhe der Dachkante über Grund 3 m²\n".encode("cp1252"), "words.txt", "text/plain"),
    ],
)
def test_the_contents_say_what_a_file_is(content, name, mime_type):
    found = inspect(io.BytesIO(content), name=name)
    assert found.mime_type == mime_type
    assert found.size == len(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"MZ\x90\x00\x03\x00\x00\x00\x04" + bytes(200), "not accepted"),
        (b"\x7fELF\x02\x01\x01" + bytes(200), "not accepted"),
        (b"<?xml version='1.0'?><html><svg/></html>", "Web pages"),
        (b"\xef\xbb\xbf  <!DOCTYPE html><p>Hello", "Web pages"),
        (b"Hello <script>alert(1)</script>", "Web pages"),
        (b"#!/bin/sh\nrm -rf /\n", "programs"),
        (files.office("anything.txt"), "ZIP"),
        (files.office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "macros"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Office"),
    ],
)
def test_what_is_not_accepted_is_told_why(content, words):
    with pytest.raises(UnacceptableFile, match=words):
        inspect(io.BytesIO(content), name="plan.pdf")


def test_too_large(settings):
    settings.MAX_DOCUMENT_BYTES = 1024 * 1024
    with pytest.raises(UnacceptableFile, match="larger than 1 MB"):
        inspect(io.BytesIO(files.pdf() + bytes(1024 * 1024)), name="plan.pdf")


# --- Adding ----------------------------------------------------------------------


def test_an_added_document(add, application, settings):
    document = add(types=["sitePlan.proposed"], drawing_number="001", revision="A", received_on=date(2026, 6, 2))
    assert document.title == "Site plan"
    assert document.fetch_status == Document.FetchStatus.HERE
    assert document.public_status == PublicStatus.NOT_ASSESSED
    assert not document.is_public
    assert len(document.sha256) == 64
    assert "Site" not in document.file.name
    assert document.file.name.startswith(f"{application.pk}/")
    assert document.file.read() == files.pdf()
    assert len(on_disk(settings)) == 1
    assert kinds(application) == ["document_added"]


def test_django_uploads_are_files_too(application, officer):
    upload = SimpleUploadedFile("photo.jpg", files.image("JPEG"), content_type="text/html")
    document = add_document(application, file=upload, name=upload.name, by=officer)
    assert document.mime_type == "image/jpeg"
    assert document.file.name.endswith(".jpg")


def test_the_same_file_twice_is_told_and_not_doubled(add, application, settings):
    add(title="Elevations")
    with pytest.raises(UnacceptableFile, match="“Elevations”"):
        add(name="again.pdf")
    assert application.documents.count() == 1
    assert len(on_disk(settings)) == 1


def test_another_case_may_have_the_same_file(add, make_application, officer):
    add()
    other = make_application("pp.full.householder")
    assert add_document(other, file=io.BytesIO(files.pdf()), name="x.pdf", by=officer).pk


def test_an_unknown_kind_of_document(add, settings):
    with pytest.raises(ValidationError):
        add(types=["crystalBall"])
    assert on_disk(settings) == []


def test_when_the_transaction_fails_the_file_goes_too(add, monkeypatch, settings):
    def fail(*args, **kwargs):
        raise IntegrityError("no")

    monkeypatch.setattr("cases.documents.storing.record", fail)
    with pytest.raises(IntegrityError):
        add()
    assert on_disk(settings) == []
    assert not Document.objects.exists()


def test_who_may_not_add(application, other_officer, make_user, authority, settings):
    for user in (other_officer, make_user("reader", READER, authority=authority)):
        with pytest.raises(PermissionDenied):
            add_document(application, file=io.BytesIO(files.pdf()), name="x.pdf", by=user)
    assert on_disk(settings) == []


def test_nothing_is_added_to_a_case_that_has_ended(make_application, officer):
    ended = make_application("pp.full.householder", status=Status.WITHDRAWN)
    with pytest.raises(PermissionDenied):
        add_document(ended, file=io.BytesIO(files.pdf()), name="x.pdf", by=officer)


# --- Pictures ----------------------------------------------------------------------


def test_a_picture_and_the_pages_of_a_pdf(add, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        document = add(files.pdf(pages=3))
    document.refresh_from_db()
    assert document.page_count == 3
    response = thumbnail_response(document)
    assert response.headers["Content-Type"] == "image/jpeg"
    assert b"".join(response.streaming_content)[:3] == b"\xff\xd8\xff"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "GIF", "WEBP"])
def test_pictures_of_pictures(add, django_capture_on_commit_callbacks, kind):
    with django_capture_on_commit_callbacks(execute=True):
        document = add(files.image(kind, size=(900, 300)))
    document.refresh_from_db()
    assert document.thumbnail
    assert document.page_count == 1


def test_a_picture_of_very_many_pixels_is_left_alone(add, django_capture_on_commit_callbacks):
    # A PNG that says it is enormous; its few bytes would unpack to gigabytes.
    side = 50_000
    assert side * side > MAX_PIXELS
    with django_capture_on_commit_callbacks(execute=True):
        document = add(hostile.png_bomb(side))
    document.refresh_from_db()
    assert not document.thumbnail


# --- Describing, publishing, replacing ----------------------------------------------------------------------


def test_a_change_tells_what_was_and_what_is(add, application, officer):
    document = add()
    change_document(document, by=officer, title="Block plan", types=["sitePlan.existing"])
    assert document.title == "Block plan"
    event = application.events.last()
    assert event.data["before"] == {"title": "Site plan", "types": []}
    assert event.data["after"] == {"title": "Block plan", "types": ["sitePlan.existing"]}


def test_no_change_is_no_event(add, application, officer):
    document = add()
    change_document(document, by=officer, title="Site plan")
    assert kinds(application) == ["document_added"]


def test_the_file_and_its_publication_are_not_changed_in_passing(add, officer):
    with pytest.raises(TypeError):
        change_document(add(), by=officer, public_status="publish")


def test_documents_are_not_changed_while_the_decision_is_awaited(make_application, officer, manager):
    application = make_application(
        "pp.full.householder", status=Status.AWAITING_DETERMINATION, recommended="granted", recommended_by=officer
    )
    assert Recommendation.objects.exists()
    document = add_document(application, file=io.BytesIO(files.pdf()), name="late.pdf", by=officer)
    with pytest.raises(PermissionDenied):
        change_document(document, by=officer, is_approved_plan=True)


def test_publishing_and_withholding(add, application, officer):
    plan, photo = add(), add(files.image(), name="photo.png")
    files.looked_through(plan, photo)
    set_public_status([plan, photo], status="publish", by=officer)
    assert plan.is_public
    assert photo.is_public
    with pytest.raises(ValidationError):
        set_public_status([photo], status="withhold", because="  ", by=officer)
    set_public_status([photo], status="withhold", because="Shows a child.", by=officer)
    assert not photo.is_public
    assert Document.objects.public().get() == plan
    assert kinds(application).count("documents_published") == 2


def test_what_is_not_here_is_not_published(application, officer):
    waiting = Document.objects.create(
        application=application, title="Plan", received_on=date(2026, 6, 1), fetch_status="waiting"
    )
    with pytest.raises(ValidationError, match="no file"):
        set_public_status([waiting], status="publish", by=officer)


def test_documents_of_another_council_are_not_published(add, other_officer):
    document = add()
    with pytest.raises(PermissionDenied):
        set_public_status([document], status="publish", by=other_officer)
    document.refresh_from_db()
    assert not document.is_public


def test_a_newer_drawing_takes_the_place_of_an_older_one(add, officer):
    older, newer = add(), add(files.pdf(words="New"))
    change_document(older, by=officer, is_approved_plan=True)
    supersede(older, with_document=newer, by=officer)
    assert not older.is_current
    assert not older.is_approved_plan
    assert list(Document.objects.current()) == [newer]


def test_drawings_do_not_replace_each_other_in_a_circle(add, officer):
    first, second = add(), add(files.pdf(words="New"))
    supersede(first, with_document=second, by=officer)
    for older, newer in [(second, first), (first, second), (second, second)]:
        with pytest.raises(ValidationError):
            supersede(older, with_document=newer, by=officer)


def test_a_document_of_another_case_replaces_nothing(add, make_application, officer):
    other = make_application("pp.full.householder")
    stranger = add_document(other, file=io.BytesIO(files.pdf()), name="x.pdf", by=officer)
    with pytest.raises(ValidationError):
        supersede(add(), with_document=stranger, by=officer)


def test_a_redacted_copy_is_a_row_of_its_own_and_the_original_is_withheld(add, officer):
    original = add(types=["utilityBill"])
    files.looked_through(original)
    set_public_status([original], status="publish", by=officer)
    copy = add_redacted_copy(original, file=io.BytesIO(files.pdf(words="Black")), name="bill.pdf", by=officer)
    assert copy.redacted_from == original
    assert copy.types == ["utilityBill"]
    assert copy.public_status == PublicStatus.NOT_ASSESSED
    original.refresh_from_db()
    assert original.public_status == PublicStatus.WITHHOLD


def test_an_original_is_not_published_beside_its_redacted_copy(add, officer):
    original = add()
    copy = add_redacted_copy(original, file=io.BytesIO(files.pdf(words="Black")), name="bill.pdf", by=officer)
    files.looked_through(copy, original)
    with pytest.raises(ValidationError, match="redacted copy"):
        set_public_status([copy, original], status="publish", by=officer)
    original.refresh_from_db()
    assert original.public_status == PublicStatus.WITHHOLD
    # A copy made by mistake is withheld first.
    set_public_status([copy], status="withhold", because="Nothing had to be redacted.", by=officer)
    set_public_status([original], status="publish", by=officer)


def test_a_refused_replacement_leaves_no_file_behind(add, officer, settings, client):
    old, newer = add(), add(files.pdf(words="New"))
    supersede(old, with_document=newer, by=officer)
    before = on_disk(settings)
    client.force_login(officer)
    file = SimpleUploadedFile("late.pdf", files.pdf(words="Late"))
    fields = {f"replace-{old.pk}-file": file, f"replace-{old.pk}-received_on": "2026-06-05"}
    address = reverse("case_task", args=[old.application_id, "check_documents"])
    answer = client.post(address, {"action": "replace", "row": old.pk, **fields})
    assert answer.status_code == 422
    assert "replaced already" in answer.content.decode()
    assert on_disk(settings) == before


# --- Files that did not come ----------------------------------------------------------------------


@pytest.fixture
def failed(application) -> Document:
    return Document.objects.create(
        application=application,
        title="Plan",
        received_on=date(2026, 6, 1),
        fetch_status="failed",
        fetch_error="The server did not answer.",
        source_url="https://files.example/plan.pdf",
        original_name="plan.pdf",
    )


def test_a_file_that_did_not_come_is_uploaded_by_hand(failed, officer, application):
    supply_file(failed, file=io.BytesIO(files.pdf()), name="by hand.pdf", by=officer)
    assert failed.fetch_status == Document.FetchStatus.HERE
    assert failed.fetch_error == ""
    assert failed.original_name == "by hand.pdf"
    assert application.documents.count() == 1
    with pytest.raises(UnacceptableFile):
        supply_file(failed, file=io.BytesIO(files.pdf(words="Other")), name="x.pdf", by=officer)


def test_fetching_is_tried_again(failed, officer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as waiting:
        retry_fetch(failed, by=officer)
    assert failed.fetch_status == Document.FetchStatus.WAITING
    assert failed.fetch_error == ""
    assert len(waiting) == 1


def test_what_lies_nowhere_cannot_be_fetched_again(failed, officer):
    failed.source_url = ""
    with pytest.raises(ValidationError):
        retry_fetch(failed, by=officer)


# --- The way out ----------------------------------------------------------------------


def test_a_pdf_is_shown_and_guarded(add):
    document = add(title='Plan "A"; ../x\r\nSet-Cookie: a=b')
    files.looked_through(document)
    response = file_response(document, inline=True)
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("inline; filename=")
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert b"".join(response.streaming_content) == files.pdf()


@pytest.mark.parametrize("content", [files.docx(), b"words, words and more words", files.image("TIFF")])
def test_what_a_browser_should_not_show_is_a_download(add, content):
    response = file_response(add(content, name="x.csv"), inline=True)
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response.headers["Content-Security-Policy"]


def test_the_name_of_a_download_can_be_read(add):
    document = add(title="Site plan: existing/proposed", drawing_number="001", revision="B")
    assert readable_name(document) == f"{document.application.reference} Site plan- existing-proposed 001 B.pdf"


def test_a_harmful_file_does_not_leave(add):
    document = add()
    document.scan_status = Document.ScanStatus.INFECTED
    with pytest.raises(Http404):
        file_response(document, inline=True)


def test_from_s3_the_reader_is_sent_on_by_a_link_of_five_minutes(add, monkeypatch):
    document = add()
    asked = {}

    class Bucket:
        bucket_name = "case-documents"

        def url(self, name, parameters=None, expire=None):
            asked.update(name=name, expire=expire, **parameters)
            return "https://bucket.example/signed"

    monkeypatch.setattr(document.file, "storage", Bucket())
    response = file_response(document, inline=False)
    assert response.status_code == 302
    assert response.headers["Location"] == "https://bucket.example/signed"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert asked["expire"] == 300
    assert asked["ResponseContentType"] == "application/pdf"
    assert asked["ResponseContentDisposition"].startswith("attachment")


# --- Who gets at it ----------------------------------------------------------------------


def test_officers_open_documents_of_their_own_council(client, add, officer, other_officer):
    document = add()
    address = reverse("case_document", args=[document.pk])
    client.force_login(officer)
    assert b"".join(client.get(address).streaming_content) == files.pdf()
    assert client.get(address + "?download").headers["Content-Disposition"].startswith("attachment")
    client.force_login(other_officer)
    assert client.get(address).status_code == 404
    assert client.get(reverse("case_thumbnail", args=[document.pk])).status_code == 404


def test_nobody_opens_documents_without_signing_in(client, add):
    response = client.get(reverse("case_document", args=[add().pk]))
    assert response.status_code == 302
    assert "login" in response.headers["Location"]


def test_an_administrator_does_no_casework_and_opens_no_documents(client, add, make_user, authority):
    client.force_login(make_user("boss", ADMINISTRATOR, authority=authority))
    assert client.get(reverse("case_document", args=[add().pk])).status_code in (302, 403, 404)


def test_evidence_about_people_is_for_those_who_may_see_personal_data(client, add, reader, officer):
    bill, plan = add(types=["utilityBill"]), add(files.pdf(words="Plan B"), types=["sitePlan.proposed"])
    client.force_login(reader)
    assert client.get(reverse("case_document", args=[plan.pk])).status_code == 200
    assert client.get(reverse("case_document", args=[bill.pk])).status_code in (302, 403, 404)
    files.looked_through(bill)
    set_public_status([bill], status="publish", by=officer)
    assert client.get(reverse("case_document", args=[bill.pk])).status_code == 200


def test_a_picture_of_the_first_page(client, add, officer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        document = add()
    client.force_login(officer)
    response = client.get(reverse("case_thumbnail", args=[document.pk]))
    assert response.headers["Content-Type"] == "image/jpeg"
