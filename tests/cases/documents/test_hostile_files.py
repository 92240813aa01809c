"""Files that are not what they say, through every door by which files come in.

Each gets the answer that docs/documents.md gives for it, and nothing of what is kept is shown in anybody's browser.
"""

import io
import socket
import tempfile
import tracemalloc
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from django.core.exceptions import SuspiciousFileOperation, ValidationError
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken
from cases.documents.adding import add_document, store_fetched, supply_file
from cases.documents.clean_copies.making import make_clean_copy
from cases.documents.fetching import fetch_document
from cases.documents.preparing import active_content
from cases.documents.preparing.task import prepare_document
from cases.documents.publishing import set_public_status
from cases.documents.serving import file_response, thumbnail_response
from cases.files.types import UnacceptableFile, inspect
from cases.files.uploads import RefusedUpload
from cases.models import Document
from cases.requests.answers.answering import keep_draft, send_answers
from cases.requests.answers.files import add_answer_file
from cases.statuses import PublicStatus, Status
from tests.cases import files, hostile
from tests.cases.clamav import pretender
from tests.home.applicants import Applicant, Kind, ask

JAVASCRIPT = hostile.pdf_with("/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>")

REFUSED = {
    "a program for Linux": (hostile.elf(), "plan.pdf", "not accepted"),
    "a program for Windows": (hostile.exe(), "plan.pdf", "not accepted"),
    "HTML named .png": (b"<!DOCTYPE html><script>alert(1)</script>", "photo.png", "Web pages"),
    "HTML that begins late": (b"\n" * 3000 + b"<html><script>alert(1)</script>", "photo.png", "Web pages"),
    "HTML around an SVG": (
        b"<p><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "a.svg",
        "Web pages",
    ),
    "a script": (b"#!/bin/sh\necho\n", "plan.txt", "programs"),
    "HTML before a PDF": (b"<html><script>alert(1)</script>" + files.pdf(), "plan.pdf", "two kinds of file"),
    "a ZIP before a PDF": (hostile.zip_of() + files.pdf(), "plan.pdf", "two kinds of file"),
    "a program before a PDF": (hostile.exe()[:60] + files.pdf(), "plan.pdf", "two kinds of file"),
    "a picture before a PDF": (files.image("GIF")[:40] + files.pdf(), "plan.pdf", "two kinds of file"),
    "a ZIP behind a PDF": (files.pdf() + hostile.zip_of(), "plan.pdf", "two kinds of file"),
    "a JAR behind a GIF": (files.image("GIF") + hostile.zip_of(), "photo.gif", "two kinds of file"),
    "a JAR behind a JPEG": (files.image("JPEG") + hostile.zip_of(), "photo.jpg", "two kinds of file"),
    "a ZIP": (hostile.zip_of(), "plan.pdf", "ZIP"),
    "a docx that says it is 2 GB": (hostile.bomb_by_its_own_list(), "plan.docx", "unpacks to more than"),
    "macros": (files.office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "a.docx", "macros"),
}

KEPT_AND_CLOSED = {
    "JavaScript": (JAVASCRIPT, {"JavaScript", "OpenAction"}),
    "JavaScript in the list of names": (hostile.pdf_with("/Names << /JavaScript << /Names [(a) 5 0 R] >> >>",
                                                         "<< /S /JavaScript /JS (1) >>"), {"JavaScript"}),
    "JavaScript under another spelling": (
        hostile.pdf_with("/OpenAction << /S /Java#53cript /J#53 (1) >>"), {"JavaScript", "OpenAction"},
    ),
    "something when a page is opened": (
        hostile.pdf_with("", page="/AA << /O << /S /Launch /F (cmd.exe) >> >>"), {"AA", "Launch"},
    ),
    "a form that is sent away": (hostile.pdf_with("/X 5 0 R", "<< /S /SubmitForm /F (http://x.example) >>"),
                                 {"SubmitForm"}),
    "data from elsewhere": (hostile.pdf_with("/X 5 0 R", "<< /S /ImportData /F (x) >>"), {"ImportData"}),
    "files inside": (hostile.pdf_with("/Names << /EmbeddedFiles << /Names [(a) 5 0 R] >> >>",
                                      "<< /Type /Filespec /F (a.exe) /EF << /F 4 0 R >> >>"), {"EmbeddedFiles"}),
    "film": (hostile.pdf_with("", "<< /Type /Annot /Subtype /RichMedia /Rect [0 0 9 9] >>", page="/Annots [5 0 R]"),
             {"RichMedia"}),
    "a form that is a program": (hostile.pdf_with("/AcroForm << /XFA 5 0 R /Fields [] >>", "(<xdp/>)"), {"XFA"}),
    "a picture of 2,500 million pixels": (hostile.png_bomb(), {"too_large"}),
    "a damaged PDF": (b"%PDF-1.4\nbroken", {"damaged"}),
    "pages in a circle": (hostile.pdf_in_a_circle(), None),
    "lists in lists": (hostile.deep_pdf(), None),
    "a docx whose list of contents lies": (hostile.bomb_that_lies(), {"bomb"}),
    "a docx with a bomb inside": (hostile.bomb_inside(), {"bomb", "EmbeddedFiles"}),
    "a docx with a program inside": (hostile.docx_with({"word/embeddings/oleObject1.bin": hostile.exe()}),
                                     {"EmbeddedFiles"}),
}  # fmt: skip


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder", status=Status.INVALIDATED)


@pytest.fixture
def officers_browser(client, officer):
    client.force_login(officer)
    return client


@pytest.fixture
def applicant(application, officer) -> Applicant:
    ask(application, Kind.ADDITIONAL_DOCUMENT, by=officer)
    return Applicant(application)


def on_disk() -> list[Path]:
    root = Path(storages["case_documents"].location)
    return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []


# --- Refused at every door ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", REFUSED)
def test_an_officer_is_told_why_it_is_refused(what, application, officers_browser):
    content, name, words = REFUSED[what]
    address = reverse("case_documents_upload", args=[application.pk])
    fields = {"file": SimpleUploadedFile(name, content, content_type="application/pdf"), "received_on": "2026-06-01"}
    answer = officers_browser.post(address, fields)
    assert answer.status_code == 422
    assert words in answer.json()["error"]
    assert on_disk() == []
    assert not Document.objects.exists()


@pytest.mark.parametrize("what", REFUSED)
def test_an_applicant_is_told_why_it_is_refused(what, applicant):
    content, name, words = REFUSED[what]
    file = SimpleUploadedFile(name, content, content_type="application/pdf")
    answer = applicant.client.post(applicant.at("applicant_upload", 1), {"files": file})
    assert answer.status_code == 422
    assert words in answer.json()["error"]
    assert on_disk() == []


@pytest.mark.parametrize("what", REFUSED)
def test_what_a_submission_names_is_refused_as_well(what, application, server):
    content, name, words = REFUSED[what]
    server.answers["/file"] = (200, {"Content-Type": "application/pdf"}, content)
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
    document.refresh_from_db()
    assert document.fetch_status == Document.FetchStatus.FAILED
    assert words in document.fetch_error
    assert on_disk() == []


def test_parts_of_a_zip_that_lie_over_one_another_are_refused():
    """How a small file can name one part a thousand times."""
    content = bytearray(hostile.docx_with({"word/media/1.bin": bytes(100)}, packed=False))
    for place in hostile._entries(content, b"word/media/"):
        content[place + 20 : place + 24] = (50_000).to_bytes(4, "little")
    with pytest.raises(UnacceptableFile, match="damaged"):
        inspect(io.BytesIO(content), name="a.docx")


def test_what_is_harmless_is_not_refused_with_them():
    """A few bytes before a PDF, the mark of a ZIP's end by chance, a link, a first page to open at."""
    for content in (
        b"\r\n\x00junk" + files.pdf(),
        files.pdf() + b"%PK\x05\x06" + bytes(18),
        files.image("JPEG") + b"PK\x05\x06",
    ):
        assert inspect(io.BytesIO(content), name="plan.pdf").mime_type in ("application/pdf", "image/jpeg")


# --- Kept, and closed -----------------------------------------------------------------------------------------------


@pytest.fixture
def look_into(officer):
    """look_into(application, content) → a submission's file after the background has looked into it."""

    def look_into(application, content: bytes, **fields) -> Document:
        document = Document.objects.create(
            application=application, title="Plan", received_on=date(2026, 6, 1), fetch_status="waiting"
        )
        store_fetched(document, file=io.BytesIO(content), name="plan")
        prepare_document.call(document.pk)
        Document.objects.filter(pk=document.pk).update(**fields)
        document.refresh_from_db()
        return document

    return look_into


@pytest.fixture
def kept(application, look_into):
    return partial(look_into, application)


@pytest.mark.parametrize("what", KEPT_AND_CLOSED)
def test_what_could_run_is_found_kept_and_not_published(what, kept, officer):
    content, found = KEPT_AND_CLOSED[what]
    document = kept(content)
    assert document.prepared_at
    assert found is None or set(document.active_content) == found
    if document.active_content:
        with pytest.raises(ValidationError, match="cannot be published"):
            set_public_status([document], status=PublicStatus.PUBLISH, by=officer)
        assert active_content.said(document.active_content).startswith("It holds ")
    assert len(document.prepare_error) < 300


@pytest.mark.parametrize("what", [what for what, (_, found) in KEPT_AND_CLOSED.items() if found])
def test_nobody_sees_it_in_the_browser(what, make_application, look_into, officers_browser, authority):
    """Not even when it was published before anybody looked into it."""
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT, published_at=timezone.now())
    document = look_into(application, KEPT_AND_CLOSED[what][0], public_status="publish")
    make_clean_copy.call(document.pk)
    _, secret = ApiToken.create(authority=authority, name="Consultees' system", scopes=["read"])
    officer = officers_browser.get(reverse("case_document", args=[document.pk]))
    public = Client(HTTP_HOST=authority.site.hostname).get(
        reverse("register_document", args=[application.reference, document.pk])
    )
    program = Client().get(
        reverse("api:case_document", args=[application.pk, document.pk]), headers={"Authorization": f"Bearer {secret}"}
    )
    document.refresh_from_db()
    answers = [officer, program, file_response(document, inline=True)]
    if document.public_status == PublicStatus.PUBLISH:
        answers.append(public)
    else:
        assert "No copy for the public" in document.withheld_because
        assert public.status_code == 404
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_applicant_does_not_see_it_in_the_browser_either(kept, application, officer):
    document = kept(JAVASCRIPT)
    ask(application, Kind.REPLACEMENT_DOCUMENT, by=officer, document=document)
    applicant = Applicant(application)
    answer = applicant.client.get(applicant.at("applicant_document", 1, document.pk))
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_what_nobody_has_looked_into_yet_is_not_shown(application, officer):
    document = add_document(application, file=io.BytesIO(files.pdf()), name="plan.pdf", by=officer)
    assert file_response(document, inline=True).headers["Content-Disposition"].startswith("attachment")
    prepare_document.call(document.pk)
    document.refresh_from_db()
    assert file_response(document, inline=True).headers["Content-Disposition"].startswith("inline")
    with pytest.raises(Http404):
        thumbnail_response(Document(pk=1, fetch_status="here", scan_status="waiting", thumbnail="x.jpg"))


def test_going_to_a_page_and_following_a_link_is_no_program(kept):
    document = kept(
        hostile.pdf_with(
            "/OpenAction [3 0 R /Fit]",
            "<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (https://x) >> >>",
            page="/Annots [5 0 R] /AA << /O << /S /GoTo /D [3 0 R /Fit] >> >>",
        )
    )
    assert document.active_content == []


def test_a_pdf_with_a_password_is_kept_unread(kept, officer):
    document = kept(hostile.encrypted(user="secret"))
    assert document.active_content == ["password"]
    assert "password" in document.prepare_error
    assert not document.pages.exists()
    with pytest.raises(ValidationError, match="does not open"):
        set_public_status([document], status=PublicStatus.PUBLISH, by=officer)


def test_a_pdf_that_everybody_can_open_is_read_although_it_is_encrypted(kept):
    document = kept(hostile.encrypted(user=""))
    assert document.active_content == []
    assert document.pages.get().text == "Plan 1"


def test_a_program_in_an_encrypted_pdf_is_found(kept):
    document = kept(hostile.encrypted(user="", content=JAVASCRIPT))
    assert "JavaScript" in document.active_content


def test_a_program_in_a_packed_list_of_objects_is_found(kept):
    """Newer PDFs pack their objects: in the bytes as they lie there is nothing to be seen of it."""
    content = hostile.packed("<< /S /JavaScript /JS (app.alert\\(1\\)) >>")
    assert b"JavaScript" not in content
    assert "JavaScript" in kept(content).active_content


# --- A virus --------------------------------------------------------------------------------------------------------


def finds(connection: socket.socket) -> None:
    """As clamd answers to the test virus; tests/cases/documents/test_scanning.py asks a real one."""
    data = b""
    while not data.endswith(b"\0" * 4) and (more := connection.recv(65536)):
        data += more
    connection.sendall(b"stream: Eicar FOUND\0" if hostile.EICAR in data else b"stream: OK\0")


@pytest.fixture
def scanner(settings):
    with pretender(finds) as settings.CLAMAV_ADDRESS:
        yield


def locked_away(document: Document) -> bool:
    document.refresh_from_db()
    with pytest.raises(Http404, match="harmful"):
        file_response(document, inline=False)
    assert not document.pages.exists()
    return document.scan_status == Document.ScanStatus.INFECTED


def test_a_virus_that_a_submission_names(scanner, application, server, django_capture_on_commit_callbacks):
    server.answers["/file"] = (200, {}, hostile.EICAR)
    document = Document.objects.create(
        application=application,
        title="Plan",
        received_on=date(2026, 6, 1),
        source_url=server.url("/file"),
        fetch_status="waiting",
        original_name="a.txt",
        fetch_due_at=timezone.now(),
    )
    with django_capture_on_commit_callbacks(execute=True):
        fetch_document.call(document.pk)
    assert locked_away(document)


def test_a_virus_among_an_applicants_answers(scanner, application, applicant, django_capture_on_commit_callbacks):
    """Until it is sent it is shown to nobody; sent, it is a document, and scanned as one."""
    request = application.validation_requests.get()
    add_answer_file(request, link=applicant.link, file=io.BytesIO(hostile.EICAR), name="a.txt")
    keep_draft(request, link=applicant.link, draft={"answer": "replied"})
    with django_capture_on_commit_callbacks(execute=True):
        send_answers([request], link=applicant.link, name="Enid Blyton")
    assert locked_away(application.documents.get())


# --- Too large ------------------------------------------------------------------------------------------------------


class Large(io.RawIOBase):
    """The body of a form with a file of so many bytes, made while it is read."""

    BOUNDARY = "xyzzy"

    def __init__(self, size: int, *, field: str, fields: dict[str, str]):
        plain = "".join(
            f'--{self.BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        start = (
            f'{plain}--{self.BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="a.pdf"\r\n'
            "Content-Type: application/pdf\r\n\r\n%PDF-1.4\n"
        )
        self.start, self.end = start.encode(), f"\r\n--{self.BOUNDARY}--\r\n".encode()
        self.left, self.largest_temporary_file = size, 0
        self.length = len(self.start) + size + len(self.end)

    def read(self, size: int = -1) -> bytes:
        if self.start:
            piece, self.start = self.start, b""
            return piece
        if self.left:
            size = min(size if size > 0 else 65536, 65536, self.left)
            self.left -= size
            if self.left % (8 * 1024 * 1024) < 65536:
                self._look()
            return bytes(size)
        piece, self.end = self.end, b""
        return piece

    def _look(self) -> None:
        sizes = [path.stat().st_size for path in Path(tempfile.gettempdir()).glob("*.upload*")]
        self.largest_temporary_file = max([self.largest_temporary_file, *sizes])


@pytest.fixture
def own_temporary_folder(settings, tmp_path, monkeypatch):
    folder = tmp_path / "uploads"
    folder.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(folder)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def post_large(client, address: str, body: Large):
    environ = {
        "wsgi.input": body,
        "CONTENT_LENGTH": str(body.length),
        "CONTENT_TYPE": f"multipart/form-data; boundary={Large.BOUNDARY}",
    }
    return client.generic("POST", address, b"", **environ)


@pytest.mark.parametrize("who", ["officer", "applicant"])
def test_a_file_of_300_mb_is_refused_while_it_comes(
    who, application, applicant, officers_browser, own_temporary_folder
):
    if who == "officer":
        browser, address = officers_browser, reverse("case_documents_upload", args=[application.pk])
        body = Large(300 * 1024 * 1024, field="file", fields={"received_on": "2026-06-01"})
    else:
        browser, address = applicant.client, applicant.at("applicant_upload", 1)
        body = Large(300 * 1024 * 1024, field="files", fields={})
    tracemalloc.start()
    answer = post_large(browser, address, body)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert body.left == 0
    assert answer.status_code in (413, 422)
    assert "larger than 100 MB" in answer.json()["error"]
    assert most < 20_000_000
    assert 50 * 1024 * 1024 < body.largest_temporary_file <= 101 * 1024 * 1024
    assert list(own_temporary_folder.iterdir()) == []
    assert on_disk() == []


def test_a_file_of_300_mb_that_a_submission_names_is_not_fetched(application, server):
    server.answers["/file"] = (200, {"Content-Length": str(300 * 1024 * 1024)}, b"%PDF-1.4\n")
    document = Document.objects.create(
        application=application,
        title="Plan",
        received_on=date(2026, 6, 1),
        source_url=server.url("/file"),
        fetch_status="waiting",
        original_name="a.pdf",
        fetch_due_at=timezone.now(),
    )
    fetch_document.call(document.pk)
    document.refresh_from_db()
    assert document.fetch_status == Document.FetchStatus.FAILED
    assert "larger than 100 MB" in document.fetch_error


def test_many_files_that_are_too_much_together(applicant, settings, own_temporary_folder):
    settings.MAX_DOCUMENT_BYTES, settings.MAX_UPLOAD_BYTES = 4_000_000, 7_000_000
    large = [SimpleUploadedFile(f"{n}.pdf", files.pdf(words=str(n)) + b"%" * 3_000_000) for n in range(3)]
    answer = applicant.client.post(applicant.at("applicant_request", 1), {"files": large, "answer": "replied"})
    assert "Send fewer at a time" in answer.content.decode()
    assert list(own_temporary_folder.iterdir()) == []


def test_a_refused_upload_is_never_taken_for_an_empty_file(applicant, application, officer):
    refused = RefusedUpload("a.pdf", refused="The file is larger than 100 MB.", size=300 * 1024 * 1024)
    with pytest.raises(SuspiciousFileOperation):
        refused.read()
    with pytest.raises(SuspiciousFileOperation):
        list(refused.chunks())
    request = application.validation_requests.get()
    waiting = Document.objects.create(
        application=application, title="Plan", received_on=date(2026, 6, 1), fetch_status="failed"
    )
    for door in (
        lambda: add_document(application, file=refused, name="a.pdf", by=officer),
        lambda: supply_file(waiting, file=refused, name="a.pdf", by=officer),
        lambda: add_answer_file(request, link=applicant.link, file=refused, name="a.pdf"),
    ):
        with pytest.raises(UnacceptableFile, match="larger than"):
            door()
