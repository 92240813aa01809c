"""An application as it arrived, whatever standard it arrived in: plain data, no database.

Each standard has a reader of its own (`odp.py`); `receiving.py` makes a case from what they return.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cases.faults import Fault
from cases.statuses import PublicStatus


class Refused(Exception):
    """The submission was not taken in. `faults` say why; `str()` is a sentence for the sender."""

    def __init__(self, sentence: str, faults: list[Fault]):
        super().__init__(sentence)
        self.faults = faults


class NotReadable(Refused):
    """The body is not the JSON of a submission at all."""


class CannotBecomeACase(Refused):
    """The body is read, but what it says does not make an application."""


class WrongAuthority(Refused):
    """The submission is meant for another authority than the sender may send to."""


@dataclass(frozen=True)
class Header:
    """What a submission says about itself; read first, because it tells whether it has arrived before."""

    source: str  # "planx", "any" or "unknown": values of Submission.Source
    external_id: str
    organisation: str
    schema: str
    submitted_at: datetime | None = None


@dataclass(frozen=True)
class IncomingParty:
    role: str  # values of Party.Role
    kind: str = ""
    title: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""  # a line each, postcode last
    interest: str = ""
    notice_given: bool | None = None
    notice_on: date | None = None
    no_notice_reason: str = ""


@dataclass(frozen=True)
class IncomingSite:
    address: str = ""  # in one line, without the postcode
    postcode: str = ""
    uprn: str = ""
    usrn: str = ""
    ward: str = ""
    parish: str = ""
    property_type: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@dataclass(frozen=True)
class IncomingConstraint:
    code: str
    path: str
    entities: list[dict[str, str]] = field(default_factory=list)  # {name, description, url}


@dataclass(frozen=True)
class IncomingFile:
    path: str
    name: str
    url: str = ""  # empty when the submission does not say where the file lies
    types: list[str] = field(default_factory=list)
    title: str = ""
    description: str = ""
    drawing_number: str = ""
    is_in_package: bool = False  # it lies in a ZIP that we have, and is put in its place after the case is made
    public_status: str = PublicStatus.NOT_ASSESSED
    withheld_because: str = ""


@dataclass(frozen=True)
class IncomingApplication:
    header: Header
    type_code: str
    description: str
    work_status: str  # values of WorkStatus
    site: IncomingSite
    boundary: dict[str, Any] | None  # GeoJSON Polygon or MultiPolygon, WGS84
    site_area_sqm: Decimal | None
    project_types: list[dict[str, str]]
    proposal: dict[str, Any]
    parties: list[IncomingParty]
    fee_calculated: Decimal | None
    fee_payable: Decimal | None
    fee_paid: Decimal | None
    fee_details: dict[str, Any]
    ownership_certificate: str
    ownership: dict[str, Any]
    declaration: dict[str, Any]
    cil: dict[str, Any]
    answers: list[dict[str, Any]]
    pre_assessment: list[dict[str, str]]
    constraints: list[IncomingConstraint]
    files: list[IncomingFile]
    parent_reference: str
    faults: list[Fault]
