"""The parts of the case page. Packages above this one add theirs by the hook `register_case_panel`.

A panel is a laces Component made with (application, user): `order` and `area` ("main" or "side") say where it stands,
`is_shown()` whether, and its template starts with its own heading. Each makes a constant number of queries.
"""

from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone
from laces.components import Component
from wagtail import hooks

from accounts.models import User
from cases.documents import lists as document_lists
from cases.models import PlanningApplication, ValidationRequest
from cases.permissions import can_add_documents, can_correct, can_note, can_view_private
from cases.reference_data.code_names import CodeNames
from cases.requests.letters import with_letters

from .case_actions import NoteForm
from .case_views import requests_url
from .history_words import tell_all
from .meanwhile import put_back

State = ValidationRequest.State
MAIN, SIDE = "main", "side"
NEWEST = 15
NEWEST_DOCUMENTS = 8


class CasePanel(Component):
    order = 100
    area = MAIN
    heading = ""
    anchor = ""  # of its heading, for a panel that stands far down on a narrow screen

    def __init__(self, application: PlanningApplication, user: User):
        self.application, self.user = application, user

    def is_shown(self) -> bool:
        return True

    def get_context_data(self, parent_context) -> dict[str, Any]:
        return {
            "application": self.application,
            "panel": self,
            "request": parent_context.get("request"),
            "csrf_token": parent_context.get("csrf_token"),
        }


class SitePanel(CasePanel):
    """The proposal, the site and the dates as summary lists."""

    order, heading = 20, "Application"
    template_name = "cases/admin/panels/facts.html"

    def get_context_data(self, parent_context):
        return {
            **super().get_context_data(parent_context),
            "may_correct": can_correct(self.user, self.application),
            "previous_references": list(self.application.previous_references.values_list("reference", flat=True)),
            "extensions": list(self.application.extensions.all()),
            "sees_private": can_view_private(self.user, self.application),
            "appeals": list(self.application.appeals.all()),
        }


class MapPanel(CasePanel):
    order, heading = 30, "Red line"
    template_name = "cases/admin/panels/map.html"


class PeoplePanel(CasePanel):
    order, heading = 40, "People"
    template_name = "cases/admin/panels/people.html"

    def get_context_data(self, parent_context):
        sees = can_view_private(self.user, self.application)
        return {
            **super().get_context_data(parent_context),
            "sees_private": sees,
            "parties": list(self.application.parties.all()) if sees else [],
        }


class ConstraintsPanel(CasePanel):
    order, heading = 50, "Constraints"
    template_name = "cases/admin/panels/constraints.html"

    def get_context_data(self, parent_context):
        constraints = list(self.application.constraints.select_related("constraint_type"))
        return {
            **super().get_context_data(parent_context),
            "applying": [constraint for constraint in constraints if constraint.applies],
            "removed": [constraint for constraint in constraints if not constraint.applies],
        }


class DocumentsPanel(CasePanel):
    """The newest documents and how many there are: a case may have hundreds, and they have a page of their own."""

    order, heading = 60, "Documents"
    template_name = "cases/admin/panels/documents.html"

    def get_context_data(self, parent_context):
        types = document_lists.KnownTypes()
        newest = document_lists.in_order(self.application.documents.current(), "newest")[:NEWEST_DOCUMENTS]
        numbers = document_lists.numbers_of(self.application)
        shown = document_lists.described(newest, self.application, user=self.user, types=types)
        return {
            **super().get_context_data(parent_context),
            "documents": shown,
            "numbers": numbers,
            "more": numbers["current"] - len(shown),
            "documents_url": reverse("case_task", args=[self.application.pk, "check_documents"]),
            "may_add": can_add_documents(self.user, self.application),
        }


class AnswersPanel(CasePanel):
    """What was answered, section by section, as submitted. Private: people write of their health here."""

    order, heading = 70, "Answers as submitted"
    template_name = "cases/admin/panels/answers.html"

    def is_shown(self) -> bool:
        return bool(self.application.answers) and can_view_private(self.user, self.application)

    @cached_property
    def sections(self) -> list[tuple[str, list[dict]]]:
        sections: dict[str, list[dict]] = {}
        for row in self.application.answers:
            if isinstance(row, dict):
                sections.setdefault(row.get("section") or "Answers", []).append(
                    {"question": row.get("question", ""), "answer": _plain(row.get("answer"))}
                )
        return list(sections.items())


class FaultsPanel(CasePanel):
    """What was wrong with the submission as data, though it became a case."""

    order, heading = 80, "Faults of the submission"
    template_name = "cases/admin/panels/faults.html"

    def get_context_data(self, parent_context):
        submissions = self.application.submissions.defer("body").order_by("received_at")
        return {**super().get_context_data(parent_context), "submissions": list(submissions)}


class RequestsPanel(CasePanel):
    """What the applicant is asked, by whose turn it is, and the next last day."""

    order, area, heading, anchor = 10, SIDE, "Requests to the applicant", "panel-requests"
    template_name = "cases/admin/panels/requests.html"

    @cached_property
    def requests(self) -> list[Any]:
        return list(with_letters(self.application.validation_requests.all()))

    def is_shown(self) -> bool:
        return bool(self.requests)

    def get_context_data(self, parent_context):
        in_state: dict[str, list[Any]] = {}
        for request in self.requests:
            in_state.setdefault(request.state, []).append(request)
        waiting = in_state.get(State.SENT, [])
        due = min((row.due_on for row in waiting if row.due_on and not row.letter_has_not_left), default=None)
        return {
            **super().get_context_data(parent_context),
            "answered": in_state.get(State.ANSWERED, []),
            "drafts": in_state.get(State.DRAFT, []),
            "waiting": waiting,
            "settled": len(in_state.get(State.SETTLED, [])) + len(in_state.get(State.CANCELLED, [])),
            "next_due": due,
            "is_overdue": due is not None and due < timezone.localdate(),
            "url": requests_url(self.application),
        }


class NotesPanel(CasePanel):
    order, area, heading, anchor = 20, SIDE, "Notes", "panel-notes"
    template_name = "cases/admin/panels/notes.html"

    def get_context_data(self, parent_context):
        form = NoteForm(application=self.application, user=self.user) if can_note(self.user, self.application) else None
        if form and (typed := getattr(parent_context["request"], "put_back", None)):
            put_back(form, typed)
        notes = list(self.application.notes.select_related("by")[:NEWEST])
        return {**super().get_context_data(parent_context), "notes": notes, "form": form}


class TimelinePanel(CasePanel):
    order, area, heading, anchor = 90, SIDE, "History", "panel-timeline"
    template_name = "cases/admin/panels/timeline.html"

    def get_context_data(self, parent_context):
        events = self.application.events.order_by("-sequence")[:NEWEST]
        sees = can_view_private(self.user, self.application)
        told = tell_all(events, names=CodeNames(self.application.authority_id), sees_private=sees)
        return {**super().get_context_data(parent_context), "events": told}


PANELS: tuple[type[CasePanel], ...] = (
    SitePanel,
    MapPanel,
    PeoplePanel,
    ConstraintsPanel,
    DocumentsPanel,
    AnswersPanel,
    FaultsPanel,
    RequestsPanel,
    NotesPanel,
    TimelinePanel,
)


def panels_for(application: PlanningApplication, user: User) -> dict[str, list[Component]]:
    """Area → its panels in order, ours and those of other packages."""
    made = [panel(application, user) for panel in [*PANELS, *hooks.get_hooks("register_case_panel")]]
    shown = [panel for panel in made if getattr(panel, "is_shown", lambda: True)()]
    return {
        area: sorted(
            (panel for panel in shown if getattr(panel, "area", MAIN) == area), key=lambda p: getattr(p, "order", 100)
        )
        for area in (MAIN, SIDE)
    }


def _plain(answer: Any) -> str:
    """An answer of any shape as text; yes and no for booleans."""
    match answer:
        case None | "":
            return ""
        case bool():
            return "Yes" if answer else "No"
        case list():
            return ", ".join(filter(None, map(_plain, answer)))
        case dict():
            return "; ".join(f"{name}: {_plain(value)}" for name, value in answer.items() if value not in (None, ""))
        case _:
            return str(answer)
