"""Merge fields: `{{ site_address }}` is replaced from a closed list. Nothing is ever evaluated.

Notices, letters and the texts of standard conditions all use this list. A template that names a field which is not in
it, or writes one in a broken way, is refused when it is saved (`check`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.template.defaultfilters import linebreaksbr
from django.utils.dateparse import parse_date
from django.utils.safestring import SafeString, mark_safe

from cases.models import Document, Party, PlanningApplication
from cases.statuses import Resolution
from cases.wording.figures import exactly

_FIELD = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
_LEFT_OVER = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")


def long_date(day: date | str | None) -> str:
    """1 June 2026, or nothing."""
    day = parse_date(day) if isinstance(day, str) else day
    return f"{day.day} {day:%B %Y}" if day else ""


def _party(application: PlanningApplication, role: str) -> str:
    party = next((p for p in application.parties.all() if p.role == role), None)
    return party.name_and_company if party else ""


def _legislation(application: PlanningApplication) -> str:
    kind = application.application_type
    return ", ".join(part for part in (kind.legislation_title, kind.legislation_section) if part)


def _classes(application: PlanningApplication) -> str:
    classes = [row.gpdo_class for row in application.class_assessments.select_related("gpdo_class")]
    return " and ".join(f"Schedule 2, Part {row.part}, Class {row.letter}" for row in classes)


def plan_words(title: str, drawing_number: str = "", revision: str = "", received_on: date | str | None = None) -> str:
    """One drawing as a condition or a notice names it: “Site plan, drawing 001 revision A, received 1 June 2026”."""
    number = " ".join(
        part for part in (drawing_number and f"drawing {drawing_number}", revision and f"revision {revision}") if part
    )
    received = received_on and f"received {long_date(received_on)}"
    return ", ".join(part for part in (title, number, received) if part)


def approved_plans(application: PlanningApplication) -> list[Document]:
    """The drawings that the officer ticked for the notice, in order of their numbers."""
    return list(
        application.documents.current()
        .filter(is_approved_plan=True, redacted_from=None)
        .order_by("drawing_number", "title", "pk")
    )


def _plans(application: PlanningApplication) -> str:
    rows = approved_plans(application)
    return "; ".join(plan_words(d.title, d.drawing_number, d.revision, d.received_on) for d in rows)


def _measured(*names: str) -> Callable[[PlanningApplication], str]:
    """A measurement of the proposal as it was submitted, in metres: {"value": 4, "unit": "m"} or a plain number."""

    def read(application: PlanningApplication) -> str:
        found = _first(application.proposal, names)
        if isinstance(found, int | float):
            found = exactly(found)
        return f"{found} metres" if found not in (None, "") else ""

    return read


def _first(tree: Any, names: tuple[str, ...]) -> Any:
    """The first value stored under one of the names, wherever it stands in the tree."""
    if not isinstance(tree, dict):
        return None
    for name in names:
        if name in tree:
            return tree[name]
    return next((found for branch in tree.values() if (found := _first(branch, names)) is not None), None)


def _decision(application: PlanningApplication) -> str:
    """The words of the decision once it is issued. A draft passes its own (particulars.py): it is nobody else's."""
    return application.decision_words


@dataclass(frozen=True)
class Field:
    words: str
    value: Callable[[PlanningApplication], str]
    at_issue: bool = False  # known only when the notice is issued


FIELDS: dict[str, Field] = {
    "authority_name": Field("Council", lambda a: a.authority.name),
    "authority_address": Field("Council's address", lambda a: ", ".join(a.authority.address.splitlines())),
    "authority_email": Field("Council's e-mail address", lambda a: a.authority.email),
    "authority_phone": Field("Council's telephone", lambda a: a.authority.phone),
    "authority_website": Field("Council's website", lambda a: a.authority.website),
    "reference": Field("Reference", lambda a: a.reference),
    "application_type": Field("Type of application", lambda a: a.application_type.name),
    "legislation": Field("Act and section", _legislation),
    "legislation_section": Field("Section, or class of the order", lambda a: a.application_type.legislation_section),
    "applicant_name": Field("Applicant", lambda a: _party(a, Party.Role.APPLICANT)),
    "agent_name": Field("Agent", lambda a: _party(a, Party.Role.AGENT)),
    "site_address": Field("Site", lambda a: a.full_address),
    "description": Field("Description", lambda a: a.description),
    "officer_name": Field("Case officer", lambda a: a.officer_name),
    "received_date": Field("Received on", lambda a: long_date(a.received_on)),
    "valid_date": Field("Valid from", lambda a: long_date(a.valid_from)),
    "expiry_date": Field("To be decided by", lambda a: long_date(a.expires_on)),
    "consultation_end_date": Field("Consultation ends on", lambda a: long_date(a.consultation_ends_on)),
    "committee_date": Field("Committee", lambda a: long_date(a.committee_on)),
    "committee_resolution": Field(
        "Committee's resolution",
        lambda a: Resolution(a.committee_resolution).label if a.committee_resolution else "",
    ),
    "approved_plans": Field("Plans listed on the notice", _plans),
    "permitted_classes": Field("Permitted development classes assessed", _classes),
    "extension_depth": Field("Depth of the extension", _measured("depth", "extensionDepth")),
    "extension_height": Field("Greatest height", _measured("maxHeight", "height", "extensionHeight")),
    "extension_eaves": Field("Height of the eaves", _measured("eavesHeight", "eaves", "extensionEaves")),
    "parent_reference": Field("Earlier permission", lambda a: a.parent.reference if a.parent else ""),
    "parent_date": Field(
        "Date of the earlier permission", lambda a: long_date(a.parent.decided_on) if a.parent else ""
    ),
    "decision": Field("Decision", _decision, at_issue=True),
    "decision_date": Field("Date of the decision", lambda a: long_date(a.decided_on), at_issue=True),
    "signatory_name": Field("Who signs", lambda a: a.authority.signatory_name),
    "signatory_job_title": Field("Job title of who signs", lambda a: a.authority.signatory_job_title),
}


def used(text: object) -> set[str]:
    """Names of the merge fields in a text, known or not."""
    return set(_FIELD.findall(str(text)))


def check(text: object) -> None:
    """Raise a ValidationError that names every unknown or broken merge field of the text."""
    unknown = sorted(used(text) - FIELDS.keys())
    if unknown:
        names, known = ", ".join(unknown), ", ".join(sorted(FIELDS))
        raise ValidationError(f"There is no merge field {names}. The list is: {known}.")
    if _LEFT_OVER.search(_FIELD.sub("", str(text))):
        raise ValidationError(
            "A merge field is broken. Write it as {{ site_address }}: small letters and _ only, without bold or other "
            "formatting between the braces."
        )


def values_for(application: PlanningApplication, **more: str) -> dict[str, str]:
    """Field → plain words for this application; empty where the case has none. `more` wins over the case's own."""
    return {**{name: str(field.value(application) or "") for name, field in FIELDS.items()}, **more}


def merge(html: object, values: Mapping[str, str]) -> SafeString:
    """Fill in trusted markup (rich text cleaned by Wagtail): every value is escaped, and is never merged again.

    The lines of a value stay lines.
    """
    return mark_safe(_FIELD.sub(lambda m: linebreaksbr(_value(m[1], values)), str(html)))  # noqa: S308


def merge_text(text: str, values: Mapping[str, str]) -> str:
    """Fill in plain text, for conditions, e-mails and letters. Escape it where it becomes HTML."""
    return _FIELD.sub(lambda m: _value(m[1], values), text)


def _value(name: str, values: Mapping[str, str]) -> str:
    """The value, or words that show in a preview that it is missing; statute.lint keeps such a notice back."""
    if values.get(name):
        return values[name]
    return f"[{FIELDS[name].words if name in FIELDS else name}: not known]"
