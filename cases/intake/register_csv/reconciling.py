"""What came of every row, by year and type; and whether the register holds what the numbers say."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from accounts.models import LocalAuthority
from cases.files.whole import writing

from .lines import Form, read_lines
from .loading import Loaded, Tally
from .rows import Refusal
from .staging import fetch

OUTCOMES = ("created", "updated", "unchanged", "refused")
HEADINGS = ("read", *OUTCOMES, "in the register")
Cell = tuple[str, str]  # year of receipt, code of the type; either may be “unknown” for a refused row


class Account:
    """Rows by year, type and outcome."""

    def __init__(self, written: dict[str, dict[str, dict[str, int]]] | None = None):
        self._rows: dict[Cell, Counter[str]] = {
            (year, code): Counter(outcomes)
            for year, types in (written or {}).items()
            for code, outcomes in types.items()
        }

    def as_dict(self) -> dict[str, dict[str, dict[str, int]]]:
        """{year: {type: {outcome: rows}}}: what RegisterImport keeps."""
        found: dict[str, dict[str, dict[str, int]]] = {}
        for (year, code), outcomes in sorted(self._rows.items()):
            found.setdefault(year, {})[code] = dict(outcomes)
        return found

    def add(self, loaded: Loaded, unreadable: Iterable[Refusal] = ()) -> None:
        for outcome in OUTCOMES[:3]:
            for cell, rows in getattr(loaded, outcome).items():
                self._at(cell)[outcome] += rows
        for refusal in (*loaded.refused, *unreadable):
            self._at((refusal.year, refusal.type_code))["refused"] += 1

    def total(self, outcome: str) -> int:
        return sum(outcomes[outcome] for outcomes in self._rows.values())

    @property
    def read(self) -> int:
        return sum(outcomes.total() for outcomes in self._rows.values())

    def in_the_register(self) -> Tally:
        """How many of the file's applications the register must hold after the import."""
        return +Counter({cell: rows.total() - rows["refused"] for cell, rows in self._rows.items()})

    def table(self, register: Tally) -> Iterator[tuple[str, str, list[int]]]:
        """(year, type, [read, created, updated, unchanged, refused, in the register]), years in order."""
        for cell in sorted({*self._rows, *register}):
            outcomes = self._rows.get(cell, Counter())
            yield *cell, [outcomes.total(), *(outcomes[name] for name in OUTCOMES), register[cell]]

    def _at(self, cell: Cell) -> Counter[str]:
        return self._rows.setdefault(cell, Counter())


# --- The register's own word ---------------------------------------------------------------------------------------

_BY_YEAR_AND_TYPE = """
    SELECT extract(year FROM a.received_on)::int::text, t.code, count(*) FROM {rows}
    JOIN cases_applicationtype t ON t.id = a.application_type_id WHERE a.authority_id = %s GROUP BY 1, 2
"""


def counted_in_register(authority: LocalAuthority) -> Tally:
    """Every application of the council, by year and type."""
    sql = _BY_YEAR_AND_TYPE.format(rows="cases_planningapplication a")
    return Counter({(year, code): rows for year, code, rows in fetch(sql, [authority.pk])})


def counted_of_this_file(authority: LocalAuthority) -> Tally:
    """The applications that the register holds under the references of this import, imported ones only."""
    sql = _BY_YEAR_AND_TYPE.format(
        rows="register_taken k JOIN cases_planningapplication a "
        "ON a.reference = k.reference AND a.origin = 'imported' AND NOT k.is_refused"
    )
    return Counter({(year, code): rows for year, code, rows in fetch(sql, [authority.pk])})


def differences(account: Account, *, rows_in_file: int, of_this_file: Tally | None) -> list[str]:
    """Sentences where the numbers do not add up; none is as it must be."""
    found = []
    if account.read != rows_in_file:
        found.append(f"The file has {rows_in_file:,} rows, and {account.read:,} are accounted for.")
    if of_this_file is not None:
        expected = account.in_the_register()
        for year, code in sorted({*expected, *of_this_file}):
            wanted, there = expected[year, code], of_this_file[year, code]
            if wanted != there:
                found.append(f"{year}, {code}: {wanted:,} rows were taken in; the register holds {there:,} of them.")
    return found


# --- Files of the report -------------------------------------------------------------------------------------------


def write_report(folder: Path, account: Account, register: Tally, *, facts: dict[str, Any]) -> None:
    """reconciliation.json and reconciliation.csv: the same numbers for a program and for a spreadsheet."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = list(account.table(register))
    names = [heading.replace(" ", "_") for heading in HEADINGS]
    with writing(folder / "reconciliation.csv", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["year", "type", *names])
        writer.writerows([year, code, *numbers] for year, code, numbers in rows)
    totals = {"read": account.read, **{name: account.total(name) for name in OUTCOMES}}
    cells = [{"year": year, "type": code, **dict(zip(names, numbers, strict=True))} for year, code, numbers in rows]
    text = json.dumps({**facts, "totals": totals, "by_year_and_type": cells}, indent=2, default=str)
    with writing(folder / "reconciliation.json", encoding="utf-8") as file:
        file.write(text + "\n")


def write_refused(folder: Path, path: Path, form: Form, refused: Iterator[tuple[int, str, str]]) -> None:
    """refused.csv says line, reference and reason; refused-rows.csv holds the rows themselves, byte for byte under
    the same headings: corrected, it is imported with the same mapping.

    `refused` are (line, reference, reason) in the order of their lines.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = read_lines(path, form)
    with (
        writing(folder / "refused.csv", newline="", encoding="utf-8") as reasons,
        writing(folder / "refused-rows.csv", "wb") as originals,
        path.open("rb") as source,
    ):
        writer = csv.writer(reasons)
        writer.writerow(["line", "reference", "reason"])
        originals.write(source.readline().rstrip(b"\r\n") + b"\r\n")
        for number, reference, reason in refused:
            writer.writerow([number, reference, reason])
            original = next(line for line in lines if line.number == number)
            originals.write(original.raw + b"\r\n")
