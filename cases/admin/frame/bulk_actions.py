"""What officers do with many cases at once: take them, or give them to somebody."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.functional import cached_property, classproperty
from wagtail.admin import messages
from wagtail.admin.ui.tables import BaseColumn, BulkActionsCheckboxColumn
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction
from wagtail.snippets.models import get_snippet_models

from accounts.models import User
from cases.application.assignment import assign, take
from cases.models import PlanningApplication
from cases.permissions import can_assign, can_take, cases_for

from .officer_field import OfficerField

OUR_APPS = {"cases", "notices"}
PLAIN_LIST = "wagtailadmin/generic/index.html"  # without the bar


def without_boxes(columns: Iterable[BaseColumn]) -> list[BaseColumn]:
    return [column for column in columns if not isinstance(column, BulkActionsCheckboxColumn)]


class NothingInBulk:
    """A list without boxes to tick: nothing can be done with many of its rows. Its template is PLAIN_LIST."""

    @cached_property
    def columns(self) -> list[BaseColumn]:
        return without_boxes(super().columns)  # type: ignore[misc]  # of Wagtail's view, into which it is mixed


def cases(number: int) -> str:
    return "1 case" if number == 1 else f"{number} cases"


class CaseBulkAction(SnippetBulkAction):
    models = (PlanningApplication,)
    template_name = "cases/admin/bulk_action.html"
    heading = ""  # {}: how many cases
    form_words = ""
    left_out = ""  # why the others are
    permission = ""  # who lacks it is not offered the action

    def get_queryset(self, model, object_ids):  # a classmethod above; the reader's scope needs the instance
        return cases_for(self.request.user).for_lists().filter(pk__in=[pk for pk in object_ids if str(pk).isdecimal()])

    def get_all_objects_in_listing_query(self, parent_id):
        return []  # “everything in the listing” would mean the whole archive: one page at a time

    def get_context_data(self, **kwargs):
        context = super().get_context_data(form_words=self.form_words, left_out=self.left_out, **kwargs)
        number = len(context["items"])
        heading = self.heading.format(cases(number) if number else "cases")
        return {**context, "heading": heading, "error_forms": [context["form"]] if context["form"].errors else []}

    def form_invalid(self, form):
        """The page once more, with the error; the cases stand in its address, so they stay selected."""
        return self.render_to_response(self.get_context_data(form=form), status=422)

    @classmethod
    def execute_action(cls, objects, **kwargs):
        action = kwargs["self"]
        done = 0
        for case in objects:
            try:
                action.act(case)
                done += 1
            except (ValidationError, PermissionDenied) as refusal:
                text = " ".join(getattr(refusal, "messages", [str(refusal)]))
                messages.error(action.request, f"{case.reference}: {text}")
        return done, 0

    def act(self, case: PlanningApplication) -> None:
        raise NotImplementedError


class TakeCases(CaseBulkAction):
    display_name = "Take"
    aria_label = "Take the selected cases"
    action_type = "take"
    permission = "cases.change_planningapplication"
    heading = "Take {}"
    form_words = "You will be the officer of:"
    left_out = "somebody is their officer already, or they are closed. Managers give cases to another officer"

    def check_perm(self, case: PlanningApplication) -> bool:
        return can_take(self.request.user, case)

    def act(self, case: PlanningApplication) -> None:
        take(case, by=self.request.user)

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        return f"{cases(num_parent_objects)} taken."


class AssignForm(forms.Form):
    officer = OfficerField()


class AssignCases(CaseBulkAction):
    display_name = "Give to an officer"
    aria_label = "Give the selected cases to an officer"
    action_type = "assign"
    permission = "cases.assign_application"
    form_class = AssignForm
    heading = "Give {} to an officer"
    form_words = "Their new officer will see them under “Mine”. With nobody, they are “Unassigned”."
    left_out = "they are closed"

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        form.fields["officer"].of(self.request.user.authority_id)
        return form

    def check_perm(self, case: PlanningApplication) -> bool:
        return can_assign(self.request.user, case)

    def act(self, case: PlanningApplication) -> None:
        assign(case, officer=self.cleaned_form.cleaned_data["officer"], by=self.request.user)

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        officer = self.cleaned_form.cleaned_data["officer"]
        return f"{cases(num_parent_objects)} given to {officer or 'nobody'}."


WITH_CASES = (TakeCases, AssignCases)


def offered_to(user: User) -> list[type[CaseBulkAction]]:
    """What this user can do with many cases at once. Nobody deletes them."""
    return [action for action in WITH_CASES if user.has_perm(action.permission)]


class RefuseBulkDelete(SnippetBulkAction):
    """In place of Wagtail's “Delete” for every row of ours: it would also name rows of other councils."""

    display_name = "Delete"
    aria_label = "Delete the selected rows"
    action_type = "delete"
    template_name = "cases/admin/bulk_action.html"

    @classproperty
    def models(cls):
        return [model for model in get_snippet_models() if model._meta.app_label in OUR_APPS]

    def dispatch(self, request, *args, **kwargs):
        raise PermissionDenied("Nothing of a case is deleted.")

    @classmethod
    def execute_action(cls, objects, **kwargs):
        raise PermissionDenied("Nothing of a case is deleted.")
