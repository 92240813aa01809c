"""Fields of the applicants' forms that Django does not have: words over several lines, and a day in three boxes."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Self

from django import forms
from django.forms.utils import ErrorDict
from django.utils import timezone

from accounts.plain_text import PlainWords
from home.responses.comment_forms import LongText

LONGEST_TEXT = 5_000


def words(label: str, *, required: str = "", longest: int = LONGEST_TEXT, hint: str = "") -> LongText:
    """Several lines. `required`: what is said when nothing was entered; empty: nothing needs to be."""
    return LongText(
        label=label,
        help_text=hint,
        required=bool(required),
        max_length=longest,
        error_messages={
            "required": required,
            "max_length": f"{label} must be {longest:,} characters or fewer",
        },
    )


def choice(label: str, choices: list[tuple[str, str]], *, required: str, hint: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=choices, widget=forms.RadioSelect, help_text=hint,
        error_messages={"required": required, "invalid_choice": required},
    )  # fmt: skip


def offer(form: forms.Form, name: str, choices: Iterable[tuple[str, str]]) -> None:
    """Set the choices of a field that depend on what is asked."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - a mistake in a form's class
    field.choices = list(choices)


class DayBoxes(forms.MultiWidget):
    """Day, month and year, each in a box of its own: what people can type without a calendar."""

    def __init__(self):
        super().__init__([forms.TextInput(), forms.TextInput(), forms.TextInput()])

    def decompress(self, value: date | str | None) -> list[Any]:
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                value = None
        return [value.day, value.month, value.year] if value else ["", "", ""]


class DayField(forms.MultiValueField):
    """A day that is not in the future, as the forms of applicants ask for it. Empty: None."""

    widget = DayBoxes

    def __init__(self, *, label: str, said: str, hint: str = "For example, 27 3 2026"):
        self.said = said  # what the day is, in the middle of a sentence
        boxes = [forms.CharField(required=False) for _ in range(3)]
        super().__init__(boxes, label=label, help_text=hint, required=False, require_all_fields=False)

    def compress(self, data_list: list[str]) -> date | None:
        typed = [part.strip() for part in data_list or []]
        if not any(typed):
            return None
        try:
            day, month, year = (int(part) for part in typed)
            given = date(year, month, day)
        except (ValueError, OverflowError) as error:  # a year may be too long for a date to hold
            raise forms.ValidationError(f"Enter {self.said} as a real day, like 27 3 2026") from error
        if given > timezone.localdate():
            raise forms.ValidationError(f"{self.said[0].upper()}{self.said[1:]} cannot be in the future")
        if given.year < 1990:
            raise forms.ValidationError(f"Enter {self.said} with a year of four digits, like 2026")
        return given


def kept_files() -> forms.Field:
    """Where it is said that files are missing. The files themselves are kept before the form is read (uploads.py)."""
    return forms.Field(required=False)


class AnswerForm(PlainWords, forms.Form):
    """A form that knows where on its page each error belongs, and which template shows its fields."""

    template = ""
    wants_more = False  # a button was pressed that adds fields and does not go on

    def without_faults(self) -> Self:
        """As it was typed, and nothing said about it yet."""
        self._errors = ErrorDict()
        self.cleaned_data = {}
        return self

    def faults(self) -> Iterator[tuple[str, str]]:
        """(id of the field on the page, what is wrong), in the order of the fields."""
        for field in self:
            for error in field.errors:
                first_box = "_0" if isinstance(field.field, DayField) else ""
                yield f"id_{field.html_name}{first_box}", str(error)
