"""The three lists that a decision rests on: conditions, informatives and reasons for refusal.

Rows come from the libraries or are written for the case; texts keep their merge fields ({{ site_address }}) until the
notice is made. They are the officer's until the case is submitted for sign-off (`can_assess`).
"""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q, QuerySet

from accounts.models import User
from cases.locking import changed_fields, locked_for
from cases.models import (
    Condition,
    Document,
    Informative,
    PlanningApplication,
    Policy,
    RefusalReason,
    StandardCondition,
    StandardInformative,
    StandardReason,
    ValidationRequest,
)
from cases.models.conditions import ConditionType
from cases.permissions import can_assess
from cases.statuses import Decision
from cases.timeline import record

from .considerations import own_policies
from .editing import NOT_NOW, move_among

Row = Condition | Informative | RefusalReason
Standard = StandardCondition | StandardInformative | StandardReason

LIBRARIES: dict[type[Row], type[Standard]] = {
    Condition: StandardCondition,
    Informative: StandardInformative,
    RefusalReason: StandardReason,
}
EVENTS: dict[type[Row], str] = {
    Condition: "conditions_changed",
    Informative: "informatives_changed",
    RefusalReason: "refusal_reasons_changed",
}
# Grants whose notice is lawful or complete only with a time limit and the plans it approves (TCPA 1990 ss. 91, 92).
WITH_TIME_LIMIT = frozenset({Decision.GRANTED, Decision.GRANTED_WITH_CONDITIONS, Decision.SPLIT})

# What the applicant reads and agrees to of a condition that is to be met before work starts.
AGREED_WORDS = frozenset({"text", "reason", "pre_commencement_reason"})


def rows_of(application: PlanningApplication, kind: type[Row]) -> QuerySet:
    """The rows of this kind, in the officer's order."""
    return kind.objects.filter(application=application).order_by("sort_order", "pk")


def library(application: PlanningApplication, kind: type[Row]) -> QuerySet:
    """The standard texts for this application: shared or its council's, in use, of its category or of all."""
    return (
        LIBRARIES[kind]
        .objects.filter(is_active=True)
        .filter(Q(authority=None) | Q(authority_id=application.authority_id))
        .filter(Q(categories=[]) | Q(categories__contains=[application.application_type.category]))
    )


def still_in_library(application: PlanningApplication, kind: type[Row]) -> QuerySet:
    """What of the library is not on the application's list yet."""
    taken = rows_of(application, kind).exclude(standard=None).values("standard")
    return library(application, kind).exclude(pk__in=taken)


@transaction.atomic
def add_from_library(
    application: PlanningApplication, *, kind: type[Row], standards: Iterable[Standard], by: User
) -> list[Row]:
    """Put these standard texts at the end of the list; those that are on it already are passed over.

    Raises ValidationError when one belongs to another council or category, PermissionDenied.
    """
    case = locked_for(application, by=by, may=can_assess, refusal=NOT_NOW)
    wanted = list(standards)
    allowed = set(library(case, kind).values_list("pk", flat=True))
    if any(type(standard) is not LIBRARIES[kind] or standard.pk not in allowed for standard in wanted):
        raise ValidationError("One of the texts is not in the library of this application.")
    taken = set(rows_of(case, kind).values_list("standard_id", flat=True))
    added = [
        _insert(kind(application=case, standard_id=standard.pk, title=standard.title, text=standard.text), standard)
        for standard in wanted
        if standard.pk not in taken
    ]
    if added:
        record(case, EVENTS[kind], by=by, added=[row.title for row in added])
    return added


def _insert(row: Row, standard: Standard) -> Row:
    if isinstance(row, Condition) and isinstance(standard, StandardCondition):
        row.reason, row.type = standard.reason, standard.type
    _append(row)
    if isinstance(row, RefusalReason) and isinstance(standard, StandardReason):
        national = Policy.objects.filter(slug__in=standard.policy_slugs, is_active=True)
        row.policies.set(national.filter(Q(authority=None) | Q(authority_id=row.application.authority_id)))
    return row


def _append(row: Row) -> None:
    last = rows_of(row.application, type(row)).aggregate(last=Max("sort_order"))["last"]
    row.sort_order = 0 if last is None else last + 1
    _save(row)


def _save(row: Row) -> None:
    row.title, row.text = row.title.strip(), row.text.strip()
    row.full_clean(exclude=["application", "standard"], validate_unique=False, validate_constraints=False)
    row.save()


@transaction.atomic
def add_condition(
    application: PlanningApplication,
    *,
    title: str,
    text: str,
    reason: str,
    type: str = ConditionType.COMPLIANCE,
    pre_commencement_reason: str = "",
    agreed_on: date | None = None,
    policies: Iterable[Policy] = (),
    by: User,
) -> Condition:
    """Write a condition of the case's own. Every condition has a reason (DMPO 2015 art. 35(1)(a)).

    Raises ValidationError by field, PermissionDenied.
    """
    case = locked_for(application, by=by, may=can_assess, refusal=NOT_NOW)
    row = Condition(
        application=case,
        title=title,
        text=text,
        reason=reason.strip(),
        type=type,
        pre_commencement_reason=pre_commencement_reason.strip(),
        agreed_on=agreed_on,
    )
    return _add_own(row, policies=policies, by=by)


@transaction.atomic
def add_informative(application: PlanningApplication, *, title: str, text: str, by: User) -> Informative:
    """Write an informative of the case's own. Raises ValidationError by field, PermissionDenied."""
    case = locked_for(application, by=by, may=can_assess, refusal=NOT_NOW)
    return _add_own(Informative(application=case, title=title, text=text), policies=(), by=by)


@transaction.atomic
def add_refusal_reason(
    application: PlanningApplication, *, title: str, text: str, policies: Iterable[Policy] = (), by: User
) -> RefusalReason:
    """Write a reason for refusal. A refusal of permission names its development plan policies (DMPO art. 35(1)(b)).

    Raises ValidationError by field, PermissionDenied.
    """
    case = locked_for(application, by=by, may=can_assess, refusal=NOT_NOW)
    return _add_own(RefusalReason(application=case, title=title, text=text), policies=policies, by=by)


def _add_own(row, *, policies: Iterable[Policy], by: User):
    _check(row)
    _append(row)
    if not isinstance(row, Informative):
        row.policies.set(own_policies(row.application, policies))
    record(row.application, EVENTS[type(row)], by=by, added=[row.title])
    return row


def _check(row: Row) -> None:
    if not isinstance(row, Condition):
        return
    if not row.reason.strip():
        raise ValidationError({"reason": "Every condition needs a reason (DMPO 2015 article 35)."})
    if row.type == ConditionType.PRE_COMMENCEMENT and not row.pre_commencement_reason.strip():
        raise ValidationError(
            {"pre_commencement_reason": "Say why it must be met before work starts (DMPO 2015 article 35)."}
        )


@transaction.atomic
def change_row(row: Row, *, by: User, policies: Iterable[Policy] | None = None, **changes: object) -> Row:
    """Change the words of a condition, informative or reason; `policies` None leaves its policies alone.

    Raises ValidationError by field, PermissionDenied.
    """
    case = locked_for(row.application, by=by, may=can_assess, refusal=NOT_NOW)
    allowed = {"title", "text", "reason", "type", "pre_commencement_reason", "agreed_on"}
    if set(changes) - allowed:
        raise TypeError(f"Not words of a row: {sorted(set(changes) - allowed)}")
    before, after = changed_fields(row, {k: v.strip() if isinstance(v, str) else v for k, v in changes.items()})
    _check(row)
    if isinstance(row, Condition) and AGREED_WORDS & after.keys():
        _lose_agreement(row, before, after)
    if policies is not None:
        chosen = own_policies(case, policies)
        if {policy.pk for policy in chosen} != set(row.policies.values_list("pk", flat=True)):  # type: ignore[union-attr]
            before["policies"] = list(row.policies.values_list("slug", flat=True))  # type: ignore[union-attr]
            after["policies"] = [policy.slug for policy in chosen]
            row.policies.set(chosen)  # type: ignore[union-attr]
    if before:
        _save(row)
        record(case, EVENTS[type(row)], by=by, row=row.pk, title=row.title, before=before, after=after)
    return row


def _lose_agreement(condition: Condition, before: dict[str, object], after: dict[str, object]) -> None:
    """Other words are another condition: what the applicant agreed to is not agreed any more (TCPA 1990 s.100ZA(5)).

    Raises ValidationError while the applicant is being asked about the words as they were.
    """
    asked = condition.requests.filter(sent_at__isnull=False)
    if request := asked.filter(resolved_at=None).first():
        words = f"The applicant is asked about these words in request {request.number}. Withdraw it before you change."
        raise ValidationError(words)
    asked.filter(outcome=ValidationRequest.Outcome.ACCEPTED).update(condition=None)
    if condition.agreed_on and "agreed_on" not in after:
        before["agreed_on"], after["agreed_on"] = condition.agreed_on, None
        condition.agreed_on = None


@transaction.atomic
def move_row(row: Row, *, up: bool, by: User) -> None:
    """Change places with the neighbour above (or below); the numbers on the notice follow. Raises PermissionDenied."""
    case = locked_for(row.application, by=by, may=can_assess, refusal=NOT_NOW)
    if move_among(list(rows_of(case, type(row))), row.pk, up=up):
        record(case, EVENTS[type(row)], by=by, row=row.pk, title=row.title, moved="up" if up else "down")


@transaction.atomic
def remove_row(row: Row, *, by: User) -> None:
    """Take a row off the list; the event keeps its words.

    Raises PermissionDenied; ValidationError while the applicant is asked, or about to be asked, to agree to it.
    """
    case = locked_for(row.application, by=by, may=can_assess, refusal=NOT_NOW)
    if isinstance(row, Condition) and (request := row.requests.filter(resolved_at=None).first()):
        raise ValidationError(f"Request {request.number} asks the applicant about it. Withdraw or take out that first.")
    record(case, EVENTS[type(row)], by=by, removed={"title": row.title, "text": row.text})
    row.delete()


def usual_conditions_missing(application: PlanningApplication, *, decision: str = "") -> list[StandardCondition]:
    """The time limit and approved-plans conditions of the library, where a grant would need them and has none.

    Offered to the officer and never added silently. `decision` empty: as if permission were granted.
    """
    grants = WITH_TIME_LIMIT & set(application.application_type.decision_words)
    if not grants or (decision and decision not in grants):
        return []
    present = set(rows_of(application, Condition).values_list("type", flat=True))
    wanted = [kind for kind in (ConditionType.TIME_LIMIT, ConditionType.APPROVED_PLANS) if kind not in present]
    offered = library(application, Condition).filter(type__in=wanted)
    by_type: dict[str, StandardCondition] = {}
    # The council's own text comes before the shared one; a text for this category before one for all.
    for standard in sorted(offered, key=lambda row: (row.authority_id is None, not row.categories, row.pk)):
        by_type.setdefault(standard.type, standard)
    return [by_type[kind] for kind in wanted if kind in by_type]


def plans_to_choose_from(application: PlanningApplication) -> QuerySet[Document]:
    """The current documents that can be listed on the notice; redacted copies stand behind their originals."""
    return application.documents.current().filter(redacted_from=None).order_by("drawing_number", "title", "pk")


@transaction.atomic
def list_plans(application: PlanningApplication, *, documents: Iterable[Document], by: User) -> list[Document]:
    """List exactly these documents on the notice, as the plans approved or considered. Returns them.

    Raises ValidationError for a document of another case or one that was superseded, PermissionDenied.
    """
    case = locked_for(application, by=by, may=can_assess, refusal=NOT_NOW)
    chosen = {document.pk for document in documents}
    current = list(case.documents.current())
    if chosen - {document.pk for document in current}:
        raise ValidationError("One of the documents is no current document of this application.")
    before = sorted(document.pk for document in case.documents.filter(is_approved_plan=True))
    if before != sorted(chosen):
        case.documents.filter(is_approved_plan=True).exclude(pk__in=chosen).update(is_approved_plan=False)
        case.documents.filter(pk__in=chosen).update(is_approved_plan=True)
        record(case, "plans_listed", by=by, before=before, after=sorted(chosen))
    return list(case.documents.filter(is_approved_plan=True))
