"""The decision as the register shows it: only what was issued, read from the notice as it was issued."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Value, When

from cases.models import PlanningApplication
from cases.register.published import IN_PART
from cases.statuses import REFUSALS
from notices.models import IssuedNotice


@dataclass(frozen=True)
class IssuedVersion:
    version: int
    issued_on: date
    corrected_on: date | None
    correction_reason: str


@dataclass(frozen=True)
class PublicDecision:
    words: str
    decided_on: date
    is_refusal: bool
    signed_name: str
    conditions: list[dict[str, Any]]  # number, title, text, reason
    reasons: list[dict[str, Any]]  # number, title, text
    newest: IssuedVersion | None  # None: taken elsewhere and imported, so there is no notice of ours
    earlier: list[IssuedVersion]
    has_report: bool


def decision_of(application: PlanningApplication) -> PublicDecision | None:
    """The application's decision; None before a notice is issued, whatever officers have drafted or recommended."""
    issued = list(
        issued_notices(application)
        .only("version", "issued_on", "correction_reason", "signed_name", "snapshot")
        .annotate(has_report=Case(When(report_html="", then=Value(False)), default=Value(True)))
    )
    if not application.is_decided or application.decided_on is None:
        return None
    newest = issued[0] if issued else None
    held = newest.snapshot if newest else {}
    is_refusal = application.decision in REFUSALS
    versions = [IssuedVersion(row.version, row.issued_on, row.corrected_on, row.correction_reason) for row in issued]
    return PublicDecision(
        words=application.decision_words,
        decided_on=application.decided_on,
        is_refusal=is_refusal,
        signed_name=issued[-1].signed_name if issued else "",  # who signed the decision, not who corrected its notice
        # What an officer had drafted for another outcome stands in the snapshot too, and is no part of this one.
        conditions=[] if is_refusal else held.get("conditions", []),
        reasons=held.get("reasons_for_refusal", []) if is_refusal or application.decision in IN_PART else [],
        newest=versions[0] if versions else None,
        earlier=versions[1:],
        has_report=any(row.has_report for row in issued),
    )


def issued_notices(application: PlanningApplication):
    """The issued notices of a decided application, newest first."""
    return IssuedNotice.objects.filter(application=application).order_by("-version")


def report_of(application: PlanningApplication) -> str:
    """The officer's report as it stood when the decision was issued; empty before, and where there is none."""
    return _newest(application, "report_html") or ""


def report_file_of(application: PlanningApplication) -> bytes:
    """The same as a PDF; empty before the decision, and where there is none."""
    return bytes(_newest(application, "report_pdf") or b"")


def _newest(application: PlanningApplication, field: str):
    if not application.is_decided:
        return None
    return issued_notices(application).exclude(report_html="").values_list(field, flat=True).first()
