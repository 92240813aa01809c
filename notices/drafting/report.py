"""The officer's report: the parts that officers wrote and found out, assembled into one document.

It is read by the person who signs, and published with the decision. The public version holds nobody's telephone number
or e-mail address, no commenter's name and no comment's words; what of the case is written down for officers alone
(notes, from which neighbour's home the site was seen) is not in it.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from cases.assessment.conditions import Row, rows_of
from cases.assessment.permitted_development import limits_of
from cases.assessment.pre_commencement import basis_of
from cases.assessment.recommendation import newest_recommendation
from cases.consultation.publicity import decision_possible_from
from cases.models import (
    AssessmentSection,
    Comment,
    Condition,
    Informative,
    LimitAssessment,
    Party,
    PlanningApplication,
    RefusalReason,
)
from cases.statuses import CONSULTEE_SENTIMENTS, PUBLIC_SENTIMENTS, REFUSALS, Decision, Route, Sentiment, Topic
from cases.wording.personal_details import REDACTED, Kind, personal_details
from notices.printing.pdf import Paper, write_pdfs
from notices.wording.merge import approved_plans, long_date, merge_text, plan_words, values_for

Section = AssessmentSection.Slug
# Decisions that refuse in part have conditions or limits for the one part and reasons for the other.
IN_PART = frozenset({Decision.SPLIT, Decision.LDC_GRANTED_PART, Decision.DETAILS_PART})


@dataclass
class Words:
    """Texts of one report, as they may be said to its readers."""

    application: PlanningApplication
    for_public: bool
    values: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values = values_for(self.application)

    def __call__(self, text: str) -> str:
        """The text with merge fields filled in; for the public, without other people's e-mail addresses and numbers."""
        said = merge_text(text, self.values)
        return self._without_contacts(said) if self.for_public else said

    def _without_contacts(self, text: str) -> str:
        authority = self.application.authority
        own = {authority.email.lower(), _digits(authority.phone)} - {""}
        pieces, last = [], 0
        for finding in personal_details(text):
            contact = finding.kind in (Kind.EMAIL, Kind.PHONE)
            if contact and not own & {finding.words.lower(), _digits(finding.words)}:
                pieces += [text[last : finding.start], REDACTED]
                last = finding.end
        return "".join([*pieces, text[last:]])


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def report_html(application: PlanningApplication, *, for_public: bool, with_title: bool = False) -> str:
    """The report as an HTML fragment, `<article class="notice report">`, with headings from the second level down.

    `with_title` puts its first heading above it, for where no page around it has one.
    """
    return _html(report_context(application, for_public=for_public), with_title=with_title)


def report_pdf(application: PlanningApplication, *, for_public: bool = False) -> bytes:
    """The report as a tagged PDF. Raises NotWritten."""
    (pdf,) = write_pdfs([_paper(application, report_context(application, for_public=for_public))])
    return pdf


def public_report(application: PlanningApplication) -> tuple[str, Paper]:
    """The report as the public reads it: as `report_html`, and as what is to be written as a PDF."""
    context = report_context(application, for_public=True)
    return _html(context), _paper(application, context)


def _html(context: dict[str, Any], *, with_title: bool = False) -> str:
    return render_to_string("notices/report.html", {**context, "with_title": with_title})


def _paper(application: PlanningApplication, context: dict[str, Any]) -> Paper:
    html = _html(context, with_title=True)
    title = f"Officer's report {application.reference}"
    return Paper(html, title, footer=f"{application.reference} · {application.authority.name}")


def report_context(application: PlanningApplication, *, for_public: bool = False) -> dict[str, Any]:
    """Everything that the report says, as plain data. The number of queries does not grow with the rows."""
    words = Words(application, for_public)
    sections = {slug: words(text) for slug, text in application.sections.values_list("slug", "text")}
    return {
        "application": application,
        "for_public": for_public,
        "is_draft": not for_public and not application.is_decided,  # the public one is made as the notice is issued
        "made_on": timezone.localdate(),
        "header": _header(application),
        "description": words(application.description),
        "site": sections.get(Section.SITE, ""),
        "works": sections.get(Section.WORKS, ""),
        "constraints": _constraints(application, words),
        "history": _history(application, words),
        "history_words": sections.get(Section.HISTORY, ""),
        "visits": _visits(application, words),
        "publicity": list(application.publicity.all()),
        "decision_possible_from": decision_possible_from(application),
        "responses": _responses(application),
        "responses_words": sections.get(Section.RESPONSES, ""),
        "classes": _classes(application, words),
        "considerations": _considerations(application, words),
        "conclusion": sections.get(Section.CONCLUSION, ""),
        "recommendation": _recommendation(application, words),
    }


def _header(application: PlanningApplication) -> list[tuple[str, str]]:
    """(words, value) of the facts at the head, those that the case has."""
    parties = {party.role: party.name_and_company for party in application.parties.all()}
    extension = application.extensions.order_by("agreed_until").last()
    rows = [
        ("Reference", application.reference),
        ("Application type", application.application_type.name),
        ("Site", application.full_address),
        ("Ward", application.ward),
        ("Parish", application.parish),
        ("Applicant", parties.get(Party.Role.APPLICANT, "")),
        ("Agent", parties.get(Party.Role.AGENT, "")),
        ("Received", long_date(application.received_on)),
        ("Valid from", long_date(application.valid_from)),
        ("To be decided by", long_date(application.expires_on)),
        ("Extension agreed", f"until {long_date(extension.agreed_until)}" if extension else ""),
        ("Case officer", application.officer_name),
    ]
    return [(name, value) for name, value in rows if value]


def _constraints(application: PlanningApplication, words: Words) -> list[dict[str, str]]:
    return [
        {"name": row.constraint_type.name, "what": words("; ".join(_entity_names(row.entities)))}
        for row in application.constraints.filter(removed_because="").select_related("constraint_type")
    ]


def _entity_names(entities: Any) -> list[str]:
    rows = entities if isinstance(entities, list) else []
    return [str(row["name"]) for row in rows if isinstance(row, dict) and row.get("name")]


def _history(application: PlanningApplication, words: Words) -> list[dict[str, str]]:
    return [
        {
            "reference": row.reference,
            "description": words(row.description),
            "decision": ", ".join(part for part in (row.decision, long_date(row.decided_on)) if part),
            "relevance": words(row.relevance),
        }
        for row in application.history_entries.all()
    ]


def _visits(application: PlanningApplication, words: Words) -> list[dict[str, str]]:
    return [
        {
            "day": long_date(row.visited_on),
            "notes": words(row.notes),
            "neighbours_seen": "" if words.for_public else row.neighbours_seen,
        }
        for row in application.site_visits.order_by("visited_on", "pk")
    ]


def _responses(application: PlanningApplication) -> dict[str, Any]:
    """How many answered and what about; consultees by their organisation. No person's name, no comment's words."""
    rows = list(application.comments.order_by("pk").values_list("kind", "sentiment", "topics", "organisation"))
    public = [row for row in rows if row[0] == Comment.Kind.PUBLIC]
    sentiments = Counter(sentiment for _, sentiment, _, _ in public)
    topics = Counter(topic for _, _, topics, _ in public for topic in topics)
    return {
        "total": len(public),
        "counts": [(Sentiment(value).label, sentiments[value]) for value in PUBLIC_SENTIMENTS],
        "topics": [(Topic(value).label, topics[value]) for value in Topic.values if topics[value]],
        "consultees": [
            (organisation or "A consultee", CONSULTEE_SENTIMENTS[sentiment])
            for kind, sentiment, _, organisation in rows
            if kind == Comment.Kind.CONSULTEE
        ],
    }


def _classes(application: PlanningApplication, words: Words) -> list[dict[str, Any]]:
    """Each class with the limits that bear on the proposal; those that do not apply are named in one line."""
    not_applicable = LimitAssessment.Outcome.NOT_APPLICABLE
    found = []
    for row, limits in limits_of(application):
        answered = [(limit, answer) for limit, answer in limits if answer]
        found.append(
            {
                "name": str(row.gpdo_class),
                "note": words(row.note),
                "limits": [
                    {
                        "paragraph": limit.paragraph,
                        "text": limit.text,
                        "applies_to": limit.applies_to,
                        "measured": answer.measured,
                        "outcome": answer.get_outcome_display(),
                        "fails": answer.outcome == LimitAssessment.Outcome.FAILS,
                        "note": words(answer.note),
                    }
                    for limit, answer in answered
                    if answer.outcome != not_applicable
                ],
                "not_applicable": [
                    f"{limit.paragraph} ({limit.applies_to})" if limit.applies_to else limit.paragraph
                    for limit, answer in answered
                    if answer.outcome == not_applicable
                ],
                "unanswered": len(limits) - len(answered),
            }
        )
    return found


def _considerations(application: PlanningApplication, words: Words) -> list[dict[str, Any]]:
    rows = application.considerations.select_related("consideration").prefetch_related("policies")
    return [
        {
            "name": row.consideration.name,
            "policies": [str(policy) for policy in row.policies.all()],
            "text": words(row.text),
            "outcome": row.get_outcome_display(),
        }
        for row in rows
    ]


def _recommendation(application: PlanningApplication, words: Words) -> dict[str, Any] | None:
    newest = newest_recommendation(application)
    if newest is None:
        return None
    refuses = newest.decision in REFUSALS
    in_part = newest.decision in IN_PART
    return {
        "words": application.application_type.decision_words.get(newest.decision, newest.get_decision_display()),
        "summary": words(newest.summary),
        "by": str(newest.by),
        "route": Route(newest.route).label,
        "committee": _committee(application),
        "conditions": [] if refuses else _texts(application, Condition, words),
        "reasons": _texts(application, RefusalReason, words) if refuses or in_part else [],
        "informatives": _texts(application, Informative, words),
        "plans": [
            plan_words(d.title, d.drawing_number, d.revision, d.received_on) for d in approved_plans(application)
        ],
    }


def _committee(application: PlanningApplication) -> str:
    if not application.committee_on:
        return ""
    resolved = application.get_committee_resolution_display()
    return ": ".join(part for part in (long_date(application.committee_on), resolved.lower()) if part)


def _texts(application: PlanningApplication, kind: type[Row], words: Words) -> list[dict[str, Any]]:
    related = {Condition: ("policies", "requests"), RefusalReason: ("policies",)}.get(kind, ())
    return [
        {
            "title": row.title,
            "text": words(row.text),
            "reason": words(getattr(row, "reason", "")),
            "policies": [str(policy) for policy in row.policies.all()] if related else [],
            # The ground on which it may be imposed, where it needs one (TCPA 1990 s.100ZA).
            "agreement": basis_of(row).words if isinstance(row, Condition) else "",
        }
        for row in rows_of(application, kind).prefetch_related(*related)
    ]
