"""The domain's rows. One file per noun; import them from here."""

from .appeal import Appeal
from .application import Party, PlanningApplication, Submission
from .application_type import (
    ApplicationType,
    Consideration,
    ConstraintType,
    DocumentType,
    Fee,
    GpdoClass,
    GpdoLimit,
    InvalidReason,
    Policy,
)
from .assessment import (
    AssessmentSection,
    ClassAssessment,
    ConsiderationAssessment,
    HistoryEntry,
    LimitAssessment,
    SiteVisit,
)
from .checks import Check
from .conditions import Condition, Informative, RefusalReason, StandardCondition, StandardInformative, StandardReason
from .constraint import Constraint
from .consultation import Comment, Publicity
from .document import CLOSED_BY_SCAN, Document, DocumentPage, Redaction, ScanStatus, SharpPicture
from .event import CaseEvent, CaseNote
from .extension import ExtensionOfTime
from .portal_delivery import PortalDelivery
from .recommendation import Recommendation
from .references import PreviousReference, ReferenceCounter, reference_key
from .register_import import RefusedRow, RegisterImport
from .requests import AnswerFile, ApplicantLink, ValidationRequest
from .requirement import Requirement
from .typed_words import TypedWords

__all__ = [
    "CLOSED_BY_SCAN",
    "AnswerFile",
    "Appeal",
    "ApplicantLink",
    "ApplicationType",
    "AssessmentSection",
    "CaseEvent",
    "CaseNote",
    "Check",
    "ClassAssessment",
    "Comment",
    "Condition",
    "Consideration",
    "ConsiderationAssessment",
    "Constraint",
    "ConstraintType",
    "Document",
    "DocumentPage",
    "DocumentType",
    "ExtensionOfTime",
    "Fee",
    "GpdoClass",
    "GpdoLimit",
    "HistoryEntry",
    "Informative",
    "InvalidReason",
    "LimitAssessment",
    "Party",
    "PlanningApplication",
    "Policy",
    "PortalDelivery",
    "PreviousReference",
    "Publicity",
    "Recommendation",
    "Redaction",
    "ReferenceCounter",
    "RefusalReason",
    "RefusedRow",
    "RegisterImport",
    "Requirement",
    "ScanStatus",
    "SharpPicture",
    "SiteVisit",
    "StandardCondition",
    "StandardInformative",
    "StandardReason",
    "Submission",
    "TypedWords",
    "ValidationRequest",
    "reference_key",
]
