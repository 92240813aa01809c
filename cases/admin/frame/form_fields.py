"""A form's fields by the class that they were declared with."""

from typing import TypeVar

from django import forms

FieldClass = TypeVar("FieldClass", bound=forms.Field)


def field_of(form: forms.BaseForm, name: str, kind: type[FieldClass]) -> FieldClass:
    """The field of this name, for what only fields of its class have. Raises TypeError if it is of another."""
    field = form.fields[name]
    if not isinstance(field, kind):
        raise TypeError(f"{name} of {type(form).__name__} is no {kind.__name__}")
    return field
