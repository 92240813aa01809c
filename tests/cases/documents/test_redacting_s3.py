"""Redaction with the documents in S3: as on a local disk, the proof in the bucket, and a store that goes."""

import io
import re

import pypdf
import pytest

from cases.documents.adding import add_document
from cases.documents.preparing.task import prepare_document
from cases.documents.redacting import making
from cases.documents.redacting.drawing import redaction_of, save_boxes
from cases.documents.redacting.making import make_copy
from cases.jobs import child
from cases.models import Redaction
from tests.cases.marked_pdfs import BOX, KEPT, MARK, places_of, simple
from tests.cases.s3 import behind_the_gate, bucket, closed, gate, moto_port
from tests.leases import attempts_of, falls_due

from . import test_redacting_making
from .test_redacting_making import add, case, letter, made

__all__ = ["add", "behind_the_gate", "bucket", "case", "gate", "letter", "made", "moto_port"]  # fixtures

pytestmark = pytest.mark.django_db
State = Redaction.State

# The same tests again: where a file is read to be looked into, and where a copy is written.
AGAIN = (
    "test_the_copy_is_a_document_of_its_own_and_the_original_is_withheld",
    "test_what_we_make_of_the_copy_holds_nothing_either",
    "test_without_boxes_the_copy_is_flattened",
    "test_a_picture_becomes_a_picture",
    "test_redacting_again_begins_with_the_last_boxes_and_takes_the_earlier_copy_away",
    "test_a_worker_killed_in_the_middle_loses_no_copy_and_makes_none_twice",
    "test_personal_details_are_offered_where_they_stand",
)
globals().update({name: getattr(test_redacting_making, name) for name in AGAIN})


@pytest.fixture(autouse=True)
def _in_s3(bucket):
    """Documents lie in the bucket before any of them is added."""


@pytest.fixture
def asked_for(add, officer):
    """A redaction whose copy is to be made, and that no worker has taken yet."""
    redaction = redaction_of(add(), by=officer)
    save_boxes(redaction, boxes=[BOX], version=0, by=officer)
    return make_copy(redaction, by=officer)


def work(redaction: Redaction) -> Redaction:
    making.make_redacted_copy.call(redaction.pk)
    redaction.refresh_from_db()
    return redaction


def when_it_is_due(redaction: Redaction, commits) -> Redaction:
    falls_due(making.MAKING, redaction)
    with commits(execute=True):
        assert making.MAKING.sweep() == 1
    redaction.refresh_from_db()
    return redaction


def test_nothing_in_the_bucket_but_the_original_holds_what_was_covered(add, made, bucket):
    content = simple()
    document = add(content)
    of_the_original = set(bucket.keys())
    copy = made(document, BOX).copy
    prepare_document.call(copy.pk)
    copy.refresh_from_db()
    of_the_copy = set(bucket.keys()) - of_the_original
    assert of_the_copy == {copy.file.name, copy.thumbnail.name, copy.pages.get().preview.name}
    for key in of_the_copy:
        stored = bucket.read(key)
        assert MARK.lower() not in key.lower()
        assert MARK.lower().encode() not in stored.lower(), key
        told = str(bucket.head(key)).lower()
        assert MARK.lower() not in told, "what the store says of the file"
    assert places_of(bucket.read(copy.file.name)) == []
    words = pypdf.PdfReader(io.BytesIO(bucket.read(copy.file.name))).pages[0].extract_text()
    assert KEPT in re.sub(r"\s+", "", words), "the test looks at something"
    assert places_of(bucket.read(document.file.name)), "the test would find it"
    assert bucket.read(document.file.name) == content


def test_the_stored_original_is_never_written_again(add, made, bucket, gate):
    document = add()
    gate.asked.clear()
    made(document, BOX)
    written = [path for method, path in gate.asked if method not in ("GET", "HEAD")]
    assert written
    assert not any(document.file.name in path for path in written)


@pytest.mark.parametrize("state", ["busy", "silent", "refusing"])
def test_while_the_original_cannot_be_read_the_copy_waits(
    asked_for, gate, bucket, state, django_capture_on_commit_callbacks
):
    before = bucket.keys()
    with closed(gate, state):
        redaction = work(asked_for)
    assert (redaction.state, redaction.attempts, redaction.boxes) == (State.QUEUED, 1, [BOX])
    assert not redaction.document.redacted_copies.exists()
    assert bucket.keys() == before
    redaction = when_it_is_due(redaction, django_capture_on_commit_callbacks)
    assert redaction.state == State.DONE
    assert places_of(bucket.read(redaction.copy.file.name)) == []


def test_a_copy_that_cannot_be_stored_is_made_again_and_once(
    asked_for, gate, bucket, monkeypatch, django_capture_on_commit_callbacks
):
    """The store goes between the reading and the writing: neither row nor file, the original as it was."""
    before, run = bucket.keys(), child.run

    def then_shut(*args, **about):
        answer = run(*args, **about)
        gate.state = "busy"
        return answer

    with monkeypatch.context() as patched, closed(gate, "open"):
        patched.setattr(child, "run", then_shut)
        redaction = work(asked_for)
    assert (redaction.state, redaction.copy) == (State.QUEUED, None)
    redaction.document.refresh_from_db()
    assert redaction.document.public_status == "not_assessed", "the original is withheld when there is a copy"
    assert bucket.keys() == before
    redaction = when_it_is_due(redaction, django_capture_on_commit_callbacks)
    assert redaction.state == State.DONE
    assert redaction.document.redacted_copies.count() == 1
    assert bucket.read(redaction.copy.file.name)


def test_a_store_that_stays_away_is_said_and_the_boxes_are_kept(
    asked_for, gate, bucket, officer, django_capture_on_commit_callbacks
):
    redaction, before = asked_for, bucket.keys()
    with closed(gate, "busy"):
        for _ in range(attempts_of(making.MAKING)):
            falls_due(making.MAKING, redaction)
            redaction = work(redaction)
    assert (redaction.state, redaction.boxes) == (State.FAILED, [BOX])
    assert "Try again later" in redaction.error
    assert bucket.keys() == before
    with django_capture_on_commit_callbacks(execute=True):
        make_copy(redaction, by=officer)
    redaction.refresh_from_db()
    assert redaction.state == State.DONE


def test_a_large_original_is_copied_to_the_disk_piece_by_piece_and_taken_away_again(case, officer, bucket, tmp_path):
    content = simple() + b"\n%" + b"x" * (9 * 1024 * 1024) + b"\n%%EOF\n"
    document = add_document(case, file=io.BytesIO(content), name="Large.pdf", by=officer)
    with making.on_disk(document.file, tmp_path) as path:
        assert path.read_bytes() == content
        assert path.parent == tmp_path
