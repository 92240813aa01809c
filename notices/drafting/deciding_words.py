"""A notice says its decision once, in the sentence made from it, and nothing else on it says another.

What officers and templates write beside that sentence is read for what it claims that the council decides
(cases/law/operative.py says which decision may claim what). It is no understanding of English: it finds the words in
which decisions are taken. What a sentence tells of another day or case (“has been refused”) is for people to weigh.
"""

import re
from collections.abc import Iterator

from cases.law.operative import Claim, Part, contradicts, operative
from cases.statuses import REFUSALS, Decision
from notices.wording.blocks import MADE, texts_in

from .findings import CERTIFICATES, Category, Finding, Level, Subject, error, warning, words_of
from .rendering import lines_of

_BLOCKS = {
    Part.DECISION: "Decision",
    Part.CERTIFICATION: "Certification",
    Part.GRANTED: "Part that is granted",
    Part.REFUSED: "Part that is refused",
}


def decides_once(s: Subject) -> Iterator[Finding]:
    """Each sentence that this decision is made of stands on the notice, once, and no other."""
    known = operative(s.kind.code, s.decision, has_plans=False, has_conditions=False)
    wanted = known.sentences if known else {}
    law = known.law if known else s.kind.legislation_title
    for part, label in _BLOCKS.items():
        times = sum(child.block_type == part for child in s.notice.body)
        if part in wanted and not times:
            yield error(f"The notice does not say its decision: the block “{label}” is missing.", law)
        elif times > (part in wanted):
            what = "twice on it" if part in wanted else "on it, which this decision does not have"
            yield error(f"The notice has the block “{label}” {what}. Take it out.", law)
    if Part.GRANTED in wanted:
        for child in s.notice.body:
            if child.block_type == Part.GRANTED and not "".join(lines_of(child.value["text"].source)):
                yield error("The notice does not say which part is granted.", law)


def lists_the_plans_it_names(s: Subject) -> Iterator[Finding]:
    if "plans" not in s.blocks and "plans listed in this notice" in words_of(s.text):
        yield error("The decision names the plans listed in the notice, and it has no list of plans.", s.law_of_reasons)


def certificate_certifies(s: Subject) -> Iterator[Finding]:
    """A certificate certifies, by its schedules; a refusal certifies nothing and says nothing of lawfulness."""
    if s.kind.category != Category.CERTIFICATE:
        return
    if s.decision in CERTIFICATES:
        for kind, words in (
            ("first_schedule", "the first schedule: the use, operations or matter"),
            ("second_schedule", "the second schedule: the land"),
        ):
            if kind not in s.statements:
                yield error(f"The certificate does not hold {words}.", "DMPO 2015 art. 39 and Sch. 8")
        return
    if "first_schedule" in s.statements or re.search(r"\bcertif(y|ies)\b", s.text, re.IGNORECASE):
        yield error("A refusal is a notice and certifies nothing. Take the certifying words out.", "TCPA 1990 s.193")
    if re.search(r"\bunlawful\b|\bnot (be )?lawful\b", s.text, re.IGNORECASE):
        yield error(
            "A refusal does not decide that anything is unlawful: only that lawfulness was not shown.",
            "TCPA 1990 ss.191(4), 192(2)",
        )


def grants_no_other_permission(s: Subject) -> Iterator[Finding]:
    if not s.is_permission and re.search(
        r"planning permission is (hereby )?granted|grants? planning permission", s.text, re.IGNORECASE
    ):
        yield error(
            "The notice grants planning permission, which this type of application cannot have.", "TCPA 1990 s.58"
        )


_OF_A_GRANT = re.compile(
    r"(outline |full |householder )?(planning permission|permission in principle|listed building consent|technical "
    r"details consent|consent (to|for)|certificate of|prior approval)\b",
    re.IGNORECASE,
)


def is_headed_by_its_decision(s: Subject) -> Iterator[Finding]:
    if s.decision not in REFUSALS:
        return
    for child in s.notice.body:
        if child.block_type == "title" and _OF_A_GRANT.match(child.value["title"]):
            yield error(f"The notice of a refusal is headed “{child.value['title']}”, as a grant is.", s.law_of_reasons)


# --- Words beside the sentence that decides ---------------------------------------------------------------------------

_COUNCIL = r"\b(?:the council|this council|(?:local )?planning authority|we)\b"
_THING = (
    r"\b(?:permission|consent|approval|application|amendment|change|certificate|details|development|proposal|works?|"
    r"scheme|extension|request)\b"
)
_NOW = r"(?P<be>is|are|stands|has been|have been)(?P<not> not| no longer)? (?:(?:\w+ly|hereby|also|now|therefore) )*"
_MAYBE_NOT = r"(?P<not>[^.;:]{0,60}? not)? (?:\w+ly |now |also |therefore )*"
_GRANTED = r"(?:granted|approved|given|permitted|allowed|accepted)\b"
_REFUSED = r"(?:refused|rejected|declined|withheld|turned down|dismissed)\b"
_CLAIMS: tuple[tuple[Claim, Claim | None, re.Pattern[str]], ...] = tuple(
    (claim, opposite, re.compile(pattern, re.IGNORECASE))
    for claim, opposite, pattern in (
        (Claim.GRANTS, Claim.REFUSES, rf"{_THING}[^.;:]{{0,80}}?\b{_NOW}{_GRANTED}"),
        (Claim.GRANTS, Claim.REFUSES, rf"^[^.;:]{{0,80}}{_THING}[^.;:]{{0,40}} {_GRANTED}$"),
        (Claim.GRANTS, Claim.REFUSES, r"\bhereby (?:grants?|approves?|permits?|granted|approved|permitted)\b"),
        (
            Claim.GRANTS,
            Claim.REFUSES,
            rf"{_COUNCIL}{_MAYBE_NOT}(?:grants?|approves?|permits?|allows?|"
            r"gives? (?:its |their |our )?(?:consent|approval|permission))\b",
        ),
        (Claim.REFUSES, Claim.GRANTS, rf"{_THING}[^.;:]{{0,80}}?\b{_NOW}{_REFUSED}"),
        (Claim.REFUSES, Claim.GRANTS, rf"^[^.;:]{{0,80}}{_THING}[^.;:]{{0,40}} {_REFUSED}$"),
        (Claim.REFUSES, Claim.GRANTS, r"\bhereby (?:refuses?|rejects?|declines?|refused|rejected|declined)\b"),
        (Claim.REFUSES, None, r"^(?:notice of )?refusal\b"),
        (
            Claim.REFUSES,
            Claim.GRANTS,
            rf"{_COUNCIL}{_MAYBE_NOT}(?:refuses?|rejects?|declines?)\b",
        ),
        (Claim.CERTIFIES, None, rf"(?:{_COUNCIL}|\bhereby) certif(?:y|ies)\b"),
        (
            Claim.REQUIRED,
            Claim.NOT_REQUIRED,
            r"\bprior approval[^.;:]{0,60}? (?:is|was)(?P<not> not)? (?:\w+ly |therefore )*(?:required|needed)\b",
        ),
        (
            Claim.NO_OBJECTION,
            None,
            rf"{_COUNCIL}[^.;:]{{0,40}} (?:not object|no objections?)\b"
            r"|\b(?:you|work|works|development|hedgerow|trees?|advertisement) may (?:now |therefore )?"
            r"(?:go ahead|proceed|begin|start|carry out|remove|display|be (?:carried out|removed|displayed|begun))\b",
        ),
        (
            Claim.OBJECTION,
            None,
            rf"{_COUNCIL} (?:objects?|has made a tree preservation order)\b"
            r"|\bmust not be (?:carried out|removed|felled|displayed)\b",
        ),
    )
)
# What stands under a condition, or tells of what might be, decides nothing.
_SUPPOSED = re.compile(
    r"\b(?:if|where|when|whether|unless|until|once|deemed|would|should|could|might|nothing|no (?:work|development))\b|"
    r"as a rule",
    re.IGNORECASE,
)
_TOLD = frozenset({"has been", "have been"})
_SENTENCES = re.compile(r"(?<=[.!?;])\s+")
_FIELD = re.compile(r"\{\{[^{}]*\}\}")


def other_words_say_the_same(s: Subject) -> Iterator[Finding]:
    said = s.particulars.get("decision_words") or s.decision.label
    seen = set()
    for sentence in _free_sentences(s):
        for claim, level in claims_of(sentence):
            if contradicts(claim, s.decision) and sentence not in seen:
                seen.add(sentence)
                level = Level.WARNING if s.decision == Decision.ADVICE_GIVEN else level
                yield Finding(
                    level,
                    f"“{sentence[:200]}” {claim}, but the decision is “{said}”. Take these words out.",
                    s.law_of_reasons,
                )


def claims_of(sentence: str) -> Iterator[tuple[Claim, Level]]:
    """What a sentence says that the council decides; as a warning where it may tell of another day."""
    for claim, opposite, pattern in _CLAIMS:
        for match in pattern.finditer(sentence):
            groups = match.groupdict()
            if _SUPPOSED.search(sentence[: match.end()]):
                continue
            told = (groups.get("be") or "").lower() in _TOLD
            if found := opposite if groups.get("not") else claim:
                yield found, Level.WARNING if told else Level.ERROR


def _free_sentences(s: Subject) -> Iterator[str]:
    """Every sentence that somebody wrote on this notice: in its blocks, its conditions, reasons and informatives."""
    council = s.application.authority.name
    for text in _free_texts(s):
        plain = _FIELD.sub("…", text.replace("{{ authority_name }}", "The council")).replace(council, "The council")
        for line in lines_of(plain):
            yield from filter(None, _SENTENCES.split(line))


def _free_texts(s: Subject) -> Iterator[str]:
    for child in s.notice.body:
        yield from texts_in(child)
    for kind, fields in (("conditions", ("text", "reason")), ("reasons", ("text",)), ("informatives", ("text",))):
        if kind in s.blocks:
            for row in s.particulars[kind]:
                yield from (row[field] for field in ("title", *fields))


def says_what_was_typed_before(s: Subject) -> Iterator[Finding]:
    """What stood in place of the sentence, in a notice or template older than it, is no longer printed."""
    for child in s.notice.body:
        if child.block_type in MADE and child.value:
            typed = " ".join(lines_of(child.value))
            yield warning(
                f"“{typed}” was typed here before. The sentence is made from the decision now, and these words are not "
                "printed. They go when the words of the notice are saved again."
            )


RULES_OF_THE_DECISION = (
    decides_once,
    lists_the_plans_it_names,
    certificate_certifies,
    grants_no_other_permission,
    is_headed_by_its_decision,
    other_words_say_the_same,
    says_what_was_typed_before,
)
