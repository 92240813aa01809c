"""What letters say of requests: each with its reason, what to send, by when; and what silence does, where it does."""

from collections.abc import Callable, Iterable

from cases.models import ValidationRequest
from cases.request_kinds import Kind, has_proposal, silence_accepts
from cases.requests.answers.silence import taken_by_silence
from notices.wording.inert import inert
from notices.wording.merge import long_date, merge_text, values_for

Answer = ValidationRequest.Answer
# Merge fields that hold what people outside the council typed.
TYPED_BY_OTHERS = frozenset({"applicant_name", "agent_name", "site_address", "description"})
NOTHING_BY_SILENCE = "Nothing is taken as agreed because we have not heard from you."
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
    # The words may well begin with the applicant's own, and a document's title with the name of their file.
    return f"We suggest: “{inert(row.proposed_description)}”" if row.proposed_description else ""


def _red_line(row: ValidationRequest) -> str:
    return "We suggest another line, which you find on the page below." if has_proposal(row) else ""


def _document(row: ValidationRequest) -> str:
    return f"The document in question: {inert(row.document.title)}" if row.document else ""


def _condition(row: ValidationRequest) -> str:
    """The text and the full reasons, for the condition and for its coming first (SI 2018/566 reg. 2(3))."""
    if row.condition is None:
        return ""
    text, reasons = condition_words(row, typed=inert)
    return f"The condition: {text}\nThe reasons: {' '.join(reasons)}"


def condition_words(row: ValidationRequest, *, typed: Callable[[str], str] = str) -> tuple[str, list[str]]:
    """The text of the request's condition, and its reasons, in the words that the notice would have today.

    `typed` is done to what of it people outside the council typed.
    """
    assert row.condition is not None  # noqa: S101 - asked of requests about a condition
    condition = row.condition
    words = [condition.text.strip(), condition.reason.strip(), condition.pre_commencement_reason.strip()]
    if any("{{" in part for part in words):
        values = values_for(row.application)
        values |= {name: typed(values[name]) for name in TYPED_BY_OTHERS & values.keys()}
        words = [merge_text(part, values) for part in words]
    text, *reasons = words
    return text, [reason for reason in reasons if reason]


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
    """What is done without an answer: said of exactly the requests for which it is so; empty for none.

    Where an earlier letter said it and it is not so any more, that is said too.
    """
    rows = list(requests)
    silent = taken_by_silence(rows)
    named = [row for row in rows if silence_accepts(row) and row.due_on]
    sentences = [f"Number {row.number}: {_without_answer(row, silent)}" for row in named]
    if sentences and len(silent) < len(rows):
        sentences.append(NOT_BY_SILENCE if silent else NOTHING_BY_SILENCE)
    return "\n".join(sentences)


def _without_answer(row: ValidationRequest, silent: frozenset[int]) -> str:
    if row.pk not in silent:
        return "what we wrote of no answer no longer holds, because the application has been reopened since."
    return _WITHOUT_ANSWER[Kind(row.kind)].format(day=long_date(row.due_on))


_WITHOUT_ANSWER = {
    Kind.DESCRIPTION: "if we have not heard from you by {day}, we take it that you agree, and the application is "
    "described in the words that we suggest.",
    Kind.PRE_COMMENCEMENT: "if we have not heard from you by {day}, we may impose the condition without your "
    "agreement (Town and Country Planning (Pre-commencement Conditions) Regulations 2018).",
}
