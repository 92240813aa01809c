"""The lists that officers live in: each a URL (?list=…), sorted by due date, with its number beside its name."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.utils import timezone

from accounts.models import User
from cases.law import deadlines
from cases.models import Comment, Document, Recommendation, ValidationRequest
from cases.models.application import PlanningApplicationQuerySet
from cases.requests import letters
from cases.statuses import Status

SOON_WORKING_DAYS = 10
Cases = PlanningApplicationQuerySet


@dataclass(frozen=True)
class OfficerList:
    slug: str
    name: str
    pick: Callable[[Cases, User, date], Cases]
    is_counted: bool = True


def _due_soon(cases: Cases, user: User, today: date) -> Cases:
    return cases.due_between(today, deadlines.add_working_days(today, SOON_WORKING_DAYS))


def _to_sign_off(cases: Cases, user: User, today: date) -> Cases:
    """Waiting for this reader's sign-off: theirs to sign, so never what they recommended themselves."""
    if not user.has_perm("cases.sign_off_application"):
        return cases.none()
    newest = Recommendation.objects.filter(application=OuterRef("pk")).order_by("-pk")
    waiting = cases.waiting_for_sign_off().annotate(recommended_by=Subquery(newest.values("by")[:1]))
    return waiting.filter(Q(recommended_by=None) | ~Q(recommended_by=user.pk))


def _with_new_comments(cases: Cases) -> Cases:
    """Open cases on which the public has sent something that nobody has published or prepared for it yet."""
    new = Comment.objects.filter(application=OuterRef("pk"), published_at=None, redacted_text="")
    return cases.open().filter(Exists(new.exclude(source=Comment.Source.OFFICER)))


def _asked():
    return ValidationRequest.objects.filter(application=OuterRef("pk"))


def _to_look_at(cases: Cases) -> Cases:
    """The applicant has answered something, and no officer has settled it yet."""
    return cases.open().filter(Exists(_asked().answered()))


def _waiting(cases: Cases) -> Cases:
    """Something is with the applicant, whether the application is invalid for want of it or valid already."""
    return cases.open().filter(Exists(_asked().with_the_applicant()))


def _overdue(cases: Cases, today: date) -> Cases:
    """What was asked has not been answered in time; never what a letter asks that has not left."""
    return cases.open().filter(Exists(letters.late(_asked(), today)))


def _to_validate(cases: Cases) -> Cases:
    """The council's turn: nobody has checked it yet, or everything that it was invalid for has been settled."""
    turn_is_ours = ~Exists(_asked().filter(resolved_at=None, sent_at__isnull=False))
    return cases.filter(Q(status=Status.NOT_STARTED) | Q(Q(status=Status.INVALIDATED), turn_is_ours))


def _second_look(cases: Cases, user: User) -> Cases:
    """A colleague proposes to publish documents, and this reader may be the second person who looks at them."""
    if not user.has_perm(NEEDS["second_look"]):
        return cases.none()
    proposed = Document.objects.filter(application=OuterRef("pk"), publication_asked_by__isnull=False)
    return cases.filter(Exists(proposed.exclude(publication_asked_by=user.pk)))


OFFICER_LISTS = (
    OfficerList("mine", "Mine", lambda cases, user, today: cases.mine(user)),
    OfficerList("unassigned", "Unassigned", lambda cases, user, today: cases.unassigned()),
    OfficerList("to_validate", "To validate", lambda cases, user, today: _to_validate(cases)),
    OfficerList("answers", "Answers to look at", lambda cases, user, today: _to_look_at(cases)),
    OfficerList("consultation_open", "Consultation open", lambda cases, user, today: cases.consultation_open(today)),
    OfficerList("new_comments", "New comments", lambda cases, user, today: _with_new_comments(cases)),
    OfficerList("waiting_for_applicant", "Waiting for the applicant", lambda cases, user, today: _waiting(cases)),
    OfficerList("answers_overdue", "Answers overdue", lambda cases, user, today: _overdue(cases, today)),
    OfficerList("second_look", "Documents for a second look", lambda cases, user, today: _second_look(cases, user)),
    OfficerList("due_soon", f"Due in {SOON_WORKING_DAYS} working days", _due_soon),
    OfficerList("late", "Late", lambda cases, user, today: cases.late(today)),
    OfficerList("to_sign_off", "Waiting for my sign-off", _to_sign_off),
    OfficerList("sent_back", "Sent back", lambda cases, user, today: cases.filter(status=Status.TO_BE_REVIEWED)),
    OfficerList("open", "All open", lambda cases, user, today: cases.open()),
    OfficerList("all", "All", lambda cases, user, today: cases, is_counted=False),  # the archive only grows
)
# Lists that are no use to who may not do what they wait for.
NEEDS = {
    "to_sign_off": "cases.sign_off_application",
    "to_validate": "cases.validate_application",
    "second_look": "cases.publish_application",
}
BY_SLUG = {officer_list.slug: officer_list for officer_list in OFFICER_LISTS}
COUNTED = [officer_list for officer_list in OFFICER_LISTS if officer_list.is_counted]


def in_list(cases: Cases, slug: str, user: User) -> Cases:
    """The cases of the list of this name. Raises KeyError for a name that is none."""
    return BY_SLUG[slug].pick(cases, user, timezone.localdate())


def count_lists(cases: Cases, user: User) -> dict[str, int]:
    """List → how many cases are in it, for the lists that are counted; one query for all of them."""
    today = timezone.localdate()
    counts = [
        officer_list.pick(cases, user, today)
        .order_by()
        .values(list_name=Value(officer_list.slug))
        .annotate(number=Count("pk"))
        .values_list("list_name", "number")
        for officer_list in COUNTED
    ]
    return {officer_list.slug: 0 for officer_list in COUNTED} | dict(counts[0].union(*counts[1:], all=True))
