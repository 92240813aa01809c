"""The forms with which officers ask the applicant for something: one for each kind, with its own fields only."""

import json
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from cases.admin.frame.form_fields import field_of
from cases.admin.frame.task_pages import TaskForm
from cases.models import Check, InvalidReason, PlanningApplication, ValidationRequest
from cases.reference_data.choices import document_types, invalid_reasons
from cases.request_kinds import kind_for

Kind = ValidationRequest.Kind
# The task on which something is found wrong → what is asked for.
KIND_OF_TASK = {
    "check_documents": Kind.ADDITIONAL_DOCUMENT,
    "check_description": Kind.DESCRIPTION,
    "check_red_line": Kind.RED_LINE,
    "check_fee": Kind.FEE,
    "check_ownership_certificate": Kind.OWNERSHIP,
}
APPLICANT, COUNCIL = "applicant", "council"


def long_field(label: str, rows: int = 4, **kwargs) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


def type_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Document types in groups, as <optgroup>."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for kind in document_types():
        groups.setdefault(kind.get_group_display(), []).append((kind.code, kind.label))
    return list(groups.items())


class AskForm(TaskForm):
    """What every kind has: the words. The cleaned data are the arguments of draft_request().

    `asked` is the request that is changed or asked again, if it is about one.
    """

    heading: ClassVar[str] = ""
    about: ClassVar[str] = ""
    usual_title: ClassVar[str] = ""
    title = forms.CharField(max_length=200, label="In a few words", help_text="It heads the request in the letter.")
    text = long_field("What is wrong")
    what_to_send: forms.CharField | None = long_field("What would put it right", rows=3)
    reason: forms.ModelChoiceField = forms.ModelChoiceField(queryset=None, required=False, widget=forms.HiddenInput)

    def __init__(self, *args, asked: ValidationRequest | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.asked = asked
        field_of(self, "reason", forms.ModelChoiceField).queryset = invalid_reasons()

    @classmethod
    def usual(cls, application: PlanningApplication) -> dict[str, Any]:
        """What the form shows before anything is typed."""
        return {"title": cls.usual_title}


class AdditionalDocumentForm(AskForm):
    heading = "Ask for a document that is missing"
    document_types = forms.MultipleChoiceField(
        label="Which document",
        choices=type_choices,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        required=False,
        help_text="What comes is given these types. Hold Ctrl (on a Mac, Cmd) to choose several.",
    )
    field_order = ("title", "document_types", "text", "what_to_send")


class ReplacementDocumentForm(AskForm):
    heading = "Ask for a document to be replaced"
    document: forms.ModelChoiceField = forms.ModelChoiceField(
        label="Which document", queryset=None, empty_label="Choose a document"
    )
    field_order = ("document", "title", "text", "what_to_send")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Redacted copies are the council's own making; what is asked for once cannot be asked for twice at a time.
        asked = self.application.validation_requests.filter(
            resolved_at=None, kind=Kind.REPLACEMENT_DOCUMENT, document__isnull=False
        )
        if self.asked:
            asked = asked.exclude(pk=self.asked.pk)
        current = self.application.documents.current().filter(redacted_from=None)
        field_of(self, "document", forms.ModelChoiceField).queryset = current.exclude(pk__in=asked.values("document"))


class DescriptionForm(AskForm):
    heading = "Ask for a change of the description"
    about = (
        "The applicant is shown your words beside the present ones and agrees or disagrees. No answer within five "
        "working days of sending counts as agreement, but only to words that were sent."
    )
    usual_title = "Description of the proposal"
    what_to_send = None  # what is asked is a yes or a no
    proposed_description = long_field(
        "The words that you propose",
        rows=5,
        required=False,
        max_length=10_000,
        help_text="Leave it empty to ask the applicant for better words.",
    )
    text = long_field("Why it should change")
    field_order = ("title", "proposed_description", "text")

    @classmethod
    def usual(cls, application: PlanningApplication) -> dict[str, Any]:
        return {"title": cls.usual_title, "proposed_description": application.description}

    def clean_proposed_description(self) -> str:
        words = self.cleaned_data["proposed_description"].strip()
        if words and words == self.application.description.strip():
            raise ValidationError("These are the present words. Change them, or leave the field empty.")
        return words


class RedLineForm(AskForm):
    heading = "Ask for a change of the red line"
    about = "A red line never changes by silence: the applicant agrees to yours, or draws another."
    usual_title = "Red line"
    drawn_by = forms.ChoiceField(
        label="Who draws the new line",
        widget=forms.RadioSelect,
        choices=[(APPLICANT, "The applicant draws it"), (COUNCIL, "We propose the line on this map")],
    )
    proposed_boundary = forms.CharField(
        label="Proposed line as GeoJSON",
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "case-code"}),
        help_text="A polygon in longitude and latitude (WGS84). Draw on the map above, or paste it here.",
    )
    field_order = ("title", "text", "what_to_send", "drawn_by", "proposed_boundary")

    @classmethod
    def usual(cls, application: PlanningApplication) -> dict[str, Any]:
        boundary = application.boundary
        return {
            "title": cls.usual_title,
            "drawn_by": APPLICANT,
            "what_to_send": "Please draw the red line on the map, or send a location plan that shows it.",
            "proposed_boundary": json.dumps(boundary) if boundary else "",
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        drawn_by, text = data.pop("drawn_by", APPLICANT), data.get("proposed_boundary", "")
        data["proposed_boundary"] = None
        if drawn_by == COUNCIL:
            data["proposed_boundary"] = self._drawn(text)
        return data

    def _drawn(self, text: str) -> Any:
        try:
            drawn = json.loads(text) if text.strip() else None
        except (ValueError, RecursionError):
            self.add_error("proposed_boundary", "This is not JSON.")
            return None
        if drawn is None:
            self.add_error("proposed_boundary", "Draw the line that you propose.")
        elif drawn == self.application.boundary:
            self.add_error("proposed_boundary", "This is the present line. Change it, or let the applicant draw it.")
        return drawn


class FeeForm(AskForm):
    heading = "Ask for the fee"
    usual_title = "Fee"


class OwnershipForm(AskForm):
    heading = "Ask for the ownership certificate"
    about = "The applicant fills in the certificate on our pages, with the owners who were told."
    usual_title = "Ownership certificate"


class OtherForm(AskForm):
    heading = "Ask for something else"


class TermsForm(AskForm):
    heading = "Propose heads of terms"
    about = "One request for each term of a planning obligation. No day is set for the answer."
    title = forms.CharField(max_length=200, label="The term", help_text="For example “Affordable housing”.")
    text = long_field("What is to be agreed", rows=6)
    what_to_send = None


class ConditionWordsForm(AskForm):
    """A condition to be met before work starts: its words come from the condition (condition_agreement.py)."""

    heading = "Ask for agreement to a condition"
    title = forms.CharField(max_length=200, label="The condition")
    text = long_field("Its words and reasons, as the applicant reads them", rows=10)
    what_to_send = None


class TimeForm(AskForm):
    """More time is asked for on the page of extensions; here only its words are changed before they are sent."""

    heading = "Ask for more time"
    text = long_field("Why more time is needed")
    what_to_send = None


FORMS: dict[str, type[AskForm]] = {
    Kind.ADDITIONAL_DOCUMENT: AdditionalDocumentForm,
    Kind.REPLACEMENT_DOCUMENT: ReplacementDocumentForm,
    Kind.DESCRIPTION: DescriptionForm,
    Kind.RED_LINE: RedLineForm,
    Kind.FEE: FeeForm,
    Kind.OWNERSHIP: OwnershipForm,
    Kind.OTHER: OtherForm,
    Kind.HEADS_OF_TERMS: TermsForm,
    Kind.PRE_COMMENCEMENT: ConditionWordsForm,
    Kind.EXTENSION_OF_TIME: TimeForm,
}
# What is begun on a page of its own: conditions on theirs, more time on the page of extensions.
BEGUN_ELSEWHERE = frozenset({Kind.PRE_COMMENCEMENT, Kind.EXTENSION_OF_TIME})


def kind_for_reason(reason: InvalidReason) -> str:
    kind = kind_for(reason)
    return kind if kind in FORMS else Kind.OTHER


def words_of_reason(reason: InvalidReason) -> dict[str, Any]:
    return {"title": reason.title, "text": reason.text, "what_to_send": reason.what_to_send, "reason": reason.pk}


def words_of_check(check: Check) -> dict[str, Any]:
    """What a colleague noted on the task, as the beginning of what is asked."""
    return {"text": check.note}


def words_of_request(request: ValidationRequest) -> dict[str, Any]:
    """Everything that the request says, for a form that changes it or asks again."""
    boundary = request.proposed_boundary
    return {
        "title": request.title,
        "text": request.text,
        "what_to_send": request.what_to_send,
        "reason": request.reason_id,
        "document": request.document_id,
        "document_types": request.document_types,
        "proposed_description": request.proposed_description,
        "drawn_by": COUNCIL if boundary else APPLICANT,
        "proposed_boundary": json.dumps(boundary or request.application.boundary or None),
    }
