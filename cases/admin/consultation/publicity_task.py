"""The task of publicity: how the application is made known, and until when. Comments: comments_task.py."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from accounts.dates.fields import DayField
from cases.admin.frame.rows_pages import RemoveForm, RowsPage
from cases.admin.frame.task_pages import TaskForm, task_page
from cases.consultation.publicity import (
    change_publicity,
    decision_possible_from,
    letters_begin_on,
    publicity_open,
    publicity_still_needed,
    record_publicity,
    remove_publicity,
    usual_publicity_days,
)
from cases.models import Publicity
from cases.permissions import can_consult


class PublicityForm(TaskForm):
    kind = forms.ChoiceField(label="How it is made known", choices=Publicity.Kind, widget=forms.RadioSelect)
    begins_on = DayField(
        label="Day one",
        help_text="The day the notice was put up, the letters were delivered or the newspaper came out. "
        "It may lie in the past.",
    )
    was_posted = forms.BooleanField(
        label="These are letters, and they were posted on that day",
        required=False,
        help_text="The period then begins when the post has brought them.",
    )
    days = forms.IntegerField(
        label="How many days",
        min_value=1,
        max_value=365,
        help_text="Counted with day one. Bank holidays are passed over, except for EIA development.",
    )
    details = forms.CharField(
        label="Details",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Where the notice hangs, who was written to, which newspaper.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("was_posted") and data.get("kind") not in (None, Publicity.Kind.NEIGHBOUR_LETTERS):
            self.add_error("was_posted", "Only letters are posted.")
        return data

    def facts(self) -> dict[str, Any]:
        """What the verb is told: the day of service instead of the day of posting."""
        data = dict(self.cleaned_data)
        if data.pop("was_posted"):
            data["begins_on"] = letters_begin_on(self.application, posted_on=data["begins_on"])
        return data


@task_page("publicity")
class PublicityPage(RowsPage):
    template_name = "cases/admin/consultation/publicity.html"
    may = staticmethod(can_consult)
    is_judgement = True
    actions = {"add": PublicityForm, "change": PublicityForm, "remove": RemoveForm}
    opened_words = {
        "add": ("Record publicity", "Record it"),
        "change": ("Change publicity", "Save changes"),
        "remove": ("Remove this publicity?", "Yes, remove it"),
    }
    opens_when_empty = "add"
    guidance = "No decision can be issued before the last of these periods has ended (DMPO 2015, article 33)."

    def rows(self) -> QuerySet:
        return self.application.publicity.select_related("by")

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        if action == "change":
            publicity = self.row(row)
            return {name: getattr(publicity, name) for name in ("kind", "begins_on", "days", "details")}
        return {"days": usual_publicity_days(self.application)}

    def act_add(self, form: PublicityForm) -> str:
        publicity = record_publicity(self.application, by=self.request.user, **form.facts())
        return f"{publicity.get_kind_display()} recorded: it runs until {publicity.ends_on:%-d %B %Y}."

    def act_change(self, form: PublicityForm) -> str:
        publicity = change_publicity(self.row(form.row), by=self.request.user, **form.facts())
        return f"Saved: it runs until {publicity.ends_on:%-d %B %Y}."

    def act_remove(self, form: RemoveForm) -> str:
        remove_publicity(self.row(form.row), by=self.request.user)
        return "Removed."

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(
            rule=self.application.application_type.publicity,
            still_needed=publicity_still_needed(self.application),
            open_until=publicity_open(self.application, timezone.localdate()),
            decision_possible_from=decision_possible_from(self.application),
            **kwargs,
        )
