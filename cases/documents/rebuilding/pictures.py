"""Pictures as pixels alone: upright, on white, without anything that stands beside the pixels; and boxes in them.

Careful with memory: a large plan has 28 million pixels of four bytes each, and a second copy of it is too much.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

from PIL import Image, ImageChops, ImageDraw

MOST_PIXELS = 28_000_000  # of a page: A1 at 190 dots an inch, A0 at 135
MOST_GREY_IN = 145_000_000  # pixels of a picture that comes, one byte each: A0 at 300 dots an inch
MOST_COLOUR_IN = 28_000_000  # four bytes each: A1 at 190
QUALITY = 85
GREY = 6  # of 255: colours that differ less from each other are grey
_COLOURED = [0] * (GREY + 1) + [255] * (255 - GREY)
STRIP = 256  # rows
ORIENTATION = 0x0112  # EXIF: how the camera was held
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class TooLarge(Exception):
    """The picture does not go into memory."""


def plain(opened: Image.Image) -> Image.Image:
    """The picture as it is shown, L or RGB. Raises TooLarge, and what Pillow raises of a damaged one."""
    part = math.sqrt(min(1.0, MOST_PIXELS / max(opened.width * opened.height, 1)))
    size = max(1, int(opened.width * part)), max(1, int(opened.height * part))
    for smaller in (2, 4, 8):  # a JPEG can be unpacked in a smaller size
        if opened.format == "JPEG" and _is_too_large(opened):
            opened.draft("RGB", (opened.width // smaller, opened.height // smaller))
    if _is_too_large(opened):
        raise TooLarge
    size = min(size[0], opened.width), min(size[1], opened.height)
    opened.load()
    # Asked now: Pillow turns a TIFF while it is loaded, and must not be followed by a second turn.
    orientation = opened.getexif().get(ORIENTATION, 1)
    is_plain = opened.mode in {"L", "RGB"} and opened.size == size and "transparency" not in opened.info
    upright = opened if is_plain else _strip_by_strip(opened, size)
    if orientation in TURNS:
        upright = upright.transpose(TURNS[orientation])
    upright.info.clear()  # what Pillow would write beside the pixels again
    return upright


def _is_too_large(picture: Image.Image) -> bool:
    most = MOST_GREY_IN if picture.mode in {"1", "L"} else MOST_COLOUR_IN
    return picture.width * picture.height > most


def _strip_by_strip(opened: Image.Image, size: tuple[int, int]) -> Image.Image:
    """On white, in eight bits a colour, and of that size; a second copy of the whole is never made."""
    has_holes = "A" in opened.getbands() or "a" in opened.getbands() or "transparency" in opened.info
    canvas = Image.new("L" if opened.mode in {"1", "L"} and not has_holes else "RGB", size, "white")
    for top in range(0, size[1], STRIP):
        bottom = min(top + STRIP, size[1])
        rows = math.floor(top * opened.height / size[1]), math.ceil(bottom * opened.height / size[1])
        strip = _in_eight_bits(opened.crop((0, rows[0], opened.width, rows[1])))
        strip = strip.convert("RGBA" if has_holes else canvas.mode).resize(
            (size[0], bottom - top), Image.Resampling.BOX
        )
        canvas.paste(strip, (0, top), strip.getchannel("A") if has_holes else None)
    return canvas


def _in_eight_bits(strip: Image.Image) -> Image.Image:
    if strip.mode.startswith("I") or strip.mode == "F":  # sixteen bits of grey: Pillow would cut and not scale
        return strip.convert("F").point(lambda value: value / 257 + 0).convert("L")
    return strip


def burn(picture: Image.Image, boxes: Sequence[Mapping[str, Any]]) -> None:
    """Paint the boxes black: every pixel that one touches, and one more around, for the smoothed edge of a letter."""
    draw = ImageDraw.Draw(picture)
    for box in boxes:
        left, top = box["x"] * picture.width, box["y"] * picture.height
        right, bottom = left + box["width"] * picture.width, top + box["height"] * picture.height
        draw.rectangle((math.floor(left) - 1, math.floor(top) - 1, math.ceil(right), math.ceil(bottom)), fill=0)


def as_jpeg(picture: Image.Image) -> tuple[bool, bytes]:
    """Whether it is grey; and the picture (L or RGB) as JPEG without anything beside the pixels."""
    out = BytesIO()
    if picture.mode == "L":
        picture.save(out, "JPEG", quality=QUALITY)
        return True, out.getvalue()
    if is_grey(picture):
        grey = Image.new("L", picture.size)
        for top, strip in _strips(picture):
            grey.paste(strip.convert("L"), (0, top))
        grey.save(out, "JPEG", quality=QUALITY)
        return True, out.getvalue()
    # A thin red line stays red only when colours are kept as finely as light.
    picture.save(out, "JPEG", quality=QUALITY, subsampling=0)
    return False, out.getvalue()


def is_grey(picture: Image.Image) -> bool:
    for _, strip in _strips(picture):
        red, green, blue = strip.split()
        for one, other in ((red, green), (green, blue)):
            if ImageChops.difference(one, other).point(_COLOURED).getbbox():
                return False
    return True


def _strips(picture: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    for top in range(0, picture.height, STRIP):
        strip = picture.crop((0, top, picture.width, min(top + STRIP, picture.height)))
        yield top, strip if strip.mode == "RGB" else strip.convert("RGB")
