"""A register of a million applications, the same every time: to measure on, never to show.

Rows are made in Python and brought in by COPY; the secondary indexes are taken away before and built afterwards.
They count as imported, as every bulk load does (design §5).
"""

import csv
import io
import json
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from typing import Any

from django.db import connection, models, transaction
from django.db.models.fields import NOT_PROVIDED

from accounts.models import LocalAuthority
from cases.models import ApplicationType, Comment, Document, Party, PlanningApplication, ReferenceCounter
from cases.statuses import Decision, Origin, PublicStatus, Sentiment, Status

from .people import FIRST_NAMES, LAST_NAMES

LAST_DAY = date(2026, 11, 1)
YEARS = 25
OPEN_DAYS = 75
NULL = "\\N"
STREETS = 1_600
DOCUMENTS = 3

_KINDS = (  # type, share of all in per cent, the decisions that it ends with
    ("pp.full.householder", 40, (Decision.GRANTED_WITH_CONDITIONS, Decision.REFUSED)),
    ("pp.full.minor", 12, (Decision.GRANTED_WITH_CONDITIONS, Decision.REFUSED)),
    ("pp.full.major", 2, (Decision.GRANTED_WITH_CONDITIONS, Decision.REFUSED)),
    ("wtt.consent", 14, (Decision.GRANTED, Decision.REFUSED)),
    ("approval.conditions", 13, (Decision.DETAILS_APPROVED, Decision.DETAILS_REFUSED)),
    ("ldc.proposed", 8, (Decision.LDC_GRANTED, Decision.LDC_REFUSED)),
    ("pa.part1.classA", 5, (Decision.PA_NOT_REQUIRED, Decision.PA_REFUSED)),
    ("listed", 3, (Decision.GRANTED_WITH_CONDITIONS, Decision.REFUSED)),
    ("advertConsent", 3, (Decision.GRANTED, Decision.REFUSED)),
)
# "dormer" stands in about a quarter of all rows, "boathouse" in one of some twenty thousand.
_WORKS = (
    "Loft conversion with rear dormer",
    "Single storey rear extension",
    "Two storey side extension",
    "Rear dormer and two front rooflights",
    "Erection of a detached garage",
    "Change of use of ground floor to café",
    "Replacement windows and doors",
    "New shopfront and signage",
    "Crown reduction of one oak by two metres",
    "Formation of vehicle access",
    "Demolition of outbuilding",
    "Erection of four dwellings",
)
_DETAILS = (
    "with matching materials",
    "and associated landscaping",
    "following demolition of conservatory",
    "with flat roof and lantern",
    "and alterations to boundary wall",
    "including raised terrace",
    "with cycle store and bins",
    "",
    "",
    "",
)
_STREET_NAMES = (
    "Abbey Acacia Albert Alma Ash Barn Beech Bell Birch Bridge Brook Castle Cedar Chalk Chapel Cherry Church Copse "
    "Cross Dale Drift Elm Farm Fern Field Ford Garden George Grange Green Grove Hawthorn Hazel Heath High Hill Holly"
).split()
_STREET_KINDS = ("Road", "Street", "Lane", "Avenue", "Close", "Way", "Rise", "Gardens", "Court", "Hill")
_TOWNS = ("Amberley", "Brackwell", "Coldham", "Dunsford", "Eastmere", "Foxton", "Greatwood", "Holme")
_TYPES = ("elevations.proposed", "floorPlan.proposed", "locationPlan", "sitePlan.proposed", "otherSupporting")


@dataclass(frozen=True)
class _Street:
    name: str
    town: str
    postcode: str
    ward: str
    parish: str
    latitude: float
    longitude: float


def load_million(authority: LocalAuthority, *, how_many: int, say: Callable[[str], None] = print) -> None:
    """Insert `how_many` applications with three documents each, an applicant, and a comment on every tenth."""
    if PlanningApplication.objects.filter(authority=authority).exists():
        raise ValueError(f"{authority} has applications already: a measured register begins empty.")
    tables = (PlanningApplication, Document, Party, Comment)
    types = ApplicationType.objects.in_bulk([code for code, _, _ in _KINDS], field_name="code")
    with transaction.atomic(), _without_indexes(tables, say):
        say(f"Applications: {how_many:,}")
        _copy(PlanningApplication, _applications(authority, types, how_many))
        say("Applicants and comments")
        _copy(Party, _applicants(how_many))
        _copy(Comment, _comments(how_many))
        say(f"Documents: {how_many * DOCUMENTS:,}")
        _copy(Document, _documents(how_many))
    ReferenceCounter.objects.update_or_create(authority=authority, defaults={"next_number": 100 + how_many})
    with connection.cursor() as cursor:
        for model in tables:
            table = model._meta.db_table
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608
    say("Statistics")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


# --- Rows -----------------------------------------------------------------------------------------------------------


def _streets() -> list[_Street]:
    streets = []
    for number in range(STREETS):
        name = _STREET_NAMES[number % len(_STREET_NAMES)]
        town = number // 200 % len(_TOWNS)
        streets.append(
            _Street(
                name=f"{name} {_STREET_KINDS[number // len(_STREET_NAMES) % len(_STREET_KINDS)]}",
                town=_TOWNS[town],
                postcode=f"BX{town + 1} {number // 20 % 10}{chr(65 + number % 20)}{chr(65 + number // 80 % 20)}",
                ward=f"{_TOWNS[town]} {('North', 'South', 'East', 'West')[number % 4]}",
                parish=_TOWNS[town] if number % 3 else "",
                latitude=51.40 + (town % 4) * 0.08 + number % 40 * 0.0018,
                longitude=-0.90 + (town // 4) * 0.16 + number % 37 * 0.0036,
            )
        )
    return streets


def _applications(
    authority: LocalAuthority, types: dict[str, ApplicationType], how_many: int
) -> Iterator[dict[str, Any]]:
    chance = random.Random(26)
    streets = _streets()
    weights = list(accumulate(share for _, share, _ in _KINDS))
    first_day = LAST_DAY - timedelta(days=int(YEARS * 365.25))
    days = (LAST_DAY - first_day).days
    for pk in range(1, how_many + 1):
        received = first_day + timedelta(days=pk * days // how_many)
        code, _, decisions = chance.choices(_KINDS, cum_weights=weights)[0]
        kind, street = types[code], streets[int(chance.random() * STREETS)]
        house = 1 + int(chance.random() * 220)
        latitude = round(street.latitude + house * 0.000007, 6)
        longitude = round(street.longitude + house * 0.000012, 6)
        yield {
            "id": pk,
            "authority_id": authority.pk,
            "application_type_id": kind.pk,
            "reference": f"{received.year % 100:02d}-{99 + pk:05d}-{kind.suffix}",
            "origin": Origin.IMPORTED,
            "description": _description(chance),
            "address": f"{house} {street.name}, {street.town}",
            "postcode": street.postcode,
            "uprn": str(100_070_000_000 + streets.index(street) * 250 + house) if pk % 20 else "",
            "ward": street.ward,
            "parish": street.parish,
            "latitude": latitude,
            "longitude": longitude,
            "boundary": _boundary(longitude, latitude) if pk % 5 < 2 else NULL,
            "received_on": received,
            **_course(chance, received, kind, decisions),
        }


def _description(chance: random.Random) -> str:
    works = _WORKS[int(chance.random() * len(_WORKS))]
    if chance.random() < 0.00005:
        works = "Rebuilding of the boathouse"
    return f"{works} {_DETAILS[int(chance.random() * len(_DETAILS))]}".strip()


def _boundary(longitude: float, latitude: float) -> str:
    west, south = longitude - 0.00008, latitude - 0.00011
    corners = [(0, 0), (0.00016, 0), (0.00016, 0.00021), (0.00007, 0.00024), (0, 0.0002), (0, 0)]
    ring = [[round(west + x, 6), round(south + y, 6)] for x, y in corners]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def _course(chance: random.Random, received: date, kind: ApplicationType, decisions: tuple) -> dict[str, Any]:
    """Where the application stands, and the dates that go with it."""
    due = received + timedelta(days=kind.period_days or 56)
    valid = received + timedelta(days=int(chance.random() * 6))
    dates = {"valid_from": valid, "validated_on": valid, "statutory_expiry_on": due, "expires_on": due}
    dates |= {"consultation_ends_on": valid + timedelta(days=24), "published_at": _instant(valid)}
    if (LAST_DAY - received).days < OPEN_DAYS:
        if chance.random() < 0.1:
            return {"status": Status.NOT_STARTED}
        return dates | {"status": Status.IN_ASSESSMENT, "public_changed_at": _instant(valid)}
    ended = due - timedelta(days=int(chance.random() * 12))
    dates["public_changed_at"] = _instant(ended)
    if chance.random() < 0.03:
        return dates | {"status": Status.WITHDRAWN, "withdrawn_on": ended}
    decision = decisions[0] if chance.random() < 0.85 else decisions[1]
    return dates | {"status": Status.DETERMINED, "decision": decision, "decided_on": ended}


def _instant(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


def _applicants(how_many: int) -> Iterator[dict[str, Any]]:
    for pk in range(1, how_many + 1):
        yield {
            "id": pk,
            "application_id": pk,
            "role": Party.Role.APPLICANT,
            "first_name": FIRST_NAMES[pk % len(FIRST_NAMES)],
            "last_name": LAST_NAMES[pk // 7 % len(LAST_NAMES)],
        }


def _comments(how_many: int) -> Iterator[dict[str, Any]]:
    sentiments = (Sentiment.OBJECTION, Sentiment.SUPPORTIVE, Sentiment.NEUTRAL)
    words = "The extension would take light from the gardens on the north side of the street."
    for pk in range(10, how_many + 1, 10):
        yield {
            "id": pk,
            "application_id": pk,
            "kind": Comment.Kind.PUBLIC,
            "name": LAST_NAMES[pk % len(LAST_NAMES)],
            "sentiment": sentiments[pk // 10 % 3],
            "topics": "{light}",
            "text": words,
            "redacted_text": words,
            "published_at": _instant(LAST_DAY),
            "received_on": LAST_DAY,
        }


def _documents(how_many: int) -> Iterator[dict[str, Any]]:
    for number in range(how_many * DOCUMENTS):
        application = number // DOCUMENTS + 1
        kind = _TYPES[number % len(_TYPES)]
        yield {
            "id": number + 1,
            "application_id": application,
            "title": f"{kind.split('.')[0]} {number % 9 + 1}",
            "types": f"{{{kind}}}",
            "received_on": LAST_DAY,
            "public_status": PublicStatus.PUBLISH if number % 10 else PublicStatus.NOT_ASSESSED,
            "file": f"{application}/{number:032x}.pdf",
            "clean_file": f"{application}/{number:032x}.clean.pdf",
            "clean_mime_type": "application/pdf",
            "original_name": f"{number}.pdf",
            "mime_type": "application/pdf",
            "size": 120_000 + number % 900_000,
            "page_count": number % 4 + 1,
        }


# --- COPY -----------------------------------------------------------------------------------------------------------


class _Lines(io.RawIOBase):
    """What COPY reads from: the rows as CSV, made as they are asked for."""

    def __init__(self, rows: Iterable[list[Any]]):
        self.rows = iter(rows)
        self.left = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self.left:
            text = io.StringIO()
            writer = csv.writer(text)
            for _, row in zip(range(2000), self.rows, strict=False):
                writer.writerow(row)
            self.left = text.getvalue().encode()
        part, self.left = self.left[:size], self.left[size:]
        return part


def _copy(model: type[models.Model], rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows of column → value; columns that a row leaves out get the field's default."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    usual = {field.column: _default(field) for field in fields}
    columns = ", ".join(f'"{name}"' for name in usual)
    source = _Lines([*(usual | row).values()] for row in rows)
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(
            f"COPY {model._meta.db_table} ({columns}) FROM STDIN WITH (FORMAT csv, NULL '{NULL}')", source
        )


def _default(field: models.Field) -> Any:
    if getattr(field, "auto_now", False):
        return _instant(LAST_DAY)
    if field.default is NOT_PROVIDED:
        return NULL if field.null else ""
    value = field.get_default()
    if isinstance(field, models.JSONField):
        return json.dumps(value)
    if isinstance(value, list):
        return "{}"
    return NULL if value is None else value


@contextmanager
def _without_indexes(tables: Iterable[type[models.Model]], say: Callable[[str], None]) -> Iterator[None]:
    """Take the indexes that no constraint needs away, and build them again afterwards."""
    names = [model._meta.db_table for model in tables]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND schemaname = current_schema()"
            " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = (quote_ident(indexname))::regclass)"
            " AND indexdef NOT LIKE 'CREATE UNIQUE%%'",
            [names],
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        # Rows made by rule need no check of each foreign key, which would take longer than the rows.
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for number, (name, definition) in enumerate(indexes, start=1):
            say(f"Index {number} of {len(indexes)}: {name}")
            cursor.execute(definition)
