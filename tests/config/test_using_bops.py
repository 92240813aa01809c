"""docs/using-bops.md: nothing in it leads nowhere, and its pictures can be taken again."""

import importlib
import re
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
GUIDE = REPOSITORY / "docs" / "using-bops.md"
TEXT = GUIDE.read_text(encoding="utf-8")
NAMED = re.findall(r"images/([\w-]+)\.png", TEXT)


def anchors(text: str) -> set[str]:
    """The addresses that headings have where Markdown is shown: lower case, hyphens, no punctuation."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_within_the_guide_has_its_heading():
    links = re.findall(r"\]\(#([\w-]+)\)", TEXT)
    assert links
    assert set(links) <= anchors(TEXT)


def test_every_picture_has_words_for_those_who_do_not_see_it():
    assert len(re.findall(r"!\[[^\]]{15,}\]\(images/|alt=\"[^\"]{15,}\"", TEXT)) == len(NAMED)


def test_the_pictures_named_are_those_that_are_taken(monkeypatch):
    monkeypatch.syspath_prepend(str(REPOSITORY / "bin"))
    docs_screenshots = importlib.import_module("docs_screenshots")
    monkeypatch.delitem(sys.modules, "docs_screenshots")
    assert sorted(NAMED) == sorted(picture.name for picture in docs_screenshots.PICTURES)


@pytest.mark.parametrize("name", NAMED)
def test_a_picture_is_there_and_no_burden(name):
    file = GUIDE.parent / "images" / f"{name}.png"
    assert file.read_bytes().startswith(b"\x89PNG")
    assert file.stat().st_size < 200_000
