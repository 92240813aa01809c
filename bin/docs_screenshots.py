"""Takes the pictures of docs/using-bops.md again, from a running demonstration.

It only looks and saves nothing; one applicant's link has been used afterwards.

bin/demo                                                          in one terminal
.venv/bin/python bin/docs_screenshots.py                          in another: all of them
.venv/bin/python bin/docs_screenshots.py --only case sign-off     some of them
"""

import argparse
import io
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.chromium import find_browser  # noqa: E402

PASSWORD = "turbinehall"  # noqa: S105 - the demonstration's, which the README names
WIDE, NARROW = 1280, 400
MOST_BYTES = 250_000
ASSESSOR, REVIEWER, ANYBODY = "assessor@example.com", "reviewer@example.com", ""


@dataclass(frozen=True)
class Picture:
    name: str  # of the file in docs/images, without its ending
    who: str
    come_to: Callable[[Page], None]  # from anywhere in the demonstration to the page of the picture
    height: int = 900
    width: int = WIDE


def at(path: str) -> Callable[[Page], None]:
    return lambda page: page.goto(path)


def case(officer_list: str, kind: str = "", then: str = "") -> Callable[[Page], None]:
    """The first case of an officers' list (whose row says `kind`), or a page below it such as tasks/comments/."""

    def come(page: Page) -> None:
        page.goto(f"/admin/cases/?list={officer_list}")
        rows = page.locator("table.listing tbody tr", has_text=re.compile(kind, re.DOTALL))
        page.goto(rows.first.locator("td.title a").first.get_attribute("href"))
        if then:
            page.goto(page.url + then)

    return come


def scrolled(come_to: Callable[[Page], None], to: str) -> Callable[[Page], None]:
    """The same page, with what this selector finds at the top of the picture."""

    def come(page: Page) -> None:
        come_to(page)
        page.wait_for_load_state("networkidle")
        page.locator(to).first.evaluate("element => element.scrollIntoView({block: 'start', behavior: 'instant'})")

    return come


def applicants_page(officer_list: str, then: re.Pattern | None = None) -> Callable[[Page], None]:
    """What the applicant of the first case of this list reads: by the link in the letter, which is held here."""

    def come(page: Page) -> None:
        case(officer_list)(page)
        page.get_by_role("link", name=re.compile("We need more")).first.click()
        page.wait_for_load_state()
        link = re.search(r"http\S+/your-application/[\w.:-]+/", page.locator("main").inner_text())[0]
        page.context.clear_cookies()  # from here on somebody without an account
        page.goto(link)
        if then:
            page.get_by_role("link", name=then).first.click()

    return come


def document(title: str, officer_list: str, kind: str, link: str) -> Callable[[Page], None]:
    """A page about the first document of this title of a case: the viewer's link of this name."""

    def come(page: Page) -> None:
        case(officer_list, kind, "tasks/check_documents/")(page)
        page.get_by_role("link", name=title, exact=True).first.click()
        page.get_by_role("link", name=link).first.click()
        page.wait_for_load_state("networkidle")

    return come


def boxes_drawn(page: Page) -> None:
    """Two boxes on the first page of a drawing, as somebody is about to save them."""
    document("Location plan", "mine", "certificate.*In assessment", "Redact")(page)
    layer = page.locator("[data-layer='1']")
    layer.evaluate("element => element.scrollIntoView({block: 'center', behavior: 'instant'})")
    frame = layer.bounding_box()
    for left, top, right, bottom in ((0.30, 0.44, 0.42, 0.52), (0.69, 0.84, 0.97, 0.90)):
        page.mouse.move(frame["x"] + left * frame["width"], frame["y"] + top * frame["height"])
        page.mouse.down()
        page.mouse.move(frame["x"] + right * frame["width"], frame["y"] + bottom * frame["height"], steps=4)
        page.mouse.up()


def on_the_register(query: str) -> Callable[[Page], None]:
    def come(page: Page) -> None:
        page.goto(f"/planning-applications/?{query}")
        page.goto(page.locator("main h2 a").first.get_attribute("href"))

    return come


PICTURES = (
    Picture("first-page", ASSESSOR, at("/admin/"), 800),
    Picture("case-list", ASSESSOR, at("/admin/cases/?list=open"), 860),
    Picture("case", ASSESSOR, case("mine", "Householder.*In assessment"), 1150),
    Picture("documents", ASSESSOR, case("to_validate", "", "tasks/check_documents/"), 1150),
    Picture("redaction", ASSESSOR, boxes_drawn, 1000),
    Picture("compare", ASSESSOR, document("Proposed elevations", "open", "26-00174", "Compare"), 1000),
    Picture("invalid", ASSESSOR, case("to_validate", "things missing", "tasks/send_validation_decision/"), 1150),
    Picture("letter", ASSESSOR, case("to_validate", "3 things missing", "requests/letter/?mark=invalid"), 1150),
    Picture("applicant", ASSESSOR, applicants_page("waiting_for_applicant", re.compile("Location plan")), 1150),
    Picture("applicant-on-a-telephone", ASSESSOR, applicants_page("waiting_for_applicant"), 800, NARROW),
    Picture("answers", ASSESSOR, case("answers", "", "requests/"), 1000),
    Picture("comments", ASSESSOR, case("new_comments", "Householder.*In assessment", "tasks/comments/"), 1000),
    Picture("limits", ASSESSOR, case("open", "certificate.*In assessment", "tasks/assess_gpdo/"), 1150),
    Picture("recommendation", ASSESSOR, case("sent_back", "", "tasks/recommendation/"), 1150),
    Picture("notice", ASSESSOR, case("sent_back", "", "notice/"), 1150),
    Picture("sign-off", REVIEWER, case("to_sign_off", "Awaiting", "sign-off/"), 1250),
    Picture("messages", ASSESSOR, at("/admin/notices/message/"), 860),
    Picture("register", ANYBODY, on_the_register("status=decided"), 1100),
    Picture("register-on-a-telephone", ANYBODY, on_the_register("status=decided"), 800, NARROW),
)


def sign_in(page: Page, who: str) -> None:
    page.goto("/admin/login/")
    page.get_by_label("E-mail").fill(who)
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()


def take(browser: Browser, address: str, picture: Picture) -> bytes:
    context = browser.new_context(
        base_url=address,
        viewport={"width": picture.width, "height": picture.height},
        locale="en-GB",
        timezone_id="Europe/London",
        reduced_motion="reduce",
    )
    try:
        page = context.new_page()
        if picture.who:
            sign_in(page, picture.who)
        picture.come_to(page)
        page.wait_for_load_state("networkidle")
        return page.screenshot()
    finally:
        context.close()


def smaller(png: bytes) -> bytes:
    """The same picture in at most 128 colours: a quarter of the size, and nobody sees a difference on a page."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", nargs="?", default="http://127.0.0.1:8000", help="where the demonstration runs")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "images", help="folder of the pictures")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="these pictures alone")
    options = parser.parse_args()
    if not (path := find_browser()):
        sys.exit("No Chromium or Chrome was found.")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        for picture in PICTURES:
            if options.only and picture.name not in options.only:
                continue
            png = smaller(take(browser, options.address, picture))
            (options.to / f"{picture.name}.png").write_bytes(png)
            print(f"{picture.name}.png  {len(png) // 1000} kB")
            if len(png) > MOST_BYTES:
                sys.exit(f"{picture.name}.png is larger than {MOST_BYTES // 1000} kB: make it less high.")
        browser.close()


if __name__ == "__main__":
    main()
