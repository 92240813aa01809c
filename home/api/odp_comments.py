"""Comments in the Open Digital Planning API: published ones, in their redacted words.

Commenters are named where the council's switch says so, consultees by their organisation; addresses never. Consultees'
replies are grouped by organisation, newest first. Sentiments of consultees: a reply in favour is "approved", one that
wants changes "amendmentsNeeded", an objection "objected". One that is neither for nor against has none: no word of the
standard would be true of it.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.text import slugify

from accounts.models import LocalAuthority
from cases.models import Comment, PlanningApplication
from cases.register.published import public_comments
from cases.statuses import PUBLIC_SENTIMENTS, Sentiment, Topic

from .odp_asking import days_between, in_order, order_asked, text_asked, values_asked
from .odp_words import instant

APPROVED, AMENDMENTS_NEEDED, OBJECTED = "approved", "amendmentsNeeded", "objected"
SPECIALISTS_SENTIMENTS = {
    Sentiment.SUPPORTIVE: APPROVED,
    Sentiment.AMENDMENTS: AMENDMENTS_NEEDED,
    Sentiment.OBJECTION: OBJECTED,
}
_ORDERS = {"publishedAt": "published_at", "submittedAt": "received_on", "validatedAt": "published_at", "id": "pk"}
_READ = (
    "application",
    "kind",
    "name",
    "organisation",
    "sentiment",
    "topics",
    "redacted_text",
    "published_at",
    "received_on",
)


# --- Members of the public --------------------------------------------------------------------------------------------


def odp_public_comments(application: PlanningApplication) -> QuerySet[Comment]:
    return public_comments(application).filter(kind=Comment.Kind.PUBLIC).only(*_READ)


def public_comments_asked(application: PlanningApplication, asked: QueryDict) -> QuerySet[Comment]:
    """The published comments that fit, in the order asked for. Raises Unreadable."""
    found = _asked(odp_public_comments(application), asked)
    for sentiments in values_asked(asked, "sentiment"):
        found = found.filter(sentiment__in=sentiments)
    for topics in values_asked(asked, "topic"):
        found = found.filter(topics__overlap=topics)
    return in_order(found, asked, _ORDERS, otherwise="publishedAt")


def public_summary(application: PlanningApplication) -> dict[str, Any]:
    """Of all published comments, whatever was asked for."""
    counted = Counter(odp_public_comments(application).order_by().values_list("sentiment", flat=True))
    return {
        "totalComments": counted.total(),
        "sentiment": {one.value: counted[one.value] for one in PUBLIC_SENTIMENTS},
    }


def shown_public_comment(comment: Comment, authority: LocalAuthority) -> dict[str, Any]:
    name = comment.name if authority.publishes_commenter_names else ""
    return {
        "id": str(comment.pk),
        "sentiment": comment.sentiment,
        "author": {"name": {"singleLine": name}},
        "commentRedacted": _by_topic(comment),
        "metadata": _metadata(comment),
    }


def _by_topic(comment: Comment) -> str | list[dict[str, str]]:
    """The words under their topic where there is one. Of several nobody has said which words belong to which."""
    if len(comment.topics) != 1 or comment.topics[0] not in Topic.values:
        return comment.redacted_text
    topic = Topic(comment.topics[0])
    return [{"topic": topic.value, "question": str(topic.label), "comment": comment.redacted_text}]


def _metadata(comment: Comment) -> dict[str, str]:
    said = {"submittedAt": instant(comment.received_on)}
    if comment.published_at:
        said |= {"validatedAt": instant(comment.published_at), "publishedAt": instant(comment.published_at)}
    return said


def _asked(found: QuerySet[Comment], asked: QueryDict) -> QuerySet[Comment]:
    for text in text_asked(asked, "query"):
        found = found.filter(redacted_text__icontains=text)
    found = found.filter(days_between(asked, "publishedAt", "published_at", is_instant=True))
    found = found.filter(days_between(asked, "validatedAt", "published_at", is_instant=True))
    return found.filter(days_between(asked, "submittedAt", "received_on"))


# --- Consultees -------------------------------------------------------------------------------------------------------


def odp_specialist_comments(application: PlanningApplication) -> QuerySet[Comment]:
    return public_comments(application).filter(kind=Comment.Kind.CONSULTEE).only(*_READ)


def specialist_comments_asked(application: PlanningApplication, asked: QueryDict) -> QuerySet[Comment]:
    """The published replies that fit, in the order asked for. Raises Unreadable."""
    found = _asked(odp_specialist_comments(application), asked)
    ours = {theirs: sentiment for sentiment, theirs in SPECIALISTS_SENTIMENTS.items()}
    for sentiments in values_asked(asked, "sentiment"):
        found = found.filter(sentiment__in=[ours[one] for one in sentiments if one in ours])
    return in_order(found, asked, _ORDERS, otherwise="publishedAt")


def specialists_asked(
    application: PlanningApplication, asked: QueryDict, authority: LocalAuthority
) -> list[dict[str, Any]]:
    """Consultees with those of their published replies that fit, by the newest (or oldest) of these.

    Raises Unreadable.
    """
    _, is_falling = order_asked(asked, _ORDERS, otherwise="publishedAt")
    groups = _grouped(specialist_comments_asked(application, asked))
    wanted = values_asked(asked, "id")
    shown = [
        shown_specialist(identity, comments if is_falling else comments[::-1], authority)
        for identity, comments in groups.items()
        if all(identity in ids for ids in wanted)
    ]
    if (asked.get("latestOnly") or "").lower() == "true":
        shown = [{**one, "comments": one["comments"][:1]} for one in shown]
    return shown


def specialist_summary(application: PlanningApplication) -> dict[str, Any]:
    """Of all published replies, whatever was asked for. Who was asked and has not answered is not on the register."""
    comments = list(odp_specialist_comments(application))
    counted = Counter(SPECIALISTS_SENTIMENTS.get(Sentiment(comment.sentiment)) for comment in comments)
    return {
        "totalComments": len(comments),
        "totalConsulted": len(_grouped(comments)),
        "sentiment": {one: counted[one] for one in (APPROVED, AMENDMENTS_NEEDED, OBJECTED)},
    }


def specialist_named(
    application: PlanningApplication, identity: str, asked: QueryDict, authority: LocalAuthority
) -> dict[str, Any] | None:
    """One consultee with all published replies, in the order asked for; None when there is none. Raises Unreadable."""
    found = in_order(odp_specialist_comments(application), asked, _ORDERS, otherwise="publishedAt")
    comments = _grouped(found).get(identity)
    return shown_specialist(identity, comments, authority) if comments else None


def shown_specialist(identity: str, comments: list[Comment], authority: LocalAuthority) -> dict[str, Any]:
    first = comments[0]
    person = first.name if authority.publishes_commenter_names and not first.organisation else ""
    return {
        "id": identity,
        "name": {"singleLine": first.organisation or person or "Consultee"},
        "comments": [_shown_reply(comment) for comment in comments],
    }


def _shown_reply(comment: Comment) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": str(comment.pk),
        "commentRedacted": comment.redacted_text,
        "metadata": _metadata(comment),
    }
    if sentiment := SPECIALISTS_SENTIMENTS.get(Sentiment(comment.sentiment)):
        shown["sentiment"] = sentiment
    return shown


def _grouped(comments: Iterable[Comment]) -> dict[str, list[Comment]]:
    """By organisation, in the order of the first of each. One without an organisation stands for itself."""
    groups: dict[str, list[Comment]] = {}
    for comment in comments:
        groups.setdefault(slugify(comment.organisation) or f"reply-{comment.pk}", []).append(comment)
    return groups
