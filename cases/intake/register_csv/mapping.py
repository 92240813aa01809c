"""The mapping file: which column of an older register is which field here, and how its dates and values are written."""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from .fields import CHOICES, FIELDS, OTHERWISE, REFUSE, Kind
from .lines import Form

KEYS = {
    "encoding",
    "delimiter",
    "quote",
    "dates",
    "empty",
    "columns",
    "constants",
    "values",
    "keep",
    "closed_when_undecided_before",
    "documents",
}
TABS = {"tab": "\t", "\\t": "\t"}  # how people write one
DOCUMENT_COLUMNS = ("reference", "path", "title", "type", "date", "public")
USUAL_DATES = ("%d/%m/%Y", "%Y-%m-%d")
_DIRECTIVES = re.compile(r"%(.)")

# Value of a cell → our code; or → {pattern of types: our code}, where the type decides.
ByType = dict[str, str]
Values = dict[str, "str | ByType"]


class MappingFaults(Exception):
    """The mapping cannot be used. `faults` are sentences, all of them at once."""

    def __init__(self, faults: Iterable[str]):
        self.faults = list(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True)
class Mapping:
    form: Form
    columns: dict[str, tuple[str, ...]]
    constants: dict[str, str] = field(default_factory=dict)
    values: dict[str, Values] = field(default_factory=dict)
    keep: dict[str, str] = field(default_factory=dict)  # what to call it → column
    date_formats: tuple[str, ...] = USUAL_DATES
    empty: frozenset[str] = frozenset()
    closed_when_undecided_before: date | None = None
    document_columns: dict[str, str] = field(default_factory=dict)
    document_types: dict[str, str] = field(default_factory=dict)
    as_written: dict[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> frozenset[str]:
        """The fields that the file says something of, even when it says that they are empty."""
        return frozenset(self.columns) | frozenset(self.constants)

    def value_of(self, name: str, cell: str, type_code: str = "") -> str | None:
        """What a cell of a choice stands for: our code, `refuse`, or None where the mapping does not say."""
        values = self.values.get(name, {})
        found = values.get(cell.casefold(), values.get(OTHERWISE) if cell else None)
        if isinstance(found, dict):
            found = next(
                (code for pattern, code in found.items() if fnmatchcase(type_code, pattern)), found.get(OTHERWISE)
            )
        return found


def read_mapping(path: Path) -> Mapping:
    """The mapping in a file. Raises MappingFaults."""
    try:
        # Everything is text: NO is a decision somewhere, and 01 a type.
        written = yaml.load(path.read_text("utf-8-sig"), Loader=yaml.BaseLoader)  # noqa: S506 - makes text only
    except (OSError, UnicodeDecodeError) as error:
        raise MappingFaults([f"The mapping {path.name} cannot be read: {error}."]) from error
    except yaml.YAMLError as error:
        raise MappingFaults([f"The mapping {path.name} is not YAML: {error}"]) from error
    return mapping_of(written)


def mapping_of(written: Any) -> Mapping:
    """The mapping that a YAML document says. Raises MappingFaults with everything that is wrong with it."""
    if not isinstance(written, dict):
        raise MappingFaults(["The mapping is not a list of settings: it must begin with columns:"])
    faults = list(_faults_of_shape(written))
    if faults:
        raise MappingFaults(faults)
    documents = written.get("documents") or {}
    mapping = Mapping(
        form=Form(
            encoding=written.get("encoding") or "utf-8",
            delimiter=TABS.get(written.get("delimiter") or ",", written.get("delimiter") or ","),
            quote=written.get("quote") or '"',
        ),
        columns={name: _several(columns) for name, columns in (written.get("columns") or {}).items()},
        constants=dict(written.get("constants") or {}),
        values={name: _folded(values) for name, values in (written.get("values") or {}).items()},
        keep=dict(written.get("keep") or {}),
        date_formats=_several(written.get("dates")) or USUAL_DATES,
        empty=frozenset(word.strip().casefold() for word in _several(written.get("empty"))),
        closed_when_undecided_before=_day(written.get("closed_when_undecided_before")),
        document_columns=dict(documents.get("columns") or {}),
        document_types={name.casefold(): code for name, code in (documents.get("types") or {}).items()},
        as_written=written,
    )
    if faults := list(_faults_of_sense(mapping)):
        raise MappingFaults(faults)
    return mapping


def faults_of_headings(mapping: Mapping, headings: list[str]) -> Iterator[str]:
    """Columns that the mapping names and the file does not have, and headings that stand twice."""
    for name, columns in [*mapping.columns.items(), *((f"keep: {k}", (c,)) for k, c in mapping.keep.items())]:
        for column in columns:
            if headings.count(column) > 1:
                yield f"{name}: the file has {headings.count(column)} columns “{column}”. Give each a name of its own."
            elif column not in headings:
                yield f"{name}: the file has no column “{column}”. Its columns are: {', '.join(headings)}."


def _several(value: Any) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


def _folded(values: dict[str, Any]) -> Values:
    return {cell.strip().casefold(): code for cell, code in values.items()}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


# --- What may be wrong with it --------------------------------------------------------------------------------------


def _faults_of_shape(written: dict[str, Any]) -> Iterator[str]:
    for key in written:
        if key not in KEYS:
            yield f"“{key}” is not a setting of a mapping. The settings are: {', '.join(sorted(KEYS))}."
    for key in ("columns", "constants", "values", "keep", "documents"):
        if not isinstance(written.get(key) or {}, dict):
            yield f"{key}: must be a list of “name: value”."
    for key in ("encoding", "delimiter", "quote", "closed_when_undecided_before"):
        if not isinstance(written.get(key, ""), str):
            yield f"{key}: must be one value."
    try:
        _day(written.get("closed_when_undecided_before") or None)
    except (TypeError, ValueError):
        yield "closed_when_undecided_before: must be a day such as 2015-01-01."
    for key in ("columns", "constants", "keep"):
        for name, value in _pairs(written.get(key)):
            several = key == "columns" and isinstance(value, list) and all(isinstance(one, str) for one in value)
            if not isinstance(value, str) and not several:
                yield f"{key}: {name}: must name one column{' or a list of columns' if key == 'columns' else ''}."
    for name, values in _pairs(written.get("values")):
        if not isinstance(values, dict):
            yield f"values: {name}: must be a list of “value in the file: value here”."
    for key in ("dates", "empty"):
        if not isinstance(written.get(key, []), str | list):
            yield f"{key}: must be a list."
    for key, value in _pairs(written.get("documents")):
        if key not in ("columns", "types") or not isinstance(value, dict):
            yield "documents: has the parts columns and types, each a list of “name: value”."


def _pairs(value: Any) -> Iterable[tuple[str, Any]]:
    return value.items() if isinstance(value, dict) else ()


def _faults_of_sense(mapping: Mapping) -> Iterator[str]:
    yield from _faults_of_form(mapping)
    for name in [*mapping.columns, *mapping.constants, *mapping.values]:
        if name not in FIELDS:
            yield f"“{name}” is not a field. The fields are: {', '.join(FIELDS)}."
    for name in set(mapping.columns) & set(mapping.constants):
        yield f"{name}: is given as a column and as a constant. Keep one of them."
    for field_ in FIELDS.values():
        if field_.is_needed and field_.name not in mapping.said:
            yield f"{field_.name}: an application cannot be without it. Name its column, or give it a constant."
    for name, columns in mapping.columns.items():
        if len(columns) > 1 and name in FIELDS and FIELDS[name].kind not in (Kind.ADDRESS, Kind.TEXT, Kind.CODES):
            yield f"{name}: can come from one column only."
    yield from _faults_of_values(mapping)
    yield from _faults_of_places(mapping)
    for name in mapping.document_columns:
        if name not in DOCUMENT_COLUMNS:
            yield f"documents: columns: “{name}” is not one of {', '.join(DOCUMENT_COLUMNS)}."


def _faults_of_form(mapping: Mapping) -> Iterator[str]:
    form = mapping.form
    try:
        codecs.lookup(form.encoding)
        ascii_inside = '",\n'.encode(form.encoding) == b'",\n'
    except LookupError:
        yield f"encoding: “{form.encoding}” is not known. Usual ones are utf-8 and windows-1252."
    else:
        if not ascii_inside:
            yield f"encoding: a file in {form.encoding} cannot be read line by line. Save it in utf-8."
    if len(form.delimiter) != 1 or not form.delimiter.isascii():
        yield "delimiter: must be one character, such as a comma, a semicolon, | or tab."
    if len(form.quote) != 1 or not form.quote.isascii():
        yield "quote: must be one character."
    for written in mapping.date_formats:
        if not {"d", "m"} <= set(_DIRECTIVES.findall(written)) or not re.search("%[yY]", written):
            yield f"dates: “{written}” does not say day, month and year, as %d/%m/%Y does."
            continue
        try:
            datetime.strptime(date(2026, 12, 31).strftime(written), written)  # noqa: DTZ007 - only a day
        except ValueError:
            yield f"dates: “{written}” is not a way to write a date that can be read again."


def _faults_of_values(mapping: Mapping) -> Iterator[str]:
    for name, values in mapping.values.items():
        if name not in FIELDS:
            continue
        if FIELDS[name].kind is not Kind.CHOICE:
            yield f"values: {name}: is not a field with a list of values."
            continue
        for cell, code in values.items():
            if isinstance(code, dict) and name == "type":
                yield f"values: type: {cell}: must be one code."
                continue
            for one in code.values() if isinstance(code, dict) else [code]:
                if name != "type" and one != REFUSE and one not in CHOICES[name]:
                    yield (
                        f"values: {name}: {cell}: “{one}” is not one of {', '.join(sorted(CHOICES[name]))} or {REFUSE}."
                    )


def _faults_of_places(mapping: Mapping) -> Iterator[str]:
    for one, other in (("easting", "northing"), ("latitude", "longitude"), ("appeal_outcome", "appeal_decided_on")):
        if (one in mapping.said) != (other in mapping.said):
            yield f"{one} and {other} go together: give both or neither."
    if {"easting", "latitude"} <= mapping.said:
        yield "The place is given twice: by easting and northing, and by latitude and longitude. Keep one of them."
    if "decision" in mapping.said and "decided_on" not in mapping.said:
        yield "decision and decided_on go together: a decision without its day cannot be told."
    if "decided_on" in mapping.said and "decision" not in mapping.said:
        yield "decided_on and decision go together: the day of a decision says nothing without it."
    if any(name.startswith("appeal_") for name in mapping.said) and "appeal_lodged_on" not in mapping.said:
        yield "An appeal needs the day on which it was lodged: appeal_lodged_on."
