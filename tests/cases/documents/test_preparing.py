"""Preparing documents in the background: what is found out, what goes wrong, and that nothing is lost or made twice."""

import io
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django_tasks import task_backends
from django_tasks_db.models import DBTaskResult
from PIL import Image

from cases.documents.adding import add_document
from cases.documents.preparing import findings
from cases.documents.preparing import task as work
from cases.documents.preparing.task import prepare_document
from cases.documents.serving import file_response
from cases.files import opening
from cases.files import reading as child
from cases.files.reader import pictures
from cases.jobs import child as processes
from cases.jobs import leased
from cases.models import Document, DocumentPage
from tests.cases import files, hostile
from tests.cases.workers import Workers, url_of_this_database
from tests.clock import moment
from tests.leases import attempts_of, falls_due

JPEG = b"\xff\xd8\xff"


@pytest.fixture
def application(make_application):
    with transaction.atomic():
        return make_application("pp.full.householder")


@pytest.fixture
def add(application, officer):
    def add(content: bytes = b"", *, name: str = "Plan.pdf") -> Document:
        return add_document(application, file=io.BytesIO(content or files.pdf()), name=name, by=officer)

    return add


@pytest.fixture
def prepared(add):
    """prepared(content) → the document as the background leaves it."""

    def prepared(content: bytes = b"", *, name: str = "Plan.pdf") -> Document:
        document = add(content, name=name)
        prepare_document.call(document.pk)
        document.refresh_from_db()
        return document

    return prepared


def stored() -> set[str]:
    """Names of all files in the storage of case documents."""
    root = Path(storages["case_documents"].location)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def known() -> set[str]:
    """Names of all files that a row knows of."""
    names = set(DocumentPage.objects.values_list("preview", flat=True))
    for field in ("file", "thumbnail"):
        names |= set(Document.objects.values_list(field, flat=True))
    return names - {""}


def picture_of(file) -> Image.Image:
    with file.open("rb") as opened:
        return Image.open(io.BytesIO(opened.read())).copy()


# --- What is found out ----------------------------------------------------------------------------------------------


def test_a_pdf_has_pages_words_and_pictures(prepared):
    document = prepared(files.pdf(pages=3, words="Elevation"))
    assert document.prepared_at
    assert document.prepare_due_at is None
    assert document.prepare_error == ""
    assert document.page_count == 3
    assert document.active_content == []
    pages = list(document.pages.all())
    assert [(page.number, page.text) for page in pages] == [(1, "Elevation 1"), (2, "Elevation 2"), (3, "Elevation 3")]
    assert {(page.width, page.height) for page in pages} == {(595.0, 842.0)}
    assert max(picture_of(pages[2].preview).size) == 1200
    assert picture_of(document.thumbnail).size[1] <= 566
    assert stored() == known()


def test_a_page_that_is_turned_is_measured_as_it_is_shown(prepared):
    document = prepared(hostile.pdf_with("", page="/Rotate 90"))
    page = document.pages.get()
    assert (page.width, page.height) == (842.0, 595.0)
    assert picture_of(page.preview).width == 1200


def test_the_words_of_a_page_are_found(prepared):
    prepared(files.pdf(words="Rooflights"))
    assert DocumentPage.objects.filter(words="rooflight").count() == 1


def test_a_photograph_is_shown_upright_and_without_what_the_camera_wrote(prepared):
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "CAMERA-OF-ENID"
    Image.new("RGB", (900, 300), "green").save(out, "JPEG", exif=exif)
    document = prepared(out.getvalue(), name="IMG_1.jpg")
    page = document.pages.get()
    assert (page.width, page.height) == (300, 900)
    picture = picture_of(page.preview)
    assert picture.height > picture.width
    for file in (page.preview, document.thumbnail):
        with file.open("rb") as opened:
            assert b"CAMERA-OF-ENID" not in opened.read()


def test_every_sheet_of_a_scanned_tiff_is_a_page(prepared):
    out = io.BytesIO()
    sheets = [Image.new("L", (300, 400), colour) for colour in (10, 100, 200)]
    sheets[0].save(out, "TIFF", save_all=True, append_images=sheets[1:])
    document = prepared(out.getvalue(), name="scan.tif")
    assert document.page_count == 3
    assert [picture_of(page.preview).getpixel((5, 5))[0] // 10 for page in document.pages.all()] == [1, 10, 20]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "GIF", "WEBP"])
def test_pictures_of_every_kind(prepared, kind):
    document = prepared(files.image(kind, size=(900, 300)), name="x")
    assert (document.page_count, document.prepare_error, document.active_content) == (1, "", [])
    assert document.pages.get().preview
    assert document.thumbnail


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (hostile.docx_with({"word/document.xml": "<w><p><t>Bat</t><t> survey</t></p><p>2026</p></w>"}), "x.docx"),
        ("Bat survey\r\n2026".encode("cp1252"), "x.txt"),
    ],
)
def test_the_words_of_texts_are_found_too(prepared, content, name):
    document = prepared(content, name=name)
    page = document.pages.get()
    assert page.text.split("\n")[0] == "Bat survey"
    assert not page.preview
    assert document.page_count is None
    assert document.active_content == []


def test_words_that_postgresql_would_not_take(prepared):
    """A NUL, half a character, and more different words than its index of one page can hold."""
    words = "nul\x00l " + " ".join(f"w{number:x}" for number in range(60_000))
    document = prepared(words.replace("\x00", "").encode() + b" end", name="x.txt")
    assert len(document.pages.get().text) <= findings.MAX_PAGE_TEXT
    drawing = findings._Drawing(findings.Findings(), lambda page, jpeg: "", at=1)
    assert drawing._clean("a\x00b\ud800c") == "a bc"


def test_a_type_is_suggested_from_name_and_words(prepared):
    document = prepared(files.pdf(words="Proposed elevations"), name="001.pdf")
    assert "elevations.proposed" in document.suggested_types


def test_pages_without_end_are_told(prepared, monkeypatch):
    monkeypatch.setattr(findings, "MAX_PREVIEWS", 2)
    monkeypatch.setattr(findings, "MAX_TEXTS", 4)
    document = prepared(files.pdf(pages=6))
    assert document.page_count == 6
    assert [bool(page.preview) for page in document.pages.all()] == [True, True, False, False]
    assert "after the 2th" not in document.prepare_error
    assert "Only the first 2 pages" in document.prepare_error


# --- What goes wrong ------------------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_opened_is_told_and_not_tried_for_ever(prepared, monkeypatch):
    monkeypatch.setattr(opening, "why_unopened", lambda file, kind: "")  # at the door there was no time to look
    document = prepared(b"%PDF-1.4\nbroken")
    assert document.prepared_at
    assert "damaged" in document.prepare_error
    assert document.active_content == ["damaged"]
    assert not document.thumbnail
    assert work.PREPARING.sweep(timezone.now() + timedelta(days=1)) == 0


def test_a_page_that_brings_the_process_down_costs_only_its_picture(prepared, monkeypatch):
    real = child.ask

    def ask(file, *arguments, until):
        for said in real(file, *arguments, until=until):
            yield said
            if said.facts.get("begin") == 2:
                raise child.Died("it ended with -11")

    monkeypatch.setattr(findings, "ask", ask)
    document = prepared(files.pdf(pages=3))
    assert document.prepared_at
    assert [bool(page.preview) for page in document.pages.all()] == [True, False, True]
    assert "no picture of page 2" in document.prepare_error


def test_a_process_that_hangs_is_ended(prepared, monkeypatch):
    monkeypatch.setattr(processes, "PROGRAM", "import time; time.sleep(600)")
    monkeypatch.setattr(child, "PAGE_SECONDS", 0.3)
    document = prepared()
    assert document.prepared_at
    assert document.active_content == ["damaged"]
    assert "could not be read" in document.prepare_error


@pytest.mark.parametrize(
    "saying",
    [
        "print('Traceback')",
        "print('{}')",
        "print('[1]')",
        "print('{\"size\": -1}')",
        "print('{\"size\": 99999999999}')",
        "print('x' * 20_000_000)",
        'print(\'{"begin": "1", "size": 0}\')',
        'print(\'{"pages": 1, "size": 0}\'); print(\'{"begin": 1, "width": 1e400, "height": 1, "size": 0}\')',
        'print(\'{"preview": 1, "size": 6}\\n<html>\')',
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    ],
)
def test_a_process_that_was_taken_over_is_not_believed(prepared, monkeypatch, saying):
    monkeypatch.setattr(processes, "PROGRAM", saying)
    document = prepared()
    assert document.prepared_at
    assert document.active_content == ["damaged"]
    assert document.prepare_error
    assert not document.thumbnail
    assert stored() == known()


def test_a_store_that_is_away_is_tried_again_later_and_then_given_up(add, monkeypatch):
    document = add()

    def fail(*args, **kwargs):
        raise OSError("away")

    monkeypatch.setattr(work, "find_out", fail)
    for attempt in range(1, attempts_of(work.PREPARING) + 1):
        falls_due(work.PREPARING, document)
        before = timezone.now()
        prepare_document.call(document.pk)
        document.refresh_from_db()
        assert document.prepare_attempts == attempt
        assert document.prepared_at is None
        if attempt < attempts_of(work.PREPARING):
            assert document.prepare_due_at >= before + work.PREPARING.waits[attempt - 1]
            assert work.PREPARING.sweep() == 0  # not before its time
    assert document.prepare_due_at is None
    assert "tried 5 times" in document.prepare_error
    assert document.active_content == ["damaged"]
    assert work.PREPARING.sweep(timezone.now() + timedelta(days=9)) == 0


def test_a_file_that_brings_down_its_worker_is_given_up_too(add):
    document = add()
    Document.objects.filter(pk=document.pk).update(prepare_attempts=attempts_of(work.PREPARING))
    prepare_document.call(document.pk)
    document.refresh_from_db()
    assert document.prepare_due_at is None
    assert "broken off" in document.prepare_error


def test_what_was_given_up_is_tried_again_when_somebody_says_so(add, django_capture_on_commit_callbacks):
    document = add()
    Document.objects.filter(pk=document.pk).update(prepare_attempts=attempts_of(work.PREPARING))
    prepare_document.call(document.pk)
    with django_capture_on_commit_callbacks(execute=True):
        call_command("prepare_documents", verbosity=0)
    document.refresh_from_db()
    assert document.prepared_at
    assert (document.prepare_attempts, document.prepare_error, document.active_content) == (1, "", [])


# --- Once, and not twice --------------------------------------------------------------------------------------------


def test_the_row_says_when_it_should_be_done_before_any_task_knows_of_it(add):
    document = add()
    document.refresh_from_db()
    assert document.prepare_due_at <= timezone.now()
    assert document.prepared_at is None


def test_twice_is_once(prepared):
    document = prepared(files.pdf(pages=2))
    before = (document.prepared_at, stored(), list(document.pages.values_list("pk", flat=True)))
    prepare_document.call(document.pk)
    document.refresh_from_db()
    assert (document.prepared_at, stored(), list(document.pages.values_list("pk", flat=True))) == before


def test_anew_writes_over_what_was_there(prepared, django_capture_on_commit_callbacks):
    document = prepared(files.pdf(pages=2))
    before = stored()
    with django_capture_on_commit_callbacks(execute=True):
        work.prepare_again(document)
    assert document.pages.count() == 2
    assert stored() == before == known()


def test_what_an_attempt_has_left_is_written_over_or_removed(add, monkeypatch):
    document = add(files.pdf(pages=2))
    rows = DocumentPage.objects.bulk_create

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(DocumentPage.objects, "bulk_create", killed)
    with pytest.raises(KeyboardInterrupt):
        prepare_document.call(document.pk)
    assert len(stored()) == 4
    assert stored() != known()
    document.file.storage.save(work.picture_name(document, 9), io.BytesIO(JPEG))  # of an attempt that saw more pages
    monkeypatch.setattr(DocumentPage.objects, "bulk_create", rows)
    falls_due(work.PREPARING, document)
    prepare_document.call(document.pk)
    assert stored() == known()
    assert document.pages.count() == 2


def test_documents_from_before_are_taken_up_in_small_batches(add, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(leased, "SWEPT_AT_ONCE", 2)
    documents = [add(files.pdf(words=f"Plan {number}")) for number in range(3)]
    old = documents[0]
    thumbnail = old.file.storage.save(f"{old.application_id}/old.jpg", io.BytesIO(files.image("JPEG")))
    Document.objects.update(prepare_due_at=None)
    Document.objects.filter(pk=old.pk).update(thumbnail=thumbnail)
    for number in (2, 1, 0):
        with django_capture_on_commit_callbacks(execute=True):
            assert work.PREPARING.sweep() == number
    assert Document.objects.exclude(prepared_at=None).count() == 3
    assert stored() == known()  # the old picture is gone, the new one is there
    assert len(stored()) == 9


def test_nothing_of_a_file_that_waits_for_the_scan_is_drawn(add):
    document = add()
    Document.objects.update(scan_status="waiting", prepare_due_at=timezone.now() - timedelta(days=1))
    assert work.PREPARING.sweep() == 0
    prepare_document.call(document.pk)
    document.refresh_from_db()
    assert document.prepare_attempts == 0


def test_a_file_found_harmful_while_it_is_drawn_gets_no_pages(add, monkeypatch):
    document = add()
    real = work.find_out

    def found(*args, **kwargs):
        Document.objects.filter(pk=document.pk).update(scan_status="infected")
        return real(*args, **kwargs)

    monkeypatch.setattr(work, "find_out", found)
    prepare_document.call(document.pk)
    document.refresh_from_db()
    assert document.prepared_at is None
    assert not document.pages.exists()


# --- The process ----------------------------------------------------------------------------------------------------


def test_the_process_can_open_neither_a_file_nor_a_connection(tmp_path):
    program = (
        "import socket, sys; sys.path.insert(0, sys.argv[1]); from cases.files.reader.limits import shut\n"
        "shut(more_memory=50_000_000, cpu_seconds=60, most_written=0, descriptors=3)\n"
        "for attempt in (socket.socket, lambda: open('/etc/hostname'), lambda: open(sys.argv[2], 'w'),\n"
        "                lambda: bytearray(200_000_000)):\n"
        "    try: attempt(); print('could')\n"
        "    except (OSError, MemoryError): print('could not')\n"
    )
    command = [sys.executable, "-I", "-c", program, str(Path(__file__).resolve().parents[3]), str(tmp_path / "x")]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.stdout.split("\n")[:4] == ["could not"] * 4, done.stderr


def test_the_process_knows_no_password_of_ours(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hush")
    monkeypatch.setattr(
        processes, "PROGRAM", "import json, os; print(json.dumps({'environment': sorted(os.environ), 'size': 0}))"
    )
    with io.FileIO(__file__) as file:
        (said,) = child.ask(file, "pdf", "look", until=time.monotonic() + 60)
    assert set(said.facts["environment"]) <= {"LC_ALL", "LC_CTYPE", "PATH"}


def test_a_picture_that_claims_too_many_pixels_is_not_opened(prepared):
    document = prepared(hostile.png_bomb())
    assert document.active_content == ["too_large"]
    assert not document.thumbnail
    assert "attachment" in file_response(document, inline=True).headers["Content-Disposition"]
    assert pictures.MAX_PIXELS < 50_000 * 50_000


# --- Workers that are killed ----------------------------------------------------------------------------------------


def attempts_made() -> int:
    return sum(Document.objects.values_list("prepare_attempts", flat=True))


def attempts_after(number: int) -> bool:
    return attempts_made() > number


def files_after(number: int) -> bool:
    return len(stored()) > number


def fall_due_for_real_workers() -> None:
    """Leases are over, by the clock of the machine too: the tests have one of their own."""
    Document.objects.filter(prepared_at=None).update(prepare_due_at=moment("2000-01-01 00:00"))


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_ten_times_loses_none_and_makes_none_twice(add, settings):
    """Real workers, ended by SIGKILL: at the beginning of a document, among its pictures, between picture and row."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "documents"]}}
    assert task_backends["default"].supports_defer
    documents = [add(files.pdf(pages=4, words=f"Plan {number}")) for number in range(14)]
    assert DBTaskResult.objects.filter(status="READY").count() == 14
    fall_due_for_real_workers()
    with Workers(url_of_this_database(), storages["case_documents"].location) as workers:
        for round_ in range(10):
            attempts, seen = attempts_made(), len(stored())
            workers.start()
            if round_ % 3 == 0:
                workers.wait_for(partial(attempts_after, attempts))
            else:
                workers.wait_for(partial(files_after, seen + round_ % 5))
            workers.kill()
            fall_due_for_real_workers()
            work.PREPARING.sweep()
            waiting = DBTaskResult.objects.filter(status="READY").values_list("args_kwargs", flat=True)
            assert len(waiting) == len({args["args"][0] for args in waiting}), "a document waits twice"
        workers.start()
        workers.wait_for(lambda: not Document.objects.filter(prepared_at=None).exists())
        workers.wait_for(lambda: not DBTaskResult.objects.filter(status="READY").exists())
    assert not Document.objects.filter(prepared_at=None).exists()
    assert set(Document.objects.values_list("page_count", "prepare_error")) == {(4, "")}
    assert DocumentPage.objects.count() == 4 * len(documents)
    assert stored() == known()
    assert len(stored()) == len(documents) * (1 + 1 + 4)
    assert Document.objects.filter(prepare_attempts__gt=1).exists()  # some were really broken off


def test_two_at_once_prepare_a_document_once(add, monkeypatch):
    document, begun = add(), []

    def begins_twice(row):
        begun.append(row.pk)
        if len(begun) == 1:
            prepare_document.call(document.pk)

    monkeypatch.setattr(work, "PREPARING", replace(work.PREPARING, work=begins_twice))
    prepare_document.call(document.pk)
    assert begun == [document.pk]
