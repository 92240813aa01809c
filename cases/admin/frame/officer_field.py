"""The question whose case it is to be, of one case or of many."""

from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator

from accounts.models import User
from cases.application.assignment import officers_of

NOBODY = "nobody"


class _WithNobody(ModelChoiceIterator):
    def __iter__(self):
        yield from super().__iter__()
        yield NOBODY, "Nobody: the case will have no officer"

    def __len__(self) -> int:
        return super().__len__() + 1


class OfficerField(forms.ModelChoiceField):
    """Cleans to an officer, or to None for nobody. Nobody is chosen like anybody else: to choose nothing is refused."""

    iterator = _WithNobody

    def __init__(self):
        required = "Choose an officer, or Nobody."
        super().__init__(queryset=None, empty_label="Choose an officer", error_messages={"required": required})

    def of(self, authority_id: int | None) -> None:
        self.queryset = officers_of(authority_id)

    def clean(self, value: Any) -> User | None:
        return None if value == NOBODY else super().clean(value)
