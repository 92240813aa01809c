"""CSV, JSON and GeoJSON, written as the rows come. Nothing here holds more than what one chunk of rows makes."""

import csv
import io
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

# What a spreadsheet takes for the beginning of a formula (also in the wide letters of East Asian keyboards).
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
QUICK = 4  # of zlib's nine levels: half the time of the usual one, and hardly more bytes


def spreadsheet_safe(text: str) -> str:
    """The text as a spreadsheet can be given it: never a formula, whatever an applicant wrote."""
    if not text or text[0].isalnum():  # nearly every text, and no formula
        return text
    return f"'{text}" if text.lstrip(" ")[:1] in _FORMULA else text


def _or_none(text: str) -> str | None:
    return text or None


@dataclass(frozen=True)
class Style:
    """What a format makes of a value."""

    text: Callable[[str], str | None]
    number: Callable[[str], Any]
    no_and_yes: tuple[Any, Any]


CSV_STYLE = Style(text=spreadsheet_safe, number=str, no_and_yes=("false", "true"))
JSON_STYLE = Style(text=_or_none, number=float, no_and_yes=(False, True))
# Dates are the only values that JSON has no form of its own for; str() writes them as 2026-11-22.
NEXT = ",\n"
json_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode

Chunks = Iterable[Iterable[Sequence[Any]]]


def csv_pieces(names: Sequence[str], chunks: Chunks) -> Iterator[bytes]:
    """RFC 4180, UTF-8, with the names of the columns in the first line."""
    page = io.StringIO(newline="")
    writer = csv.writer(page)
    writer.writerow(names)
    for chunk in chunks:
        writer.writerows(chunk)
        yield page.getvalue().encode()
        page.seek(0)
        page.truncate()
    yield page.getvalue().encode()  # the heading, where there was no chunk


def json_pieces(head: dict[str, Any], list_name: str, chunks: Iterable[Iterable[str]]) -> Iterator[bytes]:
    """An object with `head`, the list of the rows (each JSON text already) and, after them, how many they were."""
    opening = json_text(head).removesuffix("}")
    yield f"{opening},{json_text(list_name)}:[\n".encode()
    count = 0
    for chunk in chunks:
        rows = list(chunk)
        yield f"{NEXT if count and rows else ''}{NEXT.join(rows)}".encode()
        count += len(rows)
    yield f'\n],"count":{count}}}\n'.encode()


def array_pieces(chunks: Iterable[Iterable[str]]) -> Iterator[bytes]:
    """The rows alone, as a list."""
    between = "[\n"
    for chunk in chunks:
        if rows := list(chunk):
            yield f"{between}{NEXT.join(rows)}".encode()
            between = NEXT
    yield (b"[]\n" if between == "[\n" else b"\n]\n")


def object_rows(names: Sequence[str], chunks: Chunks) -> Iterator[Iterator[str]]:
    """Each row as a JSON object."""
    for chunk in chunks:
        yield (json_text(dict(zip(names, row, strict=True))) for row in chunk)


def feature(properties: dict[str, Any], red_line: str | None) -> str:
    """A GeoJSON feature (RFC 7946): the red line (JSON text); else the point; else a place that is not known."""
    point = [properties["longitude"], properties["latitude"]]
    geometry = red_line or ("null" if None in point else json_text({"type": "Point", "coordinates": point}))
    return f'{{"type":"Feature","geometry":{geometry},"properties":{json_text(properties)}}}'


def zipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes by gzip, as they come. Without a time of day in them: equal files stay equal."""
    packer = zlib.compressobj(QUICK, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()
