"""The application form as anybody may read it: a prototypeApplication of Open Digital Planning (@next), made anew.

Nothing is copied whole. What was sent is asked for by name, and only what is a number, a day, a yes or no, or a code is
taken, with the names of streets, districts and planning constraints that its codes stand for; no answer, file, owner,
contact or fee goes through. Address line, description and red line are the register's own, so that what an officer put
right is right here too. Who applies is
public by law (DMPO 2015 art. 40) and named; how to reach them never is. Where the schema wants an e-mail address, a
telephone number, an address or a fee all the same, it gets a placeholder that says what it is.

Without a submission that can be read (older registers, cases entered by hand, other senders) there is the little that
readers of the register need: what, where, by whom, when.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from cases.models import Party, PlanningApplication
from cases.reference_data.loading import DATA as REFERENCE_DATA

SCHEMA = "https://theopensystemslab.github.io/digital-planning-data-schemas/@next/schemas/prototypeApplication.json"
REDACTED = "Redacted"
REDACTED_EMAIL = "redacted@redacted.invalid"
# What was paid and what was waived tells of disability and means, so all fees look the same.
REDACTED_FEE = {
    "calculated": 0,
    "payable": 0,
    "exemption": {"disability": False, "resubmission": False},
    "reduction": {"sports": False, "parishCouncil": False, "alternative": False},
}

# What the schema has for each type: which fee, whose ownership, and whether the works can be described in figures.
_PP = frozenset({"pp.full.householder", "pp.full.householder.retro", "pp.full.minor", "pp.full.major"})
_LDC = frozenset({"ldc.existing", "ldc.proposed", "ldc.breachOfCondition"})
_FULL_PRIOR_APPROVALS = frozenset(
    {"pa.part1.classA", "pa.part3.classMA", "pa.part7.classM", "pa.part14.classJ", "pa.part20.classAB"}
)
WITH_FEE = _PP | _LDC | _FULL_PRIOR_APPROVALS | {"complianceConfirmation", "advertConsent"}
WITHOUT_FEE = frozenset({"listed", "ldc.listedBuildingWorks", "wtt.consent", "wtt.notice"})
WITH_CERTIFICATE = _PP | {"listed"}
WITH_DETAILS = _PP | _LDC | _FULL_PRIOR_APPROVALS | {"listed", "ldc.listedBuildingWorks"}

_KINDS_OF_APPLICANT = frozenset({"individual", "company", "charity", "public", "parishCouncil"})
_INTERESTS = frozenset({"owner", "owner.sole", "owner.co", "lessee", "occupier", "other"})
_CONNECTIONS = frozenset({"employee", "relation.employee", "electedMember", "relation.electedMember", "none"})
_REGIONS = frozenset(
    {
        "North East",
        "North West",
        "Yorkshire and The Humber",
        "East Midlands",
        "West Midlands",
        "East of England",
        "London",
        "South East",
        "South West",
    }
)
_ROLES = frozenset({"applicant", "agent", "proxy"})
_ADDRESS_WORDS = (
    "title",
    "uprn",
    "usrn",
    "organisation",
    "sao",
    "saoEnd",
    "pao",
    "paoEnd",
    "street",
    "town",
    "postcode",
)
_POINT = ("latitude", "longitude", "x", "y")
_DETAILS = ("date", "extend", "new", "newDwellings", "parking")
# Kinds of work that the standard has since given up, and one that it spells otherwise.
_NO_LONGER = frozenset(
    {
        "alter.equipment.charging.freestanding",
        "alter.equipment.charging.wallMounted",
        "alter.equipment.chp",
        "alter.flue",
        "alter.loadingBay",
        "alter.roof.openings",
        "alter.soilVentPipes",
        "demolish.building",
        "new.mineralExtraction",
        "new.trolleyStore",
        "new.wasteDeposit",
    }
)
# Where our reference data put a name of the standard right.
_NAMED_OTHERWISE = {"communityAsset.nominated": "Community asset - Nomimated", "greenBelt": "Green belt"}
_SPELT_OTHERWISE = {"new agriculture.poultry": "new.agriculture.poultry"}
_CODE = re.compile(r"[a-z][A-Za-z0-9]*(?:[.][A-Za-z0-9]+)*")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LONGEST_WORD = 200
_PLANNING_DATA = "https://www.planning.data.gov.uk/"


@dataclass(frozen=True)
class AsPublished:
    """What the register says of the application: it stands before what was submitted."""

    application: PlanningApplication
    identity: str  # a UUID of ours; the sender's may open a session
    organisation: str
    type_code: str
    submitted_at: str
    parties: dict[str, Party]


def published_submission(body: bytes | None, shown: AsPublished) -> dict[str, Any]:
    """The form for everybody, from the submission as it came; from the register alone when there is none to be read."""
    sent = _read(body)
    if sent is None:
        return _least(shown)
    data = _object(sent, "data")
    published = {
        "applicationType": shown.type_code,
        "data": {
            "user": {"role": _one_of(_object(data, "user").get("role"), _ROLES) or "applicant"},
            "applicant": _applicant(_object(data, "applicant"), shown),
            "application": _application(_object(data, "application"), shown.type_code),
            "property": _property(data, shown),
            "proposal": _proposal(_object(data, "proposal"), shown),
        },
        "responses": [],
        "files": [],
        "metadata": _metadata(_object(sent, "metadata"), shown),
    }
    if shown.type_code.startswith("pa.") or shown.type_code in {"ldc.existing", "ldc.proposed"}:
        published["preAssessment"] = []
    return published


def _read(body: bytes | None) -> dict[str, Any] | None:
    if not body:
        return None
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return sent if isinstance(sent, dict) and isinstance(sent.get("data"), dict) else None


def _least(shown: AsPublished) -> dict[str, Any]:
    application = shown.application
    address: dict[str, Any] = {"singleLine": application.full_address, "title": application.full_address}
    address |= {name: getattr(application, name) for name in ("postcode", "uprn") if getattr(application, name)}
    if application.latitude is not None and application.longitude is not None:
        address |= {"latitude": float(application.latitude), "longitude": float(application.longitude)}
    least: dict[str, Any] = {
        "applicationType": shown.type_code,
        "data": {
            "property": {"address": address, **_red_line(shown, {})},
            "proposal": {"description": application.description, **_red_line(shown, {})},
        },
        "metadata": {
            "organisation": shown.organisation,
            "id": shown.identity,
            "submittedAt": shown.submitted_at,
        },
    }
    if Party.Role.APPLICANT in shown.parties:
        least["data"]["applicant"] = _applicant({}, shown)
    return least


# --- Who --------------------------------------------------------------------------------------------------------------


def _applicant(sent: dict[str, Any], shown: AsPublished) -> dict[str, Any]:
    party = shown.parties.get(Party.Role.APPLICANT)
    same_as_site = _object(sent, "address").get("sameAsSiteAddress") is True
    applicant = {
        **_named(party),
        **_unreachable(),
        "address": {"sameAsSiteAddress": True} if same_as_site else {"sameAsSiteAddress": False, **_no_address()},
    }
    if party:  # readers show nobody without a type: one that was never said is told by the company
        said = _one_of(party.kind, _KINDS_OF_APPLICANT)
        applicant["type"] = said or ("company" if party.company else "individual")
    if agent := shown.parties.get(Party.Role.AGENT):
        applicant["agent"] = {**_named(agent), **_unreachable(), "address": _no_address()}
    if ownership := _ownership(_object(sent, "ownership"), shown.type_code):
        applicant["ownership"] = ownership
    return applicant


def _named(party: Party | None) -> dict[str, Any]:
    if party is None:
        return {"name": {"first": REDACTED, "last": REDACTED}}
    named: dict[str, Any] = {"name": {"first": party.first_name, "last": party.last_name}}
    if party.company:
        named["company"] = {"name": party.company}
    return named


def _unreachable() -> dict[str, Any]:
    return {"email": REDACTED_EMAIL, "phone": {"primary": REDACTED}}


def _no_address() -> dict[str, str]:
    return {"line1": REDACTED, "town": REDACTED, "postcode": REDACTED}


def _ownership(sent: dict[str, Any], type_code: str) -> dict[str, Any]:
    """By what right and with which certificate, never who else owns the land."""
    interest = _one_of(sent.get("interest"), _INTERESTS)
    if interest is None:
        return {}
    if type_code in WITH_CERTIFICATE:
        certificate = _one_of(sent.get("certificate"), frozenset("abcd"))
        kept = {"interest": interest, "declaration": {"accurate": True}}
        return kept | ({"certificate": certificate} if certificate else {})
    if type_code in _LDC:
        if interest == "owner":
            return {"interest": interest}
        described = {"interestDescription": REDACTED} if interest == "other" else {}
        return {"interest": interest, **described, "owners": []}
    return {}


# --- What and where ---------------------------------------------------------------------------------------------------


def _application(sent: dict[str, Any], type_code: str) -> dict[str, Any]:
    declaration = _object(sent, "declaration")
    connection = _one_of(_code(_object(declaration, "connection").get("value")), _CONNECTIONS)
    application: dict[str, Any] = {
        "declaration": {
            "accurate": declaration.get("accurate") is True,
            "connection": {"value": connection or "none"},
        }
    }
    if type_code in WITH_FEE:
        application["fee"] = REDACTED_FEE
    elif type_code in WITHOUT_FEE:
        application["fee"] = {"notApplicable": True}
    return application


def _property(data: dict[str, Any], shown: AsPublished) -> dict[str, Any]:
    """The site, with the red line again: the map of the Digital Planning Register reads it here."""
    sent = _object(data, "property")
    district = sent.get("localAuthorityDistrict")
    site: dict[str, Any] = {
        "address": _address(_object(sent, "address"), shown),
        "localAuthorityDistrict": [_word(one) for one in district if _word(one)] if isinstance(district, list) else [],
        "ward": shown.application.ward or _word(sent.get("ward")),
        "type": published_property_type(_code(sent.get("type")) or "unclassified"),
        **_red_line(shown, _object(data, "proposal")),
    }
    if region := _one_of(sent.get("region"), _REGIONS):
        site["region"] = region
    planning = _object(sent, "planning")
    if isinstance(planning.get("designations"), list):
        found = [_designation(one) for one in planning["designations"] if isinstance(one, dict)]
        site["planning"] = {"sources": [], "designations": [one for one in found if one]}
    return site


def _address(sent: dict[str, Any], shown: AsPublished) -> dict[str, Any]:
    """Where the site is, in the parts that were sent; in one line as the register has it."""
    present = shown.application.full_address
    point = {name: sent[name] for name in _POINT if _is_number(sent.get(name))}
    if sent.get("source") != "Ordnance Survey":
        return {**point, "source": "Proposed by applicant", "title": present}
    parts = {name: _word(sent.get(name)) for name in _ADDRESS_WORDS if isinstance(sent.get(name), str)}
    return {**point, **parts, "source": "Ordnance Survey", "singleLine": present}


def _designation(sent: dict[str, Any]) -> dict[str, Any] | None:
    """A planning constraint that was asked about, and whether it touches the site. Its name is the standard's."""
    value = _code(sent.get("value"))
    if value not in designations() or not isinstance(sent.get("intersects"), bool):
        return None
    shown: dict[str, Any] = {
        "value": value,
        "description": designations()[value],
        "intersects": sent["intersects"],
    }
    if sent["intersects"]:
        entities = sent.get("entities")
        found = [_entity(one) for one in entities if isinstance(one, dict)] if isinstance(entities, list) else []
        shown["entities"] = [one for one in found if one]
    return shown


def _entity(sent: dict[str, Any]) -> dict[str, Any] | None:
    source = _object(sent, "source")
    url = source.get("url")
    if source.get("text") != "Planning Data" or not isinstance(url, str) or not url.startswith(_PLANNING_DATA):
        return None
    return {"name": _word(sent.get("name")), "source": {"text": "Planning Data", "url": url}}


def _proposal(sent: dict[str, Any], shown: AsPublished) -> dict[str, Any]:
    proposal = {"description": shown.application.description, **_red_line(shown, sent)}
    if shown.type_code not in WITH_DETAILS:
        return proposal
    works = sent.get("projectType")
    codes = [_code(one) for one in works] if isinstance(works, list) else []
    proposal["projectType"] = [code for code in codes if code and code not in _NO_LONGER]
    for name in _DETAILS:
        detail = _figures(sent.get(name))
        if detail not in (None, {}, []):
            proposal[name] = detail
    return proposal


def _red_line(shown: AsPublished, sent: dict[str, Any]) -> dict[str, Any]:
    """The red line that the register has, with its area; nothing where there is none."""
    if not shown.application.boundary:
        return {}
    boundary: dict[str, Any] = {"site": {"type": "Feature", "geometry": shown.application.boundary, "properties": None}}
    area = shown.application.site_area_sqm
    stated = _object(_object(sent, "boundary"), "area").get("squareMetres")
    if area is not None:
        boundary["area"] = {"squareMetres": float(area)}
    elif _is_number(stated):
        boundary["area"] = {"squareMetres": stated}
    return {"boundary": boundary}


def _metadata(sent: dict[str, Any], shown: AsPublished) -> dict[str, Any]:
    """Which service it was made with: the schema knows PlanX alone. No session of anybody."""
    metadata: dict[str, Any] = {
        "organisation": shown.organisation,
        "id": shown.identity,
        "schema": SCHEMA,
        "submittedAt": shown.submitted_at,
    }
    service = _object(sent, "service")
    flow, url = service.get("flowId"), service.get("url")
    if sent.get("source") != "PlanX" or not isinstance(flow, str) or not _UUID.fullmatch(flow) or not _is_page(url):
        return metadata
    wanted = _object(service, "files")
    files = {name: _codes(wanted.get(name)) for name in ("required", "recommended", "optional")}
    fee: dict[str, list] = {"calculated": [], "payable": []}
    return {**metadata, "source": "PlanX", "service": {"flowId": flow, "url": url, "files": files, "fee": fee}}


# --- Values that say nothing of anybody -------------------------------------------------------------------------------


def _object(parent: dict[str, Any], key: str) -> dict[str, Any]:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _one_of(value: Any, known: frozenset[str]) -> str | None:
    return value if isinstance(value, str) and value in known else None


def _word(value: Any) -> str:
    return value[:_LONGEST_WORD] if isinstance(value, str) else ""


def _code(value: Any) -> str | None:
    """A code, plain or as the value of {value, description}; None for anything that somebody could have written."""
    value = value.get("value") if isinstance(value, dict) else value
    if not isinstance(value, str):
        return None
    value = _SPELT_OTHERWISE.get(value, value)
    return value if len(value) <= _LONGEST_WORD and _CODE.fullmatch(value) else None


def _codes(values: Any) -> list[str]:
    return [code for one in values if (code := _code(one))] if isinstance(values, list) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


def _is_page(url: Any) -> bool:
    if not isinstance(url, str) or len(url) > _LONGEST_WORD:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not parts.query and not parts.username


def _figures(value: Any, *, deep: int = 6) -> Any:
    """Of any structure the numbers, days, and yes or no; what holds nothing of these is left out."""
    if isinstance(value, dict) and deep:
        kept = {name: _figures(one, deep=deep - 1) for name, one in value.items() if _code(name)}
        return {name: one for name, one in kept.items() if one is not None} or None
    if isinstance(value, list) and deep:
        return [kept for one in value if (kept := _figures(one, deep=deep - 1)) is not None]
    if isinstance(value, bool) or _is_number(value):
        return value
    return value if isinstance(value, str) and _DAY.fullmatch(value) else None


@cache
def designations() -> dict[str, str]:
    """The standard's planning constraints: code → name, letter by letter as its schemas have it."""
    rows = yaml.safe_load((REFERENCE_DATA / "constraints.yaml").read_text(encoding="utf-8"))
    return {row["code"]: row["name"] for row in rows} | _NAMED_OTHERWISE


@cache
def _property_types() -> Callable[[str], str]:
    file = Path(__file__).parent.parent / "data" / "property_types.yaml"
    known = yaml.safe_load(file.read_text(encoding="utf-8"))
    exactly: dict[str, str] = known["exactly"]
    under: dict[str, str] = known["under"]

    def published(code: str) -> str:
        if code in exactly:
            return exactly[code]
        return next((kind for start, kind in under.items() if f"{code}.".startswith(f"{start}.")), code)

    return published


def published_property_type(code: str) -> str:
    """The code of a kind of property as the prototype schemas have it."""
    return _property_types()(code)
