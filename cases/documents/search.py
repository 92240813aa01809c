"""Words inside documents: which pages hold them, and the line of text around them.

Only pages of documents that the reader may open are looked at, so that nobody learns from a search what stands in a
bank statement that they cannot see.
"""

import re
from dataclasses import dataclass

from django.contrib.postgres.search import SearchHeadline, SearchQuery
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from cases.models import Document, DocumentPage, PlanningApplication
from cases.models.document import CLOSED_BY_SCAN
from cases.permissions import documents_open_to

LONGEST_QUESTION = 200
MOST_PAGES = 50  # shown with their lines
MOST_LOOKED_AT = 1_000  # pages over all cases: nobody reads on, and a word that stands everywhere would take seconds
START, STOP = "\x02", "\x03"  # around a word that was found; no text of a document holds them
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MARKED = re.compile(f"{START}([^{START}{STOP}]*){STOP}")


@dataclass(frozen=True)
class Hit:
    """A page that holds the words. `line` is safe HTML with the words in <mark>."""

    document: Document
    number: int
    line: SafeString


def question(text: str) -> str:
    """What was typed, without what no search can use."""
    return " ".join(CONTROL.sub(" ", text).split())[:LONGEST_QUESTION]


def documents_with_words(user: User, text: str, *, application: PlanningApplication) -> list[int]:
    """Keys of the case's documents with these words on a page. websearch syntax: "two words", or, -not."""
    pages = _pages(user, text).filter(document__application=application)
    return list(pages.order_by().values_list("document_id", flat=True).distinct())


def hits_in_case(user: User, text: str, *, application: PlanningApplication) -> list[Hit]:
    """Pages of the case's documents with these words, newest document first; at most MOST_PAGES."""
    pages = _pages(user, text).filter(document__application=application)
    return _told(pages.order_by("-document__received_on", "-document_id", "number")[:MOST_PAGES], text)


def hits_in_document(document: Document, text: str) -> list[Hit]:
    """Pages of one document with these words, in order. The view has asked whether the reader may open it."""
    return _told(_holding(DocumentPage.objects.filter(document=document), text).order_by("number"), text)


def hits_in_all_cases(user: User, text: str) -> list[Hit]:
    """Pages of every document this user may open, newest first among the first MOST_LOOKED_AT that were found."""
    found = _pages(user, text).order_by().values("pk")[:MOST_LOOKED_AT]
    pages = DocumentPage.objects.filter(pk__in=found)
    return _told(pages.order_by("-document__received_on", "-document_id", "number")[:MOST_PAGES], text)


def _pages(user: User, text: str) -> QuerySet[DocumentPage]:
    documents = (
        documents_open_to(user).filter(fetch_status=Document.FetchStatus.HERE).exclude(scan_status__in=CLOSED_BY_SCAN)
    )
    return _holding(DocumentPage.objects.filter(document__in=documents), text)


def _holding(pages: QuerySet[DocumentPage], text: str) -> QuerySet[DocumentPage]:
    asked = question(text)
    return pages.filter(words=_query(asked)) if asked else pages.none()


def _query(asked: str) -> SearchQuery:
    return SearchQuery(asked, config="english", search_type="websearch")


def _told(pages: QuerySet[DocumentPage], text: str) -> list[Hit]:
    headline = SearchHeadline(
        "text",
        _query(question(text)),
        config="english",
        start_sel=START,
        stop_sel=STOP,
        max_fragments=2,
        min_words=8,
        max_words=24,
    )
    rows = pages.annotate(line=headline).select_related("document__application").defer("words", "text")
    return [Hit(document=row.document, number=row.number, line=marked(row.line)) for row in rows]


def marked(text: str) -> SafeString:
    """Text of a document as HTML: everything escaped but our own marks around the words that were found."""
    pieces, place = [], 0
    for found in _MARKED.finditer(text):
        pieces.append(format_html("{}<mark>{}</mark>", CONTROL.sub("", text[place : found.start()]), found[1]))
        place = found.end()
    pieces.append(format_html("{}", CONTROL.sub("", text[place:])))
    return mark_safe(" ".join("".join(pieces).split()))  # noqa: S308 - each piece was escaped above
