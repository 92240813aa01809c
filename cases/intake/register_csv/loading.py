"""Batches of an older register into the register: written in sets, each application with its event, or not at all.

One batch is one transaction of the caller's. Nothing here reads a file. Beside the verbs, this alone writes a status
and a decision: of applications that were decided elsewhere (origin imported), whose history it marks as imported.
No listener hears of them: nobody is to get a letter about a decision of 1987.
"""
# ruff: noqa: S608

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import LocalAuthority
from cases.models import Appeal, CaseEvent, Party, PlanningApplication, PreviousReference
from cases.statuses import Origin
from cases.timeline import SYSTEM, hash_of

from .fields import PARTY_COLUMNS
from .mapping import Mapping
from .rows import APPLICATION_COLUMNS, PARTY_FIELDS, Refusal, Row, copied
from .staging import BESIDE, Said, Staging, copy, fetch, run, start_of

EVENT_COLUMNS = (
    "application_id",
    "sequence",
    "kind",
    "at",
    "by_name",
    "from_status",
    "to_status",
    "data",
    "is_imported",
    "previous_hash",
    "hash",
)
PUBLIC_DAY = "greatest(s.published_on, s.received_on, s.valid_from, s.decided_on, s.withdrawn_on, s.closed_on)"
STATUS_DAY = "coalesce(s.decided_on, s.withdrawn_on, s.closed_on, s.returned_on, s.valid_from, s.received_on)"
CALLED_BEFORE = (
    "(SELECT coalesce(jsonb_agg(p.reference ORDER BY p.id), '[]') FROM cases_previousreference p "
    "WHERE p.application_id = a.id)"
)
Tally = Counter[tuple[str, str]]  # (year, code of the type) → rows


@dataclass
class Loaded:
    """What came of a batch."""

    created: Tally = field(default_factory=Counter)
    updated: Tally = field(default_factory=Counter)
    unchanged: Tally = field(default_factory=Counter)
    refused: list[Refusal] = field(default_factory=list)

    def __add__(self, other: "Loaded") -> "Loaded":
        return Loaded(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.refused + other.refused,
        )


class Loader:
    """Loads the rows of one import of one council. With `is_trial` nothing is written but temporary tables."""

    def __init__(self, authority: LocalAuthority, mapping: Mapping, *, file_name: str, is_trial: bool):
        self.authority = authority
        self.said = Said(mapping)
        self.staging = Staging(authority, self.said)
        self.file_name = file_name
        self.is_trial = is_trial

    def load(self, rows: Sequence[Row]) -> Loaded:
        """Write rows, in the caller's transaction. What only the database finds wrong is found by halving."""
        if not rows:
            return Loaded()
        try:
            with transaction.atomic():
                return self._load(rows)
        except (DataError, IntegrityError) as error:
            if len(rows) == 1:
                reason = str(error).strip().split("\n")[0]
                return Loaded(refused=[_refusal(rows[0], f"The database does not take it: {reason}")])
        half = len(rows) // 2
        return self.load(rows[:half]) + self.load(rows[half:])

    def remember(self, rows: Sequence[Row]) -> None:
        """Note the references of rows that an earlier run of the same import has written."""
        self.staging.put(rows)
        self.staging.take()

    def _load(self, rows: Sequence[Row]) -> Loaded:
        staging, by_line = self.staging, {row.line: row for row in rows}
        staging.put(rows)
        refused: dict[int, str] = {}
        for find in (lambda: staging.take() + staging.match(), staging.compare):
            found = find()
            staging.drop(found)
            refused |= dict(found)
        self._write(timezone.now())
        loaded = Loaded(refused=[_refusal(by_line[line], reason) for line, reason in sorted(refused.items())])
        for line, is_new, is_changed in fetch("SELECT line, is_new, is_changed FROM register_staged"):
            row = by_line[line]
            tally = loaded.created if is_new else loaded.updated if is_changed else loaded.unchanged
            tally[row.year, row.type_code] += 1
        return loaded

    def _write(self, now: datetime) -> None:
        if self.is_trial:
            run("UPDATE register_staged SET application_id = -line WHERE is_new")
            self._insert_applications("register_trial", now)
            run("TRUNCATE register_trial")
            return
        run("""
            UPDATE register_staged s SET application_id = numbered.id FROM (
                SELECT line, nextval(pg_get_serial_sequence('cases_planningapplication', 'id')) AS id
                FROM (SELECT line FROM register_staged WHERE is_new ORDER BY line) ordered
            ) numbered WHERE numbered.line = s.line
        """)
        self._insert_applications("cases_planningapplication", now)
        changes = self._changes()
        if changes:
            self._update_applications(now)
        self._write_parties(has_changes=bool(changes))
        self._write_appeals(has_changes=bool(changes))
        self._write_previous_references()
        self._write_events(changes, now)

    # --- The application ------------------------------------------------------------------------------------------

    def _insert_applications(self, table: str, now: datetime) -> None:
        """Insert the new ones. What the file does not say is as it is on a new application."""
        given = {"id": "s.application_id", **{column: f"s.{column}" for column in APPLICATION_COLUMNS}}
        given |= {
            "published_at": start_of("s.published_on"),
            "public_changed_at": f"CASE WHEN s.published_on IS NOT NULL THEN {start_of(PUBLIC_DAY)} END",
            "status_changed_at": start_of(STATUS_DAY),
        }
        blank = PlanningApplication(authority=self.authority, origin=Origin.IMPORTED, created_at=now, updated_at=now)
        columns, expressions, params = _insert_parts(blank, given)
        run(
            f"INSERT INTO {table} ({columns}) SELECT {expressions} FROM register_staged s "
            "WHERE s.is_new ORDER BY s.line",
            params,
        )

    def _changes(self) -> "list[Change]":
        if not fetch("SELECT 1 FROM register_staged WHERE is_changed LIMIT 1"):
            return []
        values = self.said.new_values()
        before = {column: f"a.{column}" for column in values}
        after = dict(values)
        for party, parts in self.said.parties.items():
            before |= {f"{party}_{part}": f"coalesce({party}.{PARTY_COLUMNS[part][0]}, '')" for part in parts}
            after |= {f"{party}_{part}": f"coalesce(s.{party}_{part}, '')" for part in parts}
        before |= {f"appeal_{name}": f"coalesce(appeal.{name}::text, '')" for name in self.said.appeal}
        after |= {f"appeal_{name}": f"coalesce(s.appeal_{name}::text, '')" for name in self.said.appeal}
        if self.said.previous_references:
            before["previous_references"] = CALLED_BEFORE
            after["previous_references"] = "s.previous_references"
        if "application_type_id" in values:
            for side, row in ((before, "a"), (after, "s")):
                side["type"] = f"(SELECT code FROM cases_applicationtype WHERE id = {row}.application_type_id)"
                del side["application_type_id"]
        rows = fetch(
            f"SELECT a.id, s.line, a.status, s.status, {_object(before)}, {_object(after)} "
            f"FROM {BESIDE} WHERE s.is_changed ORDER BY a.id"
        )
        return [
            Change(pk, line, was, now if "status" in values else was, json.loads(old), json.loads(new))
            for pk, line, was, now, old, new in rows
        ]

    def _update_applications(self, now: datetime) -> None:
        values = self.said.new_values()
        written = [f"{column} = {value}" for column, value in values.items()]
        if "status" in values:
            began = start_of(STATUS_DAY)
            written.append(
                f"status_changed_at = CASE WHEN a.status = s.status THEN a.status_changed_at ELSE {began} END"
            )
        run(
            f"UPDATE cases_planningapplication a SET {', '.join(written)}, updated_at = %s, public_changed_at = %s "
            "FROM register_staged s WHERE a.id = s.application_id AND s.is_changed",
            [now, now],
        )

    # --- What belongs to it ---------------------------------------------------------------------------------------

    def _write_parties(self, *, has_changes: bool) -> None:
        for party, parts in self.said.parties.items():
            columns = {PARTY_COLUMNS[part][0]: f"coalesce(s.{party}_{part}, '')" for part in parts}
            given = {"application_id": "s.application_id", **columns}
            is_named = f"concat({', '.join(columns.values())}) <> ''"
            self._insert(Party(role=party), given, where=f"s.is_new AND {is_named}")
            if not has_changes:
                continue
            same = "p.application_id = s.application_id AND p.role = %s"
            run(
                f"UPDATE cases_party p SET {_assignments(columns)} FROM register_staged s "
                f"WHERE s.is_changed AND {same}",
                [party],
            )
            is_missing = f"NOT EXISTS (SELECT FROM cases_party p WHERE {same})"
            self._insert(
                Party(role=party), given, where=f"s.is_changed AND {is_named} AND {is_missing}", params=[party]
            )
            every = ", ".join(f"p.{column}" for column, _ in PARTY_COLUMNS.values())
            run(
                "DELETE FROM cases_party p USING register_staged s "
                f"WHERE s.is_changed AND {same} AND concat({every}) = ''",
                [party],
            )

    def _write_appeals(self, *, has_changes: bool) -> None:
        if not self.said.appeal:
            return
        said = {name: f"s.appeal_{name}" for name in self.said.appeal}
        said |= {name: f"coalesce(s.appeal_{name}, '')" for name in said if name in ("reference", "outcome")}
        given = {"application_id": "s.application_id", "ground": "s.appeal_ground", **said}
        self._insert(Appeal(), given, where="s.is_new AND s.appeal_lodged_on IS NOT NULL")
        if not has_changes:
            return
        changed = "s.is_changed AND p.application_id = s.application_id"
        run(f"DELETE FROM cases_appeal p USING register_staged s WHERE {changed} AND s.appeal_lodged_on IS NULL")
        run(f"UPDATE cases_appeal p SET {_assignments(said)} FROM register_staged s WHERE {changed}")
        is_missing = "NOT EXISTS (SELECT FROM cases_appeal p WHERE p.application_id = s.application_id)"
        self._insert(Appeal(), given, where=f"s.is_changed AND s.appeal_lodged_on IS NOT NULL AND {is_missing}")

    def _write_previous_references(self) -> None:
        """Added and never taken away: somebody may look for them for ever."""
        if not self.said.previous_references:
            return
        is_missing = (
            "NOT EXISTS (SELECT FROM cases_previousreference p "
            "WHERE p.authority_id = %s AND p.reference = called.reference)"
        )
        self._insert(
            PreviousReference(authority=self.authority),
            {"application_id": "s.application_id", "reference": "called.reference"},
            rows="register_staged s, jsonb_array_elements_text(s.previous_references) AS called(reference)",
            where=f"(s.is_new OR s.is_changed) AND {is_missing}",
            params=[self.authority.pk],
        )

    def _insert(
        self,
        blank: Model,
        given: dict[str, str],
        *,
        where: str,
        rows: str = "register_staged s",
        params: Sequence[Any] = (),
    ) -> None:
        """Insert rows like `blank`, with what is `given` (column → SQL) in its places."""
        columns, expressions, values = _insert_parts(blank, given)
        run(
            f"INSERT INTO {blank._meta.db_table} ({columns}) SELECT {expressions} FROM {rows} WHERE {where}",
            [*values, *params],
        )

    # --- What happened --------------------------------------------------------------------------------------------

    def _write_events(self, changes: "list[Change]", now: datetime) -> None:
        copy("cases_caseevent", EVENT_COLUMNS, map(_event_line, self._events(changes, now)))

    def _events(self, changes: "list[Change]", now: datetime) -> Iterator[CaseEvent]:
        for pk, line, status in fetch(
            "SELECT application_id, line, status FROM register_staged WHERE is_new ORDER BY line"
        ):
            yield self._event(pk, now, line=line, to_status=status)
        last = _last_links([change.application_id for change in changes])
        for change in changes:
            sequence, previous_hash = last.get(change.application_id, (0, ""))
            yield self._event(
                change.application_id,
                now,
                line=change.line,
                from_status=change.from_status,
                to_status=change.to_status,
                sequence=sequence + 1,
                previous_hash=previous_hash,
                **change.told(),
            )

    def _event(
        self,
        application_id: int,
        at: datetime,
        *,
        line: int,
        to_status: str,
        from_status: str = "",
        sequence: int = 1,
        previous_hash: str = "",
        **told: Any,
    ) -> CaseEvent:
        event = CaseEvent(
            application_id=application_id,
            sequence=sequence,
            kind="imported",
            at=at,
            by_name=SYSTEM,
            from_status=from_status,
            to_status=to_status,
            data={"file": self.file_name, "line": line, **told},
            is_imported=True,
            previous_hash=previous_hash,
        )
        event.hash = hash_of(event)
        return event


@dataclass(frozen=True)
class Change:
    """What an import changed of one application."""

    application_id: int
    line: int
    from_status: str
    to_status: str
    before: dict[str, Any]
    after: dict[str, Any]

    # How to reach people, and what only officers read, is not kept for ever in the history: only that it changed.
    _UNTOLD = frozenset(
        {f"{party}_{part}" for party, part in PARTY_FIELDS if part in ("email", "phone", "address")} | {"answers"}
    )

    def told(self) -> dict[str, Any]:
        """What the event says of it."""
        differing = [name for name, now in self.after.items() if self.before.get(name) != now]
        shown = [name for name in differing if name not in self._UNTOLD]
        told: dict[str, Any] = {
            "before": {name: self.before.get(name) for name in shown},
            "after": {name: self.after[name] for name in shown},
        }
        hidden = [name for name in differing if name in self._UNTOLD]
        return {**told, "also_changed": hidden} if hidden else told


def _last_links(applications: list[int]) -> dict[int, tuple[int, str]]:
    """Application → (sequence, hash) of its last event."""
    if not applications:
        return {}
    rows = fetch(
        "SELECT DISTINCT ON (application_id) application_id, sequence, hash FROM cases_caseevent "
        "WHERE application_id = ANY(%s) ORDER BY application_id, sequence DESC",
        [applications],
    )
    return {pk: (sequence, link) for pk, sequence, link in rows}


def _event_line(event: CaseEvent) -> str:
    values = [
        json.dumps(event.data) if name == "data" else event.at.isoformat() if name == "at" else getattr(event, name)
        for name in EVENT_COLUMNS
    ]
    return "\t".join(map(copied, values)) + "\n"


def _insert_parts(blank: Model, given: dict[str, str]) -> tuple[str, str, list[Any]]:
    """(columns, expressions, parameters) of such an INSERT."""
    columns, expressions, params = list(given), list(given.values()), []
    for model_field in blank._meta.local_concrete_fields:
        if model_field.column in given or model_field.primary_key or model_field.generated:
            continue
        columns.append(str(model_field.column))
        expressions.append(f"%s::{model_field.db_type(connection)}")
        value = getattr(blank, model_field.attname)
        params.append(model_field.get_db_prep_save(value, connection))
    return ", ".join(columns), ", ".join(expressions), params


def _assignments(columns: dict[str, str]) -> str:
    return ", ".join(f"{column} = {value}" for column, value in columns.items())


def _object(values: dict[str, str]) -> str:
    """SQL of a JSON object. A function of PostgreSQL takes a hundred arguments at most."""
    pairs = [f"'{name}', {value}" for name, value in values.items()]
    parts = [pairs[begin : begin + 40] for begin in range(0, len(pairs), 40)]
    return " || ".join(f"jsonb_build_object({', '.join(part)})" for part in parts)


def _refusal(row: Row, reason: str) -> Refusal:
    return Refusal(row.line, row.reference[:60], row.year, row.type_code, reason[:400])
