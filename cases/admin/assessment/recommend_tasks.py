"""The tasks of the last stage but one: conditions, informatives, reasons for refusal, plans, the recommendation."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from wagtail import hooks

from accounts.dates.fields import DayField
from accounts.dates.reading import Year
from cases.admin.frame.form_fields import field_of
from cases.admin.frame.rows_pages import RemoveForm, RowsPage
from cases.admin.frame.task_list import task_url
from cases.admin.frame.task_pages import KnowsTheCase, TaskForm, TaskPage, task_page
from cases.assessment.conditions import (
    add_condition,
    add_from_library,
    add_informative,
    add_refusal_reason,
    change_row,
    list_plans,
    move_row,
    plans_to_choose_from,
    remove_row,
    rows_of,
    still_in_library,
    usual_conditions_missing,
)
from cases.assessment.considerations import policies_for
from cases.assessment.recommendation import DELEGATION, newest_recommendation, recommend
from cases.assessment.report_words import write_sections
from cases.models import AssessmentSection, Condition, Informative, RefusalReason
from cases.models.conditions import ConditionType
from cases.permissions import can_assess
from cases.requests.letters import prefetched
from cases.statuses import Route
from cases.worklists.before_sign_off import remarks
from cases.worklists.task_list import task_named

from .condition_agreement import AgreementMixin
from .tasks import long_text, section_text


class TextForm(TaskForm):
    title = forms.CharField(label="Title", max_length=160)
    text = long_text(
        "Text",
        rows=6,
        required=True,
        help_text="Merge fields such as {{ site_address }} are filled in when the notice is made.",
    )


class PoliciesMixin(KnowsTheCase):
    """The policies that the row rests on."""

    policies_help = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["policies"] = forms.ModelMultipleChoiceField(
            label="Policies",
            queryset=policies_for(self.application),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=self.policies_help,
        )


class ConditionForm(PoliciesMixin, TextForm):
    reason = long_text("Reason", rows=4, required=True, help_text="Every condition has a reason.")
    type = forms.ChoiceField(
        label="When it must be met", choices=ConditionType, widget=forms.RadioSelect, initial=ConditionType.COMPLIANCE
    )
    pre_commencement_reason = long_text(
        "Why before work starts", rows=3, help_text="Only for what must be met before work starts."
    )
    agreed_on = DayField(
        label="Applicant agreed in writing on",
        required=False,
        year=Year.LAST,
        help_text="Only for what must be met before work starts (Town and Country Planning Act 1990, section 100ZA).",
    )


class RefusalReasonForm(PoliciesMixin, TextForm):
    policies_help = "A refusal of planning permission names every policy of the development plan that it rests on."


class PickForm(TaskForm):
    standards: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(queryset=None)
    kind: ClassVar[type]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "standards", forms.ModelChoiceField).queryset = still_in_library(self.application, self.kind)
        self.fields["standards"].error_messages["required"] = "Tick the texts that you want."
        self.fields["standards"].label = "Texts"


class TextListPage(RowsPage):
    """An ordered list of texts, from the library or the officer's own."""

    template_name = "cases/admin/assessment/text_list.html"
    may = staticmethod(can_assess)
    is_judgement = True
    kind: ClassVar[type]
    add_verb: ClassVar[staticmethod]
    opened_words = {
        "pick": ("Pick from the library", "Add the ticked texts"),
        "add": ("Write your own", "Add it"),
        "change": ("Change the text", "Save changes"),
        "remove": ("Remove this text?", "Yes, remove it"),
    }

    def rows(self) -> QuerySet:
        rows = rows_of(self.application, self.kind)
        return rows if self.kind is Informative else rows.prefetch_related("policies")

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        if action != "change":
            return {}
        of_row = self.row(row)
        words = {name: getattr(of_row, name) for name in self.actions["change"].base_fields}
        return words if self.kind is Informative else {**words, "policies": [p.pk for p in of_row.policies.all()]}

    def act_pick(self, form: PickForm) -> str:
        added = add_from_library(
            self.application, kind=self.kind, standards=form.cleaned_data["standards"], by=self.request.user
        )
        return f"{len(added)} added."

    def act_usual(self, form: TaskForm) -> str:
        missing = usual_conditions_missing(self.application)
        add_from_library(self.application, kind=Condition, standards=missing, by=self.request.user)
        return "Added at the end of the list."

    def act_add(self, form: TextForm) -> str:
        type(self).add_verb(self.application, by=self.request.user, **form.cleaned_data)
        return "Added."

    def act_change(self, form: TextForm) -> str:
        change_row(self.row(form.row), by=self.request.user, **form.cleaned_data)
        return "Changed."

    def act_remove(self, form: RemoveForm) -> str:
        remove_row(self.row(form.row), by=self.request.user)
        return "Removed."

    def act_move_up(self, form: TaskForm) -> str:
        move_row(self.row(form.row), up=True, by=self.request.user)
        return "Moved up."

    def act_move_down(self, form: TaskForm) -> str:
        move_row(self.row(form.row), up=False, by=self.request.user)
        return "Moved down."

    def get_context_data(self, **kwargs) -> dict:
        preview = preview_of(self.application)
        for row in self.all_rows:
            row.preview = preview(row.text) if "{{" in row.text else ""
            if self.kind is not Informative:
                row.policy_words = "; ".join(str(policy) for policy in row.policies.all())
        picking = self.opened if self.opened and self.opened["action"] == "pick" else None
        return super().get_context_data(
            library=list(picking["form"].fields["standards"].queryset) if picking else [],
            ticked={int(pk) for pk in picking["form"]["standards"].value() or [] if str(pk).isdecimal()}
            if picking
            else set(),
            usual_missing=usual_conditions_missing(self.application) if self.kind is Condition else [],
            **kwargs,
        )


def preview_of(application) -> Callable[[str], str]:
    """How the notice will say a text of the list; nothing where no package offers to tell.

    The package that makes notices offers it by the hook `preview_case_text`: fn(application) → (text → text).
    """
    offers = hooks.get_hooks("preview_case_text")
    return offers[0](application) if offers else lambda text: ""


def actions_of_list(kind: type, form: type[TextForm]) -> dict[str, type[KnowsTheCase]]:
    return {
        "pick": type(f"Pick{kind.__name__}Form", (PickForm,), {"kind": kind}),
        "add": form,
        "change": form,
        "remove": RemoveForm,
        "move_up": TaskForm,
        "move_down": TaskForm,
    }


@task_page("conditions")
class ConditionsPage(AgreementMixin, TextListPage):
    kind = Condition
    actions = {**actions_of_list(Condition, ConditionForm), "usual": TaskForm, "ask": TaskForm, "ask_all": TaskForm}
    add_verb = staticmethod(add_condition)
    guidance = (
        "In the order of the notice. What must be met before work starts needs the applicant's written agreement."
    )

    def rows(self) -> QuerySet:
        return super().rows().prefetch_related(prefetched("requests"))


@task_page("informatives")
class InformativesPage(TextListPage):
    kind = Informative
    actions = actions_of_list(Informative, TextForm)
    add_verb = staticmethod(add_informative)
    guidance = "Advice beside the decision. It binds nobody and must not contradict a condition."


@task_page("refusal_reasons")
class RefusalReasonsPage(TextListPage):
    kind = RefusalReason
    actions = actions_of_list(RefusalReason, RefusalReasonForm)
    add_verb = staticmethod(add_refusal_reason)
    guidance = "What the harm is, where, and to whom. If the application is to be granted, leave the list empty."


# --- Plans ---------------------------------------------------------------------------------------------------------


class PlansForm(TaskForm):
    documents: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        label="Plans", queryset=None, required=False
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "documents", forms.ModelChoiceField).queryset = plans_to_choose_from(self.application)


@task_page("plans")
class PlansPage(TaskPage):
    template_name = "cases/admin/assessment/plans.html"
    form_class = PlansForm
    may = staticmethod(can_assess)
    is_judgement = True
    guidance = (
        "Tick the drawings that a grant approves, or that a refusal considered. They stand on the decision notice."
    )

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        return {"documents": [d.pk for d in self.facts.documents if d.is_approved_plan and d.is_current]}

    def act(self, form: PlansForm) -> str:
        chosen = list_plans(self.application, documents=form.cleaned_data["documents"], by=self.request.user)
        return f"{len(chosen)} listed on the notice."

    def get_context_data(self, **kwargs) -> dict:
        value = self.form()["documents"].value() or []
        return super().get_context_data(
            documents=list(plans_to_choose_from(self.application)),
            ticked={int(pk) for pk in value if str(pk).isdecimal()},
            **kwargs,
        )


# --- Recommendation ------------------------------------------------------------------------------------------------


class RecommendationForm(TaskForm):
    decision = forms.ChoiceField(label="Decision", widget=forms.RadioSelect)
    summary = long_text("Why", rows=5, required=True, help_text="A few sentences: they open the officer's report.")
    conclusion = long_text(
        "Conclusion", rows=8, help_text="For the end of the report: the planning balance, or why the law is met."
    )
    route = forms.ChoiceField(label="Who decides", choices=Route, widget=forms.RadioSelect, initial=Route.OFFICER)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "decision", forms.ChoiceField).choices = list(
            self.application.application_type.decision_words.items()
        )


@task_page("recommendation")
class RecommendationPage(TaskPage):
    template_name = "cases/admin/assessment/recommendation.html"
    form_class = RecommendationForm
    may = staticmethod(can_assess)
    save_words = "Save the recommendation"
    guidance = "Nobody but officers sees the recommendation before the decision is issued."

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        initial = {"conclusion": section_text(self.application, AssessmentSection.Slug.CONCLUSION)}
        if newest := newest_recommendation(self.application):
            initial |= {"decision": newest.decision, "summary": newest.summary, "route": newest.route}
        return initial

    def act(self, form: RecommendationForm) -> str:
        data = dict(form.cleaned_data)
        texts = {AssessmentSection.Slug.CONCLUSION.value: data.pop("conclusion")}
        write_sections(self.application, texts=texts, by=self.request.user)
        recommend(self.application, by=self.request.user, **data)
        return "Recommendation saved. Check what is below before you draft the notice."

    def goes_to(self, action: str) -> str:
        return self.request.path

    def get_context_data(self, **kwargs) -> dict:
        newest = newest_recommendation(self.application)
        words = self.application.application_type.decision_words
        return super().get_context_data(
            newest=newest,
            newest_words=words.get(newest.decision, newest.get_decision_display()) if newest else "",
            remarks=self._remarks(newest.decision) if newest else [],
            summary=self._summary(),
            delegation=DELEGATION.get(self.application.application_type.delegation_schedule, ""),
            notice_url=self._address("case_notice") if self.may_act else "",
            report_url=self._address("case_report"),
            **kwargs,
        )

    def _remarks(self, decision: str) -> list[dict[str, Any]]:
        return [
            {"words": remark.words, "stops": remark.stops, "url": task_url(task_named(remark.task), self.application)}
            for remark in remarks(self.application, decision=decision, facts=self.facts)
        ]

    def _summary(self) -> list[dict[str, Any]]:
        """What stands on the notice so far, each with the way to change it."""
        plans = sum(document.is_approved_plan and document.is_current for document in self.facts.documents)
        rows = [
            ("conditions", self.facts.conditions),
            ("refusal_reasons", self.facts.refusal_reasons),
            ("informatives", self.facts.informatives),
            ("plans", plans),
        ]
        return [
            {"words": task.name, "value": value or "none", "url": task_url(task, self.application)}
            for slug, value in rows
            if (task := task_named(slug)).applies_to(self.application)
        ]

    def _address(self, name: str) -> str:
        """The page of a package above this one, or nothing where it is not installed."""
        try:
            return reverse(name, args=[self.application.pk])
        except NoReverseMatch:
            return ""
