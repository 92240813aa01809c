"""Words inside the documents of all cases that an officer may see."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.views import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from accounts.requests import SignedInRequest
from cases.admin.frame.case_views import CASES_CRUMBS
from cases.documents.search import MOST_PAGES, hits_in_all_cases, question


class DocumentsSearchPage(WagtailAdminTemplateMixin, View):
    page_title = "Search in documents"
    header_icon = "search"
    template_name = "cases/admin/documents/search.html"
    http_method_names = ["get", "head", "options"]

    def get(self, request: SignedInRequest, *args, **kwargs) -> HttpResponse:
        if not request.user.has_perms(["cases.view_planningapplication", "cases.view_document"]):
            raise PermissionDenied("You cannot read documents.")
        q = question(request.GET.get("q", ""))
        hits = hits_in_all_cases(request.user, q) if q else []
        return self.render_to_response(self.get_context_data(q=q, hits=hits, hits_are_cut=len(hits) == MOST_PAGES))

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        crumbs = [{"url": reverse(crumb["name"]), "label": crumb["label"]} for crumb in CASES_CRUMBS]
        return [*crumbs, {"url": "", "label": self.page_title}]
