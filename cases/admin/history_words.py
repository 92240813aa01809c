"""Events in the officers' words: a headline, and line by line what they hold."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cases.models import Appeal, AssessmentSection, CaseEvent, Check, Comment, PlanningApplication, Publicity
from cases.statuses import Decision, PublicStatus, Route, Sentiment, Status
from cases.tasks import task_named
from cases.timeline import KINDS

# Facts of an event that are numbers of rows or links, which say nothing to a reader.
UNTOLD = frozenset(
    {
        "request", "requests", "request_kind", "note_id", "code", "computed_valid_from", "message", "comment",
        "document", "documents", "by_document", "redacted_from", "sha256", "types", "recommendation", "comments",
        "publicity", "visit", "entry", "row", "rows", "number", "numbers", "link",
        "appeal", "extension", "snapshot_sha256", "pdf_sha256",
    }
)  # fmt: skip
# Facts that name somebody who is not of the council.
PERSONAL = frozenset({"from", "agreed_by"})
# Facts that are codes: name → the words of each.
WORDS = {
    name: dict(choices.choices)
    for name, choices in {
        "decision": Decision, "route": Route, "sentiment": Sentiment, "status": PublicStatus,
        "section": AssessmentSection.Slug, "publicity_kind": Publicity.Kind, "comment_kind": Comment.Kind,
        "ground": Appeal.Ground, "outcome": Appeal.Outcome,
    }.items()
}  # fmt: skip
# What happened to one request, or to several that went or came together.
ABOUT_REQUESTS = frozenset(
    {
        "request_raised", "request_changed", "request_dropped", "requests_sent", "reminded", "request_answered",
        "request_resolved", "request_not_accepted", "request_left", "request_cancelled", "request_accepted_by_silence",
        "invalidate",
    }
)  # fmt: skip
CHANNELS = {"email": "e-mail", "letter": "letter by post"}
# Fields of a request, as an event of a change names them.
REQUEST_FIELDS = {
    "title": "the title", "text": "the text", "what_to_send": "what would put it right", "document": "the document",
    "document_types": "the types of document", "condition": "the condition",
    "proposed_description": "the words proposed", "proposed_boundary": "the line proposed",
    "proposed_until": "the day proposed",
}  # fmt: skip
LONGEST_VALUE = 300
FIELD_LABELS = {field.name: str(field.verbose_name) for field in PlanningApplication._meta.fields}


@dataclass(frozen=True)
class Told:
    """One event as the history shows it. `lines` are (label, text)."""

    at: datetime
    by: str
    headline: str
    lines: list[tuple[str, str]] = field(default_factory=list)
    is_imported: bool = False


def tell(event: CaseEvent, *, sees_private: bool = False) -> Told:
    """The event in words. Who of the applicant's side signed is for those who may see personal data."""
    kind = KINDS.get(event.kind)
    headline = kind.words if kind else event.kind
    data = {name: value for name, value in event.data.items() if sees_private or name not in PERSONAL}
    if event.kind == "task_checked":
        headline, data = _check(data)
    elif event.kind == "assigned":
        headline, data = _assigned(data)
    elif event.kind in ABOUT_REQUESTS:
        headline, data = _requests(headline, data)
    elif event.kind == "message_queued":
        data = {**data, "about": str(data.get("about", "")).replace("_", " "),
                "channel": CHANNELS.get(data.get("channel", ""), data.get("channel", ""))}  # fmt: skip
    elif event.kind == "plans_listed":
        data = {"number of plans": len(data.get("after") or [])}
    lines = [line for name, value in data.items() if name not in UNTOLD for line in _lines(name, value)]
    before, after = data.get("before"), data.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        lines = [line for line in lines if line[0] not in ("Before", "After")] + _differences(before, after)
    if event.to_status and event.from_status and event.to_status != event.from_status:
        lines.insert(0, ("Status", f"{_status(event.from_status)} → {_status(event.to_status)}"))
    return Told(event.at, event.by_name, headline, lines, event.is_imported)


def _check(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    try:
        name = task_named(data.get("task", "")).name
    except KeyError:
        name = data.get("task", "")
    outcome = dict(Check.Outcome.choices).get(data.get("outcome"), "")
    return f"{name}: {outcome}", {"note": data.get("note", "")}


def _assigned(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if not data.get("after"):
        return "Given to nobody", {"before": data.get("before", "")}
    return f"Given to {data['after']}", {"before": data.get("before", "")}


def _requests(words: str, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
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
    for name, label in REQUEST_LABELS.items():
        if told.get(name):
            told[label] = told.pop(name)
    if "changed" in told:
        told["changed"] = [REQUEST_FIELDS.get(name, name) for name in told["changed"]]
    return words, told


REQUEST_LABELS = {
    "requests_told": "about", "follows": "follows request", "followed_by": "asked again in request",
    "from": "answered by", "due_on": "last day for the answer", "resolution": "what came",
}  # fmt: skip


def _lines(name: str, value: Any) -> list[tuple[str, str]]:
    if value in ("", None, [], {}):
        return []
    words = WORDS.get(name, {}).get(value) if isinstance(value, str) else None
    return [(_label(name), words or _text(value))]


def _differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    for name, now in after.items():
        was = before.get(name)
        if isinstance(was, dict) and isinstance(now, dict) and "coordinates" not in now:
            # Only the parts that changed: the others may be nobody's business, as what was claimed for a disability.
            found += _differences(was, {part: value for part, value in now.items() if value != was.get(part, "")})
        else:
            found.append((_label(name), f"{_text(was)} → {_text(now)}"))
    return found


def _label(name: str) -> str:
    label = FIELD_LABELS.get(name, name.replace("_", " "))
    return label[:1].upper() + label[1:]


def _text(value: Any) -> str:
    match value:
        case None | "":
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case {"type": str(), "coordinates": list()}:
            return "a red line"
        case dict():
            text = "; ".join(f"{_label(name)}: {_text(part)}" for name, part in value.items() if part not in ("", None))
        case list():
            text = ", ".join(_text(part) for part in value)
        case _:
            text = _day(str(value))
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _day(text: str) -> str:
    try:
        return f"{datetime.strptime(text, '%Y-%m-%d'):%-d %B %Y}"  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return text


def _status(value: str) -> str:
    return Status(value).label if value in Status.values else value
