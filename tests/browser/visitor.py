"""A person at a browser: goes to addresses, follows links, fills forms in; and every page they meet is looked at.

Looking means axe-core (WCAG 2.2 A and AA, frames included), errors of scripts, and files of the page that did not come.
What is wrong is collected, so that one run tells of every page; the fixture `visit` fails the test for it at the end.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

# Markup of Wagtail's or GOV.UK Frontend's own, which we do not write: rule → selectors of the elements in which it is
# not asked for.
WAGTAILS_OWN: dict[str, tuple[str, ...]] = {
    # Draftail gives its text box no name; the label of the field stands above it, and is tied to the hidden input.
    "aria-input-field-name": (".Draftail-Editor",),
    # Wagtail names whoever else edits the same thing in a tooltip of their picture.
    "button-name": (".w-editing-sessions__session",),
    # GOV.UK Frontend tells by aria-expanded whether a radio shows more; ARIA 1.2 lets only other roles say so, and the
    # design system keeps it because screen readers read it out.
    "aria-allowed-attr": (".govuk-radios__input[aria-expanded]",),
}

# A message that is just fading in has no contrast yet: colours are looked at as they stand in the end.
STAND_STILL = """
    const still = new CSSStyleSheet();
    still.replaceSync("*, *::before, *::after { transition: none !important; animation: none !important }");
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
"""

MOST_STEPS = 60  # with the Tab key, to anything on a page
HAS_FOCUS = "element => element === document.activeElement"
# By its outline or shadow, or, where GOV.UK draws a radio or a tick itself, by those of what it draws.
SHOWS_FOCUS = """element => {
    const drawn = [...(element.labels ?? [])].map((label) => getComputedStyle(label, "::before"));
    return [getComputedStyle(element), ...drawn].some(({outlineStyle, outlineWidth, boxShadow}) =>
        (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none");
}"""

LOOK = (Path(__file__).parent / "look.js").read_text().strip()


@dataclass
class Known:
    """What was looked at in this process and was good. Looking at it again would prove nothing more."""

    kinds: set[tuple[str, int]] = field(default_factory=set)  # of pages, at a width
    shapes: set[str] = field(default_factory=set)  # of their parts, which say at which width (look.js)


@dataclass
class Visitor:
    page: Page
    may_run_scripts: bool = True
    known: Known = field(default_factory=Known)
    faults: dict[str, str] = field(default_factory=dict)  # what is wrong → the page on which it was seen first

    @classmethod
    def at(cls, context: BrowserContext, *, may_run_scripts: bool = True, known: Known | None = None) -> "Visitor":
        visitor = cls(context.new_page(), may_run_scripts, known or Known())
        visitor.page.on("pageerror", lambda error: visitor._note(f"script: {error}"))
        visitor.page.on("response", visitor._note_answer)
        visitor.page.on("console", visitor._note_words)
        return visitor

    # --- What they do -----------------------------------------------------------------------------------------------

    def go(self, address: str) -> None:
        self.page.goto(address)
        self.look()

    def follow(self, name: str, *, within: Locator | None = None, exact: bool = True) -> None:
        """Click the one link of this name."""
        self.leave(self._one("link", name, within, exact))

    def press(self, name: str, *, within: Locator | None = None, exact: bool = True) -> None:
        """Click the one button of this name, which sends a form."""
        self.leave(self._one("button", name, within, exact))

    def leave(self, way: Locator) -> None:
        """Click what leads to another page, and look at that: never at the one that is just going."""
        with self.page.expect_navigation(wait_until="load"):
            way.click()
        self.look()

    def enter(self, way: Locator) -> None:
        """The same without a mouse: reach it and press Enter."""
        self.tab_to(way)
        with self.page.expect_navigation(wait_until="load"):
            self.page.keyboard.press("Enter")
        self.look()

    def tab_to(self, target: Locator) -> None:
        """Press Tab until the target has the focus; and it must be seen that it has."""
        for _ in range(MOST_STEPS):
            if target.evaluate(HAS_FOCUS):
                expect(target).to_be_in_viewport()
                assert target.evaluate(SHOWS_FOCUS), f"{self.page.url}: nobody sees that {target} has the focus"
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"{self.page.url}: {target} is not reached with {MOST_STEPS} steps of the Tab key")

    def fill(self, **words: str) -> None:
        """Type into fields, by what their labels begin with: `fill(description="…", fee_paid="258")`."""
        for label, text in words.items():
            self.field(label.replace("_", " ").capitalize()).fill(text)

    def field(self, label: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_label(re.compile(rf"^\s*{re.escape(label)}"))

    def open(self, summary: str) -> Locator:
        """Open the <details> whose summary begins so; returns it."""
        details = self.page.locator("details").filter(has=self.page.locator("summary", has_text=summary)).first
        if details.get_attribute("open") is None:
            details.locator("summary").first.click()
        expect(details).to_have_attribute("open", "")
        return details

    # --- What they see ----------------------------------------------------------------------------------------------

    def reads(self, words: str, *, within: Locator | None = None) -> None:
        """The page (its main part) says so."""
        expect(within or self.page.locator("main").first).to_contain_text(words)

    def reads_not(self, words: str) -> None:
        expect(self.page.locator("main").first).not_to_contain_text(words)

    def look(self) -> None:
        """At all of a page whose kind is new, and else at what is new on it."""
        if not self.may_run_scripts:
            return
        shapes = set(self.page.evaluate(f"{LOOK}.shapes().map(([, shape]) => shape).join(' ')").split())
        new, is_known = shapes - self.known.shapes, self._kind() in self.known.kinds
        if is_known and not new:
            return
        self._bring_axe()
        asked = [RULES, WAGTAILS_OWN, sorted(new) if is_known else None]
        faults = self.page.evaluate(f"(asked) => {LOOK}.faults(...asked)", asked)
        for fault in faults:
            self._note(fault)
        if not faults:
            self.known.shapes |= shapes
            self.known.kinds.add(self._kind())

    def _kind(self) -> tuple[str, int]:
        """The address but for numbers, references and tokens, and the width of the window."""
        path = re.sub(r"[^/]*\d[^/]*", "0", urlsplit(self.page.url).path)
        return path, self.page.evaluate("innerWidth")

    def _bring_axe(self) -> None:
        for frame in self.page.frames:
            if not frame.evaluate("'axe' in window"):
                frame.evaluate(f"{AXE.read_text()}\n;undefined")

    # --- Within -----------------------------------------------------------------------------------------------------

    def _one(self, role, name: str, within: Locator | None, exact: bool) -> Locator:
        return (within or self.page).get_by_role(role, name=name, exact=exact)

    def _note_answer(self, response) -> None:
        is_the_page = response.request.is_navigation_request()
        if response.status >= (500 if is_the_page else 400):
            self._note(f"{response.status}: {response.url}")

    def _note_words(self, message) -> None:
        # What the browser says of an answer that is not 200 is seen above.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._note(f"console: {message.text}")

    def _note(self, fault: str) -> None:
        self.faults.setdefault(fault, self.page.url)
