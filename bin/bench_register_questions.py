"""What `make bench-register` asks of the register, each question beside the best plain SQL that we know for it."""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import psycopg2
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.models import LocalAuthority
from demo.loading import MAIN_CODE

TIMES, PLUS_MS, MOST_MS = 3, 15, 300
LIST = "/planning-applications/"
API = "/api/@next/public/applications"

# --- Plain SQL ------------------------------------------------------------------------------------------------------

_COLUMNS = (
    "a.reference, a.description, a.address, a.postcode, a.status, a.decision, a.received_on, a.valid_from, "
    "a.expires_on, a.consultation_ends_on, a.decided_on, a.withdrawn_on, t.name, t.decisions"
)
_FROM = (
    "FROM cases_planningapplication a JOIN cases_applicationtype t ON t.id = a.application_type_id "
    "WHERE a.authority_id = %(authority)s AND a.is_on_register AND t.is_publishable"
)
_COUNTED = (
    "SELECT count(*) FROM ("
    "SELECT 1 FROM cases_planningapplication a WHERE a.authority_id = %(authority)s AND a.is_on_register"
)


def listed(where: str = "", *, length: int = 25) -> list[str]:
    """A page of the list, newest first, and the number of results up to ten thousand."""
    return [
        f"SELECT {_COLUMNS} {_FROM} {where} ORDER BY a.received_on DESC, a.id DESC LIMIT {length}",
        f"{_COUNTED} {where} LIMIT 10001) counted",
    ]


def picked(where: str, *, length: int = 25) -> list[str]:
    """The same where few rows fit: found first and then sorted, or the planner walks through all days for them."""
    of_council = "SELECT * FROM cases_planningapplication a WHERE a.authority_id = %(authority)s"
    few = f"WITH a AS MATERIALIZED ({of_council} {where})"
    return [
        f"{few} SELECT {_COLUMNS} {_FROM} ORDER BY a.received_on DESC, a.id DESC LIMIT {length}",
        f"{few} SELECT count(*) FROM (SELECT 1 FROM a WHERE a.is_on_register LIMIT 10001) counted",
    ]


_WORDS = "AND a.search @@ websearch_to_tsquery('english', %(q)s)"
_TYPE = "SELECT id FROM cases_applicationtype WHERE code = %(type)s"
_FILES = (
    "SELECT a.reference, a.description, a.address, a.postcode, a.uprn, a.ward, a.parish, a.latitude, a.longitude, "
    "a.status, a.decision, a.received_on, a.valid_from, a.expires_on, a.consultation_ends_on, a.decided_on, "
    f"a.withdrawn_on, a.published_at, a.public_changed_at, t.code, t.name {_FROM} "
    "ORDER BY a.received_on DESC, a.id DESC LIMIT 10000"
)
_ONE = [
    f"SELECT a.*, t.* {_FROM} AND a.reference_key = %(key)s",
    "SELECT role, title, first_name, last_name, company FROM cases_party WHERE application_id = %(pk)s",
    "SELECT * FROM cases_document WHERE application_id = %(pk)s AND public_status = 'publish' "
    "AND fetch_status = 'here' AND scan_status <> 'infected' ORDER BY received_on DESC, title",
    'SELECT code, label, "group" FROM cases_documenttype',
    "SELECT sentiment, topics, count(*) FROM cases_comment WHERE application_id = %(pk)s "
    "AND published_at IS NOT NULL GROUP BY 1, 2",
    "SELECT * FROM cases_comment WHERE application_id = %(pk)s AND published_at IS NOT NULL "
    "ORDER BY received_on DESC, id DESC LIMIT 5",
    "SELECT c.entities, k.name FROM cases_constraint c JOIN cases_constrainttype k ON k.id = c.constraint_type_id "
    "WHERE c.application_id = %(pk)s AND c.removed_because = ''",
    picked("AND (a.uprn = %(uprn)s AND a.uprn <> '' OR a.parent_id = %(pk)s) AND a.id <> %(pk)s", length=50)[0],
    picked("AND a.is_on_register AND a.extent && %(extent)s::box AND a.id <> %(pk)s", length=50)[0],
    "SELECT * FROM cases_appeal WHERE application_id = %(pk)s",
    "SELECT kind, begins_on FROM cases_publicity WHERE application_id = %(pk)s",
    "SELECT agreed_in_writing_on, agreed_until FROM cases_extensionoftime WHERE application_id = %(pk)s",
    "SELECT version, snapshot FROM notices_issuednotice WHERE application_id = %(pk)s ORDER BY version DESC",
]
_SHOWN_BY_API = [
    f"SELECT a.*, t.* {_FROM} AND a.reference_key = %(key)s",
    "SELECT * FROM cases_party WHERE application_id = %(pk)s",
    "SELECT * FROM cases_appeal WHERE application_id = %(pk)s",
    "SELECT begins_on, ends_on, kind FROM cases_publicity WHERE application_id = %(pk)s",
    "SELECT body FROM cases_submission WHERE application_id = %(pk)s AND outcome = 'accepted'",
    "SELECT version FROM notices_issuednotice WHERE application_id = %(pk)s",
]
# The planner cannot know how many sites lie in a window. In a small one the index of places is the way, in a large one
# the index of days: each window is asked in the form that is the quicker for it.
_IN_A_SMALL_WINDOW = "extent && %(window)s::box"
_IN_A_LARGE_WINDOW = "box_overlap(extent, %(window)s::box)"
_VIEWPORT = """
    SELECT floor(x / %(cell)s), floor(y / %(cell)s), count(*), avg(x), avg(y), min(id)
    FROM (
        SELECT (center(extent))[0] AS x, (center(extent))[1] AS y, id FROM cases_planningapplication
        WHERE authority_id = %(authority)s AND is_on_register AND {condition}
        ORDER BY received_on DESC, id DESC LIMIT 10000
    ) newest GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Asked:
    """One way of asking: an address, and the parameters of the same question in SQL."""

    address: str
    parameters: dict = field(default_factory=dict)
    sql: list[str] | None = None  # where this way of asking has a better question than the others


@dataclass(frozen=True)
class Question:
    name: str
    sql: list[str]
    ways: list[Asked]


def search(**query: str) -> str:
    return f"{LIST}?{urlencode(query)}"


def questions() -> Iterator[Question]:
    """Every question, with as many ways of asking it as keep a cache from answering."""
    rows = samples()
    yield Question("list, page 1", listed(), [Asked(LIST)])
    yield Question(
        "list, at 80 % of its depth",
        [
            f"SELECT {_COLUMNS} {_FROM} AND (a.received_on, a.id) < (%(day)s, %(pk)s) "
            "ORDER BY a.received_on DESC, a.id DESC LIMIT 25",
            f"{_COUNTED} LIMIT 10001) counted",
        ],
        [
            Asked(search(after=f"{r['received_on']}.{r['pk']}"), {"day": r["received_on"], "pk": r["pk"]})
            for r in deep_rows()
        ],
    )
    yield Question("word in a quarter of all", listed(_WORDS), [Asked(search(q="dormer"), {"q": "dormer"})])
    yield Question("rare word", listed(_WORDS), [Asked(search(q="boathouse"), {"q": "boathouse"})])
    yield Question("absent word", listed(_WORDS), [Asked(search(q="zeppelin"), {"q": "zeppelin"})])
    phrase = '"loft conversion with rear dormer"'
    # The planner takes a phrase for rare. From the newest day on, the first ten thousand are found sooner.
    by_day = ["SET enable_bitmapscan = off", *listed(_WORDS), "RESET enable_bitmapscan"]
    yield Question("phrase", by_day, [Asked(search(q=phrase), {"q": phrase})])
    yield Question(
        "reference",
        picked("AND a.reference_key = %(key)s"),
        [Asked(search(q=r["reference"]), {"key": r["reference"].replace("-", "")}) for r in rows],
    )
    yield Question(
        "postcode",
        picked("AND a.postcode_key = %(key)s"),
        [Asked(search(q=r["postcode"]), {"key": r["postcode"].replace(" ", "")}) for r in rows],
    )
    yield Question(
        "address with a slip of the pen",
        picked("AND upper(%(q)s) <%% upper(a.address)"),
        [Asked(search(q=slip), {"q": slip}) for slip in map(slipped, rows)],
    )
    filters = {"type": "pp.full.householder", "decision": "refused"}
    yield Question(
        "three filters",
        listed(f"AND a.application_type_id = ({_TYPE}) AND a.decision = 'refused' AND a.ward = %(ward)s"),
        [Asked(search(**filters, ward=r["ward"]), {"type": filters["type"], "ward": r["ward"]}) for r in rows],
    )
    yield Question("application page", _ONE, [Asked(f"{LIST}{r['reference']}/", one(r)) for r in rows])
    yield Question("map, a window", [], [window(r, degrees) for r in rows[:12] for degrees in (0.01, 0.05, 1)])
    yield Question("CSV of 10,000 rows", [_FILES], [Asked("/planning-applications.csv")])
    yield Question("API, list", listed(length=10), [Asked(f"{API}?page={page}&maxresults=10") for page in range(1, 9)])
    yield Question("API, one", _SHOWN_BY_API, [Asked(f"{API}/{quote(r['reference'])}", one(r)) for r in rows])


# --- What is asked for ----------------------------------------------------------------------------------------------


def samples(many: int = 40) -> list[dict]:
    """Applications of the register, from all its years, the same every time."""
    names = ("pk", "reference", "postcode", "address", "ward", "uprn", "longitude", "latitude", "extent")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, reference, postcode, address, ward, uprn, longitude, latitude, extent::text"
            " FROM cases_planningapplication WHERE is_on_register AND status = 'determined' AND id %% %s = 7"
            " ORDER BY id LIMIT %s",
            [max(1, newest_pk() // (many + 2)), many],
        )
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def deep_rows(many: int = 40) -> list[dict]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, received_on FROM cases_planningapplication WHERE is_on_register AND id < %s"
            " ORDER BY id DESC LIMIT %s",
            [newest_pk() // 5, many],
        )
        return [{"pk": pk, "received_on": day} for pk, day in cursor.fetchall()]


def newest_pk() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM cases_planningapplication")
        return cursor.fetchone()[0]


def one(row: dict) -> dict:
    return {"key": row["reference"].replace("-", ""), **{name: row[name] for name in ("pk", "uprn", "extent")}}


def slipped(row: dict) -> str:
    """The first part of the address with two letters of the street's name exchanged."""
    line = row["address"].split(",")[0]
    place = line.index(" ") + 2
    return line[:place] + line[place + 1] + line[place] + line[place + 2 :]


def window(row: dict, degrees: float) -> Asked:
    west, south = float(row["longitude"]) - degrees / 2, float(row["latitude"]) - degrees / 2
    east, north = west + degrees, south + degrees
    bbox = f"{west:.5f},{south:.5f},{east:.5f},{north:.5f}"
    zoom = {0.01: 15, 0.05: 13, 1: 9}[degrees]
    return Asked(
        f"{LIST}map.json?bbox={bbox}&zoom={zoom}",
        {"window": f"(({west},{south}),({east},{north}))", "cell": degrees / 12},
        [_VIEWPORT.format(condition=_IN_A_SMALL_WINDOW if degrees < 0.1 else _IN_A_LARGE_WINDOW)],
    )


# --- Asking ---------------------------------------------------------------------------------------------------------


@dataclass
class Worst:
    ratio: float = 0
    p95: float = 0
    is_within_limits: bool = True


def ask_all(*, rounds: int, only: str = "") -> Worst:
    """Ask every question `rounds` times, print a line for each, and return the worst of all."""
    settings.REGISTER_CACHE_SECONDS = 0  # what is measured is the answer, not a kept one
    settings.REMEMBER_SECONDS = 3600  # the menu and the like are asked for once a minute: not within a question
    handler, factory, worst = WSGIHandler(), RequestFactory(HTTP_HOST="localhost"), Worst()
    answered(handler, factory, LIST)
    plain = psycopg2.connect(_dsn())
    plain.autocommit = True
    print(f"{'':32}{'view: median':>14}{'p95':>8}{'SQL: median':>14}{'p95':>8}{'of allowed':>12}{'queries':>9}")
    for question in questions():
        if only and only not in question.name:
            continue
        views, sqls, queries = ask(question, rounds, lambda address: answered(handler, factory, address), plain)
        median, p95, base = statistics.median(views), percentile(views), statistics.median(sqls)
        ratio = median / (TIMES * base + PLUS_MS)
        too_many = max(queries) - min(queries) > 1  # one may be left out where there is nothing to ask for
        passed = ratio <= 1 and p95 <= MOST_MS and not too_many
        said = "" if passed else "  OVER THE LIMIT"
        print(
            f"{question.name:32}{median:11.1f} ms{p95:8.1f}{base:11.1f} ms{percentile(sqls):8.1f}{ratio:12.2f}"
            f"{'/'.join(map(str, sorted(queries))):>9}{said}",
            flush=True,
        )
        worst.ratio, worst.p95 = max(worst.ratio, ratio), max(worst.p95, p95)
        worst.is_within_limits &= passed
    return worst


def _dsn() -> str:
    """As Django connects."""
    names = {"dbname", "user", "password", "host", "port"}
    given = {name: value for name, value in connection.get_connection_params().items() if name in names}
    return psycopg2.extensions.make_dsn(**given)


def ask(question: Question, rounds: int, view: Callable[[str], None], plain) -> tuple[list, list, set[int]]:
    """(milliseconds in the view, milliseconds in plain SQL, numbers of queries), the first round of each left out."""
    views, sqls, queries, authority = [], [], set(), LocalAuthority.objects.get(code=MAIN_CODE).pk
    # A warm database, as a register's is: pages that nobody has read since it started come from the disk, once.
    for asked in question.ways:
        view(asked.address)
    for asked in question.ways[:3]:
        with CaptureQueriesContext(connection) as captured:
            view(asked.address)
        queries.add(len(captured))
    for number in range(rounds + 1):
        asked = question.ways[number % len(question.ways)]
        began = time.perf_counter()
        view(asked.address)
        between = time.perf_counter()
        with plain.cursor() as cursor:
            for statement in asked.sql or question.sql:
                cursor.execute(statement, {"authority": authority, **asked.parameters})
                if cursor.description:
                    cursor.fetchall()
        ended = time.perf_counter()
        if number:
            views.append((between - began) * 1000)
            sqls.append((ended - between) * 1000)
    return views, sqls, queries


def answered(handler: WSGIHandler, factory: RequestFactory, address: str) -> None:
    response = handler.get_response(factory.get(address))
    if response.status_code != 200:
        raise SystemExit(f"{address} answered {response.status_code}")
    if response.streaming:
        for _ in response.streaming_content:
            pass


def percentile(values: list[float], part: float = 0.95) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]
