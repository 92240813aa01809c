"""The end of the first stage: what is missing, has it come, and from which day is the application valid?"""

from typing import Any

from django import forms
from django.shortcuts import get_object_or_404
from django.utils import timezone
from wagtail.admin.widgets import AdminDateInput

from cases import validation
from cases.choices import invalid_reasons
from cases.lifecycle import STEPS, steps_open_to
from cases.models import Check, InvalidReason, ValidationRequest
from cases.statuses import Status
from cases.tasks import Stage, task_named

from .task_list import TaskLink, task_links
from .task_pages import TaskForm, TaskPage, task_page
from .validate_tasks import because_field

Kind = ValidationRequest.Kind
# Kinds of ready words → kinds of faults; what is not named here is of the same name or “other”.
KIND_OF_REASON = {"certificate": Kind.OWNERSHIP, "owners": Kind.OWNERSHIP, "evidence": Kind.ADDITIONAL_DOCUMENT}
KIND_OF_TASK = {
    "check_documents": Kind.ADDITIONAL_DOCUMENT, "check_description": Kind.DESCRIPTION, "check_red_line": Kind.RED_LINE,
    "check_fee": Kind.FEE, "check_ownership_certificate": Kind.OWNERSHIP,
}  # fmt: skip


class RequestForm(TaskForm):
    kind = forms.ChoiceField(label="What it is about", choices=Kind.choices)
    title = forms.CharField(max_length=200, label="In a few words")
    text = forms.CharField(label="What is wrong", widget=forms.Textarea(attrs={"rows": 4}))
    what_to_send = forms.CharField(label="What would put it right", widget=forms.Textarea(attrs={"rows": 3}))
    reason = forms.ModelChoiceField(queryset=None, required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].queryset = invalid_reasons()


class ResolveForm(TaskForm):
    arrived_on = forms.DateField(
        label="Arrived on", widget=AdminDateInput, help_text="The day on which it came, not the day of your check."
    )
    resolution = forms.CharField(label="What came", required=False)


class CancelForm(TaskForm):
    because = because_field("Why it is no longer asked for")


class InvalidForm(TaskForm):
    note = forms.CharField(label="Note to colleagues", required=False, widget=forms.Textarea(attrs={"rows": 2}))


class ValidForm(TaskForm):
    valid_from = forms.DateField(
        label="Valid from another day", required=False, widget=AdminDateInput,
        help_text="Only when something arrived later than is recorded here. Leave it empty otherwise.",
    )  # fmt: skip
    note = forms.CharField(label="What arrived on that day", required=False)


@task_page("send_validation_decision")
class ValidationDecisionPage(TaskPage):
    actions = {
        "request": RequestForm, "resolve": ResolveForm, "cancel": CancelForm, "invalid": InvalidForm,
        "valid": ValidForm,
    }  # fmt: skip
    template_name = "cases/admin/tasks/validation_decision.html"

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        if action == "resolve":
            return {"arrived_on": timezone.localdate()}
        if action != "request":
            return {}
        if reason := self._chosen_reason():
            kind = KIND_OF_REASON.get(reason.kind, reason.kind)
            return {
                "kind": kind if kind in Kind.values else Kind.OTHER, "title": reason.title, "text": reason.text,
                "what_to_send": reason.what_to_send, "reason": reason.pk,
            }  # fmt: skip
        slug = self.request.GET.get("check", "")
        check = self.facts.checks.get(slug)
        return {"kind": KIND_OF_TASK.get(slug, Kind.OTHER), "text": check.note} if check else {}

    def act_request(self, form: forms.BaseForm) -> str:
        validation.raise_request(self.application, by=self.request.user, **form.cleaned_data)
        return "Added. The applicant hears of it when you mark the application as invalid."

    def act_resolve(self, form: forms.BaseForm) -> str:
        validation.resolve_request(self._request_of(form), by=self.request.user, **form.cleaned_data)
        return "Put right."

    def act_cancel(self, form: forms.BaseForm) -> str:
        validation.cancel_request(self._request_of(form), by=self.request.user, **form.cleaned_data)
        return "No longer asked for."

    def act_invalid(self, form: forms.BaseForm) -> str:
        validation.invalidate(self.application, by=self.request.user, **form.cleaned_data)
        return "Marked as invalid. The applicant is told what is missing."

    def act_valid(self, form: forms.BaseForm) -> str:
        validation.validate(self.application, by=self.request.user, **form.cleaned_data)
        return f"Valid from {self.application.valid_from:%-d %B %Y}."

    def goes_to(self, action: str) -> str:
        return self.case_url if action in {"valid", "invalid"} else self.request.path

    def _request_of(self, form: forms.BaseForm) -> ValidationRequest:
        pk = int(form.row) if form.row.isdigit() else 0
        return get_object_or_404(self.application.validation_requests, pk=pk)

    def _chosen_reason(self) -> InvalidReason | None:
        slug = self.request.GET.get("reason", "")
        return invalid_reasons().filter(slug=slug).first() if slug else None

    def _faults_found(self) -> list[Check]:
        """Tasks of this stage on which somebody said that something is wrong."""
        found = [check for check in self.facts.checks.values() if check.outcome == Check.Outcome.FAULT]
        for check in found:
            check.name = task_named(check.task).name
        return found

    def _unfinished(self) -> list[TaskLink]:
        """Checks of this stage that nobody has finished: they stop nothing, but whoever decides should know."""
        links = [link for stage, links in task_links(self.facts) if stage == Stage.VALIDATE for link in links]
        return [link for link in links if link.is_unfinished and link.task.slug != self.slug]

    def _tells_more(self, requests: list[ValidationRequest]) -> bool:
        """An application that is invalid already is marked again only for a fault that the applicant does not know."""
        untold = any(row.is_open and row.sent_at is None for row in requests)
        return untold or self.application.status != Status.INVALIDATED

    def get_context_data(self, **kwargs) -> dict:
        requests = list(self.application.validation_requests.select_related("raised_by", "resolved_by"))
        computed = validation.earliest_valid_from(self.application)
        steps = steps_open_to(self.request.user, self.application)
        return super().get_context_data(
            open_requests=[
                (row, self.form("resolve", row=row.pk), self.form("cancel", row=row.pk))
                for row in requests
                if row.is_open
            ],
            settled=[row for row in requests if not row.is_open],
            reasons=list(invalid_reasons()) if self.may_act else [],
            chosen=self._chosen_reason(),
            faults_found=self._faults_found(),
            request_form=self.form("request"),
            invalid_form=self.form("invalid") if "invalidate" in steps and self._tells_more(requests) else None,
            valid_form=self.form("valid") if "validate" in steps else None,
            unfinished=self._unfinished(),
            dates=validation.dates_from(self.application, computed),
            not_yet=STEPS["validate"].guard(self.application, {"valid_from": computed}),
            **kwargs,
        )
