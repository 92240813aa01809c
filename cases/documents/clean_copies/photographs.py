"""Pictures without what stands beside the pixels: taken apart as they are packed, so that no pixel changes.

Kept is what a picture needs to be drawn, by a list; everything else goes: EXIF (where, when, with what), XMP, IPTC,
comments, embedded thumbnails, and what hangs behind the picture's end (films, second pictures with their own EXIF).
A picture that was held sideways, or has colours of its own (ICC), is drawn anew, upright and in sRGB.
"""

import io
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any

from PIL import Image, ImageCms, ImageOps

from cases.files.reader.wrapping import ORIENTATION, orientation_of

UPRIGHT = 1
KINDS = {"MPO": "JPEG"}  # several pictures in one JPEG: telephones add the depth, or the brightest parts
MOST_DRAWN_ANEW = 50_000_000  # pixels; larger ones stay as they are packed and say themselves how they were held
JPEG_QUALITY = 92
JPEG_ENDS = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # in a scan: a marker that is neither stuffing nor a restart
SOI, EOI, SOS, APP0, APP14, COMMENT = 0xD8, 0xD9, 0xDA, 0xE0, 0xEE, 0xFE
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"cICP", b"pHYs", b"sBIT", b"bKGD",
    b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip
WEBP_KEPT = {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"}
WEBP_ICC, WEBP_EXIF, WEBP_XMP = 0x20, 0x08, 0x04


class NotThatKind(ValueError):
    """The file is not built as its kind is."""


def clean_picture(source: IO[bytes], out: IO[bytes]) -> None:
    """Write the JPEG, PNG, WebP or GIF without anything beside its pixels. Raises NotThatKind, and as Pillow."""
    with Image.open(source, formats=("JPEG", "PNG", "WEBP", "GIF")) as picture:
        kind, held = KINDS.get(str(picture.format), str(picture.format)), orientation_of(source, picture)
        has_colours = "icc_profile" in picture.info and not getattr(picture, "is_animated", False)
        if (held != UPRIGHT or has_colours) and picture.width * picture.height <= MOST_DRAWN_ANEW:
            _draw_anew(picture, kind, out)
            return
    source.seek(0)
    out.writelines(STRIPPED[kind](source.read(), held))


def _draw_anew(picture: Image.Image, kind: str, out: IO[bytes]) -> None:
    upright = in_srgb(ImageOps.exif_transpose(picture))
    options: dict[str, Any] = {"quality": JPEG_QUALITY, "subsampling": 0} if kind == "JPEG" else {}
    options |= {"lossless": True} if kind == "WEBP" else {}
    upright.info = {name: value for name, value in upright.info.items() if name in {"transparency", "dpi"}}
    upright.save(out, kind, exif=b"", **options)


def in_srgb(picture: Image.Image) -> Image.Image:
    """In the colours that a picture without a profile is taken for."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "RGBA"}:
        return picture
    try:
        return (
            ImageCms.profileToProfile(
                picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            )
            or picture
        )
    except ImageCms.PyCMSError:
        return picture  # a profile that cannot be read says nothing about the colours


def stripped_jpeg(data: bytes, held: int = UPRIGHT) -> Iterator[bytes]:
    """The JPEG's own parts, up to its end."""
    if not data.startswith(b"\xff\xd8"):
        raise NotThatKind("no JPEG")
    yield data[:2]
    place, orientation = 2, _exif_of(held)
    while place + 4 <= len(data):
        if data[place] != 0xFF:
            raise NotThatKind("no marker where one must be")
        marker = data[place + 1]
        if marker == 0xFF:  # filling
            place += 1
            continue
        if marker == EOI:
            break
        end = place + 2 + int.from_bytes(data[place + 2 : place + 4])
        if marker == SOS:
            found = JPEG_ENDS.search(data, end)
            end = found.start() if found else len(data)
        if marker != APP0 and orientation:
            yield b"\xff\xe1" + (len(orientation) + 2).to_bytes(2) + orientation
            orientation = b""
        yield _kept_of_jpeg(marker, data[place:end])
        place = end
    yield b"\xff\xd9"


def _kept_of_jpeg(marker: int, segment: bytes) -> bytes:
    if marker == APP0:  # JFIF's own beginning without its thumbnail; JFXX is nothing but one
        is_jfif = segment[4:9] == b"JFIF\0" and len(segment) >= 18
        return b"\xff\xe0\x00\x10" + segment[4:16] + b"\0\0" if is_jfif else b""
    if marker == APP14 and segment[4:9] == b"Adobe":  # says how the colours are packed
        return segment
    return b"" if marker == COMMENT or APP0 <= marker <= 0xEF else segment


def _exif_of(held: int) -> bytes:
    """EXIF that says nothing but how the picture is turned; nothing for an upright one."""
    if held == UPRIGHT:
        return b""
    exif = Image.Exif()
    exif[ORIENTATION] = held
    return exif.tobytes()


def _stripped_png(data: bytes, held: int) -> Iterator[bytes]:
    if not data.startswith(PNG_SIGNATURE):
        raise NotThatKind("no PNG")
    yield PNG_SIGNATURE
    place = len(PNG_SIGNATURE)
    while place + 12 <= len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4])
        kind = data[place + 4 : place + 8]
        if kind in PNG_KEPT:
            yield data[place:end]
        if kind == b"IHDR" and held != UPRIGHT:
            yield _png_part(b"eXIf", _exif_of(held).removeprefix(b"Exif\0\0"))
        if kind == b"IEND":
            return
        place = end
    raise NotThatKind("a PNG without its end")


def _png_part(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _stripped_webp(data: bytes, held: int) -> Iterator[bytes]:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise NotThatKind("no WebP")
    parts, place = [], 12
    while place + 8 <= len(data):
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        part = data[place : place + 8 + size + size % 2]
        if part[:4] == b"VP8X":
            part = part[:8] + bytes([part[8] & ~(WEBP_ICC | WEBP_EXIF | WEBP_XMP)]) + part[9:]
        if part[:4] in WEBP_KEPT:
            parts.append(part)
        place += 8 + size + size % 2
    yield b"RIFF" + struct.pack("<I", 4 + sum(map(len, parts))) + b"WEBP"
    yield from parts


def _stripped_gif(data: bytes, held: int) -> Iterator[bytes]:
    place = 13 + _table_of_gif(data[10])
    yield data[:place]
    while place < len(data):
        block, start = data[place], place
        if block == 0x3B:
            break
        if block == 0x2C:
            place = _after_blocks(data, place + 11 + _table_of_gif(data[place + 9]))
            yield data[start:place]
        elif block == 0x21:
            place = _after_blocks(data, place + 2)
            how_often = data[start + 1] == 0xFF and data[start + 3 : start + 14] in (b"NETSCAPE2.0", b"ANIMEXTS1.0")
            if data[start + 1] == 0xF9 or how_often:
                yield data[start:place]
        else:
            raise NotThatKind("no GIF")
    yield b"\x3b"


def _table_of_gif(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, place: int) -> int:
    while place < len(data) and data[place]:
        place += data[place] + 1
    return place + 1


STRIPPED: dict[str, Callable[[bytes, int], Iterator[bytes]]] = {
    "JPEG": stripped_jpeg,
    "PNG": _stripped_png,
    "WEBP": _stripped_webp,
    "GIF": _stripped_gif,
}
