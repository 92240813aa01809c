"""A request in the words that the applicant reads, and where it stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts.dates.reading import in_words
from cases.law import deadlines
from cases.models import PlanningApplication, ValidationRequest
from cases.request_kinds import Asks, rules_of, silence_accepts
from cases.requests.answers.answering import may_answer, what_is_missing, why_closed
from cases.requests.answers.going_on_without import going_on_without
from cases.requests.answers.silence import taken_by_silence
from cases.statuses import Status
from home.register.application import drawing_of
from notices.wording.merge import long_date

from .differences import Difference, difference
from .forms import DISAGREED, WITH_FILES

Kind = ValidationRequest.Kind
Answer = ValidationRequest.Answer
Outcome = ValidationRequest.Outcome

CERTIFICATES = {
    "a": "Certificate A: nobody else owned any of the land",
    "b": "Certificate B: every other owner is known and was given notice",
    "c": "Certificate C: some of the other owners are known and were given notice",
    "d": "Certificate D: none of the other owners is known",
}
AGRICULTURAL = {
    "no": "None of the land is part of an agricultural holding",
    "sole": "Nobody but the applicant is a tenant of the agricultural holding",
    "tenants": "Every tenant of the agricultural holding was given notice",
}
# Why nothing can be sent any more, for each way in which an application ends.
_ENDED = {
    Status.DETERMINED: "The council has decided the application.",
    Status.WITHDRAWN: "The application was withdrawn.",
    Status.RETURNED: "The council has returned the application.",
    Status.CLOSED: "The application is closed.",
}


# What is done without an answer by the last day.
_WITHOUT_ANSWER = {
    Kind.DESCRIPTION: "we take it that you agree",
    Kind.PRE_COMMENCEMENT: "we may set this condition without your agreement",
}
SILENCE_COUNTS_NO_MORE = (
    "Our letter said what we do when you do not answer. That no longer holds, because the application has been "
    "reopened since. Please answer all the same."
)


@dataclass(frozen=True)
class Tag:
    words: str
    colour: str  # of GOV.UK's tags; empty: blue


NOT_ANSWERED = Tag("Not answered", "orange")
NOT_FINISHED = Tag("Not finished", "light-blue")
READY = Tag("Ready to send", "")
SENT = Tag("Sent, with the council", "purple")
ACCEPTED = Tag("Accepted", "green")
NOT_NEEDED = Tag("No longer needed", "grey")
ASKED_AGAIN = Tag("Asked again", "grey")
NOT_ENOUGH = Tag("Not enough", "grey")
NO_ANSWER = Tag("No answer", "grey")


@dataclass(frozen=True)
class Shown:
    """One request on the list, and at the head of its own page."""

    request: ValidationRequest
    tag: Tag
    missing: str  # what the draft lacks before it can be sent; empty: it is ready
    takes_answers: bool
    silence_counts: bool  # whether no answer by the last day is one (cases/requests/answers/silence.py)

    @property
    def number(self) -> int:
        return self.request.number

    @property
    def title(self) -> str:
        return self.request.title

    @property
    def is_settled(self) -> bool:
        return not self.request.is_open

    @property
    def is_ready(self) -> bool:
        return self.takes_answers and not self.missing

    @property
    def is_begun(self) -> bool:
        return bool(self.request.draft_answer) or bool(self.request.answer_files.all())

    @property
    def due_on(self) -> str:
        """Friday 5 June 2026."""
        return in_words(self.request.due_on)

    @property
    def is_overdue(self) -> bool:
        due_on = self.request.due_on
        return self.takes_answers and due_on is not None and due_on < timezone.localdate()

    @property
    def silence(self) -> str:
        """What happens when nobody answers; only where that counts, or where our letter said that it does."""
        if not self.takes_answers or not self.request.due_on or not silence_accepts(self.request):
            return ""
        if not self.silence_counts:
            return SILENCE_COUNTS_NO_MORE
        return f"If you do not answer by {self.due_on}, {_WITHOUT_ANSWER[Kind(self.request.kind)]}."

    @property
    def how(self) -> str:
        """How it was settled, in a sentence."""
        return how_settled(self.request)

    @property
    def answered(self) -> str:
        """What was answered and when, in a sentence; for what has been sent."""
        asked = self.request
        if not asked.answered_at or asked.answer == Answer.SILENCE:
            return ""
        said = {Answer.AGREED: "agreed", Answer.DISAGREED: "did not agree"}.get(Answer(asked.answer), "answered")
        who = asked.answered_name or "You"
        return f"{who} {said} on {long_date(timezone.localdate(asked.answered_at))}."

    @property
    def closed(self) -> str:
        return why_closed(self.request)

    @property
    def is_sent(self) -> bool:
        return bool(self.answered)

    @property
    def takes_files(self) -> bool:
        return rules_of(self.request).asks in WITH_FILES

    @property
    def draft_lines(self) -> list[tuple[str, str]]:
        """(what, answer): what the draft holds, for the page on which answers are checked."""
        return answer_lines(self.request, self.request.draft_answer, draft=True)

    @property
    def draft_files(self) -> list[str]:
        return [file.original_name for file in self.request.answer_files.all()]

    @property
    def draft_plan(self) -> str:
        """The line as it was drawn, as a picture; empty where none was."""
        return drawing_of(self.request.draft_answer.get("boundary"))

    @property
    def sent_files(self) -> list[str]:
        return [document.original_name or document.title for document in self.request.documents.all()]

    @property
    def sent_plan(self) -> str:
        """The line as it was sent, as a picture; empty where none was."""
        return drawing_of(self.request.answer_boundary)

    @property
    def sent_lines(self) -> list[tuple[str, str]]:
        asked = self.request
        sent = {
            "answer": asked.answer,
            "text": asked.answer_text,
            "boundary": asked.answer_boundary,
            "ownership": asked.answer_ownership,
        }
        return answer_lines(asked, sent, draft=False)


def shown(asked: ValidationRequest) -> Shown:
    return all_shown([asked])[0]


def all_shown(requests: Iterable[ValidationRequest]) -> list[Shown]:
    rows = list(requests)
    silent = taken_by_silence(rows)
    return [_shown(asked, silence_counts=asked.pk in silent) for asked in rows]


def _shown(asked: ValidationRequest, *, silence_counts: bool) -> Shown:
    takes_answers = may_answer(asked)
    missing = what_is_missing(asked) if takes_answers else ""
    tag = _tag(asked, takes_answers=takes_answers, missing=missing)
    return Shown(asked, tag, missing, takes_answers, silence_counts)


def _tag(asked: ValidationRequest, *, takes_answers: bool, missing: str) -> Tag:
    if not asked.is_open:
        if asked.kind == Kind.PRE_COMMENCEMENT and asked.answer == Answer.SILENCE:
            return NO_ANSWER  # nobody has agreed, and nothing was accepted
        again = ASKED_AGAIN if _asked_again_at(asked) else NOT_ENOUGH
        by_outcome = {Outcome.ACCEPTED.value: ACCEPTED, Outcome.NOT_ACCEPTED.value: again}
        return by_outcome.get(asked.outcome, NOT_NEEDED)
    if asked.answer:
        return SENT
    if not takes_answers:
        return NOT_NEEDED
    if not missing:
        return READY
    return NOT_FINISHED if asked.draft_answer or asked.answer_files.all() else NOT_ANSWERED


def how_settled(asked: ValidationRequest) -> str:
    if asked.is_open or asked.resolved_at is None:
        return ""
    on = long_date(timezone.localdate(asked.resolved_at))
    if asked.outcome == Outcome.CANCELLED:
        return f"The council withdrew this on {on}. You do not need to do anything."
    if asked.outcome == Outcome.NOT_ACCEPTED:
        if not (again := _asked_again_at(asked)):
            return "The council needs something else, and will write to you about it."
        return f"The council needed something else, and asked again on {long_date(timezone.localdate(again))}."
    if asked.outcome == Outcome.LEFT:
        said = "You did not agree. " if asked.answer == Answer.DISAGREED else ""
        return f"{said}This was settled on {on}: {going_on_without(asked).told}."
    if asked.answer == Answer.SILENCE:
        no_answer = f"There was no answer by {in_words(asked.due_on)}"
        if asked.kind == Kind.PRE_COMMENCEMENT:
            return f"{no_answer}, so the council may set the condition without your agreement."
        return f"{no_answer}, so it counts as agreed from {on}."
    if asked.answer == Answer.AGREED:
        return f"You agreed. It counts from {on}."
    return f"The council accepted the answer on {on}."


def _asked_again_at(asked: ValidationRequest) -> datetime | None:
    """When what follows went out; None before, when an applicant finds nothing to answer yet."""
    return min((row.sent_at for row in asked.followed_by.all() if row.sent_at), default=None)


def why_over(application: PlanningApplication) -> str:
    """Why no answer can be sent any more; empty while answers can be sent."""
    return _ENDED.get(Status(application.status), "")


def received_on(asked: ValidationRequest) -> date:
    """The day on which an answer counts as received: after hours, the next working day."""
    assert asked.answered_at is not None  # noqa: S101 - only asked of what was sent
    closes_at = asked.application.authority.working_day_ends_at
    return deadlines.received_on(asked.answered_at, closes_at=closes_at)


def description_difference(asked: ValidationRequest) -> Difference | None:
    if asked.kind != Kind.DESCRIPTION or not asked.proposed_description:
        return None
    return difference(asked.application.description, asked.proposed_description)


# --- An answer, line by line ----------------------------------------------------------------------------------------


def answer_lines(asked: ValidationRequest, answer: dict[str, Any], *, draft: bool) -> list[tuple[str, str]]:
    lines = []
    if said := _said(asked, answer):
        lines.append(("Answer", said))
    if answer.get("boundary"):
        lines.append(("Red line", "As you drew it" if draft else "As it was drawn"))
    if asked.kind == Kind.OWNERSHIP and answer.get("answer") != DISAGREED:
        lines += certificate_lines(answer.get("ownership") or {})
    if answer.get("text"):
        is_signed = answer.get("answer") == "agreed" or (asked.kind == Kind.OWNERSHIP and answer["answer"] == "replied")
        lines.append(("Declared" if is_signed else "In your words", answer["text"]))
    return lines


def _said(asked: ValidationRequest, answer: dict[str, Any]) -> str:
    if answer.get("answer") == "agreed":
        return "I agree"
    return "I do not agree" if answer.get("answer") == DISAGREED else ""


def certificate_lines(held: dict[str, Any]) -> list[tuple[str, str]]:
    lines = [("Certificate", CERTIFICATES[held["certificate"]])] if held.get("certificate") in CERTIFICATES else []
    lines += [(f"Owner {n}", _notice(row)) for n, row in enumerate(held.get("owners") or [], 1)]
    if held.get("steps_taken"):
        lines.append(("What was done to find the owners", held["steps_taken"]))
    if held.get("newspaper"):
        lines.append(("Published in", ", ".join(filter(None, [held["newspaper"], long_date(held["newspaper_on"])]))))
    if held.get("agricultural") in AGRICULTURAL:
        lines.append(("Agricultural holding", AGRICULTURAL[held["agricultural"]]))
    lines += [(f"Tenant {n}", _notice(row)) for n, row in enumerate(held.get("tenants") or [], 1)]
    return lines


def _notice(row: dict[str, str]) -> str:
    noticed = f"Notice given on {long_date(row['notice_on'])}" if row.get("notice_on") else ""
    return "\n".join(filter(None, [row.get("name", ""), row.get("address", ""), noticed]))


def asks_of(asked: ValidationRequest) -> Asks:
    return rules_of(asked).asks
