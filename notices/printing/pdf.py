"""HTML → tagged PDF (PDF/UA-1), without asking the network for anything."""

import json
import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from django.conf import settings
from django.utils.html import escape

from cases.jobs import child

LANGUAGE = "en-GB"
STYLES = "css/notice.css"
WRITER = "notices.printing.writer"
SECONDS = 45  # a notice with its report takes one or two
# Bytes of addresses, the libraries' own among them: a long report takes a quarter. Who waits ends it long before its
# seconds are over, but may have died.
LIMITS = {"AS": 2_000_000_000, "CPU": 60}
ENVIRONMENT = (
    "HOME",
    "PATH",
    "LANG",
    "LC_ALL",
    "XDG_CACHE_HOME",
    "FONTCONFIG_PATH",
    "FONTCONFIG_FILE",
    "LD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
)
_PAGE = """
@page {
  size: A4; margin: 20mm 18mm 22mm;
  @bottom-left { content: "%(footer)s"; font: 8pt "Liberation Sans", Arial, sans-serif; color: #333; }
  @bottom-right {
    content: "Page " counter(page) " of " counter(pages);
    font: 8pt "Liberation Sans", Arial, sans-serif; color: #333;
  }
}
"""


class NotWritten(Exception):
    """The PDF was not made: it took too long, or the program that makes it ended. `str()` is for the log."""


@dataclass(frozen=True)
class Paper:
    """One document to be written as a PDF. What `html_to_pdf` says of each of its arguments holds here."""

    html: str
    title: str
    footer: str = ""
    styles: str = ""


def html_to_pdf(html: str, *, title: str, footer: str = "", styles: str = "") -> bytes:
    """A tagged, searchable PDF of an HTML document, or of a fragment that is put into one.

    `title` is the document's title (readers announce it); `footer` stands at the foot of each page beside the page
    numbers and is the title when empty; `styles` is CSS beside ours. Pictures must be data: addresses, since nothing
    else is opened: no file, no network. Raises NotWritten.
    """
    (pdf,) = write_pdfs([Paper(html, title, footer, styles)])
    return pdf


def write_pdfs(papers: Sequence[Paper]) -> list[bytes]:
    """The PDFs of several documents, in their order; all of them or NotWritten. Takes a second, and SECONDS at most.

    A process of its own writes them: one that hangs or eats the memory is ended, and the server goes on. Call it
    outside transactions: who holds a row while a PDF is made keeps everybody else from the case.
    """
    asked = json.dumps({"papers": [{"html": _document(paper), "sheets": _sheets(paper)} for paper in papers]})
    status, said, faults = _run(asked)
    if status < 0:  # ended by a signal: the libraries that set the type crash once in some thousand times
        status, said, faults = _run(asked)
    if status != 0:
        raise NotWritten(f"the PDF writer ended with {status}: {faults[-2000:].decode(errors='replace')}")
    return _parts(said, len(papers))


def _run(asked: str) -> tuple[int, bytes, bytes]:
    """Exit status (below 0: the signal that ended it), what the writer said, and its faults. Raises NotWritten."""
    process = child.start(
        WRITER,
        limits=LIMITS,
        environment=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        return child.answer_of(process, asked.encode(), seconds=SECONDS)
    except subprocess.TimeoutExpired as error:
        raise NotWritten(f"the PDF was not made within {SECONDS} seconds") from error


def _parts(said: bytes, number: int) -> list[bytes]:
    head, _, rest = said.partition(b"\n")
    try:
        sizes = json.loads(head)
    except ValueError as error:
        raise NotWritten("the PDF writer spoke nonsense") from error
    if len(sizes) != number or sum(sizes) != len(rest):
        raise NotWritten("the PDF writer broke off")
    ends = list(accumulate(sizes))
    return [rest[end - size : end] for size, end in zip(sizes, ends, strict=True)]


def _environment() -> dict[str, str]:
    """Where fonts and libraries are; no password and no address of anything."""
    return {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}


def _sheets(paper: Paper) -> list[str]:
    return [_PAGE % {"footer": _css_string(paper.footer or paper.title)}, notice_styles(), paper.styles]


def notice_styles() -> str:
    """The style sheet that notices have on screen and on paper."""
    return (Path(settings.BASE_DIR) / "static" / STYLES).read_text()


def _document(paper: Paper) -> str:
    if re.match(r"\s*<(!doctype|html)", paper.html, re.IGNORECASE):
        return paper.html
    head = f'<meta charset="utf-8"><title>{escape(paper.title)}</title>'
    return f'<!doctype html><html lang="{LANGUAGE}"><head>{head}</head><body>{paper.html}</body></html>'


def _css_string(text: str) -> str:
    """Text inside a CSS string: quotes, backslashes and line ends cannot end it."""
    return "".join(f"\\{ord(c):06x}" if c in '"\\\n\r\f<>' else c for c in text)
