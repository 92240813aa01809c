"""Small print on large sheets: pages drawn sharply when an officer asks, in strips, without holding a sheet whole."""

import io
import os
import struct
import subprocess
import sys
import zlib
from datetime import timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryFile

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import storages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageChops, ImageDraw, ImageOps, ImageStat

from cases.documents import sharp_pictures
from cases.documents.adding import add_document
from cases.documents.preparing.findings import MAX_PREVIEWS
from cases.documents.preparing.task import prepare_document
from cases.documents.rebuilding import pages as rebuilding
from cases.documents.rebuilding import pictures
from cases.documents.redacting.drawing import newest_redaction
from cases.documents.redo import make_previews_again
from cases.documents.sharp_pictures import draw_sharp_picture, draw_sharply, strip_of
from cases.files import reading as child
from cases.files.reader import pictures as file_reader_pictures
from cases.files.reader import strips, tiff_bands
from cases.files.reader.tiff_bands import ROWS_PER_STRIP
from cases.models import Document, DocumentPage, SharpPicture
from notices.due_work import JOBS
from tests.cases import files, hostile

A0 = (2384, 3370)  # points
MEGABYTES = 1024 * 1024


def sheet(size: tuple[int, int] = A0) -> bytes:
    """A PDF of one large page with a black square of 40 points in its middle, and a word."""
    width, height = size
    square = f"{width // 2} {height // 2} 40 40 re f BT /F1 8 Tf 20 20 Td (Small print) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R /Resources << /Font << /F1 << /Type /Font "
        b"/Subtype /Type1 /BaseFont /Helvetica >> >> >> >>" % size,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(square), square),
    ]
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % table)


def large_png(width: int, height: int, *, colour: int = 2) -> bytes:
    """A white PNG of that size with a black lower half, made without holding it in memory."""
    samples = {0: 1, 2: 3}[colour]
    packed, parts = zlib.compressobj(1), []
    for value, rows in ((b"\xff", height // 2), (b"\x00", height - height // 2)):
        row = b"\x00" + value * (width * samples)
        parts += [packed.compress(row) for _ in range(rows)]
    parts.append(packed.flush())

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"".join(parts)) + chunk(b"IEND", b"")


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder")


@pytest.fixture
def prepared(application, officer):
    def prepared(content: bytes = b"", *, name: str = "Plan.pdf") -> Document:
        document = add_document(application, file=io.BytesIO(content or sheet()), name=name, by=officer)
        prepare_document.call(document.pk)
        document.refresh_from_db()
        return document

    return prepared


@pytest.fixture
def drawn(officer, django_capture_on_commit_callbacks):
    def drawn(document: Document, number: int = 1, *, by=None) -> SharpPicture:
        page = document.pages.select_related("document__application").get(number=number)
        with django_capture_on_commit_callbacks(execute=True):
            picture = draw_sharply(page, by=by or officer)
        picture.refresh_from_db()
        return picture

    return drawn


def whole(document: Document, number: int = 1) -> Image.Image:
    """All strips of a page, one below the other."""
    page = document.pages.select_related("document").get(number=number)
    pieces = []
    while (file := strip_of(page, len(pieces) + 1)) is not None:
        with file.open("rb") as opened:
            pieces.append(Image.open(io.BytesIO(opened.read())).copy())
    canvas = Image.new("RGB", (pieces[0].width, sum(piece.height for piece in pieces)))
    for place, piece in enumerate(pieces):
        canvas.paste(piece, (0, sum(before.height for before in pieces[:place])))
    return canvas


def stored() -> set[str]:
    root = Path(storages["case_documents"].location)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


# --- What is drawn ---------------------------------------------------------------------------------------------------


def test_a_large_sheet_is_drawn_as_sharply_as_its_redacted_copy(prepared, drawn):
    document = prepared()
    picture = drawn(document)
    assert picture.state == "done"
    sharp = whole(document)
    assert sharp.size == (picture.width, sum(picture.heights))
    assert strips.MOST_PIXELS * 0.98 < sharp.width * sharp.height < strips.MOST_PIXELS * 1.02
    assert strips.MOST_PIXELS == pictures.MOST_PIXELS
    assert strips.DPI == rebuilding.DPI
    # The square lies where it is on the preview, so that a box over the one covers the other.
    scale = sharp.width / A0[0]
    left, top = A0[0] / 2 * scale, (A0[1] / 2 - 40) * scale
    inside = sharp.crop((int(left) + 3, int(top) + 3, int(left + 40 * scale) - 3, int(top + 40 * scale) - 3))
    assert max(high for _, high in inside.getextrema()) < 60
    around = sharp.crop((int(left) - 40, int(top) - 40, int(left) - 4, int(top) + 40))
    assert min(low for low, _ in around.getextrema()) > 200


def test_no_strip_is_larger_than_a_million_pixels(prepared, drawn):
    picture = drawn(prepared())
    assert picture.width * max(picture.heights) <= strips.STRIP_PIXELS
    assert len(picture.heights) > 20


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_lies_as_it_is_shown(tmp_path, kind, orientation):
    corners = Image.new("RGB", (900, 600), "white")
    ImageDraw.Draw(corners).rectangle((0, 0, 400, 150), fill="red")
    ImageDraw.Draw(corners).rectangle((700, 500, 900, 600), fill="blue")
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    corners.save(out, kind, exif=exif)
    told = read("picture", "sharpen", out.getvalue(), "1")
    shown = ImageOps.exif_transpose(Image.open(io.BytesIO(out.getvalue()))).convert("RGB")
    drawn = Image.new("RGB", shown.size)
    top = 0
    for _, jpeg in told:
        strip = Image.open(io.BytesIO(jpeg))
        drawn.paste(strip, (0, top))
        top += strip.height
    assert top == shown.height
    across, down = ((5, side // 3, side - 6) for side in shown.size)
    for place in product(across, down):
        assert all(abs(a - b) < 40 for a, b in zip(drawn.getpixel(place), shown.getpixel(place), strict=True)), place


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_drawing_packed_in_one_piece_lies_as_it_is_shown(orientation):
    """Group 4, as scanners of drawings write it, with the sheet fed upright or on its side."""
    corners, out = Image.new("1", (900, 600), 1), io.BytesIO()
    ImageDraw.Draw(corners).rectangle((0, 0, 400, 150), fill=0)
    ImageDraw.Draw(corners).line((0, 599, 899, 400), fill=0, width=9)
    corners.save(out, "TIFF", compression="group4", tiffinfo={274: orientation, 278: 600})
    with Image.open(io.BytesIO(out.getvalue())) as opened:
        shown = opened.convert("RGB")
    top = 0
    for _, jpeg in read("picture", "sharpen", out.getvalue(), "1"):
        strip = Image.open(io.BytesIO(jpeg))
        assert strip.width == shown.width
        off = ImageChops.difference(strip.convert("RGB"), shown.crop((0, top, shown.width, top + strip.height)))
        assert max(ImageStat.Stat(off).mean) < 3
        top += strip.height
    assert top == shown.height


@pytest.mark.parametrize("colour", [0, 2])
def test_a_large_png_has_a_preview_and_can_be_drawn_sharply(prepared, drawn, colour):
    document = prepared(large_png(7016, 4961, colour=colour), name="A2.png")  # A2 at 300 dots an inch
    page = document.pages.get()
    assert document.prepare_error == ""
    with page.preview.open("rb") as opened:
        preview = Image.open(io.BytesIO(opened.read()))
        assert preview.size == (1200, 849)
        assert preview.getpixel((600, 400)) > (200,) * 3
        assert preview.getpixel((600, 450)) < (60,) * 3
    drawn(document)
    sharp = whole(document)
    assert sharp.width > 6000
    assert sharp.getpixel((3000, 100)) > (200,) * 3
    assert sharp.getpixel((3000, sharp.height - 100)) < (60,) * 3


@pytest.mark.parametrize(
    ("mode", "packed", "more"),
    [("L", "tiff_lzw", {}), ("L", None, {}), ("1", "group4", {ROWS_PER_STRIP: 8000})],
)
def test_a_large_tiff_has_a_preview_and_can_be_drawn_sharply(prepared, drawn, mode, packed, more):
    width, height = 12_000, 8_000  # more than goes into memory, also in grey
    out, sheet = io.BytesIO(), Image.new(mode, (width, height), 1 if mode == "1" else 255)
    sheet.paste(0, (0, height // 2, width, height))
    sheet.save(out, "TIFF", compression=packed, tiffinfo=more)
    document = prepared(out.getvalue(), name="A0.tif")
    page = document.pages.get()
    assert document.prepare_error == ""
    with page.preview.open("rb") as opened:
        preview = Image.open(io.BytesIO(opened.read()))
        assert preview.size == (1200, 800)
        assert preview.getpixel((600, 380)) > (200,) * 3
        assert preview.getpixel((600, 420)) < (60,) * 3
    drawn(document)
    sharp = whole(document)
    assert sharp.width > 6000
    assert sharp.getpixel((3000, sharp.height // 2 - 20)) > (200,) * 3
    assert sharp.getpixel((3000, sharp.height // 2 + 20)) < (60,) * 3


@pytest.mark.parametrize("packed", [None, "tiff_lzw", "tiff_adobe_deflate", "packbits", "group4", "jpeg"])
@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "P", "CMYK", "I;16"])
def test_the_bands_of_a_tiff_are_its_picture(monkeypatch, mode, packed):
    if (packed == "group4") != (mode == "1") and "group4" in (packed, mode):
        pytest.skip("Group 4 is black and white")
    if packed == "jpeg" and mode in {"1", "P", "I;16"}:
        pytest.skip("JPEG packs no such colours")
    monkeypatch.setattr(tiff_bands, "BAND_PIXELS", 20_000)
    colours = Image.effect_noise((300, 700), 60).convert("RGB")
    ImageDraw.Draw(colours).ellipse((20, 50, 250, 600), fill="teal")
    grey = colours.convert("L")
    sheet = (
        grey.convert("I").point(lambda value: value * 200).convert("I;16") if mode == "I;16" else colours.convert(mode)
    )
    out = io.BytesIO()
    sheet.save(out, "TIFF", compression=packed, strip_size=8192)
    with Image.open(io.BytesIO(out.getvalue())) as opened:
        pieces = [(top, bottom, band.copy()) for top, bottom, band in tiff_bands.bands(out, opened)]
    assert len(pieces) > 3
    assert [bottom for _, bottom, _ in pieces[:-1]] == [top for top, _, _ in pieces[1:]]
    whole_sheet = Image.open(io.BytesIO(out.getvalue()))
    for top, bottom, band in pieces:
        assert band.convert("RGB").tobytes() == whole_sheet.crop((0, top, 300, bottom)).convert("RGB").tobytes()


def test_what_could_not_be_drawn_is_not_white():
    """Nobody takes a page for empty because a part of its picture is missing."""
    broken = bytearray(large_png(6000, 4000))
    start = broken.find(b"IDAT") + 3000
    broken[start : start + 2000] = bytes(2000)
    with pytest.raises(child.Died):
        read("picture", "sharpen", bytes(broken), "1")


def test_a_drawing_that_is_cut_off_is_not_drawn_as_if_it_were_whole():
    sheet, out = Image.new("1", (4000, 3000), 1), io.BytesIO()
    sheet.paste(Image.effect_noise((900, 2900), 80).convert("1"), (50, 50))
    sheet.save(out, "TIFF", compression="group4", tiffinfo={278: 3000})
    with Image.open(out) as opened:  # the tags first, so that they are there when the end is not
        tags = opened.tag_v2
        content = tiff_bands._smaller(out, tags, [(tags[273][0], tags[279][0])], 3000, 3000)
    cut_off = content[: len(content) // 2]
    assert "preview" in facts_of(read("picture", "draw", content, "1", "1", "1"))
    told = read("picture", "draw", cut_off, "1", "1", "1")
    assert told[-1] == ({"closed": "damaged"}, b"")
    assert "preview" not in facts_of(told)
    assert read("picture", "sharpen", content, "1")
    with pytest.raises(child.Died):
        read("picture", "sharpen", cut_off, "1")


def facts_of(told: list[tuple[dict, bytes]]) -> set[str]:
    return {key for facts, _ in told for key in facts}


def read(kind: str, task: str, content: bytes, *numbers: str) -> list[tuple[dict, bytes]]:
    with TemporaryFile() as file:
        file.write(content)
        file.flush()
        return [(said.facts, said.content) for said in child.ask(file, kind, task, *numbers, until=float("inf"))]


MEASURED = """
import os, resource, sys
sys.path.insert(0, sys.argv[1])
from cases.files.reader.main import main
end = os._exit
def leave(code):
    sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
    sys.stderr.flush()
    end(code)
os._exit = leave
main(*sys.argv[2:])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems count in other units")
@pytest.mark.parametrize(("kind", "make"), [("pdf", sheet), ("picture", lambda: large_png(7016, 9933))])
def test_the_reading_process_stays_small(kind, make):
    with TemporaryFile() as file, TemporaryFile() as scratch:
        file.write(make())
        file.flush()
        file.seek(0)
        done = subprocess.run(
            # A shell between, or what these tests hold themselves would be counted as its own.
            ["sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-I", "-c", MEASURED, str(settings.BASE_DIR),
             str(scratch.fileno()), kind, "sharpen", "1"],
            stdin=file, capture_output=True, pass_fds=[scratch.fileno()],
            env={"LC_ALL": "C.UTF-8", "PATH": os.defpath}, cwd="/", check=True,
        )  # fmt: skip
    assert int(done.stderr) * 1024 < 130 * MEGABYTES


# --- Asking ----------------------------------------------------------------------------------------------------------


def test_pages_that_are_sharp_already_are_not_offered(prepared, officer):
    page = prepared(files.pdf()).pages.select_related("document__application").get()
    with pytest.raises(ValidationError, match="as sharp as it can be"):
        draw_sharply(page, by=officer)


def test_a_picture_that_is_not_opened_is_not_drawn_sharply(prepared, officer):
    assert sharp_pictures.TOO_LARGE == file_reader_pictures.MAX_PIXELS
    document = prepared(hostile.png_bomb(), name="Scan.png")
    page = document.pages.select_related("document__application").get()
    assert not page.preview
    with pytest.raises(ValidationError):
        draw_sharply(page, by=officer)


def test_a_page_without_a_preview_can_be_drawn(prepared, drawn):
    document = prepared(files.pdf(pages=2))
    DocumentPage.objects.filter(document=document, number=2).update(preview="")
    assert drawn(document, 2).state == "done"
    assert whole(document, 2).width > 1500


def test_readers_and_strangers_ask_for_nothing(prepared, reader, other_officer):
    page = prepared().pages.select_related("document__application").get()
    for user in (reader, other_officer):
        with pytest.raises(PermissionDenied):
            draw_sharply(page, by=user)
    assert not SharpPicture.objects.exists()


def test_asked_twice_it_is_drawn_once(prepared, drawn, monkeypatch):
    document = prepared()
    drawn(document)
    monkeypatch.setattr(sharp_pictures, "ask", lambda *_, **__: pytest.fail("drawn again"))
    assert drawn(document).state == "done"
    draw_sharp_picture.call(SharpPicture.objects.get().pk)


def test_of_a_file_that_is_closed_nothing_is_drawn_or_seen(prepared, drawn, officer, client):
    document = prepared()
    drawn(document)
    strip = reverse("case_document_strip", args=[document.pk, 1, 1])
    client.force_login(officer)
    assert client.get(strip).status_code == 200
    assert client.get(reverse("case_document_strip", args=[document.pk, 1, 999])).status_code == 404
    Document.objects.filter(pk=document.pk).update(scan_status="infected")
    assert client.get(strip).status_code == 404
    with pytest.raises(ValidationError, match="harmful"):
        draw_sharply(document.pages.select_related("document__application").get(), by=officer)


def test_what_cannot_be_drawn_says_so_and_leaves_nothing(prepared, drawn, monkeypatch):
    document = prepared()
    before = stored()

    def dies(*_, **__):
        yield child.Said({"width": 10, "height": 10}, b"\xff\xd8\xff")
        raise child.Died("it ended with -9")

    with monkeypatch.context() as patched:
        patched.setattr(sharp_pictures, "ask", dies)
        assert drawn(document).state == "failed"
    assert stored() == before
    assert drawn(document).state == "done"  # asked again


def test_a_picture_whose_worker_died_is_drawn_later(prepared, officer, django_capture_on_commit_callbacks):
    document = prepared()
    picture = draw_sharply(document.pages.select_related("document__application").get(), by=officer)
    SharpPicture.objects.update(attempts=1, due_at=timezone.now() - timedelta(hours=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert sharp_pictures.DRAWING.sweep() == 1
    picture.refresh_from_db()
    assert picture.state == "done"
    SharpPicture.objects.update(state="queued", attempts=3, due_at=timezone.now() - timedelta(hours=1))
    draw_sharp_picture.call(picture.pk)
    assert SharpPicture.objects.get().state == "failed"
    assert sharp_pictures.DRAWING.sweep in {job for _, job in JOBS}


def test_pages_made_again_take_their_sharp_pictures_with_them(
    prepared, drawn, officer, django_capture_on_commit_callbacks
):
    document = prepared()
    before = stored()
    drawn(document)
    with django_capture_on_commit_callbacks(execute=True):
        make_previews_again(document, by=officer)
    assert not SharpPicture.objects.exists()
    assert stored() == before


def test_as_many_pages_have_a_preview_as_can_be_redacted():
    assert MAX_PREVIEWS >= rebuilding.MOST_PAGES


# --- Pages -----------------------------------------------------------------------------------------------------------


def test_on_the_redaction_page_boxes_are_kept_and_the_page_is_drawn(
    prepared, officer, client, django_capture_on_commit_callbacks
):
    document = prepared()
    address = reverse("case_redaction", args=[document.pk])
    client.force_login(officer)
    assert 'value="sharpen-1"' in client.get(address).content.decode()
    box = {"box-page": "1", "box-x": "10", "box-y": "10", "box-width": "5", "box-height": "5", "version": "0"}
    with django_capture_on_commit_callbacks(execute=False):
        answer = client.post(address, {**box, "action": "sharpen-1"})
    assert answer.url == f"{address}#page-1"
    assert len(newest_redaction(document).boxes) == 1
    content = client.get(address).content.decode()
    assert "is being drawn" in content
    assert "data-sharpens" in content
    draw_sharp_picture.call(SharpPicture.objects.get().pk)
    content = client.get(address).content.decode()
    assert reverse("case_document_strip", args=[document.pk, 1, 2]) in content
    assert "data-sharpens" not in content
    assert client.post(address, {**box, "version": "1", "action": "sharpen-7"}).status_code == 404


def test_the_viewer_shows_the_sharp_page_and_offers_it_to_those_who_work_cases(prepared, officer, reader, client):
    document = prepared()
    address = reverse("case_document_viewer", args=[document.pk])
    client.force_login(reader)
    assert "sharpen-1" not in client.get(address).content.decode()
    client.force_login(officer)
    assert "sharpen-1" in client.get(address).content.decode()
    assert client.post(address, {"action": "sharpen-1"}).url == f"{address}#page-1"
    draw_sharp_picture.call(SharpPicture.objects.get().pk)
    client.force_login(reader)
    assert reverse("case_document_strip", args=[document.pk, 1, 1]) in client.get(address).content.decode()


def test_questions_to_the_database_do_not_grow_with_the_pages(prepared, officer, client):
    document = prepared(hostile.pdf_with(""))
    DocumentPage.objects.filter(document=document).update(width=2000)
    client.force_login(officer)
    numbers = []
    for _ in range(2):
        for name in ("case_document_viewer", "case_redaction"):
            client.get(reverse(name, args=[document.pk]))
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse(name, args=[document.pk]))
            numbers.append(len(queries))
        for number in range(2, 12) if len(numbers) == 2 else ():
            page = DocumentPage.objects.create(document=document, number=number, width=2000, height=9, preview="x.jpg")
            SharpPicture.objects.create(page=page, state="done", width=5, heights=[5, 5])
    assert numbers[:2] == numbers[2:]
