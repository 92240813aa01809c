"""An older register that never was: a CSV file of any length, the same every time, with a known share of broken rows.

`python tests/cases/old_register.py 1000000 FILE.csv` writes one to try an import with; its mapping is MAPPING.
"""

import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

HEADINGS = (
    "REFVAL", "OLDREF", "APPTYPE", "PROPOSAL", "ADDRESS1", "ADDRESS2", "POSTCODE", "UPRN", "WARD", "PARISH", "EASTING",
    "NORTHING", "RECEIVED", "VALID", "DECIDED", "DECISION", "CONSULT_END", "APPLICANT", "APPLICANT_ADDRESS", "AGENT",
    "OFFICER", "FEE", "APPEAL_REF", "APPEAL_LODGED", "APPEAL_OUTCOME", "APPEAL_DECIDED", "BOUNDARY",
)  # fmt: skip
MAPPING = """\
encoding: utf-8
dates: ["%d/%m/%Y"]
empty: ["NULL", "01/01/1900"]
columns:
  reference: REFVAL
  previous_references: OLDREF
  type: APPTYPE
  description: PROPOSAL
  address: [ADDRESS1, ADDRESS2]
  postcode: POSTCODE
  uprn: UPRN
  ward: WARD
  parish: PARISH
  easting: EASTING
  northing: NORTHING
  received_on: RECEIVED
  valid_from: VALID
  decided_on: DECIDED
  decision: DECISION
  consultation_ends_on: CONSULT_END
  applicant_name: APPLICANT
  applicant_address: APPLICANT_ADDRESS
  agent_company: AGENT
  officer: OFFICER
  fee_paid: FEE
  appeal_reference: APPEAL_REF
  appeal_lodged_on: APPEAL_LODGED
  appeal_outcome: APPEAL_OUTCOME
  appeal_decided_on: APPEAL_DECIDED
  boundary: BOUNDARY
closed_when_undecided_before: 2020-01-01
values:
  type:
    FUL: pp.full.minor
    HSE: pp.full.householder
    LBC: listed
    ADV: advertConsent
    CLP: ldc.proposed
    TCA: wtt.notice
    ENF: refuse
  decision:
    PER: {"ldc.*": ldc_granted, "wtt.notice": tree_no_objection, otherwise: granted_with_conditions}
    REF: {"ldc.*": ldc_refused, "wtt.notice": tree_tpo_made, otherwise: refused}
    WDN: withdrawn
  appeal_outcome: {ALLOW: allowed, DISMIS: dismissed}
"""
BAD_EVERY = 100
# What is wrong with every hundredth row, in turn, and words of the reason that is given for it.
FAULTS = (
    ("open quote", "quotation mark"),
    ("too few cells", "cells"),
    ("not UTF-8", "not written in utf-8"),
    ("NUL", "NUL"),
    ("no such day", "not a day that there is"),
    ("same reference", "stands on line"),
    ("decided before receipt", "before it was received"),
    ("too long", "there is room for 40"),
    ("no description", "description: is empty"),
    ("enforcement", "refuses rows"),
)

STREETS = ("HIGH STREET", "STATION ROAD", "CHURCH LANE", "MILL LANE", "THE GREEN", "VICTORIA ROAD", "PARK AVENUE")
WORKS = (
    "Single storey rear extension",
    "Two storey side extension",
    "Loft conversion with rear dormer",
    "Detached garage",
    'Erection of 4 dwellings, known as "Plots 1-4", with parking',
    "Change of use from shop to café",
    "New shop front",
    "Illuminated fascia sign",
    "Felling of one ash tree",
    "Conversion of barn to dwelling\nand associated works",
    "Replacement windows",
    "Front porch",
    "Demolition of outbuilding and erection of annexe",
)
WARDS = ("Abbey", "Bourne End", "Castle", "Downland", "Easton & Weston", "Farnham Common", "Greenway", "Hazlemere")
NAMES = ("Mr A Smith", "Mrs J O'Neill", "Ms Zoë Brontë", "Dr P. Okafor", "Mr & Mrs Patel", "The Trustees of the Hall")
AGENTS = ("", "", "Drawn to Scale Ltd", "Hill & Vale Architects", "Planwise")
TYPES = ("HSE", "HSE", "HSE", "FUL", "FUL", "LBC", "ADV", "CLP", "TCA", "TCA")
FIRST_DAY, DAYS = date(1990, 1, 2), 13_000


def write(path: Path, rows: int, *, with_faults: bool = True) -> None:
    """Write `rows` rows under their headings; every hundredth of them broken where `with_faults`."""
    with path.open("wb") as file:
        file.write(",".join(HEADINGS).encode() + b"\r\n")
        for line in _lines(rows, with_faults):
            file.write(line + b"\r\n")


def _lines(rows: int, with_faults: bool) -> Iterator[bytes]:
    chance = random.Random(1947)
    before: list[str] = []
    for number in range(1, rows + 1):
        cells = _cells(number, chance)
        if with_faults and number % BAD_EVERY == 0:
            yield _broken(cells, FAULTS[number // BAD_EVERY % len(FAULTS)][0], before)
        else:
            yield _joined(cells).encode()
        before = cells


def _cells(number: int, chance: random.Random) -> list[str]:
    received = FIRST_DAY + timedelta(days=DAYS * number // 1_000_000 if number > 100_000 else chance.randrange(DAYS))
    valid = received + timedelta(days=chance.randrange(0, 12))
    decided = valid + timedelta(days=chance.randrange(20, 90))
    kind, decision = chance.choice(TYPES), chance.choice(("PER", "PER", "PER", "REF", "WDN", ""))
    appealed = decision == "REF" and chance.random() < 0.2
    easting, northing = 480_000 + chance.randrange(40_000), 170_000 + chance.randrange(60_000)
    return [
        f"{received:%y}/{number:07d}/{kind}",
        f"OLD.{number}" if number % 50 == 0 else "",
        kind,
        f"{chance.choice(WORKS)} at plot {number % 977}",
        f"{chance.randrange(1, 250)} {chance.choice(STREETS)}",
        "TESTBURY",
        f"TB{chance.randrange(1, 30)} {chance.randrange(1, 10)}{chance.choice('ABDEFGH')}{chance.choice('JLNPQ')}",
        f"{100_000_000_000 + chance.randrange(400_000)}" if chance.random() < 0.9 else "",
        chance.choice(WARDS),
        f"{chance.choice(WARDS)} Parish" if chance.random() < 0.5 else "NULL",
        str(easting),
        str(northing),
        _day(received),
        _day(valid),
        _day(decided) if decision else "01/01/1900",
        decision,
        _day(valid + timedelta(days=24)) if kind != "CLP" else "",
        chance.choice(NAMES),
        f"{chance.randrange(1, 99)} {chance.choice(STREETS)}, Testbury",
        chance.choice(AGENTS),
        f"Officer {chance.randrange(1, 40)}",
        f"{chance.choice((0, 120, 206, 258, 462))}.00",
        f"APP/X0415/{number}" if appealed else "",
        _day(decided + timedelta(days=60)) if appealed else "",
        chance.choice(("ALLOW", "DISMIS")) if appealed else "",
        _day(decided + timedelta(days=200)) if appealed else "",
        _square(easting, northing) if number % 5 == 0 else "",
    ]


def _day(day: date) -> str:
    return f"{min(day, date(2026, 6, 30)):%d/%m/%Y}"


def _square(x: int, y: int) -> str:
    return f"POLYGON (({x} {y}, {x + 20} {y}, {x + 20} {y + 30}, {x} {y + 30}, {x} {y}))"


def _broken(cells: list[str], fault: str, before: list[str]) -> bytes:
    cells = list(cells)
    at = {heading: index for index, heading in enumerate(HEADINGS)}
    changes = {
        "no such day": ("RECEIVED", "31/02/2001"),
        "decided before receipt": ("DECIDED", "01/02/1989"),
        "too long": ("REFVAL", "X" * 41),
        "no description": ("PROPOSAL", " "),
        "enforcement": ("APPTYPE", "ENF"),
        "same reference": ("REFVAL", before[0] if before else ""),
        "NUL": ("WARD", "Ab\0bey"),
    }
    if fault in changes:
        heading, value = changes[fault]
        cells[at[heading]] = value
        if fault == "decided before receipt":
            cells[at["DECISION"]] = "PER"
    if fault == "too few cells":
        return _joined(cells[:10]).encode()
    if fault == "open quote":
        return _joined([*cells[:3], "@", *cells[4:]]).replace("@", '"never closed').encode()
    if fault == "not UTF-8":
        return _joined([*cells[:3], "Caf@", *cells[4:]]).encode().replace(b"Caf@", b"Caf\xe9")
    return _joined(cells).encode()


def _joined(cells: list[str]) -> str:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if set(cell) & set('",\n\r') else cell

    return ",".join(map(quoted, cells))


if __name__ == "__main__":
    write(Path(sys.argv[2]), int(sys.argv[1]), with_faults="--clean" not in sys.argv)
    Path(sys.argv[2]).with_suffix(".yaml").write_text(MAPPING)
