"""What BOPS v2's lists may be asked, for the public and for systems with a token."""

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet
from django.utils import timezone
from ninja import Schema
from pydantic import BeforeValidator, Field, WithJsonSchema

from cases.application.search import LONGEST_SEARCH, find
from cases.models import Appeal, PlanningApplication, PreviousReference, reference_key
from cases.statuses import REFUSALS, Decision, Status

from .legacy import GRANTED, IN_ASSESSMENT, REFUSED, decision_word
from .paging import USUAL_PAGE, counted

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _day(text: Any) -> date | None:
    """A day as 2026-06-01 and in no other way; what is left empty asks nothing."""
    if text == "":
        return None
    if not isinstance(text, str) or not _DAY.fullmatch(text):
        raise ValueError("should be a day, as 2026-06-01")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("should be a day that there is") from None


Day = Annotated[
    date | None,
    BeforeValidator(_day),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "maxLength": 0}]}),
]
Text = Annotated[str, Field(max_length=LONGEST_SEARCH)]
Several = Annotated[list[str], Field(max_length=50)]
NONE_OF = "Several with commas between them, or the parameter again."


class PageAsked(Schema):
    page: int = Field(1, ge=0, description="From 1. Beyond the last page, the last; 0 is the first.")
    resultsPerPage: int = Field(USUAL_PAGE, ge=0, description="50 at most, whatever is asked.")
    maxresults: int | None = Field(None, ge=0, description="Another name of resultsPerPage.")

    @property
    def length(self) -> int:
        return self.resultsPerPage if self.maxresults is None else self.maxresults


class Asked(PageAsked):
    q: Text = Field("", description="Reference, address, postcode or words.")
    query: Text = Field("", description="Another name of q.")
    reference: Text = Field("", description="Part of a reference; punctuation does not count.")
    alternativeReference: Text = Field("", description="A reference that the application had before.")
    description: Text = Field("", description="Words of the proposal.")
    applicationType: Several = Field([], description=f"Codes, as pp.full.householder. {NONE_OF}")
    applicationStatus: Several = Field(
        [], description=f"In the words of the answers' `status`; unknown words find nothing. {NONE_OF}"
    )
    councilDecision: Several = Field([], description=f"granted, refused or not_required. {NONE_OF}")
    receivedAtFrom: Day = None
    receivedAtTo: Day = None
    validatedAtFrom: Day = None
    validatedAtTo: Day = None
    publishedAtFrom: Day = None
    publishedAtTo: Day = None
    consultationEndDateFrom: Day = None
    consultationEndDateTo: Day = None
    councilDecisionDateFrom: Day = None
    councilDecisionDateTo: Day = None
    sortBy: Literal["receivedAt", "publishedAt", "validatedAt", "consultationEndDate", "councilDecisionDate"] = Field(
        "receivedAt",
        description=(
            "Applications without the date are left out. publishedAt sorts by the day from which the application was "
            "valid: it is published from then on. With a token, receivedAt is the order in which cases came here, and "
            "the others leave out what is not on the register."
        ),
    )
    orderBy: Literal["asc", "desc"] = "desc"

    @property
    def narrows(self) -> bool:
        return bool(set(self.model_fields_set) - {"page", "resultsPerPage", "maxresults", "sortBy", "orderBy"})


USUAL_SORT = "receivedAt"
# Each has an index that ends in the key.
COLUMNS = {
    "receivedAt": "received_on",
    "publishedAt": "valid_from",
    "validatedAt": "valid_from",
    "consultationEndDate": "consultation_ends_on",
    "councilDecisionDate": "decided_on",
}
RANGES = {**COLUMNS, "publishedAt": "published_at"}


def asked_for(
    applications: QuerySet[PlanningApplication], asked: Asked, *, is_for_the_public: bool
) -> tuple[QuerySet[PlanningApplication], int]:
    """Those of `applications` that fit, in the order asked for, and how many; MOST_COUNTED + 1 where more."""
    found = find(applications, asked.q or asked.query)
    conditions = _conditions(asked, is_for_the_public=is_for_the_public)
    order = (asked.sortBy, "" if asked.orderBy == "asc" else "-")
    conditions += _that_can_be_sorted(asked.sortBy, is_for_the_public=is_for_the_public)
    rows = found.applications.filter(*conditions).order_by(*_order(*order, is_for_the_public=is_for_the_public))
    if found.number is not None and not conditions:
        return rows, found.number
    return rows, counted(found.countable.filter(*conditions))


def _conditions(asked: Asked, *, is_for_the_public: bool) -> list[Q]:
    conditions = []
    if asked.reference.strip():
        key = reference_key(asked.reference) or "-"  # "-" is in no key
        # The index of pieces knows three letters: fewer are a beginning, as a range.
        begun = Q(reference_key__gte=key, reference_key__lte=f"{key}ZZZ")
        conditions.append(Q(reference_key__contains=key) if len(key) >= 3 else begun)
    if asked.alternativeReference.strip():
        earlier = PreviousReference.objects.filter(reference_key=reference_key(asked.alternativeReference))
        conditions.append(Q(pk__in=earlier.values("application_id")))
    if asked.description.strip():
        conditions.append(_described(asked.description))
    if codes := several(asked.applicationType):
        conditions.append(Q(application_type__code__in=codes))
    if words := several(asked.applicationStatus):
        conditions.append(_with_status(words, is_for_the_public=is_for_the_public))
    if words := several(asked.councilDecision):
        conditions.append(Q(decision__in=_decisions(words)))
    for name, column in RANGES.items():
        for end, lookup in (("From", "gte"), ("To", "lte")):
            if day := getattr(asked, f"{name}{end}", None):
                conditions.append(_at(day, end) if column == "published_at" else Q(**{f"{column}__{lookup}": day}))
    return conditions


def _at(day: date, end: str) -> Q:
    """Published on this day or after, or on it or before, as instants: a cast to a day would be served by no index."""
    if end == "From":
        return Q(published_at__gte=timezone.make_aware(datetime.combine(day, time())))
    if day == date.max:
        return Q(published_at__isnull=False)
    return Q(published_at__lt=timezone.make_aware(datetime.combine(day + timedelta(days=1), time())))


def _that_can_be_sorted(sort: str, *, is_for_the_public: bool) -> list[Q]:
    """The indexes hold what is on the register and has the date."""
    if sort == USUAL_SORT:
        return []
    has_date = Q(**{f"{COLUMNS[sort]}__isnull": False})
    return [has_date] if is_for_the_public else [has_date, Q(is_on_register=True)]


def _order(sort: str, sign: str, *, is_for_the_public: bool) -> list[str]:
    """By the date and then the key. Cases that nobody else sees yet are in no index by date: they come in the order in
    which they came here."""
    if sort == USUAL_SORT and not is_for_the_public:
        return [f"{sign}pk"]
    return [f"{sign}{COLUMNS[sort]}", f"{sign}pk"]


def several(given: list[str]) -> list[str]:
    parts = (part.replace("\0", "").strip() for text in given for part in text.split(","))
    return list(dict.fromkeys(part for part in parts if part))


def _described(text: str) -> Q:
    """All of the words, in the description: it has the weight C in the search column."""
    words = re.findall(r"\w+", text)
    said = " & ".join(f"'{word}':C" for word in words)
    return Q(search=SearchQuery(said, search_type="raw", config="english")) if words else Q(pk__in=[])


def _with_status(words: list[str], *, is_for_the_public: bool) -> Q:
    """v2's words, and the labels that the Digital Planning Register shows and sends back."""
    wanted = Q(pk__in=[])
    for word in (text.lower().replace(" ", "_") for text in words):
        wanted |= _one_status(word, is_for_the_public)
    return wanted


def _one_status(word: str, is_for_the_public: bool) -> Q:
    under_assessment = Q(status__in=IN_ASSESSMENT)
    today = timezone.localdate()
    if word == "consultation_in_progress":
        return under_assessment & Q(consultation_ends_on__gte=today)
    if word in {"assessment_in_progress", "in_assessment"}:
        return under_assessment if is_for_the_public or word != "in_assessment" else Q(status=Status.IN_ASSESSMENT)
    if word in _APPEALS:
        return Q(pk__in=Appeal.objects.filter(_APPEALS[word]).values("application_id"))
    if is_for_the_public and word in IN_ASSESSMENT:
        return under_assessment
    return Q(status=word) if word in Status.values else Q(pk__in=[])


_APPEALS = {
    "appeal_lodged": Q(outcome=""),
    "appeal_in_progress": Q(outcome=""),
    "appeal_determined": ~Q(outcome=""),
    "appeal_decided": ~Q(outcome=""),
    "appeal_allowed": Q(outcome=Appeal.Outcome.ALLOWED),
    "appeal_dismissed": Q(outcome=Appeal.Outcome.DISMISSED),
    "appeal_split_decision": Q(outcome=Appeal.Outcome.SPLIT),
    "appeal_withdrawn": Q(outcome=Appeal.Outcome.WITHDRAWN),
}
_DECISIONS = {
    "not_required": {Decision.PA_NOT_REQUIRED},
    "prior_approval_not_required": {Decision.PA_NOT_REQUIRED},
    "prior_approval_required_and_approved": {Decision.PA_APPROVED},
    "prior_approval_required_and_refused": {Decision.PA_REFUSED},
    GRANTED: {decision for decision in Decision if decision_word(decision) == GRANTED},
    REFUSED: set(REFUSALS),
}


def _decisions(words: list[str]) -> set[Decision]:
    keys = (word.lower().replace(" ", "_") for word in words)
    return set().union(*(_DECISIONS.get(key, set()) for key in keys))
