"""The words with which each decision is taken: by type of application and outcome, each with its citation.

A notice decides by these sentences and no others; nobody types them. `{{ … }}` are merge fields of the case
(notices/wording/merge.py). As in force in England on 1 December 2026.
"""

from dataclasses import dataclass
from enum import StrEnum

from cases.statuses import Decision

TCPA = "Town and Country Planning Act 1990"


class Part(StrEnum):
    """Where on the notice a sentence stands. Each is a block of the notice (notices/wording/blocks.py)."""

    DECISION = "decision"
    CERTIFICATION = "certification"
    GRANTED = "granted_part"
    REFUSED = "refused_part"


@dataclass(frozen=True)
class Operative:
    """The sentences that take a decision, in the order of the notice, and the law that gives the power."""

    sentences: dict[Part, str]
    law: str


@dataclass(frozen=True)
class _Consent:
    """A kind of permission that is granted, refused, or granted for one part and refused for the rest."""

    grants: str
    refuses: str
    object: str
    law: str
    in_part: str = ""  # the part that is granted, where a decision can be split
    rest: str = ""

    def sentences(self, decision: Decision, *, plans: str, conditions: str) -> dict[Part, str] | None:
        if decision in {Decision.GRANTED, Decision.GRANTED_WITH_CONDITIONS}:
            conditions = conditions if decision == Decision.GRANTED_WITH_CONDITIONS else ""
            return {Part.DECISION: f"{COUNCIL} {self.grants} {self.object} {DESCRIBED}{plans}{conditions}."}
        if decision == Decision.REFUSED:
            return {Part.DECISION: f"{COUNCIL} {self.refuses} {self.object} {DESCRIBED}{FOR_REASONS}."}
        if decision == Decision.SPLIT and self.in_part:
            return {
                Part.GRANTED: f"{COUNCIL} {self.grants} {self.in_part} set out here{plans}{conditions}.",
                Part.REFUSED: f"{COUNCIL} {self.refuses} {self.rest}{FOR_REASONS}.",
            }
        return None


COUNCIL = "{{ authority_name }}"
DESCRIBED = "described in this notice"
PLANS = ", in accordance with the application and the plans listed in this notice"
CONDITIONS = ", subject to the conditions in this notice"
FOR_REASONS = ", for the reasons given in it"

_PERMISSION = _Consent(
    "grants planning permission",
    "refuses planning permission",
    "for the development",
    f"{TCPA} s.70(1)",
    "for the part of the development",
    "for the rest of the development described in this notice",
)
_OUTLINE = _Consent(
    "grants outline planning permission",
    "refuses outline planning permission",
    "for the development",
    f"{TCPA} ss.70(1), 92",
    "for the part of the development",
    "for the rest of the development described in this notice",
)
_RETROSPECTIVE = _Consent(
    f"grants planning permission under section 73A of the {TCPA}",
    "refuses planning permission",
    "for the development, already carried out,",
    f"{TCPA} ss.70(1), 73A",
    "for the part of the development, already carried out,",
    "for the rest of the development described in this notice",
)
_TECHNICAL = _Consent(
    "grants planning permission, by consent to the technical details of the permission in principle,",
    "refuses consent to the technical details, and so planning permission,",
    "for the development",
    f"{TCPA} ss.70(1), 70(2ZZC)",
)
_LISTED = _Consent(
    "grants listed building consent",
    "refuses listed building consent",
    "for the works",
    "Planning (Listed Buildings and Conservation Areas) Act 1990 s.16(1)",
)
_ADVERTISEMENT = _Consent(
    "gives consent to display",
    "refuses, in the interests of amenity or public safety, consent to display",
    "the advertisement",
    "Town and Country Planning (Control of Advertisements) (England) Regulations 2007 reg. 14(1)",
    "those of the advertisements",
    "the rest of the advertisements described in this notice",
)
_TREES = _Consent(
    "gives consent to",
    "refuses consent to",
    "the work to trees",
    "Town and Country Planning (Tree Preservation) (England) Regulations 2012 reg. 17(1)",
    "the part of the work to trees",
    "the rest of the work described in this notice",
)
_CONSENTS = {
    "pp.full.householder": _PERMISSION,
    "pp.full.householder.retro": _RETROSPECTIVE,
    "pp.full.minor": _PERMISSION,
    "pp.full.major": _PERMISSION,
    "pp.full.demolition": _PERMISSION,
    "pp.outline.minor.all": _OUTLINE,
    "pp.outline.minor.some": _OUTLINE,
    "pp.outline.major.all": _OUTLINE,
    "pp.outline.major.some": _OUTLINE,
    "pp.full.minor.technicalDetails": _TECHNICAL,
    "pp.full.major.technicalDetails": _TECHNICAL,
    "listed": _LISTED,
    "advertConsent": _ADVERTISEMENT,
    "wtt.consent": _TREES,
}

_WOULD_HAVE_BEEN = (
    f"{COUNCIL} certifies that on {{{{ received_date }}}}, the day of the application, the use or operations described "
    "in the first schedule of this notice, on the land described in its second schedule, would have been lawful within "
    f"the meaning of section 192 of the {TCPA}, for the reason given in this notice."
)
_WAS = (
    f"{COUNCIL} certifies that on {{{{ received_date }}}}, the day of the application, the use, operations or matter "
    "described in the first schedule of this notice, on the land described in its second schedule, was lawful within "
    f"the meaning of {{{{ legislation_section }}}} of the {TCPA}, for the reason given in this notice."
)
_LISTED_WORKS = (
    f"{COUNCIL} certifies that on {{{{ received_date }}}}, the day of the application, the works described in the "
    "first schedule of this notice, to the building described in its second schedule, would have been lawful, because "
    "they would not affect the character of the listed building as a building of special architectural or historic "
    "interest."
)
_CERTIFICATES = {
    "ldc.proposed": (_WOULD_HAVE_BEEN, f"{TCPA} s.192(2)"),
    "ldc.existing": (_WAS, f"{TCPA} s.191(4)"),
    "ldc.breachOfCondition": (_WAS, f"{TCPA} s.191(4)"),
    "ldc.listedBuildingWorks": (
        _LISTED_WORKS,
        "Planning (Listed Buildings and Conservation Areas) Act 1990 s.26H",
    ),
}
_NO_CERTIFICATE = f"{COUNCIL} refuses the application for a certificate, for the reasons given in this notice."
_CERTIFICATE_OF_THE_REST = (
    f"For the rest of what was applied for, or for the description as it was applied for, {COUNCIL} refuses the "
    "certificate, for the reasons given in this notice."
)

_REQUIRED = "Prior approval is required for the development described in this notice"
_PRIOR_APPROVAL = {
    Decision.PA_NOT_REQUIRED: "Prior approval is not required for the development described in this notice.",
    Decision.PA_APPROVED: f"{_REQUIRED}, and is given{{conditions}}.",
    Decision.PA_REFUSED: f"{_REQUIRED}, and is refused{FOR_REASONS}.",
    Decision.PA_NOT_PD: (
        f"The application for prior approval is refused, because the development {DESCRIBED} does not comply with the "
        "limits or conditions of the class, or the council was not given enough information to tell whether it does."
    ),
}
_OF_PERMISSION = "permission {{ parent_reference }}"
_CHANGE, _DETAILS = f"the change {DESCRIBED}", f"the details {DESCRIBED}"
_HEDGEROW = f"The hedgerow {DESCRIBED}"
_OTHERS: dict[tuple[str, Decision], tuple[str, dict[Part, str]]] = {
    ("pp.pip", Decision.PIP_GRANTED): (f"{TCPA} ss.58A, 70(1A)", {
        Part.DECISION: f"{COUNCIL} grants permission in principle for the development {DESCRIBED}, on the land edged "
                       "red on its plan.",
    }),
    ("pp.pip", Decision.PIP_REFUSED): (f"{TCPA} ss.58A, 70(1A)", {
        Part.DECISION: f"{COUNCIL} refuses permission in principle for the development {DESCRIBED}{FOR_REASONS}.",
    }),
    ("wtt.notice", Decision.TREE_NO_OBJECTION): (f"{TCPA} s.211(3)", {
        Part.DECISION: f"{COUNCIL} will not make a tree preservation order. The work {DESCRIBED} may be carried out.",
    }),
    ("wtt.notice", Decision.TREE_TPO_MADE): (f"{TCPA} ss.198, 211", {
        Part.DECISION: f"{COUNCIL} has made a tree preservation order. The work {DESCRIBED} must not be carried out "
                       "without the council's consent.",
    }),
    ("hedgerowRemovalNotice", Decision.NO_OBJECTION): ("Hedgerows Regulations 1997 reg. 5(1)", {
        Part.DECISION: f"{COUNCIL} does not object. {_HEDGEROW} may be removed as proposed.",
    }),
    ("hedgerowRemovalNotice", Decision.REFUSED): ("Hedgerows Regulations 1997 reg. 5(2)", {
        Part.DECISION: f"{COUNCIL} gives notice that the hedgerow {DESCRIBED} is an important hedgerow and must not be "
                       f"removed{FOR_REASONS}.",
    }),
    ("nonMaterialAmendment", Decision.NMA_APPROVED): (f"{TCPA} s.96A", {
        Part.DECISION: f"{COUNCIL} is satisfied that {_CHANGE} is not material, and makes it to {_OF_PERMISSION}.",
    }),
    ("nonMaterialAmendment", Decision.NMA_REFUSED): (f"{TCPA} s.96A", {
        Part.DECISION: f"{COUNCIL} refuses to make {_CHANGE} to {_OF_PERMISSION}{FOR_REASONS}.",
    }),
    ("approval.conditions", Decision.DETAILS_APPROVED): ("DMPO 2015 art. 27", {
        Part.DECISION: f"{COUNCIL} approves {_DETAILS}, submitted under the conditions of {_OF_PERMISSION}.",
    }),
    ("approval.conditions", Decision.DETAILS_PART): ("DMPO 2015 art. 27", {
        Part.GRANTED: f"{COUNCIL} approves those of the details, submitted under the conditions of {_OF_PERMISSION}, "
                      "that are set out here.",
        Part.REFUSED: f"{COUNCIL} refuses to approve the rest of {_DETAILS}{FOR_REASONS}.",
    }),
    ("approval.conditions", Decision.DETAILS_REFUSED): ("DMPO 2015 art. 27", {
        Part.DECISION: f"{COUNCIL} refuses to approve {_DETAILS}, submitted under the conditions of {_OF_PERMISSION}, "
                       "for the reasons given in this notice.",
    }),
    ("preApp", Decision.ADVICE_GIVEN): ("Local Government Act 2003 s.93", {
        Part.DECISION: f"{COUNCIL} gives the advice in this letter. It decides nothing.",
    }),
}  # fmt: skip


def operative(type_code: str, decision: str, *, has_plans: bool, has_conditions: bool) -> Operative | None:
    """How this decision on this type of application is taken; None for a decision that the type cannot have."""
    outcome = Decision(decision)
    conditions = CONDITIONS if has_conditions or outcome == Decision.GRANTED_WITH_CONDITIONS else ""
    if other := _OTHERS.get((type_code, outcome)):
        law, sentences = other
        return Operative(sentences, law)
    if consent := _CONSENTS.get(type_code):
        said = consent.sentences(outcome, plans=PLANS if has_plans else "", conditions=conditions)
        return Operative(said, consent.law) if said else None
    if type_code in _CERTIFICATES:
        return _certificate(*_CERTIFICATES[type_code], outcome)
    if type_code.startswith("pa.") and outcome in _PRIOR_APPROVAL:
        words = _PRIOR_APPROVAL[outcome].replace("{conditions}", conditions)
        return Operative({Part.DECISION: words}, "GPDO 2015 Sch. 2, the conditions of the class")
    return None


def _certificate(certifies: str, law: str, decision: Decision) -> Operative | None:
    sentences: dict[Decision, dict[Part, str]] = {
        Decision.LDC_GRANTED: {Part.CERTIFICATION: certifies},
        Decision.LDC_GRANTED_PART: {Part.CERTIFICATION: certifies, Part.REFUSED: _CERTIFICATE_OF_THE_REST},
        Decision.LDC_REFUSED: {Part.DECISION: _NO_CERTIFICATE},
    }
    return Operative(sentences[decision], law) if decision in sentences else None


# --- What the other words of a notice may say -----------------------------------------------------------------------


class Claim(StrEnum):
    """What a sentence says that the council decides."""

    GRANTS = "grants or approves something"
    REFUSES = "refuses something"
    CERTIFIES = "certifies something"
    NOT_REQUIRED = "says that prior approval is not required"
    REQUIRED = "says that prior approval is required"
    NO_OBJECTION = "says that the work may go ahead"
    OBJECTION = "says that the work must not go ahead"


# That work must not go ahead is what conditions say, too; only an answer without conditions is contradicted by it.
_ANY = frozenset({Claim.OBJECTION})
_GRANT = _ANY | {Claim.GRANTS, Claim.NO_OBJECTION}
_REFUSAL = _ANY | {Claim.REFUSES}
_PART = _GRANT | _REFUSAL
_MAY_CLAIM: dict[Decision, frozenset[Claim]] = {
    Decision.GRANTED: _GRANT,
    Decision.GRANTED_WITH_CONDITIONS: _GRANT,
    Decision.SPLIT: _PART,
    Decision.LDC_GRANTED: _GRANT | {Claim.CERTIFIES},
    Decision.LDC_GRANTED_PART: _PART | {Claim.CERTIFIES},
    Decision.PA_NOT_REQUIRED: _ANY | {Claim.NOT_REQUIRED, Claim.NO_OBJECTION},
    Decision.PA_APPROVED: _GRANT | {Claim.REQUIRED},
    Decision.PA_REFUSED: _REFUSAL | {Claim.REQUIRED},
    Decision.RM_APPROVED: _GRANT,
    Decision.DETAILS_APPROVED: _GRANT,
    Decision.DETAILS_PART: _PART,
    Decision.NMA_APPROVED: _GRANT,
    Decision.TREE_NO_OBJECTION: frozenset({Claim.NO_OBJECTION}),
    Decision.NO_OBJECTION: frozenset({Claim.NO_OBJECTION}),
    Decision.PIP_GRANTED: _GRANT,
    Decision.ADVICE_GIVEN: _ANY,
}


def contradicts(claim: Claim, decision: Decision) -> bool:
    """Whether a sentence that claims this says something else than the decision."""
    return claim not in _MAY_CLAIM.get(decision, _REFUSAL)
