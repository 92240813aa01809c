"""What each kind of request means: how long the applicant has, what may be answered, and what silence does.

What holds for a kind is read from this table; what one kind alone does stands beside its name.
"""

from dataclasses import dataclass
from enum import Enum, auto

from cases.models import InvalidReason, ValidationRequest

Kind = ValidationRequest.Kind


class Asks(Enum):
    """What the applicant is asked to do."""

    FILES = auto()  # send one or more files, with a few words if they like
    AGREEMENT = auto()  # agree, or disagree and say why
    WORDS = auto()  # answer in words, with files if they like
    RED_LINE = auto()  # agree to the line proposed, or draw another; or send a plan
    CERTIFICATE = auto()  # fill in the ownership certificate, or say why not


@dataclass(frozen=True)
class RequestKind:
    """The rules of one kind.

    `respond_in` working days from the day on which it was sent; None: no day is set.
    `is_fault`: the application cannot be valid without it, so the day on which it arrived counts for `valid_from`.
    `silence_accepts`: no answer by the last day counts, once the words were sent: a description is taken as agreed, a
    condition may be imposed without agreement.
    `agreement_settles`: the applicant's yes takes effect at once, because the council has said its own yes by asking.
    `before_valid`, `after_valid`: whether it is asked (sent) while the application is not valid yet, and once it is.
    `while_decided`: also while it waits for its decision. `permission`: what an officer needs to ask and to settle it.
    `proposes`: the facts of the row that belong to this kind, beside title, text and what to send.
    """

    kind: Kind
    asks: Asks
    respond_in: int | None
    is_fault: bool
    silence_accepts: bool = False
    agreement_settles: bool = False
    before_valid: bool = True
    after_valid: bool = True
    while_decided: bool = False
    permission: str = "validate_application"
    proposes: frozenset[str] = frozenset()


# 15 working days is practice (three weeks, then the application may be returned). Ten working days for conditions: the
# Town and Country Planning (Pre-commencement Conditions) Regulations 2018 (SI 2018/566) reg. 2(4), by TCPA s.100ZA(6).
_TABLE = (
    RequestKind(
        Kind.ADDITIONAL_DOCUMENT, Asks.FILES, respond_in=15, is_fault=True, proposes=frozenset({"document_types"})
    ),
    RequestKind(
        Kind.REPLACEMENT_DOCUMENT, Asks.FILES, respond_in=15, is_fault=True,
        proposes=frozenset({"document", "document_types"}),
    ),
    RequestKind(
        Kind.DESCRIPTION, Asks.AGREEMENT, respond_in=5, is_fault=False, silence_accepts=True, agreement_settles=True,
        proposes=frozenset({"proposed_description"}),
    ),
    RequestKind(
        Kind.RED_LINE, Asks.RED_LINE, respond_in=15, is_fault=True, agreement_settles=True,
        proposes=frozenset({"proposed_boundary"}),
    ),
    RequestKind(Kind.FEE, Asks.WORDS, respond_in=15, is_fault=True, after_valid=False),
    RequestKind(Kind.OWNERSHIP, Asks.CERTIFICATE, respond_in=15, is_fault=True),
    RequestKind(
        Kind.OTHER, Asks.WORDS, respond_in=15, is_fault=True, proposes=frozenset({"document_types"}),
    ),
    RequestKind(
        Kind.PRE_COMMENCEMENT, Asks.AGREEMENT, respond_in=10, is_fault=False, silence_accepts=True,
        agreement_settles=True, before_valid=False, permission="assess_application", proposes=frozenset({"condition"}),
    ),
    RequestKind(
        Kind.HEADS_OF_TERMS, Asks.AGREEMENT, respond_in=None, is_fault=False, agreement_settles=True,
        before_valid=False, permission="assess_application",
    ),
    RequestKind(
        Kind.EXTENSION_OF_TIME, Asks.AGREEMENT, respond_in=10, is_fault=False, agreement_settles=True,
        before_valid=False, while_decided=True, permission="extend_application", proposes=frozenset({"proposed_until"}),
    ),
)  # fmt: skip

KINDS: dict[str, RequestKind] = {row.kind.value: row for row in _TABLE}
FAULTS = frozenset(row.kind.value for row in _TABLE if row.is_fault)
# An application is not called valid while one of these is open: the faults, and the words under which it will stand on
# the register and be publicised, since neighbours would be told of one thing and the decision be about another.
BEFORE_VALIDITY = FAULTS | {Kind.DESCRIPTION.value}
SILENCE_ACCEPTS = frozenset(row.kind.value for row in _TABLE if row.silence_accepts)


def rules_of(request: ValidationRequest) -> RequestKind:
    return KINDS[request.kind]


def has_proposal(request: ValidationRequest) -> bool:
    """Whether there is something to say yes to. Without it the applicant is asked for words or a line of their own."""
    if request.kind == Kind.DESCRIPTION:
        return bool(request.proposed_description)
    if request.kind == Kind.RED_LINE:
        return request.proposed_boundary is not None
    return rules_of(request).asks is Asks.AGREEMENT


def silence_accepts(request: ValidationRequest) -> bool:
    """Whether no answer by the last day counts: a table's word, and there must be something to say yes to.

    Pages and letters ask cases.requests.answers.silence.taken_by_silence, which knows of applications that were
    reopened.
    """
    return rules_of(request).silence_accepts and has_proposal(request)


# What the ready words are about → what is asked for; what is not named here is of the same name, or “other”.
_OF_REASON = {
    "document": Kind.ADDITIONAL_DOCUMENT,
    "evidence": Kind.ADDITIONAL_DOCUMENT,
    "certificate": Kind.OWNERSHIP,
    "owners": Kind.OWNERSHIP,
}


def kind_for(reason: InvalidReason) -> str:
    """The kind of request that asks for what these ready words are about."""
    kind = _OF_REASON.get(reason.kind, reason.kind)
    return Kind(kind if kind in Kind.values else Kind.OTHER).value
