"""The documents of one case as officers look through them: filters, how many each would show, order, versions.

Every function makes a constant number of queries, however many documents the case has.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import User
from cases.documents.preparing.active_content import said
from cases.models import Document, DocumentType, PlanningApplication
from cases.models.document import ScanStatus
from cases.permissions import can_view_private
from cases.statuses import PublicStatus

from .search import documents_with_words

CURRENT, SUPERSEDED, ALL = "current", "superseded", "all"
STANDINGS = [(CURRENT, "Current"), (SUPERSEDED, "Superseded"), (ALL, "Current and superseded")]
NO_TYPE, PROPOSED = "none", "proposed"
GROUPS = [*DocumentType.Group.choices, (NO_TYPE, "No type yet")]
PUBLIC = [*PublicStatus.choices, (PROPOSED, "Waiting for a second look")]
SORTS = {
    "newest": ("Newest first", ("-received_on", "-pk")),
    "oldest": ("Oldest first", ("received_on", "pk")),
    "title": ("Title", ("title", "pk")),
    "number": ("Drawing number", ("drawing_number", "revision", "pk")),
    "public": ("Public status", ("public_status", "-received_on", "-pk")),
}
LONGEST_CHAIN = 200


@dataclass(frozen=True)
class Asked:
    """What an officer asked to see; empty: no limit."""

    q: str = ""  # in the title, number, description and file's name, or in the words of its pages
    group: str = ""  # of GROUPS
    public: str = ""  # of PUBLIC
    standing: str = CURRENT  # of STANDINGS
    scan: str = ""  # of ScanStatus
    received_from: date | None = None
    received_to: date | None = None
    sort: str = "newest"

    @property
    def is_limited(self) -> bool:
        return bool(self.q or self.group or self.public or self.scan or self.received_from or self.received_to)


class KnownTypes:
    """Every type of document there is, read once for a page."""

    def __init__(self) -> None:
        self.rows = list(DocumentType.objects.all())
        self.labels = {row.code: row.label for row in self.rows}
        self.personal = {row.code for row in self.rows if row.often_personal}
        self.in_use = {row.code for row in self.rows if row.is_active}

    def of_group(self, group: str) -> list[str]:
        return [row.code for row in self.rows if row.group == group]

    def words(self, codes: Iterable[str]) -> list[str]:
        return [self.labels.get(code, code) for code in codes]


def limits(asked: Asked, application: PlanningApplication, *, user: User, types: KnownTypes) -> dict[str, Q]:
    """What was asked, one condition for each way of asking: {"standing": …, "group": …}."""
    found = {"standing": _standing(asked.standing)}
    if asked.group:
        found["group"] = _group(asked.group, types)
    if asked.public:
        found["public"] = _public(asked.public)
    if asked.scan:
        found["scan"] = Q(scan_status=asked.scan)
    if asked.received_from:
        found["from"] = Q(received_on__gte=asked.received_from)
    if asked.received_to:
        found["to"] = Q(received_on__lte=asked.received_to)
    if asked.q:
        # As numbers, so that counting for every filter does not search the pages again each time.
        keys = named(application.documents.all(), asked.q).values_list("pk", flat=True)
        found["q"] = Q(pk__in={*keys, *documents_with_words(user, asked.q, application=application)})
    return found


def matching(application: PlanningApplication, conditions: dict[str, Q]) -> QuerySet[Document]:
    return application.documents.filter(reduce(and_, conditions.values(), Q()))


def in_order(documents: QuerySet[Document], sort: str) -> QuerySet[Document]:
    """With `has_older`, whether an older version stands behind it, and what the row is told with."""
    _, order = SORTS.get(sort, SORTS["newest"])
    older = Document.objects.filter(superseded_by=OuterRef("pk"))
    return (
        documents.annotate(has_older=Exists(older))
        .select_related("redacted_from", "superseded_by", "publication_asked_by")
        .order_by(*order)
    )


def counts(application: PlanningApplication, conditions: dict[str, Q], *, types: KnownTypes) -> dict[str, dict]:
    """How many documents each choice of each filter would show, the other filters staying as they are.

    {"group": {"drawings": 12, …}, "public": …, "standing": …, "scan": …, "": {"all": 800, "shown": 412}}: two queries.
    """
    choices = {
        "group": {value: _group(value, types) for value, _ in GROUPS},
        "public": {value: _public(value) for value, _ in PUBLIC},
        "standing": {value: _standing(value) for value, _ in STANDINGS},
        "scan": {value: Q(scan_status=value) for value in ScanStatus.values},
    }
    chosen = {name: limit for name, limit in conditions.items() if name in choices}
    asked: dict[str, Q] = {}
    for name, values in choices.items():
        others = reduce(and_, (limit for key, limit in chosen.items() if key != name), Q())
        asked |= {f"{name}__{value}": others & limit for value, limit in values.items()}
    without_choices = [limit for name, limit in conditions.items() if name not in choices]
    numbers = application.documents.filter(*without_choices).aggregate(
        shown=Count("pk", filter=reduce(and_, chosen.values(), Q(pk__isnull=False))),
        **{f"n_{number}": Count("pk", filter=limit) for number, limit in enumerate(asked.values())},
    )
    numbers["all"] = application.documents.count()
    found: dict[str, dict] = {"": {"all": numbers["all"], "shown": numbers["shown"]}}
    for number, key in enumerate(asked):
        name, value = key.split("__", 1)
        found.setdefault(name, {})[value] = numbers[f"n_{number}"]
    return found


def numbers_of(application: PlanningApplication) -> dict[str, int]:
    """{"current", "superseded"}: how many documents the case has."""
    return application.documents.order_by().aggregate(
        current=Count("pk", filter=_standing(CURRENT)), superseded=Count("pk", filter=_standing(SUPERSEDED))
    )


def described(
    documents: Iterable[Document], application: PlanningApplication, *, user: User, types: KnownTypes
) -> list[Document]:
    """The rows with what a page says of them: `type_labels`, `suggestions` (code, label), `holds`, `may_open`.

    `may_open` is `can_see_document`, told without a query for each.
    """
    rows: list[Any] = list(documents)
    sees_all = can_view_private(user, application)
    may_view = user.has_perm("cases.view_document")
    for row in rows:
        row.type_labels = types.words(row.types)
        row.suggestions = [
            (code, types.labels[code]) for code in row.suggested_types if code in types.in_use and code not in row.types
        ]
        row.holds = said(row.active_content or ())
        row.may_open = may_view and (row.is_public or sees_all or not types.personal.intersection(row.types))
    return rows


def versions_of(document: Document) -> list[Document]:
    """The document with all that stood in its place before and after, oldest first. Two queries."""
    rows = {
        row.pk: row
        for row in Document.objects.filter(application_id=document.application_id)
        .filter(Q(superseded_by__isnull=False) | Exists(Document.objects.filter(superseded_by=OuterRef("pk"))))
        .select_related("uploaded_by", "application")
    }
    if document.pk not in rows:
        return [document]
    newest = rows[document.pk]
    while newest.superseded_by_id:
        newest = rows[newest.superseded_by_id]
    family, fresh = {newest.pk}, {newest.pk}
    while fresh:
        fresh = {row.pk for row in rows.values() if row.superseded_by_id in fresh} - family
        family |= fresh
    depth = {pk: _steps_to_newest(rows, pk) for pk in family}
    return sorted((rows[pk] for pk in family), key=lambda row: (-depth[row.pk], row.received_on, row.pk))


def previous_version(document: Document) -> Document | None:
    """What it replaced most recently; None for a document that replaced nothing."""
    return document.supersedes.select_related("application").order_by("-received_on", "-pk").first()


def _steps_to_newest(rows: dict[int, Document], pk: int) -> int:
    steps = 0
    while (above := rows[pk].superseded_by_id) and steps < LONGEST_CHAIN:
        pk, steps = above, steps + 1
    return steps


def _standing(value: str) -> Q:
    return {CURRENT: Q(superseded_by=None), SUPERSEDED: Q(superseded_by__isnull=False)}.get(value, Q(pk__isnull=False))


def _group(value: str, types: KnownTypes) -> Q:
    return Q(types=[]) if value == NO_TYPE else Q(types__overlap=types.of_group(value))


def _public(value: str) -> Q:
    if value == PROPOSED:
        return Q(publication_asked_by__isnull=False)
    return Q(public_status=value)


def named(documents: QuerySet[Document], text: str) -> QuerySet[Document]:
    """Those with every word in their title, number, description or file name; all of them when nothing was typed."""
    fields = ("title", "drawing_number", "description", "original_name")
    return documents.filter(reduce(and_, (_any_of(fields, word) for word in text.replace('"', " ").split()), Q()))


def _any_of(fields: Iterable[str], word: str) -> Q:
    found: Any = Q()
    for field in fields:
        found |= Q(**{f"{field}__icontains": word})
    return found
