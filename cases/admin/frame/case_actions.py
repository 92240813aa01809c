"""What can be done with a case as a whole: the buttons of its page, and a page to confirm each."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from wagtail import hooks
from wagtail.admin import messages

from accounts.dates.fields import DayField
from accounts.dates.reading import Year
from accounts.models import User
from cases.application import ending
from cases.application.assignment import assign, take
from cases.application.facts import FACTS, change_facts, change_type
from cases.application.notes import add_note
from cases.lifecycle import STEPS, steps_open_to
from cases.models import PlanningApplication
from cases.permissions import can_assign, can_correct, can_note, can_publish, can_take
from cases.reference_data.choices import application_types_in_use
from cases.statuses import ON_THE_REGISTER
from cases.validation.validity import publish, unpublish

from .case_views import CaseView
from .form_fields import field_of
from .meanwhile import ChangedMeanwhile
from .officer_field import OfficerField
from .task_pages import REFUSALS, KnowsTheCase, May, TaskForm, add_refusal


class ActionPage(CaseView):
    """One form, one verb, back to the case. Whoever may not do it gets Wagtail's refusal, also for reading."""

    template_name = "cases/admin/action.html"
    form_class: type[KnowsTheCase] = TaskForm
    may: ClassVar[May]
    words = ""  # name of the page, its button and its last breadcrumb
    explanation = ""
    is_serious = False  # a red button: what it does is not undone with a click
    done_words = "Done."

    @property
    def crumb(self) -> str:  # type: ignore[override]
        return self.words

    def act(self, data: dict[str, Any]) -> None:
        raise NotImplementedError

    def form_arguments(self) -> dict[str, Any]:
        return {}

    def let_in(self) -> None:
        if not type(self).may(self.request.user, self.application):
            raise PermissionDenied("You cannot do this with the case now.")

    def posted_forms(self) -> list[forms.BaseForm]:
        return [self._form(self.request.POST)]

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return self._page(self.put_back_into(self._form()))

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        form = self._form(request.POST)
        if form.is_valid():
            try:
                with transaction.atomic():
                    self.refuse_what_changed(form)
                    self.act(form.cleaned_data)
            except ChangedMeanwhile:
                page = self.show_both()
                return page._page(page.put_back_into(page._form()), status=409)
            except REFUSALS as refusal:
                self.application.refresh_from_db()
                add_refusal(form, refusal)
            else:
                messages.success(request, self.done_words)
                return HttpResponseRedirect(self.case_url)
        return self._page(form, status=422)

    def same_form(self, posted: forms.BaseForm) -> forms.BaseForm:
        return self._form()

    def what_it_is_about(self, posted: forms.BaseForm) -> str:
        """The header: where the case stands and whose it is."""
        case = self.application
        return "-".join(map(str, (case.status, case.reference, case.officer_id, case.published_at is not None)))

    def _form(self, *data) -> forms.BaseForm:
        return self.form_class(*data, application=self.application, user=self.request.user, **self.form_arguments())

    def _page(self, form: forms.BaseForm, status: int = 200) -> HttpResponse:
        errors = [form] if form.is_bound and form.errors else []
        about = self.what_it_is_about(form)
        context = self.get_context_data(page=self, form=form, error_forms=errors, about=about)
        return self.render_to_response(context, status=status)


# --- Steps of the lifecycle that need no page of their own -----------------------------------------------------------


class StepForm(TaskForm):
    note = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 4}))


class EndForm(StepForm):
    on = DayField(label="On", year=Year.LAST)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = lambda: ending.latest_day(self.application)


@dataclass(frozen=True)
class Ending:
    verb: Callable[..., Any]
    day: str  # the verb's argument for the day; empty: it takes none
    explanation: str
    done: str


ENDINGS: dict[str, Ending] = {
    "withdraw": Ending(
        ending.withdraw,
        "withdrawn_on",
        "The applicant has taken the application back. Give the day of their letter.",
        "Withdrawn.",
    ),
    "return_": Ending(
        ending.return_, "returned_on", "The application never became valid and goes back to its sender.", "Returned."
    ),
    "close": Ending(
        ending.close, "closed_on", "The case ends without a decision, for example when it was sent twice.", "Closed."
    ),
    "reopen": Ending(ending.reopen, "", "The case goes on where it stood.", "Reopened."),
}

# Steps that are taken on a page of their own: step → (URL name, slug of the task if it is one).
PAGES_OF_STEPS: dict[str, tuple[str, str]] = {
    "invalidate": ("case_task", "send_validation_decision"),
    "validate": ("case_task", "send_validation_decision"),
    "submit": ("case_notice", ""),
    "recall": ("case_notice", ""),
    "send_back": ("case_sign_off", ""),
    "determine": ("case_sign_off", ""),
}


class StepPage(ActionPage):
    def setup(self, request: HttpRequest, *args, **kwargs) -> None:
        super().setup(request, *args, **kwargs)
        self.step = kwargs["step"]
        if self.step not in ENDINGS:
            raise Http404("There is no such step.")
        self.ending = ENDINGS[self.step]
        self.words, self.explanation = STEPS[self.step].words, self.ending.explanation
        self.done_words, self.is_serious = self.ending.done, self.step != "reopen"
        self.form_class = EndForm if self.ending.day else StepForm

    def let_in(self) -> None:
        if self.step not in steps_open_to(self.request.user, self.application):
            raise PermissionDenied("This step cannot be taken now.")

    def act(self, data: dict[str, Any]) -> None:
        day = {self.ending.day: data["on"]} if self.ending.day else {}
        self.ending.verb(self.application, by=self.request.user, note=data["note"], **day)


# --- Whose case it is ------------------------------------------------------------------------------------------------


class AssignForm(TaskForm):
    officer = OfficerField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "officer", OfficerField).of(self.application.authority_id)
        self.initial["officer"] = self.application.officer_id


class AssignPage(ActionPage):
    words, done_words = "Give to an officer", "Given out."
    form_class = AssignForm
    may = staticmethod(can_assign)

    def act(self, data: dict[str, Any]) -> None:
        assign(self.application, officer=data["officer"], by=self.request.user)


class TakePage(ActionPage):
    words, done_words = "Take this case", "This is your case now."
    explanation = "You will be its officer."
    may = staticmethod(can_take)

    def act(self, data: dict[str, Any]) -> None:
        take(self.application, by=self.request.user)


# --- Facts, type, register, notes ------------------------------------------------------------------------------------


class FactsForm(KnowsTheCase, forms.ModelForm):
    class Meta:
        model = PlanningApplication
        fields = FACTS


class FactsPage(ActionPage):
    words, done_words = "Change facts", "Facts changed."
    explanation = "Corrections of the site and the proposal. What stood there before stays in the history."
    form_class = FactsForm
    may = staticmethod(can_correct)

    def form_arguments(self) -> dict[str, Any]:
        # A copy: checking the form writes into its instance, and the verb compares with what really stands there.
        return {"instance": copy(self.application)}

    def act(self, data: dict[str, Any]) -> None:
        change_facts(self.application, by=self.request.user, **data)


class TypeForm(TaskForm):
    application_type: forms.ModelChoiceField = forms.ModelChoiceField(
        label="New type", queryset=None, empty_label="Choose a type"
    )
    because = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "application_type", forms.ModelChoiceField).queryset = application_types_in_use()


class TypePage(ActionPage):
    words, done_words = "Change the type", "Type changed. The case has a new reference; the old one still finds it."
    explanation = "The case gets a new reference, and its dates follow the new type. The old reference still finds it."
    form_class = TypeForm
    may = staticmethod(can_correct)

    def act(self, data: dict[str, Any]) -> None:
        change_type(self.application, by=self.request.user, **data)


class BecauseForm(TaskForm):
    because = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 3}))


def can_put_on_register(user: User, application: PlanningApplication) -> bool:
    may_stand_there = application.status in ON_THE_REGISTER and application.application_type.is_publishable
    return can_publish(user, application) and may_stand_there and application.published_at is None


def can_take_off_register(user: User, application: PlanningApplication) -> bool:
    return can_publish(user, application) and application.published_at is not None


class PublishPage(ActionPage):
    words, done_words = "Publish on the register", "The application is on the public register."
    explanation = "Anybody will be able to read the application and those of its documents that are published."
    may = staticmethod(can_put_on_register)

    def act(self, data: dict[str, Any]) -> None:
        publish(self.application, by=self.request.user)


class UnpublishPage(ActionPage):
    words, done_words = "Take off the register", "The application is no longer on the public register."
    explanation = "The law wants valid applications on the register: do this only to put a mistake right."
    form_class = BecauseForm
    is_serious = True
    may = staticmethod(can_take_off_register)

    def act(self, data: dict[str, Any]) -> None:
        unpublish(self.application, because=data["because"], by=self.request.user)


class NoteForm(TaskForm):
    text = forms.CharField(label="Note", widget=forms.Textarea(attrs={"rows": 3}), help_text="Never public.")


class NotePage(ActionPage):
    words, done_words = "Add a note", "Note added."
    form_class = NoteForm
    may = staticmethod(can_note)

    def what_it_is_about(self, posted: forms.BaseForm) -> str:
        return ""  # a note is right wherever the case stands

    def act(self, data: dict[str, Any]) -> None:
        add_note(self.application, text=data["text"], by=self.request.user)


# --- The buttons -----------------------------------------------------------------------------------------------------

# URL name → page; each is a button of the case page for whom it allows.
WHOLE_CASE_PAGES: dict[str, type[ActionPage]] = {
    "case_take": TakePage,
    "case_assign": AssignPage,
    "case_facts": FactsPage,
    "case_type": TypePage,
    "case_publish": PublishPage,
    "case_unpublish": UnpublishPage,
}


@dataclass(frozen=True)
class Action:
    words: str
    url: str
    is_serious: bool = False


def actions_for(user: User, application: PlanningApplication) -> list[Action]:
    """What this user can do with the case now, in the order of the buttons: serious ones last."""
    pages = [
        Action(page.words, reverse(name, args=[application.pk]), page.is_serious)
        for name, page in WHOLE_CASE_PAGES.items()
        if page.may(user, application)
    ]
    steps = [action for step in steps_open_to(user, application) if (action := _step_action(step, application))]
    # Packages above this one, and pages that are no step, add theirs: hook(user, application) → [Action].
    more = [action for add in hooks.get_hooks("register_case_action") for action in add(user, application)]
    return sorted(pages + more + steps, key=lambda action: action.is_serious)


def _step_action(step: str, application: PlanningApplication) -> Action | None:
    if step in ENDINGS:
        url = reverse("case_step", args=[application.pk, step])
        return Action(f"{STEPS[step].words} …", url, is_serious=step != "reopen")
    if step not in PAGES_OF_STEPS:
        return None
    name, slug = PAGES_OF_STEPS[step]
    try:
        return Action(STEPS[step].words, reverse(name, args=[application.pk, *([slug] if slug else [])]))
    except NoReverseMatch:
        return None
