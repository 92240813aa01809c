"""What an officer had typed when the case had moved on, so that a refusal loses nothing.

The words go back to whoever sent them, in the same answer; cases/admin/typed/ keeps them for their writer as well.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.formats import date_format

SHOWN = "shown"  # the field in which a form carries what it showed (meanwhile.py)
# What a page sends along by itself; nobody typed it.
SENT_ALONG = frozenset(
    {"csrfmiddlewaretoken", "action", "row", "outcome", "deed", "list", "stood", "version", "confirmed", "next", "seen",
     "opened", "opened_row", "about", SHOWN}
)  # fmt: skip
SHORT = 80  # characters; a hidden field that holds more was drawn or written by a script, such as a red line
NARROW = 30  # characters in a line of a box on a telephone


@dataclass(frozen=True)
class Typed:
    label: str
    text: str
    is_tick: bool = False  # a box that was ticked: told with the words, but no words of its own

    @property
    def rows(self) -> int:
        """Lines that a box needs to show most of it, also on a telephone."""
        return min(len(self.text) // NARROW + self.text.count("\n") + 1, 20)


@dataclass(frozen=True)
class NotSaved:
    """All that was sent: in words for the reader, and as it came for sending it again. Files do not come back."""

    typed: list[Typed] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    sent: list[tuple[str, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.files) or any(not line.is_tick for line in self.typed)


def not_saved_of(request: HttpRequest, posted: Iterable[forms.BaseForm] = ()) -> NotSaved:
    """What a POST held; nothing of other requests. `posted`: its forms, bound, with the words of labels and choices."""
    if request.method != "POST":
        return NotSaved()
    typed = [line for form in posted for line in _from_form(form)] or typed_by_names(request.POST)
    files = [file.name or "" for name in request.FILES for file in request.FILES.getlist(name)]
    return NotSaved(typed, files, sent_in(request.POST))


def sent_in(posted: QueryDict) -> list[tuple[str, str]]:
    """Every name and value, to be sent again."""
    return [(name, value) for name, values in posted.lists() for value in values if name != "csrfmiddlewaretoken"]


def _from_form(form: forms.BaseForm) -> Iterable[Typed]:
    for bound in form:
        if isinstance(bound.field, forms.FileField) or bound.name == SHOWN:
            continue
        value = bound.field.widget.value_from_datadict(form.data, form.files, bound.html_name)
        text = in_words(bound.field, value)
        if text and not (bound.is_hidden and len(text) <= SHORT):
            yield Typed(str(bound.label), text, is_tick=value is True)


def in_words(asked: forms.Field, value: object) -> str:
    """A value of this field, sent or saved, as its reader knows it: the words of a choice, the name of a row."""
    if value is True:
        return "Yes"
    if value in (None, False, ""):
        return ""
    if isinstance(value, date):
        return date_format(value)
    if isinstance(value, list | tuple):
        return "\n".join(filter(None, (in_words(asked, one) for one in value)))
    if isinstance(asked, forms.ModelChoiceField):
        return _named(asked, value)
    if isinstance(asked, forms.ChoiceField):
        choices: Any = asked.choices  # the field has made them pairs, whatever it was given
        return str(dict(_flat(choices)).get(str(value), value))
    return str(value).strip()


def _named(asked: forms.ModelChoiceField, value: object) -> str:
    """The row that was chosen, as the list names it; only rows that the list offers."""
    try:
        chosen = forms.ModelChoiceField.to_python(asked, value)
    except ValidationError:
        return ""
    return asked.label_from_instance(chosen) if chosen else ""


def _flat(choices: Iterable) -> Iterable[tuple[str, object]]:
    for key, words in choices:
        if isinstance(words, list | tuple):
            yield from _flat(words)
        else:
            yield str(key), words


def typed_by_names(posted: QueryDict) -> list[Typed]:
    """Where no form of the page knows what was sent: each name as its label."""
    return [
        Typed(name.rsplit("-", 1)[-1].replace("_", " ").capitalize(), "\n".join(filter(str.strip, values)))
        for name, values in posted.lists()
        if not (name in SENT_ALONG or name.endswith(f"-{SHOWN}") or name.startswith("typed_"))
        and any(map(str.strip, values))
    ]
