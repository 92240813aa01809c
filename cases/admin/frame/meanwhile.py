"""Nobody writes over words that they have not seen.

A form carries, in a hidden field, what each of its fields showed when it was opened. When it is saved, with the case
locked, the same form is made anew from the case as it now stands: where both differ, nothing is written, and the page
comes back with what was typed put into the new form and both texts beside each other. Saving once more is deliberate.

A new form gets it by being `Carries` (TaskForm, TaskModelForm), a new page by `CaseView.refuse_what_changed`.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet

from cases.models import Document

from .not_saved import SHOWN, in_words

# Rows that work in the background changes too: the columns that an officer reads before acting on one.
SEEN: dict[type[Model], tuple[str, ...]] = {
    Document: ("title", "revision", "types", "superseded_by_id", "public_status", "fetch_status"),
}
KEY_OF_A_BLOCK = re.compile(r' data-block-key=\\"\w*\\"')  # by which Draftail knows a paragraph
READ_AS_A_VALUE = (forms.DateField, forms.IntegerField)  # and its subclasses: decimals, floats


@dataclass(frozen=True)
class Both:
    """Two texts where one belongs."""

    label: str
    now: str
    typed: str
    is_typed: bool  # whether the reader had changed it


class ChangedMeanwhile(Exception):
    """What a form showed is no longer so. Nothing was written."""


class Carries(forms.BaseForm):
    """A form that knows what it showed. What it showed beside its fields: `also`, words → value."""

    also: Mapping[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields[SHOWN] = forms.CharField(
            required=False, widget=forms.HiddenInput, initial=lambda: " ".join(_prints(self))
        )

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound:
            self.cleaned_data.pop(SHOWN, None)  # the rest are the arguments of a verb


def differences(now: forms.BaseForm, sent: Mapping[str, Any]) -> list[Both]:
    """What the form that was sent showed when it was opened and the same form, unbound `now`, shows otherwise.

    Empty where both came to the same words, and where the form does not say what it showed.
    """
    shown = _read(sent.get(now.add_prefix(SHOWN), ""))
    words = getattr(now, "in_words", in_words)
    found = []
    for name, field in _fields(now):
        value = now.get_initial_for_field(field, name)
        if name not in shown or _print(field, value) == shown[name] or _is_of_the_moment(now, name):
            continue
        mine = _sent(field, sent, now.add_prefix(name))
        if _plain(field, mine) != _plain(field, value):
            is_typed = _print(field, mine) != shown[name]
            said = words(field, _as_a_value(field, mine))
            found.append(Both(str(now[name].label), words(field, value), said, is_typed))
    also = ((label, value) for label, value in getattr(now, "also", {}).items() if shown)
    return found + [Both(label, value, "", False) for label, value in also if shown.get(_key(label)) != _hash(value)]


def is_typed_in(form: forms.BaseForm) -> bool:
    """Whether somebody has typed or chosen anything in this bound form since it was opened."""
    shown = _read(form.data.get(form.add_prefix(SHOWN), ""))
    if not shown:
        return any(name != SHOWN for name in form.changed_data)
    return any(form.add_prefix(name) in form.files for name in form.fields) or any(
        name in shown and _print(field, _sent(field, form.data, form.add_prefix(name))) != shown[name]
        for name, field in _fields(form)
    )


def put_back(form: forms.BaseForm, data: Mapping[str, Any]) -> None:
    """Put what was typed into an unbound form; what was only shown stays as the form has it.

    A form that was not sent stays as it is: a box that is missing there was not unticked.
    """
    names = [SHOWN] if SHOWN in form.fields else form.fields
    if not any(form.add_prefix(name) in data for name in names):
        return
    if SHOWN in form.fields:  # it goes on saying what stands there, not what was typed
        form.fields[SHOWN].initial = form.get_initial_for_field(form.fields[SHOWN], SHOWN)
    shown = _read(data.get(form.add_prefix(SHOWN), ""))
    for name, field in _fields(form):
        html_name = form.add_prefix(name)
        if field.widget.value_omitted_from_data(data, {}, html_name):
            continue
        sent = _sent(field, data, html_name)
        if _print(field, sent) != shown.get(name):
            form.initial[name] = field.bound_data(sent, None)


def print_of(row: Model | None) -> str:
    """A row in short: another word once an officer would see it changed. What stands in no row is empty."""
    if row is None:
        return ""
    names = SEEN.get(type(row)) or [field.attname for field in row._meta.concrete_fields]
    return _hash({name: str(getattr(row, name)) for name in names})


# --- Within ----------------------------------------------------------------------------------------------------------


def _fields(form: forms.BaseForm) -> Iterator[tuple[str, forms.Field]]:
    """Those that somebody fills in and that can be shown again."""
    for name, field in form.fields.items():
        is_kept_out = isinstance(field, forms.FileField) or isinstance(field.widget, forms.PasswordInput)
        if not (is_kept_out or field.widget.is_hidden or field.disabled):
            yield name, field


def _is_of_the_moment(form: forms.BaseForm, name: str) -> bool:
    """A day or the like that the form proposes and nobody has saved."""
    return name not in form.initial and callable(form.fields[name].initial)


def _sent(field: forms.Field, data: Mapping[str, Any], html_name: str) -> Any:
    return field.widget.value_from_datadict(data, {}, html_name)


def _prints(form: forms.BaseForm) -> Iterator[str]:
    for name, field in _fields(form):
        yield f"{name}={_print(field, form.get_initial_for_field(field, name))}"
    for label, value in getattr(form, "also", {}).items():
        yield f"{_key(label)}={_hash(value)}"


def _key(label: str) -> str:
    return f"+{_hash(label)}"


def _read(text: str) -> dict[str, str]:
    return {name: value for name, _, value in (part.partition("=") for part in text.split())}


def _print(field: forms.Field, value: Any) -> str:
    return _hash(_plain(field, value))


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:10]


def _plain(field: forms.Field, value: Any) -> Any:
    """A value in the same words whether a row holds it or a browser sent it."""
    match value := _as_a_value(field, value):
        case None | False:
            return ""
        case True:
            return "yes"
        case Model():
            return str(value.pk)
        case date():
            return value.isoformat()
        case int() | float() | Decimal():
            return str(Decimal(str(value)).normalize())
        case str():
            return "\n".join(value.strip().splitlines())
        case list() | tuple() | QuerySet() | set():
            return sorted(str(_plain(field, one)) for one in value) or ""
    return _of_blocks(value)


def _as_a_value(field: forms.Field, value: Any) -> Any:
    """A day or a number that was sent as one; what is none, as it was sent."""
    if isinstance(field, READ_AS_A_VALUE) and isinstance(value, str):
        with suppress(ValidationError):
            return field.to_python(value)
    return value


def _of_blocks(value: Any) -> Any:
    """The words of a body of blocks, without the numbers that the editor gives them."""
    if not hasattr(value, "get_prep_value"):
        return str(value)
    said = json.dumps([[block["type"], block["value"]] for block in value.get_prep_value()], sort_keys=True)
    return KEY_OF_A_BLOCK.sub("", said)
