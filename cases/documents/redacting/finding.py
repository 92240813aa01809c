"""Where on the pages of a PDF personal details stand: words that should perhaps be covered.

`python -m cases.documents.redacting.finding` reads {"source"} as JSON and answers {"boxes"}. As `rebuilding`, it knows
neither Django nor the database.
"""

import json
import sys
from collections.abc import Sequence
from typing import IO, Any

from cases.documents.rebuilding.closed import shut_in
from cases.documents.rebuilding.page_words import Word, lines
from cases.documents.rebuilding.pages import CannotRebuild, open_pdf
from cases.wording.personal_details import Finding, Kind, personal_details

MOST_BOXES = 400
OFFERED = {Kind.EMAIL, Kind.PHONE, Kind.PLATE, Kind.NUMBER, Kind.SIGNATURE}
ROOM = 0.004  # of the page, around the words
SIGNATURE_WIDTH, SIGNATURE_HEIGHT = 0.35, 0.12  # of the page: where somebody signs by hand above the name


def boxes_of(source: IO[bytes]) -> list[dict[str, Any]]:
    """Boxes with `because`, over telephone numbers, addresses of e-mail and the like. Raises CannotRebuild."""
    found: list[dict[str, Any]] = []
    pdf = open_pdf(source)
    try:
        for number in range(len(pdf)):
            page = pdf[number]
            found += [{"page": number + 1, **box} for box in on_page(lines(page))]
            page.close()
            if len(found) >= MOST_BOXES:
                break
    finally:
        pdf.close()
    return found[:MOST_BOXES]


def on_page(said: Sequence[Sequence[Word]]) -> list[dict[str, Any]]:
    """A box for each line of each finding; `said`: the lines of the page, each its words."""
    text, places = "", []
    for number, line in enumerate(said):
        for word in line:
            places.append((len(text), len(text) + len(word.text), number, word))
            text += word.text + " "
        text = text[:-1] + "\n"
    return [
        box
        for finding in personal_details(text)
        if finding.kind in OFFERED
        for box in _boxes(
            finding,
            [(line, word) for start, end, line, word in places if start < finding.end and end > finding.start],
            said,
        )
    ]


def _boxes(finding: Finding, covered: list[tuple[int, Word]], said: Sequence[Sequence[Word]]) -> list[dict[str, Any]]:
    boxes = []
    because = finding.kind[:1].lower() + finding.kind[1:]
    by_line = dict.fromkeys(line for line, _ in covered)
    for place, line in enumerate(by_line):
        words = [word for of_line, word in covered if of_line == line]
        left, top = min(word.left for word in words), min(word.top for word in words)
        right, bottom = max(word.right for word in words), max(word.bottom for word in words)
        if finding.kind is Kind.SIGNATURE and place == 0 and line > 0:
            above = max(word.bottom for word in said[line - 1])
            if top - SIGNATURE_HEIGHT < above < top:
                top, right = above + ROOM, max(right, min(left + SIGNATURE_WIDTH, 0.98))
        left, top = max(left - ROOM, 0), max(top - ROOM / 2, 0)
        boxes.append(
            {
                "x": round(left, 5),
                "y": round(top, 5),
                "width": round(min(right + ROOM, 1) - left, 5),
                "height": round(min(bottom + ROOM / 2, 1) - top, 5),
                "because": because,
            }
        )
    return boxes


def main() -> None:
    with open(json.load(sys.stdin)["source"], "rb") as source:
        shut_in(source, most_written=0)
        try:
            boxes = boxes_of(source)
        except CannotRebuild:
            boxes = []
    json.dump({"boxes": boxes}, sys.stdout)
