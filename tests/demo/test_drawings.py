"""The demonstration's plans are real files that other programs can read."""

import io
import random

import pypdf
import pytest
from PIL import Image

from demo.drawings import House, block_plan, elevations, floor_plan, location_plan, photograph

SITE = "14 Mill Lane, Beaconsfield"


@pytest.fixture
def house() -> House:
    return House.like(random.Random(7))


def test_pdf_is_one_a3_page_with_its_words(house):
    pdf = pypdf.PdfReader(io.BytesIO(elevations(SITE, "2401/06", house, proposed=True).as_pdf()), strict=True)
    assert len(pdf.pages) == 1
    width, height = (float(side) / 72 * 25.4 for side in pdf.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (420, 297)
    text = pdf.pages[0].extract_text()
    assert "Proposed elevations" in text
    assert "2401/06" in text
    assert f"{house.extension_depth:.1f} m" in text


def test_brackets_in_words_do_not_break_the_pdf(house):
    sheet = block_plan("14 Mill Lane (rear), Beaconsfield", "A(1)", house)
    assert "Mill Lane (rear)" in pypdf.PdfReader(io.BytesIO(sheet.as_pdf()), strict=True).pages[0].extract_text()


def test_png_is_the_same_sheet():
    picture = Image.open(io.BytesIO(location_plan(SITE, "2401/01", random.Random(1)).as_png()))
    assert picture.size == (1680, 1188)
    assert (217, 0, 0) in {colour for _, colour in picture.convert("RGB").getcolors(64)}  # the red line


def test_location_plan_shows_the_sites_own_number():
    text = pypdf.PdfReader(io.BytesIO(location_plan(SITE, "1", random.Random(1)).as_pdf())).pages[0].extract_text()
    assert "14" in text.split()


def test_existing_plan_shows_no_extension(house):
    existing = floor_plan(SITE, "03", house, proposed=False).as_pdf()
    proposed = floor_plan(SITE, "04", house, proposed=True).as_pdf()
    words = [pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text() for pdf in (existing, proposed)]
    assert "New garden room" not in words[0]
    assert "New garden room" in words[1]


def test_photograph_opens():
    assert Image.open(io.BytesIO(photograph(SITE, random.Random(2)))).size == (900, 640)
