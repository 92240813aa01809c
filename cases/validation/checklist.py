"""What must come with this application, and what of it is there: computed anew each time, never ticked off.

The items are rows (cases/models/requirement.py): the national list, and the council's own list; what_applies.py says
which of them this application needs.

`propose` turns what is missing into drafts of requests with ready words. What stands there in [square brackets] only
the officer knows: cases/requests/blanks.py finds it, and nothing goes out with it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from django.db import transaction

from accounts.models import User
from cases.locking import locked_for
from cases.models import (
    Document,
    InvalidReason,
    PlanningApplication,
    Requirement,
    ValidationRequest,
)
from cases.permissions import can_correct
from cases.request_kinds import KINDS
from cases.requests.answers.going_on_without import going_on_without
from cases.requests.blanks import filled
from cases.requests.raising import draft_request
from cases.wording.figures import exactly, money

from .what_applies import CaseFacts, facts_of, grounds_for

Rule = Requirement.Rule
Kind = ValidationRequest.Kind
Outcome = ValidationRequest.Outcome

NOT_NOW = "You cannot ask the applicant for anything on this application now."
TOO_LITTLE_PAID = "fee-short"  # the ready words for it, in place of those for a fee that never came
# One open request of these at a time, whoever noted it: it is the request of the item.
ONE_AT_A_TIME = frozenset({Kind.RED_LINE, Kind.DESCRIPTION, Kind.OWNERSHIP, Kind.FEE})


class Standing(StrEnum):
    THERE = "there"
    MISSING = "missing"
    LOOK = "look"  # only a person can see whether it is needed, or whether it is enough
    NOT_BINDING = "not_binding"  # of a local list that is too old to insist on


@dataclass(frozen=True)
class Item:
    """One line of the checklist. `words` say why it stands as it does; they hold nothing personal."""

    requirement: Requirement
    standing: Standing
    found: list[Document] = field(default_factory=list)
    words: str = ""
    request: ValidationRequest | None = None  # the open one that asks for it

    @property
    def is_asked(self) -> bool:
        return self.request is not None


def checklist(application: PlanningApplication) -> list[Item]:
    """What this application needs and has, in the order of the list."""
    return _items(facts_of([application])[0])


def missing_counts(applications: Iterable[PlanningApplication]) -> dict[int, int]:
    """Key of the application → how many items are missing. The number of queries does not grow with the list."""
    counted = {}
    for case in facts_of(list(applications)):
        counted[case.application.pk] = sum(item.standing == Standing.MISSING for item in _items(case))
    return counted


@transaction.atomic
def propose(
    application: PlanningApplication, *, by: User, requirements: Collection[Requirement] | None = None
) -> list[ValidationRequest]:
    """Drafts of requests, with ready words, for what is missing and was never asked for.

    With `requirements` only for these; then also for those that a person had to look at. Nothing is sent. What was
    asked and withdrawn, or gone on without, is not proposed again. Raises PermissionDenied.
    """
    locked_for(
        application, by=by, may=can_correct, refusal=NOT_NOW
    )  # two officers at once do not propose the same twice
    case = facts_of([application])[0]
    chosen = None if requirements is None else {requirement.pk for requirement in requirements}
    drafts: list[ValidationRequest] = []
    for item in _items(case):
        if _is_to_ask(item, case, chosen) and not _is_second_of_its_kind(item, drafts):
            drafts.append(draft_request(application, by=by, **_words(item, case)))
    return drafts


# --- The rules -------------------------------------------------------------------------------------------------------


def _items(case: CaseFacts) -> list[Item]:
    return [_item(requirement, case) for requirement in case.requirements]


def _item(requirement: Requirement, case: CaseFacts) -> Item:
    standing, words, found = _RULES[Rule(requirement.rule)](requirement, case)
    request = _open_request(requirement, case)
    settled = _settled_request(requirement, case)
    if standing != Standing.THERE and request is None and settled is not None:
        standing, words = _settled(settled)
    if requirement.authority_id is not None and not case.local_list_binds and standing != Standing.THERE:
        standing = Standing.NOT_BINDING
        words = f"{words} The local list has not been reviewed for two years, so it cannot be insisted on.".strip()
    return Item(requirement=requirement, standing=standing, found=found, words=words, request=request)


_Answer = tuple[Standing, str, list[Document]]


def _document(requirement: Requirement, case: CaseFacts) -> _Answer:
    typed = _typed(requirement, case)
    if found := [row for row in typed if row.pk not in case.doubts]:
        return Standing.THERE, ", ".join(row.title for row in found[:3]) + (" and more" if found[3:] else ""), found
    if not typed:
        return Standing.MISSING, f"None found.{_untyped(case)}", []
    may_come = any(case.doubts[row.pk].may_come for row in typed)
    return Standing.LOOK if may_come else Standing.MISSING, _why_not_there(typed, case), typed


def _typed(requirement: Requirement, case: CaseFacts) -> list[Document]:
    return [row for row in case.documents if set(row.types) & set(requirement.document_types)]


def _why_not_there(documents: list[Document], case: CaseFacts) -> str:
    """What came, and why it does not count: the newest three."""
    return " ".join(case.doubts[row.pk].words for row in documents[:3] if row.pk in case.doubts)


def _untyped(case: CaseFacts) -> str:
    number = sum(not row.types and _may_count(row, case) for row in case.documents)
    if not number:
        return ""
    return " One document has no type yet." if number == 1 else f" {number} documents have no type yet."


def _may_count(row: Document, case: CaseFacts) -> bool:
    return row.pk not in case.doubts or case.doubts[row.pk].may_come


def _red_line(requirement: Requirement, case: CaseFacts) -> _Answer:
    if case.application.boundary:
        return Standing.THERE, "Drawn.", []
    return Standing.MISSING, "No red line came with the application.", []


def _description(requirement: Requirement, case: CaseFacts) -> _Answer:
    if case.application.description.strip():
        return Standing.THERE, "Given. Whether it fits the plans is for you to see.", []
    return Standing.MISSING, "There is no description.", []


def _fee(requirement: Requirement, case: CaseFacts) -> _Answer:
    application = case.application
    due, paid = _due(case), application.fee_paid or Decimal(0)
    if due is None:
        return Standing.LOOK, "What is due is not known: check the fee.", []
    if paid >= due:
        return Standing.THERE, f"{money(paid)} paid." if due else "Nothing is due.", []
    if application.fee_details.get("less_because"):
        return Standing.THERE, f"{money(paid)} of {money(due)} paid, and a reason for less is recorded.", []
    if _is_claimed(application.fee_details):
        return Standing.LOOK, f"{money(paid)} of {money(due)} paid; an exemption or a reduction is claimed.", []
    return Standing.MISSING, f"{money(paid)} of {money(due)} paid.", []


def _due(case: CaseFacts) -> Decimal | None:
    """What was found to be payable, or else the usual fee of the day on which the application was received."""
    payable = case.application.fee_payable
    return case.usual_fee if payable is None else payable


def _is_claimed(details: dict) -> bool:
    """Whether the submission claims to pay less: {"exemption": {"disability": true}}. Which one stays private."""
    claims = [details.get("exemption"), details.get("reduction")]
    return any(value is True for claim in claims if isinstance(claim, dict) for value in claim.values())


def _ownership(requirement: Requirement, case: CaseFacts) -> _Answer:
    certificate = case.application.ownership_certificate
    if certificate:
        return Standing.THERE, f"Certificate {certificate.upper()}.", []
    return Standing.MISSING, "No certificate came with the application.", []


def _applicant(requirement: Requirement, case: CaseFacts) -> _Answer:
    applicant = case.applicant
    named = applicant is not None and bool(applicant.name.strip() or applicant.company.strip())
    lives = applicant is not None and bool(applicant.address.strip())
    if named and lives:
        return Standing.THERE, "Name and address given.", []
    if named:
        return Standing.MISSING, "The applicant's address is missing.", []
    return Standing.MISSING, "The applicant's name is missing." if lives else "Name and address are missing.", []


def _look(requirement: Requirement, case: CaseFacts) -> _Answer:
    found, grounds = _typed(requirement, case), grounds_for(requirement, case)
    site = f"The site: {', '.join(grounds)}." if grounds else ""
    look = "See whether it is needed, and whether it is there."
    return Standing.LOOK, " ".join(filter(None, [site, look, _why_not_there(found, case)])), found


_RULES = {
    Rule.DOCUMENT: _document,
    Rule.RED_LINE: _red_line,
    Rule.DESCRIPTION: _description,
    Rule.FEE: _fee,
    Rule.OWNERSHIP: _ownership,
    Rule.APPLICANT: _applicant,
    Rule.LOOK: _look,
}


# --- What has been asked ---------------------------------------------------------------------------------------------


def _kind(requirement: Requirement) -> str:
    """What kind of request asks for it. Of what only a person can see, the ready words tell."""
    kinds: dict[str, Kind] = {
        Rule.DOCUMENT: Kind.ADDITIONAL_DOCUMENT,
        Rule.RED_LINE: Kind.RED_LINE,
        Rule.DESCRIPTION: Kind.DESCRIPTION,
        Rule.FEE: Kind.FEE,
        Rule.OWNERSHIP: Kind.OWNERSHIP,
        Rule.APPLICANT: Kind.OTHER,
    }
    if requirement.rule in kinds:
        return kinds[requirement.rule]
    asks_for_a_document = requirement.reason is not None and requirement.reason.kind == Kind.ADDITIONAL_DOCUMENT
    return Kind.ADDITIONAL_DOCUMENT if asks_for_a_document else Kind.OTHER


def _asks_for(request: ValidationRequest, requirement: Requirement) -> bool:
    """Noted from the checklist, or by hand for the same thing."""
    if request.requirement_id == requirement.pk:
        return True
    kind = _kind(requirement)
    replaces = request.kind == Kind.REPLACEMENT_DOCUMENT and kind == Kind.ADDITIONAL_DOCUMENT
    if request.requirement_id is not None or (request.kind != kind and not replaces):
        return False
    if request.kind in ONE_AT_A_TIME:
        return True
    return bool(set(request.document_types) & set(requirement.document_types))


def _open_request(requirement: Requirement, case: CaseFacts) -> ValidationRequest | None:
    asked = [row for row in case.requests if row.is_open and _asks_for(row, requirement)]
    return asked[-1] if asked else None


def _settled_request(requirement: Requirement, case: CaseFacts) -> ValidationRequest | None:
    """The last request of this item that was settled; one that was asked again is settled by the one that followed."""
    settled = [
        row
        for row in case.requests
        if row.requirement_id == requirement.pk
        and not row.is_open
        and row.outcome != Outcome.NOT_ACCEPTED
        and not _lost_what_was_sent(row, case)
    ]
    return settled[-1] if settled else None


def _lost_what_was_sent(request: ValidationRequest, case: CaseFacts) -> bool:
    """Files were sent and accepted, and none of them is there any more: found harmful since, for one."""
    sent = [row for row in case.documents if row.answers_id == request.pk]
    return request.outcome == Outcome.ACCEPTED and bool(sent) and all(row.pk in case.doubts for row in sent)


def _settled(request: ValidationRequest) -> tuple[Standing, str]:
    """An accepted answer stands for the thing; what an officer took back is a judgement, and stays one."""
    if request.outcome == Outcome.ACCEPTED:
        return Standing.THERE, f"Settled with request {request.number}."
    if request.outcome == Outcome.LEFT:
        return Standing.LOOK, f"Asked for in request {request.number}. {going_on_without(request).done}."
    return Standing.LOOK, f"Asked for in request {request.number}, which was withdrawn."


# --- Proposing -------------------------------------------------------------------------------------------------------


def _is_to_ask(item: Item, case: CaseFacts, chosen: set[int] | None) -> bool:
    if item.is_asked:
        return False
    if chosen is None:
        return item.standing == Standing.MISSING
    was_settled = _settled_request(item.requirement, case) is not None
    asks = item.standing == Standing.MISSING or (item.standing == Standing.LOOK and not was_settled)
    return item.requirement.pk in chosen and asks


def _is_second_of_its_kind(item: Item, drafts: list[ValidationRequest]) -> bool:
    kind = _kind(item.requirement)
    return kind in ONE_AT_A_TIME and any(draft.kind == kind for draft in drafts)


def _words(item: Item, case: CaseFacts) -> dict:
    """What draft_request wants: the ready words of the item, with all that the case itself tells filled in."""
    requirement, reason = item.requirement, _ready_words(item.requirement, case)
    if reason is not None:
        title, text, what_to_send = reason.title, reason.text, reason.what_to_send
    else:
        title, text = f"{requirement.title} missing", f"It is required by: {requirement.basis}."
        what_to_send = f"Please send: {requirement.title}."
    kind, known = _kind(requirement), _known_words(item, case)
    takes_documents = "document_types" in KINDS[kind].proposes
    return {
        "kind": kind,
        # Of a local list everything has the same ready words: its own name says what is meant.
        "title": requirement.title if requirement.authority_id else title,
        "text": filled(text, known),
        "what_to_send": filled(what_to_send, known),
        "reason": reason,
        "requirement": requirement,
        "document_types": tuple(requirement.document_types) if takes_documents else (),
    }


def _ready_words(requirement: Requirement, case: CaseFacts) -> InvalidReason | None:
    if requirement.rule == Rule.FEE and case.application.fee_paid:
        return InvalidReason.objects.filter(slug=TOO_LITTLE_PAID).first() or requirement.reason
    return requirement.reason


def _known_words(item: Item, case: CaseFacts) -> dict[str, str]:
    """Blank of a ready wording → what the case says there. Other blanks stay, for the officer."""
    known = {"[document]": item.requirement.title}
    if grounds := grounds_for(item.requirement, case):
        known["[a listed building, a conservation area]"] = f"land that is subject to this: {', '.join(grounds)}"
    due = _due(case)
    if due is not None:
        known["[amount]"] = exactly(max(due - (case.application.fee_paid or 0), Decimal(0)), 2)
    return known
