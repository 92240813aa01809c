"""Who: the people of an Open Digital Planning payload."""

import re
from dataclasses import replace
from typing import Any

from cases.models import Party
from cases.places import addresses

from .incoming import IncomingParty, IncomingSite
from .payload import Part

EMAIL = re.compile(r"^[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\"]+$")


def parties(applicant: Part, user: Part, site: IncomingSite) -> list[IncomingParty]:
    """Applicant, agent, owners and whom to ring: everybody with a part in the application."""
    agent = applicant["agent"].object()
    found = [_person(applicant, Party.Role.APPLICANT, _applicant_address(applicant["address"], site))]
    if not (found[0].first_name or found[0].last_name or found[0].company):
        applicant.findings.note(applicant["name"].path, "names nobody")
    if agent.is_there:
        found.append(_person(agent, Party.Role.AGENT, _postal_address(agent["address"])))
    elif user.object()["role"].text(40) in {"agent", "proxy"}:
        applicant.findings.note(agent.path, "is missing, although an agent sent the application")
    found += _site_contact(applicant["siteContact"].object(), found)
    found += [_maintenance(part.object()) for part in applicant["maintenanceContact"].items()]
    found += [_owner(part.object()) for part in applicant["ownership"].object()["owners"].items()]
    return found


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
    return (part.object()["primary"] if isinstance(part.value, dict) else part).said(40)


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


def certificate(applicant: Part) -> str:
    """The ownership certificate: a to d, or nothing. DMPO 2015 art. 14."""
    part = applicant["ownership"].object()["certificate"]
    letter = part.text(20).lower()
    if letter in {"", "a", "b", "c", "d"}:
        return letter
    part.findings.note(part.path, "is not one of the certificates A to D")
    return ""


def ownership(applicant: Part) -> dict[str, Any]:
    """The answers about ownership; the owners themselves are parties."""
    answers = applicant["ownership"].raw()
    answers.pop("owners", None)
    if interest := applicant["interest"].text(60):  # where it stood before v0.7
        answers.setdefault("interest", interest)
    return answers


def declaration(part: Part, user: Part) -> dict[str, Any]:
    """What the sender declared, and as whom: applicant, agent or proxy."""
    declared = part.raw()
    if role := user.object()["role"].text(40):
        declared["submitted_by"] = role
    return declared
