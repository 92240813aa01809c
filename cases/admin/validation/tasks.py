"""The pages of the first stage: is what arrived complete and right?"""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.dates.fields import DayField
from accounts.dates.reading import Year
from cases.admin.frame.form_fields import field_of
from cases.admin.frame.rows_pages import RowsPage
from cases.admin.frame.task_pages import KnowsTheCase, TaskForm, TaskPage, because_field, task_page
from cases.application import facts
from cases.models import Constraint, ValidationRequest
from cases.models.application import OWNERSHIP_CERTIFICATES
from cases.reference_data.choices import constraint_types

Kind = ValidationRequest.Kind
NO_CERTIFICATE = ("", "None, or not needed")


# --- Description -----------------------------------------------------------------------------------------------------


class DescriptionForm(TaskForm):
    description = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=10_000,
        help_text="Precise and complete: it stands on the register, the notices and the decision.",
    )
    because = forms.CharField(label="Why it was changed", required=False)


@task_page("check_description")
class DescriptionPage(TaskPage):
    form_class = DescriptionForm
    template_name = "cases/admin/validation/description.html"
    asks = Kind.DESCRIPTION
    is_judgement = True
    guidance = "Does the description say what is on the plans? A better one is agreed with the applicant first."

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        return {"description": self.application.description}

    def act(self, form: KnowsTheCase) -> str:
        facts.change_description(self.application, by=self.request.user, **form.cleaned_data)
        return "Description checked."


# --- Red line --------------------------------------------------------------------------------------------------------


class RedLineForm(TaskForm):
    boundary = forms.CharField(
        label="Red line as GeoJSON",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "case-code"}),
        help_text="A polygon in longitude and latitude (WGS84). Draw on the map above, or paste it here.",
    )
    because = forms.CharField(label="Why it was changed", required=False)

    def clean_boundary(self) -> Any:
        try:
            return json.loads(self.cleaned_data["boundary"])
        except (ValueError, RecursionError) as error:
            raise ValidationError("This is not JSON.") from error


@task_page("check_red_line")
class RedLinePage(TaskPage):
    form_class = RedLineForm
    template_name = "cases/admin/validation/red_line.html"
    asks = Kind.RED_LINE
    is_judgement = True
    guidance = "The red line takes in all the land that the proposal needs, up to the public road, and no more."

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        boundary = self.application.boundary
        return {"boundary": json.dumps(boundary) if boundary else ""}

    def act(self, form: KnowsTheCase) -> str:
        facts.change_boundary(self.application, by=self.request.user, **form.cleaned_data)
        return "Red line checked."


# --- Fee -------------------------------------------------------------------------------------------------------------


class FeeForm(TaskForm):
    # To the penny: what is typed beyond that is refused, where the column would round it.
    fee_payable = forms.DecimalField(
        label="Fee payable (£)", min_value=0, max_digits=10, decimal_places=2, required=False
    )
    fee_paid = forms.DecimalField(label="Fee paid (£)", min_value=0, max_digits=10, decimal_places=2, required=False)
    payment_reference = forms.CharField(label="Payment reference", max_length=100, required=False)
    paid_on = DayField(label="Paid on", required=False, year=Year.LAST)
    less_because = forms.CharField(
        label="Exemption or reduction",
        max_length=300,
        required=False,
        help_text="Why less than the usual fee is right.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        payable, paid = data.get("fee_payable"), data.get("fee_paid")
        settled = self.data.get("outcome") == "done"
        if settled and payable and (paid or 0) < payable and not data.get("less_because"):
            self.add_error("fee_paid", "Less was paid than is due. Say why that is right, or that something is wrong.")
        return data


@task_page("check_fee")
class FeePage(TaskPage):
    form_class = FeeForm
    template_name = "cases/admin/validation/fee.html"
    asks = Kind.FEE
    is_judgement = True
    guidance = "The fee of the day on which the application was received counts. Without the whole fee it is not valid."

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        details = self.application.fee_details
        return {
            "fee_payable": self.application.fee_payable,
            "fee_paid": self.application.fee_paid,
            "payment_reference": details.get("payment_reference") or _paid_with(details),
            "paid_on": details.get("paid_on") or None,
            "less_because": details.get("less_because", "") if self.sees_private else "",
        }

    def act(self, form: KnowsTheCase) -> str:
        facts.record_fee(self.application, by=self.request.user, **form.cleaned_data)
        return "Fee checked."

    def get_context_data(self, **kwargs) -> dict:
        details = self.application.fee_details if self.sees_private else {}  # an exemption can tell of a disability
        return super().get_context_data(
            expected=facts.expected_fee(self.application),
            claimed=[*_claimed(details.get("exemption")), *_claimed(details.get("reduction"))],
            **kwargs,
        )


def _paid_with(details: dict[str, Any]) -> str:
    """The payment's number in a submission: {"reference": {"govPay": …}}."""
    reference = details.get("reference")
    return str(reference.get("govPay") or "") if isinstance(reference, dict) else ""


def _claimed(claims: Any) -> list[str]:
    """Names of what was claimed in a submission: {"disability": true, "resubmission": false} → ["disability"]."""
    if not isinstance(claims, dict):
        return []
    return [str(name).replace("_", " ") for name, claimed in claims.items() if claimed is True]


# --- Constraints -----------------------------------------------------------------------------------------------------


class AddConstraintForm(TaskForm):
    constraint_type: forms.ModelChoiceField = forms.ModelChoiceField(
        label="Constraint", queryset=None, empty_label="Choose a constraint"
    )
    name = forms.CharField(
        label="Its name", max_length=200, required=False, help_text="For example the conservation area's."
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field_of(self, "constraint_type", forms.ModelChoiceField).queryset = constraint_types()


class RemoveConstraintForm(TaskForm):
    because = because_field("Why it does not apply")


@task_page("check_constraints")
class ConstraintsPage(RowsPage):
    actions = {"add": AddConstraintForm, "remove": RemoveConstraintForm, "restore": TaskForm}
    opened_words = {
        "add": ("Add a constraint", "Add constraint"),
        "remove": ("It does not apply", "Take off the list"),
    }
    serious_actions = frozenset()  # it comes back with a click
    always_open = "add"
    template_name = "cases/admin/validation/constraints.html"
    is_judgement = True
    guidance = (
        "Compare with the council's own maps. What is on this list decides who is consulted and what limits apply."
    )

    def act_add(self, form: KnowsTheCase) -> str:
        added = facts.add_constraint(self.application, by=self.request.user, **form.cleaned_data)
        return f"Added: {added}."

    def act_remove(self, form: KnowsTheCase) -> str:
        removed = facts.remove_constraint(self.row(form.row), by=self.request.user, **form.cleaned_data)
        return f"Taken off: {removed}."

    def act_restore(self, form: KnowsTheCase) -> str:
        kind = self.row(form.row).constraint_type
        return f"Applies again: {facts.add_constraint(self.application, constraint_type=kind, by=self.request.user)}."

    def rows(self) -> QuerySet[Constraint]:
        return self.application.constraints.select_related("constraint_type")

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(
            applying=[row for row in self.all_rows if row.applies],
            removed=[row for row in self.all_rows if not row.applies],
            **kwargs,
        )


# --- Ownership certificate -------------------------------------------------------------------------------------------


class OwnershipForm(TaskForm):
    certificate = forms.ChoiceField(
        label="Certificate",
        required=False,
        choices=[*OWNERSHIP_CERTIFICATES, NO_CERTIFICATE],
        widget=forms.RadioSelect,
        help_text="A: the applicant owns all the land. B: others own some and were told. C, D: some or all unknown.",
    )


@task_page("check_ownership_certificate")
class OwnershipPage(TaskPage):
    form_class = OwnershipForm
    template_name = "cases/admin/validation/ownership.html"
    asks = Kind.OWNERSHIP
    is_judgement = True
    guidance = "DMPO 2015 articles 13 and 14: an application with a false or missing certificate is not valid."

    def initial_for(self, action: str, row: str) -> dict[str, Any]:
        return {"certificate": self.application.ownership_certificate}

    def act(self, form: KnowsTheCase) -> str:
        facts.set_ownership_certificate(self.application, by=self.request.user, **form.cleaned_data)
        return "Ownership certificate checked."

    def get_context_data(self, **kwargs) -> dict:
        owners = self.application.parties.filter(role="owner") if self.sees_private else ()
        return super().get_context_data(owners=list(owners), **kwargs)
