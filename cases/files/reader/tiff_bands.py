"""A TIFF unpacked a few rows at a time: its strips are packed one by one, so some of them make a smaller TIFF.

Pillow unpacks a sheet whole. Sheets in tiles, turned, or packed in one piece are left to it.
"""

import io
from collections.abc import Iterator
from typing import IO, Literal

from PIL import Image, TiffImagePlugin

WIDTH, LENGTH, BITS, COMPRESSION, STRIP_OFFSETS, ORIENTATION = 256, 257, 258, 259, 273, 274
ROWS_PER_STRIP, STRIP_BYTES, PLANAR = 278, 279, 284
UNPACKED = TOGETHER = 1
# What else says how the pixels of a strip are to be read.
KEPT = (WIDTH, BITS, COMPRESSION, 262, 266, 277, PLANAR, 292, 293, 317, 320, 338, 339, 347, 530, 532)
BAND_PIXELS = 2_000_000
LARGEST_STRIP = 6_000_000  # pixels


class NoBands(Exception):
    """The sheet has to be unpacked whole."""


def bands(file: IO[bytes], sheet: TiffImagePlugin.TiffImageFile) -> Iterator[tuple[int, int, Image.Image]]:
    """(first row, row after the last, picture of them) from top to bottom, of a sheet not unpacked. Raises NoBands."""
    tags = sheet.tag_v2
    offsets, sizes = tags.get(STRIP_OFFSETS, ()), tags.get(STRIP_BYTES, ())
    width, length = sheet.size
    rows = min(tags.get(ROWS_PER_STRIP, length), length)
    is_plain = tags.get(ORIENTATION, 1) == 1 and tags.get(PLANAR, TOGETHER) == TOGETHER
    if not is_plain or not offsets or len(offsets) != len(sizes) or len(offsets) != -(-length // rows):
        raise NoBands("turned, in tiles, or each colour by itself")
    if len(offsets) == 1 and tags.get(COMPRESSION, UNPACKED) == UNPACKED:
        offsets, sizes, rows = _cut(tags, offsets[0], width, length)
    if width * rows > LARGEST_STRIP:
        raise NoBands("in one piece")
    together = max(1, BAND_PIXELS // (width * rows))
    for first in range(0, len(offsets), together):
        places = list(zip(offsets, sizes, strict=True))[first : first + together]
        top = first * rows
        bottom = min(top + together * rows, length)
        with Image.open(io.BytesIO(_smaller(file, tags, places, bottom - top, rows)), formats=("TIFF",)) as band:
            band.load()
            yield top, bottom, band


def _cut(
    tags: TiffImagePlugin.ImageFileDirectory_v2, start: int, width: int, length: int
) -> tuple[list[int], list[int], int]:
    """Where pieces of a strip that is not packed lie: where each begins, how many bytes and how many rows it has."""
    row = (width * sum(tags.get(BITS, (1,))) + 7) // 8
    rows = max(1, BAND_PIXELS // width)
    tops = range(0, length, rows)
    return [start + top * row for top in tops], [min(rows, length - top) * row for top in tops], rows


def _smaller(
    file: IO[bytes], tags: TiffImagePlugin.ImageFileDirectory_v2, places: list[tuple[int, int]], length: int, rows: int
) -> bytes:
    """A TIFF of these strips alone."""
    out = TiffImagePlugin.ImageFileDirectory_v2(
        ifh=tags.prefix + (b"*\0" if tags.prefix == b"II" else b"\0*") + bytes(4)
    )
    for tag in KEPT:
        if tag in tags:
            out.tagtype[tag] = tags.tagtype[tag]
            out[tag] = tags[tag]
    data, starts = bytearray(), []
    for start, size in places:
        starts.append(len(data))
        file.seek(start)
        data += file.read(size)
    out[LENGTH], out[ROWS_PER_STRIP] = length, min(rows, length)
    out[STRIP_OFFSETS], out[STRIP_BYTES] = tuple(starts), tuple(size for _, size in places)  # from the end of the tags
    order: Literal["little", "big"] = "little" if tags.prefix == b"II" else "big"
    return tags.prefix + (42).to_bytes(2, order) + (8).to_bytes(4, order) + out.tobytes(8) + bytes(data)
