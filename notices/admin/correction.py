"""Putting the words of an issued notice right: the texts that came from the case, which the editor does not hold."""

from copy import deepcopy
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from wagtail.admin import messages

from accounts.plain_text import PlainWords
from accounts.requests import SignedInRequest
from cases.admin.frame.case_views import CaseView
from cases.admin.frame.meanwhile import Carries, ChangedMeanwhile
from notices import permissions
from notices.models import DecisionNotice
from notices.signoff import drafting

# Facts of the notice that can hold a slip of the pen; each is shown in the facts table and used as a merge field.
FACTS = {"description": "Description", "site_address": "Site", "applicant_name": "Applicant", "agent_name": "Agent"}
ROWS = {
    "conditions": ("Condition", ("title", "text", "reason")),
    "reasons": ("Reason for refusal", ("title", "text")),
    "informatives": ("Informative", ("title", "text")),
}


class CorrectionDetailsForm(Carries, PlainWords, forms.Form):
    """A field for each text of the particulars. It changes words; it neither adds nor removes a condition."""

    def __init__(self, *args, notice: DecisionNotice, **kwargs):
        super().__init__(*args, **kwargs)
        self.particulars = particulars = notice.particulars
        self._add("correction_reason", "Why the notice is corrected (printed on it)", notice.correction_reason)
        for name, label in FACTS.items():
            self._add(name, label, particulars["facts"].get(name, ""), required=name in {"description", "site_address"})
        for kind, (label, parts) in ROWS.items():
            for number, row in enumerate(particulars[kind]):
                for part in parts:
                    words = f"{label} {number + 1}: {part}"
                    self._add(f"{kind}-{number}-{part}", words, row[part], required=part != "title")

    def _add(self, name: str, label: str, value: str, *, required: bool = True) -> None:
        rows = 1 if name.endswith("title") or (name in FACTS and name != "description") else 4
        self.fields[name] = forms.CharField(
            label=label, initial=value, required=required, widget=forms.Textarea(attrs={"rows": rows})
        )

    def corrected(self) -> dict[str, Any]:
        """The particulars with what was typed."""
        particulars = deepcopy(self.particulars)
        for name in FACTS:
            particulars["facts"][name] = particulars["values"][name] = self.cleaned_data[name]
        for kind, (_, parts) in ROWS.items():
            for number, row in enumerate(particulars[kind]):
                row.update({part: self.cleaned_data[f"{kind}-{number}-{part}"] for part in parts})
        return particulars


class CorrectionDetailsPage(CaseView):
    crumb = "Correct the details"
    template_name = "notices/admin/correction.html"

    def let_in(self) -> None:
        draft = drafting.open_draft(self.application)
        if draft is None or not draft.is_correction:
            raise Http404("No correction has been begun.")
        self.notice: DecisionNotice = draft.get_latest_revision_as_object()
        if not permissions.can_draft(self.request.user, self.application) or draft.workflow_in_progress:
            raise PermissionDenied("The notice cannot be changed now.")

    def posted_forms(self) -> list[forms.Form]:
        notice = getattr(self, "notice", None)
        return [CorrectionDetailsForm(self.request.POST, notice=notice)] if notice else []

    def same_form(self, posted: forms.BaseForm) -> CorrectionDetailsForm:
        self.let_in()
        return CorrectionDetailsForm(notice=self.notice)

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return self._show(self.put_back_into(CorrectionDetailsForm(notice=self.notice)))

    def post(self, request: SignedInRequest, *args, **kwargs) -> HttpResponse:
        form = CorrectionDetailsForm(request.POST, notice=self.notice)
        if not form.is_valid():
            return self._show(form, status=422)
        reason = form.cleaned_data["correction_reason"]
        try:
            with transaction.atomic():
                self.refuse_what_changed(form)
                drafting.save_draft(self.notice, by=request.user, particulars=form.corrected(), reason=reason)
        except ChangedMeanwhile:
            page = self.show_both()
            return page._show(page.put_back_into(page.same_form(form)), status=409)
        messages.success(request, "The details of the notice were saved.")
        return HttpResponseRedirect(reverse("case_notice", args=[self.application.pk]))

    def _show(self, form: forms.Form, status: int = 200) -> HttpResponse:
        error_forms = [form] if form.errors else []
        return self.render_to_response(
            self.get_context_data(form=form, error_forms=error_forms, notice=self.notice), status=status
        )


urlpatterns = [path("cases/<int:pk>/notice/details/", CorrectionDetailsPage.as_view(), name="case_notice_details")]
