"""A TIFF built anew of the parts that draw its sheets, as they are packed: a scan of A0 stays as sharp as it was."""

import struct
from collections.abc import Iterator
from typing import IO

from .photographs import NotThatKind

# How the sheet is drawn, TIFF 6.0 and its supplements; who made it, where, with what and of what stands in others.
KEPT = {
    254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281, 282, 283, 284, 286, 287,
    290, 291, 292, 293, 296, 297, 301, 317, 318, 319, 320, 321, 322, 323, 324, 325, 332, 334, 336, 338, 339, 340, 341,
    342, 347, 529, 530, 531, 532,
}  # fmt: skip
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}  # bytes of a value by its type
STRIP_OFFSETS, STRIP_BYTES, TILE_OFFSETS, TILE_BYTES = 273, 279, 324, 325
PIXELS = {STRIP_OFFSETS: STRIP_BYTES, TILE_OFFSETS: TILE_BYTES}
SHORT, LONG = 3, 4
MOST_SHEETS = 2_000
Tags = dict[int, tuple[int, int, bytes]]  # tag → type, number of values, the values


def clean_tiff(source: IO[bytes], out: IO[bytes]) -> None:
    """Write every sheet with what draws it and nothing else. Raises NotThatKind, OSError, struct.error."""
    source.seek(0)
    mark = source.read(8)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(mark[:4])
    if order is None:
        raise NotThatKind("no TIFF")
    out.write(mark[:4] + bytes(4))
    link = 4  # where the place of the next sheet's list is written
    for tags in _sheets(source, order, struct.unpack(f"{order}I", mark[4:])[0]):
        link = _write_sheet(source, out, order, tags, link)
    if link == 4:
        raise NotThatKind("a TIFF without a sheet")


def _sheets(source: IO[bytes], order: str, place: int) -> Iterator[Tags]:
    seen: set[int] = set()
    while place and place not in seen and len(seen) < MOST_SHEETS:
        seen.add(place)
        source.seek(place)
        (number,) = struct.unpack(f"{order}H", source.read(2))
        entries = [source.read(12) for _ in range(number)]
        (place,) = struct.unpack(f"{order}I", source.read(4))
        yield dict(filter(None, (_entry(source, order, entry) for entry in entries)))


def _entry(source: IO[bytes], order: str, entry: bytes) -> tuple[int, tuple[int, int, bytes]] | None:
    tag, kind, number = struct.unpack(f"{order}HHI", entry[:8])
    if tag not in KEPT or kind not in SIZES:
        return None
    size = SIZES[kind] * number
    if size <= 4:
        return tag, (kind, number, entry[8 : 8 + size])
    source.seek(struct.unpack(f"{order}I", entry[8:])[0])
    values = source.read(size)
    if len(values) < size:
        raise NotThatKind("a TIFF that breaks off")
    return tag, (kind, number, values)


def _write_sheet(source: IO[bytes], out: IO[bytes], order: str, tags: Tags, link: int) -> int:
    """Returns where the place of the sheet after this one is to be written."""
    if not PIXELS.keys() & tags.keys():
        raise NotThatKind("a sheet whose pixels are packed as nobody has done for thirty years")
    for offsets, sizes in PIXELS.items():
        if offsets in tags:
            places = [
                _copy(source, out, *piece)
                for piece in zip(_numbers(order, tags[offsets]), _numbers(order, tags[sizes]), strict=True)
            ]
            tags[offsets] = (LONG, len(places), struct.pack(f"{order}{len(places)}I", *places))
    entries = [
        struct.pack(f"{order}HHI", tag, kind, number)
        + (values.ljust(4, b"\0") if len(values) <= 4 else struct.pack(f"{order}I", _append(out, values)))
        for tag, (kind, number, values) in sorted(tags.items())
    ]
    place = _append(out, struct.pack(f"{order}H", len(entries)) + b"".join(entries) + bytes(4))
    end = out.tell()
    out.seek(link)
    out.write(struct.pack(f"{order}I", place))
    out.seek(end)
    return place + 2 + 12 * len(entries)


def _numbers(order: str, entry: tuple[int, int, bytes]) -> tuple[int, ...]:
    kind, number, values = entry
    if kind not in {SHORT, LONG}:
        raise NotThatKind("places that are no numbers")
    return struct.unpack(f"{order}{number}{'H' if kind == SHORT else 'I'}", values)


def _copy(source: IO[bytes], out: IO[bytes], place: int, size: int) -> int:
    source.seek(place)
    return _append(out, source.read(size))


def _append(out: IO[bytes], content: bytes) -> int:
    """Parts begin at even places."""
    if out.tell() % 2:
        out.write(b"\0")
    place = out.tell()
    out.write(content)
    return place
