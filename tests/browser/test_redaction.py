"""Redacting a document in the browser: by mouse, by keyboard alone, without a script; and two officers at once."""

import io
import time

import pypdfium2
import pytest
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import expect

from cases.documents.adding import add_document
from cases.documents.preparing.task import prepare_document
from cases.documents.redacting.drawing import redaction_of, save_boxes
from cases.models import Document, Redaction
from cases.statuses import Status
from tests.browser.visitor import Visitor
from tests.cases.marked_pdfs import BOX, KEPT, MARK, MARKED, PLAIN, Raw, places_of

pytestmark = pytest.mark.browser
# The part of a page at which a drag begins: clear of the bars that stay at the top of the window.
TO_THE_MIDDLE = """(sheet, top) => {
    const mark = document.createElement("i");
    Object.assign(mark.style, {position: "absolute", top: `${top * 100}%`, height: "1px"});
    sheet.append(mark);
    mark.scrollIntoView({block: "center", behavior: "instant"});
    mark.remove();
}"""
PHONE = "BT /F1 18 Tf 72 400 Td (Telephone 01494 555 321) Tj ET"


@pytest.fixture
def authority(council):
    return council


@pytest.fixture
def document(make_application, assessor) -> Document:
    raw = Raw()
    content = raw.written(raw.page(f"{MARKED.format(MARK)} {PHONE} {PLAIN}"), raw.page(MARKED.format(KEPT)))
    with transaction.atomic():
        case = make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=assessor)
    document = add_document(case, file=io.BytesIO(content), name="Letter.pdf", by=assessor)
    prepare_document.call(document.pk)
    document.refresh_from_db()
    return document


@pytest.fixture
def address(document) -> str:
    return reverse("case_redaction", args=[document.pk])


def draw(visitor: Visitor, page: int, left: float, top: float, right: float, bottom: float) -> None:
    """Drag the mouse over a page; parts of its width and height."""
    sheet = visitor.page.locator(f"[data-layer='{page}']")
    sheet.evaluate(TO_THE_MIDDLE, top)
    frame, mouse = sheet.bounding_box(), visitor.page.mouse
    mouse.move(frame["x"] + left * frame["width"], frame["y"] + top * frame["height"])
    mouse.down()
    mouse.move(frame["x"] + (left + right) / 2 * frame["width"], frame["y"] + bottom * frame["height"], steps=3)
    mouse.move(frame["x"] + right * frame["width"], frame["y"] + bottom * frame["height"], steps=3)
    mouse.up()


def saved(document: Document) -> list[list[float]]:
    """[page, x, y, width, height] of each box, in whole per cent."""
    boxes = Redaction.objects.get(document=document, state="draft").boxes
    return [[box["page"], *(round(box[side] * 100) for side in ("x", "y", "width", "height"))] for box in boxes]


def test_boxes_are_drawn_moved_sized_and_the_copy_holds_nothing_under_them(visit, assessor, document, address):
    officer = visit(assessor)
    officer.go(address)
    page = officer.page
    draw(officer, 1, 0.05, 0.10, 0.65, 0.20)
    box = page.get_by_role("application")
    expect(box).to_have_count(1)
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    expect(page.locator("[data-count='1']")).to_have_text("1 box")

    # Moved by its middle, sized by its corner, undone twice
    frame, place = box.bounding_box(), box.get_attribute("style")
    page.mouse.move(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] / 2 + 40, frame["y"] + frame["height"] / 2 + 60, steps=4)
    page.mouse.up()
    moved = box.bounding_box()
    assert (moved["x"] - frame["x"], moved["y"] - frame["y"]) == pytest.approx((40, 60), abs=1)
    corner = box.locator("[data-corner=se]").bounding_box()
    page.mouse.move(corner["x"] + 12, corner["y"] + 12)
    page.mouse.down()
    page.mouse.move(corner["x"] + 52, corner["y"] + 32, steps=4)
    page.mouse.up()
    assert box.bounding_box()["width"] > moved["width"] + 30
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    expect(box).to_have_attribute("style", place)
    officer.look()

    officer.press("Save boxes", within=page.locator(".redact-bar"))
    officer.reads("Boxes saved")
    assert saved(document) == [[1, 5, 10, 60, 10]]
    officer.press("Make the redacted copy…", within=page.locator(".redact-bar"))
    officer.reads("1 box on 1 of 2 pages will be black")
    officer.reads("The original is withheld from the public")
    officer.press("Make the redacted copy")
    officer.reads("The redacted copy is made")
    copy = document.redacted_copies.get()
    content = copy.file.read()
    assert places_of(content) == []
    pdf = pypdfium2.PdfDocument(content)
    assert KEPT in pdf[0].get_textpage().get_text_bounded()
    pdf.close()
    officer.follow("Redact again")
    expect(page.get_by_role("application")).to_have_count(1)


def test_a_document_is_redacted_by_keyboard_alone(visit, assessor, document, address):
    officer = visit(assessor)
    officer.go(address)
    page, keyboard = officer.page, officer.page.keyboard
    told = page.locator("[data-announce]")
    officer.tab_to(page.get_by_role("button", name="Add a box on page 1"))
    keyboard.press("Enter")
    box = page.get_by_role("application", name="Box 1 on page 1")
    expect(box).to_be_focused()
    expect(told).to_contain_text("Box 1 on page 1 added")
    for _ in range(10):
        keyboard.press("ArrowLeft")
        keyboard.press("ArrowUp")
        keyboard.press("Shift+ArrowRight")
        keyboard.press("Shift+ArrowDown")
    keyboard.press("Control+ArrowRight")
    expect(told).to_contain_text(
        "30.1 per cent from the left, 35 per cent from the top, 35 per cent wide, 10 per cent high"
    )
    officer.look()

    # A second one, removed and brought back
    officer.tab_to(page.get_by_role("button", name="Add a box on page 2"))
    keyboard.press("Enter")
    expect(page.get_by_role("application", name="Box 1 on page 2")).to_be_focused()
    keyboard.press("Delete")
    expect(told).to_contain_text("Box 1 on page 2 removed")
    expect(page.get_by_role("button", name="Add a box on page 2")).to_be_focused()
    keyboard.press("Control+z")
    expect(page.get_by_role("application")).to_have_count(2)

    officer.tab_to(page.get_by_role("button", name="Save boxes").last)
    with page.expect_navigation():
        keyboard.press("Enter")
    assert saved(document) == [[1, 30, 35, 35, 10], [2, 35, 40, 30, 5]]


def test_without_a_script_the_table_does_it_all(visit, assessor, document, address):
    officer = visit(assessor, may_run_scripts=False)
    officer.go(address)
    expect(officer.page.get_by_role("button", name="Add a box on page 1")).to_be_hidden()
    for label, value in {
        "Page of box 1": "1",
        "Per cent from the left of box 1": "5",
        "Per cent from the top of box 1": "10",
        "Width of box 1": "60",
        "Height of box 1": "10",
    }.items():
        officer.field(label).fill(value)
    officer.press("Save boxes", within=officer.page.locator(".redact-table"))
    expect(officer.page.locator("[data-static]")).to_have_count(1)
    officer.field("Page of box 2").fill("7")
    officer.field("Width of box 2").fill("7")
    officer.press("Save boxes", within=officer.page.locator(".redact-table"))
    officer.reads("Box 2: give the page and four numbers")
    officer.go(address)
    officer.page.get_by_label("Remove box 1").check()
    officer.press("Save boxes", within=officer.page.locator(".redact-table"))
    assert saved(document) == []
    officer.press("Make the redacted copy…", within=officer.page.locator(".redact-table"))
    officer.reads("There is no box")
    officer.press("Make the redacted copy")
    officer.reads("The redacted copy is made")


def test_suggestions_are_looked_for_and_covered(visit, assessor, document, address):
    officer = visit(assessor)
    officer.go(address)
    draw(officer, 2, 0.1, 0.1, 0.3, 0.2)
    officer.press("Look for personal details")
    officer.reads("telephone number")
    expect(officer.page.get_by_role("application")).to_have_count(1)
    officer.press("Cover the telephone number on page 1 (suggestion 1)")
    expect(officer.page.get_by_role("application")).to_have_count(2)
    officer.reads("Every suggestion is covered")


def test_two_officers_see_each_others_boxes_and_lose_none(visit, assessor, reviewer, document, address):
    officer = visit(assessor)
    officer.go(address)
    draw(officer, 1, 0.05, 0.1, 0.65, 0.2)
    theirs = redaction_of(document, by=reviewer)
    save_boxes(theirs, boxes=[{**BOX, "page": 2}], version=0, by=reviewer)
    officer.press("Save boxes", within=officer.page.locator(".redact-bar"))
    officer.reads("Reviewer Test has changed the boxes")
    expect(officer.page.get_by_role("alert")).to_be_focused()
    expect(officer.page.get_by_role("application")).to_have_count(2)
    officer.press("Save boxes", within=officer.page.locator(".redact-bar"))
    assert [box[0] for box in saved(document)] == [1, 2]


def test_leaving_with_boxes_that_are_not_saved_is_asked_about(visit, assessor, document, address):
    officer = visit(assessor)
    officer.go(address)
    asked = []
    officer.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    officer.page.reload()
    assert asked == []
    draw(officer, 1, 0.05, 0.1, 0.65, 0.2)
    officer.page.reload()
    assert asked == ["beforeunload"]


def test_on_a_telephone_a_finger_scrolls_until_it_is_told_to_draw(visit, assessor, document, address):
    officer = visit(assessor)
    officer.page.set_viewport_size({"width": 390, "height": 800})
    officer.go(address)
    assert officer.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    layer = officer.page.locator("[data-layer='1']")
    assert layer.evaluate("element => getComputedStyle(element).touchAction") != "none"
    officer.page.locator("[data-touch]").evaluate("button => { button.hidden = false; button.click(); }")
    assert layer.evaluate("element => getComputedStyle(element).touchAction") == "none"


class Finger:
    """Touches the screen as Chromium's own emulation does: what may be scrolled there scrolls, and draws nothing."""

    def __init__(self, visitor: Visitor):
        self.page = visitor.page
        self.session = visitor.page.context.new_cdp_session(visitor.page)

    def drag(self, start: tuple[float, float], to: tuple[float, float], *, steps: int = 8) -> None:
        """Slowly, and resting before it is lifted: after a flick Chromium takes the next tap for “stop scrolling”."""
        (x, y), (to_x, to_y), now = start, to, time.time()
        self._touch("touchStart", now - 2, (x, y))
        for step in range(1, steps + 1):
            self._touch("touchMove", now - 1, (x + (to_x - x) * step / steps, y + (to_y - y) * step / steps))
        self._touch("touchEnd", now)

    def _touch(self, kind: str, at: float, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in places]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "timestamp": at, "touchPoints": points})


def test_boxes_are_drawn_moved_sized_and_removed_by_finger_alone(visit, assessor, document, address):
    officer = visit(assessor, has_touch=True)
    officer.go(address)
    page, finger = officer.page, Finger(officer)
    sheet, box = page.locator("[data-layer='1']"), page.get_by_role("application")

    def across(left: float, top: float, right: float, bottom: float) -> None:
        sheet.evaluate(TO_THE_MIDDLE, top)
        frame = sheet.bounding_box()
        finger.drag(
            (frame["x"] + left * frame["width"], frame["y"] + top * frame["height"]),
            (frame["x"] + right * frame["width"], frame["y"] + bottom * frame["height"]),
        )

    across(0.05, 0.30, 0.65, 0.20)  # as long as nothing else was said, a finger scrolls
    expect(box).to_have_count(0)
    page.get_by_role("button", name="Draw by touch").tap()
    across(0.05, 0.10, 0.65, 0.20)
    expect(box).to_have_count(1)

    # Scrolling again, the box that is in focus still follows the finger, by its middle and by its corner.
    page.get_by_role("button", name="Draw by touch").tap()
    expect(page.get_by_role("button", name="Draw by touch")).to_have_attribute("aria-pressed", "false")
    drawn = box.get_attribute("style")
    box.tap()
    before = box.bounding_box()
    middle = (before["x"] + before["width"] / 2, before["y"] + before["height"] / 2)
    finger.drag(middle, (middle[0] + 40, middle[1] + 60))
    after, placed = box.bounding_box(), box.get_attribute("style")
    assert (after["x"] - before["x"], after["y"] - before["y"]) == pytest.approx((40, 60), abs=2)
    corner = box.locator("[data-corner=se]").bounding_box()
    finger.drag((corner["x"] + 12, corner["y"] + 12), (corner["x"] + 52, corner["y"] + 32))
    assert box.bounding_box()["width"] > after["width"] + 30
    page.get_by_role("button", name="Undo").tap()
    expect(box).to_have_attribute("style", placed)
    page.get_by_role("button", name="Undo").tap()
    expect(box).to_have_attribute("style", drawn)
    officer.look()
    with page.expect_navigation():
        page.locator(".redact-bar").get_by_role("button", name="Save boxes").tap()
    assert saved(document) == [[1, 5, 10, 60, 10]]

    page.get_by_role("checkbox", name="Remove box 1").tap()
    expect(box).to_have_count(0)
