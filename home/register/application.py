"""What the register shows of one application: everything comes through `cases.register.published`."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import QueryDict

from cases.models import Comment, Party, PlanningApplication
from cases.register.document_pages import DocumentPage, document_page, kinds_in_use
from cases.register.map import box_words
from cases.register.published import (
    CommentCounts,
    Entry,
    PublicComment,
    PublicDocument,
    applicant_and_agent,
    comment_counts,
    entry_of,
    public_appeals,
    public_comments,
    public_constraints,
    shown_comments,
    takes_comments,
)
from cases.register.site_history import site_history
from cases.register.timeline import public_timeline
from cases.statuses import PUBLIC_SENTIMENTS, Topic
from notices.drafting.rendering import site_plan_address
from notices.wording.merge import long_date

from .decision import decision_of
from .listing import page_links

COMMENTS_AT_FIRST = 5
REPLIES_AT_FIRST = 20
DOCUMENTS_AT_FIRST = 50
DOCUMENTS_ON_A_PAGE = 100
CONSULTEES = "consultees"
LONGEST_WORDS, MOST_WORDS = 100, 8  # to look for in comments
_GROUPS = (("drawings", "Plans and drawings"), ("evidence", "Evidence"), ("supporting", "Supporting documents"))


@dataclass(frozen=True)
class DocumentTable:
    title: str
    documents: list[PublicDocument]


@dataclass(frozen=True)
class Bar:
    """A number beside others, with its share of the largest in twentieths: 0 only where there is nothing."""

    words: str
    number: int
    share: int


def application_page(application: PlanningApplication) -> dict[str, Any]:
    """What the template of the application's page shows, in a number of queries that the case does not change."""
    entry = entry_of(application)
    people = applicant_and_agent(application)
    documents = document_page(application, count=DOCUMENTS_AT_FIRST)
    counts = comment_counts(application)
    said = comments_at_first(application)
    history = site_history(application)
    return {
        "entry": entry,
        "key_facts": key_facts(entry, people.get(Party.Role.APPLICANT, "")),
        "applicant": people.get(Party.Role.APPLICANT, ""),
        "agent": people.get(Party.Role.AGENT, ""),
        "place": place_of(application),
        "moments": public_timeline(application),
        **document_tables(documents),
        "constraints": public_constraints(application),
        "history": history,
        "area_query": urlencode({"bbox": box_words(history.area)}) if history.area else "",
        "comment_counts": counts,
        "sentiments": bars(counts.by_sentiment),
        "topics": bars(counts.by_topic),
        "comments": [one for one in said if not one.is_of_consultee],
        "consultee_replies": [one for one in said if one.is_of_consultee],
        "takes_comments": takes_comments(application),
        "decision": decision_of(application),
        "appeals": public_appeals(application),
    }


# --- In words ------------------------------------------------------------------------------------------------------


def key_facts(entry: Entry, applicant: str) -> str:
    """The application in one sentence, as a neighbour would tell another."""
    who = f"{applicant} applied" if applicant else "An application was made"
    told = f"{who} on {long_date(entry.received_on)} about {entry.address}"
    if entry.decision and entry.decided_on:
        return f"{told}, and the council decided on {long_date(entry.decided_on)}: {lower_first(entry.decision)}."
    if entry.withdrawn_on and entry.status.slug == "withdrawn":
        return f"{told}; the application was withdrawn on {long_date(entry.withdrawn_on)}, so there is no decision."
    if entry.status.slug == "closed":
        return f"{told}; the council has closed the application without a decision."
    if entry.due_on:
        return f"{told}, and a decision is due by {long_date(entry.due_on)}."
    return f"{told}."


def lower_first(words: str) -> str:
    return words[:1].lower() + words[1:]


def bars(counted: tuple) -> list[Bar]:
    most = max((number for _, number in counted), default=0)
    return [Bar(words.words, number, max(1, round(20 * number / most)) if number else 0) for words, number in counted]


# --- Where ---------------------------------------------------------------------------------------------------------


def place_of(application: PlanningApplication) -> dict[str, Any]:
    """Where the site is, for a map and for those who see none."""
    has_point = application.latitude is not None and application.longitude is not None
    plan = drawing_of(application.boundary)
    return {
        "address": application.full_address,
        "uprn": application.uprn,
        "ward": application.ward,
        "parish": application.parish,
        "latitude": application.latitude if has_point else None,
        "longitude": application.longitude if has_point else None,
        "plan": plan,
        "boundary": application.boundary if plan else None,
        "tile_url": settings.MAP_TILE_URL,
        "attribution": settings.MAP_ATTRIBUTION,
    }


def drawing_of(boundary: Any) -> str:
    """The red line as a drawing at a data: address; empty where there is none that could be drawn."""
    try:
        return site_plan_address(boundary)
    except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        return ""  # an imported register may hold anything


# --- Documents -----------------------------------------------------------------------------------------------------


def document_tables(page: DocumentPage) -> dict[str, Any]:
    return {
        "document_page": page,
        "document_tables": tables_of([document for document in page.documents if document.is_current]),
        "superseded": [document for document in page.documents if not document.is_current],
    }


def tables_of(documents: list[PublicDocument]) -> list[DocumentTable]:
    """Documents by what they are, each group under its own caption; empty groups are left out."""
    known = dict(_GROUPS)
    groups = [*_GROUPS, ("", "Other documents")]
    tables = [
        DocumentTable(title, [d for d in documents if (d.group if d.group in known else "") == group])
        for group, title in groups
    ]
    return [table for table in tables if table.documents]


def documents_page(application: PlanningApplication, asked: QueryDict) -> dict[str, Any]:
    """All published documents, a page at a time, or those of one type. A type or page that is not there: the first."""
    total, kinds = kinds_in_use(application)
    kind = next((one for one in kinds if one.code == asked.get("type")), None)
    page = Paginator(range(kind.count if kind else total), DOCUMENTS_ON_A_PAGE).get_page(asked.get("page"))
    start = (page.number - 1) * DOCUMENTS_ON_A_PAGE
    documents = document_page(application, kind=kind.code if kind else "", start=start, count=DOCUMENTS_ON_A_PAGE)
    narrowed = f"?{urlencode({'type': kind.code})}" if kind else "?"
    return {
        "entry": entry_of(application),
        "kinds": kinds,
        "kind": kind,
        "page_of_results": page,
        "pages": page_links(page, narrowed) if page.has_other_pages() else None,
        **document_tables(documents),
    }


# --- Comments ------------------------------------------------------------------------------------------------------


def comments_at_first(application: PlanningApplication) -> list[PublicComment]:
    """The newest comments of the public and replies of consultees, in one query."""
    published = public_comments(application).only(
        "kind", "name", "organisation", "address", "sentiment", "topics", "redacted_text", "received_on"
    )
    newest = published.filter(kind=Comment.Kind.PUBLIC)[:COMMENTS_AT_FIRST]
    replies = published.filter(kind=Comment.Kind.CONSULTEE)[:REPLIES_AT_FIRST]
    found = sorted(newest.union(replies, all=True), key=lambda one: (one.received_on, one.pk), reverse=True)
    return shown_comments(found, application.authority)


def asked_comments(application: PlanningApplication, asked: QueryDict) -> tuple[QuerySet[Comment], dict[str, str]]:
    """The published comments that were asked for, newest first, and what was asked, as far as it is understood."""
    understood = {}
    kind = Comment.Kind.PUBLIC
    if asked.get("from") == CONSULTEES:
        kind = Comment.Kind.CONSULTEE
        understood["from"] = CONSULTEES
    comments = public_comments(application).filter(kind=kind)
    sentiment, topic = asked.get("sentiment", ""), asked.get("topic", "")
    if sentiment in PUBLIC_SENTIMENTS and kind == Comment.Kind.PUBLIC:
        understood["sentiment"] = sentiment
        comments = comments.filter(sentiment=sentiment)
    if topic in Topic.values and kind == Comment.Kind.PUBLIC:
        understood["topic"] = topic
        comments = comments.filter(topics__contains=[topic])
    words = asked.get("q", "").replace("\0", "")[:LONGEST_WORDS].split()[:MOST_WORDS]
    if words and kind == Comment.Kind.PUBLIC:
        understood["q"] = " ".join(words)
        for word in words:
            comments = comments.filter(redacted_text__icontains=word)
    return comments, understood


def comment_filters(counts: CommentCounts) -> dict[str, Any]:
    """What the comments of the public can be narrowed to: those that somebody wrote, with how many."""
    return {
        "sentiment_choices": [(words.slug, words.words, number) for words, number in counts.by_sentiment if number],
        "topic_choices": [(words.slug, words.words, number) for words, number in counts.by_topic],
    }
