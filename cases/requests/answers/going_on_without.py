"""Giving in: the applicant did not send, or did not agree to, what was asked, and the council goes on all the same.

One verb for every kind (settling.leave_as_it_was), and for each kind the words that say what is really done.
"""

from dataclasses import dataclass

from cases.models import ValidationRequest
from cases.request_kinds import Kind, rules_of

NO_OBSTACLE = "It no longer stands in the way of the application being valid, and no date moves."
NO_DATE = "No date moves."


@dataclass(frozen=True)
class GoingOnWithout:
    """`deed` on the button; `done` how it ended; `told` so to the applicant; `effect` what becomes of the case."""

    deed: str
    done: str
    told: str
    effect: str


_WORDS: dict[Kind, GoingOnWithout] = {
    Kind.ADDITIONAL_DOCUMENT: GoingOnWithout(
        "Go on without it", "We went on without it", "the council goes on without it", "Nothing is added to the case."
    ),
    Kind.REPLACEMENT_DOCUMENT: GoingOnWithout(
        "Keep the document as it is", "The document stays as it was", "the document stays as it was",
        "The document that is there stays the current one.",
    ),
    Kind.DESCRIPTION: GoingOnWithout(
        "Leave the description as it is", "The description stays as it was", "the description stays as it was",
        "The application keeps its words.",
    ),
    Kind.RED_LINE: GoingOnWithout(
        "Leave the red line as it is", "The red line stays as it was", "the red line stays as it was",
        "The application keeps its line.",
    ),
    Kind.FEE: GoingOnWithout(
        "Go on with the fee as paid", "We went on with the fee as paid", "the council goes on with the fee as paid",
        "What was paid stays as it is recorded.",
    ),
    Kind.OWNERSHIP: GoingOnWithout(
        "Go on with the certificate as it is", "We went on with the certificate as it was",
        "the council goes on with the certificate as it was", "The application keeps its certificate, or has none.",
    ),
    Kind.OTHER: GoingOnWithout(
        "Go on without it", "We went on without it", "the council goes on without it", "Nothing changes on the case."
    ),
    Kind.PRE_COMMENCEMENT: GoingOnWithout(
        "Go on without agreement", "There is no agreement to the condition",
        "the council noted that it has no agreement to this condition",
        "The condition may not be imposed as it stands (TCPA 1990 s.100ZA): change it, take it out, or ask again.",
    ),
    Kind.HEADS_OF_TERMS: GoingOnWithout(
        "Go on without the term", "We went on without the term", "the council goes on without this term",
        "Nothing changes on the case.",
    ),
    Kind.EXTENSION_OF_TIME: GoingOnWithout(
        "Go on without more time", "No more time was agreed", "the council goes on without more time",
        "The application stays due when it is due now.",
    ),
}  # fmt: skip


def going_on_without(request: ValidationRequest) -> GoingOnWithout:
    return _WORDS[Kind(request.kind)]


def what_it_does(request: ValidationRequest) -> str:
    """What giving in changes, in sentences: on the case, on the checklist, for validity and dates."""
    sentences = [going_on_without(request).effect]
    if request.requirement_id is not None:
        sentences.append(
            "The checklist keeps the item as one to look at, with the number of this request, and does not propose it "
            "again."
        )
    before_valid = rules_of(request).is_fault and request.application.valid_from is None
    sentences.append(NO_OBSTACLE if before_valid else NO_DATE)
    return " ".join(sentences)
