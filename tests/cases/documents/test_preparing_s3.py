"""Preparing with the documents in S3: the same as on a local disk, real workers killed, and a store that goes."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from cases.documents import scanning
from cases.documents.preparing import task as work
from cases.documents.preparing.task import prepare_document
from cases.models import Document
from tests.cases import files
from tests.cases.clamav import pretender
from tests.cases.s3 import KEY, REGION, SECRET, behind_the_gate, bucket, closed, gate, moto_port
from tests.leases import attempts_of, falls_due

from . import test_preparing
from .test_preparing import add, application, known, prepared
from .test_scanning import answers

__all__ = ["add", "application", "behind_the_gate", "bucket", "gate", "moto_port", "prepared"]  # fixtures

pytestmark = pytest.mark.django_db

# The same tests again: whatever reads a file or writes pictures. What lies on the disk there lies in the bucket here.
AGAIN = (
    "test_a_pdf_has_pages_words_and_pictures",
    "test_a_photograph_is_shown_upright_and_without_what_the_camera_wrote",
    "test_every_sheet_of_a_scanned_tiff_is_a_page",
    "test_a_page_that_brings_the_process_down_costs_only_its_picture",
    "test_twice_is_once",
    "test_anew_writes_over_what_was_there",
    "test_what_an_attempt_has_left_is_written_over_or_removed",
    "test_documents_from_before_are_taken_up_in_small_batches",
    "test_a_file_found_harmful_while_it_is_drawn_gets_no_pages",
    "test_a_worker_killed_ten_times_loses_none_and_makes_none_twice",
)
globals().update({name: getattr(test_preparing, name) for name in AGAIN})


@pytest.fixture(autouse=True)
def _in_s3(bucket, gate, monkeypatch):
    monkeypatch.setattr(test_preparing, "stored", lambda: set(bucket.keys()))
    # Workers of their own process (tests/cases/workers.py) read the settings of production.
    for name, value in {
        "AWS_STORAGE_BUCKET_NAME": bucket.name,
        "AWS_S3_ENDPOINT_URL": gate.url,
        "AWS_S3_REGION_NAME": REGION,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }.items():
        monkeypatch.setenv(name, value)


def prepare(document: Document) -> Document:
    prepare_document.call(document.pk)
    document.refresh_from_db()
    return document


# --- The store goes in the middle -----------------------------------------------------------------------------------


@pytest.mark.parametrize("picture", [1, 2, 4])
def test_a_store_that_goes_among_the_pictures_costs_an_attempt_and_no_page(
    add, gate, bucket, monkeypatch, picture, django_capture_on_commit_callbacks
):
    document, write, written = add(files.pdf(pages=3)), work._write, []

    def then_shut(storage, name, content):
        written.append(name)
        if len(written) == picture:
            gate.state = "busy"
        return write(storage, name, content)

    with monkeypatch.context() as patched, closed(gate, "open"):
        patched.setattr(work, "_write", then_shut)
        prepare(document)
    assert (document.prepared_at, document.pages.count(), document.prepare_attempts) == (None, 0, 1)
    assert document.prepare_error == "The file could not be read. It will be tried again."
    falls_due(work.PREPARING, document)
    with django_capture_on_commit_callbacks(execute=True):
        assert work.PREPARING.sweep() == 1
    document.refresh_from_db()
    assert (document.page_count, document.pages.count(), document.prepare_error) == (3, 3, "")
    assert set(bucket.keys()) == known()


def test_a_store_that_stays_away_is_said_and_when_it_is_back_the_document_is_made_whole(
    add, gate, bucket, monkeypatch, django_capture_on_commit_callbacks
):
    document, write = add(files.pdf(pages=2)), work._write

    def then_shut(storage, name, content):
        stored = write(storage, name, content)
        gate.state = "busy"
        return stored

    with closed(gate, "open"):
        with monkeypatch.context() as patched:
            patched.setattr(work, "_write", then_shut)
            prepare(document)
        for _ in range(attempts_of(work.PREPARING) - 1):
            falls_due(work.PREPARING, document)
            prepare(document)
    assert (document.prepared_at, document.prepare_due_at) == (None, None)
    assert "tried 5 times" in document.prepare_error
    assert document.active_content == ["damaged"], "what nobody could look into is neither shown nor published"
    with django_capture_on_commit_callbacks(execute=True):
        call_command("prepare_documents", verbosity=0)
    document.refresh_from_db()
    assert (document.page_count, document.prepare_error, document.active_content) == (2, "", [])
    assert set(bucket.keys()) == known(), "nothing is left of the attempt that was broken off"


def test_pictures_are_read_as_they_were_stored(prepared, bucket):
    document = prepared(files.pdf(pages=2))
    for picture in [document.thumbnail, *(page.preview for page in document.pages.all())]:
        assert bucket.read(picture.name)[:3] == test_preparing.JPEG
        assert bucket.head(picture.name)["ContentType"] == "image/jpeg"


# --- The virus scan -------------------------------------------------------------------------------------------------


def test_what_lies_in_the_store_is_scanned_and_what_is_harmful_locked_away(add, bucket, settings, capsys):
    documents = [add(files.pdf(words=words)) for words in ("One", "Two")]
    assert {document.scan_status for document in documents} == {"not_scanned"}
    with pretender(answers(b"stream: OK\0")) as settings.CLAMAV_ADDRESS:
        call_command("scan_documents")
    assert "2 files scanned: 2 clean, 0 harmful, 0 without a verdict" in capsys.readouterr().out
    settings.CLAMAV_ADDRESS = ""
    third = add(files.pdf(words="Three"))
    with pretender(answers(b"stream: Worm FOUND\0")) as settings.CLAMAV_ADDRESS:
        call_command("scan_documents")
    third.refresh_from_db()
    assert (third.scan_status, third.is_open_to_readers) == ("infected", False)
    assert bucket.read(third.file.name), "what is harmful is kept, and locked away"


def test_what_cannot_be_read_just_now_is_scanned_when_the_store_is_back(add, gate, settings):
    with pretender(answers(b"stream: OK\0")) as settings.CLAMAV_ADDRESS:
        document = add()
        with closed(gate, "busy"):
            scanning.scan_document.call(document.pk)
        document.refresh_from_db()
        assert document.scan_status == "waiting"
        assert document.scan_detail == "The file could not be read from the storage. It will be tried again."
        assert not document.is_open_to_readers
        assert document.scan_due_at > timezone.now()
        falls_due(scanning.SCANNING, document)
        scanning.scan_document.call(document.pk)
    document.refresh_from_db()
    assert (document.scan_status, document.scan_detail) == ("clean", "")


def test_a_rescan_goes_on_without_what_the_store_does_not_give(add, gate, bucket, settings, monkeypatch, capsys):
    """A file that the store has lost is named and stays as it was; the others are scanned."""
    lost, there = add(files.pdf(words="Lost")), add(files.pdf(words="There"))
    lost.file.storage.delete(lost.file.name)
    monkeypatch.setattr(scanning, "is_there", lambda: True)  # the pretender knows no PING
    with pretender(answers(b"stream: OK\0")) as settings.CLAMAV_ADDRESS:
        call_command("scan_documents")
    said = capsys.readouterr()
    assert "2 files scanned: 1 clean, 0 harmful, 1 without a verdict" in said.out
    assert f"Document {lost.pk}" in said.err
    there.refresh_from_db()
    lost.refresh_from_db()
    assert (there.scan_status, lost.scan_status) == ("clean", "not_scanned")
