"""The file looked through before anything is done: does the mapping fit it, and how long is it?"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cases.statuses import Decision

from .fields import CHOICES, FIELDS, OTHERWISE, REFUSE, Kind
from .lines import read_headings, read_lines
from .mapping import Mapping, MappingFaults, faults_of_headings
from .rows import RowReader

MOST_VALUES = 500  # different ones that a column with a list of values may hold
CHUNK = 1024 * 1024


@dataclass
class Survey:
    """What there is to import."""

    rows: int = 0
    sha256: str = ""  # of the file and of the mapping
    warnings: list[str] = field(default_factory=list)


def look_through(path: Path, mapping: Mapping, reader: RowReader) -> Survey:
    """Read the whole file once. Raises MappingFaults where a value of a choice is not in the mapping, NotACsvFile."""
    choices = [name for name in mapping.said if FIELDS[name].kind is Kind.CHOICE]
    counted: dict[str, Counter[str]] = {name: Counter() for name in choices}
    first: dict[tuple[str, str], int] = {}
    decisions: Counter[tuple[str, str]] = Counter()
    survey = Survey(sha256=digest(path, mapping))
    for line in read_lines(path, mapping.form):
        survey.rows += 1
        if line.fault:
            continue
        for name in choices:
            value = reader.raw(line, name)
            if value not in counted[name]:
                if len(counted[name]) >= MOST_VALUES:
                    raise MappingFaults([_too_many(name, mapping)])
                first[name, value] = line.number
            counted[name][value] += 1
        if "decision" in counted:
            decisions[reader.raw(line, "type"), reader.raw(line, "decision")] += 1
    faults = [fault for name in choices for fault in _unmapped(name, counted[name], first, mapping, reader)]
    if faults:
        raise MappingFaults(faults)
    survey.warnings = list(_strange_decisions(decisions, mapping, reader))
    return survey


def check_headings(path: Path, mapping: Mapping) -> list[str]:
    """The file's headings. Raises MappingFaults where the mapping names others, NotACsvFile."""
    headings = read_headings(path, mapping.form)
    if faults := list(faults_of_headings(mapping, headings)):
        if len(headings) == 1:
            faults.insert(0, "The file has a single column: is the delimiter right?")
        raise MappingFaults(faults)
    return headings


def digest(path: Path, mapping: Mapping) -> str:
    """sha256 of the file and of what the mapping says: the same import is known again by it."""
    found = hashlib.sha256(json.dumps(mapping.as_written, sort_keys=True).encode())
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _too_many(name: str, mapping: Mapping) -> str:
    column = ", ".join(mapping.columns.get(name, ()))
    return f"{name}: the column “{column}” holds more than {MOST_VALUES} different values. Is it the right one?"


def _unmapped(
    name: str, counted: Counter[str], first: dict[tuple[str, str], int], mapping: Mapping, reader: RowReader
) -> Iterator[str]:
    """Sentences for the values that the mapping does not know. An empty cell is its row's fault."""
    for value, rows in counted.most_common():
        if not value or _is_known(name, value, mapping, reader):
            continue
        line = first[name, value]
        yield (
            f"{name}: “{value}” is not in the mapping ({rows:,} times, first on line {line:,}). "
            f"Say under values: {name}: what it is here, or {REFUSE}."
        )


def _is_known(name: str, value: str, mapping: Mapping, reader: RowReader) -> bool:
    if name == "type":
        code = mapping.value_of("type", value) or value
        return code == REFUSE or reader.types.get(code) is not None
    found = mapping.values.get(name, {})
    return value.casefold() in found or OTHERWISE in found or value.casefold().replace(" ", "_") in CHOICES[name]


def _strange_decisions(decisions: Counter[tuple[str, str]], mapping: Mapping, reader: RowReader) -> Iterator[str]:
    """A decision that its type of application cannot have is kept, and somebody should know of it."""
    strange: Counter[tuple[str, str]] = Counter()
    for (type_value, decision_value), rows in decisions.items():
        kind = reader.types.get(mapping.value_of("type", type_value) or type_value)
        if kind is None or not decision_value:
            continue
        code = mapping.value_of("decision", decision_value, kind.code) or decision_value.casefold().replace(" ", "_")
        if code in Decision.values and code not in kind.decision_words:
            strange[kind.code, code] += rows
    for (type_code, code), rows in strange.most_common(20):
        yield (
            f"decision: {code} is not a decision that {type_code} knows ({rows:,} rows). They are imported so; to tell "
            "types apart, give the value a list of patterns, such as {ldc.*: ldc_granted, otherwise: granted}."
        )
