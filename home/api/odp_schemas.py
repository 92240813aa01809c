"""The answers of the Open Digital Planning API as its OpenAPI document describes them.

Answers are made in odp_application.py, odp_documents.py and odp_comments.py and sent as they are: these classes say
their form, and tests hold the answers against it. What is not there is left out, never null.
"""

from typing import Any

from ninja import Schema
from pydantic import ConfigDict, Field


class _Part(Schema):
    model_config = ConfigDict(extra="forbid")


def _left_out() -> Any:
    """Of something that is not always there: described as not required, and never as null."""
    return Field(default=None)


class OdpStatus(_Part):
    code: int
    message: str
    detail: str = _left_out()


class OdpFault(_Part):
    """What every error answers, with the same code as its HTTP status."""

    data: None
    status: OdpStatus


class OdpPages(_Part):
    """Numbered from 1. Counts end at 10,000 (`cursor` leads further); `totalAvailableItems` is the whole register."""

    resultsPerPage: int
    currentPage: int
    totalPages: int
    totalResults: int
    totalAvailableItems: int


class OdpCursor(_Part):
    resultsPerPage: int
    nextCursor: str | None
    prevCursor: str | None
    totalResults: int
    totalAvailableItems: int


class OdpReferenceAndStage(_Part):
    reference: str
    stage: str
    status: str
    publishedAt: str = _left_out()
    withdrawnAt: str = _left_out()


class OdpAuthority(_Part):
    publicCommentsAcceptedUntilDecision: bool


class OdpSubmitted(_Part):
    submittedAt: str


class OdpValidation(_Part):
    receivedAt: str
    validatedAt: str = _left_out()
    isValid: bool = _left_out()


class OdpConsultation(_Part):
    startDate: str
    endDate: str
    siteNotice: bool


class OdpNotice(_Part):
    url: str


class OdpAssessment(_Part):
    expiryDate: str
    planningOfficerDecision: str = _left_out()
    planningOfficerDecisionDate: str = _left_out()
    committeeDecision: str = _left_out()
    committeeDecisionDate: str = _left_out()
    priorApprovalRequired: bool = _left_out()
    decisionNotice: OdpNotice = _left_out()


class OdpAppeal(_Part):
    reason: str
    lodgedDate: str
    decision: str = _left_out()
    decisionDate: str = _left_out()


class OdpOfficer(_Part):
    """Always empty: who handles a case is not on the register."""

    name: str


class OdpData(_Part):
    application: OdpReferenceAndStage
    localPlanningAuthority: OdpAuthority
    submission: OdpSubmitted
    validation: OdpValidation
    consultation: OdpConsultation = _left_out()
    assessment: OdpAssessment = _left_out()
    appeal: OdpAppeal = _left_out()
    caseOfficer: OdpOfficer


class OdpMetadata(_Part):
    organisation: str
    id: str
    submittedAt: str
    generatedAt: str = Field(description="When what is public of the application changed last.")
    schema_: str = Field(alias="schema")


class OdpApplication(_Part):
    """postSubmissionPublishedApplication of the Digital Planning Data schemas (@next), without files and comments."""

    applicationType: str
    data: OdpData
    submission: dict[str, Any] = Field(
        description="prototypeApplication (@next) with personal data replaced; the least of it where none was sent."
    )
    metadata: OdpMetadata


class OdpApplications(_Part):
    data: list[OdpApplication]
    pagination: OdpPages | OdpCursor
    status: OdpStatus


class OdpOneApplication(_Part):
    data: OdpApplication
    status: OdpStatus


class OdpSize(_Part):
    bytes: int


class OdpFileMetadata(_Part):
    size: OdpSize
    mimeType: str
    createdAt: str
    submittedAt: str
    validatedAt: str
    publishedAt: str


class OdpFile(_Part):
    id: int
    name: str
    association: str
    type: list[str]
    redactedUrl: str
    referencesInDocument: list[str] = _left_out()
    metadata: OdpFileMetadata


class OdpDocuments(_Part):
    data: list[OdpFile]
    pagination: OdpPages
    status: OdpStatus


class OdpOneDocument(_Part):
    data: OdpFile
    status: OdpStatus


class OdpMoments(_Part):
    submittedAt: str
    validatedAt: str
    publishedAt: str


class OdpName(_Part):
    singleLine: str


class OdpAuthor(_Part):
    name: OdpName


class OdpOnTopic(_Part):
    topic: str
    question: str
    comment: str


class OdpPublicComment(_Part):
    id: str
    sentiment: str
    author: OdpAuthor
    commentRedacted: str | list[OdpOnTopic]
    metadata: OdpMoments


class OdpPublicSentiments(_Part):
    supportive: int
    neutral: int
    objection: int


class OdpPublicSummary(_Part):
    totalComments: int
    sentiment: OdpPublicSentiments


class OdpSummedComments(_Part):
    summary: OdpPublicSummary
    comments: list[OdpPublicComment]


class OdpPublicComments(_Part):
    data: OdpSummedComments
    pagination: OdpPages
    status: OdpStatus


class OdpOnePublicComment(_Part):
    data: OdpPublicComment
    status: OdpStatus


class OdpReply(_Part):
    id: str
    sentiment: str = _left_out()
    commentRedacted: str
    metadata: OdpMoments


class OdpSpecialist(_Part):
    id: str
    name: OdpName
    comments: list[OdpReply]


class OdpSpecialistSentiments(_Part):
    approved: int
    amendmentsNeeded: int
    objected: int


class OdpSpecialistSummary(_Part):
    totalComments: int
    totalConsulted: int
    sentiment: OdpSpecialistSentiments


class OdpSummedSpecialists(_Part):
    summary: OdpSpecialistSummary
    comments: list[OdpSpecialist]


class OdpSpecialistComments(_Part):
    data: OdpSummedSpecialists
    pagination: OdpPages
    status: OdpStatus


class OdpOneSpecialist(_Part):
    data: OdpSpecialist
    pagination: OdpPages
    status: OdpStatus
