"""Pages beside the task list: extension of time, committee, appeals. They are reached from the case's actions."""

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.dates.fields import DayField
from accounts.dates.reading import Year
from accounts.models import User
from cases.admin.frame.case_actions import Action
from cases.admin.frame.form_fields import field_of
from cases.admin.frame.rows_pages import RowsPage
from cases.admin.frame.task_pages import TaskForm
from cases.after.appeals import appeal_window, possible_grounds, record_appeal, record_appeal_outcome
from cases.decision.committee import (
    change_committee_date,
    goes_against_recommendation,
    record_resolution,
    send_to_committee,
)
from cases.decision.extension import agree_extension, ask_for_extension, remove_extension, warning_of
from cases.lifecycle import StepNotAllowed, steps_open_to
from cases.models import Appeal, ExtensionOfTime, PlanningApplication, ValidationRequest
from cases.permissions import can_extend, can_record_appeal, can_record_resolution
from cases.requests.answers.settling import cancel_request
from cases.requests.letters import how_they_go, with_letters
from cases.statuses import Resolution
from cases.worklists.task_list import Stage, Task, checked


class OutcomePage(RowsPage):
    """A page with rows that is no task of the list: it never counts as unfinished."""

    name: ClassVar[str]

    @property
    def task(self) -> Task:
        return Task(self.slug, self.name, Stage.DECIDE, checked(self.slug), always=True)

    def goes_to(self, action: str) -> str:
        return self.request.path


# --- Extension of time -----------------------------------------------------------------------------------------------


class ExtensionForm(TaskForm):
    agreed_until = DayField(label="Agreed until", year=Year.NEXT)
    agreed_with = forms.CharField(label="Agreed with", max_length=200, help_text="The applicant or agent.")
    agreed_in_writing_on = DayField(label="Agreed in writing on", initial=timezone.localdate, year=Year.LAST)
    evidence = forms.CharField(
        label="Where the agreement is",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For example: e-mail of 3 May.",
    )
    document: forms.ModelChoiceField = forms.ModelChoiceField(
        label="The agreement among the documents", queryset=None, required=False, empty_label="None"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "document", forms.ModelChoiceField).queryset = self.application.documents.current()


class ExtensionRequestForm(TaskForm):
    until = DayField(label="Ask for time until", year=Year.NEXT)
    reason = forms.CharField(
        label="Why more time is needed",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The applicant reads this, and agrees or disagrees on their page. Nothing changes before they agree.",
    )
    all_the_same = forms.BooleanField(
        label="Ask for this day although it is not a working day", required=False, widget=forms.HiddenInput
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        until = data.get("until")
        if until and (warning := warning_of(until)):
            self.fields["all_the_same"].widget = forms.CheckboxInput()
            if not data.get("all_the_same"):
                self.add_error("until", f"{warning} Choose another day, or tick the box below.")
        return data


class BecauseForm(TaskForm):
    because = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 3}))


class ExtensionPage(OutcomePage):
    slug, name = "extension_of_time", "Extension of time"
    template_name = "cases/admin/decision/extension.html"
    may = staticmethod(can_extend)
    actions = {"ask": ExtensionRequestForm, "withdraw": BecauseForm, "add": ExtensionForm, "remove": BecauseForm}
    opened_words = {
        "ask": ("Ask the applicant for more time", "Send the request"),
        "withdraw": ("Withdraw the request for more time?", "Yes, withdraw it"),
        "add": ("Record what was agreed elsewhere", "Record it"),
        "remove": ("Remove this extension?", "Yes, remove it"),
    }
    serious_actions = frozenset({"remove", "withdraw"})
    guidance = (
        "Ask the applicant: what they accept on their page is the evidence. What was agreed in writing elsewhere can "
        "be recorded. A request that is refused, withdrawn or not answered changes nothing."
    )

    def rows(self) -> QuerySet[ExtensionOfTime]:
        return self.application.extensions.select_related("by", "document", "request")

    def requests(self) -> QuerySet[ValidationRequest]:
        kind = ValidationRequest.Kind.EXTENSION_OF_TIME
        asked = self.application.validation_requests.filter(kind=kind).select_related("sent_by")
        return with_letters(asked).order_by("-number")

    @property
    def opens_when_empty(self) -> str:  # type: ignore[override]
        return "" if any(request.is_open for request in self.asked) else "ask"

    @cached_property
    def asked(self) -> list[ValidationRequest]:
        return list(self.requests())

    def open_request(self) -> ValidationRequest:
        for request in self.asked:
            if request.is_open:
                return request
        raise StepNotAllowed("No request for more time is open. Load the page again.")

    def act_ask(self, form: ExtensionRequestForm) -> str:
        until, reason = form.cleaned_data["until"], form.cleaned_data["reason"]
        asked = ask_for_extension(self.application, until=until, reason=reason, by=self.request.user)
        sent = how_they_go([asked], reader=self.request.user) or "Sent."
        return (
            f"{sent} The application stays due on {self.application.expires_on:%-d %B %Y} until the applicant agrees."
        )

    def act_withdraw(self, form: BecauseForm) -> str:
        cancel_request(self.open_request(), because=form.cleaned_data["because"], by=self.request.user)
        return "Withdrawn. The day on which the application is due has not changed."

    def act_add(self, form: ExtensionForm) -> str:
        agree_extension(self.application, by=self.request.user, **form.cleaned_data)
        return f"Extension recorded. The application is now due on {self.application.expires_on:%-d %B %Y}."

    def act_remove(self, form: BecauseForm) -> str:
        remove_extension(self.row(form.row), because=form.cleaned_data["because"], by=self.request.user)
        return "Extension removed."

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(
            asked=self.asked, is_asked=any(request.is_open for request in self.asked), **kwargs
        )


# --- Committee -------------------------------------------------------------------------------------------------------


class MeetingForm(TaskForm):
    committee_on = DayField(label="The committee meets on")


class ReferralForm(MeetingForm):
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}))


class ResolutionForm(TaskForm):
    resolution = forms.ChoiceField(label="What the committee resolved", choices=Resolution, widget=forms.RadioSelect)
    note = forms.CharField(
        label="Reasons or changes",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Public. Needed when the item was deferred or the committee did not follow the recommendation.",
    )


def can_send_to_committee(user: User, application: PlanningApplication) -> bool:
    return "send_to_committee" in steps_open_to(user, application)


def can_work_on_committee(user: User, application: PlanningApplication) -> bool:
    return can_send_to_committee(user, application) or can_record_resolution(user, application)


class CommitteePage(OutcomePage):
    slug, name = "committee", "Planning committee"
    template_name = "cases/admin/decision/committee.html"
    may = staticmethod(can_work_on_committee)
    actions = {"refer": ReferralForm, "resolve": ResolutionForm, "move": MeetingForm}
    opened_words = {
        "refer": ("Send to committee", "Send it to committee"),
        "resolve": ("Record the resolution", "Record it"),
        "move": ("Change the day of the meeting", "Change the day"),
    }
    guidance = "A resolution is not the decision: that is made when the notice is issued."

    def rows(self) -> QuerySet:
        return self.application.events.none()

    def offered(self) -> list[tuple[str, str]]:
        user = self.request.user
        refer = ["refer"] if can_send_to_committee(user, self.application) else []
        at_committee = ["resolve", "move"] if can_record_resolution(user, self.application) else []
        return [(action, self.opened_words[action][0]) for action in refer + at_committee]

    def act_refer(self, form: ReferralForm) -> str:
        send_to_committee(self.application, by=self.request.user, **form.cleaned_data)
        return "Sent to committee."

    def act_resolve(self, form: ResolutionForm) -> str:
        record_resolution(self.application, by=self.request.user, **form.cleaned_data)
        return "Resolution recorded."

    def act_move(self, form: MeetingForm) -> str:
        change_committee_date(self.application, by=self.request.user, **form.cleaned_data)
        return "Day of the meeting changed."

    def get_context_data(self, **kwargs) -> dict:
        resolution = self.application.committee_resolution
        return super().get_context_data(
            offered=self.offered(),
            against_recommendation=bool(resolution) and goes_against_recommendation(self.application, resolution),
            **kwargs,
        )


# --- Appeals ---------------------------------------------------------------------------------------------------------


class AppealForm(TaskForm):
    ground = forms.ChoiceField(label="Appeal", widget=forms.RadioSelect)
    lodged_on = DayField(label="Lodged on", year=Year.LAST)
    reference = forms.CharField(label="Planning Inspectorate reference", max_length=60, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        possible = possible_grounds(self.application)
        field_of(self, "ground", forms.ChoiceField).choices = [
            choice for choice in Appeal.Ground.choices if choice[0] in possible
        ]


class OutcomeForm(TaskForm):
    outcome = forms.ChoiceField(label="Outcome", choices=Appeal.Outcome, widget=forms.RadioSelect)
    decided_on = DayField(label="Decided on", year=Year.LAST)


class AppealsPage(OutcomePage):
    slug, name = "appeals", "Appeals"
    template_name = "cases/admin/decision/appeals.html"
    may = staticmethod(can_record_appeal)
    actions = {"add": AppealForm, "outcome": OutcomeForm}
    opened_words = {
        "add": ("Record an appeal", "Record it"),
        "outcome": ("Record the outcome", "Record it"),
    }
    guidance = "Appeals stand beside the decision: they do not change the status of the case."

    def rows(self) -> QuerySet[Appeal]:
        return self.application.appeals.all()

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        if action == "outcome":
            appeal = self.row(row)
            return {"outcome": appeal.outcome, "decided_on": appeal.decided_on}
        return {}

    def act_add(self, form: AppealForm) -> str:
        record_appeal(self.application, by=self.request.user, **form.cleaned_data)
        return "Appeal recorded."

    def act_outcome(self, form: OutcomeForm) -> str:
        record_appeal_outcome(self.row(form.row), by=self.request.user, **form.cleaned_data)
        return "Outcome recorded."

    def get_context_data(self, **kwargs) -> dict:
        windows = [
            (Appeal.Ground(ground).label, appeal_window(self.application, ground))
            for ground in possible_grounds(self.application)
        ]
        return super().get_context_data(windows=windows, **kwargs)


def outcome_actions(user: User, application: PlanningApplication) -> list[Action]:
    """The pages here that this user can do something on now, as buttons of the case page."""
    overdue = application.expires_on is not None and application.expires_on < timezone.localdate()
    offers = [
        ("Extension of time", "case_extension", can_extend(user, application) and application.expires_on is not None),
        ("Send to committee …", "case_committee", can_send_to_committee(user, application)),
        ("Committee’s resolution …", "case_committee", can_record_resolution(user, application)),
        ("Appeals", "case_appeals", (application.is_decided or overdue) and can_record_appeal(user, application)),
    ]
    return [Action(words, reverse(name, args=[application.pk])) for words, name, offered in offers if offered]
