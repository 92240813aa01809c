"""What a row of an older register may say of an application: the names that a mapping file uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from cases.models import Appeal
from cases.statuses import Decision, Route, Status, WorkStatus


class Kind(Enum):
    TEXT = "text"
    ADDRESS = "address"  # several columns make one line
    CODES = "list of references"
    CHOICE = "one of a list"
    YES_NO = "yes or no"
    DATE = "date"
    NUMBER = "number"
    DIGITS = "digits"
    SHAPE = "red line"


@dataclass(frozen=True)
class Field:
    name: str  # in the mapping file
    kind: Kind
    column: str = ""  # of the application, where one column holds it
    longest: int | None = None  # characters
    is_needed: bool = False


# A decision column of an older register often says how a case ended otherwise; the decision's day is then that of it.
ENDINGS_IN_DECISION = {"withdrawn": "withdrawn_on", "closed": "closed_on", "returned": "returned_on"}
NO_DECISION = "none"
REFUSE = "refuse"  # a value that is not to be imported: its rows are listed
OTHERWISE = "otherwise"

PARTIES = ("applicant", "agent")
# Field of the mapping → column of Party and its length. One name without parts stands as the last name.
PARTY_COLUMNS = {
    "title": ("title", 40),
    "first_name": ("first_name", 120),
    "name": ("last_name", 120),
    "company": ("company", 200),
    "email": ("email", 254),
    "phone": ("phone", 40),
    "address": ("address", 1000),
}
APPEAL_COLUMNS = ("ground", "lodged_on", "reference", "outcome", "decided_on")

LONGEST_TEXT = 50_000

_ALL = [
    Field("reference", Kind.TEXT, "reference", 40, is_needed=True),
    Field("previous_references", Kind.CODES, longest=40),
    Field("type", Kind.CHOICE, "application_type_id", is_needed=True),
    Field("description", Kind.TEXT, "description", LONGEST_TEXT, is_needed=True),
    Field("address", Kind.ADDRESS, "address", 400, is_needed=True),
    Field("postcode", Kind.TEXT, "postcode", 10),
    Field("uprn", Kind.DIGITS, "uprn", 12),
    Field("usrn", Kind.DIGITS, "usrn", 8),
    Field("ward", Kind.TEXT, "ward", 120),
    Field("parish", Kind.TEXT, "parish", 120),
    Field("easting", Kind.NUMBER),
    Field("northing", Kind.NUMBER),
    Field("latitude", Kind.NUMBER, "latitude"),
    Field("longitude", Kind.NUMBER, "longitude"),
    Field("boundary", Kind.SHAPE, "boundary"),
    Field("received_on", Kind.DATE, "received_on", is_needed=True),
    Field("valid_from", Kind.DATE, "valid_from"),
    Field("validated_on", Kind.DATE, "validated_on"),
    Field("invalidated_on", Kind.DATE, "invalidated_on"),
    Field("consultation_ends_on", Kind.DATE, "consultation_ends_on"),
    Field("statutory_expiry_on", Kind.DATE, "statutory_expiry_on"),
    Field("expires_on", Kind.DATE, "expires_on"),
    Field("committee_on", Kind.DATE, "committee_on"),
    Field("decided_on", Kind.DATE, "decided_on"),
    Field("withdrawn_on", Kind.DATE, "withdrawn_on"),
    Field("returned_on", Kind.DATE, "returned_on"),
    Field("closed_on", Kind.DATE, "closed_on"),
    Field("published_on", Kind.DATE),
    Field("decision", Kind.CHOICE, "decision"),
    Field("status", Kind.CHOICE, "status"),
    Field("route", Kind.CHOICE, "route"),
    Field("work_status", Kind.CHOICE, "work_status"),
    Field("is_eia", Kind.YES_NO, "is_eia"),
    Field("is_public", Kind.YES_NO),
    Field("officer", Kind.TEXT, longest=200),
    Field("fee_payable", Kind.NUMBER, "fee_payable"),
    Field("fee_paid", Kind.NUMBER, "fee_paid"),
    *(
        Field(f"{party}_{part}", Kind.ADDRESS if part == "address" else Kind.TEXT, longest=longest)
        for party in PARTIES
        for part, (_, longest) in PARTY_COLUMNS.items()
    ),
    Field("appeal_reference", Kind.TEXT, longest=60),
    Field("appeal_lodged_on", Kind.DATE),
    Field("appeal_ground", Kind.CHOICE),
    Field("appeal_outcome", Kind.CHOICE),
    Field("appeal_decided_on", Kind.DATE),
]
FIELDS: dict[str, Field] = {field.name: field for field in _ALL}

# What a value of a choice may become. Types are the installation's own: see reading.py's callers.
CHOICES: Mapping[str, frozenset[str]] = {
    "decision": frozenset(Decision.values) | set(ENDINGS_IN_DECISION) | {NO_DECISION},
    "status": frozenset(Status.values) - {Status.PENDING},
    "route": frozenset(Route.values),
    "work_status": frozenset(WorkStatus.values),
    "appeal_ground": frozenset(Appeal.Ground.values),
    "appeal_outcome": frozenset(Appeal.Outcome.values),
}

# A day that something happened on; the other dates may lie ahead.
PAST_DATES = frozenset(
    {
        "received_on",
        "valid_from",
        "validated_on",
        "invalidated_on",
        "decided_on",
        "withdrawn_on",
        "returned_on",
        "closed_on",
        "published_on",
        "appeal_lodged_on",
        "appeal_decided_on",
    }
)
