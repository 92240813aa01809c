"""What the public gets of a file: read as the public gets it, and looked through for who made it, where, its name."""

import io
import shutil
import zipfile
from collections.abc import Callable

import pypdf
import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image

from cases.documents.adding import add_document, add_imported_document
from cases.documents.clean_copies import copying, making
from cases.documents.preparing.task import prepare_document
from cases.documents.publishing import set_public_status
from cases.documents.redacted_copies import add_redacted_copy
from cases.jobs import child
from cases.models import Document
from cases.statuses import Origin, PublicStatus, Status
from tests.cases import files, private_files
from tests.cases.private_files import told
from tests.leases import attempts_of

pytestmark = pytest.mark.django_db

KINDS: dict[str, Callable[[], bytes]] = {
    "jpg": private_files.photograph,
    "png": lambda: private_files.photograph("PNG"),
    "webp": lambda: private_files.photograph("WEBP"),
    "gif": lambda: private_files.photograph("GIF"),
    "tif": lambda: private_files.photograph("TIFF"),
    "heic": private_files.heic,
    "pdf": private_files.pdf,
    "docx": private_files.docx,
    "xlsx": private_files.table,
}
SVG = b"""<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd"><!-- by Jo Sample -->
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="60mm" height="40mm"
 viewBox="0 0 60 40" onload="alert(1)"><metadata>Jo Sample</metadata><script>alert(1)</script>
<style>@import url(http://127.0.0.1:9/x.css); .wall { fill: red }</style>
<image xlink:href="file:///etc/hostname" width="9" height="9"/>
<image href="http://127.0.0.1:9/x.png" width="9" height="9"/>
<rect class="wall" width="30" height="40"/><rect x="30" width="30" height="40" fill="blue"/></svg>"""


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, published_at=timezone.now())


@pytest.fixture
def visitor(authority) -> Client:
    return Client(HTTP_HOST=authority.site.hostname)


@pytest.fixture
def published(application, officer, django_capture_on_commit_callbacks) -> Callable[..., Document]:
    """published("jpg") → a document that an officer has added and published, with all that the background does."""

    def publish(kind: str, content: bytes | None = None) -> Document:
        file = io.BytesIO(content or KINDS[kind]())
        with django_capture_on_commit_callbacks(execute=True):
            document = add_document(application, file=file, name=f"{private_files.OWN_NAME}.{kind}", by=officer)
        with django_capture_on_commit_callbacks(execute=True):
            set_public_status([document], status=PublicStatus.PUBLISH, by=officer)
        document.refresh_from_db()
        return document

    return publish


def address(document: Document) -> str:
    return f"/planning-applications/{document.application.reference.replace('/', '-')}/documents/{document.pk}/"


def got(client: Client, document: Document) -> tuple[bytes, str]:
    """The bytes and what the browser is told of them, as the public gets them."""
    answer = client.get(address(document))
    assert answer.status_code == 200, answer.content
    headers = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
    return b"".join(answer.streaming_content), headers


def picture(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


@pytest.mark.parametrize("kind", KINDS)
def test_the_public_is_not_told_who_made_a_file_and_where(published, visitor, kind):
    original = KINDS[kind]()
    assert told(original), "the file says what must not be seen"
    document = published(kind)
    assert document.public_status == PublicStatus.PUBLISH, document.withheld_because
    content, headers = got(visitor, document)
    assert told(content) == []
    assert "garden" not in headers
    assert "Jo" not in headers
    assert document.file.read() == original  # the council has it as it came


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "gif", "tif"])
def test_the_pixels_are_as_they_were(published, visitor, kind):
    content, _ = got(visitor, published(kind))
    assert picture(content).tobytes() == picture(KINDS[kind]()).tobytes()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photograph_that_was_held_sideways_stands_upright(published, visitor, kind):
    content, _ = got(visitor, published(kind.lower().replace("jpeg", "jpg"), private_files.photograph(kind, held=6)))
    upright = picture(content)
    assert upright.size == (40, 64)
    assert upright.getpixel((20, 5))[0] > 200  # what was at the left is at the top
    assert not Image.open(io.BytesIO(content)).getexif()


@pytest.mark.parametrize("held", [1, 6])
def test_of_two_pictures_in_one_file_the_first_is_there_as_sharp_as_it_was(published, visitor, held):
    original = private_files.two_in_one(held=held)
    content, _ = got(visitor, published("jpg", original))
    assert told(content) == []
    copy = Image.open(io.BytesIO(content))
    assert (copy.format, copy.size) == ("JPEG", (64, 40) if held == 1 else (40, 64))
    assert max(copy.quantization[0]) <= max(Image.open(io.BytesIO(original)).quantization[0]) * 2


def test_links_lead_where_they_led_but_not_to_the_senders_disk(published, visitor):
    content, _ = got(visitor, published("docx"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        links = archive.read("word/_rels/document.xml.rels").decode()
    for target in ("fees.xlsx", "media/image1.jpg", "https://www.example.com/policy/7.html"):
        assert f'Target="{target}"' in links


def test_a_photograph_too_large_to_be_turned_says_itself_how_it_is_held(monkeypatch):
    from cases.documents.clean_copies import photographs

    monkeypatch.setattr(photographs, "MOST_DRAWN_ANEW", 10)
    for kind in ("JPEG", "PNG"):
        out = io.BytesIO()
        photographs.clean_picture(io.BytesIO(private_files.photograph(kind, held=6)), out)
        assert told(out.getvalue()) == []
        assert dict(Image.open(out).getexif()) == {0x0112: 6}


def test_a_pdf_keeps_what_is_to_be_seen_and_read(published, visitor):
    content, _ = got(visitor, published("pdf"))
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert [page.extract_text().strip() for page in reader.pages] == ["Plan 1", "Plan 2"]
    assert len(reader.pages[0].images) == 1
    assert reader.pages[0]["/Annots"][0]["/Contents"] == "Too high"
    assert set(reader.metadata) == {"/Title"}
    assert reader.xmp_metadata is None


def test_a_pdf_that_cannot_be_taken_apart_is_drawn_anew(published, visitor, monkeypatch):
    """A JPEG inside whose parts do not follow each other: nobody can say what stands in it."""
    broken = private_files.pdf().replace(b"\xff\xdb", b"\x00\xdb", 1)
    content, _ = got(visitor, published("pdf", broken))
    assert told(content) == []
    assert len(pypdf.PdfReader(io.BytesIO(content)).pages) == 2


def test_a_letter_keeps_its_words(published, visitor):
    content, _ = got(visitor, published("docx"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"Planning statement" in archive.read("word/document.xml")
        assert "docProps/thumbnail.jpeg" not in archive.namelist()


def test_a_redacted_copy_made_elsewhere_is_cleaned_too(
    application, officer, visitor, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        original = add_document(application, file=io.BytesIO(files.pdf()), name="letter.pdf", by=officer)
        copy = add_redacted_copy(original, file=io.BytesIO(private_files.pdf()), name="black.pdf", by=officer)
    with django_capture_on_commit_callbacks(execute=True):
        set_public_status([copy], status=PublicStatus.PUBLISH, by=officer)
    assert told(got(visitor, copy)[0]) == []


def test_all_documents_together_hold_nothing_more(published, visitor):
    documents = [published(kind) for kind in ("jpg", "pdf", "heic")]
    answer = visitor.get(f"{address(documents[0]).rsplit('/documents/', 1)[0]}/documents.zip")
    content = b"".join(answer.streaming_content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if not name.endswith((".txt", ".csv"))]
        assert len(names) == 3
        for name in names:
            assert "garden" not in name
            assert told(archive.read(name)) == []
        assert sum(name.endswith(".jpg") for name in names) == 2


# --- What nobody is shown as it came ----------------------------------------------------------------------------------


def test_officers_see_a_telephone_s_photograph_as_jpeg(published, client, officer):
    document = published("heic")
    client.force_login(officer)
    answer = client.get(f"/admin/cases/documents/{document.pk}/")
    content = b"".join(answer.streaming_content)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"].endswith('.jpg"')
    assert picture(content).size == (64, 40)
    assert document.pages.get().preview
    assert document.thumbnail


def test_a_drawing_is_a_picture_in_which_nothing_runs(published, client, officer, visitor):
    document = published("svg", SVG)
    client.force_login(officer)
    answer = client.get(f"/admin/cases/documents/{document.pk}/")
    seen = b"".join(answer.streaming_content)
    assert answer.headers["Content-Type"] == "image/png"
    content, headers = got(visitor, document)
    assert seen == content
    assert "svg" not in headers
    drawn = picture(content)
    assert drawn.width / drawn.height == pytest.approx(1.5, abs=0.02)
    assert drawn.getpixel((drawn.width // 4, drawn.height // 2)) == (255, 0, 0)
    assert drawn.getpixel((drawn.width * 3 // 4, drawn.height // 2)) == (0, 0, 255)
    assert document.page_count == 1


def test_a_drawing_fetches_nothing(published, server):
    address = server.url("/told")
    drawing = SVG.replace(b"http://127.0.0.1:9/", address.encode()).replace(b"file:///etc/hostname", address.encode())
    assert published("svg", drawing).clean_file
    assert server.asked == []


@pytest.mark.parametrize(
    "inside",
    [
        "".join(f"<g id='a{n}'>" + f"<use href='#a{n - 1}'/>" * 50 + "</g>" for n in range(1, 9)),
        "<g id='a'><use href='#a'/></g><use href='#a'/>",
        "<g>" * 300 + "</g>" * 300,
    ],
)
def test_a_drawing_that_only_grows_is_not_drawn(application, officer, django_capture_on_commit_callbacks, inside):
    drawing = f"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><g id='a0'/>{inside}</svg>"
    with django_capture_on_commit_callbacks(execute=True):
        document = add_document(application, file=io.BytesIO(drawing.encode()), name="plan.svg", by=officer)
    document.refresh_from_db()
    assert document.does_not_open
    assert "far more than a drawing needs" in document.prepare_error


# --- Until the copy is there ------------------------------------------------------------------------------------------


def test_until_the_copy_is_made_the_public_waits(application, officer, visitor, django_capture_on_commit_callbacks):
    document = add_document(application, file=io.BytesIO(private_files.photograph()), name="photo.jpg", by=officer)
    prepare_document.call(document.pk)
    document.refresh_from_db()
    with django_capture_on_commit_callbacks() as waiting:
        set_public_status([document], status=PublicStatus.PUBLISH, by=officer)
    answer = visitor.get(address(document))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    page = answer.content.decode()
    assert "<h1" in page
    assert ("being made ready" in page, "cannot be reached" in page) == (True, False)
    for callback in waiting:
        callback()
    assert told(got(visitor, document)[0]) == []


def test_the_copy_that_the_public_waits_for_comes_before_previews_that_nobody_asks_for(application, officer, settings):
    document = add_document(application, file=io.BytesIO(private_files.photograph()), name="photo.jpg", by=officer)
    prepare_document.call(document.pk)
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["documents"]}}
    add_document(application, file=io.BytesIO(files.pdf()), name="plan.pdf", by=officer)
    set_public_status([document], status=PublicStatus.PUBLISH, by=officer)
    first, *others = DBTaskResult.objects.ready()
    assert first.task_path.endswith("make_clean_copy")
    assert [task.task_path.endswith("prepare_document") for task in others] == [True]


def test_a_copy_whose_task_was_lost_is_made_by_the_sweep(published, visitor, django_capture_on_commit_callbacks):
    document = published("jpg")
    Document.objects.filter(pk=document.pk).update(clean_file="", clean_due_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        assert making.CLEANING.sweep() == 1
    assert told(got(visitor, document)[0]) == []
    assert making.CLEANING.sweep() == 0


def test_a_file_of_which_no_copy_can_be_made_goes_off_the_register(published, visitor):
    document = published("pdf")
    with document.file.storage.open(document.file.name, "wb") as file:
        file.write(b"%PDF-1.4 nothing")
    Document.objects.filter(pk=document.pk).update(clean_file="", clean_due_at=None)
    making.make_clean_copy.call(document.pk)
    document.refresh_from_db()
    assert document.public_status == PublicStatus.WITHHOLD
    assert "No copy for the public" in document.withheld_because
    assert document.application.events.last().kind == "document_not_cleaned"
    assert visitor.get(address(document)).status_code == 404


def test_a_store_that_is_away_is_tried_again(published, monkeypatch):
    document = published("jpg")
    Document.objects.filter(pk=document.pk).update(clean_file="", clean_due_at=None, clean_attempts=0)

    def away(*args, **kwargs):
        raise OSError("away")

    monkeypatch.setattr(making, "made_copy", away)
    for _ in range(attempts_of(making.CLEANING) + 1):
        document.refresh_from_db()
        assert document.public_status == PublicStatus.PUBLISH
        Document.objects.filter(pk=document.pk).update(clean_due_at=None)
        making.make_clean_copy.call(document.pk)
    document.refresh_from_db()
    assert document.public_status == PublicStatus.PUBLISH  # a store comes back; the file is as it was
    assert document.clean_due_at > timezone.now()


def unlike_the_file(document: Document, monkeypatch, broken: Callable) -> None:
    """A copy is attempted while the process that makes it meets something that says nothing of the file."""
    Document.objects.filter(pk=document.pk).update(clean_file="", clean_due_at=None, clean_attempts=0)
    with monkeypatch.context() as patched:
        broken(patched)
        making.make_clean_copy.call(document.pk)
    document.refresh_from_db()
    assert (document.public_status, document.clean_attempts) == (PublicStatus.PUBLISH, 0)
    assert document.clean_due_at > timezone.now()


@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_worker_that_is_stopped_with_all_that_it_started_takes_nothing_off_the_register(
    published, monkeypatch, number
):
    """As systemd and others end a service: every process of it is told."""

    ends = f"import os, signal; os.kill(os.getpid(), signal.{number})"
    unlike_the_file(published("jpg"), monkeypatch, lambda patched: patched.setattr(child, "PROGRAM", ends))


def test_a_disk_without_room_takes_nothing_off_the_register(published, monkeypatch):
    full = shutil.disk_usage("/")._replace(free=100)

    def no_room(patched: pytest.MonkeyPatch) -> None:
        patched.setattr(copying, "MOST_GROWN", 0)  # the system refuses to write, as where there is no room
        patched.setattr(child.shutil, "disk_usage", lambda folder: full)

    unlike_the_file(published("jpg"), monkeypatch, no_room)


def test_what_an_older_register_had_published_is_cleaned(make_application, visitor, django_capture_on_commit_callbacks):
    case = make_application(
        "pp.full.householder", origin=Origin.IMPORTED, status=Status.IN_ASSESSMENT, published_at=timezone.now()
    )
    with django_capture_on_commit_callbacks(execute=True):
        document = add_imported_document(
            case,
            file=io.BytesIO(private_files.photograph()),
            name="a.jpg",
            received_on=timezone.localdate(),
            is_public=True,
        )
    assert told(got(visitor, document)[0]) == []


# --- What was public before -------------------------------------------------------------------------------------------


def test_the_command_cleans_what_is_public_and_says_what_it_did(published, visitor, capsys):
    good, bad = published("jpg"), published("pdf")
    Document.objects.update(clean_file="", clean_mime_type="", clean_size=None, clean_due_at=None)
    with bad.file.storage.open(bad.file.name, "wb") as file:
        file.write(b"%PDF-1.4 nothing")
    call_command("clean_public_documents")
    said = capsys.readouterr().out
    assert "1 copy made" in said
    assert f"{bad.application.reference}" in said
    assert "1 withheld" in said
    assert told(got(visitor, good)[0]) == []
    call_command("clean_public_documents")
    assert "nothing is left to do" in capsys.readouterr().out
