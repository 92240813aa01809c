"""Fields as the applicants' forms have them: words over several lines, a choice, a day."""

from collections.abc import Iterable, Iterator
from typing import Self

from django import forms
from django.forms.utils import ErrorDict

from accounts.dates.fields import DayField, PublicDateBox
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
        label=label,
        choices=choices,
        widget=forms.RadioSelect,
        help_text=hint,
        error_messages={"required": required, "invalid_choice": required},
    )


def offer(form: forms.Form, name: str, choices: Iterable[tuple[str, str]]) -> None:
    """Set the choices of a field that depend on what is asked."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - a mistake in a form's class
    field.choices = list(choices)


def past_day(label: str) -> DayField:
    """A day that is not in the future. Empty: None."""
    return DayField(
        label=label, help_text="For example, 27 March 2026.", past=True, required=False, widget=PublicDateBox
    )


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
                yield f"id_{field.html_name}", str(error)
