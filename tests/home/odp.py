"""The Digital Planning Register as a reader of our API: what it asks, what it needs, and what it makes of the answers.

Written from its behaviour (version of May 2026): which keys break a page when they are missing or null, which forms of
dates it can print, and how it turns an application into words.
"""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

SCHEMAS = Path("../shared/odp/schemas/next")
EXAMPLES = Path("../shared/odp/examples/application")
needs_schemas = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="The published schemas are not here.")

BASE = "/api/@next/public/applications"
# Every request of it carries these. The name is its own for the council, and entered in the council's settings.
HEADERS = {"x-client": "testshire", "x-service": "DPR frontend bops handler", "accept": "*/*", "user-agent": "node"}

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def bad_dates(value: Any, path: str = "") -> list[str]:
    """Every …At that is not an instant in UTC, and every …Date that is not a day: it prints "Invalid Date" for them."""
    if isinstance(value, dict):
        return [fault for key, one in value.items() for fault in bad_dates(one, f"{path}.{key}")]
    if isinstance(value, list):
        return [fault for index, one in enumerate(value) for fault in bad_dates(one, f"{path}[{index}]")]
    name = path.rsplit(".", 1)[-1]
    form = _INSTANT if name.endswith("At") else _DAY if name.endswith("Date") else None
    return [f"{path} = {value!r}"] if form and not (isinstance(value, str) and form.fullmatch(value)) else []


def nulls(value: Any, path: str = "") -> list[str]:
    """Where null stands. GeoJSON's `properties` may be."""
    if isinstance(value, dict):
        return [fault for key, one in value.items() for fault in nulls(one, f"{path}.{key}")]
    if isinstance(value, list):
        return [fault for index, one in enumerate(value) for fault in nulls(one, f"{path}[{index}]")]
    return [path] if value is None and not path.endswith((".properties", ".nextCursor", ".prevCursor")) else []


# --- Its words --------------------------------------------------------------------------------------------------------


def status_label(app: dict[str, Any], today: date) -> str:
    """The status tag of a list card and of the details page: the first that fits."""
    data = app["data"]
    stage, status = data["application"]["stage"], data["application"]["status"]
    if data["application"].get("withdrawnAt"):
        return "Withdrawn"
    if stage == "submission" and status == "undetermined":
        return "Application submitted"
    if stage == "validation" and status == "returned":
        return "Application returned"
    if stage == "consultation":
        consultation = data.get("consultation")
        if status == "undetermined" and consultation:
            first, last = (date.fromisoformat(consultation[name]) for name in ("startDate", "endDate"))
            return "Consultation in progress" if first <= today < last else "Assessment in progress"
    if stage == "assessment":
        return "Determined" if status == "determined" and _decision(app) else "Assessment in progress"
    if stage == "appeal" and (appeal := data.get("appeal")):
        if appeal.get("decision") and appeal.get("decisionDate"):
            return "Appeal decided"
        if appeal.get("startedDate"):
            return "Appeal in progress"
        return "Appeal validated" if appeal.get("validatedDate") else "Appeal lodged"
    return "Unknown"


def _decision(app: dict[str, Any]) -> str | None:
    assessment = app["data"].get("assessment") or {}
    return assessment.get("planningOfficerDecision") or assessment.get("committeeDecision")


def decision_label(app: dict[str, Any]) -> str | None:
    """The officer's decision before the committee's; prior approvals by two facts together."""
    decision, required = _decision(app), (app["data"].get("assessment") or {}).get("priorApprovalRequired")
    if decision is None:
        return None
    if isinstance(required, bool):
        if not required:
            return "Prior approval not required"
        return f"Prior approval required and {'approved' if decision == 'granted' else 'refused'}"
    return {"granted": "Granted", "refused": "Refused"}[decision]


def decision_date(app: dict[str, Any]) -> str | None:
    """The committee's date before the officer's: so only one of them may be there."""
    assessment = app["data"].get("assessment") or {}
    return assessment.get("committeeDecisionDate") or assessment.get("planningOfficerDecisionDate")


def takes_comments(app: dict[str, Any], today: date) -> bool:
    label = status_label(app, today)
    until_decision = app["data"]["localPlanningAuthority"]["publicCommentsAcceptedUntilDecision"]
    return label == "Consultation in progress" or (label == "Assessment in progress" and until_decision)


def described(app: dict[str, Any]) -> tuple[str, str]:
    """(description, address) as a card shows them."""
    submitted = app["submission"]["data"]
    address = submitted["property"]["address"]
    return submitted["proposal"]["description"], address.get("singleLine") or address["title"]


def shows_applicant(app: dict[str, Any]) -> bool:
    applicant = app["submission"]["data"].get("applicant") or {}
    return all(applicant.get(name) for name in ("name", "type", "address"))


# --- What breaks its pages --------------------------------------------------------------------------------------------


def check_list(answer: dict[str, Any]) -> None:
    assert answer["status"]["code"] == 200
    assert isinstance(answer["data"], list)
    check_pages(answer["pagination"])
    for app in answer["data"]:
        assert app["data"]["application"]


def check_application(answer: dict[str, Any]) -> None:
    assert answer["status"]["code"] == 200
    data = answer["data"]["data"]
    for name in ("application", "localPlanningAuthority", "submission", "caseOfficer"):
        assert isinstance(data[name], dict), name
    assert isinstance(answer["data"]["submission"]["data"], dict)
    for file in data.get("appeal", {}).get("files", []):
        assert all(isinstance(code, str) for code in file["type"])


def check_documents(answer: dict[str, Any]) -> None:
    assert answer["status"]["code"] == 200
    check_pages(answer["pagination"])
    for file in answer["data"]:
        assert isinstance(file["type"], list)
        assert all(isinstance(code, str) for code in file["type"])
        assert isinstance(file["metadata"]["size"]["bytes"], int)
        assert file["redactedUrl"].startswith("http")


def check_public_comments(answer: dict[str, Any]) -> None:
    assert answer["status"]["code"] == 200
    check_pages(answer["pagination"])
    summary = answer["data"]["summary"]
    assert isinstance(summary["totalComments"], int)
    assert set(summary["sentiment"]) == {"supportive", "neutral", "objection"}
    for comment in answer["data"]["comments"]:
        text = comment["commentRedacted"]
        assert isinstance(text, str) or all(isinstance(one["comment"], str) for one in text)
        assert isinstance(comment["id"], str)


def check_specialists(answer: dict[str, Any]) -> None:
    assert answer["status"]["code"] == 200
    check_pages(answer["pagination"])
    summary = answer["data"]["summary"]
    assert {"totalComments", "totalConsulted", "sentiment"} <= set(summary)
    assert set(summary["sentiment"]) == {"approved", "amendmentsNeeded", "objected"}
    for one in answer["data"]["comments"]:
        check_specialist(one)


def check_specialist(specialist: dict[str, Any]) -> None:
    assert isinstance(specialist["name"]["singleLine"], str)
    assert isinstance(specialist["comments"], list)
    for comment in specialist["comments"]:
        assert isinstance(comment["id"], str)
        assert isinstance(comment["commentRedacted"], str)


def check_pages(pages: dict[str, Any]) -> None:
    assert set(pages) == {"resultsPerPage", "currentPage", "totalPages", "totalResults", "totalAvailableItems"}
    assert all(isinstance(number, int) for number in pages.values())
    assert pages["currentPage"] >= 1
    assert pages["totalPages"] >= 1


# --- The official schemas ---------------------------------------------------------------------------------------------


def faults(document: Any, *, schema: str, definition: str) -> list[str]:
    """What one definition of a published schema finds wrong. The whole is a choice of 95 and would name nothing."""
    whole = json.loads((SCHEMAS / f"{schema}.json").read_text())
    validator = jsonschema_rs.Draft7Validator(
        {
            "$schema": whole["$schema"],
            "$ref": f"#/definitions/{definition}",
            "definitions": whole["definitions"],
        },
        validate_formats=True,
    )
    return [
        f"{'/'.join(map(str, error.instance_path))}: {error.message[:300]}" for error in validator.iter_errors(document)
    ]


def definition_of(type_code: str, *, schema: str) -> str:
    """The definition for applications of one type."""
    whole = json.loads((SCHEMAS / f"{schema}.json").read_text())
    named = (one["$ref"].rsplit("/", 1)[-1] for one in whole["anyOf"])
    codes = {whole["definitions"][name]["properties"]["applicationType"]["const"]: name for name in named}
    return codes[type_code]
