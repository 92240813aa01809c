"""An application by hand: on paper, or taken down for somebody who needs help."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views import View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from accounts.dates.fields import DayField
from accounts.dates.reading import Year
from accounts.requests import SignedInRequest
from cases.admin.frame.form_fields import field_of
from cases.admin.frame.task_pages import REFUSALS, add_refusal
from cases.intake.on_paper import enter_application
from cases.models import Party, PlanningApplication
from cases.reference_data.choices import application_types_in_use

PERSON = ("title", "first_name", "last_name", "company", "email", "phone", "address")


class CaseForm(forms.ModelForm):
    application_type: forms.ModelChoiceField = forms.ModelChoiceField(
        label="Type", queryset=None, empty_label="Choose a type"
    )
    received_on = DayField(
        label="Received on",
        initial=timezone.localdate,
        year=Year.LAST,
        help_text="The day on which it reached the council, not the day on which you enter it.",
    )

    class Meta:
        model = PlanningApplication
        fields = (
            "application_type",
            "description",
            "work_status",
            "address",
            "postcode",
            "uprn",
            "received_on",
            "fee_paid",
        )
        widgets = {"description": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "application_type", forms.ModelChoiceField).queryset = application_types_in_use()


class PersonForm(forms.ModelForm):
    class Meta:
        model = Party
        fields = PERSON
        widgets = {"address": forms.Textarea(attrs={"rows": 4})}


class ApplicantForm(PersonForm):
    def clean(self):
        data = super().clean() or self.cleaned_data
        if not (data.get("last_name") or data.get("company")):
            self.add_error("last_name", "Give the applicant's last name, or their company.")
        return data


class NewCasePage(WagtailAdminTemplateMixin, View):
    template_name = "cases/admin/intake/new_case.html"
    page_title = "New application"
    request: SignedInRequest
    header_icon = "folder-open-inverse"

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        user = self.request.user
        if user.authority_id is None or not user.has_perm("cases.add_planningapplication"):
            raise PermissionDenied("You cannot enter applications.")
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": "Home"},
            {"url": reverse("case_list"), "label": "Cases"},
            {"url": "", "label": self.page_title},
        ]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(self._forms())

    def post(self, request: HttpRequest) -> HttpResponse:
        parts = self._forms(request.POST)
        checked = [form.is_valid() for form in parts.values()]  # each of them, so that all faults are shown at once
        if all(checked):
            try:
                application = enter_application(
                    **parts["form"].cleaned_data,
                    applicant=parts["applicant"].cleaned_data,
                    agent=parts["agent"].cleaned_data,
                    by=self.request.user,
                )
            except REFUSALS as refusal:
                add_refusal(parts["form"], refusal)
            else:
                messages.success(request, f"{application.reference} is ready to be validated.")
                return HttpResponseRedirect(reverse("case_page", args=[application.pk]))
        return self._page(parts, status=422)

    def _forms(self, data: QueryDict | None = None) -> dict[str, forms.BaseForm]:
        return {
            "form": CaseForm(data),
            "applicant": ApplicantForm(data, prefix="applicant"),
            "agent": PersonForm(data, prefix="agent"),
        }

    def _page(self, parts: dict[str, forms.BaseForm], status: int = 200) -> HttpResponse:
        errors = [form for form in parts.values() if form.is_bound and form.errors]
        return self.render_to_response(self.get_context_data(**parts, error_forms=errors), status=status)
