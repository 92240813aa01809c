"""What the law wants on each kind of notice: `lint` says what is missing or wrong, and which law wants it.

An error keeps the notice from being submitted and from being issued. A warning is for the officer and the manager to
weigh: the law supplies what is missing, or it may be right in this case.
"""

import logging
import re
from collections.abc import Callable, Iterator

from django.utils import timezone

from accounts.plain_text import plain
from cases.consultation.publicity import publicity_open, publicity_still_needed
from cases.models.conditions import ConditionType
from cases.statuses import GRANTS_OF_PLANNING_PERMISSION, Decision, WorkStatus
from notices.models import DecisionNotice
from notices.printing.glyphs import FontsUnknown, name_of, not_drawable
from notices.wording.appeal_rights import appeal_right
from notices.wording.blocks import texts_in
from notices.wording.merge import long_date

from .deciding_words import RULES_OF_THE_DECISION
from .findings import (
    Category,
    Finding,
    Level,
    Subject,
    error,
    subject_of,
    warning,
    words_of,
)
from .rendering import lines_of
from .report import report_html

logger = logging.getLogger(__name__)

IN_PART = frozenset({Decision.SPLIT, Decision.LDC_GRANTED_PART, Decision.DETAILS_PART})
MAY_HAVE_CONDITIONS = frozenset({Decision.GRANTED_WITH_CONDITIONS, Decision.SPLIT, Decision.PA_APPROVED})
# Neither has anything in law to hang a condition on: TCPA ss.191 to 193, 211; and advice decides nothing.
NEVER_CONDITIONED = frozenset({Category.CERTIFICATE, Category.NOTICE, Category.PRE_APPLICATION})
# The order made for the tree is the answer to a section 211 notice; it gives the reasons itself.
NEEDS_NO_REASONS = frozenset({Decision.TREE_TPO_MADE})
AROUND = 40  # characters on each side of one that is shown where it stands


def lint(notice: DecisionNotice) -> list[Finding]:
    """Everything that the law finds wrong with a notice, errors first; empty when it may go out.

    Reads the notice as it stands (body, particulars, decision) and the publicity of its case.
    """
    subject = subject_of(notice)
    findings = [finding for rule in RULES for finding in rule(subject)]
    return sorted(findings, key=lambda finding: finding.level == Level.WARNING)


# --- The decision itself ----------------------------------------------------------------------------------------------


def decision_of_the_type(s: Subject) -> Iterator[Finding]:
    if s.decision not in s.kind.decision_words:
        yield error(f"“{s.decision.label}” is not a decision that “{s.kind}” can have.", s.kind.legislation_title)
    if s.particulars.get("decision") != s.decision:
        yield error("The facts were read for another decision. Draft the notice again.")


def cites_its_act(s: Subject) -> Iterator[Finding]:
    wanted = [s.kind.legislation_title] if s.kind.legislation_title else []
    if s.kind.category in {Category.CERTIFICATE, Category.PRIOR_APPROVAL}:
        wanted.append(s.kind.legislation_section)
    for words in wanted:
        if words and words_of(words) not in words_of(s.text):
            yield error(f"The notice does not name the law under which it is given: {words}.", s.law_of_reasons)
    # Each kind of certificate speaks of its own section; the other one certifies something else.
    other = {"section 191": "section 192", "section 192": "section 191"}.get(s.kind.legislation_section[:11], "")
    if s.kind.category == Category.CERTIFICATE and other and re.search(rf"\b{other}\b", s.text):
        yield error(
            f"The notice names {other}, but this is an application under {s.kind.legislation_section}.", "TCPA 1990"
        )


# --- Conditions -------------------------------------------------------------------------------------------------------


def conditions_fit_the_decision(s: Subject) -> Iterator[Finding]:
    conditions = s.particulars["conditions"]
    if conditions and s.kind.category in NEVER_CONDITIONED and not s.is_refusal:
        yield error(f"“{s.kind}” cannot have conditions. Take them out.", s.kind.legislation_title)
    elif conditions and s.decision == Decision.GRANTED:
        yield error("There are conditions, but the decision is a grant without conditions.", s.law_of_reasons)
    elif s.decision == Decision.GRANTED_WITH_CONDITIONS and not conditions:
        yield error("The decision is subject to conditions, and there are none.", s.law_of_reasons)
    elif conditions and s.decision in MAY_HAVE_CONDITIONS and "conditions" not in s.blocks:
        yield error("The notice has no list of conditions, so those of the case would be lost.", s.law_of_reasons)
    if s.is_refusal and conditions and "conditions" in s.blocks:
        yield error("A refusal has no conditions. Take the list out of the notice.", s.law_of_reasons)


def _standing_conditions(s: Subject) -> list[dict]:
    return s.particulars["conditions"] if s.decision in MAY_HAVE_CONDITIONS else []


def each_condition_has_its_reason(s: Subject) -> Iterator[Finding]:
    law = "DMPO 2015 art. 35(1)(a)" if s.is_permission else s.law_of_reasons
    for condition in _standing_conditions(s):
        name = f"Condition {condition['number']} ({condition['title']})"
        if not condition["reason"].strip():
            yield error(f"{name} has no reason.", law)
        if condition["type"] != ConditionType.PRE_COMMENCEMENT:
            continue
        if s.is_permission and not condition["pre_commencement_reason"].strip():
            yield error(f"{name} does not say why it must be met before work starts.", "DMPO 2015 art. 35(1)(a)")
        if s.is_permission and not (condition["agreed_on"] or condition.get("no_answer_by")):
            yield warning(
                f"{name}: nothing shows that the applicant agreed to it in writing, or let 10 working days pass.",
                "TCPA 1990 s.100ZA(5); SI 2018/566",
            )


# Where a grant says nothing of when work must begin, the law puts the condition in.
_DEEMED_TIME_LIMITS = {
    "listed": "three years: Listed Buildings Act 1990 s.18(2)",
    "advertConsent": "five years: Advertisements Regulations 2007 reg. 14(7)",
    "wtt.consent": "two years: Tree Preservation Regulations 2012 reg. 17(4)",
}


def grant_has_its_time_limit(s: Subject) -> Iterator[Finding]:
    deemed = _DEEMED_TIME_LIMITS.get(s.kind.code, "three years: TCPA 1990 s.91(3)" if s.is_permission else "")
    if not deemed or s.decision not in GRANTS_OF_PLANNING_PERMISSION:
        return
    if s.application.work_status != WorkStatus.PROPOSED:
        return  # what has been done already needs no day to begin by: TCPA s.91(4)
    if not any(row["type"] == ConditionType.TIME_LIMIT for row in s.particulars["conditions"]):
        words, law = deemed.split(": ")
        yield warning(f"No condition says by when work must begin; the law then supplies {words}.", law)


def grant_names_its_plans(s: Subject) -> Iterator[Finding]:
    if s.is_grant and s.decision != Decision.PIP_GRANTED and not s.particulars["plans"]:
        yield warning(
            "No plans are listed. Tick the drawings that the decision is about.", "case law; PPG on conditions"
        )


# --- Reasons for refusal ----------------------------------------------------------------------------------------------


def refusal_has_reasons(s: Subject) -> Iterator[Finding]:
    if s.decision in NEEDS_NO_REASONS or not (s.is_refusal or s.decision in IN_PART):
        return
    reasons = s.particulars["reasons"]
    what = "The refusal" if s.is_refusal else "The part that was not granted"
    if not reasons:
        yield error(f"{what} has no reasons.", s.law_of_reasons)
        return
    if "reasons" not in s.blocks:
        yield error("The notice has no list of reasons, so those of the case would be lost.", s.law_of_reasons)
    yield from _policies(s, reasons)


def _policies(s: Subject, reasons: list[dict]) -> Iterator[Finding]:
    """Planning permission is refused on the development plan; a certificate never on any policy."""
    without = [r for r in reasons if not any(p["is_development_plan"] for p in r["policies"])]
    if s.kind.category == Category.CERTIFICATE and any(r["policies"] for r in reasons):
        yield error("Planning merits play no part in a certificate: take the policies out.", "TCPA 1990 ss.191, 192")
    elif s.is_permission and len(without) == len(reasons):
        yield error("No reason names a policy of the development plan.", "DMPO 2015 art. 35(1)(b)")
    elif s.is_permission:
        for reason in without:
            yield warning(
                f"Reason {reason['number']} ({reason['title']}) names no policy of the development plan.",
                "DMPO 2015 art. 35(1)(b)",
            )


# --- Statements -------------------------------------------------------------------------------------------------------


def grant_has_bng_statement(s: Subject) -> Iterator[Finding]:
    needed = s.kind.needs_bng_statement and s.decision in GRANTS_OF_PLANNING_PERMISSION
    if needed and "bng" not in s.statements:
        yield error(
            "A grant of planning permission must say how biodiversity net gain applies.", "DMPO 2015 art. 35(1)(za)"
        )
    if not needed and "bng" in s.statements:
        yield warning(
            "The biodiversity net gain statement belongs on a grant of planning permission only.", "TCPA 1990 Sch. 7A"
        )


def says_how_the_council_worked(s: Subject) -> Iterator[Finding]:
    if s.is_permission and s.kind.code != "pp.pip" and "proactive" not in s.statements:
        yield error(
            "The notice does not say how the council worked with the applicant to solve problems.",
            "DMPO 2015 art. 35(2)",
        )


# --- Appeals ----------------------------------------------------------------------------------------------------------


def _grounds(s: Subject) -> set[str]:
    """The grounds on which this decision can be appealed, and must say so."""
    grounds = set()
    if s.is_refusal:
        grounds.add("refusal")
    if s.decision in IN_PART:
        grounds.add("part")
    if s.decision in MAY_HAVE_CONDITIONS and s.particulars["conditions"]:
        grounds.add("conditions")
    return {ground for ground in grounds if appeal_right(s.kind.appeal, ground)}


def tells_the_right_of_appeal(s: Subject) -> Iterator[Finding]:
    words = {"refusal": "the refusal", "part": "the part that was not granted", "conditions": "conditions"}
    law = "DMPO 2015 art. 35(1)(d)" if s.is_permission else s.law_of_reasons
    for ground in sorted(_grounds(s) - s.appeals):
        yield error(f"The notice does not tell of the right to appeal against {words[ground]}.", law)
    for ground in sorted(s.appeals):
        if appeal_right(s.kind.appeal, ground) is None:
            yield error(f"The notice tells of an appeal against {words[ground]}, which the law does not give.", law)


_LIMIT = re.compile(r"\b(six|6|twelve|12|eight|8)[\s-]+(months?|weeks?)\b", re.IGNORECASE)
_NUMBERS = {"six": 6, "eight": 8, "twelve": 12}


def tells_the_right_limit(s: Subject) -> Iterator[Finding]:
    """Typed words must not contradict the limit that the appeal block prints from the type."""
    allowed = set()
    for ground in s.appeals:
        if right := appeal_right(s.kind.appeal, ground):
            allowed |= {(number, unit) for unit, number in right.limit.items()}
    typed = " ".join(t for child in s.notice.body if child.block_type == "appeal" for t in texts_in(child))
    for number, unit in _LIMIT.findall(typed):
        found = (_NUMBERS.get(number.lower()) or int(number), unit.lower().rstrip("s") + "s")
        if found not in allowed:
            yield error(
                f"The appeal notes speak of {number} {unit}, which is not the limit here.",
                s.kind.appeal.get("basis", ""),
            )


# --- The frame --------------------------------------------------------------------------------------------------------


def says_who_and_what(s: Subject) -> Iterator[Finding]:
    if s.blocks and "signature" not in s.blocks:
        yield error("The notice has no place for the signature.", "Local Government Act 1972 s.234")
    if not s.application.authority.signatory_name:
        yield warning("The council has not said who signs its notices: the name of who signs off will stand there.")
    for field, words in (
        ("site_address", "the site"),
        ("description", "what was applied for"),
        ("reference", "the reference"),
    ):
        value = s.particulars["values"].get(field, "")
        if not value.strip() or words_of(value) not in words_of(s.text):
            yield error(f"The notice does not name {words}.", s.law_of_reasons)


def nothing_is_left_open(s: Subject) -> Iterator[Finding]:
    for missing in sorted(set(re.findall(r"\[([^\[\]]+): not known\]", s.text))):
        yield error(f"The notice asks for a fact that the case does not have: {missing}.")
    # Standard wordings leave gaps such as [side] for the officer to fill.
    for gap in sorted(set(re.findall(r"\[[a-z][^\[\]]*\]", s.text.replace(": not known]", "")))):
        yield error(f"A gap has not been filled in: {gap}.")


# --- Paper ------------------------------------------------------------------------------------------------------------


def every_character_can_be_drawn(s: Subject) -> Iterator[Finding]:
    """Notice and report are issued as PDF: what no typeface draws would be a box there, for good."""
    report = "\n".join(lines_of(report_html(s.application, for_public=True)))
    try:
        for paper, text in (("notice", s.text), ("report", report)):
            yield from _boxes(paper, text)
    except FontsUnknown as unknown:
        logger.error("%s", unknown)
        yield warning("It could not be checked whether every character can be printed. Look through the PDF.")


def nothing_is_hidden(s: Subject) -> Iterator[Finding]:
    """Facts of the case are plain; what was typed into the notice itself may have skipped the blocks' own checks."""
    for line in s.text.splitlines():
        if plain(line) != line:
            yield error(
                f"A mark that cannot be seen, and may change how words read, stands in “{plain(line)[:80]}”. Delete "
                "these words and type them again."
            )


def _boxes(paper: str, text: str) -> Iterator[Finding]:
    for character in not_drawable(text):
        place = text.index(character)
        around = " ".join(text[max(place - AROUND, 0) : place + AROUND].split())
        yield error(
            f"The {paper} would show an empty box in place of “{character}” ({name_of(character)}): there is no font "
            f"for it. It stands in “{around}”. Write it in other letters, or ask your administrator to install a font."
        )


# --- Time -------------------------------------------------------------------------------------------------------------


def publicity_has_ended(s: Subject) -> Iterator[Finding]:
    if s.notice.is_correction:
        return
    if ends_on := publicity_open(s.application, timezone.localdate()):
        yield error(
            f"Publicity runs until {long_date(ends_on)}; no decision is lawful before it ended.", "DMPO 2015 art. 33"
        )
    for words in publicity_still_needed(s.application):
        yield warning(words, s.kind.publicity.get("basis", "DMPO 2015 art. 15").split(":")[0])


def period_has_not_run_out(s: Subject) -> Iterator[Finding]:
    expires_on = s.application.expires_on
    if s.notice.is_correction or not s.kind.silence_permits or expires_on is None:
        return
    if expires_on < timezone.localdate():
        yield warning(
            f"The period ended on {long_date(expires_on)}: the works may be permitted by now, whatever it says.",
            s.kind.legislation_section,
        )


Rule = Callable[[Subject], Iterator[Finding]]
RULES: tuple[Rule, ...] = (
    decision_of_the_type,
    cites_its_act,
    *RULES_OF_THE_DECISION,
    conditions_fit_the_decision,
    each_condition_has_its_reason,
    grant_has_its_time_limit,
    grant_names_its_plans,
    refusal_has_reasons,
    grant_has_bng_statement,
    says_how_the_council_worked,
    tells_the_right_of_appeal,
    tells_the_right_limit,
    says_who_and_what,
    nothing_is_left_open,
    every_character_can_be_drawn,
    nothing_is_hidden,
    publicity_has_ended,
    period_has_not_run_out,
)
