"""Open Digital Planning's application payload → IncomingApplication.

Written for application.json and preApplication.json v0.7.5 to v0.7.7 of the Digital Planning Data schemas, and tolerant
of the older layouts that senders still have: entity sources as plain text, `article4` codes, `applicant.interest`,
`sameAsSiteAddress` without an address, a boundary without the object around it.
"""

import re
import uuid
from dataclasses import replace
from decimal import Decimal
from math import cos, hypot, radians
from typing import Any
from urllib.parse import unquote, urlsplit

from cases.models import Party, Submission
from cases.statuses import WorkStatus

from . import addresses, geometry
from .incoming import (
    Header,
    IncomingApplication,
    IncomingConstraint,
    IncomingFile,
    IncomingParty,
    IncomingSite,
)
from .payload import Findings, Part

SOURCES = {"planx": Submission.Source.PLANX, "any": Submission.Source.ANY}
MAX_FILES = 500
# What senders write where they know nothing.
NOT_SAID = frozenset({"not provided", "not provided by agent", "ward not found", "unknown", "n/a", "none"})
EMAIL = re.compile(r"^[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\"]+$")
FAR_FROM_THE_SITE_M = 1_000
AREA_MAY_DIFFER = Decimal("0.1")


def read_header(payload: dict[str, Any]) -> Header:
    """Who sent it, under which id, to whom. Raises CannotBecomeACase when there is no id to know it by."""
    findings = Findings()
    header = _header(Part(payload, "", findings)["metadata"])
    findings.raise_if_stopped()
    return header


def read(payload: dict[str, Any]) -> IncomingApplication:
    """Everything that a case is made from. Raises CannotBecomeACase with every reason that was found."""
    findings = Findings()
    root = Part(payload, "", findings)
    data = root["data"].object(needed=True)
    application = data["application"].object(needed=True)
    applicant = data["applicant"].object(needed=True)
    property_ = data["property"].object(needed=True)
    proposal = data["proposal"].object(needed=True)
    site = _site(property_, findings)
    boundary, area = _boundary(proposal["boundary"], findings)
    if boundary is None:
        findings.note(proposal["boundary"].path, "holds no red line; it must be drawn before the application is valid")
    site = _placed(site, boundary, property_, findings)
    type_code = _type_code(application["type"])
    fee = _Fee(application["fee"])
    incoming = IncomingApplication(
        header=_header(root["metadata"]),
        type_code=type_code,
        description=_description(proposal["description"]),
        work_status=_work_status(type_code),
        site=site,
        boundary=boundary,
        site_area_sqm=area,
        project_types=[pair for part in proposal["projectType"].items() if (pair := _pair(part))],
        proposal=_proposal(application, property_, proposal, data["files"]),
        parties=_parties(applicant, data["user"], site),
        fee_calculated=fee.calculated,
        fee_payable=fee.payable,
        fee_paid=fee.paid,
        fee_details=fee.details,
        ownership_certificate=_certificate(applicant["ownership"]),
        ownership=_ownership(applicant),
        declaration=_declaration(application["declaration"], data["user"]),
        cil=application["CIL"].raw(),
        answers=[answer for part in root["responses"].items() if (answer := _answer(part))],
        pre_assessment=[pair for part in root["preAssessment"].items() if (pair := _pair(part))],
        constraints=_constraints(property_["planning"].object()["designations"]),
        files=_files(root["files"], findings),
        parent_reference=application["planningApp"].object()["reference"].text(60),
        faults=findings.noted,
    )
    findings.raise_if_stopped()
    return incoming


# --- What it says about itself -------------------------------------------------------------------------------------


def _header(metadata: Part) -> Header:
    metadata = metadata.object(needed=True)
    external_id = metadata["id"].text(100, needed=True)
    try:
        external_id = str(uuid.UUID(external_id))
    except ValueError:
        if external_id:
            metadata.findings.note(metadata["id"].path, "is not a UUID")
    submitted_at = metadata["submittedAt"].instant()
    if not metadata["submittedAt"].is_there:
        metadata.findings.note(metadata["submittedAt"].path, "is missing; the moment of arrival counts")
    return Header(
        source=SOURCES.get(metadata["source"].text(40).lower(), Submission.Source.UNKNOWN),
        external_id=external_id,
        organisation=metadata["organisation"].text(10).upper(),
        schema=metadata["schema"].text(200),
        submitted_at=submitted_at,
    )


def _type_code(type_: Part) -> str:
    value = type_ if isinstance(type_.value, str) else type_.object(needed=True)["value"]
    code = value.text(80, needed=True)
    if code == "breach":
        value.findings.stop(value.path, "is a report of a breach of planning control, which is not an application")
    return code


def _work_status(type_code: str) -> str:
    if type_code.startswith("ldc.existing") or type_code == "ldc.breachOfCondition":
        return WorkStatus.EXISTING
    return WorkStatus.RETROSPECTIVE if type_code.endswith(".retro") else WorkStatus.PROPOSED


def _description(part: Part) -> str:
    description = part.text(20_000)
    if not description or description.lower() in NOT_SAID:
        part.findings.note(part.path, "says nothing; the application needs a description before it is valid")
        return ""
    return description


def _pair(part: Part) -> dict[str, str] | None:
    """{value, description}; older senders have only the value."""
    if isinstance(part.value, str):
        return {"value": part.text(200), "description": ""}
    part = part.object()
    pair = {"value": part["value"].text(200), "description": part["description"].text(2_000)}
    return pair if any(pair.values()) else None


# --- Where ---------------------------------------------------------------------------------------------------------


def _site(property_: Part, findings: Findings) -> IncomingSite:
    address = property_["address"].object()
    postcode = addresses.tidy_postcode(address["postcode"].text(10))
    if postcode and not addresses.is_postcode(postcode):
        findings.note(address["postcode"].path, "does not look like a postcode")
    type_ = property_["type"].object()
    return IncomingSite(
        address=_address_line(address, postcode)[:400],
        postcode=postcode,
        uprn=_digits(address["uprn"], 12).lstrip("0"),
        usrn=_digits(address["usrn"], 8),
        ward=_said(property_["ward"].text(120)),
        parish=_said(property_["parish"].text(120)),
        property_type=type_["description"].text(200) or type_["value"].text(200),
        latitude=_degrees(address["latitude"], 90),
        longitude=_degrees(address["longitude"], 180),
    )


def _address_line(address: Part, postcode: str) -> str:
    """The site in one line. The sender's own title, unless it leaves out that a range of numbers is meant."""
    title = address["title"].text(400) or address["singleLine"].text(400)
    pao, pao_end = address["pao"].text(100), address["paoEnd"].text(100)
    street, town = address["street"].text(150), address["town"].text(100)
    numbers = addresses.range_of(pao, pao_end)
    if title and not (pao_end and numbers not in title):
        return addresses.one_line(addresses.without_postcode(title, postcode))
    flats = addresses.range_of(address["sao"].text(100), address["saoEnd"].text(100))
    return addresses.one_line(address["organisation"].text(100), flats, f"{numbers} {street}", town)


def _said(text: str) -> str:
    return "" if text.lower() in NOT_SAID else text


def _digits(part: Part, length: int) -> str:
    text = part.text(40)
    if text and not re.fullmatch(rf"[0-9]{{1,{length}}}", text):
        part.findings.note(part.path, f"is not a number of up to {length} digits")
        return ""
    return text


def _degrees(part: Part, limit: int) -> Decimal | None:
    degrees = part.number()
    if degrees is None:
        return None
    if abs(degrees) > limit:
        part.findings.note(part.path, "is not in degrees")
        return None
    return degrees.quantize(Decimal("0.000001"))


def _boundary(part: Part, findings: Findings) -> tuple[dict[str, Any] | None, Decimal | None]:
    """The red line and its area. Absent is possible; present and unreadable stops the submission."""
    part = part.object()
    if not part.is_there or not part.value:
        return None, None
    site = part if part["type"].is_there else part["site"]  # a bare geometry or the object around it
    if not site.is_there:
        return None, None
    try:
        boundary = geometry.read_boundary(site.value, path=site.path)
    except geometry.BadGeometry as error:
        findings.stop(error.path, error.reason)
        return None, None
    for fault in boundary.faults:
        findings.note(*fault)
    stated = part["area"].object()["squareMetres"].number()
    if stated and abs(stated - boundary.area_sqm) > AREA_MAY_DIFFER * boundary.area_sqm:
        findings.note(part["area"]["squareMetres"].path, "differs from the area inside the red line")
    return boundary.geometry, boundary.area_sqm


def _placed(site: IncomingSite, boundary: dict[str, Any] | None, property_: Part, findings: Findings) -> IncomingSite:
    """The site with a point: the address's own, else the middle of the red line. There must be some place."""
    if not site.address and boundary is None:
        findings.stop(property_["address"].path, "names no place, and there is no red line either")
    if not site.address:
        findings.note(property_["address"].path, "holds no address")
    if boundary is None:
        return site
    longitude, latitude = geometry.middle_of(boundary)
    if site.latitude is None or site.longitude is None:
        site = replace(site, latitude=latitude, longitude=longitude)
    elif _metres_between(site.latitude, site.longitude, latitude, longitude) > FAR_FROM_THE_SITE_M:
        findings.note(property_["address"].path, "lies more than a kilometre from the red line")
    return site


def _metres_between(latitude: Decimal, longitude: Decimal, other_latitude: Decimal, other_longitude: Decimal) -> float:
    north = float(latitude - other_latitude) * 111_200
    east = float(longitude - other_longitude) * 111_200 * cos(radians(float(latitude)))
    return hypot(north, east)


# --- Who -----------------------------------------------------------------------------------------------------------


def _parties(applicant: Part, user: Part, site: IncomingSite) -> list[IncomingParty]:
    agent = applicant["agent"].object()
    parties = [_person(applicant, Party.Role.APPLICANT, _applicant_address(applicant["address"], site))]
    if not (parties[0].first_name or parties[0].last_name or parties[0].company):
        applicant.findings.note(applicant["name"].path, "names nobody")
    if agent.is_there:
        parties.append(_person(agent, Party.Role.AGENT, _postal_address(agent["address"])))
    elif user.object()["role"].text(40) in {"agent", "proxy"}:
        applicant.findings.note(agent.path, "is missing, although an agent sent the application")
    parties += _site_contact(applicant["siteContact"].object(), parties)
    parties += [_maintenance(part.object()) for part in applicant["maintenanceContact"].items()]
    parties += [_owner(part.object()) for part in applicant["ownership"].object()["owners"].items()]
    return parties


def _person(part: Part, role: str, address: str) -> IncomingParty:
    name = part["name"].object()
    return IncomingParty(
        role=role,
        kind=part["type"].text(20),
        title=name["title"].text(40),
        first_name=name["first"].text(120),
        last_name=name["last"].text(120),
        company=part["company"].object()["name"].text(200),
        email=_email(part["email"]),
        phone=_phone(part["phone"]),
        address=address,
    )


def _email(part: Part) -> str:
    email = part.text(254)
    if email and not EMAIL.match(email):
        part.findings.note(part.path, "is not an e-mail address")
        return ""
    return email


def _phone(part: Part) -> str:
    """{primary} since v0.2; plain text for other contacts."""
    return _said((part.object()["primary"] if isinstance(part.value, dict) else part).text(40))


def _postal_address(part: Part) -> str:
    part = part.object()
    lines = [part[key].text(200) for key in ("line1", "line2", "town", "county")]
    return addresses.several_lines(*lines, country=part["country"].text(100), postcode=part["postcode"].text(20))


def _applicant_address(part: Part, site: IncomingSite) -> str:
    if part.object()["sameAsSiteAddress"].flag():
        return addresses.several_lines(*site.address.split(", "), postcode=site.postcode)
    return _postal_address(part)


def _site_contact(part: Part, parties: list[IncomingParty]) -> list[IncomingParty]:
    """Whom to ring about a visit, when it is not the applicant."""
    role = part["role"].text(40)
    if role == "other":
        contact = IncomingParty(
            role=Party.Role.SITE_CONTACT,
            last_name=part["name"].text(120),
            email=_email(part["email"]),
            phone=_phone(part["phone"]),
        )
        return [contact]
    if role in {"agent", "proxy"}:
        agents = [party for party in parties if party.role == Party.Role.AGENT]
        return [replace(agent, role=Party.Role.SITE_CONTACT) for agent in agents]
    return []


def _maintenance(part: Part) -> IncomingParty:
    contact = part["contact"].object()
    person = _person(contact, Party.Role.SITE_CONTACT, _postal_address(part["address"]))
    return replace(person, interest=f"Maintenance: {part['when'].text(40)}")


def _owner(part: Part) -> IncomingParty:
    notice_on = part["noticeDate"].day()
    return IncomingParty(
        role=Party.Role.OWNER,
        last_name=part["name"].text(120),
        address=_postal_address(part["address"]),
        interest=part["interest"].text(60),
        notice_given=True if notice_on else part["noticeGiven"].flag(),
        notice_on=notice_on,
        no_notice_reason=part["noNoticeReason"].text(5_000),
    )


def _certificate(ownership: Part) -> str:
    part = ownership.object()["certificate"]
    letter = part.text(20).lower()
    if letter in {"", "a", "b", "c", "d"}:
        return letter
    part.findings.note(part.path, "is not one of the certificates A to D")
    return ""


def _ownership(applicant: Part) -> dict[str, Any]:
    """The answers about ownership; the owners themselves are parties."""
    ownership = applicant["ownership"].raw()
    ownership.pop("owners", None)
    if interest := applicant["interest"].text(60):  # where it stood before v0.7
        ownership.setdefault("interest", interest)
    return ownership


def _declaration(part: Part, user: Part) -> dict[str, Any]:
    declaration = part.raw()
    if role := user.object()["role"].text(40):
        declaration["submitted_by"] = role
    return declaration


# --- What ----------------------------------------------------------------------------------------------------------


class _Fee:
    """What the sender reckoned, and what the applicant paid: only a payment reference shows that."""

    def __init__(self, part: Part):
        part = part.object()
        self.calculated = part["calculated"].money()
        self.payable = part["payable"].money()
        reference = part["reference"].object()
        self.paid = self.payable if reference["govPay"].text(200) else None
        self.details = {key: value for key, value in part.raw().items() if key not in {"calculated", "payable"}}


def _proposal(application: Part, property_: Part, proposal: Part, files: Part) -> dict[str, Any]:
    """Measurements, dates and whatever else describes site and works, under the sender's own keys."""
    rest = {k: v for k, v in proposal.raw().items() if k not in {"description", "projectType", "boundary"}}
    known = {"address", "boundary", "planning", "ward", "parish", "type"}
    about_site = {k: v for k, v in property_.raw().items() if k not in known}
    known = {"type", "fee", "declaration", "CIL"}
    about_application = {k: v for k, v in application.raw().items() if k not in known}
    extra = {
        "property": about_site,
        "application": about_application,
        "files": files.raw(),
        "titleBoundary": _title_boundary(property_["boundary"]),
    }
    return {**rest, **{key: value for key, value in extra.items() if value}}


def _title_boundary(part: Part) -> dict[str, Any] | None:
    """The blue line, if it can be drawn. It stops nothing: it is not the application's boundary."""
    quiet = Part(part.value, part.path, Findings())
    drawn, _ = _boundary(quiet, quiet.findings)
    if part.is_there and drawn is None:
        part.findings.note(part.path, "cannot be drawn")
    return drawn


def _answer(part: Part) -> dict[str, Any] | None:
    part = part.object()
    metadata = part["metadata"].object()
    question, given = part["question"].text(5_000), part["responses"]
    if isinstance(given.value, list):
        values = [(v if isinstance(v.value, str) else v.object()["value"]).text() for v in given.items()]
    else:
        values = [given.text()]
    if not question and not any(values):
        return None
    return {
        "question": question,
        "answer": "; ".join(value for value in values if value),
        "section": metadata["sectionName"].text(200),
        "policy_refs": [ref for item in metadata["policyRefs"].items() if (ref := _policy_ref(item.object()))],
        "is_sensitive": any(tag.text(100) == "Sensitive data" for tag in metadata["tags"].items()),
        "is_automatic": bool(metadata["autoAnswered"].flag()),
    }


def _policy_ref(part: Part) -> dict[str, str] | None:
    ref = {"text": part["text"].text(2_000), "url": _web_address(part["url"], 2_000)}
    return ref if any(ref.values()) else None


def _web_address(part: Part, limit: int) -> str:
    """An http(s) address, or nothing: what we show as a link must not be a script."""
    address = part.text(limit)
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in {"http", "https"} and parts.hostname else ""


def _constraints(designations: Part) -> list[IncomingConstraint]:
    found = []
    for part in designations.items():
        part = part.object()
        code = re.sub(r"^article4\b", "articleFour", part["value"].text(80))
        if code and part["intersects"].flag():
            entities = [_entity(item.object()) for item in part["entities"].items()]
            found.append(IncomingConstraint(code=code, path=part["value"].path, entities=entities))
    return found


def _entity(part: Part) -> dict[str, str]:
    source = part["source"]
    link = source if isinstance(source.value, str) else source.object()["url"]
    return {
        "name": part["name"].text(500),
        "description": part["description"].text(2_000),
        "url": _web_address(link, 2_000),
    }


def _files(files: Part, findings: Findings) -> list[IncomingFile]:
    found = [_file(part.object()) for part in files.items()]
    if len(found) > MAX_FILES:
        findings.stop(files.path, f"names more than {MAX_FILES} files")
    return found


def _file(part: Part) -> IncomingFile:
    where = part["name"] if part["name"].is_there else part["url"]
    url = _web_address(where, 1_000)
    if not url:
        part.findings.note(where.path, "is not a web address, so the file cannot be fetched")
    name = unquote(urlsplit(url).path.rsplit("/", 1)[-1]) if url else where.text(255)
    types = [
        code
        for item in part["type"].items()
        if (code := (item if isinstance(item.value, str) else item.object()["value"]).text(80))
    ]
    return IncomingFile(
        path=part.path,
        name=re.sub(r"[\x00-\x1f/\\]+", " ", name).strip()[:255] or "File",
        url=url,
        types=list(dict.fromkeys(types)),
        description=part["description"].text(5_000),
        drawing_number=part["number"].text(80),
    )
