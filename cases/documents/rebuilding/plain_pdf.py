"""A PDF that holds pictures of pages, words that are not seen, a title, and nothing else.

Written page by page, so that memory does not grow with the pages; by ourselves, so that nothing gets into it that is
not named here: no library's own metadata, no font program, no structure of another file.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

LARGEST_SIDE = 14_400  # units: what readers take without /UserUnit (PDF 1.7, annex C)
LETTER_WIDTH = 0.6  # of its height: each letter of Courier
LETTERS_OF_A_FONT = range(33, 127)
CATALOG, PAGES, INFO = 1, 2, 3


@dataclass(frozen=True)
class Word:
    """A word and where it lies: parts of the page from its upper left corner. `turn`: 0, 90, 180 or 270 degrees."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    turn: int = 0


class PlainPdf:
    """Begin with a file that can be written to, `add_page` for each page, then `finish`."""

    def __init__(self, out: IO[bytes], *, title: str):
        self._out, self._title = out, title
        self._places: dict[int, int] = {}  # object number → where it begins
        self._written, self._last = 0, INFO
        self._pages: list[int] = []
        self._fonts: list[int] = [self._new()]  # the first: Courier with the letters of Windows
        self._rare: dict[str, int] = {}  # other letters, each with its place in the fonts after the first
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def add_page(
        self, *, width: float, height: float, jpeg: bytes, pixels: tuple[int, int], is_grey: bool, words: Iterable[Word]
    ) -> None:
        """A page of `width` × `height` points, filled by a JPEG picture of that many pixels, with its words."""
        unit = max(1.0, max(width, height) / LARGEST_SIDE)
        width, height = width / unit, height / unit
        picture = self._stream(
            self._new(),
            f"/Type /XObject /Subtype /Image /Width {pixels[0]} /Height {pixels[1]} /BitsPerComponent 8 "
            f"/ColorSpace /{'DeviceGray' if is_grey else 'DeviceRGB'} /Filter /DCTDecode",
            jpeg,
        )
        content = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /Page Do Q\n".encode() + self._words(words, width, height)
        contents = self._stream(self._new(), "/Filter /FlateDecode", zlib.compress(content))
        fonts = " ".join(f"/F{number} {font} 0 R" for number, font in enumerate(self._fonts))
        self._pages.append(
            self._object(
                self._new(),
                f"<< /Type /Page /Parent {PAGES} 0 R /MediaBox [0 0 {width:.3f} {height:.3f}] "
                + (f"/UserUnit {unit:.5f} " if unit > 1 else "")
                + f"/Contents {contents} 0 R /Resources << /XObject << /Page {picture} 0 R >> "
                f"/Font << {fonts} >> >> >>",
            )
        )

    def finish(self) -> None:
        self._write_fonts()
        self._object(
            CATALOG,
            f"<< /Type /Catalog /Pages {PAGES} 0 R /Lang (en-GB) /ViewerPreferences << /DisplayDocTitle true >> >>",
        )
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        self._object(PAGES, f"<< /Type /Pages /Count {len(self._pages)} /Kids [{kids}] >>")
        self._object(INFO, f"<< /Title <FEFF{self._title.encode('utf-16-be').hex().upper()}> >>")
        table = self._written
        self._write(f"xref\n0 {self._last + 1}\n0000000000 65535 f \n".encode())
        for number in range(1, self._last + 1):
            self._write(f"{self._places[number]:010d} 00000 n \n".encode())
        self._write(f"trailer\n<< /Size {self._last + 1} /Root {CATALOG} 0 R /Info {INFO} 0 R >>\n".encode())
        self._write(f"startxref\n{table}\n%%EOF\n".encode())

    # --- Words: set in Courier and never drawn (text rendering mode 3) ----------------------------------------------

    def _words(self, words: Iterable[Word], width: float, height: float) -> bytes:
        shown = [self._word(word, width, height) for word in words]
        return b"BT 3 Tr\n" + b"".join(shown) + b"ET\n" if shown else b""

    def _word(self, word: Word, width: float, height: float) -> bytes:
        left, right = word.left * width, word.right * width
        low, high = (1 - word.bottom) * height, (1 - word.top) * height
        across, tall = (right - left, high - low) if word.turn % 180 == 0 else (high - low, right - left)
        # The direction of the line, and the corner of the box at which the word begins
        way, begin = {
            0: ("1 0 0 1", (left, low)),
            90: ("0 1 -1 0", (right, low)),
            180: ("-1 0 0 -1", (right, high)),
            270: ("0 -1 1 0", (left, high)),
        }[word.turn]
        tall = max(tall, 0.5)
        stretch = 100 * max(across, 0.1) / (tall * LETTER_WIDTH * len(word.text))
        place = f"{way} {begin[0]:.2f} {begin[1]:.2f} Tm {stretch:.2f} Tz\n".encode()
        return place + b"".join(self._letters(word.text + " ", tall))

    def _letters(self, text: str, tall: float) -> Iterable[bytes]:
        """The text in pieces of one font each."""
        pieces: list[tuple[int, bytearray]] = []
        for letter in text:
            font, code = self._code(letter)
            if not pieces or pieces[-1][0] != font:
                pieces.append((font, bytearray()))
            pieces[-1][1].append(code)
        for font, codes in pieces:
            safe = bytes(codes).replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
            yield f"/F{font} {tall:.2f} Tf (".encode() + safe + b") Tj\n"

    def _code(self, letter: str) -> tuple[int, int]:
        """Number of the font and the code in it."""
        try:
            return 0, letter.encode("cp1252")[0]
        except UnicodeEncodeError:
            place = self._rare.setdefault(letter, len(self._rare))
        font, code = divmod(place, len(LETTERS_OF_A_FONT))
        while len(self._fonts) < font + 2:
            self._fonts.append(self._new())
        return font + 1, LETTERS_OF_A_FONT[code]

    def _write_fonts(self) -> None:
        courier = "<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding"
        self._object(self._fonts[0], f"{courier} >>")
        for number, font in enumerate(self._fonts[1:]):
            first = number * len(LETTERS_OF_A_FONT)
            letters = list(self._rare)[first : first + len(LETTERS_OF_A_FONT)]
            table = self._stream(self._new(), "/Filter /FlateDecode", zlib.compress(_to_unicode(letters)))
            self._object(font, f"{courier} /ToUnicode {table} 0 R >>")

    # --- Objects ----------------------------------------------------------------------------------------------------

    def _new(self) -> int:
        self._last += 1
        return self._last

    def _object(self, number: int, content: str) -> int:
        self._places[number] = self._written
        self._write(f"{number} 0 obj\n{content}\nendobj\n".encode("ascii"))
        return number

    def _stream(self, number: int, entries: str, content: bytes) -> int:
        self._places[number] = self._written
        self._write(f"{number} 0 obj\n<< {entries} /Length {len(content)} >>\nstream\n".encode("ascii"))
        self._write(content)
        self._write(b"\nendstream\nendobj\n")
        return number

    def _write(self, content: bytes) -> None:
        self._out.write(content)
        self._written += len(content)


def _to_unicode(letters: list[str]) -> bytes:
    """The table that says which letter a code of the font stands for (PDF 1.7, 9.10.3)."""
    lines = [
        f"<{code:02X}> <{letter.encode('utf-16-be').hex().upper()}>"
        for code, letter in zip(LETTERS_OF_A_FONT, letters, strict=False)
    ]
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Letters def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <FF> endcodespacerange\n{len(lines)} beginbfchar\n"
        + "\n".join(lines)
        + "\nendbfchar\nendcmap end end\n"
    ).encode("ascii")
