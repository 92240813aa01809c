"""A redacted copy holds nothing under its boxes, and nothing else but what can be seen on the pages.

A word is planted in every place in which a PDF can hold one. It is found in each original, so that we know the search
to find it, and in no copy. Then each copy is looked at as a picture, and its objects are counted.
"""

import io
import re
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from PIL import Image, PngImagePlugin

from cases.documents.rebuilding.pages import CannotRebuild, rebuild
from cases.files.types import JPEG, PDF, PNG, TIFF
from cases.jobs import child
from tests.cases import files
from tests.cases.marked_pdfs import BOX, KEPT, KINDS, MARK, Raw, encrypted, objects_of, places_of, scan, simple

TITLE = "Site plan"
# Every name that a copy may hold. Whatever else a file can have in it, it has not.
NAMES = {
    "/Type", "/Catalog", "/Pages", "/Lang", "/ViewerPreferences", "/DisplayDocTitle", "/Count", "/Kids", "/Title",
    "/Page", "/Parent", "/MediaBox", "/UserUnit", "/Contents", "/Resources",
    "/XObject", "/Image", "/Subtype", "/Width", "/Height",
    "/BitsPerComponent", "/ColorSpace", "/DeviceGray", "/DeviceRGB", "/Filter", "/DCTDecode", "/FlateDecode", "/Length",
    "/Font", "/F0", "/F1", "/Type1", "/BaseFont", "/Courier", "/Encoding", "/WinAnsiEncoding", "/ToUnicode",
    "/Size", "/Root", "/Info",
}  # fmt: skip


def copy_of(data: bytes, tmp_path: Path, *, boxes: list[dict], mime_type: str = PDF) -> bytes:
    source, out = tmp_path / "source", tmp_path / "copy"
    source.write_bytes(data)
    with source.open("rb") as file, out.open("wb") as made:
        rebuild(file, mime_type=mime_type, boxes=boxes, title=TITLE, out=made)
    return out.read_bytes()


def copy_by_child(data: bytes, tmp_path: Path, *, boxes: list[dict], mime_type: str = PDF) -> bytes:
    """The same in the process that the worker has it made in, which can open nothing any more."""
    source, out = tmp_path / "source", tmp_path / "copy"
    source.write_bytes(data)
    asked = {"source": str(source), "out": str(out), "mime_type": mime_type, "boxes": boxes, "title": TITLE}
    assert "error" not in child.run("cases.documents.rebuilding.pages", asked, largest_file=10_000_000)
    return out.read_bytes()


def words_of(data: bytes) -> str:
    return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def is_black(picture: Image.Image, box: dict, *, slack: int = 0) -> bool:
    """Whether nothing but black is where the box is, `slack` pixels within its edges (a reader smooths them)."""
    left, top = box["x"] * picture.width + slack, box["y"] * picture.height + slack
    right = (box["x"] + box["width"]) * picture.width - slack
    bottom = (box["y"] + box["height"]) * picture.height - slack
    region = picture.convert("L").crop((int(left), int(top), int(right), int(bottom)))
    return region.getextrema()[1] <= 24


@pytest.mark.parametrize("name", KINDS)
def test_nothing_of_what_was_covered_or_hidden_is_in_the_copy(name, tmp_path):
    kind = KINDS[name]
    original = kind.make()
    boxes = [kind.box] if kind.box else []
    if name != "scanned":
        assert places_of(original), "the search does not find what it must look for"

    copy = copy_by_child(original, tmp_path, boxes=boxes)

    assert places_of(copy) == []
    assert pypdf.PdfReader(io.BytesIO(copy)).metadata == {"/Title": TITLE}
    assert (KEPT in words_of(copy)) is kind.keeps
    pdf = pypdfium2.PdfDocument(copy)
    shown = pdf[0].render(scale=1.5).to_pil()
    pdf.close()
    assert not is_black(shown, {**BOX, "y": 0.6, "height": 0.06}), "the rest of the page must still be there"
    for box in boxes:
        assert is_black(shown, box, slack=2)
        for page in pypdf.PdfReader(io.BytesIO(copy)).pages:
            assert [is_black(image.image, box, slack=1) for image in page.images] == [True]


@pytest.mark.parametrize("name", KINDS)
def test_a_copy_is_one_revision_of_pictures_words_and_a_title(name, tmp_path):
    kind = KINDS[name]
    copy = copy_of(kind.make(), tmp_path, boxes=[kind.box] if kind.box else [])
    assert copy.count(b"%%EOF") == 1
    assert copy.count(b"startxref") == 1
    reader = pypdf.PdfReader(io.BytesIO(copy))
    named = set(re.findall(r"/\w+", " ".join(repr(thing) for thing in [reader.trailer, *objects_of(reader)])))
    assert named <= NAMES
    assert len(reader.pages) == 1
    page = reader.pages[0]
    assert set(page) <= {"/Type", "/Parent", "/MediaBox", "/Contents", "/Resources", "/UserUnit"}
    # What is drawn: the picture, and text in the mode that draws nothing.
    drawn = re.sub(r"\((?:\\.|[^\\)])*\)", "()", page.get_contents().get_data().decode("cp1252"))
    assert re.fullmatch(
        r"q [\d. ]+ cm /Page Do Q\n(BT 3 Tr\n([-\d. ]+ Tm [\d.]+ Tz\n(/F\d [\d.]+ Tf \(\) Tj\n)+)*ET\n)?", drawn
    )


def test_without_boxes_the_words_that_are_seen_come_along(tmp_path):
    copy = copy_of(simple(), tmp_path, boxes=[])
    assert f"{MARK} {KEPT}" in re.sub(r"\s+", " ", words_of(copy))


def test_words_lie_where_they_are_seen(tmp_path):
    """A reader who searches the copy must be led to the right place, also on a turned page."""
    for name in (
        "text",
        "turned by 90 degrees, cut off, with a unit of its own",
        "turned by 180 degrees, cut off, with a unit of its own",
        "turned by 270 degrees, cut off, with a unit of its own",
    ):
        pdf = pypdfium2.PdfDocument(copy_of(KINDS[name].make(), tmp_path, boxes=[]))
        page, text = pdf[0], pdf[0].get_textpage()
        found = text.search(KEPT).get_next()
        left, bottom, _, top = text.get_charbox(found[0], loose=True)
        width, height = page.get_size()
        assert (left / width, bottom / height) == pytest.approx((72 / 595, 300 / 842), abs=0.02), name
        assert (top - bottom) / height == pytest.approx(24 / 842, abs=0.02), name


def test_a_word_that_a_box_only_touches_is_left_out_whole(tmp_path):
    edge = {"page": 1, "x": 0.0, "y": 842 / 842 - 712 / 842, "width": 0.125, "height": 0.001}
    assert MARK not in words_of(copy_of(simple(), tmp_path, boxes=[edge]))


def test_letters_beyond_western_europe_are_found_in_the_copy(tmp_path):
    from weasyprint import HTML

    words = "Tŷ Ŵyn Łódź Ελλάδα naïve"
    copy = copy_of(HTML(string=f"<p style='font:20pt sans-serif'>{words}</p>").write_pdf(), tmp_path, boxes=[])
    assert words in re.sub(r"\s+", " ", words_of(copy))


# --- Pages keep their size and number -------------------------------------------------------------------------------


def test_pages_keep_their_number_size_and_direction(tmp_path):
    raw = Raw()
    pages = [
        raw.page("", entries="/MediaBox [0 0 595 842]"),
        raw.page("", entries="/MediaBox [0 0 595 842] /Rotate 90"),
        raw.page("", entries="/MediaBox [0 0 2384 3370]"),
        raw.page("", entries="/MediaBox [0 0 600 800] /CropBox [100 100 300 500] /UserUnit 3"),
        raw.page("", entries="/MediaBox [0 0 8000 500] /UserUnit 2.5"),
    ]
    copy = pypdf.PdfReader(io.BytesIO(copy_of(raw.written(*pages), tmp_path, boxes=[])))
    units = [float(page.get("/UserUnit", 1)) for page in copy.pages]
    sizes = [
        (round(page.mediabox.width * unit), round(page.mediabox.height * unit))
        for page, unit in zip(copy.pages, units, strict=True)
    ]
    assert sizes == [(595, 842), (842, 595), (2384, 3370), (600, 1200), (20000, 1250)]
    assert not any(page.rotation for page in copy.pages)
    assert all(max(page.mediabox.width, page.mediabox.height) <= 14400 for page in copy.pages)
    dots = [
        page.images[0].image.width / float(page.mediabox.width * unit) * 72
        for page, unit in zip(copy.pages, units, strict=True)
    ]
    assert dots[0] == pytest.approx(200, abs=1)
    assert dots[2] > 130, "a plan of A0 stays legible"


def test_only_the_boxes_of_a_page_are_burnt_into_it(tmp_path):
    raw = Raw()
    copy = copy_of(
        raw.written(*(raw.page(f"BT /F1 24 Tf 72 710 Td ({MARK}) Tj ET") for _ in range(3))),
        tmp_path,
        boxes=[{**BOX, "page": 2}],
    )
    pages = pypdf.PdfReader(io.BytesIO(copy)).pages
    assert [is_black(page.images[0].image, BOX, slack=1) for page in pages] == [False, True, False]
    assert [MARK in page.extract_text() for page in pages] == [True, False, True]


# --- Pictures -------------------------------------------------------------------------------------------------------


def _photograph() -> bytes:
    """A JPEG with MARK in every place beside the pixels, held upside down by the camera."""
    picture = scan().rotate(180)
    exif = picture.getexif()
    exif[0x010E], exif[0x0112] = MARK, 3
    exif.get_ifd(0x8825)[1] = MARK
    exif.get_ifd(0x8769)[0x9286] = MARK.encode()
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=90, exif=exif, icc_profile=b"\0" * 128 + MARK.encode(), comment=MARK)
    return out.getvalue() + MARK.encode()  # cameras put whole pictures after the end of the picture


def _drawing() -> bytes:
    about = PngImagePlugin.PngInfo()
    about.add_text("Author", MARK)
    about.add_text("Comment", MARK, zip=True)
    about.add_itxt("XML:com.adobe.xmp", f"<x>{MARK}</x>")
    exif = Image.Exif()
    exif[0x010E] = MARK
    out = io.BytesIO()
    scan().save(out, "PNG", pnginfo=about, exif=exif, icc_profile=MARK.encode())
    return out.getvalue() + MARK.encode()


@pytest.mark.parametrize(("mime_type", "make"), [(JPEG, _photograph), (PNG, _drawing)])
def test_a_picture_keeps_its_pixels_and_nothing_beside_them(mime_type, make, tmp_path):
    original = make()
    assert MARK.encode() in original
    copy = copy_by_child(original, tmp_path, boxes=[dict(BOX)], mime_type=mime_type)
    assert MARK.encode() not in copy
    picture = Image.open(io.BytesIO(copy))
    assert picture.get_format_mimetype() == mime_type
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert not dict(picture.getexif())
    if mime_type == PNG:
        assert set(re.findall(rb"(?<=.{4})(IHDR|IDAT|IEND|tEXt|zTXt|iTXt|eXIf|iCCP|tIME)", copy)) == {
            b"IHDR",
            b"IDAT",
            b"IEND",
        }
    else:
        assert not re.search(rb"\xff[\xe1-\xef\xfe]..(?:Exif|http|ICC|MPF|Photoshop)", copy, re.DOTALL)
    assert picture.size == (595, 842)
    assert is_black(picture, BOX, slack=1)
    # As it was held: KEPT is still below, and nothing of the writing that the box covered shows above it.
    assert picture.convert("L").crop((60, 500, 300, 580)).getextrema()[0] < 60
    assert picture.convert("L").crop((0, 180, 595, 480)).getextrema()[0] > 200


def test_the_pages_of_a_tiff_become_pages_of_a_pdf(tmp_path):
    out = io.BytesIO()
    scan().save(out, "TIFF", save_all=True, append_images=[scan()], dpi=(150, 150), description=MARK)
    copy = copy_by_child(out.getvalue(), tmp_path, boxes=[{**BOX, "page": 2}], mime_type=TIFF)
    reader = pypdf.PdfReader(io.BytesIO(copy))
    assert [is_black(page.images[0].image, BOX, slack=1) for page in reader.pages] == [False, True]
    assert reader.pages[0].mediabox.width == pytest.approx(595 * 72 / 150, abs=0.1)
    assert places_of(copy) == []


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_pictures_of_every_make_are_taken(mode, tmp_path):
    picture, out = scan(), io.BytesIO()
    picture = picture.convert("L").convert("I;16") if mode == "I;16" else picture.convert(mode)
    picture.save(out, "TIFF" if mode == "CMYK" else "PNG")
    kind = TIFF if mode == "CMYK" else PNG
    copy = copy_of(out.getvalue(), tmp_path, boxes=[dict(BOX)], mime_type=kind)
    if kind == PNG:
        assert is_black(Image.open(io.BytesIO(copy)), BOX, slack=1)
        if mode != "I;16":
            assert Image.open(io.BytesIO(copy)).convert("RGB").getpixel((500, 700)) == (255, 255, 255)


# --- What cannot be made --------------------------------------------------------------------------------------------


def _locked() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(simple()))
    writer.encrypt(user_password="open sesame", algorithm="AES-256-R5")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("mime_type", "make", "sentence"),
    [
        (PDF, _locked, "locked with a password"),
        (PDF, lambda: b"%PDF-1.7 nothing", "damaged"),
        (PDF, lambda: files.pdf(pages=501), "501 pages"),
        (PNG, lambda: b"\x89PNG\r\n\x1a\nnothing", "damaged"),
        (PNG, lambda: files.image()[:90], "damaged"),
        (PNG, lambda: files.image(size=(20_000, 20_000)), "too large"),
        ("application/zip", files.docx, "Only PDF documents and pictures"),
    ],
)
def test_what_cannot_be_redacted_is_said_in_words(mime_type, make, sentence, tmp_path):
    with pytest.raises(CannotRebuild, match=sentence):
        copy_of(make(), tmp_path, boxes=[], mime_type=mime_type)


def test_the_copy_is_made_in_a_process_with_limits(tmp_path, monkeypatch):
    source, out = tmp_path / "source", tmp_path / "copy"
    source.write_bytes(encrypted())
    asked = {"source": str(source), "out": str(out), "mime_type": PDF, "boxes": [BOX], "title": TITLE}
    answer = child.run("cases.documents.rebuilding.pages", asked, largest_file=10_000_000)
    assert answer == {"mime_type": PDF, "pages": 1}
    assert places_of(out.read_bytes()) == []
    with pytest.raises(child.ChildFailed, match="too large"):
        child.run("cases.documents.rebuilding.pages", asked, largest_file=1000)
    monkeypatch.setattr(child, "MEMORY_BYTES", 60_000_000)
    with pytest.raises(child.ChildFailed):
        child.run("cases.documents.rebuilding.pages", asked, largest_file=10_000_000)
