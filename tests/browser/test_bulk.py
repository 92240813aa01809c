"""What is done with many at once, in a browser: the bar says what is ticked, and its buttons can be read."""

from itertools import product

import pytest
from django.db import transaction
from playwright.sync_api import expect

from cases.statuses import Status
from tests.cases.document_files import make_document

READABLE = 4.5  # WCAG 2.2 1.4.3
HEIGHT = 900

# The contrast of the words of each element with what lies behind them, by the colours that the browser computed.
CONTRASTS = """(elements) => {
    const canvas = document.createElement("canvas").getContext("2d");
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = rgba(getComputedStyle(at).backgroundColor);
            if (colour[3] === 255) return colour;
        }
        return [255, 255, 255, 255];
    };
    const light = (colour) => {
        const [red, green, blue] = colour.slice(0, 3).map((part) => part / 255)
            .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    return elements.map((element) => {
        const lights = [rgba(getComputedStyle(element).color), behind(element)].map(light).sort((a, b) => b - a);
        return [element.textContent.trim(), (lights[0] + 0.05) / (lights[1] + 0.05)];
    });
}"""


@pytest.fixture
def authority(council):
    return council


@pytest.fixture
def cases(make_application, assessor):
    with transaction.atomic():
        return [make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=assessor) for _ in "123"]


def readable(words, width: int) -> None:
    """All of it is on the screen, none of it cut off, and it stands out from what is behind it."""
    for text, contrast in words.evaluate_all(CONTRASTS):
        assert contrast >= READABLE, f"{text}, at {width}: {contrast:.1f}"
    for one in words.all():
        box = one.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= HEIGHT
        assert one.evaluate("(element) => element.scrollWidth <= element.clientWidth + 1")


def test_the_bar_of_the_list_of_cases_can_be_read_and_says_cases(visit, reviewer, cases):
    manager = visit(reviewer)
    page = manager.page
    manager.go("/admin/cases/")
    bar = page.locator("[data-bulk-action-footer]")
    ticks = page.locator("[data-bulk-action-checkbox]")
    for number, words in enumerate(["1 case selected", "2 cases selected", "All 3 cases on this page selected"]):
        ticks.nth(number).check()
        expect(bar).to_contain_text(words)
    expect(bar.get_by_role("link")).to_have_text(["Take", "Give to an officer"])
    for scheme, width in product(("light", "dark"), (1280, 390)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.mouse.move(0, 0)
        readable(bar.locator("a, .num-objects"), width)
        bar.get_by_role("link").last.hover()
        readable(bar.locator("a, .num-objects"), width)
    manager.look()

    manager.follow("Give the selected cases to an officer", within=bar)
    for case in cases:
        manager.reads(case.reference)
    manager.press("Give 3 cases to an officer")
    manager.reads("Choose an officer, or Nobody")
    for case in cases:
        manager.reads(case.reference)
        case.refresh_from_db()
        assert case.officer is not None


def test_documents_that_are_ticked_are_called_documents(visit, assessor, cases):
    for title in ("Letter", "Plan"):
        make_document(cases[0], title)
    officer = visit(assessor)
    officer.go(f"/admin/cases/{cases[0].pk}/tasks/check_documents/")
    said = officer.page.locator("[data-chosen-number]")
    officer.page.get_by_label("Choose Letter").check()
    expect(said).to_have_text("1 document selected")
    officer.page.get_by_label("Choose Plan").check()
    expect(said).to_have_text("2 documents selected")
    officer.press("Continue")
    officer.reads("Choose what to do with 2 documents")
    officer.field("What to do with them").select_option(label="Withhold")
    officer.press("Continue")
    officer.reads("2 documents will not be public")
