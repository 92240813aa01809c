"""A row of an older register → the values of one application, or why it cannot be one."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any

from cases.law.deadlines import statutory_expiry
from cases.models import ApplicationType, reference_key
from cases.places import addresses
from cases.places.geometry import EAST, NORTH, SOUTH, WEST, middle_of
from cases.statuses import ON_THE_REGISTER, REFUSALS, Decision, Route, Status, WorkStatus

from . import cells
from .cells import Unreadable
from .fields import (
    APPEAL_COLUMNS,
    CHOICES,
    ENDINGS_IN_DECISION,
    FIELDS,
    NO_DECISION,
    PARTIES,
    PARTY_COLUMNS,
    PAST_DATES,
    REFUSE,
    Field,
    Kind,
)
from .lines import Line
from .mapping import Mapping

Values = dict[str, Any]

# What is written of the application itself, in the order of the staging table.
APPLICATION_COLUMNS = (
    "reference", "application_type_id", "status", "description", "work_status", "address", "postcode", "uprn", "usrn",
    "ward", "parish", "latitude", "longitude", "boundary", "site_area_sqm", "received_on", "valid_from",
    "validated_on", "invalidated_on", "statutory_expiry_on", "expires_on", "consultation_ends_on", "withdrawn_on",
    "returned_on", "closed_on", "is_eia", "fee_payable", "fee_paid", "answers", "route", "committee_on", "decision",
    "decided_on",
)  # fmt: skip
# Text that is empty rather than unknown where the register says nothing.
_TEXTS = frozenset({"postcode", "uprn", "usrn", "ward", "parish", "decision"})
PARTY_FIELDS = tuple((party, part) for party in PARTIES for part in PARTY_COLUMNS)
BESIDE = ("line", "published_on", "previous_references")
STAGED = (
    *BESIDE,
    *APPLICATION_COLUMNS,
    *(f"{party}_{part}" for party, part in PARTY_FIELDS),
    *(f"appeal_{name}" for name in APPEAL_COLUMNS),
)
OFFICER = "Case officer in the older register"
UNKNOWN = "unknown"
_POSTCODE_AT_END = re.compile(r"[\s,]+([A-Z]{1,2}[0-9][A-Z0-9]?)\s*([0-9][A-Z]{2})\s*$", re.IGNORECASE)
_NEVER_BEFORE_RECEIPT = {
    "decided_on": "decided",
    "withdrawn_on": "withdrawn",
    "returned_on": "returned",
    "closed_on": "closed",
}


@dataclass(frozen=True, slots=True)
class Row:
    """An application of an older register, ready to be written."""

    line: int
    reference: str
    year: str
    type_code: str
    copied: str  # a line of PostgreSQL's COPY: STAGED in its order


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that did not become an application."""

    line: int
    reference: str
    year: str
    type_code: str
    reason: str


class Types:
    """The installation's types of application, by each of the names that they have."""

    def __init__(self, types: Iterable[ApplicationType]):
        self.by_code = {one.code: one for one in types}
        self._known = {}
        for one in self.by_code.values():
            for name in (*one.other_codes, one.name, one.suffix, one.code):
                self._known[name.casefold()] = one

    def get(self, name: str) -> ApplicationType | None:
        return self._known.get(name.casefold())


class RowReader:
    """Reads rows by a mapping. The mapping has been found without fault for these headings."""

    def __init__(self, mapping: Mapping, headings: list[str], types: Types, *, today: date):
        self.mapping = mapping
        self.types = types
        self.today = today
        self._day = cells.day_reader(mapping.date_formats, today=today)
        at = {heading: index for index, heading in enumerate(headings)}
        self._cells = {name: [at[column] for column in columns] for name, columns in mapping.columns.items()}
        self._kept = [(words, at[column]) for words, column in mapping.keep.items()]
        # The type first: what a decision means may depend on it.
        names = sorted(mapping.said, key=lambda name: (name != "type", list(FIELDS).index(name)))
        self._readers = [(name, self._reader(FIELDS[name])) for name in names]

    def read(self, line: Line) -> Row | Refusal:
        if line.fault:
            return Refusal(line.number, "", UNKNOWN, UNKNOWN, line.fault)
        values: Values = {}
        faults: list[str] = []
        for name, read in self._readers:
            try:
                values[name] = read(self._of(line, name), values)
            except Unreadable as error:
                faults.append(f"{name}: {error}")
        if not faults:
            faults = self._complete(values, line)
        if faults:
            return self._refusal(values, line, faults)
        return Row(
            line.number,
            values["reference"],
            str(values["received_on"].year),
            values["type"].code,
            _copy_line([line.number, *(values.get(name) for name in STAGED[1:])]),
        )

    def raw(self, line: Line, name: str) -> str:
        """What stands in the file for a field that has one column or is a constant."""
        found = self._of(line, name)
        return found if isinstance(found, str) else " ".join(found)

    # --- Cells ----------------------------------------------------------------------------------------------------

    def _of(self, line: Line, name: str) -> Any:
        """The cell of a field; a list where several columns make it. What stands for emptiness is empty."""
        at = self._cells.get(name)
        if at is None:
            return self.mapping.constants[name]
        if len(at) == 1:
            return self._cell(line.cells[at[0]])
        return [self._cell(line.cells[index]) for index in at]

    def _cell(self, cell: str) -> str:
        cell = cell.strip()
        return "" if not cell or cell.casefold() in self.mapping.empty else cell

    def _reader(self, field: Field) -> Callable[[Any, Values], Any]:
        if field.name == "type":
            return self._type
        of_kind: dict[Kind, Callable[[Any], Any]] = {
            Kind.TEXT: lambda cell: _text(cell, field),
            Kind.ADDRESS: lambda cell: _address(cell, field),
            Kind.CODES: lambda cell: _references(cell, field.longest or 40),
            Kind.DIGITS: lambda cell: cells.one_of_digits(cell, field.longest),
            Kind.NUMBER: cells.number,
            Kind.YES_NO: cells.yes_or_no,
            Kind.DATE: partial(self._date, field.name),
            Kind.SHAPE: cells.boundary,
        }
        if field.kind is Kind.CHOICE:
            return partial(self._choice, field.name)
        read = of_kind[field.kind]

        def needed(cell: Any, values: Values) -> Any:
            if not cell or (isinstance(cell, list) and not any(cell)):
                if field.is_needed:
                    raise Unreadable("is empty")
                return None
            return read(cell)

        return needed

    def _date(self, name: str, cell: str) -> date:
        day = self._day(cell)
        if name in PAST_DATES and day > self.today:
            raise Unreadable(f"{_day_words(day)} has not come yet")
        return day

    def _type(self, cell: str, values: Values) -> ApplicationType:
        code = self.mapping.value_of("type", cell) or cell
        if code == REFUSE:
            raise Unreadable(f"the mapping refuses rows of “{cell}”")
        found = self.types.get(code)
        if found is None:
            raise Unreadable("is empty" if not cell else f"“{cell}” is not in the mapping")
        return found

    def _choice(self, name: str, cell: str, values: Values) -> str | None:
        kind = values.get("type")
        code = self.mapping.value_of(name, cell, kind.code if kind else "")
        if code is None:
            code = cell.casefold().replace(" ", "_")
            if not cell:
                return None
            if code not in CHOICES[name]:
                raise Unreadable(f"“{cell}” is not in the mapping")
        if code == REFUSE:
            raise Unreadable(f"the mapping refuses rows of “{cell}”")
        return code

    # --- What follows from the cells ------------------------------------------------------------------------------

    def _complete(self, values: Values, line: Line) -> list[str]:
        """Add what follows from the values that were read; sentences for what cannot be together."""
        try:
            self._ending(values)
            self._place(values)
            self._dates(values)
            self._status(values)
            self._appeal(values)
        except Unreadable as error:
            return [str(error)]
        values["application_type_id"] = values["type"].pk
        values["work_status"] = values.get("work_status") or WorkStatus.PROPOSED.value
        values["route"] = values.get("route") or Route.OFFICER.value
        values["is_eia"] = bool(values.get("is_eia"))
        values["previous_references"] = [
            one for one in values.get("previous_references") or [] if one != values["reference"]
        ]
        kept = [(OFFICER, values.get("officer")), *((words, self._cell(line.cells[at])) for words, at in self._kept)]
        values["answers"] = [{"question": words, "answer": cell} for words, cell in kept if cell]
        for name in _TEXTS:
            values[name] = values.get(name) or ""
        return []

    def _ending(self, values: Values) -> None:
        """A decision column that says “withdrawn” tells the day of the withdrawal and no decision."""
        decision = values.get("decision")
        ended = ENDINGS_IN_DECISION.get(decision or "")
        if ended:
            values[ended] = values.get(ended) or values.get("decided_on")
            if not values[ended]:
                raise Unreadable(f"The application is {decision}, and no day says when.")
        if ended or decision == NO_DECISION:
            values["decision"] = values["decided_on"] = None
        if values.get("decision") and not values.get("decided_on"):
            raise Unreadable("There is a decision, and no day of it.")
        if values.get("decided_on") and not values.get("decision"):
            raise Unreadable("There is a day of a decision, and no decision.")

    def _place(self, values: Values) -> None:
        line, postcode = values["address"], values.get("postcode")
        if "postcode" not in self.mapping.said and (at_end := _POSTCODE_AT_END.search(line)):
            postcode = f"{at_end[1]} {at_end[2]}"
        if postcode:
            values["postcode"] = addresses.tidy_postcode(postcode)
            if values["postcode"][-3:] in line.upper():
                values["address"] = addresses.without_postcode(line, values["postcode"]) or line
        easting, northing = values.get("easting"), values.get("northing")
        if easting and northing:
            values["longitude"], values["latitude"] = cells.place(easting, northing)
        elif easting or northing:
            raise Unreadable("Of easting and northing there is one only.")
        if shape := values.get("boundary"):
            values["boundary"], values["site_area_sqm"] = shape.geometry, shape.area_sqm
            if values.get("longitude") is None and values.get("latitude") is None:
                values["longitude"], values["latitude"] = middle_of(shape.geometry)
        _in_england(values)

    def _dates(self, values: Values) -> None:
        received = values["received_on"]
        for name, words in _NEVER_BEFORE_RECEIPT.items():
            if (day := values.get(name)) and day < received:
                raise Unreadable(
                    f"It was {words} on {_day_words(day)}, before it was received on {_day_words(received)}."
                )
        statutory, due = values.get("statutory_expiry_on"), values.get("expires_on")
        if statutory and due and due < statutory:
            raise Unreadable("The agreed day to decide lies before the statutory one.")
        values["expires_on"] = due or statutory

    def _status(self, values: Values) -> None:
        status = values.get("status") or self._status_of(values)
        values["status"] = status
        if (status == Status.DETERMINED) != bool(values.get("decision")):
            raise Unreadable(
                f"The status is {status}, and {'a' if values.get('decision') else 'no'} decision is given."
            )
        if status == Status.WITHDRAWN and not values.get("withdrawn_on"):
            raise Unreadable("The application is withdrawn, and no day says when.")
        if status in _ASSESSED and not values.get("valid_from"):
            raise Unreadable(f"The status is {status}, and no day says since when it is valid.")
        is_known = status in ON_THE_REGISTER and values.get("is_public") is not False
        shown_on = values.get("published_on") or values.get("valid_from") or values["received_on"]
        values["published_on"] = shown_on if is_known else None
        self._time_to_decide(values)

    def _status_of(self, values: Values) -> str:
        if values.get("decision"):
            return Status.DETERMINED.value
        for name, status in _ENDED:
            if values.get(name):
                return status.value
        before = self.mapping.closed_when_undecided_before
        if before and values["received_on"] < before:
            return Status.CLOSED.value
        if values.get("valid_from"):
            return Status.IN_ASSESSMENT.value
        return Status.INVALIDATED.value if values.get("invalidated_on") else Status.NOT_STARTED.value

    def _time_to_decide(self, values: Values) -> None:
        """A case that is still open has a day by which it must be decided, and officers' lists rest on it."""
        if values["status"] not in _ASSESSED or values.get("expires_on"):
            return
        kind = values["type"]
        days = (kind.eia_period_days if values.get("is_eia") else None) or kind.period_days
        if days:
            due = statutory_expiry(values["valid_from"], period_days=days)
            values["statutory_expiry_on"] = values["expires_on"] = due

    def _appeal(self, values: Values) -> None:
        lodged, decided = values.get("appeal_lodged_on"), values.get("appeal_decided_on")
        outcome = values.get("appeal_outcome")
        if not lodged:
            if decided or outcome or values.get("appeal_reference"):
                raise Unreadable("There is an appeal, and no day says when it was lodged.")
            values["appeal_ground"] = None
            return
        if bool(outcome) != bool(decided):
            raise Unreadable("The appeal has an outcome without a day, or a day without an outcome.")
        if decided and decided < lodged:
            raise Unreadable("The appeal was decided before it was lodged.")
        values["appeal_ground"] = values.get("appeal_ground") or _ground(values.get("decision"))

    def _refusal(self, values: Values, line: Line, faults: list[str]) -> Refusal:
        received, kind = values.get("received_on"), values.get("type")
        return Refusal(
            line.number,
            self.raw(line, "reference")[:60],
            str(received.year) if received else UNKNOWN,
            kind.code if kind else UNKNOWN,
            "; ".join(faults)[:400],
        )


_ASSESSED = frozenset({Status.IN_ASSESSMENT, Status.AWAITING_DETERMINATION, Status.TO_BE_REVIEWED, Status.IN_COMMITTEE})
_ENDED = (
    ("withdrawn_on", Status.WITHDRAWN),
    ("closed_on", Status.CLOSED),
    ("returned_on", Status.RETURNED),
)


def _text(cell: str | list[str], field: Field) -> str:
    whole = cells.text(cell if isinstance(cell, str) else " ".join(filter(None, cell)), None)
    if field.name != "description" and ("  " in whole or "\n" in whole or "\t" in whole):
        whole = " ".join(whole.split())
    found = cells.text(whole, field.longest)
    if field.name == "reference" and not reference_key(found):
        raise Unreadable(f"“{found}” has neither a letter nor a digit")
    return found


def _address(cell: str | list[str], field: Field) -> str:
    """A site in one line; a person's address in lines of its own."""
    parts = [cells.text(part, None) for part in ([cell] if isinstance(cell, str) else cell) if part]
    if field.name == "address":
        parts = [part for before, part in pairwise(["", *parts]) if part.casefold() != before.casefold()]
        return cells.text(addresses.one_line(*(part.replace("\n", ", ") for part in parts)), field.longest)
    return cells.text("\n".join(parts), field.longest)


def _references(cell: str | list[str], longest: int) -> list[str]:
    """References with commas, semicolons or spaces between them, or in columns of their own."""
    parts = re.split(r"[;,\s]+", cell if isinstance(cell, str) else " ".join(cell))
    return [cells.text(part, longest) for part in dict.fromkeys(parts) if part]


def _in_england(values: Values) -> None:
    longitude, latitude = values.get("longitude"), values.get("latitude")
    if longitude is None and latitude is None:
        return
    if longitude is None or latitude is None:
        raise Unreadable("Of latitude and longitude there is one only.")
    if not (WEST <= longitude <= EAST and SOUTH <= latitude <= NORTH):
        raise Unreadable(f"Latitude {latitude}, longitude {longitude} is not in England.")


def _ground(decision: str | None) -> str:
    if not decision:
        return "non_determination"
    return "refusal" if decision in REFUSALS or decision == Decision.SPLIT else "conditions"


def _day_words(day: date) -> str:
    return f"{day:%-d %B} {day.year}"


# --- PostgreSQL's COPY ----------------------------------------------------------------------------------------------

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copy_line(values: list[Any]) -> str:
    return "\t".join(map(copied, values)) + "\n"


def copied(value: Any) -> str:
    """A value in the text format of COPY."""
    if value is None:
        return "\\N"
    return _COPIED[type(value)](value)


def _copied_text(value: str) -> str:
    return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)


def _copied_json(value: Any) -> str:
    return json.dumps(value).translate(_ESCAPES)


_COPIED: dict[type, Callable[[Any], str]] = {
    str: _copied_text,
    Status: str,
    WorkStatus: str,
    Route: str,
    Decision: str,
    int: str,
    Decimal: str,
    date: date.isoformat,
    bool: lambda value: "t" if value else "f",
    dict: _copied_json,
    list: _copied_json,
}
