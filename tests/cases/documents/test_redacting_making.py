"""Redaction as officers do it: boxes that two of them do not undo, a copy that is made once, suggestions."""

import io

import pypdfium2
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from PIL import Image

from accounts.roles import PLANNING_OFFICER
from cases.documents.adding import add_document, add_imported_document
from cases.documents.preparing.task import prepare_document
from cases.documents.publishing import set_public_status
from cases.documents.redacting import drawing, making, suggesting
from cases.documents.redacting.boxes import cleaned
from cases.documents.redacting.drawing import SomebodyWasFaster, newest_redaction, redaction_of, save_boxes, why_not
from cases.documents.redacting.making import make_copy
from cases.jobs import child
from cases.models import Document, DocumentPage, Redaction
from cases.statuses import Origin, PublicStatus, Status
from notices.due_work import JOBS
from tests.cases import files
from tests.cases.document_files import make_document
from tests.cases.marked_pdfs import BOX, KEPT, MARK, Raw, places_of, simple
from tests.leases import attempts_of, falls_due

pytestmark = pytest.mark.django_db
State = Redaction.State
LETTER = """BT /F1 12 Tf 72 700 Td 20 TL (Please ring 01494 555 321 after six, or write to enid@example.com.) Tj T*
(The extension is 4.5 m deep and stands 01/02/2026.) Tj T* (Yours sincerely,) Tj 0 -60 Td (Enid Blyton) Tj ET"""


@pytest.fixture
def case(make_application, officer):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=officer)


@pytest.fixture
def colleague(make_user, authority):
    return make_user("colleague", PLANNING_OFFICER, authority=authority)


@pytest.fixture
def add(case, officer, django_capture_on_commit_callbacks):
    """A document whose pages are prepared."""

    def add(content: bytes | None = None, name: str = "Site plan.pdf", **fields) -> Document:
        with django_capture_on_commit_callbacks(execute=True):
            document = add_document(case, file=io.BytesIO(content or simple()), name=name, by=officer, **fields)
        prepare_document.call(document.pk)
        document.refresh_from_db()
        return document

    return add


@pytest.fixture
def made(officer, django_capture_on_commit_callbacks):
    """The redaction of a document with these boxes, after its copy was made."""

    def made(document: Document, *boxes: dict, by=None) -> Redaction:
        redaction = redaction_of(document, by=by or officer)
        save_boxes(redaction, boxes=boxes, version=redaction.version, by=by or officer)
        with django_capture_on_commit_callbacks(execute=True):
            make_copy(redaction, by=by or officer)
        redaction.refresh_from_db()
        document.refresh_from_db()
        return redaction

    return made


# --- Boxes ----------------------------------------------------------------------------------------------------------


def test_boxes_are_cut_to_their_page_and_kept_once_in_order():
    given = [
        {"page": "2", "x": "0.5", "y": "0.5", "width": "0.1", "height": "0.1"},
        {"page": 1, "x": -0.1, "y": 0.9, "width": 0.3, "height": 5, "because": "x"},
        {"page": 2, "x": 0.5, "y": 0.5, "width": 0.1, "height": 0.1},
    ]
    assert cleaned(given, pages=2) == [
        {"page": 1, "x": 0.0, "y": 0.9, "width": 0.2, "height": 0.1},
        {"page": 2, "x": 0.5, "y": 0.5, "width": 0.1, "height": 0.1},
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"page": 3}, "no page 3"),
        ({"page": 0}, "no page 0"),
        ({"x": "left"}, "four numbers"),
        ({"x": float("nan")}, "four numbers"),
        ({"width": 0}, "no size"),
        ({"width": -0.2}, "no size"),
        ({"y": 1.5}, "beside the page"),
        ({"height": None}, "four numbers"),
        ({"x": 10**400}, "four numbers"),
    ],
)
def test_a_box_that_is_none_is_refused(changes, sentence):
    with pytest.raises(ValidationError, match=sentence):
        cleaned([{**BOX, **changes}], pages=2)


def test_boxes_are_kept_for_the_next_officer(add, officer, colleague):
    document = add()
    first = redaction_of(document, by=officer)
    save_boxes(first, boxes=[BOX], version=0, by=officer)
    again = redaction_of(document, by=colleague)
    assert (again.pk, again.boxes, again.version, again.by) == (first.pk, [BOX], 1, officer)


def test_two_officers_do_not_undo_each_other(add, officer, colleague):
    document = add()
    mine, theirs = redaction_of(document, by=officer), redaction_of(document, by=colleague)
    save_boxes(theirs, boxes=[BOX], version=theirs.version, by=colleague)
    with pytest.raises(SomebodyWasFaster, match="Colleague Test has changed the boxes"):
        save_boxes(mine, boxes=[], version=mine.version, by=officer)
    with pytest.raises(SomebodyWasFaster):
        make_copy(mine, version=mine.version, by=officer)
    assert redaction_of(document, by=officer).boxes == [BOX]


def test_saving_the_same_boxes_again_changes_nothing(add, officer):
    redaction = redaction_of(add(), by=officer)
    save_boxes(redaction, boxes=[BOX], version=0, by=officer)
    save_boxes(redaction, boxes=[BOX], version=1, by=officer)
    assert redaction.version == 1


def test_only_who_may_publish_redacts(add, officer, reader, other_officer):
    document = add()
    redaction = redaction_of(document, by=officer)
    for user in (reader, other_officer):
        for verb in (
            lambda u: redaction_of(document, by=u),
            lambda u: save_boxes(redaction, boxes=[BOX], version=0, by=u),
            lambda u: make_copy(redaction, by=u),
            lambda u: drawing.accept(redaction, places=[], version=0, by=u),
            lambda u: drawing.leave(redaction, places=[], version=0, by=u),
        ):
            with pytest.raises(PermissionDenied):
                verb(user)
    redaction.refresh_from_db()
    assert (redaction.state, redaction.boxes) == (State.DRAFT, [])


# --- The copy -------------------------------------------------------------------------------------------------------


def test_the_copy_is_a_document_of_its_own_and_the_original_is_withheld(add, made, officer, case):
    document = add(drawing_number="001", revision="B")
    set_public_status([document], status=PublicStatus.PUBLISH, by=officer)
    redaction = made(document, BOX)
    copy = redaction.copy
    assert (redaction.state, redaction.error, redaction.due_at) == (State.DONE, "", None)
    assert (copy.redacted_from, copy.title, copy.drawing_number, copy.revision, copy.received_on) == (
        document,
        document.title,
        "001",
        "B",
        document.received_on,
    )
    assert copy.original_name == "Site plan redacted"
    assert (copy.public_status, document.public_status) == (PublicStatus.NOT_ASSESSED, PublicStatus.WITHHOLD)
    with copy.file.open("rb") as file:
        assert places_of(file.read()) == []
    set_public_status([copy], status=PublicStatus.PUBLISH, by=officer)
    assert list(Document.objects.public().filter(application=case)) == [copy]


def test_what_we_make_of_the_copy_holds_nothing_either(add, made):
    """Its pages, their words and pictures, the thumbnail: all from the copy, none from the original."""
    document = add()
    assert MARK in document.pages.get().text
    copy = made(document, BOX).copy
    prepare_document.call(copy.pk)
    copy.refresh_from_db()
    page = copy.pages.get()
    assert KEPT in page.text
    assert MARK not in page.text
    assert not DocumentPage.objects.filter(document=copy, words=MARK.lower()).exists()
    assert copy.active_content == []
    for field in (copy.thumbnail, page.preview):
        with field.open("rb") as file, Image.open(file) as picture:
            left, top = BOX["x"] * picture.width + 3, BOX["y"] * picture.height + 3
            right, bottom = left + BOX["width"] * picture.width - 6, top + BOX["height"] * picture.height - 6
            assert picture.convert("L").crop((left, top, right, bottom)).getextrema()[1] < 60
    names = [copy.original_name, copy.title, copy.file.name, *(str(v) for v in copy.suggested_types)]
    assert not any(MARK.lower() in name.lower() for name in names)


def test_the_event_tells_what_was_done_and_not_what_was_hidden(add, made, case, officer):
    redaction = made(add(), BOX, {**BOX, "y": 0.5})
    event = case.events.get(kind="document_redacted")
    assert event.by == officer
    assert event.data == {
        "document": redaction.document_id,
        "title": "Site plan",
        "by_document": redaction.copy_id,
        "boxes": 2,
        "pages": 1,
    }


def test_without_boxes_the_copy_is_flattened(add, made, officer):
    raw = Raw()
    program = add(
        raw.written(
            raw.page(f"BT /F1 24 Tf 72 300 Td ({KEPT}) Tj ET"), catalogue="/OpenAction << /S /JavaScript /JS (x) >>"
        )
    )
    assert program.active_content
    copy = made(program).copy
    prepare_document.call(copy.pk)
    copy.refresh_from_db()
    assert copy.active_content == []
    set_public_status([copy], status=PublicStatus.PUBLISH, by=officer)
    assert copy.is_public


def test_a_picture_becomes_a_picture(add, made):
    copy = made(add(files.image("JPEG", size=(300, 200)), "Photo.jpg"), BOX).copy
    assert copy.mime_type == "image/jpeg"


def test_redacting_works_after_the_decision(make_application, officer, django_capture_on_commit_callbacks):
    decided = make_application(
        "pp.full.householder",
        status=Status.DETERMINED,
        origin=Origin.IMPORTED,
        decision="granted",
        decided_on=timezone.localdate(),
    )
    document = add_imported_document(
        decided, file=io.BytesIO(simple()), name="Old plan.pdf", received_on=timezone.localdate(), is_public=True
    )
    redaction = redaction_of(document, by=officer)
    with django_capture_on_commit_callbacks(execute=True):
        make_copy(redaction, by=officer)
    redaction.refresh_from_db()
    assert redaction.state == State.DONE


def test_redacting_again_begins_with_the_last_boxes_and_takes_the_earlier_copy_away(add, made, officer):
    document = add()
    first = made(document, BOX).copy
    set_public_status([first], status=PublicStatus.PUBLISH, by=officer)
    again = redaction_of(document, by=officer)
    assert (again.state, again.boxes) == (State.DRAFT, [BOX])
    second = made(document, BOX, {**BOX, "y": 0.5}).copy
    first.refresh_from_db()
    assert first.superseded_by == second
    assert first.public_status == PublicStatus.WITHHOLD
    assert second.public_status == PublicStatus.NOT_ASSESSED


def test_pressed_twice_makes_one_copy(add, officer, django_capture_on_commit_callbacks):
    document = add()
    redaction = redaction_of(document, by=officer)
    with django_capture_on_commit_callbacks(execute=True):
        make_copy(redaction, by=officer)
        make_copy(redaction, by=officer)
    making.make_redacted_copy.call(redaction.pk)
    assert document.redacted_copies.count() == 1


def test_while_the_copy_is_made_the_boxes_stay(add, officer):
    redaction = redaction_of(add(), by=officer)
    make_copy(redaction, by=officer)
    with pytest.raises(ValidationError, match="being made"):
        save_boxes(redaction, boxes=[BOX], version=redaction.version, by=officer)
    assert redaction_of(redaction.document, by=officer) == redaction


# --- What cannot be made --------------------------------------------------------------------------------------------


def test_a_failure_says_why_and_keeps_the_boxes(add, made, officer, monkeypatch, django_capture_on_commit_callbacks):
    document = add()
    with monkeypatch.context() as patched:
        patched.setattr(child, "run", lambda *args, **about: {"error": "The document is damaged."})
        redaction = made(document, BOX)
    assert (redaction.state, redaction.error, redaction.boxes) == (State.FAILED, "The document is damaged.", [BOX])
    assert not document.redacted_copies.exists()
    assert document.public_status == PublicStatus.NOT_ASSESSED
    assert redaction_of(document, by=officer) == redaction
    with django_capture_on_commit_callbacks(execute=True):
        make_copy(redaction, by=officer)
    redaction.refresh_from_db()
    assert redaction.state == State.DONE


def test_who_may_no_longer_redact_gets_no_copy(add, officer):
    redaction = redaction_of(add(), by=officer)
    make_copy(redaction, by=officer)
    officer.groups.clear()
    making.make_redacted_copy.call(redaction.pk)
    redaction.refresh_from_db()
    assert redaction.state == State.FAILED
    assert "no longer" in redaction.error


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"scan_status": "infected"}, "harmful"),
        ({"scan_status": "waiting"}, "virus scan"),
        ({"fetch_status": "waiting", "file": ""}, "no file"),
        ({"mime_type": "text/plain"}, "Only PDF"),
        ({"active_content": ["password"]}, "password"),
    ],
)
def test_what_cannot_be_redacted_is_refused_in_words(case, officer, fields, sentence):
    document = make_document(case, **fields)
    assert sentence in why_not(document)
    with pytest.raises(ValidationError, match=sentence):
        redaction_of(document, by=officer)
    assert newest_redaction(document) is None


def test_a_copy_is_not_redacted_again(add, made, officer):
    with pytest.raises(ValidationError, match="Redact the original"):
        redaction_of(made(add(), BOX).copy, by=officer)


# --- Workers that die -----------------------------------------------------------------------------------------------


class Killed(BaseException):
    """As a worker that is killed: nothing of ours catches it."""


@pytest.mark.parametrize("place", ["child.run", "add_redacted_copy", "record"])
def test_a_worker_killed_in_the_middle_loses_no_copy_and_makes_none_twice(
    add, officer, monkeypatch, place, django_capture_on_commit_callbacks
):
    document = add()
    redaction = redaction_of(document, by=officer)
    save_boxes(redaction, boxes=[BOX], version=0, by=officer)
    make_copy(redaction, by=officer)

    owner, _, name = place.rpartition(".")
    at = child if owner else making
    real = getattr(at, name)

    def dies(*args, **about):
        if place == "add_redacted_copy":
            real(*args, **about)  # killed after it
        raise Killed

    files_before = set(_files(document))
    for _ in range(2):
        with monkeypatch.context() as patched:
            patched.setattr(at, name, dies)
            with pytest.raises(Killed):
                making.make_redacted_copy.call(redaction.pk)
        redaction.refresh_from_db()
        assert redaction.state == State.QUEUED
        assert not document.redacted_copies.exists()
        # Somebody is at it, as far as anybody knows: nobody else begins.
        assert making.MAKING.sweep() == 0
        making.make_redacted_copy.call(redaction.pk)
        assert not document.redacted_copies.exists()
        falls_due(making.MAKING, redaction)
        if place == "record":
            assert set(_files(document)) == files_before, "a file is left of a copy that nobody knows of"
    with django_capture_on_commit_callbacks(execute=True):
        assert making.MAKING.sweep() == 1
    assert making.MAKING.sweep() == 0
    redaction.refresh_from_db()
    assert redaction.state == State.DONE
    assert document.redacted_copies.count() == 1


def _files(document: Document) -> list[str]:
    storage = document.file.storage
    return storage.listdir(str(document.application_id))[1]


def test_a_document_that_kills_every_worker_is_given_up(add, officer, monkeypatch):
    redaction = redaction_of(add(), by=officer)
    make_copy(redaction, by=officer)

    def dies(*args, **about):
        raise Killed

    monkeypatch.setattr(child, "run", dies)
    for _ in range(attempts_of(making.MAKING)):
        with pytest.raises(Killed):
            making.make_redacted_copy.call(redaction.pk)
        falls_due(making.MAKING, redaction)
    making.make_redacted_copy.call(redaction.pk)
    redaction.refresh_from_db()
    assert redaction.state == State.FAILED
    assert "broken off" in redaction.error
    assert suggesting.is_looking(redaction), "nobody had looked for personal details before the copy was asked for"


def test_a_storage_that_is_away_is_tried_again(add, officer, monkeypatch, django_capture_on_commit_callbacks):
    redaction = redaction_of(add(), by=officer)

    def away(*args, **about):
        raise OSError("away")

    with monkeypatch.context() as patched:
        patched.setattr(making, "add_redacted_copy", away)
        with django_capture_on_commit_callbacks(execute=True):
            make_copy(redaction, by=officer)
        redaction.refresh_from_db()
        assert (redaction.state, redaction.attempts) == (State.QUEUED, 1)
    assert making.MAKING.sweep(redaction.due_at) == 1
    falls_due(making.MAKING, redaction)
    with django_capture_on_commit_callbacks(execute=True):
        assert making.MAKING.sweep() == 1
    redaction.refresh_from_db()
    assert redaction.state == State.DONE


def test_due_work_knows_both_sweeps():
    assert {making.MAKING.sweep, suggesting.LOOKING.sweep} <= {job for _, job in JOBS}


# --- Suggestions ----------------------------------------------------------------------------------------------------


@pytest.fixture
def letter(add, officer, django_capture_on_commit_callbacks):
    raw = Raw()
    document = add(raw.written(raw.page(""), raw.page(LETTER)), "Letter.pdf")
    with django_capture_on_commit_callbacks(execute=True):
        redaction = redaction_of(document, by=officer)
    redaction.refresh_from_db()
    return redaction


def test_personal_details_are_offered_where_they_stand(letter):
    assert [(box["page"], box["because"]) for box in letter.suggested] == [
        (2, "telephone number"),
        (2, "e-mail address"),
        (2, "signature"),
    ]
    assert letter.boxes == []
    pdf = pypdfium2.PdfDocument(letter.document.file.read())
    page = pdf[1]
    text, (width, height) = page.get_textpage(), page.get_size()
    for words, box in zip(["01494 555 321", "enid@example.com", "Enid Blyton"], letter.suggested, strict=True):
        start, count = text.search(words).get_next()
        for index in range(start, start + count):
            left, bottom, right, top = text.get_charbox(index)
            assert box["x"] <= left / width and right / width <= box["x"] + box["width"]  # noqa: PT018
            assert box["y"] <= 1 - top / height and 1 - bottom / height <= box["y"] + box["height"]  # noqa: PT018
    # Where somebody signed by hand, above the name
    assert letter.suggested[2]["height"] > 0.05
    pdf.close()


def test_suggestions_are_drawn_only_when_an_officer_accepts_them(letter, officer):
    assert [place for place, _ in suggesting.offered(letter)] == [0, 1, 2]
    drawing.accept(letter, places=[1], version=letter.version, by=officer)
    assert len(letter.boxes) == 1
    assert set(letter.boxes[0]) == {"page", "x", "y", "width", "height"}
    assert [place for place, _ in suggesting.offered(letter)] == [0, 2]
    drawing.leave(letter, places=[0], version=letter.version, by=officer)
    assert [box["because"] for _, box in suggesting.offered(letter)] == ["signature"]
    with pytest.raises(ValidationError, match="not suggested"):
        drawing.accept(letter, places=[7], version=letter.version, by=officer)


def test_the_process_that_looks_is_believed_as_little_as_the_file(add, officer, monkeypatch):
    good = {**BOX, "because": "telephone number"}
    bad = [{**good, "page": 9}, {**good, "x": "nan"}, {"page": 1}, 7, {**good, "because": "x" * 1000, "y": 0.5}]
    monkeypatch.setattr(child, "run", lambda *args, **about: {"boxes": [good, *bad]})
    redaction = redaction_of(add(), by=officer)
    suggesting.look_for_details.call(redaction.pk)
    redaction.refresh_from_db()
    assert [len(box["because"]) for box in redaction.suggested] == [16, 60]


def test_a_lost_search_is_taken_up_and_in_the_end_given_up(add, officer, monkeypatch):
    redaction = redaction_of(add(), by=officer)
    assert suggesting.is_looking(redaction)

    def dies(*args, **about):
        raise Killed

    monkeypatch.setattr(child, "run", dies)
    for _ in range(attempts_of(suggesting.LOOKING)):
        with pytest.raises(Killed):
            suggesting.look_for_details.call(redaction.pk)
        assert suggesting.LOOKING.sweep() == 0
        falls_due(suggesting.LOOKING, redaction)
        assert suggesting.LOOKING.sweep() == 1
    suggesting.look_for_details.call(redaction.pk)
    redaction.refresh_from_db()
    assert redaction.suggested == []
    assert not suggesting.is_looking(redaction)
