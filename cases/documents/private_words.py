"""What in the words of documents should be looked at before the public reads it: telephone numbers, e-mail addresses …

The rule for what such words are is that of comments (cases/wording/personal_details.py). A scan has no words, so
nothing found is no proof that there is nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from cases.models import Document, DocumentPage
from cases.wording.personal_details import Kind, personal_details

LOOKED_FOR = (Kind.EMAIL, Kind.PHONE, Kind.NUMBER)
MOST_PAGES = 400  # looked through for one confirmation page
MAX_CHARACTERS = 20_000  # of a page
# What a page must hold at all for one of these to stand in it; PostgreSQL sorts the others out.
_MAY_HOLD = Q(text__contains="@") | Q(text__regex=r"\d[ ()-]?\d[ ()-]?\d[ ()-]?\d[ ()-]?\d[ ()-]?\d")


@dataclass(frozen=True)
class ToLookAt:
    """A document with private words, as far as can be told: what kinds, and on which pages."""

    document: Document
    kinds: list[str]
    pages: list[int]


def to_look_at(documents: Iterable[Document]) -> list[ToLookAt]:
    """Those of the documents whose words seem to hold something private, in their order. One query.

    Looks at the first 400 pages that could hold such words.
    """
    by_key = {document.pk: document for document in documents}
    rows = (
        DocumentPage.objects.filter(_MAY_HOLD, document__in=by_key)
        .order_by("document", "number")
        .values_list("document", "number", "text")[:MOST_PAGES]
    )
    found: dict[int, tuple[set[str], list[int]]] = {}
    for pk, number, text in rows:
        kinds = {one.kind for one in personal_details(text[:MAX_CHARACTERS])} & set(LOOKED_FOR)
        if kinds:
            seen, pages = found.setdefault(pk, (set(), []))
            seen |= {str(kind) for kind in kinds}
            pages.append(number)
    return [ToLookAt(by_key[pk], sorted(found[pk][0]), found[pk][1]) for pk in by_key if pk in found]
