"""Task pages that hold a list of rows: publicity, comments, site visits, conditions …

The list shows every row in words. One form at a time is opened, by a link (`?open=change&row=7`), so that a page with
fifty rows has one form and not fifty; a form that was refused opens again with what was typed and its errors. Removing
is two steps: the link opens a question, its button removes.
"""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils.functional import cached_property

from .meanwhile import print_of
from .task_pages import KnowsTheCase, TaskForm, TaskPage


class RemoveForm(TaskForm):
    """Nothing to fill in: the button is the answer."""


class RowsPage(TaskPage):
    """A task page with rows. Subclasses give `rows()`, `actions`, `opened_words` and a template over rows_task.html."""

    template_name = "cases/admin/rows_task.html"
    # Action → (title of the opened form, words of its button). Actions that are not here have no form to open.
    opened_words: ClassVar[dict[str, tuple[str, str]]] = {}
    serious_actions = frozenset({"remove"})
    row_words = "row"
    opens_when_empty = ""  # the action whose form is open when there is no row yet
    always_open = ""  # the one whose form is open when no other is

    def rows(self) -> QuerySet:
        raise NotImplementedError

    @cached_property
    def all_rows(self) -> list[Any]:
        return list(self.rows())

    def row(self, key: str) -> Any:
        """The row of this case with this key. Raises Http404, also for a row of another case."""
        found = self.rows().filter(pk=int(key)).first() if key.isascii() and key.isdigit() and len(key) < 19 else None
        if found is None:
            raise Http404("There is no such row in this case.")
        return found

    @cached_property
    def opened(self) -> dict[str, Any] | None:
        """The form that is open: {"action", "row", "form", "title", "button", "is_serious"}, or None."""
        action, row = self.opened_by
        if action not in self.opened_words:
            action, row = self.request.GET.get("open", ""), self.request.GET.get("row", "")
            if not action and self.may_act:
                action = self.always_open or ("" if self.all_rows else self.opens_when_empty)
        if action not in self.opened_words or not self.may_act:
            return None
        title, button = self.opened_words[action]
        return {
            "action": action,
            "row": row,
            "about": self.row(row) if row else None,
            "form": self.form(action, row=row),
            "title": title,
            "button": button,
            "is_serious": action in self.serious_actions,
        }

    def what_it_is_about(self, posted: KnowsTheCase) -> str:
        return print_of(self.row(posted.row)) if getattr(posted, "row", "") else ""

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(
            **{"rows": self.all_rows, "opened": self.opened, "row_words": self.row_words, **kwargs}
        )
