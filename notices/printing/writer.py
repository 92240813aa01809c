"""The program that writes PDFs, in a process of its own (notices/printing/pdf.py): JSON in, PDFs out, and nothing else
opened.

Nothing of Django and nothing of ours is imported here.
"""

import json
import sys
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher


def main() -> None:
    """Standard input: {"papers": [{"html", "sheets"}]}. Standard output: a line with the sizes, then the PDFs."""
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
