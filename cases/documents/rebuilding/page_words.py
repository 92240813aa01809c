"""The words of a PDF's page, where they lie, and which of them can be seen.

Knows pypdfium2 and Pillow, not Django: it runs in a process of its own.
"""

import ctypes
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops

from .plain_pdf import Word

LOOK_DPI, LOOK_PIXELS = 110, 6_000_000  # of the pictures by which we see whether a word is there
FAINTEST = 24  # of 255: a letter that differs less from what it stands on is not seen
COLUMN_PIXELS = 4_000_000  # of a page that is drawn at once
MOST_LETTERS = 60_000  # of a page: of one with more, no words are kept
DEEPEST = 8  # drawings within drawings
NO_LETTER = {0, 0xFFFE, 0xFFFF}

Box = Mapping[str, float]
Sides = tuple[float, float, float, float]


@dataclass
class Letter:
    text: str
    glyph: Sides  # what is inked: left, top, right, bottom as parts of the page as shown
    room: Sides  # with the room of the line around it
    is_certain: bool  # the file cannot have said another letter than the one it draws


@dataclass
class Letters:
    """A word while its letters are gathered."""

    letters: list[Letter] = field(default_factory=list)

    def word(self) -> Word:
        lefts, tops, rights, bottoms = zip(*(letter.room for letter in self.letters), strict=True)
        text = "".join(letter.text for letter in self.letters)
        return Word(text, min(lefts), min(tops), max(rights), max(bottoms), self._turn())

    def _turn(self) -> int:
        """Which way the line runs, counter-clockwise."""
        (left, top, right, bottom), (left2, top2, right2, bottom2) = self.letters[0].room, self.letters[-1].room
        across, down = left2 + right2 - left - right, top2 + bottom2 - top - bottom
        if abs(down) <= abs(across):
            return 180 if across < 0 else 0
        return 270 if down > 0 else 90


def all_words(page: pypdfium2.PdfPage) -> list[Word]:
    """Every word of the page, seen or not, in the order of the file."""
    return [gathered.word() for gathered in _gathered(page)]


def lines(page: pypdfium2.PdfPage) -> list[list[Word]]:
    """The words of the page by the lines in which the file says them, seen or not."""
    return [[g.word() for g in line] for line in _lines(page)]


def seen_words(page: pypdfium2.PdfPage, boxes: Sequence[Box]) -> list[Word]:
    """The words that somebody who looks at the page can read and that no box touches.

    A word is seen when each of its letters makes a difference to the picture of the page. Left out whole: what is
    drawn in no colour or that of the paper, lies under a picture, on a hidden layer, outside the page or over another
    word; what says in `ActualText` another word than it shows; what a box touches anywhere.
    """
    found = list(_gathered(page))
    free = [
        gathered
        for gathered in found
        if all(letter.is_certain for letter in gathered.letters)
        and not any(_touches(letter.room, box) for letter in gathered.letters for box in boxes)
    ]
    if not free:
        return []
    ink, crowd = _ink_of_the_text(page), Crowd(found)
    return [
        gathered.word()
        for gathered in free
        if all(_is_inked(letter, ink, crowd.others_over(letter, gathered)) for letter in gathered.letters)
    ]


# --- Letters and words ----------------------------------------------------------------------------------------------


def _gathered(page: pypdfium2.PdfPage) -> Iterator[Letters]:
    for line in _lines(page):
        yield from line


def _lines(page: pypdfium2.PdfPage) -> Iterator[list[Letters]]:
    line: list[Letters] = []
    word = Letters()
    for letter in [*_letters(page), "\n"]:
        if isinstance(letter, Letter):
            word.letters.append(letter)
            continue
        if word.letters:
            line.append(word)
            word = Letters()
        if letter == "\n" and line:
            yield line
            line = []


def _letters(page: pypdfium2.PdfPage) -> Iterator[Letter | str]:
    """Each letter with its place; between words a space, and after a line a line feed."""
    text = page.get_textpage()
    to_parts = _to_parts(page)
    certain: dict[int, bool] = {}
    try:
        count = pdfium.FPDFText_CountChars(text)
        for index in range(count if count <= MOST_LETTERS else 0):
            code = pdfium.FPDFText_GetUnicode(text, index)
            character = chr(code) if code not in NO_LETTER and code < 0x110000 else "\ufffd"
            if character in "\r\n\u2028\u2029\x0b\x0c":
                yield "\n"
            elif character.isspace() or code == 0x200B:
                yield " "
            else:
                yield _letter(text, index, character, to_parts, certain)
    finally:
        text.close()


def _letter(text, index: int, character: str, to_parts, certain: dict[int, bool]) -> Letter:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetCharBox(text, index, left, right, bottom, top)
    glyph = to_parts(left.value, bottom.value, right.value, top.value)
    loose = pdfium.FS_RECTF()
    has_room = pdfium.FPDFText_GetLooseCharBox(text, index, loose)
    room = to_parts(loose.left, loose.bottom, loose.right, loose.top) if has_room else glyph
    room = (min(room[0], glyph[0]), min(room[1], glyph[1]), max(room[2], glyph[2]), max(room[3], glyph[3]))
    shown_by = pdfium.FPDFText_GetTextObject(text, index)
    is_certain = False
    if shown_by and character.isprintable() and character != "\ufffd":
        key = ctypes.cast(shown_by, ctypes.c_void_p).value or 0
        if key not in certain:
            certain[key] = not _says_another_word(shown_by)
        is_certain = certain[key]
    return Letter(character, glyph, room, is_certain)


def _says_another_word(text_object) -> bool:
    """Whether the file says what is drawn here (/ActualText): the words are then its own, not those on the page."""
    for number in range(max(pdfium.FPDFPageObj_CountMarks(text_object), 0)):
        mark = pdfium.FPDFPageObj_GetMark(text_object, number)
        for place in range(max(pdfium.FPDFPageObjMark_CountParams(mark), 0)):
            size = ctypes.c_ulong()
            if not pdfium.FPDFPageObjMark_GetParamKey(mark, place, None, 0, size):
                return True
            name = (pdfium.FPDF_WCHAR * (size.value // 2 + 1))()
            pdfium.FPDFPageObjMark_GetParamKey(mark, place, name, size.value, size)
            if "".join(map(chr, name)).rstrip("\0") in {"ActualText", "Alt", "E"}:
                return True
    return False


def _to_parts(page: pypdfium2.PdfPage) -> Callable[[float, float, float, float], Sides]:
    """From points of the page's own space to parts of the page as shown, whatever its rotation and crop."""
    across = 1_000_000
    x, y = ctypes.c_int(), ctypes.c_int()

    def point(px: float, py: float) -> tuple[float, float]:
        pdfium.FPDF_PageToDevice(page, 0, 0, across, across, 0, px, py, x, y)
        return x.value / across, y.value / across

    def sides(left: float, bottom: float, right: float, top: float) -> Sides:
        (x1, y1), (x2, y2) = point(left, bottom), point(right, top)
        return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)

    return sides


# --- What is seen ---------------------------------------------------------------------------------------------------


def _touches(sides: Sides, box: Box) -> bool:
    left, top, right, bottom = sides
    return (
        left <= box["x"] + box["width"] and right >= box["x"] and top <= box["y"] + box["height"] and bottom >= box["y"]
    )


def _ink_of_the_text(page: pypdfium2.PdfPage) -> Image.Image:
    """White where the page would look different if no text were drawn on it. The page is left without its text."""
    width, height = page.get_size()
    scale = min(LOOK_DPI / 72, math.sqrt(LOOK_PIXELS / max(width * height, 1)))
    with_text = picture_of(page, scale)
    _hide_text(page)
    without = picture_of(page, scale)
    bands = ImageChops.difference(with_text.convert("RGB"), without.convert("RGB")).split()
    most = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    return most.point([255 if value >= FAINTEST else 0 for value in range(256)])


class Crowd:
    """All letters of a page, to be asked which lie over one: their ink must not be taken for its own."""

    SQUARES, MOST_SQUARES = 100, 64

    def __init__(self, found: Sequence[Letters]):
        self._squares: dict[tuple[int, int], list[tuple[Letters, Sides]]] = {}
        self._large: list[tuple[Letters, Sides]] = []
        for gathered in found:
            for letter in gathered.letters:
                squares = self._squares_of(letter.glyph)
                for square in squares:
                    self._squares.setdefault(square, []).append((gathered, letter.glyph))
                if not squares:
                    self._large.append((gathered, letter.glyph))

    def others_over(self, letter: Letter, own: Letters) -> list[Sides]:
        left, top, right, bottom = letter.glyph
        near = [*self._large, *(other for square in self._squares_of(letter.glyph) for other in self._squares[square])]
        return [
            sides
            for gathered, sides in near
            if gathered is not own and sides[0] <= right and sides[2] >= left and sides[1] <= bottom and sides[3] >= top
        ]

    def _squares_of(self, sides: Sides) -> list[tuple[int, int]]:
        """The squares of the page that a letter lies in; none for one that lies in too many."""
        left, top, right, bottom = (math.floor(min(max(side, -1), 2) * self.SQUARES) for side in sides)
        if (right - left + 1) * (bottom - top + 1) > self.MOST_SQUARES:
            return []
        return [(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]


def _is_inked(letter: Letter, ink: Image.Image, others: Sequence[Sides]) -> bool:
    """Whether text makes a difference where this letter lies, and not only where another one lies over it."""
    if min(letter.glyph) < 0 or max(letter.glyph) > 1:
        return False
    within = _pixels(letter.glyph, ink)
    if within[0] >= within[2] or within[1] >= within[3]:
        return False
    spot = ink.crop(within)
    for other in others:
        left, top, right, bottom = _pixels(other, ink)
        spot.paste(0, (left - 1 - within[0], top - 1 - within[1], right + 1 - within[0], bottom + 1 - within[1]))
    return spot.getbbox() is not None


def _pixels(sides: Sides, picture: Image.Image) -> tuple[int, int, int, int]:
    left, top, right, bottom = sides
    width, height = picture.size
    return math.floor(left * width), math.floor(top * height), math.ceil(right * width), math.ceil(bottom * height)


def _hide_text(page: pypdfium2.PdfPage) -> None:
    count = pdfium.FPDFPage_CountObjects(page)
    for number in range(count):
        _hide(pdfium.FPDFPage_GetObject(page, number), 0)


def _hide(drawn, depth: int) -> None:
    kind = pdfium.FPDFPageObj_GetType(drawn)
    if kind == pdfium.FPDF_PAGEOBJ_TEXT:
        pdfium.FPDFTextObj_SetTextRenderMode(drawn, pdfium.FPDF_TEXTRENDERMODE_INVISIBLE)
    elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < DEEPEST:
        for number in range(pdfium.FPDFFormObj_CountObjects(drawn)):
            _hide(pdfium.FPDFFormObj_GetObject(drawn, number), depth + 1)


def picture_of(page: pypdfium2.PdfPage, scale: float) -> Image.Image:
    """The page as it is shown, annotations and filled-in fields included, on white; RGB.

    In columns: to shrink a large scan, PDFium takes as much memory as the scan is high and what it draws is wide.
    """
    width, height = (math.ceil(side * scale) for side in page.get_size())
    if width * height <= COLUMN_PIXELS:
        return _column(page, scale)
    canvas = Image.new("RGB", (width, height))
    step = max(COLUMN_PIXELS // height, 64)
    for left in range(0, width, step):
        right = min(left + step, width)
        # Half a pixel less, since pypdfium2 rounds up what is cut off.
        cut = max(left - 0.5, 0) / scale, 0, max(width - right - 0.5, 0) / scale, 0
        canvas.paste(_column(page, scale, cut), (left, 0))
    return canvas


def _column(
    page: pypdfium2.PdfPage, scale: float, cut: tuple[float, float, float, float] = (0, 0, 0, 0)
) -> Image.Image:
    bitmap = page.render(scale=scale, crop=cut, rev_byteorder=True, prefer_bgrx=True, limit_image_cache=True)
    return bitmap.to_pil().convert("RGB")
