"""What officers see first: their cases, what is due, what waits; and a search."""

from typing import Any

from laces.components import Component
from wagtail.admin.views.home import UserObjectsInWorkflowModerationPanel, WorkflowObjectsToModeratePanel
from wagtail.permissions import page_permission_policy

from accounts.models import User
from cases.models import TypedWords
from cases.permissions import cases_for
from cases.worklists.officer_lists import BY_SLUG, NEEDS, count_lists, in_list
from cases.worklists.with_the_applicant import say_what_is_asked

from .case_views import due_words

FIRST_ROWS = 5
# Wagtail's own: to who edits no pages they are decision notices only, which the lists of cases hold in our words.
OF_PAGES = (UserObjectsInWorkflowModerationPanel, WorkflowObjectsToModeratePanel)
# Lists on the home page with their first rows, and whether they stay when they are empty.
SHOWN = (
    ("mine", True),
    ("answers", False),
    ("due_soon", True),
    ("to_sign_off", False),
    ("second_look", False),
    ("sent_back", False),
    ("to_validate", False),
)
# Lists that are only counted, each with the words after its number.
COUNTED_ONLY = (("late", "late"), ("unassigned", "unassigned"), ("answers_overdue", "with an answer overdue"))


class CasesPanel(Component):
    name = "cases"
    order = 10
    template_name = "cases/admin/home_panel.html"

    def __init__(self, user: User):
        self.user = user

    def get_context_data(self, parent_context) -> dict:
        cases = cases_for(self.user)
        numbers = count_lists(cases, self.user)
        lists: list[dict[str, Any]] = [
            {"list": BY_SLUG[slug], "number": numbers[slug], "rows": self._rows(cases, slug) if numbers[slug] else []}
            for slug, stays in SHOWN
            if (stays or numbers[slug]) and (slug not in NEEDS or self.user.has_perm(NEEDS[slug]))
        ]
        say_what_is_asked([row["case"] for part in lists for row in part["rows"]])
        counted = [{"slug": slug, "number": numbers[slug], "words": words} for slug, words in COUNTED_ONLY]
        return {"lists": lists, "counted": [part for part in counted if part["number"]]}

    def _rows(self, cases, slug: str) -> list[dict]:
        rows = in_list(cases.for_lists(), slug, self.user).by_due_date()[:FIRST_ROWS]
        return [{"case": case, "due": due_words(case)} for case in rows]


class TypedWordsPanel(Component):
    """What the reader typed and did not save, wherever it was."""

    name = "typed_words"
    order = 5
    template_name = "cases/admin/typed/home_panel.html"

    def __init__(self, found: list[TypedWords]):
        self.found = found

    def get_context_data(self, parent_context) -> dict:
        return {"found": self.found}


def add_typed_words_panel(request, panels: list) -> None:
    """Hook `construct_homepage_panels`: only where there is something."""
    if found := list(request.user.typed_words.all()[:FIRST_ROWS]):
        panels.insert(0, TypedWordsPanel(found))


def add_cases_panel(request, panels: list) -> None:
    """Hook `construct_homepage_panels`: for whoever may see cases of a council."""
    if request.user.authority_id and request.user.has_perm("cases.view_planningapplication"):
        if not page_permission_policy.user_has_any_permission(request.user, {"add", "change", "publish"}):
            panels[:] = [panel for panel in panels if not isinstance(panel, OF_PAGES)]
        panels.insert(0, CasesPanel(request.user))
