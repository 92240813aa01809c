"""The officer's report on the screen and as a PDF, for whoever may see the case."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.safestring import mark_safe
from wagtail.admin import messages

from cases.admin.frame.case_views import CaseView
from cases.models import PlanningApplication
from notices.drafting.report import report_html, report_pdf
from notices.printing.pdf import NotWritten
from notices.wording.merge import merge_text, values_for

logger = logging.getLogger(__name__)


class ReportPage(CaseView):
    crumb = "Officer's report"
    template_name = "notices/admin/report.html"
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        report = mark_safe(report_html(self.application, for_public=False))  # noqa: S308  # made by our own template
        return self.render_to_response(self.get_context_data(report=report))


class ReportPdf(CaseView):
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        name = f"officers-report-{self.application.reference}.pdf".replace("/", "-")
        try:
            pdf = report_pdf(self.application)
        except NotWritten:
            logger.exception("The PDF of the report on application %d was not made", self.application.pk)
            messages.error(request, "The PDF could not be made. Read the report here, and try again in a minute.")
            return HttpResponseRedirect(reverse("case_report", args=[self.application.pk]))
        return HttpResponse(
            pdf,
            content_type="application/pdf",
            headers={"Content-Disposition": content_disposition_header(as_attachment=False, filename=name)},
        )


def preview_texts(application: PlanningApplication) -> Callable[[str], str]:
    """How the notice will say a condition's text (hook `preview_case_text`): the facts are read once for a page."""
    values = values_for(application)
    return lambda text: merge_text(text, values)


urlpatterns = [
    path("cases/<int:pk>/report/", ReportPage.as_view(), name="case_report"),
    path("cases/<int:pk>/report.pdf", ReportPdf.as_view(), name="case_report_pdf"),
]
