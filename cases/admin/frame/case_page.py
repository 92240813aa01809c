"""The case page: everything about one application, and what to do next. And its whole history."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from cases.models import CaseEvent
from cases.permissions import can_view_private
from cases.reference_data.code_names import CodeNames
from cases.statuses import Status
from cases.worklists.task_list import Facts, facts_of

from .case_actions import actions_for
from .case_panels import MAIN, SIDE, panels_for
from .case_views import CaseView
from .history_words import tell_all
from .task_list import TaskLink, next_task, task_links

EVENTS_ON_A_PAGE = 100
SIGN_OFF = "cases.sign_off_application"
OF_THE_NOTICE = ("draft_notice", "sign_off")


class CasePage(CaseView):
    template_name = "cases/admin/case_page.html"
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        facts = facts_of(self.application)
        panels = panels_for(self.application, self.request.user)
        link = self._next_task(facts)
        return self.render_to_response(
            self.get_context_data(
                stages=task_links(facts),
                progress=progress(facts),
                sent_back=self._sent_back(),
                next_task=link if (is_ours := link and self._is_ours(link)) else None,
                with_others=link.words if link and not is_ours else "",
                actions=actions_for(self.request.user, self.application),
                main_panels=panels[MAIN],
                side_panels_of_case=panels[SIDE],
            )
        )

    def _next_task(self, facts: Facts) -> TaskLink | None:
        """What comes next: an answer first; of a decided case the correction of its notice, if one was begun."""
        if self.application.is_open:
            return answers_to_look_at(facts) or next_task(facts)
        if self.application.status != Status.DETERMINED:
            return None
        links = [link for _, links in task_links(facts) for link in links if link.task.slug in OF_THE_NOTICE]
        return next((link for link in links if link.is_unfinished and link.url), None)

    def _is_ours(self, link: TaskLink) -> bool:
        """Signing off is for managers, whatever waits for it."""
        return link.task.slug != "sign_off" or self.request.user.has_perm(SIGN_OFF)

    def _sent_back(self) -> CaseEvent | None:
        """What the manager wrote when the case came back, for as long as it waits to be changed."""
        if self.application.status != Status.TO_BE_REVIEWED:
            return None
        return self.application.events.filter(kind="send_back").order_by("sequence").last()


def answers_to_look_at(facts: Facts) -> TaskLink | None:
    """The task on which the applicant's answers wait: whoever has answered waits for us."""
    if not facts.asked.answered:
        return None
    links = (link for _, links in task_links(facts) for link in links)
    found = {link.task.slug: link for link in links}
    return found.get("requests") or found.get("send_validation_decision")


def progress(facts: Facts) -> dict[str, int]:
    """{"done", "all"}: how many of the tasks are finished."""
    statuses = [link.status for _, links in task_links(facts) for link in links]
    return {"done": sum(status == "Completed" for status in statuses), "all": len(statuses)}


class HistoryPage(CaseView):
    """Every event, newest first: the audit of this case in words."""

    crumb = "History"
    template_name = "cases/admin/history.html"
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        page = Paginator(self.application.events.order_by("-sequence"), EVENTS_ON_A_PAGE).get_page(request.GET.get("p"))
        sees = can_view_private(self.request.user, self.application)
        events = tell_all(page, names=CodeNames(self.application.authority_id), sees_private=sees)
        return self.render_to_response(self.get_context_data(page_obj=page, events=events))
