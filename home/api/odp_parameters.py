"""The query parameters of the Open Digital Planning API, as its OpenAPI document lists them.

They are read by hand (odp_asking.py): "again means and, a comma means or" is nothing that a form or a model can say.
"""

from typing import Any

from cases.models import Appeal
from cases.statuses import PUBLIC_SENTIMENTS, Topic

from .odp_comments import SPECIALISTS_SENTIMENTS
from .odp_filters import ORDERS
from .odp_paging import LONGEST_PAGE, USUAL_LENGTH
from .odp_words import APPEAL_DECISIONS

_TEXT = {"type": "string", "maxLength": 200}
_DAY = {"type": "string", "format": "date"}
_YES_OR_NO = {"type": "boolean"}
_LIST = {"type": "array", "items": {"type": "string"}}


def _parameter(name: str, schema: dict[str, Any], words: str) -> dict[str, Any]:
    said: dict[str, Any] = {"name": name, "in": "query", "required": False, "schema": schema, "description": words}
    if schema.get("type") == "array":
        said |= {"style": "form", "explode": True}
    return said


def _period(name: str, words: str) -> list[dict[str, Any]]:
    return [
        _parameter(f"{name}From", _DAY, f"{words} on this day or later."),
        _parameter(f"{name}To", _DAY, f"{words} on this day or earlier."),
    ]


def _order(*names: str) -> list[dict[str, Any]]:
    return [
        _parameter("sortBy", {"type": "string", "enum": list(names), "default": names[0]}, "What to sort by."),
        _parameter("orderBy", {"type": "string", "enum": ["asc", "desc"], "default": "desc"}, "In which direction."),
    ]


def _choice(name: str, words: str) -> dict[str, Any]:
    return _parameter(name, _LIST, f"{words} A comma between values means or; the parameter again means and.")


def _called(names: Any) -> str:
    return f"One of {', '.join(names)}."


PAGES = [
    _parameter("page", {"type": "integer"}, "From 1; beyond the end the last page is answered."),
    _parameter(
        "resultsPerPage",
        {"type": "integer", "default": USUAL_LENGTH},
        f"At most {LONGEST_PAGE}; 0 for the counts alone.",
    ),
]
COUNCIL = [
    {
        "name": "x-client",
        "in": "header",
        "required": False,
        "schema": {"type": "string"},
        "description": (
            "The council: its name in the Digital Planning Register, or its code. Without it the token's council, else "
            "the host name's. A name that nobody has is 404."
        ),
    }
]
APPLICATIONS = [
    *PAGES,
    _parameter("maxresults", {"type": "integer"}, "The same as resultsPerPage."),
    _parameter(
        "cursor",
        {"type": "string"},
        "For collectors who want everything: empty for the first page, then each answer's nextCursor until it is null. "
        "Newest received first; sortBy and orderBy do not apply.",
    ),
    *_order(*ORDERS),
    _parameter("query", _TEXT, "Reference, postcode, address or words of the description."),
    _parameter("reference", _TEXT, "Part of a reference, present or previous, punctuation aside."),
    _parameter("description", _TEXT, "Words that the description has, all of them."),
    _choice("applicationType", "Codes such as pp.full.householder."),
    _choice("applicationStatus", "Labels of the Digital Planning Register, such as Consultation in progress."),
    _choice("stage", _called(["consultation", "assessment", "appeal"])),
    _choice("status", _called(["undetermined", "determined", "withdrawn"])),
    _choice(
        "councilDecision",
        "granted or refused, of whatever kind; or Prior approval required and approved, Prior approval not required, "
        "Prior approval required and refused.",
    ),
    _parameter("priorApprovalRequired", _YES_OR_NO, "Decided prior approvals by whether it was required."),
    _choice("appealDecision", _called(APPEAL_DECISIONS[one] for one in Appeal.Outcome)),
    _parameter(
        "dprFilter",
        {
            "type": "string",
            "enum": [
                "inConsultation",
                "publishedThisWeek",
                "publishedThisMonth",
                "decidedThisWeek",
                "decidedThisMonth",
            ],
        },
        "A quick filter of the Digital Planning Register.",
    ),
    *(
        _parameter(f"has{name}", _YES_OR_NO, "Whether there is such a date.")
        for name in (
            "CouncilDecisionDate",
            "WithdrawnAt",
            "AppealLodgedDate",
            "AppealValidatedDate",
            "AppealStartedDate",
            "AppealDecisionDate",
        )
    ),
    *_period("receivedAt", "Received"),
    *_period("validatedAt", "Valid"),
    *_period("publishedAt", "Published"),
    *_period("withdrawnAt", "Withdrawn"),
    *_period("consultationEndDate", "Consultation ends"),
    *_period("councilDecisionDate", "Decided"),
    *_period("appealLodgedDate", "Appeal lodged"),
    *_period("appealDecisionDate", "Appeal decided"),
]
DOCUMENTS = [
    *PAGES,
    *_order("publishedAt", "name", "createdAt", "submittedAt", "validatedAt", "id"),
    _parameter("name", _TEXT, "Part of the name."),
    _choice("type", "Codes of types of documents, such as sitePlan.proposed."),
    _choice("association", "application: there are no others."),
    *_period("publishedAt", "Published"),
    *_period("createdAt", "Taken into the file"),
    *_period("submittedAt", "Received"),
]
_COMMENTS = [
    *PAGES,
    *_order("publishedAt", "submittedAt", "validatedAt", "id"),
    _parameter("query", _TEXT, "Part of the published words."),
    *_period("publishedAt", "Published"),
    *_period("submittedAt", "Received"),
]
PUBLIC_COMMENTS = [
    *_COMMENTS,
    _choice("sentiment", _called(one.value for one in PUBLIC_SENTIMENTS)),
    _choice("topic", _called(Topic.values)),
]
SPECIALIST_COMMENTS = [
    *_COMMENTS,
    _choice("sentiment", _called(SPECIALISTS_SENTIMENTS.values())),
    _choice("id", "Consultees by their id."),
    _parameter("latestOnly", _YES_OR_NO, "Only the newest reply of each consultee."),
]
ONE_SPECIALIST = [*PAGES, *_order("publishedAt", "submittedAt", "validatedAt", "id")]
