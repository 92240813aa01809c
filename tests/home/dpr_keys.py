"""Every key that the Digital Planning Register reads of our answers, and what it takes there.

Written from what it does with them (version of May 2026): `MUST` breaks a page or leaves a hole in it where it is
missing, `MAY` is not shown where it is missing, but must be right where it is there. No library of the tests is used
here: bin/demo --check asks a running demonstration by the same list.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

Takes = Callable[[Any], bool]
Keys = dict[str, Takes]

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
TYPES = {
    "advertConsent", "amendment", "approval", "complianceConfirmation", "environmentalImpact",
    "hazardousSubstanceConsent", "hedgerowRemovalNotice", "landDrainageConsent", "ldc", "listed", "notifyCompletion",
    "obligation", "onshoreExtractionOilAndGas", "pa", "pp", "rightsOfWayOrder", "wtt",
}  # fmt: skip


def one_of(*words: str) -> Takes:
    return lambda value: value in words


def text(value: Any) -> bool:
    return isinstance(value, str)


def words(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def instant(value: Any) -> bool:
    return isinstance(value, str) and bool(_INSTANT.fullmatch(value))


def day(value: Any) -> bool:
    return isinstance(value, str) and bool(_DAY.fullmatch(value))


def boolean(value: Any) -> bool:
    return isinstance(value, bool)


def number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def type_code(value: Any) -> bool:
    return isinstance(value, str) and value.partition(".")[0] in TYPES


def feature(value: Any) -> bool:
    """What its map draws: a Feature with its geometry."""
    return (
        isinstance(value, dict)
        and value.get("type") == "Feature"
        and "properties" in value
        and value.get("geometry", {}).get("type") in {"Polygon", "MultiPolygon"}
        and bool(value["geometry"].get("coordinates"))
    )


def address(value: Any) -> bool:
    return isinstance(value, dict) and words(value.get("singleLine") or value.get("title"))


def whole_address(value: Any) -> bool:
    return isinstance(value, str) and bool(re.match(r"https?://[^/]+/", value))


def redacted_words(value: Any) -> bool:
    if isinstance(value, list):
        return all(text(one.get("comment")) and text(one.get("topic")) and text(one.get("question")) for one in value)
    return isinstance(value, str)


DECISION = one_of("granted", "refused")
APPLICATION_MUST: Keys = {
    "applicationType": type_code,
    "data.application.reference": words,
    "data.application.stage": one_of(
        "submission", "validation", "consultation", "assessment", "appeal", "highCourtAppeal"
    ),
    "data.application.status": one_of("undetermined", "determined", "returned", "withdrawn"),
    "data.localPlanningAuthority.publicCommentsAcceptedUntilDecision": boolean,
    "data.submission.submittedAt": instant,
    "data.validation.receivedAt": instant,
    "data.caseOfficer.name": text,
    "submission.data.proposal.description": words,
    "submission.data.property.address": address,
}
APPLICATION_MAY: Keys = {
    "data.application.withdrawnAt": instant,
    "data.application.publishedAt": instant,
    "data.validation.validatedAt": instant,
    "data.consultation.startDate": day,
    "data.consultation.endDate": day,
    "data.assessment.planningOfficerDecision": DECISION,
    "data.assessment.planningOfficerDecisionDate": day,
    "data.assessment.committeeDecision": DECISION,
    "data.assessment.committeeDecisionDate": day,
    "data.assessment.priorApprovalRequired": boolean,
    "data.assessment.decisionNotice.url": whole_address,
    "data.appeal.reason": words,
    "data.appeal.lodgedDate": day,
    "data.appeal.validatedDate": day,
    "data.appeal.startedDate": day,
    "data.appeal.decisionDate": day,
    "data.appeal.decision": one_of("allowed", "dismissed", "splitDecision", "withdrawn"),
    "submission.data.property.boundary.site": feature,
    "submission.data.applicant.name.first": text,
    "submission.data.applicant.name.last": text,
    "submission.data.applicant.type": one_of("individual", "company", "charity", "public", "parishCouncil"),
    "submission.data.applicant.address.sameAsSiteAddress": boolean,
    "submission.data.applicant.agent.name.first": text,
    "submission.data.applicant.agent.name.last": text,
    "submission.data.applicant.agent.address.line1": text,
    "submission.data.applicant.agent.address.town": text,
    "submission.data.applicant.agent.address.postcode": text,
}
# Where the first is there, the page reads the others beside it.
TOGETHER = {
    "data.consultation": ("data.consultation.startDate", "data.consultation.endDate"),
    "data.appeal": ("data.appeal.reason", "data.appeal.lodgedDate"),
    "data.appeal.decision": ("data.appeal.decisionDate",),
    "data.assessment.planningOfficerDecision": ("data.assessment.planningOfficerDecisionDate",),
    "data.assessment.committeeDecision": ("data.assessment.committeeDecisionDate",),
    "submission.data.proposal.boundary": ("submission.data.property.boundary.site",),
    # Its block of people shows nobody unless all three are there.
    "submission.data.applicant": (
        "submission.data.applicant.name.first",
        "submission.data.applicant.type",
        "submission.data.applicant.address.sameAsSiteAddress",
    ),
}
FILE_MUST: Keys = {
    "name": words,
    "redactedUrl": whole_address,
    "type": texts,
    "metadata.mimeType": words,
    "metadata.size.bytes": number,
    "metadata.submittedAt": instant,
}
PUBLIC_COMMENT_MUST: Keys = {
    "id": words,
    "sentiment": one_of("supportive", "neutral", "objection"),
    "commentRedacted": redacted_words,
    "metadata.publishedAt": instant,
}
SPECIALIST_MUST: Keys = {"id": words, "name.singleLine": words, "comments": lambda value: isinstance(value, list)}
REPLY_MUST: Keys = {"id": words, "commentRedacted": text, "metadata.publishedAt": instant}
REPLY_MAY: Keys = {"sentiment": one_of("approved", "amendmentsNeeded", "objected")}
PAGES_MUST: Keys = dict.fromkeys(
    ("resultsPerPage", "currentPage", "totalPages", "totalResults", "totalAvailableItems"), number
)
PUBLIC_SUMMARY_MUST: Keys = dict.fromkeys(
    ("totalComments", "sentiment.supportive", "sentiment.neutral", "sentiment.objection"), number
)
SPECIALIST_SUMMARY_MUST: Keys = dict.fromkeys(
    ("totalComments", "totalConsulted", "sentiment.approved", "sentiment.amendmentsNeeded", "sentiment.objected"),
    number,
)
NOT_THERE = object()


def at(value: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return NOT_THERE
        value = value[name]
    return value


def _wrong(value: Any, must: Keys, may: Keys) -> Iterator[str]:
    for path, takes in must.items():
        found = at(value, path)
        if found is NOT_THERE:
            yield f"{path} is missing"
        elif not takes(found):
            yield f"{path} is {found!r}"
    for path, takes in may.items():
        found = at(value, path)
        if found is not NOT_THERE and not takes(found):
            yield f"{path} is {found!r}"


def wrong_in_application(app: dict[str, Any]) -> list[str]:
    holes = [
        f"{path} is missing beside {first}"
        for first, others in TOGETHER.items()
        if at(app, first) is not NOT_THERE
        for path in others
        if at(app, path) is NOT_THERE
    ]
    return [*_wrong(app, APPLICATION_MUST, APPLICATION_MAY), *holes]


def wrong_in_answer(kind: str, answer: dict[str, Any]) -> list[str]:
    """What is wrong with an answer about one application: kind is "", documents, publicComments or
    specialistComments."""
    wrong = [] if at(answer, "status.code") == 200 else ["status.code is not 200"]
    data = answer["data"]
    if not kind:
        return [*wrong, *wrong_in_application(data)]
    wrong += _wrong(answer["pagination"], PAGES_MUST, {})
    if kind == "documents":
        return [*wrong, *(fault for one in data for fault in _wrong(one, FILE_MUST, {}))]
    is_public = kind == "publicComments"
    wrong += _wrong(data["summary"], PUBLIC_SUMMARY_MUST if is_public else SPECIALIST_SUMMARY_MUST, {})
    for one in data["comments"]:
        wrong += _wrong(one, PUBLIC_COMMENT_MUST if is_public else SPECIALIST_MUST, {})
        for reply in [] if is_public else one["comments"]:
            wrong += _wrong(reply, REPLY_MUST, REPLY_MAY)
    return wrong
