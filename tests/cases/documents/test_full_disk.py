"""A disk that is full in the middle of a file: nothing of it stays, and what was there before is still there."""

import csv
import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import TemporaryUploadedFile
from PIL import Image
from wagtail.images import get_image_model

from cases.documents.adding import add_document
from cases.documents.preparing.task import prepare_document
from cases.files.disk import StorageAway
from cases.files.whole import WholeFilesOnDisk
from cases.intake.published_schemas import _write as write_schema
from cases.intake.register_csv.documents import DocumentsOutcome
from cases.models import Document
from tests.cases import files

pytestmark = pytest.mark.django_db
ROOM = 20_000  # bytes
LARGE = files.pdf() + b"%" + b"x" * 5 * ROOM + b"\n"


@contextmanager
def little_room(size: int = ROOM) -> Iterator[None]:
    """The system itself refuses to write more than that into any file, as a full disk would in the middle of one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def on_disk(name: str) -> set[str]:
    root = Path(storages[name].location)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def uploaded(content: bytes) -> TemporaryUploadedFile:
    """As a large upload arrives: in a file of its own, which the store would move."""
    file = TemporaryUploadedFile("plan.pdf", "application/pdf", len(content), None)
    file.write(content)
    file.seek(0)
    return file


def test_a_document_that_did_not_fit_leaves_nothing(application, officer):
    with little_room(), pytest.raises(StorageAway, match="Nothing was saved"):
        add_document(application, file=io.BytesIO(LARGE), name="plan.pdf", by=officer)
    assert on_disk("case_documents") == set()
    assert not Document.objects.exists()


def test_an_upload_that_is_moved_is_there_whole(application, officer):
    document = add_document(application, file=uploaded(LARGE), name="plan.pdf", by=officer)
    assert document.file.read() == LARGE
    assert on_disk("case_documents") == {document.file.name}


def test_pictures_made_again_on_a_full_disk_are_those_of_before(application, officer):
    noise = io.BytesIO()
    Image.effect_noise((900, 900), 90).convert("RGB").save(noise, "PNG")
    noise.seek(0)
    document = add_document(application, file=noise, name="photograph.png", by=officer)
    prepare_document.call(document.pk)
    document.refresh_from_db()
    before = {page.preview.name: page.preview.read() for page in document.pages.all()}
    there = on_disk("case_documents")
    Document.objects.filter(pk=document.pk).update(prepared_at=None)
    with little_room():
        prepare_document.call(document.pk)
    assert {name: storages["case_documents"].open(name).read() for name in before} == before
    assert on_disk("case_documents") == there


def test_a_picture_of_an_editor_that_did_not_fit_leaves_nothing(db):
    with little_room(), pytest.raises(OSError, match="too large"):
        get_image_model().objects.create(title="Town hall", file=ContentFile(LARGE, "hall.png"), width=1, height=1)
    assert on_disk("default") == set()


def test_two_files_of_one_name_are_two_files(tmp_path):
    store = WholeFilesOnDisk(location=tmp_path)
    names = {store.save("a.txt", ContentFile(b"one")), store._save("a.txt", ContentFile(b"two"))}
    assert {(tmp_path / name).read_bytes() for name in names} == {b"one", b"two"}
    assert {path.name for path in tmp_path.iterdir()} == names


def test_a_schema_that_did_not_fit_leaves_the_one_before(tmp_path):
    file = tmp_path / "application.json"
    file.write_bytes(b"{}")
    with little_room(), pytest.raises(OSError, match="too large"):
        write_schema(file, b" " * 5 * ROOM)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert file.read_bytes() == b"{}"


def test_a_report_that_did_not_fit_leaves_the_one_before(tmp_path):
    outcome = DocumentsOutcome(refused=[(1, "24/00001/FUL", "There is no file.")])
    outcome.write_report(tmp_path)
    before = (tmp_path / "documents-refused.csv").read_bytes()
    outcome.refused *= ROOM
    with little_room(), pytest.raises(OSError, match="too large"):
        outcome.write_report(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["documents-refused.csv"]
    assert (tmp_path / "documents-refused.csv").read_bytes() == before
    assert len(list(csv.reader(before.decode().splitlines()))) == 2
