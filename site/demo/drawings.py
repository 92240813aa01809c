"""Plans for the demonstration's cases: drawn to scale, as vector PDF or as PNG, with nothing but lines and words.

A `Sheet` collects strokes in millimetres on A3 landscape and is then written in either format. The drawings differ
from case to case by the house's measurements, so that officers see plans worth comparing.
"""

import io
import random
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from PIL import Image, ImageDraw, ImageFont

WIDTH_MM, HEIGHT_MM = 420, 297
POINTS_PER_MM = 72 / 25.4
PIXELS_PER_MM = 4

BLACK, GREY, RED, BLUE = (0, 0, 0), (0.6, 0.6, 0.6), (0.85, 0, 0), (0, 0.2, 0.7)
Point = tuple[float, float]
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Line:
    points: tuple[Point, ...]
    colour: Colour
    width: float
    closed: bool
    fill: Colour | None


@dataclass(frozen=True)
class Words:
    at: Point
    text: str
    size: float  # millimetres


@dataclass
class Sheet:
    """An A3 drawing. The origin is the lower left corner; y grows upwards; everything in millimetres."""

    title: str
    number: str
    scale: str
    site: str
    revision: str = ""
    lines: list[Line] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.box(8, 8, WIDTH_MM - 16, HEIGHT_MM - 16, width=0.7)
        self.box(WIDTH_MM - 138, 8, 130, 44, width=0.5)
        block = [
            self.site,
            self.title,
            f"Drawing {self.number}{self.revision and f'  Rev {self.revision}'}",
            f"Scale {self.scale} at A3",
        ]
        for row, text in enumerate(block):
            self.text(WIDTH_MM - 134, 43 - row * 10, text, 4.2)

    def line(
        self,
        *points: Point,
        colour: Colour = BLACK,
        width: float = 0.25,
        closed: bool = False,
        fill: Colour | None = None,
    ) -> None:
        self.lines.append(Line(points, colour, width, closed, fill))

    def box(self, x: float, y: float, w: float, h: float, **style) -> None:
        self.line((x, y), (x + w, y), (x + w, y + h), (x, y + h), closed=True, **style)

    def text(self, x: float, y: float, text: str, size: float = 4) -> None:
        self.words.append(Words((x, y), text, size))

    def dimension(self, x1: float, y1: float, x2: float, y2: float, text: str) -> None:
        self.line((x1, y1), (x2, y2), colour=BLUE, width=0.18)
        for x, y in ((x1, y1), (x2, y2)):
            self.line((x - 1.2, y - 1.2), (x + 1.2, y + 1.2), colour=BLUE, width=0.3)
        self.text((x1 + x2) / 2 - len(text), (y1 + y2) / 2 + 1.5, text, 3.2)

    def north(self, x: float, y: float) -> None:
        self.line((x, y), (x, y + 22), width=0.5)
        self.line((x - 4, y + 14), (x, y + 22), (x + 4, y + 14), width=0.5)
        self.text(x - 1.6, y + 24, "N", 5)

    def scale_bar(self, x: float, y: float, *, steps: int, metres: int, mm_per_metre: float) -> None:
        """`steps` pieces of `metres` each."""
        length = metres * mm_per_metre
        for step in range(steps):
            self.box(x + step * length, y, length, 2, width=0.2, fill=BLACK if step % 2 else None)
        self.text(x, y + 3.5, "0", 3)
        self.text(x + steps * length - 4, y + 3.5, f"{steps * metres} m", 3)

    # --- as files ----------------------------------------------------------------------------------------------

    def as_pdf(self) -> bytes:
        """A one-page PDF 1.4 with vector lines and Helvetica."""
        stream = zlib.compress("\n".join(self._pdf_operators()).encode("latin-1", "replace"))
        width, height = WIDTH_MM * POINTS_PER_MM, HEIGHT_MM * POINTS_PER_MM
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.1f} {height:.1f}] /Contents 4 0 R "
            "/Resources << /Font << /F1 5 0 R >> >> >>".encode(),
            f"<< /Length {len(stream)} /Filter /FlateDecode >>\nstream\n".encode() + stream + b"\nendstream",
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            f"<< /Title ({_escaped(f'{self.number} {self.title}')}) >>".encode("latin-1", "replace"),
        ]
        return _pdf_file(objects)

    def _pdf_operators(self) -> Iterable[str]:
        k = POINTS_PER_MM
        for line in self.lines:
            yield f"{line.width * k:.2f} w {_rgb(line.colour)} RG"
            if line.fill:
                yield f"{_rgb(line.fill)} rg"
            (x, y), *others = line.points
            yield f"{x * k:.2f} {y * k:.2f} m " + " ".join(f"{px * k:.2f} {py * k:.2f} l" for px, py in others)
            yield ("b" if line.fill else "s") if line.closed else "S"
        yield "0 0 0 rg"
        for words in self.words:
            x, y = words.at
            yield f"BT /F1 {words.size * k:.2f} Tf {x * k:.2f} {y * k:.2f} Td ({_escaped(words.text)}) Tj ET"

    def as_png(self) -> bytes:
        """The same drawing as a picture, 4 pixels a millimetre."""
        image = Image.new("RGB", (WIDTH_MM * PIXELS_PER_MM, HEIGHT_MM * PIXELS_PER_MM), "white")
        pen = ImageDraw.Draw(image)

        def at(point: Point) -> Point:
            return point[0] * PIXELS_PER_MM, (HEIGHT_MM - point[1]) * PIXELS_PER_MM

        for line in self.lines:
            points = [at(p) for p in line.points]
            if line.fill:
                pen.polygon(points, fill=_bytes(line.fill))
            if line.closed:
                points.append(points[0])
            pen.line(points, fill=_bytes(line.colour), width=max(1, round(line.width * PIXELS_PER_MM)))
        for words in self.words:
            x, y = at(words.at)
            font = ImageFont.load_default(size=words.size * PIXELS_PER_MM)
            pen.text((x, y - words.size * PIXELS_PER_MM), words.text, fill="black", font=font)
        out = io.BytesIO()
        image.quantize(16).save(out, "PNG", optimize=True)
        return out.getvalue()


def _rgb(colour: Colour) -> str:
    return " ".join(f"{part:.2f}" for part in colour)


def _bytes(colour: Colour) -> tuple[int, int, int]:
    red, green, blue = (round(part * 255) for part in colour)
    return red, green, blue


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _pdf_file(objects: list[bytes]) -> bytes:
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + body + b"\nendobj\n")
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    for offset in offsets:
        out.write(f"{offset:010d} 00000 n \n".encode())
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>"
    out.write(f"{trailer}\nstartxref\n{start}\n%%EOF".encode())
    return out.getvalue()


@dataclass(frozen=True)
class House:
    """The house that the drawings show. Metres."""

    width: float
    depth: float
    eaves: float
    ridge: float
    extension_depth: float
    extension_height: float
    extension_width: float

    @classmethod
    def like(cls, chance: random.Random) -> "House":
        width = chance.choice([5.8, 6.4, 7.2, 8.5, 9.6])
        return cls(
            width=width,
            depth=chance.choice([7.2, 8.1, 9.0]),
            eaves=chance.choice([4.9, 5.1, 5.3]),
            ridge=chance.choice([7.6, 8.0, 8.4]),
            extension_depth=chance.choice([3.0, 3.6, 4.0, 4.5, 6.0]),
            extension_height=chance.choice([2.9, 3.0, 3.6, 4.0]),
            extension_width=round(width * chance.choice([0.5, 0.7, 1.0]), 1),
        )


def location_plan(site: str, number: str, chance: random.Random) -> Sheet:
    """Streets and houses at 1:500 with the site edged red, as the national list wants."""
    sheet = Sheet("Location plan", number, "1:500", site)
    own_number = int("".join(c for c in site.split()[0] if c.isdigit()) or 1)
    road = 120 + chance.random() * 30
    for y in (road, road + 16):
        sheet.line((12, y), (405, y + 6), width=0.4)
    sheet.text(40, road + 6, site.split(",")[0].lstrip("0123456789 "), 5)
    chosen = chance.randrange(3, 8)
    first = max(1, own_number - chosen * 2)
    for index in range(11):
        x = 20 + index * 34
        for side, y in ((1, road + 20), (-1, road - 62)):
            sheet.box(x, y, 30, 56, colour=GREY, width=0.2)
            sheet.box(
                x + 6, y + (8 if side == 1 else 30), 14 + chance.random() * 6, 16, width=0.3, fill=(0.9, 0.9, 0.9)
            )
            shown = first + index * 2 if side == 1 else first + index * 2 + 1
            if side == 1 and index == chosen:
                shown = own_number
            sheet.text(x + 11, y + (12 if side == 1 else 34), str(shown), 3.5)
    sheet.box(20 + chosen * 34, road + 20, 30, 56, colour=RED, width=1.1)
    sheet.north(392, 240)
    sheet.scale_bar(20, 16, steps=5, metres=10, mm_per_metre=2)
    sheet.text(120, 16, "Site edged red", 4)
    return sheet


def block_plan(site: str, number: str, house: House) -> Sheet:
    sheet = Sheet("Proposed block plan", number, "1:200", site)
    k = 5.0
    x, y = 150.0, 110.0
    sheet.box(x - 30, y - 70, house.width * k + 60, 180, colour=RED, width=0.9)
    sheet.box(x, y, house.width * k, house.depth * k, width=0.5, fill=(0.92, 0.92, 0.92))
    sheet.box(
        x, y + house.depth * k, house.extension_width * k, house.extension_depth * k, width=0.5, fill=(1, 0.85, 0.7)
    )
    sheet.text(x + 4, y + house.depth * k + 6, "Proposed", 3.6)
    sheet.dimension(
        x - 8,
        y + house.depth * k,
        x - 8,
        y + (house.depth + house.extension_depth) * k,
        f"{house.extension_depth:.1f} m",
    )
    sheet.dimension(x + house.width * k, y - 6, x + house.width * k + 30, y - 6, "boundary")
    sheet.north(390, 240)
    sheet.scale_bar(20, 16, steps=10, metres=1, mm_per_metre=k)
    return sheet


def floor_plan(site: str, number: str, house: House, *, proposed: bool) -> Sheet:
    word = "Proposed" if proposed else "Existing"
    sheet = Sheet(f"{word} ground floor plan", number, "1:100", site)
    k = 10.0
    x, y = 110.0, 80.0
    w, d = house.width * k, house.depth * k
    for inset in (0, 3):
        sheet.box(x + inset, y + inset, w - 2 * inset, d - 2 * inset, width=0.5)
    sheet.line((x + 3, y + d * 0.45), (x + w - 3, y + d * 0.45), width=0.5)
    sheet.line((x + w * 0.6, y + 3), (x + w * 0.6, y + d * 0.45), width=0.5)
    sheet.text(x + 10, y + d * 0.2, "Living room", 4.5)
    sheet.text(x + w * 0.65, y + d * 0.2, "Hall", 4.5)
    sheet.text(x + 10, y + d * 0.7, "Kitchen and dining", 4.5)
    for step in range(8):
        sheet.line((x + w * 0.66 + step * 3, y + d * 0.28), (x + w * 0.66 + step * 3, y + d * 0.4), width=0.2)
    if proposed:
        ew, ed = house.extension_width * k, house.extension_depth * k
        sheet.box(x, y + d, ew, ed, width=0.9, fill=(1, 0.93, 0.85))
        sheet.text(x + 8, y + d + ed / 2, "New garden room", 4.5)
        sheet.dimension(x, y + d + ed + 6, x + ew, y + d + ed + 6, f"{house.extension_width:.1f} m")
        sheet.dimension(x - 8, y + d, x - 8, y + d + ed, f"{house.extension_depth:.1f} m")
    sheet.dimension(x, y - 8, x + w, y - 8, f"{house.width:.1f} m")
    sheet.scale_bar(20, 16, steps=5, metres=1, mm_per_metre=k)
    return sheet


def elevations(site: str, number: str, house: House, *, proposed: bool) -> Sheet:
    word = "Proposed" if proposed else "Existing"
    sheet = Sheet(f"{word} elevations", number, "1:100", site)
    k = 10.0
    ground = 110.0
    for x, name, width in ((40.0, "Rear elevation", house.width), (230.0, "Side elevation", house.depth)):
        w, eaves, ridge = width * k, house.eaves * k, house.ridge * k
        sheet.line((x - 12, ground), (x + w + 60, ground), width=0.6)
        sheet.box(x, ground, w, eaves, width=0.5)
        if name.startswith("Rear"):
            sheet.line(
                (x - 3, ground + eaves),
                (x + w * 0.2, ground + ridge),
                (x + w * 0.8, ground + ridge),
                (x + w + 3, ground + eaves),
                closed=True,
                width=0.5,
            )
        else:
            sheet.line(
                (x - 3, ground + eaves),
                (x + w / 2, ground + ridge),
                (x + w + 3, ground + eaves),
                closed=True,
                width=0.5,
            )
        for column in (0.15, 0.6):
            for row in (0.1, 0.6):
                sheet.box(
                    x + w * column, ground + eaves * row + 4, w * 0.22, eaves * 0.22, width=0.3, fill=(0.88, 0.93, 0.97)
                )
        if proposed:
            height = house.extension_height * k
            if name.startswith("Rear"):
                sheet.box(x, ground, house.extension_width * k, height, width=0.9, fill=(1, 0.93, 0.85))
            else:
                sheet.box(x + w, ground, house.extension_depth * k, height, width=0.9, fill=(1, 0.93, 0.85))
                sheet.dimension(
                    x + w, ground - 8, x + w + house.extension_depth * k, ground - 8, f"{house.extension_depth:.1f} m"
                )
                sheet.dimension(
                    x + w + house.extension_depth * k + 6,
                    ground,
                    x + w + house.extension_depth * k + 6,
                    ground + height,
                    f"{house.extension_height:.1f} m",
                )
        sheet.text(x, ground - 20, name, 5)
    sheet.scale_bar(20, 16, steps=8, metres=1, mm_per_metre=k)
    return sheet


def photograph(site: str, chance: random.Random) -> bytes:
    """A picture such as people attach: sky, grass and a house. PNG."""
    image = Image.new("RGB", (900, 640), (196, 219, 240))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 440, 900, 640), fill=(104, 143, 83))
    brick = chance.choice([(160, 92, 70), (186, 150, 110), (214, 206, 190)])
    left = 180 + chance.randrange(60)
    pen.rectangle((left, 240, left + 460, 500), fill=brick)
    pen.polygon([(left - 30, 240), (left + 230, 110), (left + 490, 240)], fill=(96, 72, 64))
    for x in (60, 200, 340):
        for y in (270, 390):
            pen.rectangle((left + x, y, left + x + 70, y + 70), fill=(225, 236, 243), outline="white", width=5)
    pen.rectangle((left + 205, 400, left + 260, 500), fill=(60, 80, 110))
    pen.text((16, 604), site, fill="white", font=ImageFont.load_default(size=22))
    out = io.BytesIO()
    image.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()
