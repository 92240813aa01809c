"""A first mapping, guessed from a file's headings and its first rows. Somebody reads it through before it is used."""

import re
from collections import Counter
from datetime import date, datetime
from itertools import islice
from pathlib import Path

import yaml

from cases.models import ApplicationType
from cases.statuses import Decision

from .fields import CHOICES, FIELDS, NO_DECISION, REFUSE, Kind
from .lines import Form, Line, read_headings, read_lines
from .rows import Types

ROWS_LOOKED_AT = 5_000
MOST_VALUES = 80

# What other systems call our fields; letters and digits only. The field's own name is always known.
OTHER_NAMES = {
    "reference": "ref applicationno applicationnumber applicationref applicationreference caseref casefullref refval"
    " appno planningreference refno keyno",
    "previous_references": "oldreference previousreference formerreference altref alternativereference oldref",
    "type": "applicationtype apptype apptyp casetype dcapptyp dcapptype typecode",
    "description": "proposal developmentdescription proposaldescription development",
    "address": "siteaddress location sitelocation addressline addressline1 siteaddress1 fulladdress",
    "postcode": "sitepostcode pcode",
    "uprn": "siteuprn blpuuprn",
    "ward": "wardname electoralward",
    "parish": "parishname parishcouncil civilparish",
    "easting": "mapeast siteeasting x eastings xcoord",
    "northing": "mapnorth sitenorthing y northings ycoord",
    "latitude": "lat",
    "longitude": "lon long lng",
    "boundary": "geometry geom wkt wktgeom polygon redline geojson",
    "received_on": "datereceived received daterec daterecv receiveddate registereddate dateregistered",
    "valid_from": "datevalid valid dateapval validdate datevalidated validateddate datemadevalid",
    "consultation_ends_on": "consultationend consultationexpiry consultationenddate consultationexpirydate publicityend"
    " neighbourexpiry",
    "statutory_expiry_on": "statutoryexpiry statutoryexpirydate targetdate determinationdeadline statexpiry",
    "expires_on": "agreedexpirydate eotdate extensiondate extensionoftimedate",
    "committee_on": "committeedate datecommittee",
    "decided_on": "decisiondate datedecision datedecided decided datedecisn decisionissueddate datedecissued",
    "decision": "decisiontype decisioncode decsn outcome",
    "withdrawn_on": "datewithdrawn withdrawn withdrawndate",
    "route": "decisionlevel delegatedcommittee declevel",
    "officer": "caseofficer officername planningofficer ofcode",
    "applicant_name": "applicant applicantname appname",
    "applicant_company": "applicantcompany applicantorganisation",
    "applicant_address": "applicantaddress",
    "agent_name": "agent agentname",
    "agent_company": "agentcompany agentorganisation",
    "agent_address": "agentaddress",
    "fee_paid": "fee feereceived feeamount",
    "appeal_reference": "appealref appealno pinsreference",
    "appeal_lodged_on": "appeallodged appealdate dateappeallodged",
    "appeal_outcome": "appealdecision appealresult",
    "appeal_decided_on": "appealdecisiondate",
}
DATES = ("%d/%m/%Y", "%Y-%m-%d", "%d-%b-%Y", "%d %B %Y", "%d/%m/%y", "%d.%m.%Y", "%Y%m%d")
# Words for which the usual codes of older systems are sought; the first that fits.
_USUAL_DECISIONS = (
    (r"withdr|^w(dn|d|th)?$", "withdrawn"),
    (r"finally disposed|^fdo$|lapsed", "closed"),
    (r"return", "returned"),
    (r"split", Decision.SPLIT.value),
    (r"refus|^ref?$|^rej", Decision.REFUSED.value),
    (r"condition|^percon$|^gc$|^per$|^gtd$", Decision.GRANTED_WITH_CONDITIONS.value),
    (r"grant|permit|approv|^app$|^g$", Decision.GRANTED.value),
    (r"no objection|^noobj$", Decision.NO_OBJECTION.value),
    (r"pending|undecided|none|^n/?a$", NO_DECISION),
)


def suggest_mapping(path: Path) -> str:
    """The text of a mapping file for this CSV file. Raises NotACsvFile."""
    form = _form(path)
    headings = read_headings(path, form)
    rows = list(islice((line for line in read_lines(path, form) if not line.fault), ROWS_LOOKED_AT))
    columns = _columns(headings)
    text = [
        "# A guess from the headings and the first rows of the file. Read every line before you use it;",
        "# docs/importing-a-register.md says what each setting means.",
        _yaml({"encoding": form.encoding, "delimiter": "tab" if form.delimiter == "\t" else form.delimiter}),
        _yaml({"dates": _dates(columns, headings, rows)}),
        _yaml({"columns": columns}),
    ]
    missing = [field.name for field in FIELDS.values() if field.is_needed and field.name not in columns]
    if missing:
        text.append(f"# Not found, and an application cannot be without: {', '.join(missing)}\n")
    used = [column for named in columns.values() for column in _listed(named)]
    left = [heading for heading in headings if heading and heading not in used]
    if left:
        text.append(f"# Columns that nothing is made of: {', '.join(left)}\n")
    text.append(_values(columns, headings, rows))
    return "\n".join(text)


def _form(path: Path) -> Form:
    with path.open("rb") as file:
        heading, start = file.readline(), file.read(4 * 1024 * 1024)
    delimiter = max(",;\t|", key=lambda one: heading.count(one.encode()))
    for encoding in ("utf-8", "windows-1252"):
        # The last line may have been cut in a letter.
        if _is_written_in(encoding, heading + start.rpartition(b"\n")[0]):
            return Form(encoding=encoding, delimiter=delimiter)
    return Form(encoding="iso-8859-1", delimiter=delimiter)


def _is_written_in(encoding: str, text: bytes) -> bool:
    """Whether it can be read so; a few broken rows among many are no argument for another encoding."""
    lines = text.split(b"\n")
    broken = sum(1 for line in lines if not _can_be_read(line, encoding))
    return broken * 50 <= len(lines)


def _can_be_read(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _columns(headings: list[str]) -> dict[str, str | list[str]]:
    """Field → heading, where a heading is a name of the field; each heading once."""
    plain = {re.sub(r"[^a-z0-9]", "", heading.lower()): heading for heading in reversed(headings)}
    found: dict[str, str | list[str]] = {}
    for field in FIELDS:
        own = field.replace("_", "")
        for name in (own, own.removesuffix("on"), *OTHER_NAMES.get(field, "").split()):
            if name in plain:
                found[field] = plain.pop(name)
                break
    parts = [heading for name, heading in plain.items() if re.fullmatch(r"(site)?address(line)?\d", name)]
    if parts:  # the first line of an address may have been taken for the whole
        found["address"] = sorted([*_listed(found.get("address", [])), *parts], key=headings.index)
    for one, other in (("easting", "northing"), ("latitude", "longitude"), ("decision", "decided_on")):
        if (one in found) != (other in found):
            found.pop(one, None), found.pop(other, None)
    return found


def _listed(columns: str | list[str]) -> list[str]:
    return [columns] if isinstance(columns, str) else columns


def _dates(columns: dict[str, str | list[str]], headings: list[str], rows: list[Line]) -> list[str]:
    """The ways to write a day that read most of the days; best first."""
    cells = [
        cell
        for field, column in columns.items()
        if FIELDS[field].kind is Kind.DATE
        for cell in _cells(column, headings, rows)[:500]
        if cell
    ]
    read = Counter({written: sum(_is_day(cell, written) for cell in cells) for written in DATES})
    return [written for written, times in read.most_common() if times] or [DATES[0]]


def _is_day(cell: str, written: str) -> bool:
    try:
        day = datetime.strptime(re.split(r"[T ]\d\d?:", cell)[0], written).date()  # noqa: DTZ007 - only a day
    except ValueError:
        return False
    return date(1900, 1, 1) < day < date(2100, 1, 1)


def _values(columns: dict[str, str | list[str]], headings: list[str], rows: list[Line]) -> str:
    """What stands in the columns of choices, with a guess beside each value."""
    types = Types(ApplicationType.objects.filter(is_active=True))
    found: dict[str, dict[str, str]] = {}
    for name in ("type", *CHOICES):
        if name not in columns:
            continue
        counted = Counter(filter(None, _cells(columns[name], headings, rows)))
        guesses = {value: _guess(name, value, types) for value, _ in counted.most_common(MOST_VALUES)}
        if guesses:
            found[name] = guesses
    return f"# “{REFUSE}” stands where no guess was possible: rows with that value would be refused.\n" + _yaml(
        {"values": found}
    )


def _guess(name: str, value: str, types: Types) -> str:
    if name == "type":
        kind = types.get(value) or types.get(_USUAL_TYPES.get(value.casefold(), ""))
        return kind.code if kind else REFUSE
    code = value.casefold().replace(" ", "_")
    if code in CHOICES[name]:
        return code
    if name == "decision":
        return next((code for words, code in _USUAL_DECISIONS if re.search(words, value.casefold())), REFUSE)
    return REFUSE


_USUAL_TYPES = {
    "hse": "pp.full.householder", "hou": "pp.full.householder", "householder": "pp.full.householder",
    "hh": "pp.full.householder", "fulh": "pp.full.householder", "ful": "pp.full.minor", "full": "pp.full.minor",
    "fulm": "pp.full.major", "maj": "pp.full.major", "lbc": "listed", "listed building consent": "listed",
    "adv": "advertConsent", "advert": "advertConsent", "tpo": "wtt.consent", "tca": "wtt.notice",
    "ldc": "ldc.proposed", "clp": "ldc.proposed", "lup": "ldc.proposed", "ldcp": "ldc.proposed",
    "clopud": "ldc.proposed",
    "cle": "ldc.existing", "lue": "ldc.existing", "ldce": "ldc.existing", "cleud": "ldc.existing",
    "nma": "nonMaterialAmendment", "dis": "approval.conditions", "doc": "approval.conditions",
    "dcon": "approval.conditions", "pah": "pa.part1.classA", "hpa": "pa.part1.classA", "out": "pp.outline.minor.some",
    "outm": "pp.outline.major.some", "hed": "hedgerowRemovalNotice", "pip": "pp.pip", "pre": "preApp",
}  # fmt: skip


def _cells(column: str | list[str], headings: list[str], rows: list[Line]) -> list[str]:
    at = headings.index(_listed(column)[0])
    return [row.cells[at].strip() for row in rows]


def _yaml(value: object) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=120)
