"""The demonstration's cases as an applicant's system would send them: Open Digital Planning payloads, v0.7.7."""

import json
import random
import uuid
from datetime import datetime

from .people import AGENTS, FIRST_NAMES, LAST_NAMES
from .stories import RED_LINE, Story

SCHEMA = "https://theopensystemslab.github.io/digital-planning-data-schemas/v0.7.7/schemas/application.json"
FEES = {"ldc.proposed": 274, "ldc.existing": 548, "pp.full.householder": 548, "pa.part1.classA": 249, "preApp": 180}
NO_FEE = {"listed", "wtt.consent", "wtt.notice"}
NEEDS_CERTIFICATE = ("pp.", "listed")
TYPE_NAMES = {
    "ldc.proposed": "Lawful Development Certificate - Proposed use",
    "ldc.existing": "Lawful Development Certificate - Existing use",
    "pp.full.householder": "Planning Permission - Full householder",
    "pa.part1.classA": "Prior Approval - Larger extension to a house",
}


def payload(story: Story, *, organisation: str, submitted_at: datetime) -> bytes:
    """The submission of a story, as JSON in UTF-8."""
    chance = random.Random(f"person {story.seed}")
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    where = story.place
    fee = 0 if story.type_code in NO_FEE else FEES.get(story.type_code, 610)
    applicant: dict = {
        "type": "individual",
        "name": {"first": first, "last": last},
        "email": f"{first}.{last}@example.com".lower().replace("'", ""),
        "phone": {"primary": f"07700 900{chance.randrange(100, 999)}"},
        "address": {"sameAsSiteAddress": True},
        "siteContact": {"role": "applicant"},
        "ownership": {
            "interest": "owner",
            **(
                {"certificate": "a", "agriculturalTenants": False, "declaration": {"accurate": True}}
                if story.type_code.startswith(NEEDS_CERTIFICATE)
                else {}
            ),
        },
    }
    if story.has_agent:
        company, agent_first, agent_last = chance.choice(AGENTS)
        applicant["agent"] = {
            "name": {"first": agent_first, "last": agent_last},
            "company": {"name": company},
            "email": f"{agent_first}@{company.split()[0]}.example".lower(),
            "phone": {"primary": "01632 960011"},
            "address": {"line1": "2 The Old Dairy", "line2": "", "town": "Beaconsfield", "postcode": "HP9 1AA"},
        }
    body = {
        "data": {
            "application": {
                "type": {"value": story.type_code, "description": TYPE_NAMES.get(story.type_code, story.type_code)},
                "fee": {"notApplicable": True} if not fee else _fee(fee, chance),
                "declaration": {"accurate": True, "connection": {"value": "none"}},
            },
            "user": {"role": "agent" if story.has_agent else "applicant"},
            "applicant": applicant,
            "property": {
                "address": {
                    "source": "Ordnance Survey",
                    "title": where.line.upper(),
                    "singleLine": f"{where.line}, {where.street.postcode}".upper(),
                    "uprn": where.uprn,
                    "usrn": where.street.usrn,
                    "pao": str(where.number),
                    "street": where.street.name.upper(),
                    "town": where.street.town.upper(),
                    "postcode": where.street.postcode,
                    "latitude": where.latitude,
                    "longitude": where.longitude,
                    "x": 494000 + where.number,
                    "y": 190000,
                },
                "ward": where.street.ward,
                "region": "South East",
                "localAuthorityDistrict": ["Buckinghamshire"],
                "type": {"value": "residential.house.detached", "description": "Detached"},
                "planning": {"sources": [], "designations": _designations(story)},
            },
            "proposal": {
                "projectType": [{"value": value, "description": words} for value, words in story.project_types],
                "description": story.description,
                **({} if RED_LINE in story.leaves_out else {"boundary": _boundary(where.boundary)}),
                "date": {"start": f"{submitted_at.year + 1}-03-01"},
            },
        },
        "preAssessment": [],
        "responses": [
            {
                "question": "What do you want to do?",
                "responses": [{"value": words} for _, words in story.project_types] or [{"value": story.description}],
                "metadata": {"sectionName": "About the project"},
            },
            {
                "question": "Is the property a house?",
                "responses": [{"value": "Yes"}],
                "metadata": {"autoAnswered": True, "sectionName": "About the property"},
            },
        ],
        "files": [],
        "metadata": {
            "source": "Any",
            "id": str(uuid.UUID(int=random.Random(f"id {organisation} {story.seed}").getrandbits(128), version=4)),
            "organisation": organisation,
            "submittedAt": submitted_at.isoformat(),
            "schema": SCHEMA,
        },
    }
    return json.dumps(body, ensure_ascii=False).encode()


def _boundary(polygon: dict) -> dict:
    return {
        "site": {"type": "Feature", "geometry": polygon, "properties": None},
        "area": {"squareMetres": 285, "hectares": 0.0285},
    }


def _fee(fee: int, chance: random.Random) -> dict:
    return {
        "calculated": fee,
        "payable": fee,
        "exemption": {"disability": False, "resubmission": False},
        "reduction": {"alternative": False, "parishCouncil": False, "sports": False},
        "reference": {"govPay": f"demo{chance.getrandbits(60):015x}"},
    }


def _designations(story: Story) -> list[dict]:
    names = {
        "designated.conservationArea": "Conservation area",
        "listed": "Listed building",
        "tpo": "Tree preservation order",
    }
    return [
        {
            "value": code,
            "description": words,
            "intersects": code in story.constraints,
            **(
                {"entities": [{"name": f"{story.place.street.town} {words.lower()}"}]}
                if code in story.constraints
                else {}
            ),
        }
        for code, words in names.items()
    ]
