"""A file that does not open is refused at every door; what comes with a submission is kept, marked, never published."""

import io
from datetime import date

import pypdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from cases.documents.adding import add_document, supply_file
from cases.documents.describing import replace_document
from cases.documents.fetching import fetch_document
from cases.documents.preparing.task import prepare_document
from cases.documents.publishing import set_public_status
from cases.documents.redacted_copies import add_redacted_copy
from cases.files.types import UnacceptableFile
from cases.intake.register_csv.documents import import_documents
from cases.models import AnswerFile, Document
from cases.requests.answers.files import add_answer_file
from cases.statuses import Origin, PublicStatus
from tests.cases import files, private_files
from tests.cases.asking import ask, link_of

pytestmark = pytest.mark.django_db

JUNK = b"%PDF-1.7\n" + bytes(range(256)) * 8
BOMB = b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg"><text>&b;</text></svg>'


def noise(kind: str) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((300, 300), 90).convert("RGB").save(out, kind)
    return out.getvalue()


def locked() -> bytes:
    writer, out = pypdf.PdfWriter(io.BytesIO(files.pdf())), io.BytesIO()
    writer.encrypt(user_password="secret", algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def without_pages() -> bytes:
    writer, out = pypdf.PdfWriter(), io.BytesIO()
    writer.write(out)
    return out.getvalue()


CLOSED = {
    "a PDF in name only": ("plan.pdf", JUNK, "damaged"),
    "five bytes that call themselves a PDF": ("plan.pdf", b"hello", "only plain text"),
    "five bytes of text": ("plan.txt", b"hello", "next to nothing"),
    "an empty table": ("plan.csv", b",,,\n,,,\n", "next to nothing"),
    "a locked PDF": ("plan.pdf", locked(), "password"),
    "a PDF without pages": ("plan.pdf", without_pages(), "pages"),
    "half a JPEG": ("photo.jpg", noise("JPEG")[:-4000], "damaged"),
    "half a PNG": ("photo.png", noise("PNG")[:-4000], "damaged"),
    "half a TIFF": ("photo.tif", noise("TIFF")[:-4000], "damaged"),
    "half a WebP": ("photo.webp", noise("WEBP")[:-4000], "damaged"),
    "half a HEIC": ("photo.heic", private_files.heic()[:200], "damaged"),
    "half an SVG": ("plan.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><rect", "damaged"),
    "an SVG with entities": ("plan.svg", BOMB, "entities"),
    "half a docx": ("letter.docx", files.docx().replace(b"<x/>", b"<y/>"), "damaged"),
}
OPEN = {
    "plan.pdf": files.pdf(),
    "photo.jpg": noise("JPEG"),
    "photo.png": noise("PNG"),
    "photo.tif": noise("TIFF"),
    "photo.webp": noise("WEBP"),
    "photo.gif": noise("GIF"),
    "photo.heic": private_files.heic(),
    "plan.svg": b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='4' height='4'/></svg>",
    "letter.docx": files.docx(),
    "table.csv": b"room,width in metres\nkitchen,4.20\n",
}


@pytest.fixture
def upload(client, officer, application):
    """upload("plan.pdf", b"…") → the answer to an officer's upload of one file."""
    client.force_login(officer)
    address = f"/admin/cases/{application.pk}/documents/upload/"
    return lambda name, content: client.post(
        address, {"file": SimpleUploadedFile(name, content), "received_on": "2026-06-01"}
    )


@pytest.mark.parametrize("what", CLOSED)
def test_an_officer_reads_why_a_file_is_not_taken(upload, what):
    name, content, words = CLOSED[what]
    answer = upload(name, content)
    assert answer.status_code == 422, answer.content
    assert words in answer.json()["error"]
    assert not Document.objects.exists()


@pytest.mark.parametrize("name", OPEN)
def test_what_opens_is_taken(upload, name):
    answer = upload(name, OPEN[name])
    assert answer.status_code == 201, answer.content


@pytest.mark.parametrize("what", ["a PDF in name only", "five bytes of text", "half a JPEG", "a locked PDF"])
def test_an_applicant_reads_why_a_file_is_not_taken(application, officer, what):
    asked = ask(application, "additional_document", by=officer)
    name, content, words = CLOSED[what]
    with pytest.raises(UnacceptableFile, match=words):
        add_answer_file(asked, link=link_of(application), file=io.BytesIO(content), name=name)
    assert not AnswerFile.objects.exists()


@pytest.mark.parametrize("is_trial", [True, False])
def test_an_older_register_s_file_that_does_not_open_is_listed(make_application, tmp_path, is_trial):
    application = make_application("pp.full.householder", origin=Origin.IMPORTED)
    (tmp_path / "plan.pdf").write_bytes(JUNK)
    (tmp_path / "manifest.csv").write_text(f"reference,path\n{application.reference},plan.pdf\n")
    outcome = import_documents(tmp_path / "manifest.csv", authority=application.authority, is_trial=is_trial)
    assert outcome.added == 0
    assert "damaged" in outcome.refused[0][2]


def test_a_file_that_is_supplied_or_takes_another_s_place_must_open(application, officer, make):
    failed = make(fetch_status="failed", file="")
    there = make("Elevations")
    for give in (
        lambda: supply_file(failed, file=io.BytesIO(JUNK), name="plan.pdf", by=officer),
        lambda: replace_document(
            there, file=io.BytesIO(JUNK), name="plan.pdf", revision="B", received_on=date(2026, 6, 2), by=officer
        ),
        lambda: add_redacted_copy(there, file=io.BytesIO(JUNK), name="plan.pdf", by=officer),
    ):
        with pytest.raises(UnacceptableFile, match="damaged"):
            give()
    assert Document.objects.count() == 2


# --- What comes with a submission is never lost -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "what",
    ["a PDF in name only", "five bytes of text", "half a JPEG", "a locked PDF", "a PDF without pages", "half a HEIC"],
)
def test_what_was_fetched_is_kept_and_marked_and_not_published(server, client, application, officer, what):
    name, content, _ = CLOSED[what]
    server.answers["/file"] = (200, {}, content)
    document = Document.objects.create(
        application=application,
        title="Plan",
        received_on=date(2026, 6, 1),
        source_url=server.url("/file"),
        fetch_status="waiting",
        original_name=name,
        fetch_due_at=timezone.now(),
    )
    fetch_document.call(document.pk)
    prepare_document.call(document.pk)
    document.refresh_from_db()
    assert document.file.read() == content
    assert document.does_not_open
    client.force_login(officer)
    page = client.get(f"/admin/cases/documents/{document.pk}/view/").content.decode()
    assert "This file does not open." in page
    with pytest.raises(ValidationError, match="does not open"):
        set_public_status([document], status=PublicStatus.PUBLISH, by=officer)
    assert not Document.objects.public().exists()


def test_a_file_that_takes_long_is_opened_in_the_background(application, officer, settings, monkeypatch):
    settings.OPENING_SECONDS = 0.000001
    document = add_document(application, file=io.BytesIO(JUNK + b"late"), name="plan.pdf", by=officer)
    prepare_document.call(document.pk)
    document.refresh_from_db()
    assert document.does_not_open


def test_a_large_photograph_is_not_unpacked_at_the_door(application, officer):
    """Nobody waits for a picture of many millions of pixels; whether it is whole is found out in the background."""
    large = files.image("PNG", size=(6000, 5000))
    document = add_document(application, file=io.BytesIO(large), name="photo.png", by=officer)
    assert document.file.size == len(large)
