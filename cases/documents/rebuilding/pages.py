"""The redacted copy: a new file made of nothing but pictures of the pages, with the boxes burnt in.

`python -m cases.documents.rebuilding.pages` reads JSON {"source", "mime_type", "boxes", "title", "out",
"most_written"} and answers {"mime_type", "pages"} or {"error": a sentence for the officer}. It knows neither Django nor
the database, and runs in a process of its own (`child.run`): files may be hostile.
"""

import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import IO, Any

import pypdf
import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageFile, UnidentifiedImageError

from cases.files.types import GIF, JPEG, PDF, PNG, TIFF, WEBP

from .closed import shut_in
from .page_words import picture_of, seen_words
from .pictures import MOST_PIXELS, TooLarge, as_jpeg, burn, plain
from .plain_pdf import PlainPdf

Box = Mapping[str, Any]

DPI = 200
MOST_PAGES = 500
KINDS = frozenset({PDF, PNG, JPEG, TIFF, GIF, WEBP})


class CannotRebuild(Exception):
    """The copy cannot be made. `str()` is a sentence for the officer."""


def rebuild(source: IO[bytes], *, mime_type: str, boxes: Sequence[Box], title: str, out: IO[bytes]) -> dict[str, Any]:
    """Write the copy of `source` into `out`; of no boxes it is the same to look at, and nothing else.

    `boxes`: {page, x, y, width, height}, parts of the page as shown. Returns the copy's {mime_type, pages}: a PDF of a
    PDF or TIFF, a JPEG of a JPEG, a PNG of other pictures. Raises CannotRebuild.
    """
    if mime_type == PDF:
        return {"mime_type": PDF, "pages": _pdf_of_pdf(source, boxes, title, out)}
    if mime_type not in KINDS:
        raise CannotRebuild("Only PDF documents and pictures can be redacted here. Save it as PDF first.")
    try:
        return _of_picture(source, mime_type, boxes, title, out)
    except TooLarge as error:
        raise CannotRebuild("The picture is too large to be redacted here. Make it smaller first.") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise CannotRebuild("The picture is damaged and cannot be opened.") from error


# --- PDF ------------------------------------------------------------------------------------------------------------


def open_pdf(source: IO[bytes]) -> pypdfium2.PdfDocument:
    """Raises CannotRebuild with the reason in words."""
    try:
        pdf = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        if error.err_code in {pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY}:
            raise CannotRebuild("The document is locked with a password. Ask for one without.") from error
        raise CannotRebuild("The document is damaged and cannot be opened.") from error
    if not len(pdf):
        raise CannotRebuild("The document has no pages.")
    _refuse_too_many(len(pdf))
    return pdf


def _pdf_of_pdf(source: IO[bytes], boxes: Sequence[Box], title: str, file: IO[bytes]) -> int:
    pdf = open_pdf(source)
    try:
        pdf.init_forms()
        copy = PlainPdf(file, title=title)
        units = _units(source, len(pdf))
        for number in range(len(pdf)):
            try:
                page = pdf[number]
            except pypdfium2.PdfiumError as error:
                raise CannotRebuild(f"Page {number + 1} of the document is damaged and cannot be drawn.") from error
            _add_page(copy, page, [box for box in boxes if box["page"] == number + 1], units[number])
            page.close()
        copy.finish()
        return len(pdf)
    finally:
        pdf.close()


def _add_page(copy: PlainPdf, page: pypdfium2.PdfPage, boxes: Sequence[Box], unit: float) -> None:
    width, height = page.get_size()
    if width < 1 or height < 1:
        raise CannotRebuild("A page of the document has no size.")
    scale = min(unit * DPI / 72, math.sqrt(MOST_PIXELS / (width * height)))
    picture = picture_of(page, scale)
    burn(picture, boxes)
    (is_grey, jpeg), pixels = as_jpeg(picture), picture.size
    del picture  # before the next two are drawn
    copy.add_page(
        width=width * unit,
        height=height * unit,
        jpeg=jpeg,
        pixels=pixels,
        is_grey=is_grey,
        words=seen_words(page, boxes),
    )


def _units(source: IO[bytes], pages: int) -> list[float]:
    """How many points a unit of each page has (/UserUnit), which pdfium does not tell. A plan must keep its size."""
    try:
        reader = pypdf.PdfReader(source, strict=False)
        if reader.is_encrypted:
            reader.decrypt("")
        found = [float(page.get("/UserUnit", 1)) for page in reader.pages]
    except Exception:
        found = []  # it is drawn all the same
    return [unit if 1 <= unit <= 1000 else 1.0 for unit in found] if len(found) == pages else [1.0] * pages


# --- Pictures -------------------------------------------------------------------------------------------------------


def _of_picture(source: IO[bytes], mime_type: str, boxes: Sequence[Box], title: str, file: IO[bytes]) -> dict[str, Any]:
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # other libraries turn it on
    Image.MAX_IMAGE_PIXELS = None  # `plain` looks itself before anything is unpacked
    with Image.open(source) as opened:
        if mime_type == TIFF:
            return {"mime_type": PDF, "pages": _pdf_of_frames(opened, boxes, title, file)}
        picture = plain(opened)
        burn(picture, [box for box in boxes if box["page"] == 1])
        if mime_type != JPEG:
            picture.save(file, "PNG")
            return {"mime_type": PNG, "pages": 1}
        file.write(as_jpeg(picture)[1])
        return {"mime_type": JPEG, "pages": 1}


def _pdf_of_frames(opened: Image.Image, boxes: Sequence[Box], title: str, file: IO[bytes]) -> int:
    """Scanners put the pages of a document into one TIFF."""
    frames = getattr(opened, "n_frames", 1)
    _refuse_too_many(frames)
    copy = PlainPdf(file, title=title)
    for number in range(frames):
        opened.seek(number)
        dots, across = _dots_an_inch(opened), max(opened.size)
        picture = plain(opened)
        burn(picture, [box for box in boxes if box["page"] == number + 1])
        is_grey, jpeg = as_jpeg(picture)
        points = 72 / dots * across / max(picture.size)
        copy.add_page(
            width=picture.width * points,
            height=picture.height * points,
            jpeg=jpeg,
            pixels=picture.size,
            is_grey=is_grey,
            words=[],
        )
    copy.finish()
    return frames


def _dots_an_inch(picture: Image.Image) -> float:
    try:
        dots = float(picture.info.get("dpi", (DPI,))[0])
    except (TypeError, ValueError, ZeroDivisionError):
        return DPI
    return dots if 30 <= dots <= 2400 else DPI


def _refuse_too_many(pages: int) -> None:
    if pages > MOST_PAGES:
        raise CannotRebuild(f"The document has {pages:,} pages. Split it into parts of at most {MOST_PAGES} first.")


def main() -> None:
    asked = json.load(sys.stdin)
    with open(asked["source"], "rb") as source, open(asked["out"], "wb") as out:
        shut_in(source, out, most_written=asked["most_written"])
        try:
            answer = rebuild(source, mime_type=asked["mime_type"], boxes=asked["boxes"], title=asked["title"], out=out)
        except CannotRebuild as error:
            answer = {"error": str(error)}
    json.dump(answer, sys.stdout)
