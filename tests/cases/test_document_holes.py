"""Ways in which a file, or what stands in it, could come to somebody who may not have it: each of them closed."""

import io
import struct
import tempfile
import time

import pypdf
import pytest
from PIL import Image

from cases.file_types import JPEG, PNG, TIFF, TWO_IN_ONE, WEBP, UnacceptableFile, inspect
from cases.preparing.findings import Findings, _active, find_out
from cases.redacting.rebuilding import rebuild
from tests.cases import hostile
from tests.cases.files import pdf

TURNS = range(1, 9)


# --- Redaction: what the officer saw is what is covered --------------------------------------------------------------


def turned(kind: str, turn: int) -> bytes:
    """A picture that says how it is to be turned, black in one of its corners."""
    picture, out = Image.new("RGB", (120, 60), "white"), io.BytesIO()
    picture.paste((0, 0, 0), (0, 0, 30, 20))
    exif = Image.Exif()
    exif[0x0112] = turn
    picture.save(out, kind, **({"tiffinfo": {0x0112: turn}} if kind == "TIFF" else {"exif": exif}))
    return out.getvalue()


def preview_of(content: bytes, mime_type: str) -> tuple[Image.Image, Findings]:
    pictures: dict[int, bytes] = {}
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        found = find_out(file, mime_type=mime_type, keep=lambda page, jpeg: pictures.setdefault(page, jpeg) and "kept")
    return Image.open(io.BytesIO(pictures[1])), found


def copy_of(content: bytes, mime_type: str) -> Image.Image:
    out = io.BytesIO()
    made = rebuild(io.BytesIO(content), mime_type=mime_type, boxes=[], title="Scan", out=out)
    if made["mime_type"] == "application/pdf":
        return pypdf.PdfReader(out).pages[0].images[0].image
    return Image.open(out)


def black_corner(picture: Image.Image) -> list[bool]:
    width, height = picture.size
    grey = picture.convert("L")
    return [grey.getpixel(at) < 60 for at in ((9, 9), (width - 9, 9), (9, height - 9), (width - 9, height - 9))]


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize(("kind", "mime_type"), [("TIFF", TIFF), ("JPEG", JPEG), ("PNG", PNG), ("WEBP", WEBP)])
def test_boxes_are_burnt_into_the_picture_as_the_officer_saw_it(kind, mime_type, turn):
    content = turned(kind, turn)
    seen, found = preview_of(content, mime_type)
    copy = copy_of(content, mime_type)
    assert copy.size == seen.size == (found.pages[1].width, found.pages[1].height)
    assert black_corner(copy) == black_corner(seen)
    assert black_corner(seen).count(True) == 1


# --- What happens by itself when a file is opened --------------------------------------------------------------------


def found_in(content: bytes, kind: str) -> list[str]:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        return _active(file, kind, time.monotonic() + 60)


@pytest.mark.parametrize(
    "action",
    [
        r"<< /S /GoToR /F (\\\\elsewhere\\share\\a.pdf) /D [0 /Fit] >>",
        "<< /S /URI /URI (https://elsewhere.example/) >>",
        "<< /S /GoTo /D [3 0 R /Fit] /Next << /S /URI /URI (https://elsewhere.example/) >> >>",
        "5 0 R",
    ],
)
def test_a_pdf_that_calls_elsewhere_when_it_is_opened_is_closed(action):
    other = "<< /S /URI /URI (https://elsewhere.example/) >>"
    assert found_in(hostile.pdf_with(f"/OpenAction {action}", other), "pdf") == ["OpenAction"]
    assert found_in(hostile.pdf_with("", other, page=f"/AA << /O {action} >>"), "pdf") == ["AA"]


def connections(kind: str, *, encoding: str = "utf-8") -> bytes:
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"<Relationship Id='r1' Target='https://elsewhere.example/' TargetMode='External' "
        f"Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}'/></Relationships>"
    ).encode(encoding)


@pytest.mark.parametrize("kind", ["attachedTemplate", "oleObject", "frame", "subDocument"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_office_file_that_fetches_a_part_when_it_is_opened_is_closed(kind, encoding):
    content = hostile.docx_with({"word/_rels/document.xml.rels": connections(kind, encoding=encoding)})
    assert found_in(content, "office") == ["Launch"]


def test_a_link_in_an_office_file_waits_until_somebody_follows_it():
    content = hostile.docx_with({"word/_rels/document.xml.rels": connections("hyperlink")})
    assert found_in(content, "office") == []


def test_a_list_of_connections_that_is_none_is_closed():
    entities = b'<!DOCTYPE r [<!ENTITY a "b">]><Relationships>&a;</Relationships>'
    for content in (b"nonsense", entities):
        assert found_in(hostile.docx_with({"word/_rels/document.xml.rels": content}), "office") == ["damaged"]


# --- Memory of the server --------------------------------------------------------------------------------------------


def long_list(before: bytes, *, parts: int) -> bytes:
    """A ZIP that is nothing but its list of contents."""
    part = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, *[0] * 8, 1, *[0] * 6) + b"a"
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, len(part) * parts, len(before), 0)
    return before + part * parts + end


@pytest.mark.parametrize(
    ("before", "sentence"), [(b"PK\x03\x04" + bytes(60), "too many parts"), (pdf(), TWO_IN_ONE)], ids=["zip", "pdf"]
)
def test_the_list_of_a_zip_is_not_read_when_it_alone_would_fill_the_memory(before, sentence, monkeypatch):
    def made(*args):
        raise AssertionError("the list was read")

    monkeypatch.setattr("zipfile.ZipInfo.__init__", made)
    with pytest.raises(UnacceptableFile, match=sentence):
        inspect(io.BytesIO(long_list(before, parts=60_000)), name="plan.pdf")


def test_the_mark_of_a_zips_end_by_chance_is_no_zip():
    by_chance = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, 3_000_000, 0, 0)
    content = pdf() + bytes(3_000_000) + by_chance
    assert inspect(io.BytesIO(content), name="plan.pdf").size == len(content)
