"""Pictures as pixels alone: upright, on white, without anything that stands beside the pixels; and boxes in them.

Careful with memory: a large plan has 36 million pixels of four bytes, and a second copy of it is too much.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

from PIL import Image, ImageChops, ImageDraw

MOST_PIXELS = 36_000_000  # of a page: A1 at 200 dots an inch, A0 at 150
MOST_BYTES_IN = 150_000_000  # of a picture that comes, unpacked: 150 million pixels black and white, 37 in colour
QUALITY = 85
GREY = 6  # of 255: colours that differ less from each other are grey
STRIP = 256  # rows
ORIENTATION = 0x0112  # EXIF: how the camera was held
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip


class TooLarge(Exception):
    """The picture does not go into memory."""


def plain(opened: Image.Image) -> Image.Image:
    """The picture as it is shown. Raises TooLarge, and what Pillow raises of a damaged one."""
    orientation = opened.getexif().get(ORIENTATION, 1)
    part = math.sqrt(min(1.0, MOST_PIXELS / max(opened.width * opened.height, 1)))
    size = max(1, int(opened.width * part)), max(1, int(opened.height * part))
    if opened.format == "JPEG":
        opened.draft("RGB", size)  # may come smaller from the file itself
    if opened.width * opened.height * (1 if opened.mode in {"1", "L"} else 4) > MOST_BYTES_IN:
        raise TooLarge
    upright = opened if opened.size == size else _smaller(opened, size)
    if orientation in TURNS:
        upright = upright.transpose(TURNS[orientation])
    canvas = Image.new("RGB", upright.size, "white")
    for top in range(0, upright.height, STRIP):
        strip = upright.crop((0, top, upright.width, min(top + STRIP, upright.height)))
        if "A" in strip.getbands() or "transparency" in upright.info:
            layer = strip.convert("RGBA")
            canvas.paste(layer, (0, top), layer.getchannel("A"))
        else:
            canvas.paste(_in_eight_bits(strip).convert("RGB"), (0, top))
    return canvas


def _smaller(opened: Image.Image, size: tuple[int, int]) -> Image.Image:
    smooth = {"1": "L", "P": "RGBA"}.get(opened.mode, opened.mode)
    return (opened if smooth == opened.mode else opened.convert(smooth)).resize(size, Image.Resampling.BOX)


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
    """Whether it is grey; and the picture (RGB or RGBX) as JPEG without anything beside the pixels."""
    out = BytesIO()
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
            if ImageChops.difference(one, other).getextrema()[1] > GREY:
                return False
    return True


def _strips(picture: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    for top in range(0, picture.height, STRIP):
        strip = picture.crop((0, top, picture.width, min(top + STRIP, picture.height)))
        yield top, strip if strip.mode == "RGB" else strip.convert("RGB")
