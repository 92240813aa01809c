"""What letters say of requests: each with its reason, what to send, by when; and what silence does, where it does."""

from collections.abc import Callable, Iterable

from cases.models import ValidationRequest
from cases.requests.kinds import Kind, has_proposal, silence_accepts

from .merge import long_date

Answer = ValidationRequest.Answer
NOT_BY_SILENCE = "Nothing else is taken as agreed because we have not heard from you."


def asked(requests: Iterable[ValidationRequest]) -> str:
    """Each request in full. The applicant may dispute it (DMPO 2015 art. 12), so each must be clear in itself."""
    return "\n\n".join("\n".join(filter(None, _lines(row))) for row in requests)


def _lines(row: ValidationRequest) -> Iterable[str]:
    yield f"{row.number}. {row.title}"
    yield f"This follows our request number {row.follows.number}." if row.follows else ""
    yield row.text.strip()
    if propose := _PROPOSED.get(Kind(row.kind)):
        yield propose(row)
    yield f"What to send: {row.what_to_send.strip()}" if row.what_to_send.strip() else ""
    yield f"Answer by: {long_date(row.due_on)}" if row.due_on else ""


def _description(row: ValidationRequest) -> str:
    return f"We suggest: “{row.proposed_description}”" if row.proposed_description else ""


def _red_line(row: ValidationRequest) -> str:
    return "We suggest another line, which you find on the page below." if has_proposal(row) else ""


def _document(row: ValidationRequest) -> str:
    return f"The document in question: {row.document.title}" if row.document else ""


def _condition(row: ValidationRequest) -> str:
    """The text and the full reasons, for the condition and for its coming first (SI 2018/566 reg. 2(3))."""
    if row.condition is None:
        return ""
    reasons = [row.condition.reason.strip(), row.condition.pre_commencement_reason.strip()]
    return f"The condition: {row.condition.text.strip()}\nThe reasons: {' '.join(filter(None, reasons))}"


def _until(row: ValidationRequest) -> str:
    return f"We ask you to agree that we decide by {long_date(row.proposed_until)}." if row.proposed_until else ""


_PROPOSED: dict[Kind, Callable[[ValidationRequest], str]] = {
    Kind.DESCRIPTION: _description,
    Kind.RED_LINE: _red_line,
    Kind.REPLACEMENT_DOCUMENT: _document,
    Kind.PRE_COMMENCEMENT: _condition,
    Kind.EXTENSION_OF_TIME: _until,
}


def titles(requests: Iterable[ValidationRequest]) -> str:
    return "\n".join(f"{row.number}. {row.title}" for row in requests)


def answers(requests: Iterable[ValidationRequest]) -> str:
    """What was answered, without its words: the applicant reads those on the page."""
    return "\n".join(f"{row.number}. {row.title}: {_answer(row)}" for row in requests)


def _answer(row: ValidationRequest) -> str:
    if row.answer == Answer.REPLIED:
        number = row.documents.count()
        return f"{number} file{'' if number == 1 else 's'} sent" if number else "answered"
    return {Answer.AGREED: "you agreed", Answer.DISAGREED: "you disagreed"}.get(Answer(row.answer), "answered")


def if_no_answer(requests: Iterable[ValidationRequest]) -> str:
    """What is taken as agreed without an answer: said of exactly the requests for which it is so; empty for none."""
    rows = list(requests)
    silent = [row for row in rows if silence_accepts(row) and row.due_on]
    sentences = [
        f"Number {row.number}: {_WITHOUT_ANSWER[Kind(row.kind)].format(day=long_date(row.due_on))}" for row in silent
    ]
    if sentences and len(silent) < len(rows):
        sentences.append(NOT_BY_SILENCE)
    return "\n".join(sentences)


_WITHOUT_ANSWER = {
    Kind.DESCRIPTION: "if we have not heard from you by {day}, we take it that you agree, and the application is "
    "described in the words that we suggest.",
    Kind.PRE_COMMENCEMENT: "if we have not heard from you by {day}, we may impose the condition as if you had agreed "
    "to it (Town and Country Planning (Pre-commencement Conditions) Regulations 2018).",
}
