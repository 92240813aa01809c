"""A large picture laid into a PDF of one page as it is packed, so that PDFium can draw it piece by piece.

Pillow unpacks PNG whole, and JPEG in a few sizes only: an A0 sheet scanned in colour takes 420 MB. PDFium reads the
same packed bytes line by line. What cannot be laid in so (parts that are seen through, interlaced or progressive
pictures, CMYK) is left to Pillow.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import IO

from PIL import Image

PNG_COLOURS = {0: (1, b"/DeviceGray"), 2: (3, b"/DeviceRGB"), 3: (1, b"")}  # colour type → components, colours
ORIENTATION = 0x0112  # EXIF: how the camera was held
# Orientation → where PDF lays the unit square of the picture, in parts of the page's width (w) and height (h).
LAID = {
    1: "w 0 0 h 0 0",
    2: "-w 0 0 h w 0",
    3: "-w 0 0 -h w h",
    4: "w 0 0 -h 0 h",
    5: "0 -h -w 0 w h",
    6: "0 -h w 0 0 h",
    7: "0 h w 0 0 0",
    8: "0 h -w 0 w 0",
}
# Of a TIFF.
WIDTH, LENGTH, COMPRESSION, PHOTOMETRIC, FILL_ORDER, STRIP_OFFSETS, STRIP_BYTES = 256, 257, 259, 262, 266, 273, 279
GROUP_4 = 4
PIECE = 1024 * 1024
SOI, SOF, PROGRESSIVE, SOS = 0xD8, {0xC0, 0xC1}, {0xC2, 0xC6, 0xCA, 0xCE}, 0xDA
Places = list[tuple[int, int]]  # where the packed bytes lie: from, how many


class NotWrapped(Exception):
    """The picture cannot be laid in as it is packed."""


def wrap(file: IO[bytes], picture: Image.Image, out: IO[bytes]) -> None:
    """Write the PDF into `out`; a pixel of the picture, as it is shown, is a point. Raises NotWrapped.

    `picture`: what Pillow has opened of the file, and not unpacked.
    """
    if picture.format == "PNG":
        about, places = _png(file)
    elif picture.format == "JPEG":
        about, places = _jpeg(file, picture)
    elif picture.format == "TIFF":
        about, places = _fax(picture)
    else:
        raise NotWrapped(str(picture.format))
    orientation = orientation_of(file, picture)
    packed = picture.size
    if picture.format == "TIFF" and orientation > 4:  # which alone tells its size as it is shown
        packed = packed[::-1]
    width, height = packed if orientation < 5 else packed[::-1]
    laid = LAID[orientation].replace("w", str(width)).replace("h", str(height))
    _write(out, file, packed, (width, height), about, places, f"{laid} cm /I Do".encode())


def orientation_of(file: IO[bytes], picture: Image.Image) -> int:
    """How the picture is to be turned, 1 to 8, as EXIF counts. Pillow would unpack a PNG to tell.

    A TIFF in strips that is turned is left to Pillow.
    """
    if picture.format == "PNG":
        exif = Image.Exif()
        exif.load(_exif_of_png(file))
    else:
        exif = picture.getexif()
    orientation = exif.get(ORIENTATION, 1)
    return orientation if orientation in LAID else 1


def _exif_of_png(file: IO[bytes]) -> bytes:
    return next((file.read(min(length, PIECE)) for kind, length in _chunks(file) if kind == b"eXIf"), b"")


def _chunks(file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """(kind, length) of each part of a PNG; the file stands at its contents."""
    start = 8
    while True:
        file.seek(start)
        head = file.read(8)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head)
        yield kind, length
        if kind == b"IEND":
            return
        start += length + 12


def _png(file: IO[bytes]) -> tuple[bytes, Places]:
    places: Places = []
    width = height = depth = colour = 0
    palette = b""
    for kind, length in _chunks(file):
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", file.read(13))
            if colour not in PNG_COLOURS or interlaced:
                raise NotWrapped("interlaced, or with parts that are seen through")
        elif kind == b"PLTE":
            palette = file.read(min(length, 768))
        elif kind == b"tRNS":
            raise NotWrapped("with parts that are seen through")
        elif kind == b"IDAT":
            places.append((file.tell(), length))
    if not places or (colour == 3 and not palette):
        raise NotWrapped("damaged")
    components, colours = PNG_COLOURS[colour]
    _prove(file, places, bytes_wanted=height * (1 + (width * components * depth + 7) // 8))
    if colour == 3:
        colours = b"[/Indexed /DeviceRGB %d <%s>]" % (len(palette) // 3 - 1, palette.hex().encode())
    return (
        b"/ColorSpace %s /BitsPerComponent %d /Filter /FlateDecode "
        b"/DecodeParms << /Predictor 15 /Colors %d /BitsPerComponent %d /Columns %d >>"
        % (colours, depth, components, depth, width)
    ), places


def _prove(file: IO[bytes], places: Places, *, bytes_wanted: int) -> None:
    """Raise EOFError unless all of the picture is there: PDFium would draw what is missing as if it were so."""
    unpacking, unpacked = zlib.decompressobj(), 0
    for start, number in places:
        file.seek(start)
        while number and (piece := file.read(min(number, PIECE))):
            number -= len(piece)
            while piece and not unpacking.eof and unpacked <= bytes_wanted:
                unpacked += len(unpacking.decompress(piece, PIECE))
                piece = unpacking.unconsumed_tail
    if unpacked < bytes_wanted:
        raise EOFError("a part of the picture is missing")


def _jpeg(file: IO[bytes], picture: Image.Image) -> tuple[bytes, Places]:
    colours = {"L": b"/DeviceGray", "RGB": b"/DeviceRGB"}.get(picture.mode)
    if colours is None or not any(marker in SOF for marker in _markers(file)):
        raise NotWrapped("progressive, or in the colours of print")
    return b"/ColorSpace %s /BitsPerComponent 8 /Filter /DCTDecode" % colours, [(0, file.seek(0, 2))]


def _fax(picture: Image.Image) -> tuple[bytes, Places]:
    """A sheet in black and white that is packed in one piece (Group 4), as scanners of drawings write it."""
    tags = picture.tag_v2  # type: ignore[attr-defined]
    offsets, sizes = tags.get(STRIP_OFFSETS, ()), tags.get(STRIP_BYTES, ())
    if tags.get(COMPRESSION) != GROUP_4 or len(offsets) != 1 or len(sizes) != 1 or tags.get(FILL_ORDER, 1) != 1:
        raise NotWrapped("packed in another way")
    black_is_1 = b"true" if tags.get(PHOTOMETRIC) == 1 else b"false"
    return (
        b"/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode "
        b"/DecodeParms << /K -1 /Columns %d /Rows %d /BlackIs1 %s >>" % (tags[WIDTH], tags[LENGTH], black_is_1)
    ), [(offsets[0], sizes[0])]


def _markers(file: IO[bytes]) -> Iterator[int]:
    """The markers of a JPEG up to its first scan."""
    file.seek(2)
    while len(head := file.read(4)) == 4 and head[0] == 0xFF and head[1] != SOS:
        yield head[1]
        file.seek(struct.unpack(">H", head[2:])[0] - 2, 1)


def _write(
    out: IO[bytes],
    file: IO[bytes],
    size: tuple[int, int],
    page: tuple[int, int],
    about: bytes,
    places: Places,
    content: bytes,
) -> None:
    out.seek(0)
    out.truncate()
    starts: list[int] = []

    def begin(text: bytes) -> None:
        starts.append(out.tell())
        out.write(b"%d 0 obj\n%s" % (len(starts), text))

    out.write(b"%PDF-1.7\n")
    begin(b"<< /Type /Catalog /Pages 2 0 R >>\nendobj\n")
    begin(b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>\nendobj\n")
    begin(
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R "
        b"/Resources << /XObject << /I 5 0 R >> >> >>\nendobj\n" % page
    )
    begin(b"<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(content), content))
    length = sum(number for _, number in places)
    begin(b"<< /Type /XObject /Subtype /Image /Width %d /Height %d %s /Length %d >>\nstream\n" % (*size, about, length))
    for start, number in places:
        file.seek(start)
        while number and (piece := file.read(min(number, PIECE))):
            out.write(piece)
            number -= len(piece)
        if number:  # PDFium would draw what is missing as if it were so
            raise EOFError("a part of the picture is missing")
    out.write(b"\nendstream\nendobj\n")
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(starts) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % start for start in starts))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(starts) + 1, table))
    out.flush()
