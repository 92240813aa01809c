"""What each kind of request means: how long the applicant has, what may be answered, and what silence does.

Everything else in this package reads this table; nobody asks for a kind by name elsewhere.
"""

from dataclasses import dataclass
from enum import Enum, auto

from cases.models import ValidationRequest

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
    `silence_accepts`: no answer by the last day means yes, once the words were sent.
    `agreement_settles`: the applicant's yes takes effect at once, because the council has said its own yes by asking.
    """

    kind: Kind
    asks: Asks
    respond_in: int | None
    is_fault: bool
    silence_accepts: bool = False
    agreement_settles: bool = False
    before_valid: bool = True
    after_valid: bool = True


# 15 working days is practice (three weeks, then the application may be returned). Ten working days for conditions: the
# Town and Country Planning (Pre-commencement Conditions) Regulations 2018 (SI 2018/566) reg. 2(4), by TCPA s.100ZA(6).
_TABLE = (
    RequestKind(Kind.ADDITIONAL_DOCUMENT, Asks.FILES, respond_in=15, is_fault=True),
    RequestKind(Kind.REPLACEMENT_DOCUMENT, Asks.FILES, respond_in=15, is_fault=True),
    RequestKind(
        Kind.DESCRIPTION, Asks.AGREEMENT, respond_in=5, is_fault=False, silence_accepts=True, agreement_settles=True
    ),
    RequestKind(Kind.RED_LINE, Asks.RED_LINE, respond_in=15, is_fault=True, agreement_settles=True),
    RequestKind(Kind.FEE, Asks.WORDS, respond_in=15, is_fault=True, after_valid=False),
    RequestKind(Kind.OWNERSHIP, Asks.CERTIFICATE, respond_in=15, is_fault=True),
    RequestKind(Kind.OTHER, Asks.WORDS, respond_in=15, is_fault=True),
    RequestKind(
        Kind.PRE_COMMENCEMENT, Asks.AGREEMENT, respond_in=10, is_fault=False, silence_accepts=True,
        agreement_settles=True, before_valid=False,
    ),
    RequestKind(
        Kind.HEADS_OF_TERMS, Asks.AGREEMENT, respond_in=None, is_fault=False, agreement_settles=True,
        before_valid=False,
    ),
    RequestKind(
        Kind.EXTENSION_OF_TIME, Asks.AGREEMENT, respond_in=10, is_fault=False, agreement_settles=True,
        before_valid=False,
    ),
)  # fmt: skip

KINDS: dict[str, RequestKind] = {row.kind.value: row for row in _TABLE}
FAULTS = frozenset(row.kind.value for row in _TABLE if row.is_fault)
SILENCE_ACCEPTS = frozenset(row.kind.value for row in _TABLE if row.silence_accepts)


def rules_of(request: ValidationRequest) -> RequestKind:
    return KINDS[request.kind]
