"""An older register from a CSV file: every row accounted for, nothing of BoPS's own touched, twice the same as once."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg2
import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from cases.application.facts import change_facts
from cases.intake.register_csv import importing
from cases.intake.register_csv.fields import FIELDS
from cases.intake.register_csv.importing import AlreadyRunning, Outcome, alone, import_register
from cases.intake.register_csv.lines import Form, Line, NotACsvFile, read_lines
from cases.intake.register_csv.loading import Loaded, Loader
from cases.intake.register_csv.mapping import KEYS, MappingFaults, mapping_of
from cases.intake.register_csv.reconciling import Account, differences
from cases.intake.register_csv.rows import RowReader, Types
from cases.intake.register_csv.suggesting import suggest_mapping
from cases.models import (
    Appeal,
    ApplicationType,
    CaseEvent,
    Document,
    Party,
    PlanningApplication,
    PreviousReference,
    ReferenceCounter,
    RefusedRow,
    RegisterImport,
)
from cases.places.national_grid import NotOnTheGrid, position
from cases.register.published import public_application, public_applications
from cases.statuses import Origin, PublicStatus, Status
from notices.issuing.audit import faults_of
from tests.cases import files, old_register

OLD_REGISTER = mapping_of(yaml.load(old_register.MAPPING, Loader=yaml.BaseLoader))
REPOSITORY = Path(__file__).resolve().parents[3]
ROW = {
    "REF": "98/0123/FUL",
    "TYPE": "FUL",
    "WHAT": "Rear extension",
    "WHERE": "7 BLYTON CLOSE, BEACONSFIELD, HP9 2LX",
    "RECEIVED": "05/01/1998",
    "VALID": "07/01/1998",
    "DECIDED": "02/03/1998",
    "DECISION": "PER",
}
MAPPING = {
    "columns": {
        "reference": "REF", "type": "TYPE", "description": "WHAT", "address": "WHERE", "received_on": "RECEIVED",
        "valid_from": "VALID", "decided_on": "DECIDED", "decision": "DECISION",
    },
    "values": {
        "type": {"FUL": "pp.full.minor", "CLP": "ldc.proposed", "PRE": "preApp", "ENF": "refuse"},
        "decision": {
            "PER": {"ldc.*": "ldc_granted", "otherwise": "granted_with_conditions"}, "REF": "refused",
            "WDN": "withdrawn", "FDO": "closed", "RTN": "returned", "N/A": "none",
        },
    },
}  # fmt: skip
# Column of a test's file → field, beside those of MAPPING.
MORE = {
    "OLD": "previous_references", "PCODE": "postcode", "UPRN": "uprn", "WARD": "ward", "E": "easting", "N": "northing",
    "LAT": "latitude", "LON": "longitude", "LINE": "boundary", "WITHDRAWN": "withdrawn_on", "STATUS": "status",
    "PUBLIC": "is_public", "DUE": "expires_on", "STATUTORY": "statutory_expiry_on", "OFFICER": "officer",
    "NAME": "applicant_name", "EMAIL": "applicant_email", "AGENT": "agent_company", "FEE": "fee_paid",
    "APPEAL": "appeal_reference", "LODGED": "appeal_lodged_on", "OUTCOME": "appeal_outcome",
    "APPEAL_DECIDED": "appeal_decided_on", "INVALID": "invalidated_on", "COMMENTS": "consultation_ends_on",
}  # fmt: skip
TABLES = (
    "cases_planningapplication",
    "cases_caseevent",
    "cases_party",
    "cases_appeal",
    "cases_previousreference",
    "cases_document",
    "cases_referencecounter",
)


def mapping_for(rows: list[dict], **settings) -> dict:
    more = {MORE[heading]: heading for heading in rows[0] if heading in MORE}
    return {**MAPPING, "columns": {**MAPPING["columns"], **more}, **settings}


def write_csv(path: Path, rows: list[dict]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def authority(authority):
    """Whose register it is. It is brought in by the owner of the tables, in as many transactions as it takes."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
    yield authority
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.fixture
def bring_in(tmp_path, authority):
    """bring_in({"WARD": "Abbey"}, {"REF": "2", …}) → Outcome: one file of rows that are ROW but for what is said."""

    def bring_in(*changes: dict, settings: dict | None = None, **options) -> Outcome:
        headings = {**{heading: "" for change in changes for heading in change}, **ROW}
        rows = [{**headings, **change} for change in changes or [{}]]
        path = write_csv(tmp_path / "old.csv", rows)
        written = mapping_for(rows, **(settings or {}))
        return import_register(path, mapping=mapping_of(written), **{"authority": authority, **options})

    return bring_in


def counts(outcome: Outcome) -> tuple[int, ...]:
    """(created, updated, unchanged, refused)"""
    assert outcome.differences == []
    return tuple(outcome.account.total(name) for name in ("created", "updated", "unchanged", "refused"))


def reasons(outcome: Outcome) -> list[str]:
    return [reason for _, _, reason in outcome.refused()]


def digests(*tables: str) -> dict[tuple[str, int], str]:
    """Every row of the tables, as a hash of all that stands in it."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables or TABLES:
            cursor.execute(f"SELECT id, md5(t::text) FROM {table} t")
            found |= {(table, pk): digest for pk, digest in cursor.fetchall()}
    return found


def the_application(reference: str = ROW["REF"]) -> PlanningApplication:
    return PlanningApplication.objects.get(reference=reference)


# --- A row becomes an application ----------------------------------------------------------------------------------


def test_a_row_becomes_an_application(bring_in, authority):
    outcome = bring_in(
        {
            "OLD": "97/9999; X.17", "UPRN": "000100080482163", "WARD": "Abbey", "E": "530000", "N": "180000",
            "NAME": "Enid Blyton", "EMAIL": "enid@example.com", "AGENT": "Planwise", "FEE": "£1,206.00",
            "OFFICER": "J Jones", "APPEAL": "APP/1", "LODGED": "01/05/1998", "OUTCOME": "dismissed",
            "APPEAL_DECIDED": "01/09/1998", "COMMENTS": "1998-02-01",
        }
    )  # fmt: skip
    assert counts(outcome) == (1, 0, 0, 0)
    found = the_application()
    assert (found.authority, found.origin, found.status) == (authority, Origin.IMPORTED, Status.DETERMINED)
    assert found.application_type.code == "pp.full.minor"
    assert (found.address, found.postcode, found.uprn) == ("7 Blyton Close, Beaconsfield", "HP9 2LX", "100080482163")
    assert (found.decision, found.decided_on) == ("granted_with_conditions", date(1998, 3, 2))
    assert (found.received_on, found.valid_from) == (date(1998, 1, 5), date(1998, 1, 7))
    assert found.consultation_ends_on == date(1998, 2, 1)
    assert (found.longitude, found.latitude) == (Decimal("-0.128329"), Decimal("51.503992"))
    assert found.fee_paid == Decimal("1206.00")
    assert found.answers == [{"question": "Case officer in the older register", "answer": "J Jones"}]
    assert timezone.localdate(found.published_at) == date(1998, 1, 7)
    assert timezone.localdate(found.public_changed_at) == date(1998, 3, 2)
    assert found.extent is not None
    assert {(p.role, p.name_and_company, p.email) for p in Party.objects.filter(application=found)} == {
        ("applicant", "Enid Blyton", "enid@example.com"),
        ("agent", "Planwise", ""),
    }
    assert {row.reference for row in found.previous_references.all()} == {"97/9999", "X.17"}
    appeal = Appeal.objects.get(application=found)
    assert (appeal.reference, appeal.ground, appeal.outcome) == ("APP/1", "conditions", "dismissed")
    assert public_application(authority, "X.17") == found
    assert search_finds(authority, "blyton")


def search_finds(authority, word: str) -> bool:
    return public_applications(authority).filter(search=word).exists()


def test_its_history_begins_with_the_import_and_can_be_proved(bring_in):
    bring_in()
    found = the_application()
    (event,) = CaseEvent.objects.filter(application=found)
    assert (event.kind, event.is_imported, event.by_name, event.data) == (
        "imported",
        True,
        "BoPS",
        {"file": "old.csv", "line": 2},
    )
    assert faults_of([found]) == {}


@pytest.mark.parametrize(
    ("change", "status", "is_public"),
    [
        ({}, Status.DETERMINED, True),
        ({"DECISION": "", "DECIDED": ""}, Status.IN_ASSESSMENT, True),
        ({"DECISION": "N/A", "DECIDED": "02/03/1998"}, Status.IN_ASSESSMENT, True),
        ({"DECISION": "", "DECIDED": "", "VALID": ""}, Status.NOT_STARTED, False),
        ({"DECISION": "", "DECIDED": "", "VALID": "", "INVALID": "09/01/1998"}, Status.INVALIDATED, False),
        ({"DECISION": "", "DECIDED": "", "WITHDRAWN": "01/02/1998"}, Status.WITHDRAWN, True),
        ({"DECISION": "WDN"}, Status.WITHDRAWN, True),
        ({"DECISION": "FDO"}, Status.CLOSED, True),
        ({"DECISION": "RTN"}, Status.RETURNED, False),
        ({"STATUS": "closed", "DECISION": "", "DECIDED": ""}, Status.CLOSED, True),
        ({"PUBLIC": "no"}, Status.DETERMINED, False),
        ({"TYPE": "PRE", "DECISION": "N/A"}, Status.IN_ASSESSMENT, False),
    ],
)
def test_where_it_stands_follows_from_its_dates_and_decision(bring_in, authority, change, status, is_public):
    assert counts(bring_in(change)) == (1, 0, 0, 0)
    found = the_application()
    assert found.status == status
    assert public_applications(authority).filter(pk=found.pk).exists() == is_public
    assert bool(found.decision) == (status == Status.DETERMINED)


def test_the_day_of_a_withdrawal_may_stand_in_the_column_of_the_decision(bring_in):
    bring_in({"DECISION": "WDN"})
    found = the_application()
    assert (found.withdrawn_on, found.decided_on) == (date(1998, 3, 2), None)


def test_what_a_decision_is_called_may_depend_on_the_type(bring_in):
    assert counts(bring_in({"TYPE": "CLP"}, {"REF": "2", "TYPE": "FUL"})) == (2, 0, 0, 0)
    assert the_application().decision == "ldc_granted"
    assert the_application("2").decision == "granted_with_conditions"


def test_an_open_case_gets_its_last_day_to_decide(bring_in):
    today = timezone.localdate()
    lately = f"{today - timedelta(days=10):%d/%m/%Y}"
    bring_in({"RECEIVED": lately, "VALID": lately, "DECISION": "", "DECIDED": ""})
    found = the_application()
    assert found.expires_on == found.statutory_expiry_on == today - timedelta(days=10) + timedelta(days=56)


def test_what_was_never_decided_long_ago_is_closed_where_the_mapping_says_so(bring_in):
    undecided = {"DECISION": "", "DECIDED": ""}
    bring_in(undecided, settings={"closed_when_undecided_before": "2000-01-01"})
    assert the_application().status == Status.CLOSED


TRIANGLE = {"type": "Polygon", "coordinates": [[[-0.1, 51.5], [-0.0998, 51.5], [-0.0998, 51.5003], [-0.1, 51.5]]]}
IN_METRES = {"type": "Polygon", "coordinates": [[[530000, 180000], [530020, 180000], [530020, 180030]]]}


@pytest.mark.parametrize(
    "drawn",
    [
        "POLYGON ((530000 180000, 530020 180000, 530020 180030, 530000 180030, 530000 180000))",
        json.dumps(TRIANGLE),
        json.dumps({"type": "Feature", "properties": {}, "geometry": IN_METRES}),
    ],
)
def test_a_red_line_in_either_writing_and_either_grid(bring_in, drawn):
    assert counts(bring_in({"LINE": drawn})) == (1, 0, 0, 0)
    found = the_application()
    assert found.boundary["type"] == "Polygon"
    assert 200 < found.site_area_sqm < 700
    assert Decimal("51.49") < found.latitude < Decimal("51.51")


def test_places_on_the_national_grid_are_right_to_a_foot():
    # Ordnance Survey's worked example: the water tower at Caister, 52° 39' 28.83" N 1° 42' 57.87" E in ETRS89.
    longitude, latitude = position(651409.903, 313177.270)
    assert abs(latitude - Decimal("52.658007")) < Decimal("0.000003")
    assert abs(longitude - Decimal("1.716074")) < Decimal("0.000004")
    with pytest.raises(NotOnTheGrid):
        position(5_300_000, 180_000)


def test_constants_kept_columns_and_words_for_emptiness(bring_in):
    bring_in(
        {"WARD": "NULL", "KEYVAL": "ABC123"},
        settings={
            "constants": {"parish": "Penn", "work_status": "retrospective"},
            "empty": ["null"],
            "keep": {"Key in the older system": "KEYVAL"},
        },
    )
    found = the_application()
    assert (found.ward, found.parish, found.work_status) == ("", "Penn", "retrospective")
    assert found.answers == [{"question": "Key in the older system", "answer": "ABC123"}]


def test_years_of_two_digits_and_moments_at_midnight(bring_in):
    bring_in(
        {"RECEIVED": "05/01/58", "VALID": "1958-01-07 00:00:00.000", "DECIDED": "02/03/58"},
        settings={"dates": ["%d/%m/%y", "%Y-%m-%d"]},
    )
    found = the_application()
    assert (found.received_on, found.valid_from) == (date(1958, 1, 5), date(1958, 1, 7))


# --- Rows that cannot be read ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"REF": ""}, "reference: is empty"),
        ({"REF": "//"}, "neither a letter nor a digit"),
        ({"REF": "X" * 41}, "reference: has 41 characters; there is room for 40"),
        ({"WHAT": "  "}, "description: is empty"),
        ({"RECEIVED": "31/02/1998"}, "received_on: “31/02/1998” is not a day that there is"),
        ({"RECEIVED": "30/12/1899"}, "30 December 1899 cannot be right"),
        ({"RECEIVED": "05/01/2049"}, "has not come yet"),
        ({"DECIDED": "04/01/1998"}, "decided on 4 January 1998, before it was received on 5 January 1998"),
        ({"WITHDRAWN": "01/01/1998"}, "withdrawn on 1 January 1998, before"),
        ({"DECISION": ""}, "a day of a decision, and no decision"),
        ({"DECIDED": ""}, "a decision, and no day of it"),
        ({"TYPE": "ENF"}, "the mapping refuses rows of “ENF”"),
        ({"TYPE": ""}, "type: is empty"),
        ({"UPRN": "1.00080482E+11"}, "a spreadsheet has shortened it"),
        ({"UPRN": "1234567890123"}, "has 13 digits; there is room for 12"),
        ({"E": "530000", "N": ""}, "Of easting and northing there is one only"),
        ({"E": "9530000", "N": "180000"}, "not a place in Great Britain"),
        ({"LAT": "40.7", "LON": "-74"}, "is not in England"),
        ({"LINE": "POLYGON ((530000 180000, 530020"}, "boundary: is neither GeoJSON nor WKT"),
        ({"LINE": "POINT (530000 180000)"}, "boundary: holds no polygon"),
        ({"STATUS": "in_assessment"}, "The status is in_assessment, and a decision is given"),
        ({"STATUS": "determined", "DECISION": "", "DECIDED": ""}, "and no decision is given"),
        ({"STATUS": "withdrawn", "DECISION": "", "DECIDED": ""}, "withdrawn, and no day says when"),
        ({"STATUTORY": "04/03/1998", "DUE": "03/03/1998"}, "lies before the statutory one"),
        ({"FEE": "free"}, "fee_paid: “free” is not a number"),
        ({"APPEAL": "APP/1", "LODGED": ""}, "no day says when it was lodged"),
        ({"PUBLIC": "perhaps"}, "neither yes nor no"),
        ({"EMAIL": "x" * 255}, "applicant_email: has 255 characters"),
    ],
)
def test_a_row_that_cannot_be_read_is_listed_and_the_others_are_imported(bring_in, change, words):
    outcome = bring_in({"REF": "1"}, change, {"REF": "3"})
    assert counts(outcome) == (2, 0, 0, 1)
    ((line, _, reason),) = outcome.refused()
    assert line == 3
    assert words in reason
    assert {found.reference for found in PlanningApplication.objects.all()} == {"1", "3"}
    assert RefusedRow.objects.get().reason == reason


def test_every_fault_of_a_row_is_told_at_once(bring_in):
    (reason,) = reasons(bring_in({"WHAT": "", "RECEIVED": "5.1.98"}))
    assert "description: is empty" in reason
    assert "received_on:" in reason


def test_of_two_rows_with_one_reference_the_first_counts(bring_in):
    outcome = bring_in({"WARD": "Abbey"}, {"WARD": "Castle"}, batch_rows=1)
    assert counts(outcome) == (1, 0, 0, 1)
    assert reasons(outcome) == ["The reference 98/0123/FUL stands on line 2 already."]
    assert the_application().ward == "Abbey"


def test_a_previous_reference_belongs_to_one_application(bring_in):
    outcome = bring_in({"REF": "1", "OLD": "A"}, {"REF": "2", "OLD": "A"})
    assert counts(outcome) == (1, 0, 0, 1)
    assert reasons(outcome) == ["The previous reference A is that of line 2 already."]
    again = bring_in({"REF": "2", "OLD": "A"})
    assert reasons(again) == ["The previous reference A is that of 1 already."]


def test_what_only_the_database_finds_wrong_costs_one_row(authority):
    rows = [{**ROW, "REF": str(number), "WARD": ""} for number in range(1, 8)]
    mapping = mapping_of(mapping_for(rows))
    reader = RowReader(mapping, list(rows[0]), Types(ApplicationType.objects.all()), today=timezone.localdate())
    read = [reader.read(Line(number, number, b"", list(row.values()))) for number, row in enumerate(rows, start=2)]
    read[4] = replace(read[4], copied=read[4].copied.replace("1998-01-05", "1998-99-05"))
    loader = Loader(authority, mapping, file_name="old.csv", is_trial=False)
    with transaction.atomic():
        loaded = loader.load(read)
    assert loaded.created.total() == 6
    (refusal,) = loaded.refused
    assert (refusal.line, refusal.reference) == (6, "5")
    assert "The database does not take it" in refusal.reason


# --- The file itself ------------------------------------------------------------------------------------------------


def rows_of(tmp_path: Path, text: bytes, **form) -> list[tuple[int, list[str] | str]]:
    path = tmp_path / "lines.csv"
    path.write_bytes(text)
    return [(line.number, line.fault or line.cells) for line in read_lines(path, Form(**form))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"a,b\r\n1,2\r\n3,4\r\n", [(2, ["1", "2"]), (3, ["3", "4"])]),
        (b'a,b\n1,"x\ny ""z"""\n3,4', [(2, ["1", 'x\ny "z"']), (4, ["3", "4"])]),
        (b"\xef\xbb\xbfa,b\n\n,\n1,2\n", [(4, ["1", "2"])]),
        (b"a,b\n1,2,,\n", [(2, ["1", "2"])]),
        (b'a,b\n1,6" pipe\n3,4\n', [(2, ["1", '6" pipe']), (3, ["3", "4"])]),
    ],
)
def test_rows_are_read_as_they_were_written(tmp_path, text, found):
    assert rows_of(tmp_path, text) == found


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (b'1,"never closed', "opened and never closed"),
        (b'1,"a"b', "follows a closing quotation mark"),
        (b"1,2,3", "3 cells, and there are 2 headings"),
        (b"1", "1 cells"),
        (b"1,caf\xe9", "not written in utf-8: byte 6"),
        (b"1,a\0b", "NUL"),
    ],
)
@pytest.mark.parametrize("after", [b"8,9", b'8,"9"', b'8,"nine\nand nine"'])
def test_a_broken_row_does_not_swallow_the_next(tmp_path, broken, words, after):
    (number, fault), (_, cells) = rows_of(tmp_path, b"a,b\n" + broken + b"\n" + after + b"\n")
    assert number == 2
    assert words in fault
    assert cells == ["8", after[2:].decode().strip('"')]


def test_another_encoding_and_delimiter(tmp_path):
    assert rows_of(tmp_path, b"a;b\n1;caf\xe9 \x96 bar\n", encoding="windows-1252", delimiter=";") == [
        (2, ["1", "café – bar"])
    ]


@pytest.mark.parametrize("text", [b"", b"\n", b"a,b\r1,2\r", "a,b\n1,2\n".encode("utf-16")])
def test_a_file_that_is_no_csv_file_is_said_to_be_none(tmp_path, text):
    with pytest.raises(NotACsvFile):
        rows_of(tmp_path, text)


# --- What lives in BoPS ---------------------------------------------------------------------------------------------


def test_an_application_of_our_own_is_never_touched(bring_in, make_application):
    ours = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    before = digests()
    outcome = bring_in({"REF": ours.reference, "WHAT": "Something else"})
    assert reasons(outcome) == [f"{ours.reference} lives in BoPS: it was not imported, so it is left alone."]
    assert digests() == before


def test_nor_by_a_reference_that_it_had_before(bring_in, make_application, authority):
    ours = make_application()
    PreviousReference.objects.create(application=ours, authority=authority, reference=ROW["REF"])
    (reason,) = reasons(bring_in())
    assert reason == f"The reference was that of {ours.reference} before, which lives in BoPS."


def test_the_same_reference_of_another_council_is_another_application(bring_in, other_authority):
    bring_in()
    assert counts(bring_in({"WARD": "Abbey"}, authority=other_authority)) == (1, 0, 0, 0)
    assert PlanningApplication.objects.filter(reference=ROW["REF"]).count() == 2


def test_new_references_never_meet_imported_ones(bring_in, authority):
    year = timezone.localdate().year % 100
    bring_in({"REF": f"{year}/00100/HAPP"}, {"REF": "x", "OLD": f"{year}-00101-HAPP"}, {"REF": "07/12345/FUL"})
    assert ReferenceCounter.objects.get(authority=authority).next_number == 12346
    ReferenceCounter.objects.filter(authority=authority).delete()  # the next one begins at 100
    with transaction.atomic():
        allotted = [ReferenceCounter.allot(authority=authority, suffix="HAPP", year=year) for _ in range(2)]
    assert allotted == [f"{year}-00102-HAPP", f"{year}-00103-HAPP"]


# --- Again ----------------------------------------------------------------------------------------------------------


def test_the_second_time_changes_nothing(bring_in):
    row = {"OLD": "A B", "NAME": "Enid", "LODGED": "01/05/1998", "WARD": "Abbey", "E": "530000", "N": "180000"}
    open_case = {**row, "REF": "2", "OLD": "", "DECISION": "", "DECIDED": "", "LODGED": ""}
    bring_in(row, open_case)
    before = digests()
    assert counts(bring_in(row, open_case)) == (0, 0, 2, 0)
    assert digests() == before


def test_a_changed_row_is_changed_and_its_history_says_what_was(bring_in):
    bring_in({"WARD": "Abbey", "NAME": "Enid", "EMAIL": "a@example.com", "LODGED": "01/05/1998"})
    changed = {
        "WARD": "Castle",
        "NAME": "Enid Blyton",
        "EMAIL": "b@example.com",
        "LODGED": "01/05/1998",
        "OUTCOME": "allowed",
        "APPEAL_DECIDED": "01/09/1998",
        "OLD": "Z9",
    }
    assert counts(bring_in(changed)) == (0, 1, 0, 0)
    found = the_application()
    assert found.ward == "Castle"
    assert Party.objects.get(application=found).name == "Enid Blyton"
    assert Appeal.objects.get(application=found).outcome == "allowed"
    assert found.previous_references.get().reference == "Z9"
    event = CaseEvent.objects.filter(application=found).last()
    assert (event.sequence, event.kind, event.is_imported) == (2, "imported", True)
    assert event.data["before"]["ward"] == "Abbey"
    assert event.data["after"]["ward"] == "Castle"
    assert event.data["after"]["applicant_name"] == "Enid Blyton"
    assert event.data["also_changed"] == ["applicant_email"]
    assert "example.com" not in json.dumps(event.data)
    assert faults_of([found]) == {}
    assert found.public_changed_at == event.at


def test_what_the_file_does_not_say_stays(bring_in):
    bring_in({"WARD": "Abbey", "NAME": "Enid", "E": "530000", "N": "180000", "FEE": "10"})
    assert counts(bring_in({"WHAT": "Front extension"})) == (0, 1, 0, 0)
    found = the_application()
    assert (found.description, found.ward, found.fee_paid) == ("Front extension", "Abbey", Decimal("10.00"))
    assert found.latitude
    assert Party.objects.get(application=found).name == "Enid"


def test_an_empty_cell_empties(bring_in):
    row = {"WARD": "Abbey", "NAME": "Enid", "LODGED": "01/05/1998", "E": "530000", "N": "180000"}
    bring_in(row)
    assert counts(bring_in(dict.fromkeys(row, ""))) == (0, 1, 0, 0)
    found = the_application()
    assert (found.ward, found.latitude) == ("", None)
    assert not Party.objects.filter(application=found).exists()
    assert not Appeal.objects.filter(application=found).exists()


def test_an_open_case_that_was_decided_in_the_meantime(bring_in):
    bring_in({"DECISION": "", "DECIDED": ""})
    published = the_application().published_at
    assert counts(bring_in()) == (0, 1, 0, 0)
    found = the_application()
    assert (found.status, found.published_at) == (Status.DETERMINED, published)
    event = CaseEvent.objects.filter(application=found).last()
    assert (event.from_status, event.to_status) == (Status.IN_ASSESSMENT, Status.DETERMINED)


def test_a_decision_is_not_taken_back(bring_in):
    bring_in()
    before = digests()
    outcome = bring_in({"DECISION": "", "DECIDED": ""})
    assert reasons(outcome) == ["98/0123/FUL is decided here, and an import does not take a decision back."]
    assert digests() == before


def test_what_officers_have_worked_on_since_is_theirs(bring_in, officer):
    row = {"DECISION": "", "DECIDED": ""}
    bring_in(row)
    change_facts(the_application(), by=officer, ward="Castle")
    before = digests()
    outcome = bring_in({**row, "WHAT": "Front extension"})
    (reason,) = reasons(outcome)
    assert "has been worked on in BoPS since its import" in reason
    assert digests() == before


# --- The mapping ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"columns": {**MAPPING["columns"], "wrad": "WHERE"}}, "“wrad” is not a field. The fields are: reference"),
        ({"columns": {**MAPPING["columns"], "ward": "WARDNAME"}}, "ward: the file has no column “WARDNAME”"),
        ({"columns": {"reference": "REF"}}, "received_on: an application cannot be without it"),
        ({"colums": {}}, "“colums” is not a setting of a mapping"),
        ({"dates": ["%d/%m"]}, "does not say day, month and year"),
        ({"encoding": "latin-17"}, "encoding: “latin-17” is not known"),
        ({"encoding": "utf-16"}, "cannot be read line by line"),
        ({"delimiter": "::"}, "delimiter: must be one character"),
        ({"values": {**MAPPING["values"], "decision": {"PER": "allowed"}}}, "“allowed” is not one of"),
        ({"values": {**MAPPING["values"], "ward": {"A": "B"}}}, "ward: is not a field with a list of values"),
        ({"constants": {"description": "x"}}, "description: is given as a column and as a constant"),
        ({"constants": {"easting": "1"}}, "easting and northing go together"),
        ({"closed_when_undecided_before": "soon"}, "must be a day"),
        ({"columns": ["REF"]}, "columns: must be a list of “name: value”"),
        ({"values": {"type": {"FUL": "pp.fool"}}}, "type: “FUL” is not in the mapping (1 times, first on line 2)"),
        ({"values": {"type": {"HSE": "pp.full.minor"}}}, "type: “FUL” is not in the mapping"),
        ({"values": {"type": MAPPING["values"]["type"]}}, "decision: “PER” is not in the mapping"),
    ],
)
def test_a_faulty_mapping_is_said_in_words_before_anything_is_done(bring_in, said, words):
    with pytest.raises(MappingFaults) as raised:
        bring_in(settings=said)
    assert any(words in fault for fault in raised.value.faults), raised.value.faults
    assert not RegisterImport.objects.exists()
    assert not PlanningApplication.objects.exists()


def test_all_values_that_are_not_in_the_mapping_are_told_at_once(bring_in):
    with pytest.raises(MappingFaults) as raised:
        bring_in({"TYPE": "AAA"}, {"REF": "2", "TYPE": "BBB"}, {"REF": "3", "TYPE": "BBB"})
    assert [fault.split(" is ")[0] for fault in raised.value.faults] == ["type: “BBB”", "type: “AAA”"]


def test_other_values_may_be_refused_in_general(bring_in):
    types = {**MAPPING["values"]["type"], "otherwise": "refuse"}
    outcome = bring_in({}, {"REF": "2", "TYPE": "XYZ"}, settings={"values": {**MAPPING["values"], "type": types}})
    assert counts(outcome) == (1, 0, 0, 1)


def test_a_decision_that_its_type_does_not_know_is_noted(bring_in):
    outcome = bring_in({"TYPE": "CLP", "DECISION": "REF"})
    (note,) = outcome.survey.warnings
    assert "refused is not a decision that ldc.proposed knows (1 rows)" in note


def test_a_mapping_is_suggested_from_the_headings(tmp_path, authority):
    path = tmp_path / "old.csv"
    old_register.write(path, 1_000)
    written = yaml.load(suggest_mapping(path), Loader=yaml.BaseLoader)
    assert written["dates"] == ["%d/%m/%Y"]
    assert written["columns"]["reference"] == "REFVAL"
    assert written["columns"]["address"] == ["ADDRESS1", "ADDRESS2"]
    assert written["columns"]["received_on"] == "RECEIVED"
    assert written["columns"]["decided_on"] == "DECIDED"
    assert written["values"]["type"]["HSE"] == "pp.full.householder"
    assert written["values"]["type"]["ENF"] == "refuse"
    assert written["values"]["decision"]["WDN"] == "withdrawn"
    written["empty"] = ["NULL", "01/01/1900"]
    written["values"]["appeal_outcome"] = {"ALLOW": "allowed", "DISMIS": "dismissed"}
    assert import_register(path, authority=authority, mapping=mapping_of(written)).account.total("created") == 990


# --- Trying it first ------------------------------------------------------------------------------------------------


def test_a_dry_run_says_the_same_and_writes_nothing(bring_in, make_application):
    ours = make_application()
    rows = [
        {"REF": "1", "OLD": "A"},
        {"REF": "2", "OLD": "A"},
        {"REF": "1"},
        {"REF": ours.reference},
        {"REF": "4", "WHAT": ""},
        {"REF": "5", "NAME": "Enid"},
    ]
    bring_in({"REF": "5"}, {"REF": "6"})
    before = digests(*TABLES, "cases_registerimport", "cases_refusedrow")
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM cases_planningapplication_id_seq")
        last_id = cursor.fetchone()
    trial = bring_in(*rows, {"REF": "6"}, is_trial=True, batch_rows=2)
    said = (counts(trial), list(trial.refused()), trial.account.as_dict())
    assert said[0] == (1, 1, 1, 4)
    assert digests(*TABLES, "cases_registerimport", "cases_refusedrow") == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM cases_planningapplication_id_seq")
        assert cursor.fetchone() == last_id
    real = bring_in(*rows, {"REF": "6"}, batch_rows=2)
    assert (counts(real), list(real.refused()), real.account.as_dict()) == said


# --- Two at once, and broken off ------------------------------------------------------------------------------------


def other_connection():
    settings = connection.settings_dict
    return psycopg2.connect(
        dbname=settings["NAME"],
        user=settings["USER"],
        password=settings["PASSWORD"],
        port=settings["PORT"] or None,
        host=settings["HOST"] or settings["OPTIONS"].get("host"),
    )


def test_two_imports_of_one_council_never_run_at_once(bring_in, authority, other_authority):
    other = other_connection()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"register import {authority.pk}"])
        with pytest.raises(AlreadyRunning, match="is running"):
            bring_in()
        assert not PlanningApplication.objects.exists()
        assert counts(bring_in(authority=other_authority)) == (1, 0, 0, 0)
    finally:
        other.close()


def test_a_run_that_fails_in_the_middle_goes_on_where_it_was(bring_in, monkeypatch):
    rows = [{"REF": f"98/{number:04d}", "WHAT": "" if number % 4 == 0 else "Porch"} for number in range(1, 12)]
    rows.append({"REF": "98/0001"})
    load, calls = Loader.load, []

    def fails_in_the_third(self, batch):
        calls.append(len(batch))
        if len(calls) == 3:
            raise ZeroDivisionError
        return load(self, batch)

    monkeypatch.setattr(Loader, "load", fails_in_the_third)
    with pytest.raises(ZeroDivisionError):
        bring_in(*rows, batch_rows=3)
    assert RegisterImport.objects.get().lines_done == 7
    monkeypatch.setattr(Loader, "load", load)
    told = []
    outcome = bring_in(*rows, batch_rows=3, tell=lambda progress: told.append(progress.rows))
    assert outcome.went_on_from == 7
    assert counts(outcome) == (9, 0, 0, 3)
    assert reasons(outcome)[-1] == "The reference 98/0001 stands on line 2 already."
    assert RegisterImport.objects.count() == 1
    assert told[-1] == len(rows)
    assert PlanningApplication.objects.count() == 9


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_killed_in_the_middle_goes_on_where_it_was(tmp_path, authority):
    path, mapping = tmp_path / "old.csv", tmp_path / "old.yaml"
    old_register.write(path, 3_000)  # sixty batches: it is killed after the second, long before the last
    mapping.write_text(old_register.MAPPING)
    settings = connection.settings_dict
    host = settings["HOST"] or settings["OPTIONS"].get("host", "")
    url = (
        f"postgres://{settings['USER']}:{settings['PASSWORD']}@/{settings['NAME']}?host={host}&port={settings['PORT']}"
    )
    command = [
        sys.executable,
        str(REPOSITORY / "manage.py"),
        "import_register",
        str(path),
        "--authority",
        authority.code,
        "--mapping",
        str(mapping),
        "--batch",
        "50",
        "--skip-checks",
    ]
    environment = {**os.environ, "DATABASE_URL": url, "BOPS_ENV": "test", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True, cwd=REPOSITORY)
    for line in process.stdout:
        if line.startswith("100 of 3,000"):
            break
    process.send_signal(signal.SIGKILL)
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    with connection.cursor() as cursor:  # until PostgreSQL has seen that nobody is there any more
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"register import {authority.pk}"])
        cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [f"register import {authority.pk}"])
    kept = RegisterImport.objects.get()
    assert kept.created + kept.refused < 3_000
    assert kept.created == PlanningApplication.objects.count() > 0
    outcome = import_register(path, authority=authority, mapping=OLD_REGISTER)
    assert outcome.went_on_from == kept.lines_done
    assert counts(outcome) == (2_970, 0, 0, 30)
    assert CaseEvent.objects.count() == PlanningApplication.objects.count() == 2_970


# --- The numbers ----------------------------------------------------------------------------------------------------


def test_numbers_that_do_not_add_up_are_told():
    account = Account()
    account.add(Loaded(created=Counter({("1998", "listed"): 3}), unchanged=Counter({("1998", "listed"): 1})))
    there = Counter({("1998", "listed"): 4})
    assert differences(account, rows_in_file=4, of_this_file=there) == []
    assert differences(account, rows_in_file=5, of_this_file=there) == ["The file has 5 rows, and 4 are accounted for."]
    (difference,) = differences(account, rows_in_file=4, of_this_file=Counter({("1998", "listed"): 3}))
    assert difference == "1998, listed: 4 rows were taken in; the register holds 3 of them."


def test_the_command_fails_when_the_register_does_not_hold_what_was_taken_in(tmp_path, authority, monkeypatch, capsys):
    path, mapping = write_csv(tmp_path / "old.csv", [ROW]), tmp_path / "old.yaml"
    mapping.write_text(yaml.safe_dump(MAPPING))
    monkeypatch.setattr(importing, "counted_of_this_file", lambda authority: Counter())
    with pytest.raises(CommandError, match="do not add up"):
        call_command("import_register", str(path), authority="BKM", mapping=mapping)
    assert "1 rows were taken in; the register holds 0" in capsys.readouterr().err


def test_the_report_holds_the_numbers_and_the_rows_to_correct(tmp_path, authority, capsys):
    rows = [{**ROW, "REF": "1"}, {**ROW, "REF": "2", "RECEIVED": "31/02/1998"}, {**ROW, "REF": "3"}]
    path, mapping, report = write_csv(tmp_path / "old.csv", rows), tmp_path / "old.yaml", tmp_path / "report"
    mapping.write_text(yaml.safe_dump(MAPPING))
    with path.open("ab") as file:
        file.write(b'4,"broken\r\n')
    call_command("import_register", str(path), authority="bkm", mapping=mapping, report=report)
    said = capsys.readouterr().out
    assert "The numbers add up. The register holds what the numbers say." in said
    assert "4 of 4 rows, 2 refused" in said
    found = json.loads((report / "reconciliation.json").read_text())
    assert found["totals"] == {"read": 4, "created": 2, "updated": 0, "unchanged": 0, "refused": 2}
    assert found["by_year_and_type"][0] == {
        "year": "1998",
        "type": "pp.full.minor",
        "read": 2,
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "refused": 0,
        "in_the_register": 2,
    }
    with (report / "reconciliation.csv").open() as file:
        table = list(csv.DictReader(file))
    assert sum(int(row["read"]) for row in table) == 4
    with (report / "refused.csv").open() as file:
        assert [(row["line"], row["reference"]) for row in csv.DictReader(file)] == [("3", "2"), ("5", "")]
    originals = (report / "refused-rows.csv").read_bytes()
    assert originals.splitlines()[0] == path.read_bytes().splitlines()[0]
    assert originals.splitlines()[2] == b'4,"broken'
    corrected = tmp_path / "corrected.csv"
    corrected.write_bytes(originals.replace(b"31/02/1998", b"05/01/1998").replace(b'4,"broken\r\n', b""))
    call_command("import_register", str(corrected), authority="BKM", mapping=mapping)
    assert PlanningApplication.objects.count() == 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"authority": "XXX"}, "no council with the code XXX"),
        ({}, "Name the mapping with --mapping"),
        ({"mapping": "absent.yaml"}, "There is no file absent.yaml"),
    ],
)
def test_the_command_says_what_it_lacks(tmp_path, authority, options, words):
    path = write_csv(tmp_path / "old.csv", [ROW])
    options = {"authority": "BKM", **options}
    if "mapping" in options:
        options["mapping"] = Path(options["mapping"])
    with pytest.raises(CommandError, match=words):
        call_command("import_register", str(path), **options)


def test_the_command_writes_a_mapping_and_never_over_another(tmp_path, authority):
    path, target = write_csv(tmp_path / "old.csv", [ROW]), tmp_path / "new.yaml"
    call_command("import_register", str(path), authority="BKM", write_mapping=target)
    assert "columns:" in target.read_text()
    with pytest.raises(CommandError, match="exists already"):
        call_command("import_register", str(path), authority="BKM", write_mapping=target)
    assert not PlanningApplication.objects.exists()


# --- Batch after batch -----------------------------------------------------------------------------------------------


def test_two_thousand_rows_with_twenty_bad_ones_twice(tmp_path, authority):
    """Eight batches, so that some are read while others are written and the planner hears of them after four of them;
    two rows of each fault, so that one is not the first of its kind. More rows would be more of the same batches."""
    path = tmp_path / "old.csv"
    old_register.write(path, 2_000)
    options = {"authority": authority, "mapping": OLD_REGISTER, "batch_rows": 250}
    told: list[int] = []
    first = import_register(path, **options, tell=lambda progress: told.append(progress.rows))
    assert told == list(range(0, 2_001, 250))
    assert counts(first) == (1_980, 0, 0, 20)
    kinds = Counter()
    for reason in reasons(first):
        (kind,) = [kind for kind, words in old_register.FAULTS if words in reason]
        kinds[kind] += 1
    assert kinds == {kind: 2 for kind, _ in old_register.FAULTS}
    assert PlanningApplication.objects.of(authority).count() == 1_980
    assert CaseEvent.objects.count() == 1_980
    before = digests()
    second = import_register(path, **options)
    assert counts(second) == (0, 0, 1_980, 20)
    assert reasons(second) == reasons(first)
    assert digests() == before
    for application in PlanningApplication.objects.order_by("pk")[::200]:
        assert faults_of([application]) == {}


# --- Documents ------------------------------------------------------------------------------------------------------


@pytest.fixture
def manifest(tmp_path, bring_in):
    """manifest({"path": "a.pdf"}, …) → the rows that the command refused of such a manifest, beside a few files."""
    bring_in()
    folder = tmp_path / "files"
    (folder / "plans").mkdir(parents=True)
    (folder / "plans" / "Site_plan.pdf").write_bytes(files.pdf())
    (folder / "photo.jpg").write_bytes(files.image("JPEG"))
    (folder / "virus.pdf").write_bytes(b"MZ\x90\x00 not a document")
    (tmp_path / "secret.pdf").write_bytes(files.pdf(words="Secret"))

    def manifest(*rows: dict, **options) -> list[dict]:
        blank = {
            "reference": ROW["REF"],
            "path": "plans/Site_plan.pdf",
            "title": "",
            "type": "",
            "date": "",
            "public": "",
        }
        path = write_csv(folder / "manifest.csv", [{**blank, **row} for row in rows])
        report = tmp_path / "report"
        call_command("import_register", authority="BKM", documents=path, report=report, **options)
        with (report / "documents-refused.csv").open() as file:
            return list(csv.DictReader(file))

    return manifest


def test_documents_come_by_a_manifest_and_once(manifest, capsys):
    rows = [
        {"title": "Block plan", "type": "sitePlan.proposed", "date": "03/02/1998", "public": "yes"},
        {"path": "photo.jpg"},
    ]
    assert manifest(*rows) == []
    published, looked_at_by_nobody = Document.objects.order_by("pk")
    assert (published.title, published.types, published.received_on) == (
        "Block plan",
        ["sitePlan.proposed"],
        date(1998, 2, 3),
    )
    assert (published.public_status, published.mime_type) == (PublicStatus.PUBLISH, "application/pdf")
    assert (looked_at_by_nobody.public_status, looked_at_by_nobody.title) == (PublicStatus.NOT_ASSESSED, "photo")
    assert looked_at_by_nobody.received_on == date(1998, 1, 5)
    assert not CaseEvent.objects.filter(is_imported=False).exists()
    assert faults_of([the_application()]) == {}
    before = digests()
    capsys.readouterr()
    assert manifest(*rows) == []
    assert "2 read, 0 added, 2 there already, 0 refused" in capsys.readouterr().out
    assert digests() == before


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"path": "../secret.pdf"}, "leads out of the manifest's folder"),
        ({"path": "/etc/passwd"}, "not a path that begins at the manifest's folder"),
        ({"path": "C:\\plans\\a.pdf"}, "not a path that begins"),
        ({"path": "plans/link.pdf"}, "leads out of the manifest's folder"),
        ({"path": "plans/none.pdf"}, "There is no file “plans/none.pdf”"),
        ({"path": "plans"}, "There is no file"),
        ({"path": "virus.pdf"}, "not"),
        ({"reference": "none"}, "There is no application none"),
        ({"type": "love letter"}, "not a kind of document"),
        ({"date": "31/02/1998"}, "not a day that there is"),
        ({"public": "perhaps"}, "neither yes nor no"),
    ],
)
def test_a_document_that_cannot_be_added_is_listed_and_the_others_are_added(manifest, tmp_path, row, words):
    (tmp_path / "files" / "plans" / "link.pdf").symlink_to(tmp_path / "secret.pdf")
    (refused,) = manifest(row, {"path": "photo.jpg"})
    assert refused["line"] == "2"
    assert words in refused["reason"]
    assert Document.objects.get().title == "photo"


def test_documents_of_our_own_cases_are_left_alone(manifest, make_application):
    ours = make_application()
    (refused,) = manifest({"reference": ours.reference})
    assert "lives in BoPS" in refused["reason"]
    assert not Document.objects.exists()


def test_a_dry_run_adds_no_document(manifest, capsys):
    assert manifest({}, dry_run=True) == []
    assert "1 read, 1 added, 0 there already" in capsys.readouterr().out
    assert not Document.objects.exists()


def test_documents_of_a_manifest_with_paths_of_windows(manifest):
    assert manifest({"path": "plans\\Site_plan.pdf"}) == []
    assert Document.objects.get().title == "Site plan"


def test_nobody_else_imports_while_documents_are_added(authority):
    with alone(authority):
        other = other_connection()
        try:
            with other.cursor() as cursor:
                key = f"register import {authority.pk}"
                cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
                assert cursor.fetchone() == (False,)
        finally:
            other.close()


# --- What the documentation says ------------------------------------------------------------------------------------

GUIDE = (REPOSITORY / "docs" / "importing-a-register.md").read_text("utf-8")


def test_the_worked_example_of_the_guide_works(tmp_path, authority):
    (table,) = re.findall(r"```csv\n(.*?)```", GUIDE, re.DOTALL)
    (written,) = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    path = tmp_path / "old.csv"
    path.write_text(table, "windows-1252")
    outcome = import_register(path, authority=authority, mapping=mapping_of(yaml.load(written, Loader=yaml.BaseLoader)))
    assert counts(outcome) == (3, 0, 0, 1)
    assert outcome.survey.warnings == []
    found = {one.reference: one for one in PlanningApplication.objects.all()}
    assert [one.decision or one.status for one in found.values()] == [
        "granted_with_conditions",
        "ldc_refused",
        "withdrawn",
    ]
    assert found["98/00125/FUL"].withdrawn_on == date(1998, 1, 30)
    assert found["98/00125/FUL"].latitude is None
    assert found["98/00123/FUL"].postcode == "HP9 2LX"


def test_the_guide_names_every_field_and_every_setting():
    named = set(re.findall(r"`([a-z_]+)`", GUIDE))
    assert set(FIELDS) <= named
    assert named >= KEYS
