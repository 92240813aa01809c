"""Photographs and scans: each as a JPEG of a known size, without what cameras write beside the picture."""

import contextlib
import io
import zlib
from typing import IO

from PIL import GifImagePlugin, Image, ImageOps, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from .strips import shrunk
from .telling import on_white, tell
from .wrapping import NotWrapped, orientation_of

Image.preinit()
Image.MAX_IMAGE_PIXELS = None  # MAX_PIXELS is asked instead, and the memory of this process ends early

PREVIEW = (1200, 1200)  # pixels at most
THUMBNAIL = (400, 566)  # A4 upright
MAX_PIXELS = 150_000_000  # an A0 sheet scanned at 300 dpi has 140 million; nobody sends more in good faith
PLUGINS = (GifImagePlugin, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)  # none is loaded later
UNPACKED_WHOLE = 8_000_000  # pixels; larger ones are drawn piece by piece where that can be
FORMATS = ("GIF", "JPEG", "PNG", "TIFF", "WEBP")


def look(file: IO[bytes]) -> None:
    """Say whether the picture can be opened, and whether it claims to be of a size that only harms."""
    try:
        with Image.open(file, formats=FORMATS) as picture:
            too_large = picture.width * picture.height > MAX_PIXELS
    except Exception:
        tell(active=["damaged"])
    else:
        tell(active=["too_large"] if too_large else [])


def draw(file: IO[bytes], *, scratch: IO[bytes], start: int, previews: int, texts: int) -> None:
    """Draw the picture; of a TIFF every sheet from `start` (from 1) to the `previews`-th."""
    with Image.open(file, formats=FORMATS) as picture:
        sheets = min(getattr(picture, "n_frames", 1), texts) if picture.format == "TIFF" else 1
        tell(pages=sheets)
        for number in range(start, min(sheets, previews) + 1):
            picture.seek(number - 1)
            try:
                _draw_sheet(picture, number, file, scratch)
            except (OSError, EOFError, SyntaxError, zlib.error):
                if sheets > 1:
                    raise  # the others may be whole
                tell(closed="damaged")


def _draw_sheet(picture: Image.Image, number: int, file: IO[bytes], scratch: IO[bytes]) -> None:
    width, height = picture.size
    # The camera was held upright; a TIFF tells its size as it is shown.
    if picture.format != "TIFF" and orientation_of(file, picture) > 4:
        width, height = height, width
    tell(begin=number, width=width, height=height)
    if width * height > MAX_PIXELS:
        raise ValueError("too many pixels")
    if picture.format in {"PNG", "TIFF"} and width * height > UNPACKED_WHOLE:
        with contextlib.suppress(NotWrapped):
            tell_pictures(shrunk(picture, file, scratch, most=PREVIEW), number)
            return
    picture.draft("RGB", (PREVIEW[0] * 2, PREVIEW[1] * 2))  # a JPEG need not be read in full size
    small = picture.copy() if getattr(picture, "n_frames", 1) > 1 else picture
    small.thumbnail(PREVIEW)
    tell_pictures(ImageOps.exif_transpose(small), number)


def tell_pictures(picture: Image.Image, number: int) -> None:
    """The preview of a page and, of the first, the thumbnail as well."""
    flat = on_white(picture)
    tell(as_jpeg(flat), preview=number)
    if number == 1:
        flat.thumbnail(THUMBNAIL)
        tell(as_jpeg(flat), thumbnail=True)


def as_jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    Image.frombytes("RGB", picture.size, picture.tobytes()).save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()
