"""The form that sends answers: which of those that are ready, and whose word they are."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms

from accounts.dates.reading import in_words
from cases.models import ValidationRequest

from .fields import AnswerForm
from .showing import Shown

Kind = ValidationRequest.Kind


def declaration_of(row: Shown) -> str:
    """What the sender signs beside this answer, in a sentence: an agreement in writing, or the certificate; else empty.

    More time is only given by agreement in writing (DMPO 2015 art. 34(2)(c)), a pre-commencement condition needs one
    (TCPA 1990 s.100ZA(5)), and who knowingly gives a false certificate commits an offence (TCPA 1990 s.65(6)).
    """
    asked, answer = row.request, row.request.draft_answer.get("answer")
    if asked.kind == Kind.EXTENSION_OF_TIME and answer == "agreed":
        until = in_words(asked.proposed_until)
        return f"I agree in writing that the council may take until {until} to decide the application."
    if asked.kind == Kind.PRE_COMMENCEMENT and answer == "agreed":
        return f"I agree in writing to the condition of request {row.number}, {row.title}."
    if asked.kind == Kind.OWNERSHIP and answer == "replied":
        return (
            "What I have said about the owners of the land is true. I know that it is an offence to give a certificate "
            "that I know to be false."
        )
    return ""


def to_sign(rows: Iterable[Shown]) -> list[str]:
    return [sentence for row in rows if (sentence := declaration_of(row))]


class SendForm(AnswerForm):
    """`rows` are all requests behind the link; only those that are ready can be chosen. `chosen` when it is valid."""

    name = forms.CharField(
        label="Your full name",
        max_length=200,
        error_messages={"required": "Enter your full name"},
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
        help_text="You sign with it. Say in whose name you act if you are an agent, like Ann Smith for Enid Blyton.",
    )
    declared = forms.BooleanField(label="I declare this and sign it with my name", required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, rows: list[Shown], name: str):
        self.rows, self.held_name = rows, name
        super().__init__(data, initial={"name": name})
        self.ready = [row for row in rows if row.is_ready]
        self.fields["send"] = forms.MultipleChoiceField(
            label="Which answers do you want to send now?",
            choices=[(str(row.number), f"{row.number}. {row.title}") for row in self.ready],
            initial=[str(row.number) for row in self.ready],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Choose at least one answer to send"},
        )
        self.order_fields(["send", "name", "declared"])

    @property
    def chosen(self) -> list[Shown]:
        numbers = self.cleaned_data.get("send", [])
        return [row for row in self.ready if str(row.number) in numbers]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if to_sign(self.chosen) and not given.get("declared"):
            self.add_error("declared", "Tick the box to sign")
        return given

    def numbers_asked_for_are_ready(self) -> bool:
        ready = {str(row.number) for row in self.ready}
        return set(self._asked_for()) <= ready

    @property
    def fingerprint(self) -> str:
        """Of the answers as the page shows them: two people may fill them in, and each signs what they have read."""
        answers = [[row.number, row.request.draft_answer, row.draft_files] for row in self.ready]
        return hashlib.sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()

    def shows_what_was_read(self) -> bool:
        return self.data.get("seen", self.fingerprint) == self.fingerprint

    def was_sent_already(self) -> bool:
        """Everything that was chosen has been sent meanwhile: the button was pressed twice."""
        answered = {str(row.number) for row in self.rows if row.request.answer}
        return bool(self._asked_for()) and set(self._asked_for()) <= answered

    def _asked_for(self) -> Iterator[str] | list[str]:
        return self.data.getlist("send") if hasattr(self.data, "getlist") else []
