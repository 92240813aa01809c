"""A submission of our own, in the layout of application.json v0.7.7, that fills every field which becomes a row."""

import copy
import json
from typing import Any

RED_LINE = {
    "type": "Feature",
    "geometry": {
        "type": "Polygon",
        "coordinates": [
            [
                [-0.646600, 51.615500],
                [-0.646200, 51.615500],
                [-0.646200, 51.615200],
                [-0.646600, 51.615200],
                [-0.646600, 51.615500],
            ]
        ],
    },
    "properties": None,
}

PAYLOAD: dict[str, Any] = {
    "data": {
        "application": {
            "type": {"value": "pp.full.householder", "description": "Planning Permission - Full householder"},
            "fee": {
                "calculated": 258,
                "payable": 206.5,
                "exemption": {"disability": False, "resubmission": False},
                "reduction": {"sports": False, "parishCouncil": False, "alternative": True},
                "reference": {"govPay": "pay-123"},
            },
            "declaration": {"accurate": True, "connection": {"value": "none"}},
            "CIL": {
                "result": "notLiable",
                "declaration": True,
                "s73Application": False,
                "existingPermissionPrecedingCIL": False,
                "newDwellings": False,
                "floorAreaHundredPlus": False,
            },
            "preApp": {"reference": "25-00012-PREA", "date": "2026-01-15", "officer": "Ms Gull", "summary": "Fine"},
        },
        "user": {"role": "agent"},
        "applicant": {
            "type": "individual",
            "name": {"title": "Ms", "first": "Ada", "last": "Wren"},
            "email": "ada@example.com",
            "phone": {"primary": "01234 567890"},
            "company": {"name": "Wren & Daughters"},
            "address": {
                "sameAsSiteAddress": False,
                "line1": "1 Mill Lane",
                "line2": "",
                "town": "Ambridge",
                "county": "",
                "postcode": "AM1 2BR",
                "country": "UK",
            },
            "agent": {
                "name": {"first": "Tom", "last": "Finch"},
                "email": "tom@example.org",
                "phone": {"primary": "09876 543210"},
                "company": {"name": "Finch Architects"},
                "address": {
                    "line1": "2 High Street",
                    "town": "Borchester",
                    "county": "Borsetshire",
                    "postcode": "BO1 1AA",
                    "country": "",
                },
            },
            "siteContact": {"role": "other", "name": "Kit Key", "email": "kit@example.net", "phone": "0777"},
            "ownership": {
                "interest": "owner.co",
                "certificate": "b",
                "agriculturalTenants": False,
                "noticeGiven": True,
                "owners": [
                    {
                        "name": "Olive Owner",
                        "address": {"line1": "3 Far Road", "town": "Felpersham", "postcode": "FE1 1LP"},
                        "noticeDate": "2026-05-20",
                    }
                ],
                "declaration": {"accurate": True},
            },
        },
        "property": {
            "address": {
                "latitude": 51.615400,
                "longitude": -0.646400,
                "x": 493822,
                "y": 191603,
                "title": "40-42, STANSFIELD ROAD, STOKE-ON-THE-WATER",
                "singleLine": "40-42, STANSFIELD ROAD, STOKE-ON-THE-WATER, HP9 2LX",
                "source": "Ordnance Survey",
                "uprn": "000080482163",
                "usrn": "35200844",
                "pao": "40",
                "paoEnd": "42",
                "street": "STANSFIELD ROAD",
                "town": "STOKE-ON-THE-WATER",
                "postcode": "hp9 2lx",
            },
            "ward": "Beaconsfield",
            "localAuthorityDistrict": ["Testshire"],
            "region": "South East",
            "type": {"value": "residential.house.detached", "description": "Detached"},
            "trees": {"present": True, "adjacent": False},
            "planning": {
                "sources": ["https://example.com/sources"],
                "designations": [
                    {
                        "value": "designated.conservationArea",
                        "description": "Conservation area",
                        "intersects": True,
                        "entities": [
                            {
                                "name": "Old Town",
                                "source": {"text": "Planning Data", "url": "https://www.planning.data.gov.uk/entity/1"},
                            }
                        ],
                    },
                    {"value": "greenBelt", "description": "Green belt", "intersects": False},
                ],
            },
        },
        "proposal": {
            "projectType": [{"value": "extend.rear", "description": "Add a rear or side extension (or conservatory)"}],
            "description": "Rear extension, 3.5 m² larger than the old one",
            "boundary": {"site": RED_LINE, "area": {"squareMetres": 924.0, "hectares": 0.0924}},
            "date": {"start": "2026-09-01", "completion": "2026-12-01"},
            "extend": {"area": {"squareMetres": 24.5}},
        },
    },
    "preAssessment": [],
    "responses": [
        {
            "question": "What are you doing?",
            "responses": [{"value": "Extending"}, {"value": "Painting"}],
            "metadata": {
                "sectionName": "About the project",
                "policyRefs": [{"text": "GPDO", "url": "https://www.legislation.gov.uk/uksi/2015/596"}],
                "tags": ["Sensitive data"],
            },
        },
        {"question": "Why?", "responses": "More room", "metadata": {"autoAnswered": True}},
    ],
    "files": [
        {
            "name": "https://api.editor.planx.uk/file/private/abcd1234/site%20plan.pdf",
            "type": [
                {"value": "sitePlan.existing", "description": "Site plan - existing"},
                {"value": "sitePlan.proposed", "description": "Site plan - proposed"},
            ],
            "description": "As surveyed",
            "number": "A-001",
        },
        {
            "name": "https://api.editor.planx.uk/file/private/efgh5678/photo.jpg",
            "type": [{"value": "photographs.existing", "description": "Photographs - existing"}],
        },
    ],
    "metadata": {
        "id": "8da51c5b-a2a0-4386-a15d-29d66f9c121c",
        "organisation": "BKM",
        "source": "Any",
        "submittedAt": "2026-05-29T18:40:00+01:00",
        "schema": "https://theopensystemslab.github.io/digital-planning-data-schemas/v0.7.7/schemas/application.json",
    },
}


def payload() -> dict[str, Any]:
    return copy.deepcopy(PAYLOAD)


def changed(path: str, value: Any) -> dict[str, Any]:
    """The payload with another value at a path such as "data/property/address/uprn"."""
    result = payload()
    *way, last = path.split("/")
    part: Any = result
    for step in way:
        part = part[int(step)] if isinstance(part, list) else part[step]
    part[int(last) if isinstance(part, list) else last] = value
    return result


def without(path: str) -> dict[str, Any]:
    result = payload()
    *way, last = path.split("/")
    part: Any = result
    for step in way:
        part = part[int(step)] if isinstance(part, list) else part[step]
    del part[int(last) if isinstance(part, list) else last]
    return result


def as_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
