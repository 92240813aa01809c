"""The end of the first stage: what must be there, what is missing, and from which day is the application valid?"""

from datetime import date
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.dates.fields import DayField
from accounts.dates.reading import Year
from cases.admin.frame.form_fields import field_of
from cases.admin.frame.task_list import TaskLink, task_links
from cases.admin.frame.task_pages import TaskForm, task_page
from cases.admin.requests.forms import KIND_OF_TASK
from cases.admin.requests.overview import RequestsPage
from cases.application.dates import dates_from
from cases.lifecycle import STEPS, steps_open_to
from cases.models import Check, Requirement, ValidationRequest
from cases.permissions import can_correct
from cases.request_kinds import FAULTS
from cases.validation import validity
from cases.validation.checklist import Item, Standing, checklist, propose
from cases.worklists.task_list import Stage, task_named

Outcome, State = ValidationRequest.Outcome, ValidationRequest.State
# How an item of the checklist stands: the words of its tag, and the tag's look.
STANDINGS = {
    Standing.THERE: ("There", "there"),
    Standing.MISSING: ("Missing", "fault"),
    Standing.LOOK: ("Look at it", "look"),
    Standing.NOT_BINDING: ("Not binding", "cannot-start"),
}


class ProposeForm(TaskForm):
    """The items of the checklist that should be asked for."""

    requirements = forms.MultipleChoiceField(
        label="What to ask for", error_messages={"required": "Tick what should be asked for."}
    )

    def __init__(self, *args, requirements: list[Requirement], **kwargs):
        super().__init__(*args, **kwargs)
        self.listed = {str(requirement.pk): requirement for requirement in requirements}
        field_of(self, "requirements", forms.ChoiceField).choices = [
            (key, row.title) for key, row in self.listed.items()
        ]

    def clean_requirements(self) -> list[Requirement]:
        return [self.listed[key] for key in self.cleaned_data["requirements"]]


class ValidForm(TaskForm):
    valid_from = DayField(
        label="Valid from another day",
        required=False,
        year=Year.LAST,
        help_text="Only when something arrived later than is recorded here. Leave it empty otherwise.",
    )
    note = forms.CharField(label="What arrived on that day", required=False)


@task_page("send_validation_decision")
class ValidationDecisionPage(RequestsPage):
    actions = {**RequestsPage.actions, "propose": ProposeForm, "valid": ValidForm}
    template_name = "cases/admin/validation/validation_decision.html"
    heading = ""

    def form_arguments(self, action: str, row: str) -> dict[str, Any]:
        return {"requirements": [item.requirement for item in self.items]} if action == "propose" else {}

    def act_propose(self, form: forms.BaseForm) -> str:
        drafted = propose(self.application, by=self.request.user, requirements=form.cleaned_data["requirements"])
        if not drafted:
            return "Nothing was added: all of it is asked for already."
        number = "One request is" if len(drafted) == 1 else f"{len(drafted)} requests are"
        return f"{number} added. Read the words, then send the letter."

    def act_valid(self, form: forms.BaseForm) -> str:
        validity.validate(self.application, by=self.request.user, **form.cleaned_data)
        return f"Valid from {self.application.valid_from:%-d %B %Y}."

    def goes_to(self, action: str) -> str:
        return self.case_url if action == "valid" else self.request.path

    # --- What the page shows ----------------------------------------------------------------------------------------

    @cached_property
    def items(self) -> list[Item]:
        return checklist(self.application)

    def _checklist(self) -> list[dict[str, Any]]:
        """Each item with its tag. What is missing and was never asked for is ticked beforehand."""
        form = self.form("propose")
        posted = set(form["requirements"].value() or []) if form.is_bound else None
        rows = []
        for item in self.items:
            words, look = STANDINGS[item.standing]
            asks = item.standing in {Standing.MISSING, Standing.LOOK} and not item.is_asked
            ticked = item.standing == Standing.MISSING if posted is None else str(item.requirement.pk) in posted
            rows.append({"item": item, "standing": words, "look": look, "may_ask": asks, "ticked": asks and ticked})
        return rows

    def _faults_found(self) -> list[dict[str, str]]:
        """Tasks on which somebody said that something is wrong, and of which the applicant is not asked yet."""
        asked = {row.request.kind for row in self.request_rows if row.request.is_open}
        address = reverse("case_request_new", args=[self.application.pk])
        return [
            {"name": task_named(slug).name, "note": check.note, "url": f"{address}?check={slug}"}
            for slug, check in self.facts.checks.items()
            if check.outcome == Check.Outcome.FAULT and KIND_OF_TASK.get(slug, "other") not in asked
        ]

    def _unfinished(self) -> list[TaskLink]:
        """Checks of this stage that nobody has finished: they stop nothing, but whoever decides should know."""
        links = [link for stage, links in task_links(self.facts) if stage == Stage.VALIDATE for link in links]
        return [link for link in links if link.is_unfinished and link.task.slug != self.slug]

    def _may_invalidate(self) -> bool:
        """There must be a fault; what is found once the application is invalid goes out by itself."""
        open_to_invalidate = "invalidate" in steps_open_to(self.request.user, self.application)
        return open_to_invalidate and any(
            row.request.is_open and row.request.kind in FAULTS for row in self.request_rows
        )

    def _last_arrivals(self, day: date) -> list[ValidationRequest]:
        """The faults whose remedy came on the day from which the application is valid; empty: it is the receipt."""
        faults = [row.request for row in self.request_rows if row.request.kind in FAULTS]
        return [row for row in faults if row.outcome == Outcome.ACCEPTED and row.arrived_on == day]

    def _not_yet(self, computed: date) -> str:
        """What still stands in the way of validity, in a sentence; empty: nothing."""
        if computed > timezone.localdate():
            return f"What came last counts as received on {computed:%-d %B %Y}: not valid before that day."
        return STEPS["validate"].guard(self.application, {"valid_from": computed}) or ""

    def get_context_data(self, **kwargs) -> dict:
        computed = validity.earliest_valid_from(self.application)
        steps = steps_open_to(self.request.user, self.application)
        items = self._checklist()
        is_decided = self.application.valid_from is not None
        return super().get_context_data(
            items=items,
            may_propose=can_correct(self.request.user, self.application) and any(row["may_ask"] for row in items),
            missing=sum(row["item"].standing == Standing.MISSING for row in items),
            unsettled=sum(_is_unsettled(row["item"]) for row in items),
            checklist_is_open=not is_decided,
            faults_found=self._faults_found() if can_correct(self.request.user, self.application) else [],
            may_invalidate=self._may_invalidate(),
            valid_form=self.form("valid") if "validate" in steps else None,
            unfinished=self._unfinished(),
            dates=dates_from(self.application, computed),
            last_arrivals=self._last_arrivals(computed),
            not_yet=self._not_yet(computed),
            **kwargs,
        )


def _is_unsettled(item: Item) -> bool:
    """Of what can be checked by itself: not missing and not there, or there and asked for once more."""
    if item.requirement.rule == Requirement.Rule.LOOK:
        return False
    return item.standing == Standing.LOOK or (item.standing == Standing.THERE and item.is_asked)
