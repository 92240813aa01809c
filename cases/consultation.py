"""Making the application known, and what people answer: publicity, its last day, and comments.

No decision before the last publicity has ended (DMPO 2015 art. 33), and every comment that comes before the decision is
taken into account. What the public reads of a comment is its redacted text, and only when an officer published it.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User

from .deadlines import add_working_days, earliest_decision_on, publicity_ends_on
from .holding import changed_fields, hold
from .models import Comment, PlanningApplication, Publicity
from .permissions import can_consult, can_publish
from .redaction import needs_reading
from .timeline import record

# EIA Regulations 2017 (SI 2017/571) reg. 20: 30 days, and no day is passed over.
EIA_PUBLICITY_DAYS = 30
FURTHEST_AHEAD = timedelta(days=183)
NOT_NOW = "Publicity and comments can be recorded from validation until the decision, by an officer of the council."


# --- Publicity -----------------------------------------------------------------------------------------------------


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
    held = hold(application, by=by, may=can_consult, sorry=NOT_NOW)
    publicity = Publicity(application=held, kind=kind, begins_on=begins_on, details=details.strip(), by=by)
    publicity.days = usual_publicity_days(held) if days is None else days
    _save_publicity(publicity)
    record(
        held, "publicity_recorded", by=by, publicity=publicity.pk, publicity_kind=publicity.kind,
        begins_on=publicity.begins_on, ends_on=publicity.ends_on, days=publicity.days,
    )  # fmt: skip
    _set_consultation_end(held, told=application)
    return publicity


@transaction.atomic
def change_publicity(publicity: Publicity, *, by: User, **changes: object) -> Publicity:
    """Put kind, begins_on, days or details right; the last day follows. Raises as `record_publicity`."""
    _only(changes, {"kind", "begins_on", "days", "details"})
    held = hold(publicity.application, by=by, may=can_consult, sorry=NOT_NOW)
    ended_before = publicity.ends_on
    before, after = changed_fields(publicity, changes)
    if not before:
        return publicity
    publicity.application = held
    _save_publicity(publicity)
    before["ends_on"], after["ends_on"] = ended_before, publicity.ends_on
    record(held, "publicity_changed", by=by, publicity=publicity.pk, before=before, after=after)
    _set_consultation_end(held)
    return publicity


@transaction.atomic
def remove_publicity(publicity: Publicity, *, by: User) -> None:
    """Take out publicity that never happened; the event keeps what had stood there."""
    held = hold(publicity.application, by=by, may=can_consult, sorry=NOT_NOW)
    record(
        held, "publicity_removed", by=by,
        before={
            "kind": publicity.kind, "begins_on": publicity.begins_on, "days": publicity.days,
            "ends_on": publicity.ends_on, "details": publicity.details,
        },
    )  # fmt: skip
    publicity.delete()
    _set_consultation_end(held)


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


def _set_consultation_end(held: PlanningApplication, *, told: PlanningApplication | None = None) -> None:
    held.consultation_ends_on = held.publicity.aggregate(last=Max("ends_on"))["last"]
    held.save(update_fields=["consultation_ends_on", "updated_at"])
    if told is not None:
        told.consultation_ends_on = held.consultation_ends_on


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
        "site_notice": "site notice", "neighbour_letters": "neighbour letters", "press": "newspaper notice",
        "website": "publication on the website",
    }  # fmt: skip
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


# --- Comments ------------------------------------------------------------------------------------------------------


@transaction.atomic
def enter_comment(
    application: PlanningApplication,
    *,
    kind: str = Comment.Kind.PUBLIC,
    name: str,
    text: str,
    sentiment: str,
    received_on: date,
    organisation: str = "",
    address: str = "",
    email: str = "",
    phone: str = "",
    topics: Sequence[str] = (),
    by: User,
) -> Comment:
    """Put a comment that came by letter or e-mail on the file. It is not public until it is published.

    Comments count until the decision, also after the period has ended. Raises ValidationError by field,
    PermissionDenied.
    """
    held = hold(application, by=by, may=can_consult, sorry=NOT_NOW)
    comment = Comment(
        application=held, kind=kind, name=name.strip(), organisation=organisation.strip(), address=address.strip(),
        email=email.strip(), phone=phone.strip(), sentiment=sentiment, topics=list(topics), text=text.strip(),
        received_on=received_on, entered_by=by,
    )  # fmt: skip
    _save_comment(comment)
    # The event names nobody: it outlives the comment.
    record(
        held, "comment_entered", by=by, comment=comment.pk, comment_kind=comment.kind, sentiment=comment.sentiment,
        received_on=comment.received_on,
    )  # fmt: skip
    return comment


@transaction.atomic
def change_comment(comment: Comment, *, by: User, **changes: object) -> Comment:
    """Put right who said it, when, what about, or what was mistyped. A changed text must be redacted anew."""
    _only(changes, {
        "kind", "name", "organisation", "address", "email", "phone", "sentiment", "topics", "text", "received_on",
    })  # fmt: skip
    held = hold(comment.application, by=by, may=can_consult, sorry=NOT_NOW)
    comment.refresh_from_db()  # a colleague may have redacted or published it since it was read
    if "text" in changes and changes["text"] != comment.text and comment.published_at:
        raise ValidationError({"text": "Take the comment off the register before you change its words."})
    before, _ = changed_fields(comment, changes)
    if before:
        if "text" in before:
            comment.redacted_text = ""
        comment.application = held
        _save_comment(comment)
        record(held, "comment_changed", by=by, comment=comment.pk, fields=sorted(before))
    return comment


def _save_comment(comment: Comment) -> None:
    faults = {}
    if comment.received_on > timezone.localdate():
        faults["received_on"] = "The comment cannot have come later than today."
    elif comment.received_on < comment.application.received_on:
        faults["received_on"] = f"The application was received only on {comment.application.received_on:%-d %B %Y}."
    if faults:
        raise ValidationError(faults)
    comment.full_clean(validate_unique=False, exclude=["application", "entered_by", "published_by"])
    comment.save()


@transaction.atomic
def redact_comment(comment: Comment, *, redacted_text: str, by: User) -> Comment:
    """Keep the words in which the comment may be published; the original stays on the file, unchanged.

    Raises ValidationError when nothing is left, PermissionDenied.
    """
    held = hold(comment.application, by=by, may=can_publish, sorry="You cannot redact comments of this application.")
    if not redacted_text.strip():
        raise ValidationError({"redacted_text": "Nothing is left of the comment. Leave it unpublished instead."})
    if redacted_text.strip() != comment.redacted_text:
        comment.redacted_text = redacted_text.strip()
        comment.save(update_fields=["redacted_text"])
        record(held, "comment_redacted", by=by, comment=comment.pk, differs=comment.redacted_text != comment.text)
    return comment


@transaction.atomic
def publish_comments(comments: Iterable[Comment], *, by: User) -> list[Comment]:
    """Publish these comments in their redacted text; returns those that are newly on the register.

    One that nobody has redacted goes out as it is when nothing in it looks personal; otherwise it is left for somebody
    to read. Raises PermissionDenied when one of them belongs to a case whose comments this user may not publish.
    """
    published: list[Comment] = []
    for application, of_one in _by_application(comments):
        held = hold(application, by=by, may=can_publish, sorry="You cannot publish comments of this application.")
        newly = [c for c in of_one if c.published_at is None and (c.redacted_text or not needs_reading(c.text))]
        for comment in newly:
            comment.redacted_text = comment.redacted_text or comment.text
            comment.published_at, comment.published_by = timezone.now(), by
            comment.save(update_fields=["redacted_text", "published_at", "published_by"])
        if newly:
            record(held, "comment_published", by=by, comments=[comment.pk for comment in newly])
        published += newly
    return published


def _by_application(comments: Iterable[Comment]) -> list[tuple[PlanningApplication, list[Comment]]]:
    """Grouped, in the order of applications' keys, so that two who publish at once lock in one order."""
    grouped: dict[int, list[Comment]] = {}
    for comment in comments:
        grouped.setdefault(comment.application_id, []).append(comment)
    return [(grouped[pk][0].application, grouped[pk]) for pk in sorted(grouped)]


@transaction.atomic
def unpublish_comment(comment: Comment, *, by: User, because: str) -> Comment:
    """Take a comment off the register, at once. `because` is for the file. Raises ValidationError, PermissionDenied."""
    held = hold(comment.application, by=by, may=can_publish, sorry="You cannot take comments off the register.")
    if not because.strip():
        raise ValidationError({"because": "Say why it is taken off the register."})
    if comment.published_at is not None:
        comment.published_at = comment.published_by = None
        comment.save(update_fields=["published_at", "published_by"])
        record(held, "comment_unpublished", by=by, comment=comment.pk, because=because.strip())
    return comment


def _only(changes: dict[str, object], allowed: set[str]) -> None:
    if unknown := set(changes) - allowed:
        raise PermissionDenied(f"These cannot be changed here: {', '.join(sorted(unknown))}")
