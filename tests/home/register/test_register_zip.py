"""All published documents as one ZIP: what lies in it, what never does, and what happens when a file is missing."""

import csv
import io
import tracemalloc
import zipfile
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Document
from cases.statuses import PublicStatus
from home.register import document_zip
from tests.home.conftest import PDF

LIST = "/planning-applications/"
SECRET = b"%PDF-1.4 mark-private"


@pytest.fixture
def unpack(visitor):
    """unpack(application) → {name: bytes} of its ZIP, checked by its own sums."""

    def read(application) -> dict[str, bytes]:
        answer = visitor.get(f"{LIST}{application.reference}/documents.zip")
        assert answer.status_code == 200
        with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as packed:
            assert packed.testzip() is None
            return {name: packed.read(name) for name in packed.namelist()}

    return read


def told_of(files: dict[str, bytes]) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(files["documents.csv"].decode("utf-8-sig")))
    return {row["File"]: row for row in rows}


def test_current_documents_in_the_root_superseded_ones_in_a_folder(unpack, make_public, make_document):
    application = make_public()
    new = make_document(
        application, "Elevations", "elevations.proposed", drawing_number="101", revision="B", content=PDF + b" B"
    )
    make_document(application, "Elevations", drawing_number="101", revision="A", superseded_by=new)
    files = unpack(application)
    assert files["Elevations 101 B.pdf"] == PDF + b" B"
    assert files["superseded/Elevations 101 A.pdf"] == PDF
    assert set(files) == {"Elevations 101 B.pdf", "superseded/Elevations 101 A.pdf", "documents.csv", "README.txt"}
    told = told_of(files)
    assert told["Elevations 101 B.pdf"]["Types"] == "Elevations - proposed"
    assert told["Elevations 101 B.pdf"]["Address"].startswith("http://testshire.example/planning-applications/")
    assert told["superseded/Elevations 101 A.pdf"]["Current or superseded"] == "Superseded"
    readme = files["README.txt"].decode()
    assert application.reference in readme
    assert "could not be read" not in readme


def test_nothing_that_is_not_published_lies_in_it(unpack, make_public, make_document):
    application, other = make_public(), make_public()
    make_document(application, "Public one")
    secret = {"content": SECRET, "original_name": "mark-private.pdf"}
    newer = make_document(application, "mark-private newer", public_status=PublicStatus.WITHHOLD, **secret)
    make_document(application, "mark-private 1", public_status=PublicStatus.NOT_ASSESSED, **secret)
    make_document(application, "mark-private 2", public_status=PublicStatus.WITHHOLD, **secret)
    make_document(application, "mark-private 3", scan_status=Document.ScanStatus.INFECTED, **secret)
    make_document(application, "mark-private 4", fetch_status=Document.FetchStatus.FAILED, **secret)
    make_document(application, "mark-private 5", public_status=PublicStatus.NOT_ASSESSED, superseded_by=newer, **secret)
    make_document(other, "mark-private 6", **secret)
    make_document(application, "Replaced by a withheld one", superseded_by=newer)
    files = unpack(application)
    assert set(files) == {
        "Public one.pdf",
        "superseded/Replaced by a withheld one.pdf",
        "documents.csv",
        "README.txt",
    }
    assert not [name for name, content in files.items() if b"mark-private" in content]


def test_names_can_be_read_and_are_one_each(unpack, make_public, make_document):
    application = make_public()
    titles = [
        "Plan",
        "PLAN",
        "plan.pdf",
        "../../etc/passwd",
        "Höhe & Breite: 1/2",
        "README",
        "documents",
        "...",
        "日本" * 90,
    ]
    for title in titles:
        make_document(application, title[:255])
    make_document(application, "README", mime_type="text/plain", content=b"words")
    files = unpack(application)
    assert len({name.casefold() for name in files}) == len(titles) + 3
    assert "Höhe & Breite- 1-2.pdf" in files
    assert "README (2).txt" in files
    assert b"Planning application" in files["README.txt"]
    assert "Document.pdf" in files
    assert not [name for name in files if ".." in name or name.startswith("/") or len(name) > 140]


def test_a_file_that_is_being_made_ready_is_not_said_to_be_lost(unpack, make_public, make_document):
    application = make_public()
    waiting = make_document(application, "Waiting")
    Document.objects.filter(pk=waiting.pk).update(clean_file="")
    readme = unpack(application)["README.txt"].decode()
    assert "are being made ready" in readme
    assert "- Waiting.pdf" in readme
    assert "could not be read" not in readme


def test_a_file_that_the_storage_has_lost_is_told_of_inside(unpack, make_public, make_document):
    application = make_public()
    make_document(application, "Here", received_on=date(2026, 6, 1))
    lost = make_document(application, "Lost", received_on=date(2026, 6, 2))
    lost.file.storage.delete(lost.clean_file.name)
    files = unpack(application)
    assert "Lost.pdf" not in files
    assert files["Here.pdf"] == PDF
    assert told_of(files)["Lost.pdf"]["In this ZIP"].startswith("No: ")
    assert "- Lost.pdf" in files["README.txt"].decode()


def test_a_file_that_breaks_in_the_middle_does_not_break_the_zip(unpack, make_public, make_document, monkeypatch):
    application = make_public()
    make_document(application, "Broken", content=PDF * 10)
    make_document(application, "Whole")
    monkeypatch.setattr(document_zip, "CHUNK", len(PDF))

    class Breaks(io.BytesIO):
        def read(self, size=-1):
            if self.tell() >= 3 * len(PDF):
                raise OSError("the disk is gone")
            return super().read(size)

    storage = Document._meta.get_field("file").storage
    broken = application.documents.get(title="Broken").clean_file.name
    monkeypatch.setattr(
        type(storage),
        "_open",
        lambda self, name, mode: Breaks(PDF * 10) if name == broken else open(self.path(name), mode),  # noqa: SIM115
    )
    files = unpack(application)
    assert files["Broken.pdf"] == PDF * 3
    assert files["Whole.pdf"] == PDF
    assert told_of(files)["Broken.pdf"]["In this ZIP"].startswith("In part: ")


def test_what_is_taken_off_the_register_meanwhile_is_not_sent(visitor, make_public, make_document, monkeypatch):
    monkeypatch.setattr("cases.register.document_pages.BATCH", 1)
    application = make_public()
    for day in (3, 2, 1):
        make_document(application, f"Day {day}", received_on=date(2026, 6, day))
    answer = visitor.get(f"{LIST}{application.reference}/documents.zip")
    parts = iter(answer.streaming_content)
    begun = next(parts)
    application.documents.filter(title="Day 2").update(public_status=PublicStatus.WITHHOLD, withheld_because="Names")
    with zipfile.ZipFile(io.BytesIO(begun + b"".join(parts))) as packed:
        assert [name for name in packed.namelist() if name.startswith("Day")] == ["Day 3.pdf", "Day 1.pdf"]


def test_nothing_computes_in_the_table(unpack, make_public, make_document):
    application = make_public()
    make_document(application, "=HYPERLINK(1)", drawing_number="＝SUM(1)", revision=" -1")
    (row,) = told_of(unpack(application)).values()
    assert (row["Title"], row["Drawing number"], row["Revision"]) == ("'=HYPERLINK(1)", "'＝SUM(1)", "' -1")


def test_the_answer_is_a_download_that_nobody_keeps(visitor, make_public, make_document):
    application = make_public()
    address = f"{LIST}{application.reference}/documents.zip"
    assert visitor.get(address).status_code == 404  # there is nothing to pack
    make_document(application)
    for answer in (visitor.get(address), visitor.head(address)):
        assert answer.headers["Content-Type"] == "application/zip"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{application.reference} documents.zip"'
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    application.published_at = None
    application.save()
    assert visitor.get(address).status_code == 404


def test_another_councils_zip_is_not_found(visitor_elsewhere, make_public, make_document):
    application = make_public()
    make_document(application)
    assert visitor_elsewhere.get(f"{LIST}{application.reference}/documents.zip").status_code == 404


def test_memory_does_not_grow_with_the_documents(visitor, make_public, make_document):
    """Thirty documents of two megabytes go through in a few."""
    application = make_public()
    for number in range(30):
        make_document(application, f"Plan {number}", content=b"%PDF" + bytes(2_000_000))
    answer = visitor.get(f"{LIST}{application.reference}/documents.zip")
    tracemalloc.start()
    sent = sum(len(part) for part in answer.streaming_content)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > 60_000_000
    assert most < 6_000_000


def test_queries_grow_with_batches_and_not_with_documents(visitor, make_public, make_document):
    application = make_public()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            for _ in visitor.get(f"{LIST}{application.reference}/documents.zip").streaming_content:
                pass
        return len(captured)

    make_document(application)
    with_one = queries()
    for number in range(15):
        make_document(application, f"Plan {number}")
    assert queries() == with_one
