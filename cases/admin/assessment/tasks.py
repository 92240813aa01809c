"""The tasks of assessment: visit, history, words for the report, permitted development limits, considerations."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.functional import cached_property

from accounts.dates.fields import DayField
from accounts.dates.reading import Year
from cases.admin.frame.form_fields import field_of
from cases.admin.frame.rows_pages import RemoveForm, RowsPage
from cases.admin.frame.task_pages import KnowsTheCase, TaskForm, TaskPage, task_page
from cases.assessment.considerations import (
    assess_consideration,
    move_consideration,
    policies_for,
    remove_consideration,
    unused_considerations,
)
from cases.assessment.permitted_development import (
    LimitAnswer,
    assess_limits,
    choose_classes,
    classes_in_use,
    limits_of,
    suggested_classes,
)
from cases.assessment.planning_history import (
    add_history_entry,
    change_history_entry,
    remove_history_entry,
    suggested_history,
)
from cases.assessment.report_words import write_sections
from cases.assessment.site_visits import change_site_visit, record_site_visit, remove_site_visit
from cases.models import AssessmentSection, ConsiderationAssessment, LimitAssessment, PlanningApplication
from cases.permissions import can_assess

Section = AssessmentSection.Slug


def long_text(label: str, *, rows: int = 8, help_text: str = "", required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=50_000,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


# --- Site visit ----------------------------------------------------------------------------------------------------


class SiteVisitForm(TaskForm):
    visited_on = DayField(label="Day of the visit", year=Year.LAST)
    notes = long_text("What you saw", help_text="Goes into the officer's report.", rows=6)
    neighbours_seen = long_text("Neighbouring homes seen from", rows=3, help_text="Never public.")


@task_page("site_visit")
class SiteVisitPage(RowsPage):
    template_name = "cases/admin/assessment/site_visit.html"
    may = staticmethod(can_assess)
    is_judgement = True
    actions = {"add": SiteVisitForm, "change": SiteVisitForm, "remove": RemoveForm}
    opened_words = {
        "add": ("Record a site visit", "Record it"),
        "change": ("Change a site visit", "Save changes"),
        "remove": ("Remove this site visit?", "Yes, remove it"),
    }
    opens_when_empty = "add"
    guidance = "Where no visit is needed, say so in the note and mark the task complete."

    def rows(self) -> QuerySet:
        return self.application.site_visits.select_related("by")

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        if action != "change":
            return {}
        visit = self.row(row)
        return {"visited_on": visit.visited_on, "notes": visit.notes, "neighbours_seen": visit.neighbours_seen}

    def act_add(self, form: SiteVisitForm) -> str:
        record_site_visit(self.application, by=self.request.user, **form.cleaned_data)
        return "Site visit recorded."

    def act_change(self, form: SiteVisitForm) -> str:
        change_site_visit(self.row(form.row), by=self.request.user, **form.cleaned_data)
        return "Site visit changed."

    def act_remove(self, form: RemoveForm) -> str:
        remove_site_visit(self.row(form.row), by=self.request.user)
        return "Site visit removed."


# --- Planning history ----------------------------------------------------------------------------------------------


class HistoryForm(TaskForm):
    reference = forms.CharField(label="Reference", max_length=60)
    description = forms.CharField(label="Description", widget=forms.Textarea(attrs={"rows": 3}))
    decision = forms.CharField(label="Decision", max_length=120, required=False)
    decided_on = DayField(label="Decided on", required=False, year=Year.LAST)
    relevance = long_text("Why it matters here", rows=3)


HISTORY_FIELDS = tuple(HistoryForm.base_fields)


class SuggestionsForm(TaskForm):
    applications = forms.TypedMultipleChoiceField(label="Applications on the same land", coerce=int)

    def __init__(self, *args, suggestions: list[PlanningApplication], **kwargs):
        super().__init__(*args, **kwargs)
        self.suggestions = {application.pk: application for application in suggestions}
        field_of(self, "applications", forms.ChoiceField).choices = [
            (pk, str(row)) for pk, row in self.suggestions.items()
        ]
        self.fields["applications"].error_messages["required"] = "Tick the applications that you want to add."


class HistoryTextForm(TaskForm):
    text = long_text("Planning history in words", help_text="For the report, if the list does not say enough.", rows=5)


@task_page("planning_history")
class PlanningHistoryPage(RowsPage):
    template_name = "cases/admin/assessment/planning_history.html"
    may = staticmethod(can_assess)
    is_judgement = True
    form_class = HistoryTextForm
    actions = {"add": HistoryForm, "change": HistoryForm, "remove": RemoveForm, "suggested": SuggestionsForm}
    opened_words = {
        "add": ("Add to the planning history", "Add it"),
        "change": ("Change an entry", "Save changes"),
        "remove": ("Remove this entry?", "Yes, remove it"),
    }

    def rows(self) -> QuerySet:
        return self.application.history_entries.all()

    @cached_property
    def suggestions(self) -> list[PlanningApplication]:
        return suggested_history(self.application) if self.may_act else []

    def form_arguments(self, action: str, row: str) -> dict[str, Any]:
        return {"suggestions": self.suggestions} if action == "suggested" else {}

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        if action == "save":
            return {"text": section_text(self.application, Section.HISTORY)}
        if action != "change":
            return {}
        entry = self.row(row)
        return {name: getattr(entry, name) for name in HISTORY_FIELDS}

    def act(self, form: HistoryTextForm) -> str:
        texts = {Section.HISTORY.value: form.cleaned_data["text"]}
        write_sections(self.application, texts=texts, by=self.request.user)
        return "Saved."

    def act_add(self, form: HistoryForm) -> str:
        add_history_entry(self.application, by=self.request.user, **form.cleaned_data)
        return "Added to the planning history."

    def act_change(self, form: HistoryForm) -> str:
        change_history_entry(self.row(form.row), by=self.request.user, **form.cleaned_data)
        return "Entry changed."

    def act_remove(self, form: RemoveForm) -> str:
        remove_history_entry(self.row(form.row), by=self.request.user)
        return "Entry removed."

    def act_suggested(self, form: SuggestionsForm) -> str:
        chosen = [form.suggestions[pk] for pk in form.cleaned_data["applications"]]
        for other in chosen:
            add_history_entry(
                self.application,
                reference=other.reference,
                description=other.description,
                by=self.request.user,
                decision=other.decision_words,
                decided_on=other.decided_on,
            )
        return f"{len(chosen)} added to the planning history."

    def get_context_data(self, **kwargs) -> dict:
        suggested = self.form("suggested") if self.suggestions else None
        return super().get_context_data(suggestions=self.suggestions, suggested_form=suggested, **kwargs)


def section_text(application: PlanningApplication, slug: str) -> str:
    section = application.sections.filter(slug=slug).first()
    return section.text if section else ""


# --- Site and proposal in words ------------------------------------------------------------------------------------


class SiteWordsForm(TaskForm):
    site_description = long_text("Site and surroundings", help_text="What is there, and what stands round it.")
    works_description = long_text("The proposal", help_text="What is proposed, with its measures.")


@task_page("site_description")
class SiteDescriptionPage(TaskPage):
    form_class = SiteWordsForm
    may = staticmethod(can_assess)
    guidance = "These two texts open the officer's report, which is published with the decision."

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        return dict(self.application.sections.values_list("slug", "text"))

    def act(self, form: SiteWordsForm) -> str:
        write_sections(self.application, texts=form.cleaned_data, by=self.request.user)
        return "Saved for the report."


# --- Permitted development limits ----------------------------------------------------------------------------------


class ClassesForm(TaskForm):
    classes: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        label="Classes of permitted development",
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Taking a class out also takes out what was answered on its limits.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "classes", forms.ModelChoiceField).queryset = classes_in_use()


class LimitsForm(TaskForm):
    """Every limit of the chosen classes: outcome, measure and note of each, and a note on each class."""

    def __init__(self, *args, chosen: list, **kwargs):
        super().__init__(*args, **kwargs)
        self.chosen = chosen  # [(ClassAssessment, [(GpdoLimit, LimitAssessment | None)])]
        for of_class, limits in chosen:
            for limit, answer in limits:
                self._add_limit(limit, answer)
            self.fields[f"rest_{of_class.gpdo_class_id}"] = forms.BooleanField(
                label="The limits of this class that have no answer do not apply", required=False
            )
            note = long_text("Note on the class", rows=3, help_text="Goes into the officer's report.")
            self.fields[f"note_{of_class.gpdo_class_id}"] = note
            self.initial[f"note_{of_class.gpdo_class_id}"] = of_class.note

    def _add_limit(self, limit, answer: LimitAssessment | None) -> None:
        self.fields[f"outcome_{limit.pk}"] = forms.ChoiceField(
            label="Is it kept?", choices=LimitAssessment.Outcome, required=False, widget=forms.RadioSelect
        )
        self.fields[f"measured_{limit.pk}"] = forms.CharField(label="Measured", max_length=120, required=False)
        self.fields[f"why_{limit.pk}"] = forms.CharField(
            label="Note", required=False, widget=forms.Textarea(attrs={"rows": 2})
        )
        if answer:
            told = {"outcome": answer.outcome, "measured": answer.measured, "why": answer.note}
            self.initial.update({f"{name}_{limit.pk}": value for name, value in told.items()})

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for _, limits in self.chosen:
            for limit, _ in limits:
                said = data.get(f"measured_{limit.pk}") or data.get(f"why_{limit.pk}")
                if said and not data.get(f"outcome_{limit.pk}"):
                    self.add_error(f"outcome_{limit.pk}", f"{limit.paragraph}: say whether the limit is kept.")
        return data

    def answers(self) -> dict[int, LimitAnswer]:
        data, answers = self.cleaned_data, {}
        for of_class, limits in self.chosen:
            rest = LimitAssessment.Outcome.NOT_APPLICABLE if data[f"rest_{of_class.gpdo_class_id}"] else ""
            for limit, _ in limits:
                if outcome := data[f"outcome_{limit.pk}"] or rest:
                    answers[limit.pk] = LimitAnswer(outcome, data[f"measured_{limit.pk}"], data[f"why_{limit.pk}"])
        return answers

    def notes(self) -> dict[int, str]:
        return {row.gpdo_class_id: self.cleaned_data[f"note_{row.gpdo_class_id}"] for row, _ in self.chosen}

    def laid_out(self) -> list[dict[str, Any]]:
        """The fields as the page shows them, class by class and limit by limit."""
        return [
            {
                "of_class": of_class.gpdo_class,
                "limits": [
                    {
                        "limit": limit,
                        "outcome": self[f"outcome_{limit.pk}"],
                        "measured": self[f"measured_{limit.pk}"],
                        "why": self[f"why_{limit.pk}"],
                    }
                    for limit, _ in limits
                ],
                "rest": self[f"rest_{of_class.gpdo_class_id}"],
                "note": self[f"note_{of_class.gpdo_class_id}"],
                "answered": sum(answer is not None for _, answer in limits),
            }
            for of_class, limits in self.chosen
        ]


@task_page("assess_gpdo")
class AssessGpdoPage(TaskPage):
    """Choose the classes; then answer their limits in one form. With no class the task is a judgement."""

    template_name = "cases/admin/assessment/assess_gpdo.html"
    may = staticmethod(can_assess)
    form_class = LimitsForm
    save_words = "Save the assessment"

    @cached_property
    def chosen(self) -> list:
        return limits_of(self.application)

    @property
    def is_judgement(self) -> bool:  # type: ignore[override]
        return not self.chosen

    @property
    def form_classes(self) -> dict[str, type[KnowsTheCase]]:
        return {"save": LimitsForm if self.chosen else TaskForm, "classes": ClassesForm}

    @cached_property
    def suggested(self) -> list:
        return suggested_classes(self.application)

    def form_arguments(self, action: str, row: str) -> dict[str, Any]:
        return {"chosen": self.chosen} if action == "save" and self.chosen else {}

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        if action != "classes":
            return {}
        return {"classes": [row.gpdo_class_id for row, _ in self.chosen] or [row.pk for row in self.suggested]}

    def act(self, form: LimitsForm) -> str | None:
        if not self.chosen:
            return "Saved."
        assess_limits(self.application, answers=form.answers(), notes=form.notes(), by=self.request.user)
        return "Assessment saved."

    def act_classes(self, form: ClassesForm) -> str:
        choose_classes(self.application, classes=form.cleaned_data["classes"], by=self.request.user)
        return "Classes saved."

    def get_context_data(self, **kwargs) -> dict:
        form = self.form()
        return super().get_context_data(
            classes_form=self.form("classes"),
            suggested=[] if self.chosen else self.suggested,
            laid_out=form.laid_out() if isinstance(form, LimitsForm) else [],
            **kwargs,
        )


# --- Considerations ------------------------------------------------------------------------------------------------


class ConsiderationForm(TaskForm):
    outcome = forms.ChoiceField(label="Conclusion", choices=ConsiderationAssessment.Outcome, widget=forms.RadioSelect)
    text = long_text("Assessment", rows=12, required=True)
    policies: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        label="Policies that bear on it", queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "policies", forms.ModelChoiceField).queryset = policies_for(self.application)


class NewConsiderationForm(ConsiderationForm):
    consideration: forms.ModelChoiceField = forms.ModelChoiceField(
        label="Consideration", queryset=None, empty_label="Choose one"
    )
    field_order = ("consideration", "outcome", "text", "policies")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "consideration", forms.ModelChoiceField).queryset = unused_considerations(self.application)


@task_page("assess_policies")
class AssessPoliciesPage(RowsPage):
    template_name = "cases/admin/assessment/assess_policies.html"
    may = staticmethod(can_assess)
    is_judgement = True
    actions = {
        "add": NewConsiderationForm,
        "change": ConsiderationForm,
        "remove": RemoveForm,
        "move_up": TaskForm,
        "move_down": TaskForm,
    }
    opened_words = {
        "add": ("Assess a consideration", "Save the assessment"),
        "change": ("Change the assessment", "Save changes"),
        "remove": ("Remove this consideration?", "Yes, remove it"),
    }
    opens_when_empty = "add"
    guidance = "One assessment for each consideration that matters, in the order in which the report has them."

    def rows(self) -> QuerySet:
        return self.application.considerations.select_related("consideration").prefetch_related("policies")

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        if action != "change":
            return {}
        of_row = self.row(row)
        return {"outcome": of_row.outcome, "text": of_row.text, "policies": [p.pk for p in of_row.policies.all()]}

    def act_add(self, form: NewConsiderationForm) -> str:
        assess_consideration(self.application, by=self.request.user, **form.cleaned_data)
        return "Assessment saved."

    def act_change(self, form: ConsiderationForm) -> str:
        of_row = self.row(form.row)
        assess_consideration(
            self.application, consideration=of_row.consideration, by=self.request.user, **form.cleaned_data
        )
        return "Assessment saved."

    def act_remove(self, form: RemoveForm) -> str:
        remove_consideration(self.row(form.row), by=self.request.user)
        return "Consideration removed."

    def act_move_up(self, form: TaskForm) -> str:
        move_consideration(self.row(form.row), up=True, by=self.request.user)
        return "Moved up."

    def act_move_down(self, form: TaskForm) -> str:
        move_consideration(self.row(form.row), up=False, by=self.request.user)
        return "Moved down."
