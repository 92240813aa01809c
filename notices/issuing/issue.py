"""The issue of a decision: the one transaction in which it comes into being.

The HTML, the PDF and the data of the notice are kept in one row, the case is determined, the event written and, by
those who listen to it, the letters queued. If any part fails, nothing of it happened and it can be tried again. The
PDFs are made before, while nobody is kept waiting for the case, and issued only if they say what the locked case says.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from wagtail.actions.publish_revision import PublishRevisionAction
from wagtail.models import Revision, TaskState, WorkflowState

from accounts.models import LocalAuthority, User
from accounts.public_address import public_url
from cases.lifecycle import StepNotAllowed, apply_step
from cases.locking import locked
from cases.models import PlanningApplication
from cases.timeline import record
from notices.drafting.particulars import operative_words
from notices.drafting.rendering import Issue, draft_of, lines_of, logo_address, render_notice
from notices.drafting.report import public_report
from notices.models import DecisionNotice, IssuedNotice
from notices.permissions import why_not_sign_off
from notices.printing.pdf import Paper, write_pdfs
from notices.wording.blocks import texts_in
from notices.wording.merge import merge_text

SNAPSHOT = "bops-decision-notice/1"
CHANGED = (
    "{reference} changed while its notice was being made, so what you approved is not what would be issued. "
    "Nothing was issued. Read the report and the notice again, then approve."
)


@dataclass(frozen=True)
class Papers:
    """What would be issued if it were issued now: the notice as data and as HTML, and the report."""

    facts: Issue
    snapshot: dict[str, Any]
    html: str
    report_html: str
    to_write: tuple[Paper, ...]  # the notice and, with the first version, the report

    @property
    def sha256(self) -> str:
        return self.facts.snapshot_sha256


Written = dict[Paper, bytes]  # paper → PDF


class IssueNoticeAction(PublishRevisionAction):
    """Wagtail's “publish” for a decision notice: only as the end of an approved sign-off, and then it issues.

    Stands both in DecisionNotice.publish() and in Wagtail's registry of actions, so that no way leads past it. The
    sign-off hands it the PDFs that were `written`; whoever publishes by another way has none, and issues nothing.
    """

    def __init__(self, revision: Revision, *args: Any, written: Written | None = None, **kwargs: Any) -> None:
        super().__init__(revision, *args, **kwargs)
        self.written = written or {}

    def check(self, skip_permission_checks: bool = False) -> None:
        self.signed_off_by()

    def signed_off_by(self) -> User:
        """Who signed this revision off. Raises PermissionDenied when nobody did who might; no permission helps."""
        approved = (
            TaskState.objects.filter(
                revision=self.revision,
                status=TaskState.STATUS_APPROVED,
                finished_by__isnull=False,
                workflow_state__status=WorkflowState.STATUS_APPROVED,
                workflow_state__in=WorkflowState.objects.for_instance(self.object),
            )
            .select_related("finished_by")
            .order_by("-pk")
            .first()
        )
        if approved is None or why_not_sign_off(self.object, approved.finished_by):
            raise PermissionDenied("A decision notice is issued only by its sign-off.")
        if self.object.was_issued:
            raise PermissionDenied("This decision notice has already been issued.")
        return approved.finished_by

    @transaction.atomic
    def execute(self, skip_permission_checks: bool = False) -> None:
        signed_by = self.signed_off_by()
        issue(self.revision, by=signed_by, written=self.written)
        # The case is determined by now: the object published must not carry the case as it was read before.
        self.object = self.revision.as_object()
        self._publish_revision(
            self.revision, self.object, user=signed_by, changed=self.changed, log_action=self.log_action
        )


class ChangedMeanwhile(StepNotAllowed):
    """What was made ready to be issued is no longer what the case says."""


def write_before(revision: Revision, *, by: User) -> Written:
    """Make the PDFs of a notice as it now stands, before anything is locked; issue() takes them.

    Raises NotWritten (notices/printing/pdf.py).
    """
    notice: DecisionNotice = revision.as_object()
    papers = papers_of(notice, PlanningApplication.objects.get(pk=notice.application_id), by=by)
    return dict(zip(papers.to_write, write_pdfs(papers.to_write), strict=True))


def issue(revision: Revision, *, by: User, written: Written) -> IssuedNotice:
    """Issue the signed-off revision of a notice today: a row of IssuedNotice, and the case determined.

    Called by IssueNoticeAction alone, inside its transaction, after it asked for the sign-off. A correction becomes the
    next version and leaves the decision, its date and the report as they were. Triggers refuse what does not fit: an
    issue without sign-off, a determined case without an issue, a second version 1. Raises ChangedMeanwhile when the
    PDFs that were `written` say something else than the case that is now locked.
    """
    notice: DecisionNotice = revision.as_object()
    application = locked(notice.application_id)
    papers = papers_of(notice, application, by=by)
    try:
        pdf, *report_pdf = (written[paper] for paper in papers.to_write)
    except KeyError as error:
        raise ChangedMeanwhile(CHANGED.format(reference=application.reference)) from error
    facts = papers.facts
    issued = IssuedNotice.objects.create(
        application=application,
        notice=notice,
        version=facts.version,
        decision=notice.decision,
        issued_on=cast("date", facts.issued_on),
        signed_by=by,
        signed_name=facts.signatory_name,
        html=papers.html,
        html_sha256=sha256_of(papers.html.encode()),
        pdf=pdf,
        pdf_sha256=sha256_of(pdf),
        snapshot=papers.snapshot,
        snapshot_sha256=papers.sha256,
        report_html=papers.report_html,
        report_pdf=report_pdf[0] if report_pdf else _newest(application, "report_pdf"),
        correction_reason=notice.correction_reason,
    )
    told: dict[str, Any] = {
        "version": issued.version,
        "snapshot_sha256": papers.sha256,
        "pdf_sha256": issued.pdf_sha256,
    }
    if notice.is_correction:
        record(application, "notice_corrected", by=by, reason=notice.correction_reason, **told)
    else:
        apply_step(
            application,
            "determine",
            by=by,
            decision=notice.decision,
            decided_on=facts.decided_on,
            decided_by=by,
            **told,
        )
    return issued


def papers_of(notice: DecisionNotice, application: PlanningApplication, *, by: User) -> Papers:
    """Everything that the issue of this notice by this person today would say. Writes nothing."""
    notice.application = application
    facts = _issue_facts(notice, by=by)
    snapshot = snapshot_of(notice, facts)
    sha256 = sha256_of(canonical_json(snapshot))
    facts = replace(facts, snapshot_sha256=sha256, verify_url=verify_url(application.authority))
    particulars = {**notice.particulars, "logo": logo_address(application.authority)}
    html = render_notice(notice, particulars=particulars, issue=facts)
    footer = f"{application.reference} · {application.authority.name} · {sha256[:16]}"
    paper = Paper(html, title=f"Decision notice {application.reference}", footer=footer)
    if facts.is_correction:  # it corrects the notice; the report is what was before whoever decided
        return Papers(facts, snapshot, html, _newest(application, "report_html") or "", (paper,))
    report_html, report_paper = public_report(application)
    return Papers(facts, snapshot, html, report_html, (paper, report_paper))


def _issue_facts(notice: DecisionNotice, *, by: User) -> Issue:
    authority, today = notice.application.authority, timezone.localdate()
    known = draft_of(notice)
    return replace(
        known,
        is_draft=False,
        decided_on=known.decided_on or today,
        corrected_on=today if known.is_correction else None,
        signatory_name=authority.signatory_name or by.signed_as,
        signatory_job_title=authority.signatory_job_title if authority.signatory_name else by.job_title,
    )


def _newest(application: PlanningApplication, field: str) -> Any:
    """A column of the newest issued version, which may hold a file: nothing else of it is read."""
    return application.issued_notices.values_list(field, flat=True).first()


def snapshot_of(notice: DecisionNotice, facts: Issue) -> dict[str, Any]:
    """The notice as data: what was decided, about what, on which conditions, for which reasons, by whom and when."""
    particulars = notice.particulars
    return {
        "schema": SNAPSHOT,
        "reference": particulars["values"]["reference"],
        "version": facts.version,
        "correction_reason": facts.correction_reason,
        "decision": notice.decision,
        "decision_words": particulars["decision_words"],
        **{name: day.isoformat() if day else None for name, day in facts.days.items()},
        "signatory": {"name": facts.signatory_name, "job_title": facts.signatory_job_title},
        "authority": particulars["authority"],
        "application_type": particulars["application_type"],
        "application": {
            name: particulars["facts"].get(name, "")
            for name in (
                "description",
                "site_address",
                "uprn",
                "applicant_name",
                "agent_name",
                "received_date",
                "valid_date",
            )
        },
        "boundary": particulars["boundary"],
        "conditions": particulars["conditions"],
        "reasons_for_refusal": particulars["reasons"],
        "informatives": particulars["informatives"],
        "plans": particulars["plans"],
        "limits": particulars["limits"],
        "appeal": particulars["appeal"],
        "text": [{"block": child.block_type, "words": _words(child, particulars, facts)} for child in notice.body],
    }


def _words(child: Any, particulars: dict[str, Any], facts: Issue) -> list[str]:
    """What a block says: the sentence that decides, if it is one of those, and what was typed into it."""
    values = {**particulars["values"], **facts.values}
    made = [words] if (words := operative_words(particulars).get(child.block_type)) else []
    typed = [merge_text(line, values) for text in texts_in(child) for line in lines_of(text)]
    return [*made, *typed]


def canonical_json(data: Any) -> bytes:
    """The one way in which a snapshot is written: sorted keys, no spaces, UTF-8. What is downloaded has its sha256."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def verify_url(authority: LocalAuthority) -> str:
    """The public page on which anybody can check a notice; none where the council has no public pages."""
    return public_url(authority, reverse("verify_notice")) if authority.site else ""
