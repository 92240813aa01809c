"""HTML → tagged PDF (PDF/UA-1), without asking the network for anything."""

import re
from pathlib import Path

from django.conf import settings
from django.utils.html import escape

LANGUAGE = "en-GB"
STYLES = "css/notice.css"
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


def html_to_pdf(html: str, *, title: str, footer: str = "", styles: str = "") -> bytes:
    """A tagged, searchable PDF of an HTML document, or of a fragment that is put into one.

    `title` is the document's title (readers announce it); `footer` stands at the foot of each page beside the page
    numbers and is the title when empty; `styles` is CSS beside ours. Pictures must be data: addresses, since nothing
    else is opened: no file, no network. Raises what WeasyPrint raises, OSError when Pango is not installed.
    """
    # Importing WeasyPrint takes a second and loads Pango: only who makes a PDF pays for it.
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration  # as above
    from weasyprint.urls import URLFetcher  # as above

    fonts = FontConfiguration()
    page = _PAGE % {"footer": _css_string(footer or title)}
    sheets = [CSS(string=sheet, font_config=fonts) for sheet in (page, notice_styles(), styles) if sheet]
    return HTML(
        string=_document(html, title),
        base_url=None,
        url_fetcher=URLFetcher(allowed_protocols=["data"]),
    ).write_pdf(stylesheets=sheets, font_config=fonts, pdf_variant="pdf/ua-1")


def notice_styles() -> str:
    """The style sheet that notices have on screen and on paper."""
    return (Path(settings.BASE_DIR) / "static" / STYLES).read_text()


def _document(html: str, title: str) -> str:
    if re.match(r"\s*<(!doctype|html)", html, re.IGNORECASE):
        return html
    return (
        f'<!doctype html><html lang="{LANGUAGE}"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body>{html}</body></html>"
    )


def _css_string(text: str) -> str:
    """Text inside a CSS string: quotes, backslashes and line ends cannot end it."""
    return "".join(f"\\{ord(c):06x}" if c in '"\\\n\r\f<>' else c for c in text)
