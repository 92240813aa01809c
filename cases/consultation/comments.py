"""What people answer when an application is made known: comments, from the day they come to the day they are public.

Every comment that comes before the decision is taken into account. What the public reads of one is its redacted text,
and only when an officer published it. How the application is made known: cases/consultation/publicity.py.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from cases.locking import changed_fields, locked, locked_for, only
from cases.models import Comment, PlanningApplication
from cases.permissions import can_consult, can_publish
from cases.register.published import takes_comments
from cases.statuses import ON_THE_REGISTER, PUBLIC_SENTIMENTS, Status, Topic
from cases.timeline import record
from cases.wording.personal_details import needs_reading

NOT_NOW = "Comments can be entered from validation until the decision, by an officer of the council."


class CommentsClosed(Exception):
    """The public cannot comment on this application now. `str()` says why, in words for the public."""


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
    case = locked_for(application, by=by, may=can_consult, refusal=NOT_NOW)
    comment = Comment(
        application=case,
        kind=kind,
        name=name.strip(),
        organisation=organisation.strip(),
        address=address.strip(),
        email=email.strip(),
        phone=phone.strip(),
        sentiment=sentiment,
        topics=list(topics),
        text=text.strip(),
        received_on=received_on,
        entered_by=by,
    )
    _save_comment(comment)
    # The event names nobody: it outlives the comment.
    record(
        case,
        "comment_entered",
        by=by,
        comment=comment.pk,
        comment_kind=comment.kind,
        sentiment=comment.sentiment,
        received_on=comment.received_on,
    )
    return comment


@transaction.atomic
def receive_comment(
    application: PlanningApplication,
    *,
    name: str,
    text: str,
    sentiment: str,
    address: str = "",
    email: str = "",
    phone: str = "",
    topics: Sequence[str] = (),
    source: str,
    submission_key: str = "",
    received_on: date | None = None,
) -> Comment:
    """Take in what a member of the public wrote on the website, or sent through another system (`Comment.Source`).

    Nobody's permission is asked: anybody may comment while `takes_comments`. Nothing is public until an officer
    publishes it. The same `submission_key` (at most 64 characters) again returns the comment that is there, whatever
    came with it. `received_on` is today unless said. Raises ValidationError by field, CommentsClosed.
    """
    case = locked(application.pk, "authority")
    if submission_key and (known := case.comments.filter(submission_key=submission_key).first()):
        return known
    if closed := why_closed(case):
        raise CommentsClosed(closed)
    comment = Comment(
        application=case,
        kind=Comment.Kind.PUBLIC,
        name=_plain(name),
        address=_plain(address),
        email=_plain(email),
        phone=_plain(phone),
        sentiment=sentiment,
        topics=list(dict.fromkeys(topics)),
        text=_plain(text),
        received_on=received_on or timezone.localdate(),
        source=source,
        submission_key=submission_key,
    )
    _save_comment(comment)
    record(
        case,
        "comment_entered",
        by=None,
        comment=comment.pk,
        comment_kind=comment.kind,
        sentiment=comment.sentiment,
        received_on=comment.received_on,
        source=comment.source,
    )
    return comment


def why_closed(application: PlanningApplication) -> str:
    """Why the public cannot comment now, in words for the public; empty while it can."""
    if application.status not in ON_THE_REGISTER or not application.published_at:
        return "This application is not on the planning register."
    if takes_comments(application):
        return ""
    if application.status == Status.WITHDRAWN:
        return "This application was withdrawn, so there is nothing left to comment on."
    if application.status == Status.CLOSED:
        return "This application is closed, so there is nothing left to comment on."
    if application.decided_on:
        return f"The council decided this application on {application.decided_on:%-d %B %Y}."
    if application.consultation_ends_on:
        return f"The time for comments on this application ended on {application.consultation_ends_on:%-d %B %Y}."
    return "The council has not set a time for comments on this application."


def _plain(words: str) -> str:
    """What PostgreSQL can hold: U+0000 is a character to JSON and none to a text column."""
    return words.replace("\0", "").strip()


@transaction.atomic
def change_comment(comment: Comment, *, by: User, **changes: object) -> Comment:
    """Put right who said it, when, what about, or what was mistyped. A changed text must be redacted anew."""
    only(changes, {
        "kind", "name", "organisation", "address", "email", "phone", "sentiment", "topics", "text", "received_on",
    })  # fmt: skip
    case = locked_for(comment.application, by=by, may=can_consult, refusal=NOT_NOW)
    comment.refresh_from_db()  # a colleague may have redacted or published it since it was read
    if "text" in changes and changes["text"] != comment.text and comment.published_at:
        raise ValidationError({"text": "Take the comment off the register before you change its words."})
    before, _ = changed_fields(comment, changes)
    if before:
        if "text" in before:
            comment.redacted_text = ""
        comment.application = case
        _save_comment(comment)
        record(case, "comment_changed", by=by, comment=comment.pk, fields=sorted(before))
    return comment


def _save_comment(comment: Comment) -> None:
    faults = {}
    if comment.received_on > timezone.localdate():
        faults["received_on"] = "The comment cannot have come later than today."
    elif comment.received_on < comment.application.received_on:
        faults["received_on"] = f"The application was received only on {comment.application.received_on:%-d %B %Y}."
    if comment.kind == Comment.Kind.PUBLIC and comment.sentiment not in PUBLIC_SENTIMENTS:
        faults["sentiment"] = "A member of the public objects, supports or does neither."
    if unknown := set(comment.topics) - set(Topic.values):
        faults["topics"] = f"Not a topic: {', '.join(sorted(unknown))}"
    if faults:
        raise ValidationError(faults)
    comment.full_clean(validate_unique=False, exclude=["application", "entered_by", "published_by"])
    comment.save()


@transaction.atomic
def redact_comment(comment: Comment, *, redacted_text: str, by: User) -> Comment:
    """Keep the words in which the comment may be published; the original stays on the file, unchanged.

    Raises ValidationError when nothing is left, PermissionDenied.
    """
    case = locked_for(
        comment.application, by=by, may=can_publish, refusal="You cannot redact comments of this application."
    )
    if not redacted_text.strip():
        raise ValidationError({"redacted_text": "Nothing is left of the comment. Leave it unpublished instead."})
    if redacted_text.strip() != comment.redacted_text:
        comment.redacted_text = redacted_text.strip()
        comment.save(update_fields=["redacted_text"])
        record(case, "comment_redacted", by=by, comment=comment.pk, differs=comment.redacted_text != comment.text)
    return comment


@transaction.atomic
def publish_comments(comments: Iterable[Comment], *, by: User) -> list[Comment]:
    """Publish these comments in their redacted text; returns those that are newly on the register.

    One that nobody has redacted goes out as it is when nothing in it looks personal; otherwise it is left for somebody
    to read. Raises PermissionDenied when one of them belongs to a case whose comments this user may not publish.
    """
    published: list[Comment] = []
    for case, of_one in _locked_with_comments(
        comments, by=by, refusal="You cannot publish comments of this application."
    ):
        newly = [comment for comment in of_one if comment.published_at is None and not must_be_read(comment)]
        for comment in newly:
            comment.redacted_text = comment.redacted_text or comment.text
            comment.published_at, comment.published_by = timezone.now(), by
        Comment.objects.bulk_update(newly, ["redacted_text", "published_at", "published_by"], batch_size=500)
        if newly:
            record(case, "comment_published", by=by, comments=[comment.pk for comment in newly])
        published += newly
    return published


def must_be_read(comment: Comment) -> bool:
    """Whether somebody must read the comment before it is public: nobody has redacted it, and something looks personal.

    The writer's own name is among it where the council does not show names. Bodies are consulted by name.
    """
    return not comment.redacted_text and needs_reading(comment.text, name=name_to_hide(comment))


def name_to_hide(comment: Comment) -> str:
    """The name of who wrote the comment, where the council does not publish it; else empty."""
    is_shown = comment.kind == Comment.Kind.CONSULTEE or comment.application.authority.publishes_commenter_names
    return "" if is_shown else comment.name


def _locked_with_comments(
    comments: Iterable[Comment], *, by: User, refusal: str
) -> Iterator[tuple[PlanningApplication, list[Comment]]]:
    """Each application, locked, with its comments as they now stand: a colleague may have been quicker.

    In the order of applications' keys, so that two who publish at once lock in one order. Raises PermissionDenied.
    """
    grouped: dict[int, list[Comment]] = {}
    for comment in comments:
        grouped.setdefault(comment.application_id, []).append(comment)
    for key in sorted(grouped):
        case = locked_for(grouped[key][0].application, by=by, may=can_publish, refusal=refusal)
        as_they_stand = case.comments.filter(pk__in=[comment.pk for comment in grouped[key]]).order_by("pk")
        yield case, list(as_they_stand.select_related("application__authority"))


def last_published_together(application: PlanningApplication) -> list[Comment]:
    """The comments that were last published in one go, as far as they still are public; empty when it was one alone."""
    event = application.events.filter(kind="comment_published").order_by("-sequence").first()
    together = event.data.get("comments", []) if event else []
    if len(together) < 2:
        return []
    return list(application.comments.filter(pk__in=together, published_at__isnull=False))


@transaction.atomic
def unpublish_comments(comments: Iterable[Comment], *, by: User, because: str) -> list[Comment]:
    """Take comments off the register, at once; returns those that were on it. `because` is for the file.

    Their redacted texts stay. Raises ValidationError, PermissionDenied.
    """
    if not because.strip():
        raise ValidationError({"because": "Say why it is taken off the register."})
    taken_off: list[Comment] = []
    for case, of_one in _locked_with_comments(comments, by=by, refusal="You cannot take comments off the register."):
        public = [comment for comment in of_one if comment.published_at is not None]
        case.comments.filter(pk__in=[comment.pk for comment in public]).update(published_at=None, published_by=None)
        if public:
            which = [comment.pk for comment in public]
            record(case, "comment_unpublished", by=by, comments=which, because=because.strip())
        taken_off += public
    return taken_off
