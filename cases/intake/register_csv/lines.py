"""The rows of a CSV file, one by one, however broken: a fault in one row never swallows the rows after it.

The file is read as bytes, line by line. A quotation mark that is never closed would make the rest of the file one cell;
here it costs the line that it stands on. No more than one row is in memory.
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

LONGEST_ROW = 5_000_000  # bytes: a red line of many thousand points
MOST_LINES = 500  # that one row may go over, where its texts hold line breaks
BOM = b"\xef\xbb\xbf"


class NotACsvFile(Exception):
    """The file cannot be read at all. `str()` is a sentence."""


@dataclass(frozen=True)
class Form:
    """How the file is written."""

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'


@dataclass(frozen=True, slots=True)
class Line:
    number: int  # of the file's lines; the headings stand on line 1
    last: int  # where the row ends: `number` unless a text in it holds line breaks
    raw: bytes  # as it stands in the file, without the end of its last line
    cells: list[str]
    fault: str = ""  # a sentence; then `cells` are empty


def read_headings(path: Path, form: Form) -> list[str]:
    """The names of the columns. Raises NotACsvFile."""
    with path.open("rb") as file:
        first = _first_line(file, form)
    return first.cells


def read_lines(path: Path, form: Form) -> Iterator[Line]:
    """Every row after the headings; lines with nothing in them are passed over. Raises NotACsvFile."""
    with path.open("rb") as file:
        headings = _first_line(file, form)
        yield from _rows(file, form, width=len(headings.cells), number=headings.last)


def _first_line(file: IO[bytes], form: Form) -> Line:
    raw = file.readline(LONGEST_ROW)
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise NotACsvFile("The file is written in UTF-16. Save it as CSV in UTF-8.")
    text = raw.removeprefix(BOM).rstrip(b"\r\n")
    if not text:
        raise NotACsvFile("The file does not begin with a line of headings.")
    if b"\r" in text:
        raise NotACsvFile("The file ends its lines with a carriage return alone. Save it with ordinary line ends.")
    cells, fault = _parse(text, form)
    if fault:
        raise NotACsvFile(f"The line of headings cannot be read: {fault}")
    return Line(1, 1, text, [cell.strip() for cell in cells])


def _rows(file: IO[bytes], form: Form, *, width: int, number: int) -> Iterator[Line]:
    ahead = _Ahead(file)
    while ahead.has(0):
        lines, line = _row_at(ahead, 0, number + 1, form, width)
        if line is not None and line.fault and len(line.raw) >= LONGEST_ROW:
            line = replace(line, raw=line.raw[:1000], fault="The row is longer than a row can be.")
        elif line is not None and line.fault and lines > 1 and _another_begins(ahead, lines, form, width):
            raw = ahead[0].rstrip(b"\r\n")
            lines, line = 1, Line(number + 1, number + 1, raw, [], "A quotation mark is opened and never closed.")
        ahead.pass_over(lines)
        number += lines
        if line is not None:
            yield line


def _row_at(ahead: "_Ahead", at: int, number: int, form: Form, width: int) -> tuple[int, Line | None]:
    """The row that begins on a line ahead, and over how many lines it goes; None when it is empty."""
    line = _line(number, number, ahead[at].rstrip(b"\r\n"), form, width)
    quote = form.quote.encode()
    quotes = ahead[at].count(quote)
    if line is None or not line.fault or quotes % 2 == 0:
        return 1, line
    lines, size = 1, len(ahead[at])
    while quotes % 2 and lines < MOST_LINES and size < LONGEST_ROW and ahead.has(at + lines):
        quotes += ahead[at + lines].count(quote)
        size += len(ahead[at + lines])
        lines += 1
    raw = b"".join(ahead[at + index] for index in range(lines)).rstrip(b"\r\n")
    return lines, _line(number, number + lines - 1, raw, form, width)


def _another_begins(ahead: "_Ahead", lines: int, form: Form, width: int) -> bool:
    """Whether a sound row begins inside one that cannot be read: then that one's first line alone is broken."""
    for at in range(1, lines):
        _, line = _row_at(ahead, at, 0, form, width)
        if line is not None and not line.fault:
            return True
    return False


class _Ahead:
    """The lines of a file, with those that were looked at before their turn."""

    def __init__(self, file: IO[bytes]):
        self._file = file
        self._lines: deque[bytes] = deque()

    def has(self, index: int) -> bool:
        while len(self._lines) <= index:
            line = self._file.readline(LONGEST_ROW)
            if not line:
                return False
            self._lines.append(line)
        return True

    def __getitem__(self, index: int) -> bytes:
        return self._lines[index]

    def pass_over(self, lines: int) -> None:
        for _ in range(lines):
            line = self._lines.popleft()
            if len(line) >= LONGEST_ROW and not line.endswith(b"\n"):
                _pass_over(self._file)


def _line(number: int, last: int, raw: bytes, form: Form, width: int) -> Line | None:
    """The row; None when all its cells are empty."""
    if not raw.strip(b" \t" + form.delimiter.encode()):
        return None
    cells, fault = _parse(raw, form)
    if not fault and len(cells) != width:
        if len(cells) > width and not any(cells[width:]):
            cells = cells[:width]
        else:
            fault = f"The row has {len(cells)} cells, and there are {width} headings."
    if fault:
        return Line(number, last, raw, [], fault)
    return Line(number, last, raw, cells) if any(cells) else None


def _parse(raw: bytes, form: Form) -> tuple[list[str], str]:
    """The cells of one row, or a sentence that says why there are none."""
    try:
        text = raw.decode(form.encoding)
    except UnicodeDecodeError as error:
        return [], f"The row is not written in {form.encoding}: byte {error.start + 1} cannot be read."
    if "\0" in text:
        return [], "The row holds a NUL, which no text can hold."
    try:
        # A quoted cell may hold line breaks, so the text is given as the lines that it has.
        parts = [text] if "\n" not in text else [f"{part}\n" for part in text.split("\n")]
        rows = list(csv.reader(parts, delimiter=form.delimiter, quotechar=form.quote, strict=True))
    except csv.Error as error:
        return [], _in_words(str(error))
    if len(rows) != 1:
        return [], "A line break stands outside quotation marks."
    return rows[0], ""


def _in_words(error: str) -> str:
    if "expected after" in error:
        return "Something follows a closing quotation mark. A quotation mark inside a text is written twice."
    if "unexpected end of data" in error:
        return "A quotation mark is opened and never closed."
    if "field larger than" in error:
        return "A cell is longer than a cell can be."
    return "The row is not written as CSV."


def _pass_over(file: IO[bytes]) -> None:
    while (rest := file.readline(LONGEST_ROW)) and not rest.endswith(b"\n"):
        pass


csv.field_size_limit(LONGEST_ROW)
