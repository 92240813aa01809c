"""PDFs with a word planted in every place in which a PDF can hold one; and a search for that word in all of them.

Most are written out by hand, object by object, so that each holds exactly what its name says.
"""

import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pypdf
import pypdfium2
from PIL import Image, ImageDraw
from weasyprint import HTML

MARK = "Zanzifibarley"  # with letters that fonts join
KEPT = "Kitchen"  # stands on every page with words, under no box
BOX = {"page": 1, "x": 0.05, "y": 0.1, "width": 0.6, "height": 0.1}  # over MARK, wherever it can be seen
MARKED, PLAIN = "BT /F1 24 Tf 72 710 Td ({}) Tj ET", "BT /F1 24 Tf 72 300 Td (Kitchen) Tj ET"


class Raw:
    """A PDF object by object. The first is the catalogue, the second the tree of pages."""

    def __init__(self):
        self.objects: dict[int, bytes] = {}
        self.last = 2

    def new(self) -> int:
        self.last += 1
        return self.last

    def put(self, content: str | bytes, number: int | None = None) -> int:
        number = number or self.new()
        self.objects[number] = content.encode() if isinstance(content, str) else content
        return number

    def stream(self, content: str | bytes, entries: str = "", *, squeezed: bool = True) -> int:
        data = content.encode() if isinstance(content, str) else content
        if squeezed:
            data, entries = zlib.compress(data), f"{entries} /Filter /FlateDecode"
        return self.put(f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream")

    def page(self, content: str, *, entries: str = "/MediaBox [0 0 595 842]", resources: str = "") -> int:
        drawn = self.stream(content)
        return self.put(
            f"<< /Type /Page /Parent 2 0 R {entries} /Contents {drawn} 0 R /Resources << {resources} /Font << /F1 "
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
        )

    def written(self, *pages: int, catalogue: str = "", trailer: str = "") -> bytes:
        kids = " ".join(f"{page} 0 R" for page in pages)
        self.put(f"<< /Type /Catalog /Pages 2 0 R {catalogue} >>", 1)
        self.put(f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>", 2)
        return _with_table(b"%PDF-1.7\n", self.objects, trailer)


def _with_table(before: bytes, objects: dict[int, bytes], trailer: str) -> bytes:
    out, places = bytearray(before), {}
    for number, content in objects.items():
        places[number] = len(out)
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = len(out)
    out += b"xref\n"
    for number, place in places.items():
        out += f"{number} 1\n{place:010d} 00000 n \n".encode()
    out += f"trailer\n<< /Size {max(places) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n".encode()
    return bytes(out)


@dataclass
class Kind:
    make: Callable[[], bytes]
    box: dict | None = field(default_factory=lambda: dict(BOX))
    keeps: bool = True  # whether KEPT must be found in the copy's words


KINDS: dict[str, Kind] = {}


def kind(name: str, **about) -> Callable:
    def register(make: Callable[[], bytes]) -> Callable[[], bytes]:
        KINDS[name] = Kind(make, **about)
        return make

    return register


# --- Words that are seen, and covered -------------------------------------------------------------------------------


def simple(word: str = MARK, *, entries: str = "/MediaBox [0 0 595 842]") -> bytes:
    raw = Raw()
    return raw.written(raw.page(f"{MARKED.format(word)} {PLAIN}", entries=entries))


@kind("text")
def text() -> bytes:
    return simple()


@kind("split over several operators, half of it under the box", box={**BOX, "width": 0.11})
def split() -> bytes:
    raw = Raw()
    shown = (
        f"BT /F1 24 Tf 72 710 Td [({MARK[:3]}) -1 ({MARK[3:6]})] TJ ({MARK[6:8]}) Tj <{MARK[8:].encode().hex()}> Tj ET"
    )
    return raw.written(raw.page(f"{shown} {PLAIN}"))


@kind("in a drawing within a drawing")
def nested() -> bytes:
    raw = Raw()
    font = "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    box = "/Type /XObject /Subtype /Form /BBox [0 0 595 842]"
    inner = raw.stream(MARKED.format(MARK), f"{box} /Resources << {font} >>")
    outer = raw.stream("/In Do", f"{box} /Resources << /XObject << /In {inner} 0 R >> >>")
    return raw.written(raw.page(f"/Out Do {PLAIN}", resources=f"/XObject << /Out {outer} 0 R >>"))


@kind("joined letters in a font of glyph numbers")
def glyphs() -> bytes:
    page = (
        f"<style>@page{{size:595pt 842pt;margin:0}} p{{position:absolute;left:72pt;margin:0;font:24pt serif}}</style>"
        f"<p style='top:115pt'>{MARK}</p><p style='top:500pt'>{KEPT} of the office</p>"
    )
    return HTML(string=page).write_pdf()


def _turned(degrees: int) -> bytes:
    """A page of twice the size with a margin cut off, turned; upright to the reader. Units of two points."""
    raw = Raw()
    # The page that is shown is 595 × 842 units; the reader sees MARK at 72, 710 from its lower left corner.
    turn = {
        90: "0 1 -1 0 {} 100",
        180: "-1 0 0 -1 {} 942",
        270: "0 -1 1 0 100 {}",
    }[degrees].format({90: 942, 180: 695, 270: 695}[degrees])
    wide = (842, 595) if degrees % 180 else (595, 842)
    entries = (
        f"/MediaBox [0 0 1400 1400] /CropBox [100 100 {100 + wide[0]} {100 + wide[1]}] /Rotate {degrees} /UserUnit 2"
    )
    return raw.written(raw.page(f"q {turn} cm {MARKED.format(MARK)} {PLAIN} Q", entries=entries))


for _degrees in (90, 180, 270):
    KINDS[f"turned by {_degrees} degrees, cut off, with a unit of its own"] = Kind(lambda d=_degrees: _turned(d))


@kind("encrypted without a password to open it")
def encrypted() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(simple()))
    writer.add_metadata({"/Title": MARK})
    writer.encrypt(user_password="", owner_password="owner", algorithm="AES-256-R5")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def scan(*, words: str = MARK) -> Image.Image:
    """A page as a scanner sees it: MARK written large where BOX is, KEPT below."""
    picture = Image.new("RGB", (595, 842), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((72, 105), words, fill="black", font_size=36)
    draw.text((72, 520), KEPT, fill="black", font_size=36)
    return picture


def _scanned(raw: Raw) -> int:
    picture = scan()
    return raw.stream(
        picture.tobytes(),
        "/Type /XObject /Subtype /Image /Width 595 /Height 842 /BitsPerComponent 8 /ColorSpace /DeviceRGB",
    )


@kind("scanned", keeps=False)
def scanned() -> bytes:
    raw = Raw()
    return raw.written(
        raw.page("q 595 0 0 842 0 0 cm /Scan Do Q", resources=f"/XObject << /Scan {_scanned(raw)} 0 R >>")
    )


# --- Words that are not seen: under no box, and yet they must not come along ----------------------------------------


@kind("read by a machine and laid unseen over the scan", keeps=False)
def machine_read() -> bytes:
    raw = Raw()
    page = f"q 595 0 0 842 0 0 cm /Scan Do Q BT 3 Tr /F1 24 Tf 72 710 Td ({MARK}) Tj 0 -100 Td ({MARK}) Tj ET"
    return raw.written(raw.page(page, resources=f"/XObject << /Scan {_scanned(raw)} 0 R >>"))


@kind("on a layer that is switched off, and on one that is shown")
def layered() -> bytes:
    raw = Raw()
    shown, hidden = (raw.put(f"<< /Type /OCG /Name ({name}) >>") for name in ("Plan", MARK))
    elsewhere = MARKED.format(MARK).replace("710", "500")
    page = raw.page(
        f"/OC /Shown BDC {MARKED.format(MARK)} EMC /OC /Hidden BDC {elsewhere} EMC {PLAIN}",
        resources=f"/Properties << /Shown {shown} 0 R /Hidden {hidden} 0 R >>",
    )
    both = f"[{shown} 0 R {hidden} 0 R]"
    return raw.written(page, catalogue=f"/OCProperties << /OCGs {both} /D << /OFF [{hidden} 0 R] /Order {both} >> >>")


def unseen(content: str, *, resources: str = "") -> Callable[[], bytes]:
    def make() -> bytes:
        raw = Raw()
        return raw.written(raw.page(content, resources=resources))

    return make


_ELSEWHERE = MARKED.format(MARK).replace("710", "500")
KINDS["white on white"] = Kind(unseen(f"1 g {_ELSEWHERE} 0 g {PLAIN}"), box=None)
KINDS["beside the page"] = Kind(unseen(f"{_ELSEWHERE.replace('72 500', '700 500')} {PLAIN}"), box=None)
KINDS["under a picture"] = Kind(unseen(f"{_ELSEWHERE} 0.8 g 60 480 400 60 re f 0 g {PLAIN}"), box=None)
KINDS["under another word"] = Kind(
    unseen(f"1 g {_ELSEWHERE} 0 g BT /F1 24 Tf 72 500 Td (Conservatory) Tj ET {PLAIN}"), box=None
)
KINDS["half under another line"] = Kind(
    unseen(f"1 g {_ELSEWHERE} 0 g BT /F1 24 Tf 66 509 Td (MMMMMMMMMMMM) Tj ET {PLAIN}"), box=None
)
KINDS["nearly without colour"] = Kind(
    unseen(f"/G gs {_ELSEWHERE} /N gs {PLAIN}", resources="/ExtGState << /G << /ca 0.02 >> /N << /ca 1 >> >>"), box=None
)
KINDS["cut off by a clip"] = Kind(unseen(f"q 0 0 10 10 re W n {_ELSEWHERE} Q {PLAIN}"), box=None)
KINDS["said in the place of another word"] = Kind(
    unseen(
        f"/Span << /ActualText ({MARK}) /Alt ({MARK}) >> BDC BT /F1 24 Tf 72 500 Td (Plan) Tj ET EMC "
        f"/Span << /ActualText <FEFF{MARK.encode('utf-16-be').hex()}> >> BDC BT /F1 24 Tf 72 450 Td (View) Tj ET EMC "
        + PLAIN
    ),
    box=None,
)


# --- Beside the pages -----------------------------------------------------------------------------------------------


@kind("in notes and links", box=None)
def notes() -> bytes:
    raw = Raw()
    note = raw.put(f"<< /Type /Annot /Subtype /Text /Rect [300 700 320 720] /Contents ({MARK}) /T ({MARK}) /F 2 >>")
    link = raw.put(
        f"<< /Type /Annot /Subtype /Link /Rect [72 300 99 320] /A << /S /URI /URI (https://{MARK}.example) >> >>"
    )
    return raw.written(raw.page(PLAIN, entries=f"/MediaBox [0 0 595 842] /Annots [{note} 0 R {link} 0 R]"))


def _field(raw: Raw, *, flags: int) -> tuple[int, str]:
    font = "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    looks = raw.stream(
        f"/Tx BMC BT /F1 24 Tf 2 6 Td ({MARK}) Tj ET EMC",
        f"/Type /XObject /Subtype /Form /BBox [0 0 300 30] /Resources << {font} >>",
    )
    widget = raw.put(
        f"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V ({MARK}) /DV ({MARK}) /DA (/F1 24 Tf 0 g) /F {flags} "
        f"/Rect [72 700 372 730] /AP << /N {looks} 0 R >> >>"
    )
    return widget, f"/AcroForm << /Fields [{widget} 0 R] /DR << {font} >> >>"


@kind("in a field of a form")
def form() -> bytes:
    raw = Raw()
    widget, catalogue = _field(raw, flags=4)
    return raw.written(raw.page(PLAIN, entries=f"/MediaBox [0 0 595 842] /Annots [{widget} 0 R]"), catalogue=catalogue)


@kind("in a hidden field of a form", box=None)
def hidden_form() -> bytes:
    raw = Raw()
    widget, catalogue = _field(raw, flags=2)
    return raw.written(raw.page(PLAIN, entries=f"/MediaBox [0 0 595 842] /Annots [{widget} 0 R]"), catalogue=catalogue)


@kind("in an attached file", box=None)
def attachment() -> bytes:
    raw = Raw()
    held = raw.stream(f"{MARK} lives here", "/Type /EmbeddedFile")
    named = f"<< /Type /Filespec /F ({MARK}.txt) /UF ({MARK}.txt) /EF << /F {held} 0 R >> >>"
    return raw.written(raw.page(PLAIN), catalogue=f"/Names << /EmbeddedFiles << /Names [({MARK}.txt) {named}] >> >>")


@kind("in the metadata", box=None)
def metadata() -> bytes:
    raw = Raw()
    xmp = (
        '<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator><rdf:Seq><rdf:li>{MARK}</rdf:li></rdf:Seq>'
        "</dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    packet = raw.stream(xmp, "/Type /Metadata /Subtype /XML", squeezed=False)
    info = raw.put(
        f"<< /Title ({MARK}) /Author <FEFF{MARK.encode('utf-16-be').hex()}> /Producer ({MARK}) /Own ({MARK}) >>"
    )
    page = raw.page(PLAIN, entries=f"/MediaBox [0 0 595 842] /PieceInfo << /App << /Private ({MARK}) >> >>")
    return raw.written(page, catalogue=f"/Metadata {packet} 0 R", trailer=f"/Info {info} 0 R")


@kind("in an earlier revision of the file", box=None)
def earlier_revision() -> bytes:
    before = simple()
    raw = Raw()
    raw.last = 20
    page = raw.page(PLAIN)
    raw.put(f"<< /Type /Pages /Count 1 /Kids [{page} 0 R] >>", 2)
    previous = re.findall(rb"startxref\n(\d+)", before)[-1].decode()
    return _with_table(before, raw.objects, f"/Prev {previous}")


@kind("in a small picture of the page", box=None)
def page_thumbnail() -> bytes:
    raw = Raw()
    small = raw.stream(MARK.encode() * 3, f"/Width {len(MARK)} /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceRGB")
    return raw.written(raw.page(PLAIN, entries=f"/MediaBox [0 0 595 842] /Thumb {small} 0 R"))


@kind("in a program", box=None)
def program() -> bytes:
    raw = Raw()
    action = f"<< /S /JavaScript /JS (app.alert\\('{MARK}'\\)) >>"
    return raw.written(
        raw.page(PLAIN, entries=f"/MediaBox [0 0 595 842] /AA << /O {action} >>"),
        catalogue=f"/OpenAction {action} /Names << /JavaScript << /Names [({MARK}) {action}] >> >>",
    )


@kind("in the table of contents and the names of places", box=None)
def contents() -> bytes:
    raw = Raw()
    page = raw.page(PLAIN)
    outline, entry = raw.new(), raw.new()
    raw.put(f"<< /Type /Outlines /First {entry} 0 R /Last {entry} 0 R /Count 1 >>", outline)
    raw.put(f"<< /Title ({MARK}) /Parent {outline} 0 R /Dest [{page} 0 R /Fit] >>", entry)
    return raw.written(
        page,
        catalogue=f"/Outlines {outline} 0 R /Names << /Dests << /Names [({MARK}) [{page} 0 R /Fit]] >> >> "
        f"/PageLabels << /Nums [0 << /P ({MARK}) >>] >>",
    )


@kind("in the structure of the document", box=None)
def structure() -> bytes:
    raw = Raw()
    page = raw.page(f"/P << /MCID 0 >> BDC {PLAIN} EMC", entries="/MediaBox [0 0 595 842] /StructParents 0")
    tree, element = raw.new(), raw.new()
    raw.put(f"<< /Type /StructTreeRoot /K {element} 0 R >>", tree)
    raw.put(
        f"<< /Type /StructElem /S /P /P {tree} 0 R /Pg {page} 0 R /K 0 /Alt ({MARK}) /ActualText ({MARK}) "
        f"/T ({MARK}) >>",
        element,
    )
    return raw.written(page, catalogue=f"/StructTreeRoot {tree} 0 R /MarkInfo << /Marked true >>")


# --- The search -----------------------------------------------------------------------------------------------------


def spellings(word: str = MARK) -> set[bytes]:
    """The word in every way in which a PDF may write it down."""
    said = {word, word[::-1], word.replace("fi", "ﬁ")}
    plain = {s.encode(coding) for s in said for coding in ("utf-8", "utf-16-be", "utf-16-le")}
    return {b.lower() for b in plain | {b.hex().encode() for b in plain}}


def streams(data: bytes) -> Iterator[bytes]:
    """Every stream of a file, as it lies there and unpacked, whether or not anything refers to it."""
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\n?endstream", data, re.DOTALL):
        yield found[1]
        try:
            yield zlib.decompressobj().decompress(found[1])
        except zlib.error:
            continue


def places_of(data: bytes, word: str = MARK) -> list[str]:
    """Where in a PDF the word is found, in words."""
    found = []
    for name, piece in [("the bytes", data), *(("a stream", piece) for piece in streams(data))]:
        if any(spelling in piece.lower() for spelling in spellings(word)):
            found.append(name)
    reader = pypdf.PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        reader.decrypt("")
    pdf = pypdfium2.PdfDocument(data)
    said = {
        "its text (pypdf)": "\n".join(page.extract_text() for page in reader.pages),
        "its text (pdfium)": "\n".join(page.get_textpage().get_text_bounded() for page in pdf),
        "its metadata": f"{reader.metadata} {pdf.get_metadata_dict()} {reader.root_object.get('/Metadata')}",
        "its attachments": f"{dict(reader.attachments)} {pdf.count_attachments() or ''}",
        "its fields": str(reader.get_fields()),
        "its contents": f"{reader.outline} {reader.named_destinations}",
        "its objects": " ".join(str(thing) for thing in objects_of(reader)),
    }
    pdf.close()
    return found + [name for name, words in said.items() if word.lower() in _joined(words).lower()]


def objects_of(reader: pypdf.PdfReader) -> Iterator[pypdf.generic.PdfObject]:
    for generation in reader.xref.values():
        for number in generation:
            yield reader.get_object(number)
    for number in reader.xref_objStm:
        yield reader.get_object(number)


def _joined(words: str) -> str:
    return re.sub(r"[\s\u00ad\ufffe]+", "", words.replace("ﬁ", "fi"))
