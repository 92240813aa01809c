"""Free text as it is kept: every letter that was typed, and nothing that cannot be seen.

Marks of direction make words read backwards (U+202E), marks without width hide in a name, tags carry whole sentences
that nobody sees: on a notice, in a letter and on the register they would make a text say what it does not say. They end
at the model's field, through which every way in leads: forms, APIs, submissions, imports. A submission's own bytes are
kept as they came. Arabic and Hebrew need no mark: their letters know their direction.
"""

import re
from typing import Any

from django import forms
from django.db import models
from django.utils.datastructures import MultiValueDict

_ENDS_A_LINE = re.compile("\r(?!\n)|[\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x9f]")
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")  # a surrogate: PostgreSQL cannot keep it
# NUL, the soft hyphen, what has no width, what changes the direction, blank letters, tags, and what is no character.
_UNSEEN = re.compile(
    "[\x00\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef"
    "\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
# Persian, Hindi and emoji are spelt with joiners between their characters; anywhere else a joiner only hides.
_JOINS_NOTHING = re.compile("(?<![\u0370-\U0010ffff])[\u200c\u200d]|[\u200c\u200d](?![\u0370-\U0010ffff])")


def plain(text: str) -> str:
    """The text without what cannot be seen. Ends of lines become line ends, other controls spaces."""
    if text.isprintable():  # most texts of one line: all that is taken out is not printable
        return _UNSEEN.sub("", text)
    text = _HALF_A_CHARACTER.sub("\ufffd", _ENDS_A_LINE.sub("\n", text))
    return _JOINS_NOTHING.sub("", _UNSEEN.sub("", _CONTROL.sub(" ", text)))


def plain_all(value: Any) -> Any:
    """JSON with every text in it plain, keys too."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plain_all(key): plain_all(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [plain_all(member) for member in value]
    return value


class _Plain(models.Field):
    """Makes what it is given plain: when a form is read, when a row is saved, and in what is searched for."""

    def to_python(self, value: Any) -> Any:
        return plain_all(super().to_python(value))

    def get_prep_value(self, value: Any) -> Any:
        return plain_all(super().get_prep_value(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = plain_all(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value

    def deconstruct(self) -> Any:
        """For migrations the field is Django's own: the column is the same."""
        name, _, args, kwargs = super().deconstruct()
        return name, f"django.db.models.{self.__class__.__name__.removeprefix('Plain')}", args, kwargs


class PlainCharField(_Plain, models.CharField):
    pass


class PlainTextField(_Plain, models.TextField):
    pass


class PlainJSONField(_Plain, models.JSONField):
    """JSON that holds what people wrote."""


class PlainWords(forms.BaseForm):
    """Mixed into a form whose words go to a verb: what cannot be seen answers no question, and makes nothing longer."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if isinstance(self.data, MultiValueDict):
            self.data = MultiValueDict({name: plain_all(values) for name, values in self.data.lists()})
        else:  # answers that were kept
            self.data = plain_all(self.data)
