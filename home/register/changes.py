"""What changed on the register, in words for people who follow it: from the events of the cases, and only public ones.

What happened before an application came onto the register is not told: the application itself is the news then. Nor is
what there is nothing to read of: documents and comments are news when they are published, and as long as they are. The
application must come from `cases.register.published.public_applications`; of its events nothing is read but their kinds
and which documents and comments they published.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db.models import BooleanField, Exists, F, Func, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.models import CaseEvent, Comment, Document, PlanningApplication
from cases.statuses import ON_THE_REGISTER, PublicStatus
from cases.timeline import CHANGES_THE_REGISTER, KINDS
from home.register.application import lower_first
from notices.wording.merge import long_date

NEW = "New on the register"
_ARRIVAL = frozenset({"received", "entered", "imported", "validate", "published"})
# A comment taken off the register is no news, and who would look for it must not be led there. That a document was
# replaced is none either: the newer one is told of when it is published.
_NOT_TOLD = _ARRIVAL | {"comment_unpublished", "document_superseded"}
TOLD = CHANGES_THE_REGISTER - _NOT_TOLD


def _publicity(application: PlanningApplication) -> str:
    last_day = application.consultation_ends_on
    if last_day and last_day >= timezone.localdate():
        return f"You can comment until {long_date(last_day)}"
    return "Publicity"


_DOCUMENTS = "New or changed plans and documents"
_DETAILS = "Details of the application changed"
_WORDS: dict[str, str | Callable[[PlanningApplication], str]] = {
    "determine": lambda application: f"Decided: {lower_first(application.decision_words)}",
    "withdraw": "Withdrawn",
    "close": "Closed without a decision",
    "reopen": "Open again",
    "documents_published": _DOCUMENTS,
    "comment_published": "Comments published",
    "publicity_recorded": _publicity,
    "publicity_changed": _publicity,
    "publicity_removed": _DETAILS,
    "extension_removed": _DETAILS,
    "committee_date_changed": "The date of the planning committee changed",
}


def words_for(kind: str, application: PlanningApplication) -> str:
    """What the event is called in a message or a feed."""
    words = _WORDS.get(kind) or KINDS[kind].public or _DETAILS
    return words if isinstance(words, str) else words(application)


class _NamedIn(Func):
    """Whether a list of keys, as JSON, holds this key."""

    template, arg_joiner, output_field = "%(expressions)s", " @> ", BooleanField()


def _any_of(rows: QuerySet, name: str) -> Exists:
    """Whether one of these rows is among those that the event names."""
    is_named = _NamedIn(OuterRef(f"data__{name}"), Func(F("pk"), function="to_jsonb"))
    return Exists(rows.filter(is_named, application=OuterRef("application")))


def _told(applications: Iterable[int]) -> QuerySet[CaseEvent]:
    """Their events that are told, as far as there still is something to read."""
    documents = Q(data__status=PublicStatus.PUBLISH) & Q(_any_of(Document.objects.public(), "documents"))
    comments = Q(_any_of(Comment.objects.filter(published_at__isnull=False), "comments"))
    return CaseEvent.objects.filter(
        Q(kind__in=TOLD - {"documents_published", "comment_published"})
        | Q(kind="documents_published") & documents
        | Q(kind="comment_published") & comments,
        application__in=applications,
    )


def news_of(
    applications: Iterable[PlanningApplication], *, since: dict[int, datetime], until: datetime
) -> dict[int, list[str]]:
    """Application's key → what is new about it after `since` (by key) and up to `until`, in order, each thing once.

    Applications without news are left out. Two queries, however many applications there are.
    """
    rows = {application.pk: application for application in applications}
    if not rows:
        return {}
    came_on = _came_on(rows)
    news: dict[int, list[str]] = {}
    for pk, day in came_on.items():
        if since[pk] < day <= until:
            news[pk] = [NEW]
    earliest = min(since[pk] for pk in rows)
    events = (
        _told(rows)
        .filter(at__gt=earliest, at__lte=until)
        .order_by("at", "sequence")
        .values_list("application_id", "kind", "at")
    )
    for pk, kind, at in events:
        if at > since[pk] and at >= came_on[pk]:
            said = news.setdefault(pk, [])
            words = words_for(kind, rows[pk])
            if words not in said:
                said.append(words)
    return news


def _came_on(rows: dict[int, PlanningApplication]) -> dict[int, datetime]:
    """When each application last came onto the register: by being published, or by a status that stands there."""
    entered = (
        CaseEvent.objects.filter(application__in=list(rows), to_status__in=ON_THE_REGISTER)
        .exclude(from_status__in=ON_THE_REGISTER)
        .values_list("application")
        .annotate(last=Max("at"))
    )
    came_on = {pk: application.published_at for pk, application in rows.items() if application.published_at}
    for pk, at in entered:
        came_on[pk] = max(came_on[pk], at)
    return came_on


def latest_news(applications: Iterable[PlanningApplication]) -> dict[int, str]:
    """Application's key → the last thing about it that is told.

    Two queries, however many applications there are.
    """
    rows = {application.pk: application for application in applications}
    if not rows:
        return {}
    came_on = _came_on(rows)
    latest = (
        _told(rows)
        .order_by("application", "-at", "-sequence")
        .distinct("application")
        .values_list("application_id", "kind", "at")
    )
    events = {pk: (kind, at) for pk, kind, at in latest}
    news = {}
    for pk, application in rows.items():
        kind, at = events.get(pk, ("", None))
        news[pk] = words_for(kind, application) if at and at >= came_on[pk] else NEW
    return news
