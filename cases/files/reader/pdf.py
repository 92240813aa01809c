"""PDF: pages, their words and their pictures, drawn by PDFium without its script engine."""

from typing import IO

import pypdfium2
from PIL import JpegImagePlugin  # noqa: F401 - loaded before nothing can be opened any more

from .opening import why_closed
from .pictures import PREVIEW, tell_pictures
from .telling import MAX_TEXT, tell

FREE_AFTER = 50  # pages; what PDFium keeps of a document (fonts, pictures) is given back then


def draw(file: IO[bytes], *, start: int, previews: int, texts: int) -> None:
    """Words of the pages from `start` (from 1) to the `texts`-th, pictures of them to the `previews`-th."""
    number, last = start, start
    while number <= last:
        pdf = _opened(file)
        if pdf is None:
            return
        last = min(len(pdf), texts)
        if number == start:
            tell(pages=len(pdf))
        for _ in range(FREE_AFTER):
            if number > last:
                break
            _draw_page(pdf, number, with_picture=number <= previews)
            number += 1
        pdf.close()


def _opened(file: IO[bytes]) -> pypdfium2.PdfDocument | None:
    file.seek(0)
    try:
        pdf = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        tell(closed=why_closed(error))
        return None
    if pdf.get_formtype():
        pdf.init_forms()  # what is filled into a form is drawn as well
    return pdf


def _draw_page(pdf: pypdfium2.PdfDocument, number: int, *, with_picture: bool) -> None:
    page = pdf[number - 1]
    width, height = page.get_size()  # as it is shown: turned when the page says so
    tell(begin=number, width=width, height=height)
    words = page.get_textpage()
    tell(words=number, text=words.get_text_range(0, min(words.count_chars(), MAX_TEXT)) if words.count_chars() else "")
    words.close()
    if with_picture:
        scale = min(PREVIEW) / max(width, height, 1)
        tell_pictures(page.render(scale=scale).to_pil(), number)
    page.close()
