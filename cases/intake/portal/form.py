"""The Planning Portal's form → IncomingApplication."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from cases.faults import Fault
from cases.intake import odp_place
from cases.intake.incoming import (
    CannotBecomeACase,
    Header,
    IncomingApplication,
    IncomingFile,
    IncomingParty,
    IncomingSite,
)
from cases.intake.payload import Findings, Part
from cases.intake.reading import read_json
from cases.models import Party, Submission
from cases.places import addresses, geometry, national_grid
from cases.statuses import WorkStatus

from . import document_kinds, scenarios
from .package import Package
from .red_line import in_degrees
from .xml_form import read_xml

SQM_IN = {"hectares": Decimal(10_000), "hectare": Decimal(10_000), "sq.metres": Decimal(1), "": Decimal(1)}
MAX_ANSWERS = 1_000
LONGEST_ANSWER = 5_000  # characters
# Blocks that say who somebody is and how to reach them: kept with the people, never among the answers.
PERSONAL = frozenset(
    {"applicant", "agent", "siteVisit", "ownershipCertificates", "declaration", "declarationOfInterest"}
)


def read_package(package: Package) -> tuple[IncomingApplication, bytes]:
    """The application in the ZIP, and the form's own bytes. Raises NotReadable, CannotBecomeACase."""
    found = package.form()
    if found is None:
        raise CannotBecomeACase(
            "The Planning Portal's ZIP cannot become an application.",
            [Fault("/Application.json", "is missing, and there is no Application.xml either"), *package.notes],
        )
    body, is_json = found
    payload = read_json(body.removeprefix(b"\xef\xbb\xbf")) if is_json else read_xml(body)
    return read_form(payload, package), body


def read_form(payload: dict[str, Any], package: Package) -> IncomingApplication:
    findings = Findings()
    root = Part(payload, "", findings)
    header, data = root["applicationHeader"].object(needed=True), root["applicationData"].object(needed=True)
    boundary, drawn_sqm = _boundary(root, package, findings)
    site = _site(data["siteLocation"].object(needed=True), findings)
    site = odp_place.placed(site, boundary, _as_property(data["siteLocation"]), findings)
    stated_sqm = _area(data["siteArea"].object())
    proposal = data["proposalDescription"].object()
    code = _type_code(root, data, stated_sqm or drawn_sqm)
    fee = root["feeCalculationSummary"].object()
    certificates = data["ownershipCertificates"].object()
    incoming = IncomingApplication(
        header=_header(header),
        type_code=code,
        description=_description(proposal, header),
        work_status=_work_status(code, proposal),
        site=site,
        boundary=boundary,
        site_area_sqm=drawn_sqm or stated_sqm,
        project_types=[],
        proposal={
            "planningPortal": {"scenario": root["applicationScenario"].raw(), "siteArea": data["siteArea"].raw()}
        },
        parties=list(_parties(data)),
        fee_calculated=_calculated(fee),
        fee_payable=_due(fee, header),
        fee_paid=header["payment"].object()["amountPaid"].money(),
        fee_details={"feeCalculationSummary": fee.raw()} if fee.is_there else {},
        ownership_certificate=_certificate(certificates),
        ownership=certificates.raw(),
        declaration=data["declaration"].raw() | data["declarationOfInterest"].raw(),
        cil={},
        answers=_first(MAX_ANSWERS, list(_answers(data, findings)), findings),
        pre_assessment=[],
        constraints=[],
        files=list(_files(root, package, findings)),
        parent_reference="",
        faults=[*findings.noted, *package.notes],
    )
    findings.raise_if_stopped()
    return incoming


def _header(header: Part) -> Header:
    reference = header["formattedRefNum"].text(40) or _as_text(header["refNum"], 40)
    if not reference:
        header.findings.stop(header["formattedRefNum"].path, "is missing")
    return Header(
        source=Submission.Source.PLANNING_PORTAL,
        external_id=reference,
        organisation="",
        schema="planning-portal",
        submitted_at=header["dateSubmitted"].instant(),
    )


def _description(proposal: Part, header: Part) -> str:
    description = proposal["descriptionText"].said(20_000) or header["description"].said(20_000)
    if not description:
        proposal.findings.note(proposal["descriptionText"].path, "says nothing; the application needs a description")
    return description


def _work_status(code: str, proposal: Part) -> str:
    if code == "ldc.existing":
        return WorkStatus.EXISTING
    begun = proposal["proposalStarted"].value is True or proposal["proposalCompleted"].value is True
    return WorkStatus.RETROSPECTIVE if begun else WorkStatus.PROPOSED


def _type_code(root: Part, data: Part, site_sqm: Decimal | None) -> str:
    number = root["applicationScenario"].object()["scenarioNumber"]
    floor = data["existingProposedFloorArea"].object()["totalGrossFloorAreaGained"]
    dwellings = root["feeCalculationSummary"].object()["fullFee"].object()["newDwellinghousesNumber"]
    trees = data["trees"].object()["seekingConsentForTPO"]
    code = scenarios.type_code(
        int(number.number() or 0),
        site_sqm=site_sqm,
        floor_sqm=floor.number() if floor.is_there else None,
        dwellings=int((dwellings.number() if dwellings.is_there else None) or 0),
        is_protected_tree=trees.value is True,
    )
    if not code:
        number.findings.stop(number.path, "is not a kind of application that is known here")
    return code


# --- Where ----------------------------------------------------------------------------------------------------------


def _site(location: Part, findings: Findings) -> IncomingSite:
    postcode = addresses.tidy_postcode(location["bs7666PostCode"].text(10))
    if postcode and not addresses.is_postcode(postcode):
        findings.note(location["bs7666PostCode"].path, "does not look like a postcode")
    number = _as_text(location["bs7666Number"], 20) + location["bs7666Suffix"].text(10)
    street = f"{number} {location['bs7666StreetDescription'].text(150)}".strip()
    line = addresses.one_line(
        location["bs7666Description"].text(150),
        street,
        location["bs7666Locality"].text(100),
        location["bs7666Town"].text(100),
    )
    latitude, longitude = _point(location, findings)
    return IncomingSite(
        address=findings.cut(location.path, line or location["otherLocation"].text(), odp_place.LONGEST_ADDRESS),
        postcode=postcode,
        uprn=_digits(location["bs7666UniquePropertyReferenceNumber"], 12).lstrip("0"),
        latitude=latitude,
        longitude=longitude,
    )


def _point(location: Part, findings: Findings) -> tuple[Decimal | None, Decimal | None]:
    if not location["bs7666X"].is_there or not location["bs7666Y"].is_there:
        return None, None
    easting, northing = location["bs7666X"].number(), location["bs7666Y"].number()
    if not easting or not northing:  # nought stands for not known
        return None, None
    try:
        longitude, latitude = national_grid.position(float(easting), float(northing))
    except national_grid.NotOnTheGrid:
        findings.note(location["bs7666X"].path, "is not an easting of Great Britain with the northing beside it")
        return None, None
    return latitude, longitude


def _boundary(root: Part, package: Package, findings: Findings) -> tuple[dict[str, Any] | None, Decimal | None]:
    """The red line: from the ZIP's own file, else from the form, in whichever coordinates it is."""
    path, drawn, is_in_degrees = "/polygon", root["polygon"].value if root["polygon"].is_there else None, False
    if site := package.site():
        (drawn, is_in_degrees), path = site, "/SiteLocation.geojson"
    if not drawn:
        findings.note(path, "holds no red line; it must be drawn before the application is valid")
        return None, None
    # Not refused for a line that cannot be read: the plan is among the documents, and an officer can draw it.
    try:
        red_line = geometry.read_boundary(drawn if is_in_degrees else in_degrees(drawn), path=path)
    except geometry.BadGeometry as error:
        findings.note(error.path, f"holds no red line that can be used: it {error.reason}")
        return None, None
    except national_grid.NotOnTheGrid:
        findings.note(path, "holds no red line that can be used: it lies outside Great Britain")
        return None, None
    for fault in red_line.faults:
        findings.note(*fault)
    return red_line.geometry, red_line.area_sqm


def _area(part: Part) -> Decimal | None:
    if not part["siteArea"].is_there:
        return None
    size, unit = part["siteArea"].number(), part["areaUnit"].text(40).lower()
    if size is None or unit not in SQM_IN:
        return None
    return (size * SQM_IN[unit]).quantize(Decimal("0.01")) if 0 < size < 10**8 else None


# --- Who ------------------------------------------------------------------------------------------------------------


def _parties(data: Part) -> Iterator[IncomingParty]:
    for role in (Party.Role.APPLICANT, Party.Role.AGENT):
        block = data[role.value].object()
        if not block.is_there:
            continue
        party = _party(role, block)
        if party.last_name or party.first_name or party.company:
            yield party


def _party(role: str, block: Part) -> IncomingParty:
    lines = [block[f"intAddressLine{number}"].text(200) for number in range(1, 6)]
    company = block["orgName"].text(200)
    return IncomingParty(
        role=role,
        kind="company" if company else "individual",
        title=block["title"].text(40),
        first_name=block["personGivenName"].text(120),
        last_name=block["personFamilyName"].text(120),
        company=company,
        email=_email(block["emailAddress"]),
        phone=_as_text(block["telNationalNumber"], 40),
        address=addresses.several_lines(
            *lines, country=block["country"].text(60), postcode=block["internationalPostCode"].text(20)
        ),
    )


def _email(part: Part) -> str:
    email = part.text(254)
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        part.findings.note(part.path, "is not an e-mail address")
        return ""
    return email


def _certificate(certificates: Part) -> str:
    letter = certificates["certificateSelected"].text(40).removeprefix("Certificate").lower()
    return letter if letter in {"a", "b", "c", "d"} else ""


# --- What else the form says ----------------------------------------------------------------------------------------


def _calculated(fee: Part) -> Decimal | None:
    for block in fee.raw().values():
        if isinstance(block, dict) and isinstance(block.get("fee"), int | float):
            return Part(block["fee"], f"{fee.path}/fee", fee.findings).money()
    return None


def _due(fee: Part, header: Part) -> Decimal | None:
    due = fee["calculation"].object()["payment"].object()["amountDue"]
    return due.money() if due.is_there else header["payment"].object()["amountDue"].money()


def _first(most: int, answers: list[dict[str, Any]], findings: Findings) -> list[dict[str, Any]]:
    if len(answers) > most:
        findings.note("/applicationData", f"has {len(answers):,} answers; the first {most:,} were kept")
    return answers[:most]


def _answers(data: Part, findings: Findings) -> Iterator[dict[str, Any]]:
    """Every other statement of the form, as question and answer, in the form's order."""
    for block, value in data.raw().items():
        if block not in PERSONAL:
            for keys, answer in _leaves(value, ()):
                yield {
                    "question": " – ".join(map(_words, keys)) or _words(block),
                    "answer": findings.cut(f"{data.path}/{block}", answer, LONGEST_ANSWER),
                    "section": _words(block),
                    "policy_refs": [],
                    "is_sensitive": False,
                    "is_automatic": False,
                }


def _leaves(value: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*keys, key))
    elif isinstance(value, list):
        for number, item in enumerate(value, start=1):
            yield from _leaves(item, (*keys, str(number)) if len(value) > 1 else keys)
    elif isinstance(value, bool):
        yield keys, "Yes" if value else "No"
    elif value not in (None, ""):
        yield keys, str(value)


def _words(key: str) -> str:
    """existingGrossFloorArea → Existing gross floor area."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", key).strip()
    return apart[:1].upper() + apart[1:].lower() if not apart.isupper() else apart


# --- Documents ------------------------------------------------------------------------------------------------------


def _files(root: Part, package: Package, findings: Findings) -> Iterator[IncomingFile]:
    """Every document of the ZIP, with what the form's list says of it."""
    listed = {}
    for part in root["documentList"].items():
        entry = part.object()
        listed[entry["fileName"].text(255).lower()] = entry
    for name in package.documents():
        entry = listed.pop(name.lower(), Part({}, "", findings))
        kind = entry["documentType"].text(200) or entry["name"].text(200)
        status, because = document_kinds.public_status_of(name)
        yield IncomingFile(
            path=f"/{name}",
            name=name[:255],
            types=document_kinds.types_of(kind) if kind else [],
            title=entry["name"].text(255),
            description=_own_description(entry),
            is_in_package=True,
            public_status=status,
            withheld_because=because,
        )
    for entry in listed.values():
        if entry["fileName"].is_there:
            findings.note(entry.path, "names a file that is not in the ZIP")


def _own_description(entry: Part) -> str:
    description = entry["description"].text(5_000)
    return "" if description == entry["name"].text(255) else description


def _as_text(part: Part, limit: int) -> str:
    """Numbers are the Portal's way to write a house or a telephone."""
    if isinstance(part.value, int | float) and not isinstance(part.value, bool):
        number = Decimal(str(part.value))
        return str(int(number) if number == int(number) else number)[:limit]
    return part.text(limit)


def _digits(part: Part, length: int) -> str:
    text = _as_text(part, 40)
    if text and not re.fullmatch(rf"[0-9]{{1,{length}}}", text):
        part.findings.note(part.path, f"is not a number of up to {length} digits")
        return ""
    return text


def _as_property(location: Part) -> Part:
    """What `placed` names in its findings: here the address is the part itself."""
    return replace(location, value={"address": location.value})
