"""A page as sharp as its redacted copy would be, in strips from top to bottom: no more of it than one is in memory."""

import io
import math
from collections.abc import Iterator
from typing import IO

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageOps, TiffImagePlugin, WebPImagePlugin

from .telling import on_white, tell
from .tiff_bands import NoBands, bands
from .wrapping import NotWrapped, wrap

Image.preinit()
Image.MAX_IMAGE_PIXELS = None  # the memory of this process ends early
PLUGINS = (TiffImagePlugin, WebPImagePlugin)  # none is loaded later
DPI = 200
MOST_PIXELS = 28_000_000  # as redacting/pictures.py: A1 at 190 dots an inch, A0 at 135
STRIP_PIXELS = 1_000_000  # PDFium takes as much memory as the strip, and as the part of a scan it is made of
QUALITY = 80
WHITE = (255, 255, 255)
NOT_DRAWN = (1, 254, 3)  # beneath a picture that covers its page: what still shows it was not drawn


def sharpen_pdf(file: IO[bytes], scratch: IO[bytes], *, number: int) -> None:
    """Tell the strips of page `number` (from 1)."""
    pdf = pypdfium2.PdfDocument(file)
    if pdf.get_formtype():
        pdf.init_forms()
    page = pdf[number - 1]
    _tell(strips(page, scale=min(DPI / 72, _most(*page.get_size()))))


def sharpen_picture(file: IO[bytes], scratch: IO[bytes], *, number: int) -> None:
    """Tell the strips of the picture, or of sheet `number` of a TIFF."""
    with Image.open(file, formats=("GIF", "JPEG", "PNG", "TIFF", "WEBP")) as picture:
        if picture.format == "TIFF":
            picture.seek(number - 1)
        try:
            _tell(piece_by_piece(picture, file, scratch, scale=min(1.0, _most(*picture.size))))
        except NotWrapped:
            _tell(_cut(picture))


def piece_by_piece(
    picture: Image.Image, file: IO[bytes], scratch: IO[bytes], *, scale: float
) -> Iterator[tuple[int, int, Image.Image]]:
    """As `strips`, of a picture that is never unpacked whole. Raises NotWrapped, before the first, where it must be."""
    if isinstance(picture, TiffImagePlugin.TiffImageFile):
        try:
            yield from _shrunk_bands(file, picture, scale)
            return
        except NoBands:
            pass
    wrap(file, picture, scratch)
    pdf = pypdfium2.PdfDocument(scratch)
    yield from strips(pdf[0], scale=scale, ground=NOT_DRAWN)


def _shrunk_bands(
    file: IO[bytes], picture: TiffImagePlugin.TiffImageFile, scale: float
) -> Iterator[tuple[int, int, Image.Image]]:
    width, height = (max(1, math.ceil(side * scale)) for side in picture.size)
    for top, bottom, band in bands(file, picture):
        first, last = (round(row * height / picture.height) for row in (top, bottom))
        if last > first:
            yield width, height, on_white(band).resize((width, last - first), Image.Resampling.BOX)


def strips(
    page: pypdfium2.PdfPage, *, scale: float, ground: tuple[int, int, int] = WHITE
) -> Iterator[tuple[int, int, Image.Image]]:
    """(width of the page, its height, strip) for each strip of the page, RGB. Raises ValueError for one not drawn."""
    width, height = (max(1, math.ceil(side * scale)) for side in page.get_size())
    rows = max(16, STRIP_PIXELS // width)
    for top in range(0, height, rows):
        strip = _strip(page, (width, height), top, min(rows, height - top), ground)
        if ground != WHITE and strip.getextrema() == tuple((value, value) for value in ground):
            raise ValueError("the picture was not drawn: it is damaged, or needs too much memory")
        yield width, height, strip


def _strip(page: pypdfium2.PdfPage, size: tuple[int, int], top: int, rows: int, ground: tuple) -> Image.Image:
    bitmap = pypdfium2.PdfBitmap.new_native(size[0], rows, pdfium.FPDFBitmap_BGR)
    bitmap.fill_rect((*ground, 255), 0, 0, size[0], rows)
    place = (bitmap, page, 0, -top, *size, 0, pdfium.FPDF_ANNOT | pdfium.FPDF_RENDER_LIMITEDIMAGECACHE)
    pdfium.FPDF_RenderPageBitmap(*place)
    if page.formenv:
        pdfium.FPDF_FFLDraw(page.formenv, *place)
    return bitmap.to_pil()  # a copy: Pillow wants its colours the other way round


def shrunk(picture: Image.Image, file: IO[bytes], scratch: IO[bytes], *, most: tuple[int, int]) -> Image.Image:
    """The picture, upright and no larger than `most`, without unpacking it whole. Raises NotWrapped."""
    scale = min(min(most) / max(picture.size), 1.0)
    canvas, top = None, 0
    for across, down, strip in piece_by_piece(picture, file, scratch, scale=scale):
        canvas = canvas or Image.new("RGB", (across, down))
        canvas.paste(strip, (0, top))
        top += strip.height
    assert canvas is not None  # noqa: S101 - a page has a strip at least
    return canvas


def _cut(picture: Image.Image) -> Iterator[tuple[int, int, Image.Image]]:
    """Strips of what Pillow has to unpack whole."""
    part = _most(*picture.size)
    picture.load()
    upright = ImageOps.exif_transpose(picture) if picture.format != "TIFF" else picture
    if part < 1:
        upright = upright.resize([max(1, int(side * part)) for side in upright.size], reducing_gap=1.0)
    rows = max(16, STRIP_PIXELS // upright.width)
    for top in range(0, upright.height, rows):
        piece = upright.crop((0, top, upright.width, min(top + rows, upright.height)))
        yield upright.width, upright.height, on_white(piece)


def _most(width: float, height: float) -> float:
    return math.sqrt(MOST_PIXELS / max(width * height, 1))


def _tell(drawn: Iterator[tuple[int, int, Image.Image]]) -> None:
    for _, _, strip in drawn:
        out = io.BytesIO()
        strip.save(out, "JPEG", quality=QUALITY)
        tell(out.getvalue(), width=strip.width, height=strip.height)
