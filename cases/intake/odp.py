"""Open Digital Planning's application payload → IncomingApplication.

Written for application.json and preApplication.json v0.7.5 to v0.7.7 of the Digital Planning Data schemas, and tolerant
of the older layouts that senders still have: entity sources as plain text, `article4` codes, `applicant.interest`,
a type as plain text, a boundary without the object around it.
"""

import re
import uuid
from typing import Any
from urllib.parse import unquote, urlsplit

from cases.models import Submission
from cases.statuses import WorkStatus

from . import odp_people, odp_place
from .incoming import (
    Header,
    IncomingApplication,
    IncomingConstraint,
    IncomingFile,
)
from .payload import Findings, Part

SOURCES = {"planx": Submission.Source.PLANX, "any": Submission.Source.ANY}
MAX_FILES = 500


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
    site = odp_place.site(property_, findings)
    boundary, area = odp_place.boundary(proposal["boundary"], findings)
    if boundary is None:
        findings.note(proposal["boundary"].path, "holds no red line; it must be drawn before the application is valid")
    site = odp_place.placed(site, boundary, property_, findings)
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
        parties=odp_people.parties(applicant, data["user"], site),
        fee_calculated=fee.calculated,
        fee_payable=fee.payable,
        fee_paid=fee.paid,
        fee_details=fee.details,
        ownership_certificate=odp_people.certificate(applicant),
        ownership=odp_people.ownership(applicant),
        declaration=odp_people.declaration(application["declaration"], data["user"]),
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
    description = part.said(20_000)
    if not description:
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
    drawn, _ = odp_place.boundary(quiet, quiet.findings)
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
