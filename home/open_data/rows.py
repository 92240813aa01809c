"""Applications as rows of the register's files: read as plain values, a bounded number at a time.

A file of ten thousand rows has to take hardly longer than a database and a writer of CSV need, and a file of a million
no more memory than one of a thousand. So nothing here makes a model of a row.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.db.models import Case, Func, OuterRef, QuerySet, Subquery, TextField, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, JSONObject, TruncDate
from django.urls import reverse

from accounts.models import LocalAuthority
from cases.models import ApplicationType, PlanningApplication
from cases.register.published import PUBLIC_DECISIONS, PUBLIC_STATUS
from cases.statuses import OPEN, Decision
from home.register.addresses import in_address
from home.tables import Style
from notices.models import IssuedNotice

CHUNK = 1000  # rows that are held at once
Row = tuple[Any, ...]

# What is read of an application, beside its key. All of it is in cases.register.published.PUBLIC_FIELDS (a test says
# so).
PLAIN = (
    "reference",
    "application_type_id",
    "status",
    "description",
    "address",
    "postcode",
    "uprn",
    "ward",
    "parish",
    "decision",
    "is_eia",
)
DAYS = (
    "received_on",
    "valid_from",
    "consultation_ends_on",
    "expires_on",
    "committee_on",
    "decided_on",
    "withdrawn_on",
    "closed_on",
)
FIELDS = (*PLAIN, *DAYS)
# As text, 2026-11-22: for a file nobody needs an object of each day, which takes longer to make than to read.
_DAYS = tuple(Cast(day, TextField()) for day in DAYS)
_LATITUDE, _LONGITUDE = Cast("latitude", TextField()), Cast("longitude", TextField())
_PUBLISHED_ON = Cast(TruncDate("published_at"), TextField())
# As 2026-11-22T05:12:00Z. PostgreSQL writes ten thousand of these in a tenth of the time that Python takes.
_CHANGED_AT = Func(
    "public_changed_at",
    template="to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
    output_field=TextField(),
)
# A notice is corrected by a later version; the first is the decision.
_CORRECTED_ON = Subquery(
    IssuedNotice.objects.filter(application=OuterRef("pk"), version__gt=1)
    .order_by("-version")
    .annotate(on=Cast("issued_on", TextField()))
    .values("on")[:1]
)
# The red line where it is one, and of it nothing but its shape: an imported register may hold anything.
RED_LINE = Case(
    When(
        boundary__type__in=["Polygon", "MultiPolygon"],
        boundary__coordinates__0__0__0__isnull=False,
        then=Cast(JSONObject(type="boundary__type", coordinates="boundary__coordinates"), TextField()),
    )
)


def values_of(applications: QuerySet[PlanningApplication], *, with_red_line: bool = False) -> QuerySet:
    """Rows for `Shown`: (pk, PLAIN …, DAYS …, changed_at … corrected_on[, red line as JSON])."""
    red_line = [RED_LINE] if with_red_line else []
    columns: list[Combinable] = [_CHANGED_AT, _LATITUDE, _LONGITUDE, _PUBLISHED_ON, _CORRECTED_ON, *red_line]
    return applications.values_list("pk", *PLAIN, *_DAYS, *columns)


def in_chunks(read: Callable[[int, int], Iterable[Row]]) -> Iterator[list[Row]]:
    """All rows, CHUNK at a time, by the key that each begins with. `read(after, size)` gives those that follow.

    Every chunk is a query of its own: no transaction stays open for as long as somebody's slow line takes.
    """
    last, size = 0, CHUNK
    while rows := list(read(last, size)):
        yield rows
        if len(rows) < size:
            return
        last = rows[-1][0]


def all_rows(applications: QuerySet[PlanningApplication], *, with_red_line: bool = False) -> Iterator[list[Row]]:
    """Every application of the queryset in the order of the keys, which never change while somebody reads."""
    rows = values_of(applications, with_red_line=with_red_line).order_by("pk")
    return in_chunks(lambda after, size: rows.filter(pk__gt=after)[:size])


def with_red_lines(applications: QuerySet[PlanningApplication], chunks: Iterable[list[Row]]) -> Iterator[list[Row]]:
    """The chunks of rows, each row with its red line as its last column; they are read a chunk at a time.

    `applications` are those whose red lines may be read now: what has left the register since has none.
    """
    for chunk in chunks:
        lines = dict(applications.filter(pk__in=[row[0] for row in chunk]).order_by().values_list("pk", RED_LINE))
        yield [(*row, lines.get(row[0])) for row in chunk]


@dataclass(frozen=True)
class Kind:
    """A type of application as its rows name it."""

    code: str
    name: str
    decisions: dict[str, str]


def kinds() -> dict[int, Kind]:
    """The types of application that the register holds, by key: those that are no longer in use too."""
    known = ApplicationType.objects.filter(is_publishable=True).order_by("pk").only("code", "name", "decisions")
    return {row.pk: Kind(row.code, row.name, row.decision_words) for row in known}


_GROUPS = {str(code): words.slug for words, codes in PUBLIC_DECISIONS.items() for code in codes}
_STATUS = {str(status): words.slug for status, words in PUBLIC_STATUS.items()}
_DECISION_WORDS = {str(code): str(label) for code, label in Decision.choices}


def _in_address(reference: str) -> str:
    plain = reference.isascii() and reference.replace("-", "").isalnum()  # nearly every one: nothing to quote
    return reference if plain else quote(in_address(reference))


class Shown:
    """Makes the rows that were read into rows of columns.NAMES. What is not known is None.

    Args: `site` is the scheme and host that addresses begin with; `style` that of the file.
    """

    def __init__(self, council: LocalAuthority, *, site: str, style: Style, kinds: dict[int, Kind]):
        text = style.text
        self.authority = council.code
        self.register = f"{site}{reverse('register')}"
        self.style = style
        self.kinds = {
            key: (text(kind.name), kind.code, {code: text(words) for code, words in kind.decisions.items()})
            for key, kind in kinds.items()
        }

    def __call__(self, row: Row) -> Row:
        (
            _, reference, kind, status, description, address, postcode, uprn, ward, parish, decision, is_eia,
            received_on, valid_from, consultation_ends_on, expires_on, committee_on, decided_on, withdrawn_on,
            closed_on, changed_at, latitude, longitude, published_on, corrected_on, *_,
        ) = row  # fmt: skip
        text, number = self.style.text, self.style.number
        type_name, type_code, decisions = self.kinds[kind]
        return (
            text(reference),
            f"{self.register}{_in_address(reference)}/",
            self.authority,
            type_name,
            type_code,
            _STATUS[status],
            text(description),
            text(address),
            text(postcode),
            text(uprn),
            text(ward),
            text(parish),
            number(latitude) if latitude else None,
            number(longitude) if longitude else None,
            received_on,
            valid_from,
            published_on,
            consultation_ends_on,
            expires_on if status in OPEN else None,
            committee_on,
            (decisions.get(decision) or _DECISION_WORDS[decision]) if decision else None,
            decision or None,
            _GROUPS[decision] if decision else None,
            decided_on,
            withdrawn_on,
            closed_on,
            self.style.no_and_yes[is_eia],
            changed_at,
            corrected_on,
        )
