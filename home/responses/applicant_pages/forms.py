"""The answer to each kind of request: one form for each thing that the applicant can be asked to do.

`draft()` is what is kept of an answer, complete or not, so that nothing is lost when something is missing; its shape is
that of cases.requests.answers.answering.keep_draft.
"""

from collections.abc import Mapping
from typing import Any

from cases.models import ValidationRequest
from cases.request_kinds import Asks, rules_of

from .certificate import CertificateForm
from .fields import AnswerForm, choice, kept_files, offer, words
from .red_line_text import NoRedLine, as_corners, read_corners

AGREED, DISAGREED, REPLIED = "agreed", "disagreed", "replied"
DRAW, PLAN = "draw", "plan"
LONGEST_CORNERS = 1_000_000  # letters: more than ten thousand corners need

Kind = ValidationRequest.Kind
# What saying yes means, in the words of the button's side.
AGREE = {
    Kind.DESCRIPTION: ("Yes, use the proposed description", "No, I do not agree with these words"),
    Kind.PRE_COMMENCEMENT: ("Yes, I agree to this condition", "No, I do not agree to this condition"),
    Kind.HEADS_OF_TERMS: ("Yes, I agree to these heads of terms", "No, I do not agree to them"),
    Kind.EXTENSION_OF_TIME: ("Yes, I agree to the later day", "No, I do not agree to a later day"),
}


class FilesForm(AnswerForm):
    """Send what is asked, with a few words if they like; or say why it is not needed."""

    template = "home/requests/answers/files.html"
    ways = ("I send what is asked for", "I do not agree that this is needed")

    answer = choice("How do you want to answer?", [], required="Choose how you answer")
    attached = kept_files()
    text = words("Anything that we should know about it (optional)")
    why = words("Why do you not agree?", hint="The council reads it and decides whether it still needs this.")

    def __init__(self, data: Mapping[str, Any] | None = None, *, asked: ValidationRequest):
        self.asked = asked
        draft = asked.draft_answer
        answer = draft.get("answer") or REPLIED
        super().__init__(
            data, initial={"answer": answer, "why" if answer == DISAGREED else "text": draft.get("text", "")}
        )
        offer(self, "answer", zip((REPLIED, DISAGREED), self.ways, strict=True))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("answer") == DISAGREED and not given.get("why") and "why" not in self.errors:
            self.add_error("why", "Say why you do not agree")
        elif given.get("answer") == REPLIED and "text" not in self.errors:
            self._check_reply(given)
        return given

    def _check_reply(self, given: dict[str, Any]) -> None:
        if not self.asked.answer_files.all():
            self.add_error("attached", "Add at least one file")

    def draft(self) -> dict[str, Any]:
        given = self.cleaned_data
        text = given.get("why" if given.get("answer") == DISAGREED else "text", "")
        return {"answer": given.get("answer", ""), "text": text}


class WordsForm(FilesForm):
    """Words, with files if they like; files alone are an answer as well."""

    template = "home/requests/answers/words.html"
    ways = ("I answer, or send something", "I do not agree with what is asked")

    text = words("Your answer")

    def _check_reply(self, given: dict[str, Any]) -> None:
        if not given.get("text") and not self.asked.answer_files.all():
            self.add_error("text", "Enter your answer, or add a file")


class BetterWordsForm(FilesForm):
    """The council has proposed no description of its own."""

    template = "home/requests/answers/better_words.html"
    ways = ("I suggest a description", "I do not agree that other words are needed")

    text = words("How would you describe the proposal?", longest=2_000)

    def _check_reply(self, given: dict[str, Any]) -> None:
        if not given.get("text"):
            self.add_error("text", "Enter a description of the proposal")


class AgreementForm(AnswerForm):
    template = "home/requests/answers/agreement.html"
    answer = choice("Do you agree?", [], required="Choose yes or no")
    text = words("Why do you not agree?", hint="Tell us what you would agree to instead.")

    def __init__(self, data: Mapping[str, Any] | None = None, *, asked: ValidationRequest):
        super().__init__(data, initial=asked.draft_answer)
        offer(self, "answer", zip((AGREED, DISAGREED), AGREE[Kind(asked.kind)], strict=True))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("answer") == DISAGREED and not given.get("text") and "text" not in self.errors:
            self.add_error("text", "Say why you do not agree")
        return given

    def draft(self) -> dict[str, Any]:
        answer = self.cleaned_data.get("answer", "")
        return {"answer": answer, "text": self.cleaned_data.get("text", "") if answer != AGREED else ""}


class RedLineForm(AnswerForm):
    """Agree to the line that is proposed, draw another, send a plan, or say why the line should stay."""

    template = "home/requests/answers/red_line.html"

    corners = words(
        "Corners of the red line",
        longest=LONGEST_CORNERS,
        hint="One corner on each line, in the order in which you would walk around the site: latitude and longitude "
        "like 51.615520, -0.646600, or easting and northing in metres. Leave an empty line before a second area.",
    )
    attached = kept_files()
    text = words("Why should the line stay as it is?")
    how = choice("How do you want to answer?", [], required="Choose how you answer")
    field_order = ("how", "corners", "attached", "text")

    def __init__(self, data: Mapping[str, Any] | None = None, *, asked: ValidationRequest):
        self.asked = asked
        super().__init__(data, initial=self._locked(asked))
        offer(self, "how", self._ways(asked))
        if not asked.application.boundary:
            self.fields["text"].label = "Why is no red line needed?"
        self.boundary: dict[str, Any] | None = None

    @staticmethod
    def _ways(asked: ValidationRequest) -> list[tuple[str, str]]:
        if asked.proposed_boundary:
            return [
                (AGREED, "I agree to the line that the council proposes"),
                (DRAW, "I draw another line here"),
                (PLAN, "I send a plan with the line on it"),
                (DISAGREED, "I do not agree that the line must change"),
            ]
        has_a_line = bool(asked.application.boundary)
        return [
            (DRAW, "I draw the line here"),
            (PLAN, "I send a plan with the line on it"),
            (DISAGREED, f"I do not agree that {'the line must change' if has_a_line else 'a red line is needed'}"),
        ]

    @staticmethod
    def _locked(asked: ValidationRequest) -> dict[str, Any]:
        draft = asked.draft_answer
        answer = draft.get("answer", "")
        how = {AGREED: AGREED, DISAGREED: DISAGREED, REPLIED: PLAN}.get(answer, "")
        if draft.get("boundary"):
            how = DRAW
        first = draft.get("boundary") or asked.proposed_boundary or asked.application.boundary
        return {"how": how, "text": draft.get("text", ""), "corners": as_corners(first)}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("how") == DRAW and "corners" not in self.errors:
            self._read_corners(given.get("corners", ""))
        elif given.get("how") == PLAN and not self.asked.answer_files.all():
            self.add_error("attached", "Add the plan, or choose another way to answer")
        elif given.get("how") == DISAGREED and not given.get("text"):
            self.add_error("text", "Say why the line should stay as it is")
        return given

    def _read_corners(self, text: str) -> None:
        application = self.asked.application
        try:
            self.boundary = read_corners(text, near=(application.longitude, application.latitude))
        except NoRedLine as wrong:
            self.add_error("corners", str(wrong))

    def draft(self) -> dict[str, Any]:
        how = self.cleaned_data.get("how", "")
        answer = {DRAW: REPLIED, PLAN: REPLIED}.get(how, how) if self.is_valid() else ""
        return {
            "answer": answer,
            "text": self.cleaned_data.get("text", "") if how == DISAGREED else "",
            "boundary": self.boundary if how == DRAW else None,
        }


FORMS: dict[Asks, type[AnswerForm]] = {
    Asks.FILES: FilesForm,
    Asks.AGREEMENT: AgreementForm,
    Asks.WORDS: WordsForm,
    Asks.RED_LINE: RedLineForm,
    Asks.CERTIFICATE: CertificateForm,
}
# Which answers files may go with.
WITH_FILES = frozenset({Asks.FILES, Asks.WORDS, Asks.RED_LINE})


def form_for(asked: ValidationRequest) -> type[Any]:
    """The form of a request's answer: called with `asked`, and with what was sent."""
    if asked.kind == Kind.DESCRIPTION and not asked.proposed_description:
        return BetterWordsForm
    return FORMS[rules_of(asked).asks]
