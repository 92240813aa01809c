"""Events in the officers' words: a headline, and line by line what they hold."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cases.models import CaseEvent, Check
from cases.reference_data.code_names import CodeNames
from cases.statuses import Decision, Status
from cases.timeline import KINDS
from cases.worklists.task_list import task_named

from .history_values import Words, gpdo, plain

# Facts of an event that are numbers of rows or links, which say nothing to a reader.
UNTOLD = frozenset(
    {
        "request", "requests", "request_kind", "note_id", "code", "computed_valid_from", "message", "comment",
        "document", "by_document", "redacted_from", "sha256", "recommendation", "comments", "external_id",
        "publicity", "visit", "entry", "row", "rows", "number", "numbers", "link",
        "appeal", "extension", "snapshot_sha256", "pdf_sha256",
    }
)  # fmt: skip
# Facts that name somebody who is not of the council.
PERSONAL = frozenset({"from", "agreed_by"})
PERSONAL_PARTS = ("applicant_", "agent_")  # of what an import changed
# Where before and after are no facts by name but one: kind → what it is called.
CHANGED = {
    "extension_agreed": "due",
    "extension_removed": "due",
    "committee_date_changed": "committee meets on",
    "section_written": "words",
}
# What happened to one request, or to several that went or came together.
ABOUT_REQUESTS = frozenset(
    {
        "request_raised",
        "request_changed",
        "request_dropped",
        "requests_sent",
        "reminded",
        "request_answered",
        "request_resolved",
        "request_not_accepted",
        "request_left",
        "request_cancelled",
        "request_accepted_by_silence",
        "invalidate",
    }
)
# What a reader looks for first; JSON keeps no order.
FIRST = ("title", "titles", "requests_told", "section", "consideration", "publicity_kind", "about", "begins_on")
# Fields of a request, as an event of a change names them.
REQUEST_FIELDS = {
    "title": "the title",
    "text": "the text",
    "what_to_send": "what would put it right",
    "document": "the document",
    "document_types": "the types of document",
    "condition": "the condition",
    "proposed_description": "the words proposed",
    "proposed_boundary": "the line proposed",
    "proposed_until": "the day proposed",
}
# What letters are about, where the name of their template does not say it.
LETTERS = {
    "acknowledgement": "that the application has come",
    "invalid": "that the application is invalid",
    "valid": "that the application is valid",
    "withdrawn": "that the application is withdrawn",
    "reminder": "what is asked and not answered yet",
    "comment_received": "that a comment has come",
    "condition_unanswered": "a condition that nobody answered about",
    "new_link": "a new link, asked for on the website",
}


@dataclass(frozen=True)
class Told:
    """One event as the history shows it. `lines` are (label, text)."""

    at: datetime
    by: str
    headline: str
    lines: list[tuple[str, str]] = field(default_factory=list)
    is_imported: bool = False


def tell_all(events: Iterable[CaseEvent], *, names: CodeNames, sees_private: bool = False) -> list[Told]:
    """The events in words, one by one as in `tell`. At most a query for each table of reference data."""
    return [tell(event, names=names, sees_private=sees_private) for event in events]


def tell(event: CaseEvent, *, names: CodeNames, sees_private: bool = False) -> Told:
    """The event in words. Who of the applicant's side signed is for those who may see personal data."""
    kind = KINDS.get(event.kind)
    headline, data = kind.words if kind else plain(event.kind), event.data
    if not sees_private:
        data = _without_people(data)
    words = Words(event.kind, names)
    if event.kind in ABOUT_REQUESTS:
        headline, data = _requests(headline, data)
    elif event.kind in _TOLD:
        headline, data = _TOLD[event.kind](headline, data, words)
    facts = [name for name, value in data.items() if name not in UNTOLD and not _is_empty(value)]
    facts.sort(key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    lines = [(words.label(name), words.text(name, data[name])) for name in facts if name not in ("before", "after")]
    lines += _changes(event.kind, data, words)
    if event.to_status and event.from_status and event.to_status != event.from_status:
        lines.insert(0, ("Status", f"{_status(event.from_status)} → {_status(event.to_status)}"))
    return Told(event.at, event.by_name, headline, lines, event.is_imported)


def _is_empty(value: Any) -> bool:
    """Nothing to tell: also no faults and no documents, but not “no”."""
    return not value and value is not False


def _without_people(data: dict[str, Any]) -> dict[str, Any]:
    """Without the names of people who are not of the council."""
    return {
        name: {part: held for part, held in value.items() if not part.startswith(PERSONAL_PARTS)}
        if name in ("before", "after") and isinstance(value, dict)
        else value
        for name, value in data.items()
        if name not in PERSONAL
    }


# --- What was, and what is -------------------------------------------------------------------------------------------


def _changes(kind: str, data: dict[str, Any], words: Words) -> list[tuple[str, str]]:
    before, after = data.get("before"), data.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        return _differences(before, after, words)
    if isinstance(after, dict):
        return [("Added", words.text("after", after))]
    if isinstance(before, dict) and before:
        return [("Taken out" if "after" in data or "removed" in kind else "Before", words.text("before", before))]
    if kind in CHANGED:
        label = words.label(CHANGED[kind])
        return [(label, f"{words.text('before', before)} → {words.text('after', after)}")] if before != after else []
    return [(words.label(name), words.text(name, data[name])) for name in ("before", "after") if data.get(name)]


def _differences(before: dict[str, Any], after: dict[str, Any], words: Words) -> list[tuple[str, str]]:
    found = []
    for name, now in after.items():
        was = before.get(name)
        if isinstance(was, dict) and isinstance(now, dict) and "coordinates" not in now:
            # Only the parts that changed: the others may be nobody's business, as what was claimed for a disability.
            changed = {part: value for part, value in now.items() if value != was.get(part, "")}
            found += _differences(was, changed, words)
        elif isinstance(now, dict) and "coordinates" in now:
            found.append((words.label(name), "drawn anew" if was else "drawn"))
        else:
            found.append((words.label(name), f"{words.text(name, was)} → {words.text(name, now)}"))
    return found


# --- Kinds that say it in their own way ------------------------------------------------------------------------------

Headline = tuple[str, dict[str, Any]]


def _check(headline: str, data: dict[str, Any], words: Words) -> Headline:
    try:
        name = task_named(data.get("task", "")).name
    except KeyError:
        name = plain(data.get("task", ""))
    outcome = dict(Check.Outcome.choices).get(data.get("outcome", ""), "")
    return f"{name}: {outcome}", {"note": data.get("note", "")}


def _assigned(headline: str, data: dict[str, Any], words: Words) -> Headline:
    if not data.get("after"):
        return "Given to nobody", {"before": data.get("before", "")}
    return f"Given to {data['after']}", {"before": data.get("before", "")}


def _letter(headline: str, data: dict[str, Any], words: Words) -> Headline:
    about = str(data.get("about", ""))
    decision = dict(Decision.choices).get(about.removeprefix("decision_"))
    return headline, {**data, "about": f"the decision: {decision}" if decision else LETTERS.get(about, plain(about))}


def _plans(headline: str, data: dict[str, Any], words: Words) -> Headline:
    return headline, {"number_of_plans": len(data.get("after") or [])}


def _number_of_documents(headline: str, data: dict[str, Any], words: Words) -> Headline:
    return headline, {"number_of_documents" if name == "documents" else name: value for name, value in data.items()}


def _number_of_comments(headline: str, data: dict[str, Any], words: Words) -> Headline:
    return headline, {**data, "number_of_comments": len(data.get("comments") or [])}


def _documents(headline: str, data: dict[str, Any], words: Words) -> Headline:
    """Documents are told by their titles; what the applicant sent, by the request that it answers."""
    told = {name: value for name, value in data.items() if name != "documents"}
    if data.get("number"):
        told["answers_request"] = data["number"]
    return headline, told


def _fields(headline: str, data: dict[str, Any], words: Words) -> Headline:
    named = [words.label(name).lower() for name in data.get("fields", [])]
    return headline, {**data, "fields": [], "what": named}


def _import(headline: str, data: dict[str, Any], words: Words) -> Headline:
    return headline, {**data, "also_changed": [plain(name) for name in data.get("also_changed", [])]}


def _limits(headline: str, data: dict[str, Any], words: Words) -> Headline:
    """“1.A A.1(f): nothing → Complies (2.9 metres)”."""
    limits = []
    for row in data.get("limits") or []:
        was, now = (words.text("outcome", row.get(name)) for name in ("before", "after"))
        measured = f" ({row['measured']})" if row.get("measured") else ""
        limits.append(f"{gpdo(row.get('limit', ''))}: {was} → {now}{measured}")
    notes = [f"{gpdo(row.get('class', ''))}: {words.text('note', row.get('after'))}" for row in data.get("notes") or []]
    classes = {name: [gpdo(code) for code in data.get(name) or []] for name in ("added", "removed")}
    return headline, {**data, **classes, "limits": limits, "notes": notes}


_TOLD: dict[str, Callable[[str, dict[str, Any], Words], Headline]] = {
    "task_checked": _check, "assigned": _assigned, "message_queued": _letter, "nobody_to_tell": _letter,
    "plans_listed": _plans, "received": _number_of_documents, "submitted_again": _number_of_documents,
    "comment_changed": _fields, "limits_assessed": _limits, "imported": _import, "document_added": _documents,
    "document_changed": _documents, "publication_asked": _documents, "publication_refused": _documents,
    "documents_published": _documents, "comment_published": _number_of_comments,
    "comment_unpublished": _number_of_comments,
}  # fmt: skip


def _requests(words: str, data: dict[str, Any]) -> Headline:
    """“Request noted: 3. Site plan missing”; several that went together stand below, one by one, with their answers."""
    if data.get("title"):
        number = f"{data['number']}. " if data.get("number") else ""
        words = f"{words}: {number}{data['title']}"
    titles, numbers, answers = (data.get(name) or [] for name in ("titles", "numbers", "answers"))
    several = [
        f"{f'{numbers[at]}. ' if at < len(numbers) else ''}{title}{f' ({answers[at].lower()})' if answers else ''}"
        for at, title in enumerate(titles)
    ]
    told = {name: value for name, value in data.items() if name not in {"title", "titles", "answers"}}
    if several:
        told = {"requests_told": several, **told}
    if "changed" in told:
        told["changed"] = [REQUEST_FIELDS.get(name, plain(name)) for name in told["changed"]]
    return words, told


def _status(value: str) -> str:
    return Status(value).label if value in Status.values else plain(value)
