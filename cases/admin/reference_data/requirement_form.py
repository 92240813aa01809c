"""The form of one item of the checklist: what must come, with which applications, on which land."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from django import forms

from cases.models import Requirement
from cases.reference_data.choices import application_types_in_use, constraint_types, document_types, invalid_reasons

from .forms import ReferenceForm

Choices = list[tuple[str, Any]]


def _document_types() -> Choices:
    rows = groupby(document_types().order_by("group", "label"), key=lambda row: row.get_group_display())
    return [(group, [(row.code, row.label) for row in members]) for group, members in rows]


def _application_types() -> Choices:
    return [(row.code, row.name) for row in application_types_in_use().order_by("name")]


def _constraints() -> Choices:
    rows = groupby(constraint_types().order_by("category", "name"), key=lambda row: row.category.capitalize())
    return [(category, [(row.code, row.name) for row in members]) for category, members in rows]


class Several(forms.CheckboxSelectMultiple):
    """Many boxes to tick, in a frame that scrolls."""

    class Media:
        css = {"all": ["css/several.css"]}


def _several(label: str, choices: Callable[[], Choices], help_text: str) -> forms.MultipleChoiceField:
    widget = Several(attrs={"class": "several"})
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=widget, help_text=help_text)


class RequirementForm(ReferenceForm):
    document_types = _several(
        "Document types", _document_types, "One of them is enough. Needed where a document is asked for."
    )
    application_types = _several("Kinds of application", _application_types, "None ticked: all of them.")
    constraints = _several(
        "Only where one of these touches the site",
        _constraints,
        "None ticked: everywhere. Flood zone 3 takes in 3a and 3b.",
    )

    class Meta:
        model = Requirement
        fields: list[str] = []  # the panels name them

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "reason" in self.fields:
            self.fields["reason"].queryset = invalid_reasons()

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("rule") == Requirement.Rule.DOCUMENT and not data.get("document_types"):
            self.add_error("document_types", "Say which documents would do.")
        return data
