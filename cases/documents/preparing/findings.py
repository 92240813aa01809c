"""Everything that is found out about one file, from the reading process, without touching a row."""

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from typing import IO, Any

from cases.files.reading import WHOLE_SECONDS, Died, Said, ask
from cases.files.types import CSV, DOCX, IMAGES, ODS, ODT, PDF, TEXT, XLSX

from . import active_content

logger = logging.getLogger(__name__)

KINDS = {
    PDF: "pdf",
    **dict.fromkeys(IMAGES, "picture"),
    **dict.fromkeys((DOCX, XLSX, ODT, ODS), "office"),
    **dict.fromkeys((TEXT, CSV), "text"),
}
MAX_PREVIEWS = 500  # pages with a picture: as many as a document may have to be redacted
MAX_TEXTS = 2_000  # pages with words
MAX_PAGE_TEXT = 100_000  # characters
MAX_DOCUMENT_TEXT = 8_000_000
MAX_DEATHS = 3  # pages that bring the process down before the rest is given up
MAX_POINTS = 1_000_000.0
MAX_PAGES = 1_000_000

CLOSED = {
    "damaged": "The file is damaged and cannot be opened.",
    "password": "The file is protected by a password, so nobody here can read it.",
    "empty": "There are no pages in the file.",
}

Keep = Callable[[int, bytes], str]  # page (0: the thumbnail) and JPEG → the name under which it was stored


@dataclass
class Page:
    width: float = 0.0
    height: float = 0.0
    preview: str = ""
    text: str = ""


@dataclass
class Findings:
    """`active`: codes of active_content. `pages` by number. `error`: a sentence about what is missing."""

    active: list[str] = field(default_factory=list)
    page_count: int | None = None
    pages: dict[int, Page] = field(default_factory=dict)
    thumbnail: str = ""
    error: str = ""

    @property
    def text(self) -> str:
        return "\n".join(page.text for page in self.pages.values())


def find_out(file: IO[bytes], *, mime_type: str, keep: Keep) -> Findings:
    """Read a file that lies on the disk; `keep` stores each picture as it comes."""
    kind, until = KINDS[mime_type], time.monotonic() + WHOLE_SECONDS
    findings = Findings(active=_active(file, kind, until))
    if "bomb" in findings.active:
        findings.error = "The file unpacks to far more than it says, so nothing of it was read."
        return findings
    _draw(file, kind, until, keep, findings)
    if not findings.error and findings.page_count:
        findings.error = _what_is_missing(findings)
    return findings


def _active(file: IO[bytes], kind: str, until: float) -> list[str]:
    found: list[str] | None = None
    try:
        with closing(ask(file, kind, "look", until=until)) as sayings:
            for said in sayings:
                codes = said.facts.get("active")
                found = active_content.known(codes) if isinstance(codes, list) else found
    except Died as error:
        logger.info("A file could not be looked through: %s", error)
        found = None
    return ["damaged"] if found is None else found


def _draw(file: IO[bytes], kind: str, until: float, keep: Keep, findings: Findings) -> None:
    start = 1
    for _ in range(MAX_DEATHS + 1):
        drawing = _Drawing(findings, keep, at=start)
        asked = ask(file, kind, "draw", str(start), str(MAX_PREVIEWS), str(MAX_TEXTS), until=until)
        try:
            with closing(asked) as sayings:
                drawing.hear(sayings)
            return
        except Died as error:
            logger.info("A page could not be drawn: %s", error)
        if not findings.page_count:
            break
        start = drawing.at + 1
        if start > min(findings.page_count, MAX_TEXTS):
            return
    if not findings.pages:
        findings.error = "The file could not be read: it is damaged, or far larger than it looks."


def _what_is_missing(findings: Findings) -> str:
    count = findings.page_count or 0
    drawn = {number for number, page in findings.pages.items() if page.preview}
    missing = [number for number in range(1, min(count, MAX_PREVIEWS) + 1) if number not in drawn]
    if missing:
        which = f"page {missing[0]}" if len(missing) == 1 else f"{len(missing)} pages, the first is page {missing[0]}"
        return f"There is no picture of {which}: too large to be drawn here, or damaged. Download the file to see it."
    if count > MAX_PREVIEWS:
        return f"Only the first {MAX_PREVIEWS} pages have a picture here. Download the file to see the others."
    return ""


class _Drawing:
    """Takes down what the process says of the pages."""

    def __init__(self, findings: Findings, keep: Keep, *, at: int):
        self.findings, self.keep, self.at = findings, keep, at
        self.room = MAX_DOCUMENT_TEXT - sum(len(page.text) for page in findings.pages.values())

    def hear(self, sayings: Iterable[Said]) -> None:
        for said in sayings:
            facts = said.facts
            if "pages" in facts:
                self.findings.page_count = _whole(facts["pages"], 0, MAX_PAGES)
            elif facts.get("closed"):
                self._close(str(facts["closed"]))
            elif "begin" in facts:
                self.at = _whole(facts["begin"], 1, MAX_TEXTS)
                self.page.width, self.page.height = _points(facts.get("width")), _points(facts.get("height"))
            elif "words" in facts:
                self.page.text = self._clean(facts.get("text"))
            elif facts.get("thumbnail"):
                self.findings.thumbnail = self.keep(0, said.content)
            elif said.content and self.at <= MAX_PREVIEWS:
                self.page.preview = self.keep(self.at, said.content)

    def _close(self, why: str) -> None:
        """The file does not open, or its one picture breaks off."""
        self.findings.error = CLOSED.get(why, CLOSED["damaged"])
        self.findings.active = self.findings.active or ["damaged"]
        self.findings.page_count, self.findings.pages = None, {}

    @property
    def page(self) -> Page:
        return self.findings.pages.setdefault(self.at, Page())

    def _clean(self, text: Any) -> str:
        """Words that PostgreSQL takes, and no more of them than there is room for."""
        if not isinstance(text, str):
            return ""
        cleaned = text[: min(MAX_PAGE_TEXT, self.room)].replace("\x00", " ").replace("\r\n", "\n")
        cleaned = cleaned.encode("utf-8", "ignore").decode("utf-8")
        self.room -= len(cleaned)
        return cleaned


def _whole(value: Any, least: int, most: int) -> int:
    if not isinstance(value, int) or not least <= value <= most:
        raise Died("it spoke nonsense")
    return value


def _points(value: Any) -> float:
    if not isinstance(value, int | float) or not 0 <= value <= MAX_POINTS:
        raise Died("it spoke nonsense")
    return float(value)
