"""Merge fields of e-mails and letters: those of the notices (merge.py), and what only a letter has to say."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.public_address import public_url
from cases.models import ApplicantLink, Party, PlanningApplication, ValidationRequest
from cases.requests.links import token_of
from cases.statuses import CONDITIONAL, REFUSALS, Decision
from notices.models import IssuedNotice
from notices.wording import merge
from notices.wording.appeal_rights import AppealRight, appeal_right
from notices.wording.inert import inert
from notices.wording.merge import long_date

from . import person_fields, request_words

_FIELD = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
PARTLY_REFUSED = frozenset({Decision.SPLIT, Decision.LDC_GRANTED_PART, Decision.DETAILS_PART})
# What people outside the council typed.
TYPED_BY_OTHERS = frozenset({"recipient_name", *request_words.TYPED_BY_OTHERS})


class Letter(NamedTuple):
    """What one message is made from: the case and the person it goes to."""

    application: PlanningApplication
    to: Party
    requests: Sequence[ValidationRequest] = ()  # that it tells of
    link: ApplicantLink | None = None  # the recipient's own way in to answer


def appeal_advice(letter: Letter) -> str:
    """How to appeal against the decision and by when; empty where there is nothing to appeal against.

    By type and by outcome: a refused householder application has twelve weeks, its conditions six months
    (DMPO 2015 art. 37), a certificate any time (TCPA 1990 s.195).
    """
    case, appeal = letter.application, letter.application.application_type.appeal
    sentences, form_url, is_correction = [], "", _correction(case) is not None
    for ground, what in _grounds(case):
        if right := appeal_right(appeal, ground):
            sentences.append(_sentence(right, what, case, is_correction=is_correction))
            form_url = right.form_url
    if sentences and "section 78" in appeal.get("basis", ""):
        sentences.append("There can be less time where an enforcement notice concerns the same development.")
    if form_url:
        sentences.append(f"Appeal online at {form_url}")
    return " ".join(sentences)


def _grounds(case: PlanningApplication) -> list[tuple[str, str]]:
    decision, grounds = case.decision, []
    if decision in REFUSALS:
        grounds.append(("refusal", "this decision"))
    if decision in PARTLY_REFUSED:
        grounds.append(("part", "what was not granted"))
    if decision in CONDITIONAL | {Decision.SPLIT, Decision.PA_APPROVED} and case.conditions.exists():
        grounds.append(("conditions", "a condition of this decision"))
    return grounds


def _sentence(right: AppealRight, what: str, case: PlanningApplication, *, is_correction: bool) -> str:
    opening = f"If you disagree with {what}, you can appeal to the Secretary of State under the {right.basis}."
    if not right.limit:
        return f"{opening} There is no time limit."
    return f"{opening} {right.within(case.decided_on, 'the notice', is_correction=is_correction)}"


def _correction(case: PlanningApplication) -> IssuedNotice | None:
    """The newest version of its notice, where that corrects an earlier one."""
    return case.issued_notices.filter(version__gt=1).only("version", "issued_on", "correction_reason").first()


def _corrected_on(letter: Letter) -> str:
    correction = _correction(letter.application)
    return long_date(correction.corrected_on) if correction else "(the day of the correction)"


def _what_was_corrected(letter: Letter) -> str:
    correction = _correction(letter.application)
    return correction.correction_reason if correction else "(what was corrected stands here)"


def if_decided_late(letter: Letter) -> str:
    """What the applicant may do when the last day passes without a decision; empty where the law gives nothing.

    DMPO 2015 art. 11 and Schedule 1: the council says by when it must decide, and the right to appeal after that.
    """
    case, kind = letter.application, letter.application.application_type
    if case.expires_on is None:
        return ""
    last_day = long_date(case.expires_on)
    if kind.silence_permits:
        return (
            f"If we have not told you our decision by {last_day}, you may carry out the development as you described "
            "it, as long as it keeps every limit and condition of the General Permitted Development Order."
        )
    basis = kind.appeal.get("basis")
    units = [
        (kind.appeal[f"non_determination_{unit}"], unit)
        for unit in ("days", "weeks", "months")
        if kind.appeal.get(f"non_determination_{unit}")
    ]
    if not basis or not (units or kind.appeal.get("no_limit") or kind.appeal.get("non_determination_no_limit")):
        return ""
    right = (
        f"If we have not told you our decision by {last_day}, and you have not agreed in writing to give us longer, "
        f"you can appeal to the Secretary of State under the {basis}."
    )
    return f"{right} The appeal must be made within {units[0][0]} {units[0][1]} of that day." if units else right


def _applicant_and_agent(letter: Letter) -> str:
    return letter.to.name or letter.to.company or "Applicant"


def _contact(letter: Letter) -> str:
    authority = letter.application.authority
    return "\n".join(part for part in (authority.email, authority.phone) if part)


def _signed_by(letter: Letter) -> str:
    officer = letter.application.officer
    return officer.signed_as if officer else "Planning department"


def answer_link(letter: Letter) -> str:
    """The recipient's own way in. On paper also as a code to be read with a telephone, which GOV.UK Notify draws."""
    if letter.link is None:
        return "(the recipient's own link stands here)"
    url = public_url(letter.application.authority, reverse("applicant_requests", args=[token_of(letter.link)]))
    return url if letter.to.email else f"QR: {url}\n\n{url}"


def _register_link(letter: Letter) -> str:
    case = letter.application
    if not case.application_type.is_publishable:
        return ""
    return f"You can follow the application on the planning register: {register_url(case)}"


def _notice_link(letter: Letter) -> str:
    case = letter.application
    if not case.application_type.is_publishable:
        return ""
    return f"The decision notice is on the planning register, with the officer's report: {register_url(case)}"


OWN: dict[str, tuple[str, Callable[[Letter], str]]] = {
    "recipient_name": ("Name of the person written to", _applicant_and_agent),
    "faults": ("What is asked for: why, what to send and by when", lambda letter: request_words.asked(letter.requests)),
    "requests": ("The same, whether they are faults or not", lambda letter: request_words.asked(letter.requests)),
    "request_titles": ("What is asked for, in few words", lambda letter: request_words.titles(letter.requests)),
    "answers": ("What the applicant answered", lambda letter: request_words.answers(letter.requests)),
    "if_no_answer": (
        "What no answer in time means, where it means anything",
        lambda letter: request_words.if_no_answer(letter.requests),
    ),
    "answer_link": ("The recipient's own link to answer", answer_link),
    "if_decided_late": ("What may be done without a decision in time", if_decided_late),
    "appeal_advice": ("How to appeal against the decision, and by when", appeal_advice),
    "corrected_date": ("Day on which the decision notice was corrected", _corrected_on),
    "correction_reason": ("What was corrected in the decision notice", _what_was_corrected),
    "withdrawn_date": ("Day of withdrawal", lambda letter: long_date(letter.application.withdrawn_on)),
    "register_link": ("Where to follow the application", _register_link),
    "notice_link": ("Where to read the decision notice", _notice_link),
    "authority_contact": ("E-mail and telephone of the planning department", _contact),
    "signed_by": ("The case officer, else the planning department", _signed_by),
}


def choices(slug: str = "") -> dict[str, str]:
    """Every field that the template of this slug may name, with what it stands for.

    Templates to people who are no party have a list each (person_fields.py); all others share one.
    """
    if own := person_fields.fields_of(slug):
        return {name: field.words for name, field in own.items()}
    return {**{name: words for name, (words, _) in OWN.items()}, **{n: f.words for n, f in merge.FIELDS.items()}}


def check(text: str, *, slug: str = "") -> None:
    """Raises ValidationError naming every merge field that is broken or not of the list of this template."""
    if unknown := sorted(set(_FIELD.findall(text)) - choices(slug).keys()):
        raise ValidationError(f"There is no merge field {', '.join(unknown)}.")
    merge.check(_FIELD.sub("", text))  # what is left over may not look like a field


def fill(text: str, letter: Letter) -> str:
    """The text with its fields filled in, as plain text. Only the fields that occur are computed; none is evaluated."""
    return _FIELD.sub(lambda match: _value(match[1], letter), text)


def fill_for_person(text: str, slug: str, values: dict[str, str]) -> str:
    """The text of a template to somebody who is no party, with these values; what the public typed is made inert."""
    known = person_fields.fields_of(slug)

    def value(match: re.Match[str]) -> str:
        field, given = known.get(match[1]), values.get(match[1], "")
        return inert(given) if field and field.is_typed else given

    return _FIELD.sub(value, text)


def _value(name: str, letter: Letter) -> str:
    if name in OWN:
        value = OWN[name][1](letter)
    elif name in merge.FIELDS:
        value = merge.FIELDS[name].value(letter.application)
    else:
        return ""
    return inert(value or "") if name in TYPED_BY_OTHERS else value or ""


def register_url(application: PlanningApplication) -> str:
    return public_url(application.authority, reverse("register_application", args=[application.reference]))
