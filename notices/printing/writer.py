"""The program that writes PDFs, in a process of its own (notices/printing/pdf.py): JSON in, PDFs out, and nothing else
opened.

Nothing of Django and nothing of ours is imported here.
"""

import contextlib
import json
import resource
import sys
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

MOST_MEMORY = 2_000_000_000  # bytes of addresses, the libraries' own among them; a long report takes a quarter
CPU_SECONDS = 60  # whoever started this ends it before; but that may have died itself


def limit() -> None:
    """Take from this process for good what would bring the machine down."""
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        with contextlib.suppress(ValueError, OSError):  # lower already, or unknown to this system
            resource.setrlimit(what, (most, most))


def main() -> None:
    """Standard input: {"papers": [{"html", "sheets"}]}. Standard output: a line with the sizes, then the PDFs."""
    limit()
    asked = json.load(sys.stdin.buffer)
    written = [write(**paper) for paper in asked["papers"]]
    out = sys.stdout.buffer
    out.write(json.dumps([len(pdf) for pdf in written]).encode() + b"\n")
    out.writelines(written)
    out.flush()


def write(*, html: str, sheets: list[str]) -> Any:
    """A tagged PDF (PDF/UA-1). Pictures must be data: addresses, since nothing else is opened: no file, no network."""
    fonts = FontConfiguration()
    styles = [CSS(string=sheet, font_config=fonts) for sheet in sheets if sheet]
    document = HTML(string=html, base_url=None, url_fetcher=URLFetcher(allowed_protocols=["data"]))
    return document.write_pdf(stylesheets=styles, font_config=fonts, pdf_variant="pdf/ua-1")
