"""A batch in temporary tables of PostgreSQL, compared with the register: what is new, what differs, what must not be.

The tables live as long as the connection. All SQL here is made of names of our own columns; values are parameters.
"""
# ruff: noqa: S608

import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from accounts.models import LocalAuthority

from .fields import APPEAL_COLUMNS, PARTIES, PARTY_COLUMNS
from .mapping import Mapping
from .rows import APPLICATION_COLUMNS, PARTY_FIELDS, STAGED, Row

TEMPORARY_TABLES = """
DROP TABLE IF EXISTS register_staged, register_taken, register_once_called, register_trial, register_refused;
CREATE TEMP TABLE register_staged AS
    SELECT 0 AS line, received_on AS published_on, answers AS previous_references, {application_columns},
        {party_columns}, ''::text AS appeal_ground, received_on AS appeal_lodged_on, ''::text AS appeal_reference,
        ''::text AS appeal_outcome, received_on AS appeal_decided_on,
        id AS application_id, false AS is_new, false AS is_changed
    FROM cases_planningapplication WITH NO DATA;
ALTER TABLE register_staged
    ADD PRIMARY KEY (line), ALTER is_new SET DEFAULT false, ALTER is_changed SET DEFAULT false;
CREATE TEMP TABLE register_taken (reference text PRIMARY KEY, line int NOT NULL, is_refused bool DEFAULT false);
CREATE TEMP TABLE register_once_called (reference text PRIMARY KEY, line int NOT NULL);
CREATE TEMP TABLE register_refused (line int PRIMARY KEY, reference text, reason text);
CREATE TEMP TABLE register_trial
    (LIKE cases_planningapplication INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING DEFAULTS);
"""
# A staged row, the application that it is, and what belongs to that.
BESIDE = """
register_staged s JOIN cases_planningapplication a ON a.id = s.application_id
LEFT JOIN cases_party applicant ON applicant.application_id = a.id AND applicant.role = 'applicant'
LEFT JOIN cases_party agent ON agent.application_id = a.id AND agent.role = 'agent'
LEFT JOIN LATERAL (
    SELECT * FROM cases_appeal WHERE application_id = a.id ORDER BY lodged_on, id LIMIT 1
) appeal ON true
"""
# A batch is small beside the register: its rows are looked up one by one, and a million are never read for it. What
# that costs the planner's sums would set off compiling each statement, which takes longer than running it.
LOOK_UP = """
SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off; SET LOCAL jit = off
"""
Lines = list[tuple[int, str]]  # (line, reason)


def start_of(day: str) -> str:
    """SQL for the moment at which a day begins in England, whatever the server's clock thinks."""
    return f"(({day})::timestamp AT TIME ZONE 'Europe/London')"


class Said:
    """What the file speaks of, as columns: an import changes these and no other."""

    # Columns that follow from fields of another name. What the file names itself is in any case exact.
    _FOLLOWS = {
        "application_type_id": {"type"},
        "postcode": {"address"},
        "latitude": {"easting"},
        "longitude": {"northing"},
        "site_area_sqm": {"boundary"},
        "status": {"decision"},
        "expires_on": {"statutory_expiry_on"},
        "answers": {"officer"},
    }
    # Columns that are computed where the file says nothing: filled, and never emptied.
    _FILLS = {
        "latitude": {"boundary"},
        "longitude": {"boundary"},
        "withdrawn_on": {"decision"},
        "returned_on": {"decision"},
        "closed_on": {"decision"},
        "statutory_expiry_on": {"valid_from"},
        "expires_on": {"valid_from"},
    }

    def __init__(self, mapping: Mapping):
        fields = mapping.said
        kept = {"answers"} if mapping.keep else set()
        self.exact = [
            column
            for column in APPLICATION_COLUMNS[1:]
            if column in fields | kept or fields & self._FOLLOWS.get(column, set())
        ]
        self.filled = [
            column
            for column in APPLICATION_COLUMNS
            if column not in self.exact and fields & self._FILLS.get(column, set())
        ]
        self.parties = {
            party: [part for part in PARTY_COLUMNS if f"{party}_{part}" in fields]
            for party in PARTIES
            if any(f"{party}_{part}" in fields for part in PARTY_COLUMNS)
        }
        self.appeal = [name for name in APPEAL_COLUMNS if f"appeal_{name}" in fields]
        self.previous_references = "previous_references" in fields
        self.published_on = "published_on" in fields

    def new_values(self) -> dict[str, str]:
        """Column of the application → SQL of what it is to be, for rows `s` beside applications `a`."""
        values = {column: f"s.{column}" for column in self.exact}
        values |= {column: f"coalesce(s.{column}, a.{column})" for column in self.filled}
        if "status" in values:
            begins = start_of("s.published_on")
            known_since = begins if self.published_on else f"coalesce(a.published_at, {begins})"
            values["published_at"] = f"CASE WHEN s.published_on IS NOT NULL THEN {known_since} END"
        return values

    def differences(self, authority_id: int) -> str:
        """SQL that is true of a row that says something else than the register, `BESIDE` each other."""
        values = self.new_values()
        found = [f"{_row(f'a.{column}' for column in values)} IS DISTINCT FROM {_row(values.values())}"]
        for party, parts in self.parties.items():
            now = _row(f"coalesce({party}.{PARTY_COLUMNS[part][0]}, '')" for part in parts)
            found.append(f"{now} IS DISTINCT FROM {_row(f'''coalesce(s.{party}_{part}, '')''' for part in parts)}")
        if self.appeal:
            now, new = (
                _row(f"coalesce({rows}{name}::text, '')" for name in self.appeal) for rows in ("appeal.", "s.appeal_")
            )
            found.append(f"{now} IS DISTINCT FROM {new}")
        if self.previous_references:
            found.append(
                "EXISTS (SELECT FROM jsonb_array_elements_text(s.previous_references) AS called(reference) WHERE NOT "
                "EXISTS (SELECT FROM cases_previousreference p WHERE p.reference = called.reference "
                f"AND p.authority_id = {int(authority_id)}))"
            )
        return " OR ".join(f"({one})" for one in found)


class Staging:
    """The temporary tables of one import of one council."""

    def __init__(self, authority: LocalAuthority, said: Said):
        self.authority = authority
        self.said = said
        parties = ", ".join(f"''::text AS {party}_{part}" for party, part in PARTY_FIELDS)
        run(TEMPORARY_TABLES.format(application_columns=", ".join(APPLICATION_COLUMNS), party_columns=parties))

    def put(self, rows: Sequence[Row]) -> None:
        run(LOOK_UP)
        run("TRUNCATE register_staged")
        copy("register_staged", STAGED, (row.copied for row in rows))
        run("ANALYZE register_staged (line, reference)")

    def take(self) -> Lines:
        """Rows whose reference, or previous reference, an earlier row of the file has."""
        run("""
            INSERT INTO register_taken (reference, line) SELECT reference, line FROM register_staged ORDER BY line
            ON CONFLICT DO NOTHING;
            INSERT INTO register_once_called (reference, line)
            SELECT called.reference, s.line
            FROM register_staged s, jsonb_array_elements_text(s.previous_references) AS called(reference)
            ORDER BY s.line ON CONFLICT DO NOTHING
        """)
        return fetch("""
            SELECT s.line, 'The reference ' || s.reference || ' stands on line ' || t.line || ' already.'
            FROM register_staged s JOIN register_taken t USING (reference) WHERE t.line <> s.line
            UNION ALL
            SELECT s.line, 'The previous reference ' || p.reference || ' is that of line ' || p.line || ' already.'
            FROM register_staged s, jsonb_array_elements_text(s.previous_references) AS called(reference)
            JOIN register_once_called p USING (reference) WHERE p.line <> s.line
        """)

    def match(self) -> Lines:
        """Find the applications that are here already. Returned: rows that belong to cases of BoPS's own."""
        run(
            "UPDATE register_staged s SET application_id = a.id FROM cases_planningapplication a "
            "WHERE a.authority_id = %s AND a.reference = s.reference",
            [self.authority.pk],
        )
        run("UPDATE register_staged SET is_new = true WHERE application_id IS NULL")
        return fetch(
            """
            SELECT s.line, a.reference || ' lives in BoPS: it was not imported, so it is left alone.'
            FROM register_staged s JOIN cases_planningapplication a ON a.id = s.application_id
            WHERE a.origin <> 'imported'
            UNION ALL
            SELECT s.line, 'The reference was that of ' || a.reference || ' before, which lives in BoPS.'
            FROM register_staged s
            JOIN cases_previousreference p ON p.authority_id = %s AND p.reference = s.reference
            JOIN cases_planningapplication a ON a.id = p.application_id
            WHERE a.origin <> 'imported'
            UNION ALL
            SELECT s.line, 'The previous reference ' || p.reference || ' is that of ' || a.reference || ' already.'
            FROM register_staged s, jsonb_array_elements_text(s.previous_references) AS called(reference)
            JOIN cases_previousreference p ON p.authority_id = %s AND p.reference = called.reference
            JOIN cases_planningapplication a ON a.id = p.application_id
            WHERE p.application_id IS DISTINCT FROM s.application_id
            """,
            [self.authority.pk, self.authority.pk],
        )

    def compare(self) -> Lines:
        """Mark rows that say something else than the register, and lock these. Returned: changes that may not be."""
        if not fetch("SELECT 1 FROM register_staged WHERE NOT is_new LIMIT 1"):
            return []
        differs = self.said.differences(self.authority.pk)
        run(f"UPDATE register_staged SET is_changed = true WHERE line IN (SELECT s.line FROM {BESIDE} WHERE {differs})")
        run(
            "SELECT FROM cases_planningapplication a WHERE a.id IN "
            "(SELECT application_id FROM register_staged WHERE is_changed) ORDER BY a.id FOR UPDATE OF a"
        )
        worked_on = fetch("""
            SELECT s.line, s.reference || ' has been worked on in BoPS since its import, so it is left alone.'
            FROM register_staged s WHERE s.is_changed AND EXISTS (
                SELECT FROM cases_caseevent e WHERE e.application_id = s.application_id AND NOT e.is_imported
            )
        """)
        if "status" not in self.said.exact:
            return worked_on
        return worked_on + fetch("""
            SELECT s.line, s.reference || ' is decided here, and an import does not take a decision back.'
            FROM register_staged s JOIN cases_planningapplication a ON a.id = s.application_id
            WHERE s.is_changed AND a.status = 'determined' AND s.status <> 'determined'
        """)

    def drop(self, refused: Lines) -> None:
        """Take rows out again; the rest of the batch goes on without them."""
        lines = [line for line, _ in refused]
        if lines:
            run("DELETE FROM register_staged WHERE line = ANY(%s)", [lines])
            run("UPDATE register_taken SET is_refused = true WHERE line = ANY(%s)", [lines])
            run("DELETE FROM register_once_called WHERE line = ANY(%s)", [lines])


def run(sql: str, params: Sequence[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def fetch(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def copy(table: str, columns: Iterable[str], lines: Iterable[str]) -> None:
    """Rows into a table, the fastest way that PostgreSQL has. `lines` are in the text format of COPY."""
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", io.StringIO("".join(lines)))


def _row(expressions: Iterable[str]) -> str:
    return f"ROW({', '.join(expressions)})"
