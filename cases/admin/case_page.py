"""The case page: everything about one application, and what to do next."""

from django.http import HttpRequest, HttpResponse

from cases.tasks import facts_of

from .case_views import CaseView
from .task_list import next_task, task_links


class CasePage(CaseView):
    template_name = "cases/admin/case_page.html"

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        facts = facts_of(self.application)
        return self.render_to_response(
            self.get_context_data(facts=facts, stages=task_links(facts), next_task=next_task(facts))
        )
