"""The published documents of an application: a page of them at a time, and all of them for a ZIP.

Only what an officer has published, is here, and is not known to be harmful:
`cases.register.published.public_documents`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, QuerySet, Sum, Value, When, Window
from django.db.models.functions import Coalesce

from cases.files.names import title_from
from cases.files.types import SUFFIXES
from cases.models import Document, DocumentType, PlanningApplication

from .published import PublicDocument, public_documents, shown_document

BATCH = 20
SUPERSEDED_FOLDER = "superseded"
_SHOWN = (
    "title",
    "types",
    "drawing_number",
    "revision",
    "received_on",
    "superseded_by",
    "mime_type",
    "size",
    "clean_mime_type",
    "clean_size",
    "page_count",
)
README, CONTENTS = "README.txt", "documents.csv"  # names in the ZIP that no document may take


@dataclass(frozen=True)
class DocumentPage:
    """Some of the published documents, current ones first, and what there is of them altogether."""

    documents: list[PublicDocument]
    total: int
    current: int
    size: int  # bytes of all of them

    @property
    def superseded(self) -> int:
        return self.total - self.current


@dataclass(frozen=True)
class KindInUse:
    code: str
    label: str
    count: int


def document_page(application: PlanningApplication, *, kind: str = "", start: int = 0, count: int) -> DocumentPage:
    """`count` published documents from `start` on, of one type where `kind` is its code. Two queries.

    Past the last document the page is empty and its numbers are 0.
    """
    rows = list(
        _of_kind(public_documents(application), kind)
        .only(*_SHOWN)
        .annotate(
            has_newer=Case(When(superseded_by=None, then=Value(0)), default=Value(1)),
            total=Window(Count("pk")),
            current=Window(Count(Case(When(superseded_by=None, then=F("pk"))))),
            total_size=Window(Sum(Coalesce("clean_size", "size"))),
        )
        .order_by("has_newer", "-received_on", "title", "pk")[start : start + count]
    )
    types = document_types({code for row in rows for code in row.types})
    here = {row.pk for row in rows}
    return DocumentPage(
        documents=[shown_document(row, types, here) for row in rows],
        total=rows[0].total if rows else 0,
        current=rows[0].current if rows else 0,
        size=int(rows[0].total_size or 0) if rows else 0,
    )


def kinds_in_use(application: PlanningApplication) -> tuple[int, list[KindInUse]]:
    """How many documents are published, and their types by label with how many there are of each."""
    held = list(public_documents(application).order_by().values_list("types", flat=True))
    counted = Counter(code for types in held for code in set(types))
    known = document_types(counted)
    kinds = [KindInUse(code, known[code].label, number) for code, number in counted.items() if code in known]
    return len(held), sorted(kinds, key=lambda kind: kind.label)


def document_types(codes: Iterable[str]) -> dict[str, Any]:
    """Label and group of types of document, by their codes. One query, also for none."""
    known = DocumentType.objects.filter(code__in=["", *codes]).order_by()
    return {row.code: row for row in known.values_list("code", "label", "group", named=True)}


def _of_kind(documents: QuerySet[Document], kind: str) -> QuerySet[Document]:
    return documents.filter(types__contains=[kind]) if kind else documents


# --- All of them ----------------------------------------------------------------------------------------------------


def documents_for_zip(application: PlanningApplication) -> Iterator[tuple[Document, str]]:
    """Every published document with its name inside the ZIP, current ones first.

    Read in batches: while a long ZIP is being sent an officer may take a document, or the application, off the
    register, and what has not been sent by then is not sent.
    """
    pks = list(public_documents(application).order_by("-received_on", "title", "pk").values_list("pk", "superseded_by"))
    ordered = [pk for pk, newer in pks if newer is None] + [pk for pk, newer in pks if newer is not None]
    taken = {README.casefold(), CONTENTS.casefold()}
    for start in range(0, len(ordered), BATCH):
        batch = ordered[start : start + BATCH]
        still = public_documents(application).filter(
            pk__in=batch, application__is_on_register=True, application__application_type__is_publishable=True
        )
        rows = {row.pk: row for row in still.order_by()}
        types = document_types({code for row in rows.values() for code in row.types})
        for pk in batch:
            if pk in rows:
                yield rows[pk], unique_name(rows[pk], taken, types)


def said_of(document: Document, types: Mapping[str, Any] | None = None) -> str:
    """What a document is, for the name of its file: its title, or its type where that is but the sender's file name.

    What somebody calls a file on their own disk tells of them: "IMG 2034 Jo Sample back garden". `types` by code, where
    they are read already.
    """
    if document.title != title_from(document.original_name):
        return document.title
    known = document_types(document.types) if types is None else types
    return next((known[code].label for code in document.types if code in known), "Document")


def unique_name(document: Document, taken: set[str], types: Mapping[str, Any] | None = None) -> str:
    """A name in the ZIP that says what the document is, and that no other one has, in capitals or not.

    Current documents lie in the root, superseded ones in a folder. Adds the name to `taken`.
    """
    words = " ".join(word for word in (said_of(document, types), document.drawing_number, document.revision) if word)
    stem = re.sub(r"\s+", " ", re.sub(r"[^\w .,()&+'-]+", "-", words))[:120].strip(" .-") or "Document"
    suffix = SUFFIXES.get(document.public_mime_type, "bin")
    stem = stem.removesuffix(f".{suffix}")
    folder = "" if document.is_current else f"{SUPERSEDED_FOLDER}/"
    number, name = 1, f"{folder}{stem}.{suffix}"
    while name.casefold() in taken:
        number += 1
        name = f"{folder}{stem} ({number}).{suffix}"
    taken.add(name.casefold())
    return name
