"""The form fields for a day, a time of day and both, and the box in which all of them are typed.

The box is a line of text. What was typed stays as it was typed; beside it stands in words what was understood
(templates/accounts/dates/box.html), by the same rules that the form reads it by: they travel with the box as its
attributes, and from there to `views.understood` when a script asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils import timezone

from .reading import Year, in_words, read_date, read_days, read_moment, read_time


class Kind(StrEnum):
    DATE = "date"
    TIME = "time"
    MOMENT = "moment"


class End(StrEnum):
    """Of a longer time that was typed (June 2026), the day that counts."""

    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True)
class Rules:
    """How a field reads what is typed into it."""

    kind: Kind = Kind.DATE
    year: Year = Year.NEAREST
    end: End | None = None  # None: one day must be named
    past: bool = False  # what lies in the future is refused

    def read(self, text: str) -> date | time:
        """Raises ValidationError with a sentence. A moment comes without a time zone."""
        today = timezone.localdate()
        if self.kind == Kind.TIME:
            return read_time(text)
        if self.kind == Kind.MOMENT:
            return read_moment(text, today=today, year=self.year)
        if self.end is None:
            day = read_date(text, today=today, year=self.year)
        else:
            day = read_days(text, today=today, year=self.year)[self.end == End.LAST]
        if self.past and day > today:
            raise ValidationError(f"{in_words(day)} is in the future. Enter today or an earlier day.", code="future")
        return day

    @property
    def said(self) -> dict[str, str]:
        """As a box and an address say them. The kind is said by the template of the box."""
        year = "" if self.year == Year.NEAREST else self.year
        rules = {"year": year, "end": self.end or "", "past": "yes" if self.past else ""}
        return {name: str(value) for name, value in rules.items() if value}

    @classmethod
    def of(cls, kind: str, said: Mapping[str, str]) -> Self:
        """From a box or an address. Raises ValueError for what no box says."""
        year, end = said.get("year") or Year.NEAREST, said.get("end")
        return cls(Kind(kind), Year(year), End(end) if end else None, bool(said.get("past")))

    def tell(self, box: forms.Widget) -> None:
        box.attrs.update({f"data-{name}": value for name, value in self.said.items()})


class DateBox(forms.DateInput):
    template_name = "accounts/dates/date.html"

    def __init__(self, attrs: dict[str, Any] | None = None):
        super().__init__({"autocomplete": "off", **(attrs or {})}, format="%d/%m/%Y")


class PublicDateBox(DateBox):
    """As it stands on the public's pages."""

    def __init__(self, attrs: dict[str, Any] | None = None):
        super().__init__({"class": "govuk-input govuk-input--width-10", **(attrs or {})})


class MomentBox(forms.DateTimeInput):
    template_name = "accounts/dates/moment.html"

    def __init__(self, attrs: dict[str, Any] | None = None):
        super().__init__({"autocomplete": "off", **(attrs or {})}, format="%d/%m/%Y %H:%M")


class TimeBox(forms.TimeInput):
    template_name = "accounts/dates/time.html"

    def __init__(self, attrs: dict[str, Any] | None = None):
        super().__init__({"autocomplete": "off", **(attrs or {})}, format="%H:%M")


class Typed(forms.Field):
    """A field whose text is read by its rules. `past`: of a date without a year the last one is meant, too."""

    kind = Kind.DATE

    def __init__(self, *, year: Year = Year.NEAREST, end: End | None = None, past: bool = False, **kwargs: Any):
        self.rules = Rules(self.kind, Year.LAST if past else year, end, past)
        super().__init__(**kwargs)
        self.rules.tell(self.widget)

    def to_python(self, value: Any) -> Any:
        text = value.strip() if isinstance(value, str) else ""
        return self.rules.read(text) if text else super().to_python(None if isinstance(value, str) else value)


class DayField(Typed, forms.DateField):
    widget = DateBox


class MomentField(Typed, forms.DateTimeField):
    kind = Kind.MOMENT
    widget = MomentBox

    def to_python(self, value: Any) -> datetime | None:
        read = super().to_python(value)
        return from_current_timezone(read) if read and timezone.is_naive(read) else read


class TimeField(Typed, forms.TimeField):
    kind = Kind.TIME
    widget = TimeBox
