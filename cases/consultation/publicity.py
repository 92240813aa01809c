"""Making the application known, and until when: publicity and its last day.

No decision before the last publicity has ended (DMPO 2015 art. 33).
"""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from cases.law.deadlines import add_working_days, earliest_decision_on, publicity_ends_on
from cases.locking import changed_fields, locked_for, only
from cases.models import PlanningApplication, Publicity
from cases.permissions import can_consult
from cases.timeline import record

# EIA Regulations 2017 (SI 2017/571) reg. 20: 30 days, and no day is passed over.
EIA_PUBLICITY_DAYS = 30
FURTHEST_AHEAD = timedelta(days=183)
NOT_NOW = "Publicity can be recorded from validation until the decision, by an officer of the council."


def usual_publicity_days(application: PlanningApplication) -> int:
    """How long publicity of this application runs when nobody says otherwise, in days."""
    if application.is_eia:
        return EIA_PUBLICITY_DAYS
    return application.application_type.publicity.get("days") or 21


def letters_begin_on(application: PlanningApplication, *, posted_on: date) -> date:
    """The day on which letters posted on `posted_on` count as served: day one of the neighbours' period.

    Interpretation Act 1978 s. 7, with the council's own allowance for the post.
    """
    return add_working_days(posted_on, application.authority.office_posting_days)


def publicity_end(application: PlanningApplication, *, begins_on: date, days: int) -> date:
    """The last day of publicity that begins on `begins_on`; public holidays are passed over where the law says so."""
    skips = application.application_type.skips_bank_holidays and not application.is_eia
    return publicity_ends_on(begins_on, days=days, skip_bank_holidays=skips)


@transaction.atomic
def record_publicity(
    application: PlanningApplication,
    *,
    kind: str,
    begins_on: date,
    days: int | None = None,
    details: str = "",
    by: User,
) -> Publicity:
    """Record one way in which the application is made known. `begins_on` is day one: display, service, publication.

    The day may lie in the past: what was posted yesterday is recorded today. Raises ValidationError by field,
    PermissionDenied. DMPO 2015 art. 15.
    """
    case = locked_for(application, by=by, may=can_consult, refusal=NOT_NOW)
    publicity = Publicity(application=case, kind=kind, begins_on=begins_on, details=details.strip(), by=by)
    publicity.days = usual_publicity_days(case) if days is None else days
    _save_publicity(publicity)
    record(
        case,
        "publicity_recorded",
        by=by,
        publicity=publicity.pk,
        publicity_kind=publicity.kind,
        begins_on=publicity.begins_on,
        ends_on=publicity.ends_on,
        days=publicity.days,
    )
    _set_consultation_end(case, told=application)
    return publicity


@transaction.atomic
def change_publicity(publicity: Publicity, *, by: User, **changes: object) -> Publicity:
    """Put kind, begins_on, days or details right; the last day follows. Raises as `record_publicity`."""
    only(changes, {"kind", "begins_on", "days", "details"})
    case = locked_for(publicity.application, by=by, may=can_consult, refusal=NOT_NOW)
    ended_before = publicity.ends_on
    before, after = changed_fields(publicity, changes)
    if not before:
        return publicity
    publicity.application = case
    _save_publicity(publicity)
    before["ends_on"], after["ends_on"] = ended_before, publicity.ends_on
    record(case, "publicity_changed", by=by, publicity=publicity.pk, before=before, after=after)
    _set_consultation_end(case)
    return publicity


@transaction.atomic
def remove_publicity(publicity: Publicity, *, by: User) -> None:
    """Take out publicity that never happened; the event keeps what had stood there."""
    case = locked_for(publicity.application, by=by, may=can_consult, refusal=NOT_NOW)
    record(
        case,
        "publicity_removed",
        by=by,
        before={
            "kind": publicity.kind,
            "begins_on": publicity.begins_on,
            "days": publicity.days,
            "ends_on": publicity.ends_on,
            "details": publicity.details,
        },
    )
    publicity.delete()
    _set_consultation_end(case)


def _save_publicity(publicity: Publicity) -> None:
    held = publicity.application
    faults = {}
    if publicity.begins_on < held.received_on:
        faults["begins_on"] = f"The application was received only on {held.received_on:%-d %B %Y}."
    elif publicity.begins_on > timezone.localdate() + FURTHEST_AHEAD:
        faults["begins_on"] = "That day is more than six months away. Check the year."
    if not 1 <= publicity.days <= 365:
        faults["days"] = "A period of publicity lasts between 1 and 365 days."
    if publicity.kind not in Publicity.Kind.values:
        faults["kind"] = "Say how the application was made known."
    if faults:
        raise ValidationError(faults)
    publicity.ends_on = publicity_end(held, begins_on=publicity.begins_on, days=publicity.days)
    publicity.save()


def _set_consultation_end(case: PlanningApplication, *, told: PlanningApplication | None = None) -> None:
    case.consultation_ends_on = case.publicity.aggregate(last=Max("ends_on"))["last"]
    case.save(update_fields=["consultation_ends_on", "updated_at"])
    if told is not None:
        told.consultation_ends_on = case.consultation_ends_on


def decision_possible_from(application: PlanningApplication) -> date | None:
    """The first day on which a decision is lawful, or None when there is no publicity to wait for. DMPO art. 33."""
    return earliest_decision_on(application.publicity.values_list("ends_on", flat=True))


def publicity_open(application: PlanningApplication, today: date) -> date | None:
    """The last day of publicity that has not ended on `today`; None when nothing stands in a decision's way.

    Sign-off asks this: until the day after, a decision would be unlawful. DMPO 2015 art. 33.
    """
    first_day = decision_possible_from(application)
    return first_day - timedelta(days=1) if first_day and first_day > today else None


def publicity_still_needed(application: PlanningApplication) -> list[str]:
    """What the law wants for this type of application and nobody has recorded yet, a sentence each.

    DMPO 2015 art. 15; GPDO Schedule 2 paras A.4(5) and W(8). Publication on the register counts as the website.
    """
    rule = application.application_type.publicity
    done = set(application.publicity.values_list("kind", flat=True))
    if application.published_at:
        done.add(Publicity.Kind.WEBSITE)
    words = {
        "site_notice": "site notice",
        "neighbour_letters": "neighbour letters",
        "press": "newspaper notice",
        "website": "publication on the website",
    }
    wanted = [kind for kind in ("site_notice", "neighbour_letters", "press", "website") if rule.get(kind)]
    missing = []
    if rule.get("kind") == "one_of":
        either = [kind for kind in wanted if kind in ("site_notice", "neighbour_letters")]
        if either and not done & set(either):
            named = " or ".join(words[kind] for kind in either)
            missing.append(f"No {named} recorded: one of them is required by law.")
        wanted = [kind for kind in wanted if kind not in either]
    elif rule.get("kind") != "all":
        return []
    return missing + [f"No {words[kind]} recorded: it is required by law." for kind in wanted if kind not in done]
