"""Files of web editors, read as the public gets them: the original, each size of a picture, documents, avatars."""

import io
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client
from PIL import Image as Picture
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.users.models import UserProfile

from accounts.roles import ADMINISTRATOR
from accounts.websites import collection_of
from cases.jobs import child
from home.site_tree import set_up_site
from tests.cases import private_files
from tests.cases.private_files import OWN_NAME, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client, make_user, authority) -> Client:
    """A web editor's browser."""
    set_up_site(authority, hostname=authority.site.hostname)
    authority.refresh_from_db()
    client.force_login(make_user("editor", ADMINISTRATOR, "Website editor (BKM)", authority=authority))
    return client


@pytest.fixture
def upload(editor, authority):
    """upload("images", "a.jpg", b"…") → the answer to an upload in the admin."""

    def upload(what: str, name: str, content: bytes):
        fields = {"title": "Town hall", "collection": collection_of(authority).pk, "tags": "", "description": ""}
        return editor.post(f"/admin/{what}/add/", fields | {"file": ContentFile(content, name=name)})

    return upload


def media() -> dict[str, bytes]:
    root = Path(settings.MEDIA_ROOT)
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_photograph_of_an_editor_tells_nothing(upload, visitor):
    answer = upload("images", f"{OWN_NAME}.jpg", private_files.photograph(held=6, size=(640, 400)))
    assert answer.status_code == 302, answer.content
    image = get_image_model().objects.get()
    assert (image.width, image.height) == (400, 640)
    rendition = image.get_rendition("width-200")
    content = b"".join(visitor.get(rendition.url).streaming_content)
    assert Picture.open(io.BytesIO(content)).size == (200, 320)
    assert told(content) == []
    stored = media()
    assert len(stored) >= 2
    for name, content in stored.items():
        assert told(content) == []
        assert "garden" not in name
    assert image.file_size == image.file.size


def test_a_document_of_an_editor_tells_nothing(upload, visitor):
    answer = upload("documents", "guide.pdf", private_files.pdf())
    assert answer.status_code == 302, answer.content
    document = get_document_model().objects.get()
    content = b"".join(visitor.get(document.url).streaming_content)
    assert content.startswith(b"%PDF")
    assert told(content) == []


@pytest.mark.parametrize(
    ("what", "name", "content", "words"),
    [
        ("images", "a.jpg", private_files.photograph()[:600], "damaged|not an image|corrupted"),
        ("documents", "guide.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 8, "damaged"),
        ("documents", "guide.txt", b"hello", "next to nothing"),
        ("documents", "guide.pdf", b"<html><script>alert(1)</script></html>", "not accepted"),
    ],
)
def test_what_does_not_open_is_refused_in_words(upload, what, name, content, words):
    answer = upload(what, name, content)
    assert answer.status_code == 200
    assert re.search(words, answer.content.decode())
    assert media() == {}


def test_an_upload_that_is_broken_off_is_to_be_tried_again(upload, monkeypatch):
    def broken_off(*args, **options):
        raise child.BrokenOff("Try it again in a few minutes.")

    monkeypatch.setattr(child, "run", broken_off)
    answer = upload("images", "a.jpg", private_files.photograph())
    assert "Try it again in a few minutes." in answer.content.decode()


@pytest.fixture
def upload_many(editor, authority):
    """upload_many("images", "a.jpg", b"…") → what the page for many files at once is answered for one of them."""

    def upload_many(what: str, name: str, content: bytes) -> dict:
        fields = {"title": "Town hall", "collection": collection_of(authority).pk}
        address = f"/admin/{what}/multiple/add/"
        answer = editor.post(address, fields | {"files[]": ContentFile(content, name=name)})
        assert answer.status_code == 200
        return answer.json()

    return upload_many


@pytest.mark.parametrize(
    ("what", "name", "content"),
    [("images", "a.jpg", private_files.photograph()), ("documents", "guide.pdf", private_files.pdf())],
)
def test_many_files_at_once_are_taken_and_described_after(editor, authority, upload_many, what, name, content):
    told_back = upload_many(what, name, content)
    assert told_back["success"]
    assert 'value="Town hall"' in told_back["form"]
    assert all(told(stored) == [] for stored in media().values())
    number = told_back.get("image_id") or told_back["doc_id"]
    kind = "image" if what == "images" else "doc"
    said = {"title": "Library", "tags": "", "collection": collection_of(authority).pk}
    fields = {f"{kind}-{number}-{field}": value for field, value in said.items()}
    saved = editor.post(f"/admin/{what}/multiple/{number}/", fields)
    assert saved.json()["success"], saved.content
    model = get_image_model() if kind == "image" else get_document_model()
    assert model.objects.get().title == "Library"


def test_a_file_among_many_that_does_not_open_is_refused_in_one_sentence(upload_many):
    refused = upload_many("documents", "guide.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 8)
    assert not refused["success"]
    assert "damaged" in refused["error_message"]
    assert "extension" not in refused["error_message"]  # of a file that is not there


def test_the_picture_of_a_member_of_staff_tells_nothing(officer):
    profile = UserProfile.get_for_user(officer)
    profile.avatar = ContentFile(private_files.photograph(), f"{OWN_NAME}.jpg")
    profile.save()
    ((name, content),) = media().items()
    assert told(content) == []
    assert "garden" not in name


def test_what_was_there_before_is_cleaned_once(visitor, capsys, django_capture_on_commit_callbacks):
    photograph = private_files.photograph(held=6, size=(640, 400))
    image = get_image_model().objects.create(title="Hall", file=ContentFile(photograph, "hall.jpg"))
    image.get_rendition("width-200")
    guide = get_document_model().objects.create(title="Guide", file=ContentFile(private_files.pdf(), "guide.pdf"))
    bad = get_document_model().objects.create(title="Bad", file=ContentFile(b"%PDF-1.4 no", "bad.pdf"))
    assert any(told(content) for content in media().values())
    with django_capture_on_commit_callbacks(execute=True):
        call_command("clean_public_documents")
    said = capsys.readouterr().out
    assert "2 cleaned" in said
    assert bad.file.name in said
    assert not any(told(content) for name, content in media().items() if name != bad.file.name)
    image.refresh_from_db()
    assert (image.width, image.height) == (400, 640)
    assert image.get_rendition("width-200").height == 320
    assert told(b"".join(visitor.get(guide.url).streaming_content)) == []
    call_command("clean_public_documents")
    assert "0 cleaned" in capsys.readouterr().out
