"""The redaction page as it is served: who may open it, what it says in every state, what its buttons do."""

import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.documents.adding import add_document
from cases.documents.preparing.task import prepare_document
from cases.documents.redacting.drawing import redaction_of, save_boxes
from cases.models import Document, Redaction
from cases.statuses import Status
from tests.cases.files import looked_through
from tests.cases.marked_pdfs import BOX, Raw

pytestmark = pytest.mark.django_db
TYPED = {
    "box-page": ["1", ""],
    "box-x": ["5", ""],
    "box-y": ["10", ""],
    "box-width": ["60", ""],
    "box-height": ["10", ""],
}


@pytest.fixture
def case(make_application, officer):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=officer)


@pytest.fixture
def document(case, officer, django_capture_on_commit_callbacks) -> Document:
    raw = Raw()
    pages = [raw.page("BT /F1 20 Tf 72 700 Td (Ring 01494 555 321) Tj ET"), raw.page("")]
    with django_capture_on_commit_callbacks(execute=True):
        document = add_document(case, file=io.BytesIO(raw.written(*pages)), name="Letter.pdf", by=officer)
    prepare_document.call(document.pk)
    document.refresh_from_db()
    return document


@pytest.fixture
def page(client, officer, document, django_capture_on_commit_callbacks):
    """page(…) posts, page() reads."""
    client.force_login(officer)
    address = reverse("case_redaction", args=[document.pk])

    def page(query: str = "", **posted):
        if not posted:
            return client.get(address + query)
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(address, posted)

    return page


def words(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_looking_at_the_page_changes_nothing(page):
    assert page().status_code == 200
    assert not Redaction.objects.exists()


def test_boxes_are_saved_in_per_cent_and_shown_again(page, document, officer):
    assert page(version="0", action="save", **TYPED).status_code == 302
    redaction = Redaction.objects.get()
    assert (redaction.boxes, redaction.by, redaction.version) == ([BOX], officer, 1)
    shown = page().content.decode()
    assert '<rect class="redact-drawn__box" data-static x="5" y="10" width="60" height="10">' in shown
    assert 'name="box-x" value="5"' in shown
    assert "1 box" in shown


def test_a_row_that_is_ticked_is_removed(page):
    page(version="0", action="save", **TYPED)
    page(version="1", action="save", **{**TYPED, "box-remove": ["0"]})
    assert Redaction.objects.get().boxes == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"box-x": ["left", ""]}, "Box 1: give the page and four numbers"),
        ({"box-page": ["9", ""]}, "the document has no page 9"),
        ({"box-width": ["0", ""]}, "Box 1 on page 1 has no size"),
        ({"box-page": ["", ""]}, "Box 1: give the page and four numbers"),
        ({"box-x": ["nan", ""]}, "Box 1: give the page and four numbers"),
    ],
)
def test_what_is_wrong_with_a_box_is_said_and_what_was_typed_stays(page, changes, sentence):
    response = page(version="0", action="save", **{**TYPED, **changes})
    assert response.status_code == 422
    assert sentence in words(response)
    assert "Error: Redact" in response.content.decode()
    assert f'value="{changes.get("box-x", ["5"])[0]}"' in response.content.decode()
    assert not Redaction.objects.filter(version__gt=0).exists()


def test_the_boxes_of_two_officers_are_put_together(page, document, manager):
    theirs = redaction_of(document, by=manager)
    save_boxes(theirs, boxes=[{**BOX, "page": 2}], version=0, by=manager)
    response = page(version="0", action="save", **TYPED)
    assert response.status_code == 409
    assert "Manager Test has changed the boxes" in words(response)
    assert "Nothing is saved yet" in words(response)
    assert response.content.decode().count('name="box-x" value="5"') == 2
    assert 'name="version" value="1"' in response.content.decode()
    theirs.refresh_from_db()
    assert theirs.boxes == [{**BOX, "page": 2}]


def test_suggestions_are_offered_and_covered_one_by_one(page, document):
    assert "Look for personal details" in words(page())
    page(version="0", action="look")
    assert "telephone number" in words(page())
    assert Redaction.objects.get().boxes == []
    page(version="0", action="accept-0", **TYPED)
    redaction = Redaction.objects.get()
    assert len(redaction.boxes) == 2, "what was drawn and not saved is saved as well"
    assert "Every suggestion is covered" in words(page())


def test_all_suggestions_at_once_and_leaving_one(page):
    page(version="0", action="look")
    page(version="0", action="leave-0")
    assert Redaction.objects.get().suggested == []
    page(version="1", action="accept-5")
    assert Redaction.objects.get().boxes == []


def test_making_the_copy_is_confirmed_first(page, document):
    response = page(version="0", action="check", **TYPED)
    assert response.url.endswith("?confirm")
    confirming = words(page("?confirm"))
    assert "1 box on 1 of 2 pages will be black" in confirming
    assert "The original is withheld" in confirming
    assert not document.redacted_copies.exists()
    assert page(version="1", action="make").status_code == 302
    copy = document.redacted_copies.get()
    done = page()
    assert "The redacted copy is made" in words(done)
    assert reverse("case_document_viewer", args=[copy.pk]) in done.content.decode()
    assert "data-redact>" not in done.content.decode()
    again = page("?again").content.decode()
    assert 'name="box-x" value="5"' in again


def test_the_copy_is_made_of_the_boxes_that_were_confirmed(page, document, manager):
    page(version="0", action="check", **TYPED)
    redaction = Redaction.objects.get()
    save_boxes(redaction, boxes=[], version=1, by=manager)
    assert page(version="1", action="make").status_code == 409
    assert not document.redacted_copies.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"scan_status": "waiting"}, "waits for the virus scan"),
        ({"scan_status": "infected"}, "harmful"),
        ({"active_content": ["password"]}, "locked with a password"),
    ],
)
def test_what_cannot_be_redacted_is_said(page, document, fields, sentence):
    Document.objects.filter(pk=document.pk).update(**fields)
    shown = page()
    assert sentence in words(shown)
    assert "Save boxes" not in words(shown)
    assert page(version="0", action="save", **TYPED).status_code == 422
    assert not Redaction.objects.exists()


def test_a_file_of_another_kind_is_said_to_be_none_that_can_be_redacted(client, officer, case):
    sheet = io.BytesIO(b"Room,Square metres\nKitchen,12\nBedroom,14\n")
    document = add_document(case, file=sheet, name="Rooms.csv", by=officer)
    looked_through(document)
    address = reverse("case_redaction", args=[document.pk])
    client.force_login(officer)
    shown = words(client.get(address))
    assert "Only PDF documents" in shown
    assert "Save boxes" not in shown
    assert client.post(address, {"version": "0", "action": "save", **TYPED}).status_code == 422
    assert not Redaction.objects.exists()


def test_pages_that_are_not_there_yet_are_waited_for(page, document):
    document.pages.all().delete()
    Document.objects.filter(pk=document.pk).update(prepared_at=None)
    assert "pages are being prepared" in words(page())
    Document.objects.filter(pk=document.pk).update(prepare_error="The file is damaged.")
    assert "The file is damaged." in words(page())


def test_a_failure_and_a_copy_in_the_making_are_said(page, document, officer):
    redaction = redaction_of(document, by=officer)
    Redaction.objects.filter(pk=redaction.pk).update(state="failed", error="The document is too large.")
    assert "The document is too large. Your boxes are kept." in words(page())
    Redaction.objects.filter(pk=redaction.pk).update(state="queued")
    shown = page()
    assert "is being made" in words(shown)
    assert "Save boxes" not in words(shown)


def test_the_state_is_told_to_the_page_that_waits(client, officer, reader, document):
    address = reverse("case_redaction_state", args=[document.pk])
    client.force_login(officer)
    assert client.get(address).json() == {"state": "", "looking": False, "pages": True}
    redaction_of(document, by=officer)
    assert client.get(address).json() == {"state": "draft", "looking": True, "pages": True}
    client.force_login(reader)
    assert client.get(address).status_code in {302, 403}


def test_only_who_may_publish_opens_it(client, reader, other_officer, document):
    address = reverse("case_redaction", args=[document.pk])
    client.force_login(reader)
    assert client.get(address).status_code in {302, 403}
    assert client.post(address, {"action": "make", "version": "0"}).status_code in {302, 403}
    client.force_login(other_officer)
    assert client.get(address).status_code == 404
    assert not Redaction.objects.exists()


def test_pages_and_boxes_cost_no_more_questions(page, document, officer):
    redaction = redaction_of(document, by=officer)
    save_boxes(redaction, boxes=[BOX], version=0, by=officer)
    page()
    with CaptureQueriesContext(connection) as few:
        page()
    for number in range(3, 12):
        document.pages.create(number=number, width=595, height=842, preview="x.jpg")
    save_boxes(redaction, boxes=[{**BOX, "page": n, "y": n / 20} for n in range(1, 12)], version=1, by=officer)
    with CaptureQueriesContext(connection) as many:
        page()
    assert len(many) == len(few)


def test_a_document_without_words_and_with_a_word_for_html_is_escaped(page, document):
    Document.objects.filter(pk=document.pk).update(title="<b>x</b>")
    assert "<b>x</b>" not in page().content.decode()


def test_nonsense_in_the_form_breaks_nothing(page):
    for posted in (
        {"action": "accept-x", "version": "0"},
        {"action": "wat", "version": "0"},
        {"action": "save"},
        {"action": "save", "version": "9" * 40},
        {"action": "leave-99999", "version": "0"},
        {"action": "save", "version": "²"},
    ):
        assert page(**posted).status_code in {302, 409, 422}
