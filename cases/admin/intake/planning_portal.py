"""What the Planning Portal sent: how far each delivery got, uploading a ZIP by hand, taking a failed one up again."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views import View
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from accounts.requests import SignedInRequest
from cases.admin.frame.task_pages import REFUSALS, add_refusal
from cases.intake.planning_portal import MAX_PACKAGE_BYTES, try_again, upload
from cases.permissions import can_take_in_deliveries, deliveries_for

ON_A_PAGE = 50


class PackageForm(forms.Form):
    package = forms.FileField(
        label="ZIP of an application",
        help_text="As the Planning Portal offers it for download: it holds Application.json or Application.xml.",
        error_messages={"required": "Choose the ZIP file.", "empty": "The file is empty."},
    )

    def clean_package(self):
        file = self.cleaned_data["package"]
        if file.size > MAX_PACKAGE_BYTES:
            raise forms.ValidationError("The file is larger than 1 GB.")
        return file


class PlanningPortalPage(WagtailAdminTemplateMixin, View):
    template_name = "cases/admin/intake/planning_portal.html"
    page_title = "Planning Portal"
    request: SignedInRequest
    header_icon = "download"

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        if not can_take_in_deliveries(self.request.user):
            raise PermissionDenied("You cannot take in submissions.")
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": "Home"},
            {"url": reverse("case_list"), "label": "Cases"},
            {"url": "", "label": self.page_title},
        ]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(PackageForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form, user = PackageForm(request.POST, request.FILES), self.request.user
        assert user.authority is not None  # noqa: S101 - can_take_in_deliveries
        if form.is_valid():
            try:
                delivery = upload(form.cleaned_data["package"], authority=user.authority, by=user)
            except REFUSALS as refusal:
                add_refusal(form, refusal)
            else:
                messages.success(request, f"{delivery.application_ref} was uploaded. Its case follows in a moment.")
                return HttpResponseRedirect(reverse("planning_portal"))
        return self._page(form, status=422)

    def _page(self, form: PackageForm, status: int = 200) -> HttpResponse:
        deliveries = deliveries_for(self.request.user).select_related("submission__application")
        page = Paginator(deliveries.defer("notice", "submission__body"), ON_A_PAGE).get_page(self.request.GET.get("p"))
        errors = [form] if form.is_bound and form.errors else []
        return self.render_to_response(
            self.get_context_data(form=form, error_forms=errors, page_of_deliveries=page), status=status
        )


@require_POST
def planning_portal_again(request: SignedInRequest, pk: int) -> HttpResponse:
    delivery = get_object_or_404(deliveries_for(request.user), pk=pk)
    try_again(delivery, by=request.user)
    messages.success(request, f"{delivery.application_ref} is being taken up again.")
    return HttpResponseRedirect(reverse("planning_portal"))


@require_safe
def planning_portal_zip(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The ZIP as it came, for who may make cases: it holds personal data and is never shown in the browser."""
    delivery = get_object_or_404(deliveries_for(request.user), pk=pk)
    try:
        file = delivery.package.open("rb")
    except (FileNotFoundError, ValueError) as error:
        raise Http404("There is no ZIP of this delivery.") from error
    response = FileResponse(file, as_attachment=True, filename=f"{delivery.application_ref}.zip")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
