"""What holds for all that officers write in the assessment: it is theirs until it goes to sign-off, and then shut."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

NOT_NOW = "The assessment can be changed only while the application is in assessment, by a planning officer."


def not_ahead(field: str, day: date | None) -> None:
    if day is not None and day > timezone.localdate():
        raise ValidationError({field: "That day has not come yet."})


def move_among(rows: list, pk: int, *, up: bool) -> bool:
    """Move the row with this key one place among `rows` (in order, each with `sort_order`) and renumber them from 0.

    True when it moved.
    """
    place = next(i for i, row in enumerate(rows) if row.pk == pk)
    other = place - 1 if up else place + 1
    moved = 0 <= other < len(rows)
    if moved:
        rows[place], rows[other] = rows[other], rows[place]
    for number, row in enumerate(rows):
        if row.sort_order != number:
            row.sort_order = number
            row.save(update_fields=["sort_order"])
    return moved
