"""Ways in which a file, or what stands in it, could come to somebody who may not have it: each of them closed."""

import io
import re
import struct
import tempfile
import time
from datetime import date, timedelta

import pypdf
import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from cases.documents import publishing
from cases.documents.adding import add_document
from cases.documents.bulk import Deed, carry_out, plan_for
from cases.documents.describing import supersede
from cases.documents.preparing.findings import Findings, _active, find_out
from cases.documents.publishing import confirm_publication, set_public_status
from cases.documents.rebuilding.pages import rebuild
from cases.documents.redacted_copies import add_redacted_copy
from cases.documents.redacting import making
from cases.documents.redacting.boxes import MOST_BOXES
from cases.documents.redacting.drawing import redaction_of, save_boxes
from cases.documents.redacting.making import make_copy
from cases.documents.scanning import settle
from cases.files.clamd import Verdict
from cases.files.names import clean_name, title_from
from cases.files.reader import active
from cases.files.types import JPEG, PNG, TIFF, TWO_IN_ONE, WEBP, UnacceptableFile, inspect
from cases.jobs import leased
from cases.locking import locked_for
from cases.models import Document, DocumentPage, Redaction
from cases.statuses import PublicStatus, Status
from tests.cases import files, hostile
from tests.cases.document_files import make_document
from tests.cases.files import pdf
from tests.clock import at
from tests.notices.issuing.test_issue_race import both_at_once

TURNS = range(1, 9)


# --- Redaction: what the officer saw is what is covered --------------------------------------------------------------


def turned(kind: str, turn: int) -> bytes:
    """A picture that says how it is to be turned, black in one of its corners."""
    picture, out = Image.new("RGB", (120, 60), "white"), io.BytesIO()
    picture.paste((0, 0, 0), (0, 0, 30, 20))
    exif = Image.Exif()
    exif[0x0112] = turn
    picture.save(out, kind, **({"tiffinfo": {0x0112: turn}} if kind == "TIFF" else {"exif": exif}))
    return out.getvalue()


def preview_of(content: bytes, mime_type: str) -> tuple[Image.Image, Findings]:
    pictures: dict[int, bytes] = {}
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        found = find_out(file, mime_type=mime_type, keep=lambda page, jpeg: pictures.setdefault(page, jpeg) and "kept")
    return Image.open(io.BytesIO(pictures[1])), found


def copy_of(content: bytes, mime_type: str) -> Image.Image:
    out = io.BytesIO()
    made = rebuild(io.BytesIO(content), mime_type=mime_type, boxes=[], title="Scan", out=out)
    if made["mime_type"] == "application/pdf":
        return pypdf.PdfReader(out).pages[0].images[0].image
    return Image.open(out)


def black_corner(picture: Image.Image) -> list[bool]:
    width, height = picture.size
    grey = picture.convert("L")
    return [grey.getpixel(at) < 60 for at in ((9, 9), (width - 9, 9), (9, height - 9), (width - 9, height - 9))]


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize(("kind", "mime_type"), [("TIFF", TIFF), ("JPEG", JPEG), ("PNG", PNG), ("WEBP", WEBP)])
def test_boxes_are_burnt_into_the_picture_as_the_officer_saw_it(kind, mime_type, turn):
    content = turned(kind, turn)
    seen, found = preview_of(content, mime_type)
    copy = copy_of(content, mime_type)
    assert copy.size == seen.size == (found.pages[1].width, found.pages[1].height)
    assert black_corner(copy) == black_corner(seen)
    assert black_corner(seen).count(True) == 1


# --- What happens by itself when a file is opened --------------------------------------------------------------------


def found_in(content: bytes, kind: str) -> list[str]:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        return _active(file, kind, time.monotonic() + 60)


@pytest.mark.parametrize(
    "action",
    [
        r"<< /S /GoToR /F (\\\\elsewhere\\share\\a.pdf) /D [0 /Fit] >>",
        "<< /S /URI /URI (https://elsewhere.example/) >>",
        "<< /S /GoTo /D [3 0 R /Fit] /Next << /S /URI /URI (https://elsewhere.example/) >> >>",
        "5 0 R",
    ],
)
def test_a_pdf_that_calls_elsewhere_when_it_is_opened_is_closed(action):
    other = "<< /S /URI /URI (https://elsewhere.example/) >>"
    assert found_in(hostile.pdf_with(f"/OpenAction {action}", other), "pdf") == ["OpenAction"]
    assert found_in(hostile.pdf_with("", other, page=f"/AA << /O {action} >>"), "pdf") == ["AA"]


def connections(kind: str, *, encoding: str = "utf-8") -> bytes:
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"<Relationship Id='r1' Target='https://elsewhere.example/' TargetMode='External' "
        f"Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}'/></Relationships>"
    ).encode(encoding)


@pytest.mark.parametrize("kind", ["attachedTemplate", "oleObject", "frame", "subDocument"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_office_file_that_fetches_a_part_when_it_is_opened_is_closed(kind, encoding):
    content = hostile.docx_with({"word/_rels/document.xml.rels": connections(kind, encoding=encoding)})
    assert found_in(content, "office") == ["Launch"]


def test_a_link_in_an_office_file_waits_until_somebody_follows_it():
    content = hostile.docx_with({"word/_rels/document.xml.rels": connections("hyperlink")})
    assert found_in(content, "office") == []


def test_a_list_of_connections_that_is_none_is_closed():
    entities = b'<!DOCTYPE r [<!ENTITY a "b">]><Relationships>&a;</Relationships>'
    for content in (b"nonsense", entities):
        assert found_in(hostile.docx_with({"word/_rels/document.xml.rels": content}), "office") == ["damaged"]


# --- Memory of the server --------------------------------------------------------------------------------------------


def long_list(before: bytes, *, parts: int) -> bytes:
    """A ZIP that is nothing but its list of contents."""
    part = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, *[0] * 8, 1, *[0] * 6) + b"a"
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, len(part) * parts, len(before), 0)
    return before + part * parts + end


@pytest.mark.parametrize(
    ("before", "sentence"), [(b"PK\x03\x04" + bytes(60), "too many parts"), (pdf(), TWO_IN_ONE)], ids=["zip", "pdf"]
)
def test_the_list_of_a_zip_is_not_read_when_it_alone_would_fill_the_memory(before, sentence, monkeypatch):
    def made(*args):
        raise AssertionError("the list was read")

    monkeypatch.setattr("zipfile.ZipInfo.__init__", made)
    with pytest.raises(UnacceptableFile, match=sentence):
        inspect(io.BytesIO(long_list(before, parts=60_000)), name="plan.pdf")


def test_the_mark_of_a_zips_end_by_chance_is_no_zip():
    by_chance = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, 3_000_000, 0, 0)
    content = pdf() + bytes(3_000_000) + by_chance
    assert inspect(io.BytesIO(content), name="plan.pdf").size == len(content)


# --- Original and copy -----------------------------------------------------------------------------------------------


@pytest.fixture
def application(make_application, officer):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=officer)


@pytest.fixture
def make(application):
    return lambda title="Letter", **fields: make_document(application, title, **fields)


def redact(document: Document, by, *, colour: str = "black") -> Document:
    return add_redacted_copy(document, file=io.BytesIO(files.image("PNG", colour=colour)), name="copy.png", by=by)


@pytest.mark.django_db
def test_a_copy_of_a_copy_stands_in_the_place_of_the_original(make, officer):
    original = make()
    first = redact(original, officer)
    set_public_status([original], status=PublicStatus.NOT_ASSESSED, by=officer)
    second = redact(first, officer, colour="grey")
    assert second.redacted_from == original
    assert {row.public_status for row in Document.objects.filter(pk__in=[original.pk, first.pk])} == {"withhold"}
    with pytest.raises(ValidationError, match="A redacted copy stands in its place"):
        set_public_status([original], status=PublicStatus.PUBLISH, by=officer)


@pytest.mark.django_db
def test_a_replaced_copy_still_keeps_the_original_from_the_register(make, application, officer):
    original = make()
    copy = redact(original, officer)
    supersede(copy, with_document=make("Newer letter"), by=officer)
    with pytest.raises(ValidationError, match="A redacted copy stands in its place"):
        set_public_status([original], status=PublicStatus.PUBLISH, by=officer)
    assert plan_for([original], application=application, deed=Deed.PUBLISH, by=officer).cannot


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"fetch_status": "waiting", "file": ""},
        {"scan_status": "infected"},
        {"scan_status": "waiting"},
        {"active_content": None},
        {"active_content": ["JavaScript"]},
        {"active_content": []},
    ],
)
@pytest.mark.parametrize("is_copied", [False, True])
def test_what_is_said_before_many_are_published_is_what_the_verb_says(make, application, officer, fields, is_copied):
    document = make(**fields)
    if is_copied:
        redact(document, officer)
    document.refresh_from_db()
    cannot = plan_for([document], application=application, deed=Deed.PUBLISH, by=officer).cannot
    if fields == {"active_content": []} and not is_copied:
        assert not cannot
        return
    [(_, because)] = cannot
    with pytest.raises(ValidationError) as refusal:
        set_public_status([document], status=PublicStatus.PUBLISH, by=officer)
    assert refusal.value.messages == [f"“{document.title}” cannot be published. {because}"]


@pytest.mark.django_db
def test_a_copy_uploaded_by_hand_takes_the_place_of_the_copy_before(make, officer):
    original = make()
    first = redact(original, officer)
    files.looked_through(first)
    set_public_status([first], status=PublicStatus.PUBLISH, by=officer)
    second = redact(original, officer, colour="grey")
    first.refresh_from_db()
    assert (first.is_public, first.superseded_by) == (False, second)
    assert first.withheld_because == "A newer redacted copy stands in its place."
    assert second.is_current
    assert list(Document.objects.public()) == []
    superseded = original.application.events.get(kind="document_superseded")
    assert (superseded.data["document"], superseded.data["by_document"]) == (first.pk, second.pk)


@pytest.mark.django_db
def test_the_copy_has_the_title_that_was_corrected_meanwhile(make, officer):
    read_before = make("Letter of Enid Blyton, 01494 555 321")
    Document.objects.filter(pk=read_before.pk).update(title="Letter")
    assert redact(read_before, officer).title == "Letter"


@pytest.fixture
def drawn(application, officer):
    """A document and a redaction of it whose copy waits to be made."""
    document = add_document(application, file=io.BytesIO(pdf()), name="Letter.pdf", by=officer)
    Document.objects.filter(pk=document.pk).update(page_count=1, active_content=[])
    redaction = redaction_of(document, by=officer)
    return document, make_copy(redaction, by=officer)


@pytest.mark.django_db
def test_of_what_was_found_harmful_meanwhile_no_copy_is_made(drawn):
    document, redaction = drawn
    Document.objects.filter(pk=document.pk).update(scan_status="infected")
    making.make_redacted_copy.call(redaction.pk)
    redaction.refresh_from_db()
    assert (redaction.state, redaction.copy) == ("failed", None)
    assert "harmful" in redaction.error


@pytest.mark.django_db
def test_redacting_again_takes_every_earlier_copy_off_the_register(drawn, make, officer):
    document, redaction = drawn
    leaky = redact(document, officer)
    supersede(leaky, with_document=make("Newer letter"), by=officer)
    files.looked_through(leaky)
    set_public_status([leaky], status=PublicStatus.PUBLISH, by=officer)
    making.make_redacted_copy.call(redaction.pk)
    leaky.refresh_from_db()
    assert leaky.public_status == PublicStatus.WITHHOLD


@pytest.mark.django_db
def test_the_case_is_locked_before_the_redaction_as_officers_verbs_lock_them(drawn, monkeypatch):
    """Otherwise an officer who saves boxes and the worker that stores the copy wait for each other."""
    _, redaction = drawn
    with CaptureQueriesContext(connection) as queries:
        making.make_redacted_copy.call(redaction.pk)
    claimed, *locked = [table_locked(query["sql"]) for query in queries if "FOR UPDATE" in query["sql"]]
    assert claimed == "cases_redaction"  # alone, and let go of at once
    assert locked.index("cases_planningapplication") < locked.index("cases_redaction")


@pytest.mark.django_db
def test_the_case_is_locked_before_a_document_that_is_harmful(make):
    document = make(scan_status="waiting")
    with CaptureQueriesContext(connection) as queries:
        settle(document, Verdict(found="Eicar"))
    locked = [table_locked(query["sql"]) for query in queries if "FOR UPDATE" in query["sql"]]
    assert locked.index("cases_planningapplication") < locked.index("cases_document")


def table_locked(sql: str) -> str:
    return re.search(r'FROM "(\w+)"', sql)[1]


# --- Many at once ----------------------------------------------------------------------------------------------------


@pytest.fixture
def together(client, officer, application):
    client.force_login(officer)
    address = f"/admin/cases/{application.pk}/documents/together/"
    return lambda **data: client.post(address, {"deed": "publish", **data})


@pytest.mark.django_db
def test_what_a_colleague_withholds_while_an_officer_reads_is_not_published(together, make, manager):
    plan, letter = make("Plan"), make("Letter")
    asked = together(document=[plan.pk, letter.pk])
    set_public_status([letter], status=PublicStatus.WITHHOLD, because="A signature", by=manager)
    page = together(confirmed=[plan.pk, letter.pk], stood=asked.context["stood"])
    assert page.status_code == 422
    assert "Something has changed" in page.content.decode()
    assert not Document.objects.filter(public_status=PublicStatus.PUBLISH).exists()
    # Now it is said, with the reason; and who has read that may do it.
    assert "1 of them is withheld now" in page.content.decode()
    assert "A signature" in page.content.decode()
    assert f'name="stood" value="{page.context["stood"]}"' in page.content.decode()
    assert together(confirmed=[plan.pk, letter.pk], stood=page.context["stood"]).status_code == 302
    assert Document.objects.filter(public_status=PublicStatus.PUBLISH).count() == 2


# --- A copy that is still to be made ---------------------------------------------------------------------------------

BOX = {"page": 1, "x": 0.1, "y": 0.1, "width": 0.3, "height": 0.05}
IN_THE_MAKING = "A redacted copy of it is being made"
NOT_MADE = "A redacted copy of it could not be made"
ONLY_DRAWN = "Boxes are drawn over it, and no copy has been made with them"


def refused(documents: list[Document], by) -> str:
    with pytest.raises(ValidationError) as refusal:
        set_public_status(documents, status=PublicStatus.PUBLISH, by=by)
    return " ".join(refusal.value.messages)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "boxes", "sentence"),
    [
        ("queued", [BOX], IN_THE_MAKING),
        ("queued", [], IN_THE_MAKING),
        ("failed", [BOX], NOT_MADE),
        ("failed", [], NOT_MADE),
        ("draft", [BOX], ONLY_DRAWN),
        ("draft", [], ""),
    ],
)
def test_what_is_being_redacted_is_not_published(make, application, officer, state, boxes, sentence):
    letter, plan = make("Letter"), make("Plan")
    Redaction.objects.create(document=letter, by=officer, state=state, boxes=boxes)
    cannot = plan_for([letter, plan], application=application, deed=Deed.PUBLISH, by=officer).cannot
    assert [(document, sentence in because) for document, because in cannot] == ([(letter, True)] if sentence else [])
    if sentence:
        assert f"“Letter” cannot be published. {sentence}" in refused([letter, plan], officer)
    assert not Document.objects.public().exists()


@pytest.mark.django_db
def test_all_that_cannot_be_published_are_named(make, officer):
    letters = [make(f"Letter {number}") for number in (1, 2)]
    for letter in letters:
        Redaction.objects.create(document=letter, by=officer, state="queued")
    assert all(f"“{letter.title}” cannot be published." in refused(letters, officer) for letter in letters)


@pytest.mark.django_db
def test_a_proposal_is_not_confirmed_while_the_copy_is_made(make, application, officer, manager):
    application.authority.second_person_publishes = True
    application.authority.save(update_fields=["second_person_publishes"])
    letter = make("Letter")
    set_public_status([letter], status=PublicStatus.PUBLISH, by=officer)
    Redaction.objects.create(document=letter, by=officer, state="queued")
    with pytest.raises(ValidationError, match=IN_THE_MAKING):
        confirm_publication([letter], by=manager)
    [(_, because)] = plan_for([letter], application=application, deed=Deed.CONFIRM, by=manager).cannot
    assert because.startswith(IN_THE_MAKING)


@pytest.mark.django_db
def test_an_older_copy_is_not_published_while_a_newer_one_is_made(make, officer):
    letter = make("Letter")
    copy = redact(letter, officer)
    files.looked_through(copy)
    with at(timezone.now() + timedelta(minutes=1)):
        Redaction.objects.create(document=letter, by=officer, state="queued", boxes=[BOX])
    assert "A newer redacted copy is being made" in refused([copy], officer)


@pytest.mark.django_db
def test_a_failed_redaction_is_given_up_by_saving_it_without_boxes(make, officer):
    letter = make("Letter", pages=["Dear Madam"])
    redaction = Redaction.objects.create(document=letter, by=officer, state="failed", error="Too large.")
    save_boxes(redaction, boxes=[], version=redaction.version, by=officer)
    assert (redaction.state, redaction.error) == ("draft", "")
    set_public_status([letter], status=PublicStatus.PUBLISH, by=officer)
    assert Document.objects.public().get() == letter


@pytest.mark.django_db
def test_a_redaction_that_begins_after_the_documents_were_chosen_stops_them(together, make, officer, application):
    """Between the page and the post, and between the plan and the verb."""
    letter, plan = make("Letter"), make("Plan")
    asked = together(document=[letter.pk, plan.pk])
    earlier = plan_for([letter, plan], application=application, deed=Deed.PUBLISH, by=officer)
    make_copy(redaction_of(letter, by=officer), by=officer)
    page = together(confirmed=[letter.pk, plan.pk], stood=asked.context["stood"])
    assert page.status_code == 422
    assert "Something has changed" in page.content.decode()
    assert f"Letter</strong>: {IN_THE_MAKING}" in re.sub(r"\s+", " ", page.content.decode())
    with pytest.raises(ValidationError, match=IN_THE_MAKING):
        carry_out(earlier, application=application, by=officer)
    assert not Document.objects.public().exists()
    # The rest goes its way.
    assert together(confirmed=[plan.pk], stood=page.context["stood"]).status_code == 302
    assert Document.objects.public().get() == plan


@pytest.mark.django_db
def test_a_redaction_that_begins_while_the_officer_waits_for_the_case_stops_the_publication(make, officer, monkeypatch):
    letter = make("Letter")

    def after_a_colleague(*args, **kwargs):
        make_copy(redaction_of(letter, by=officer), by=officer)
        return locked_for(*args, **kwargs)

    monkeypatch.setattr(publishing, "locked_for", after_a_colleague)
    assert IN_THE_MAKING in refused([letter], officer)


@pytest.mark.django_db(transaction=True)
def test_published_and_redacted_at_once_is_one_after_the_other(make_application, officer, monkeypatch):
    """Published and then redacted, or not published at all: never published once the copy was asked for."""
    monkeypatch.setattr(leased, "enqueue_all", lambda *calls: 0)  # once the copy is made, the original is withheld
    with transaction.atomic():
        application = make_application("pp.full.householder")
    for round_ in range(4):
        letter = make_document(application, f"Letter {round_}")
        redaction = redaction_of(letter, by=officer)
        both_at_once(
            lambda letter=letter: set_public_status([letter], status=PublicStatus.PUBLISH, by=officer),
            lambda redaction=redaction: make_copy(redaction, by=officer),
        )
        redaction.refresh_from_db()
        published = application.events.filter(kind="documents_published", data__documents=[letter.pk]).first()
        assert published is None or published.at <= redaction.updated_at
        assert Document.objects.public().filter(pk=letter.pk).exists() == (published is not None)


# --- Odd input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["plan\u202egnp.exe", "\u2066plan\u2069.pdf", "plan\u200b\x85\u2028.pdf"])
def test_a_name_reads_as_it_is(name):
    assert clean_name(name).isprintable()
    assert title_from(name).startswith("plan")


@pytest.mark.django_db
def test_a_row_that_is_no_number_breaks_nothing(client, officer, application):
    client.force_login(officer)
    file = io.BytesIO(files.image("PNG"))
    file.name = "plan.png"
    data = {"action": "upload", "row": "x", "upload-x-files": file, "upload-x-received_on": "2026-06-03"}
    answer = client.post(f"/admin/cases/{application.pk}/tasks/check_documents/", data)
    assert answer.status_code == 302
    assert application.documents.count() == 1


@pytest.mark.django_db
def test_a_page_of_many_pages_asks_once_what_is_still_offered(client, drawn, officer, monkeypatch):
    document, redaction = drawn
    DocumentPage.objects.bulk_create(
        DocumentPage(document=document, number=number, width=1, height=1) for number in range(1, 30)
    )
    type(redaction).objects.update(state="draft")
    asked = []
    monkeypatch.setattr("cases.admin.documents.redaction.offered", lambda redaction: asked.append(1) or [])
    client.force_login(officer)
    assert client.get(f"/admin/cases/documents/{document.pk}/redaction/").status_code == 200
    assert len(asked) == 1


def test_who_looks_through_thousands_of_objects_says_that_it_is_still_there(monkeypatch):
    """Else it is taken for dead after a while, and what is harmless for damaged."""
    said = []
    monkeypatch.setattr(active, "tell", lambda **facts: said.append(facts))
    content = hostile.pdf_with("", *["<< /A 1 >>"] * (2 * active.A_WORD_EVERY))
    with tempfile.TemporaryFile() as file:
        file.write(content)
        active.look(file, file)
    assert said == [{"looked_at": n * active.A_WORD_EVERY} for n in range(3)] + [{"active": []}]


def test_as_many_boxes_as_are_kept_fit_into_one_form(settings):
    about_the_page = 50
    assert MOST_BOXES * 5 + about_the_page < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS


@pytest.mark.django_db
def test_nothing_is_received_tomorrow(client, officer, application, make):
    client.force_login(officer)
    tomorrow = timezone.localdate() + timedelta(days=1)
    plan, document = io.BytesIO(files.image("PNG")), make()
    plan.name = "plan.png"
    answer = client.post(
        f"/admin/cases/{application.pk}/documents/upload/", {"file": plan, "received_on": tomorrow.isoformat()}
    )
    assert answer.status_code == 422
    row = str(document.pk)
    described = {f"describe-{row}-title": "Letter", f"describe-{row}-received_on": tomorrow.isoformat()}
    page = f"/admin/cases/{application.pk}/tasks/check_documents/"
    assert client.post(page, {"action": "describe", "row": row, **described}).status_code == 422
    assert application.documents.count() == 1
    document.refresh_from_db()
    assert document.received_on < tomorrow


@pytest.mark.django_db
def test_what_counts_as_received_on_monday_can_be_described_at_the_weekend(client, officer, application, make):
    document = make(received_on=date(2026, 6, 8))
    client.force_login(officer)
    row = str(document.pk)
    described = {f"describe-{row}-title": "Letter", f"describe-{row}-received_on": "2026-06-08"}
    with at("2026-06-06 10:00"):  # a Saturday: it came on Friday evening
        page = f"/admin/cases/{application.pk}/tasks/check_documents/"
        assert client.post(page, {"action": "describe", "row": row, **described}).status_code == 302
    document.refresh_from_db()
    assert (document.title, document.received_on) == ("Letter", date(2026, 6, 8))
