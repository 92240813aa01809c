"""The boxes of a redaction: where they may lie, and how they are kept.

A box is {page, x, y, width, height}: the page from 1, the rest as parts (0 to 1) of the page as it is shown, from its
upper left corner.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from cases.models import Document

Box = dict[str, Any]

SIDES = ("x", "y", "width", "height")
MOST_BOXES = 1_900  # five fields each in the form, and a form has at most 10,000 (DATA_UPLOAD_MAX_NUMBER_FIELDS)
DIGITS = 5  # of a page two metres wide: a fiftieth of a millimetre
SMALLEST = 0.0005


def cleaned(boxes: Iterable[Mapping[str, Any]], *, pages: int) -> list[Box]:
    """The boxes as they are kept: cut to their page, rounded, each once, in the order of the pages.

    `pages`: how many the document has. Raises ValidationError with a sentence for the officer.
    """
    kept: list[Box] = []
    for number, given in enumerate(boxes, 1):
        box = _cleaned(given, number, pages)
        if box not in kept:
            kept.append(box)
    if len(kept) > MOST_BOXES:
        raise ValidationError(f"A document can have at most {MOST_BOXES:,} boxes.")
    return sorted(kept, key=lambda box: (box["page"], box["y"], box["x"]))


def _cleaned(given: Mapping[str, Any], number: int, pages: int) -> Box:
    try:
        page = int(given["page"])
        x, y, width, height = (float(given[side]) for side in SIDES)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValidationError(f"Box {number}: give the page and four numbers.") from error
    if not all(map(math.isfinite, (x, y, width, height))):
        raise ValidationError(f"Box {number}: give the page and four numbers.")
    if not 1 <= page <= pages:
        raise ValidationError(f"Box {number}: the document has no page {page}.")
    left, top, right, bottom = max(x, 0.0), max(y, 0.0), min(x + width, 1.0), min(y + height, 1.0)
    if right - left < SMALLEST or bottom - top < SMALLEST:
        raise ValidationError(f"Box {number} on page {page} has no size, or lies beside the page.")
    sides = zip(SIDES, (left, top, right - left, bottom - top), strict=True)
    return {"page": page, **{side: round(value, DIGITS) for side, value in sides}}


def covers(box: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether nothing of `other` is left to be seen beside `box`."""
    slack = 10**-DIGITS * 2
    return (
        box["page"] == other["page"]
        and box["x"] <= other["x"] + slack
        and box["y"] <= other["y"] + slack
        and box["x"] + box["width"] >= other["x"] + other["width"] - slack
        and box["y"] + box["height"] >= other["y"] + other["height"] - slack
    )


def pages_of(document: Document) -> int:
    """How many pages boxes may lie on."""
    return max(document.page_count or 0, document.pages.count(), 1)
