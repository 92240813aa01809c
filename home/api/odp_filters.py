"""What may be asked of the list of applications in the Open Digital Planning API: each filter truly narrows it.

Beside the standard's own filters there are those that the Digital Planning Register sends, in its words: its summary
labels as `applicationStatus`, its quick filters as `dprFilter`.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import QueryDict

from cases.application.search import search_applications
from cases.models import Appeal, ApplicationType, PlanningApplication, PreviousReference, Publicity
from cases.statuses import OPEN, REFUSALS, Decision, Status

from .odp_asking import begin_of, bounded, day_asked, days_between, order_asked, text_asked, values_asked, yes_or_no
from .odp_paging import InTurn, Unreadable
from .odp_words import APPEAL_DECISIONS, GRANTED, GRANTS, PRIOR_APPROVAL_REQUIRED, REFUSED, type_code

ALL, NONE = Q(), Q(pk__in=[])
ENOUGH_PREVIOUS = 100
# sortBy → the column; None: every application has one. Each has an index with the key as the second thing to sort by.
ORDERS: dict[str, str] = {
    "receivedAt": "received_on",
    "councilDecisionDate": "decided_on",
    "consultationEndDate": "consultation_ends_on",
    "validatedAt": "valid_from",
}
NEVER_EMPTY = frozenset({"received_on"})


def applications_asked(
    register: QuerySet[PlanningApplication], asked: QueryDict, *, today: date
) -> tuple[QuerySet[PlanningApplication], bool]:
    """The applications that fit, in no order, and whether anything narrowed them. Raises Unreadable."""
    found = register
    for text in text_asked(asked, "query"):
        found = search_applications(found, text)
    for condition in _conditions(asked, today):
        found = found.filter(condition)
    return found, found is not register


def applications_in_order(found: QuerySet[PlanningApplication], asked: QueryDict) -> InTurn:
    """In the order asked for, newest received first otherwise; what has no such date comes last. Raises Unreadable."""
    by, is_falling = order_asked(asked, ORDERS, otherwise="receivedAt")
    column, sign = ORDERS[by], "-" if is_falling else ""
    if column in NEVER_EMPTY:
        return InTurn((found.order_by(f"{sign}{column}", f"{sign}pk"),))
    dated = found.filter(**{f"{column}__isnull": False}).order_by(f"{sign}{column}", f"{sign}pk")
    undated = found.filter(**{f"{column}__isnull": True}).order_by("-received_on", "-pk")
    return InTurn((dated, undated))


def _conditions(asked: QueryDict, today: date) -> list[Q]:
    """One condition for each thing that was asked."""
    conditions = [_reference(text) for text in text_asked(asked, "reference")]
    conditions += [_description(text) for text in text_asked(asked, "description")]
    for name, meaning in _choices(today).items():
        for values in values_asked(asked, name):
            conditions.append(_any(meaning(value) for value in values))
    if types := values_asked(asked, "applicationType"):
        conditions += _types(types)
    if quick := asked.get("dprFilter", "").strip():
        conditions.append(_quick(quick, today))
    conditions += _claims(asked)
    conditions += _periods(asked)
    return [condition for condition in conditions if condition != ALL]


def _any(conditions) -> Q:
    together = NONE
    for condition in conditions:
        together |= condition
    return together


# --- Text and type ----------------------------------------------------------------------------------------------------


def _reference(text: str) -> Q:
    """Part of a reference, present or previous, punctuation aside."""
    key = re.sub(r"[^A-Z0-9]", "", text.upper())
    if not key:
        return NONE
    if len(key) < 3:  # the index of pieces knows three letters: fewer are a beginning, as a range
        return Q(reference_key__gte=key, reference_key__lte=f"{key}ZZZ")
    previous = PreviousReference.objects.filter(reference_key__contains=key).values_list("application", flat=True)
    # Read beforehand: a subquery inside the OR would keep PostgreSQL from using the indexes.
    return Q(reference_key__contains=key) | Q(pk__in=list(previous[:ENOUGH_PREVIOUS]))


def _description(text: str) -> Q:
    """All of the words, in the description: it has the weight C in the search column."""
    words = re.findall(r"\w+", text)
    if not words:
        return NONE
    asked = " & ".join(f"'{word}':C" for word in words)
    return Q(search=SearchQuery(asked, search_type="raw", config="english"))


def _types(types: list[list[str]]) -> list[Q]:
    keys: dict[str, list[int]] = {}
    for pk, code, others in ApplicationType.objects.values_list("pk", "code", "other_codes"):
        for name in {code, type_code(code), *others}:
            keys.setdefault(name.lower(), []).append(pk)
    return [Q(application_type__in=[pk for code in codes for pk in keys.get(code.lower(), [])]) for codes in types]


# --- Stage, status and decision ---------------------------------------------------------------------------------------


def _has_appeal() -> Q:
    return Q(Exists(Appeal.objects.filter(application=OuterRef("pk"))))


def _shown_appeal(condition: Q) -> Q:
    """The appeal that is shown, the last one lodged, is so."""
    newest = Appeal.objects.filter(application=OuterRef(OuterRef("pk"))).order_by("-lodged_on", "-pk")
    shown = Appeal.objects.filter(application=OuterRef("pk"), pk=Subquery(newest.values("pk")[:1]))
    return Q(Exists(shown.filter(condition)))


def _appeal_outcome(*outcomes: str) -> Q:
    """What the appeal that is shown came to; "" for nothing yet."""
    return _shown_appeal(Q(outcome__in=outcomes))


def _being_consulted(today: date, *, last_day_counts: bool = True) -> Q:
    """Open, and between the first day of its publicity and the last. An older register knows only the end."""
    ways = Publicity.objects.filter(application=OuterRef("pk"))
    begun = Q(Exists(ways.filter(begins_on__lte=today))) | ~Q(Exists(ways))
    end = Q(consultation_ends_on__gte=today) if last_day_counts else Q(consultation_ends_on__gt=today)
    return Q(status__in=OPEN) & end & begun & ~_has_appeal()


def _choices(today: date) -> dict[str, Callable[[str], Q]]:
    """Parameters with values of a small vocabulary; a value outside of it fits nothing."""
    withdrawn, determined = Q(status=Status.WITHDRAWN), Q(status=Status.DETERMINED)
    undetermined = Q(status__in=OPEN)
    appealed = ~withdrawn & _has_appeal()
    stages = {
        "consultation": _being_consulted(today),
        "assessment": withdrawn | (~_has_appeal() & ~_being_consulted(today)),
        "appeal": appealed,
    }
    statuses = {"determined": determined, "withdrawn": withdrawn, "undetermined": undetermined}
    # The Digital Planning Register's labels. Its consultation ends a day early: on the last day it says "Assessment".
    consulting = _being_consulted(today, last_day_counts=False)
    labels = {
        "consultation in progress": consulting,
        "assessment in progress": undetermined & ~_has_appeal() & ~consulting,
        "determined": determined & ~_has_appeal(),
        "withdrawn": withdrawn,
        "appeal lodged": ~withdrawn & _appeal_outcome(""),
        "appeal decided": ~withdrawn & _appeal_outcome(*Appeal.Outcome.values),
    }
    appeals = {theirs.lower(): _appeal_outcome(ours) for ours, theirs in APPEAL_DECISIONS.items()}
    vocabularies: dict[str, dict[str, Q]] = {
        "stage": stages,
        "status": statuses,
        "applicationStatus": labels,
        "councilDecision": _council_decisions(),
        "appealDecision": appeals,
    }
    return {name: _meaning(known) for name, known in vocabularies.items()}


def _meaning(known: dict[str, Q]) -> Callable[[str], Q]:
    return lambda value: known.get(value.lower(), NONE)


def _council_decisions() -> dict[str, Q]:
    def one_of(decisions) -> Q:
        return Q(status=Status.DETERMINED, decision__in=sorted(decisions))

    return {
        GRANTED: one_of(GRANTS),
        REFUSED: one_of(REFUSALS),
        "prior approval required and approved": one_of([Decision.PA_APPROVED]),
        "prior approval not required": one_of([Decision.PA_NOT_REQUIRED]),
        "prior approval required and refused": one_of([Decision.PA_REFUSED]),
    }


def _quick(name: str, today: date) -> Q:
    """The Digital Planning Register's quick filters. A week begins on Monday."""
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    quick = {
        "inConsultation": lambda: _being_consulted(today),
        "publishedThisWeek": lambda: _published(monday, None),
        "publishedThisMonth": lambda: _published(first, None),
        "decidedThisWeek": lambda: Q(decided_on__range=(monday, today)),
        "decidedThisMonth": lambda: Q(decided_on__range=(first, today)),
    }
    if name not in quick:
        raise Unreadable(f"dprFilter must be one of {', '.join(quick)}.")
    return quick[name]()


def _claims(asked: QueryDict) -> list[Q]:
    """has…=true or false, and whether prior approval was required. The standard's dates that we never have are none."""
    is_withdrawn = Q(status=Status.WITHDRAWN)
    required: dict[bool, set[str]] = {is_required: set() for is_required in (True, False)}
    for decision, is_required in PRIOR_APPROVAL_REQUIRED.items():
        required[is_required].add(decision)
    claims = {
        "hasCouncilDecisionDate": Q(status=Status.DETERMINED),
        "hasWithdrawnAt": is_withdrawn,
        "hasAppealLodgedDate": _has_appeal(),
        "hasAppealDecisionDate": _appeal_outcome(*Appeal.Outcome.values),
        "hasAppealValidatedDate": NONE,
        "hasAppealStartedDate": NONE,
    }
    conditions = []
    for name, claim in claims.items():
        wanted = yes_or_no(asked, name)
        if wanted is not None:
            conditions.append(claim if wanted else ~claim)
    wanted = yes_or_no(asked, "priorApprovalRequired")
    if wanted is not None:
        conditions.append(Q(status=Status.DETERMINED, decision__in=sorted(required[wanted])))
    return conditions


# --- Dates ------------------------------------------------------------------------------------------------------------


def _periods(asked: QueryDict) -> list[Q]:
    conditions = [
        days_between(asked, "receivedAt", "received_on"),
        days_between(asked, "validatedAt", "valid_from"),
        days_between(asked, "consultationEndDate", "consultation_ends_on"),
        days_between(asked, "councilDecisionDate", "decided_on"),
        _published(day_asked(asked, "publishedAtFrom"), day_asked(asked, "publishedAtTo")),
    ]
    withdrawn = days_between(asked, "withdrawnAt", "withdrawn_on")
    if withdrawn != ALL:
        conditions.append(withdrawn & Q(status=Status.WITHDRAWN))
    for name, column in (("appealLodgedDate", "lodged_on"), ("appealDecisionDate", "decided_on")):
        within = days_between(asked, name, column)
        if within != ALL:
            conditions.append(_shown_appeal(within))
    for name in ("appealValidatedDate", "appealStartedDate", "appealWithdrawnAt"):
        if days_between(asked, name, name) != ALL:
            conditions.append(NONE)
    return conditions


def _published(first: date | None, last: date | None) -> Q:
    """By the day of publication. What was published since a day was also changed since: that column has an index."""
    within = bounded("published_at", first, last, is_instant=True)
    if first:
        within &= Q(public_changed_at__gte=begin_of(first - timedelta(days=1))) | Q(public_changed_at=None)
    return within
