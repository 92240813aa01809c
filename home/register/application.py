"""What the register shows of one application: everything comes through `cases.register`."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from cases.models import Comment, Party, PlanningApplication
from cases.public_timeline import public_timeline
from cases.register import (
    Entry,
    PublicDocument,
    applicant_and_agent,
    comment_counts,
    entry_of,
    public_appeals,
    public_comments,
    public_constraints,
    published_documents,
    related_entries,
    shown_comments,
    takes_comments,
)
from notices.merge import long_date
from notices.rendering import site_plan_address

from .decision import decision_of

COMMENTS_AT_FIRST = 5
_GROUPS = (("drawings", "Plans and drawings"), ("evidence", "Evidence"), ("supporting", "Supporting documents"))


@dataclass(frozen=True)
class DocumentTable:
    title: str
    documents: list[PublicDocument]


def application_page(application: PlanningApplication) -> dict[str, Any]:
    """What the template of the application's page shows, in a number of queries that the case does not change."""
    entry = entry_of(application)
    people = applicant_and_agent(application)
    documents = published_documents(application)
    counts = comment_counts(application)
    published = public_comments(application)
    replies = published.filter(kind=Comment.Kind.CONSULTEE)
    comments = published.filter(kind=Comment.Kind.PUBLIC)[:COMMENTS_AT_FIRST]
    return {
        "entry": entry,
        "key_facts": key_facts(entry, people.get(Party.Role.APPLICANT, "")),
        "applicant": people.get(Party.Role.APPLICANT, ""),
        "agent": people.get(Party.Role.AGENT, ""),
        "place": place_of(application),
        "moments": public_timeline(application),
        "document_tables": tables_of([document for document in documents if document.is_current]),
        "superseded": [document for document in documents if not document.is_current],
        "documents_count": len(documents),
        "constraints": public_constraints(application),
        "related": related_entries(application),
        "comment_counts": counts,
        "comments": shown_comments(comments, application.authority),
        "consultee_replies": shown_comments(replies, application.authority),
        "takes_comments": takes_comments(application),
        "decision": decision_of(application),
        "appeals": public_appeals(application),
    }


def key_facts(entry: Entry, applicant: str) -> list[str]:
    """The application in a few sentences, as a neighbour would tell another."""
    who = f"{applicant} applied" if applicant else "An application was made"
    told = [f"{who} on {long_date(entry.received_on)} about {entry.address}."]
    if entry.decision and entry.decided_on:
        told.append(f"The council decided on {long_date(entry.decided_on)}: {lower_first(entry.decision)}.")
    elif entry.withdrawn_on and entry.status.slug == "withdrawn":
        told.append(f"The application was withdrawn on {long_date(entry.withdrawn_on)}. No decision will be made.")
    elif entry.status.slug == "closed":
        told.append("The council has closed the application without a decision.")
    elif entry.due_on:
        told.append(f"A decision is due by {long_date(entry.due_on)}.")
    return told


def lower_first(words: str) -> str:
    return words[:1].lower() + words[1:]


def place_of(application: PlanningApplication) -> dict[str, Any]:
    """Where the site is, for a map and for those who see none."""
    has_point = application.latitude is not None and application.longitude is not None
    return {
        "address": application.full_address,
        "uprn": application.uprn,
        "ward": application.ward,
        "parish": application.parish,
        "latitude": application.latitude if has_point else None,
        "longitude": application.longitude if has_point else None,
        "plan": drawing_of(application.boundary),
        "boundary": application.boundary,
        "tile_url": settings.MAP_TILE_URL,
        "attribution": settings.MAP_ATTRIBUTION,
    }


def drawing_of(boundary: Any) -> str:
    """The red line as a drawing at a data: address; empty where there is none that could be drawn."""
    try:
        return site_plan_address(boundary)
    except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        return ""  # an imported register may hold anything


def tables_of(documents: list[PublicDocument]) -> list[DocumentTable]:
    """Documents by what they are, each group under its own caption; empty groups are left out."""
    known = dict(_GROUPS)
    groups = [*_GROUPS, ("", "Other documents")]
    tables = [
        DocumentTable(title, [d for d in documents if (d.group if d.group in known else "") == group])
        for group, title in groups
    ]
    return [table for table in tables if table.documents]
