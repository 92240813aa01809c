"""The forms of the officers' document pages."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.dates.fields import DayField, End
from accounts.dates.reading import Year
from accounts.plain_text import PlainWords
from cases.admin.frame.form_fields import field_of
from cases.admin.frame.task_pages import TaskForm, TaskModelForm
from cases.documents.bulk import NEEDS_REASON, NEEDS_TYPES, Deed
from cases.documents.lists import GROUPS, PUBLIC, SORTS, STANDINGS, Asked
from cases.documents.search import question
from cases.models import Document
from cases.models.document import ScanStatus
from cases.reference_data.choices import document_types


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """One field, any number of files: cleans to a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(ManyFilesField, self).clean(file, initial) for file in files or [None]]


def type_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Document types in groups, as <optgroup>."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for kind in document_types():
        groups.setdefault(kind.get_group_display(), []).append((kind.code, kind.label))
    return list(groups.items())


class TypesField(forms.MultipleChoiceField):
    """Types of a document, chosen from a list box. What a document already has may stay, in use or not."""

    def __init__(self, **kwargs):
        widget = forms.SelectMultiple(attrs={"size": 8})
        super().__init__(**{"choices": type_choices, "widget": widget, "required": False, **kwargs})


class ReceivedForm(forms.BaseForm):
    """What has been received was received today or before; what came after hours keeps its next working day."""

    def clean_received_on(self) -> date | None:
        day = self.cleaned_data["received_on"]
        if day and day > timezone.localdate() and day != self.initial.get("received_on"):
            raise ValidationError("The day must be today or in the past.")
        return day


class UploadForm(ReceivedForm, TaskForm):
    files = ManyFilesField(  # type: ignore[assignment]  # Django takes fields out of the class: what was sent stays `files`
        allow_empty_file=True, help_text="PDF, PNG, JPEG and the like. You can choose many at once."
    )
    types = TypesField(label="Types", help_text="The same for all of them; you can change each one after.")
    received_on = DayField(label="Received on", initial=timezone.localdate, year=Year.LAST)


class OneFileForm(ReceivedForm, forms.Form):
    """One file of many, sent by the script of the page with what was chosen for all of them."""

    file = forms.FileField(allow_empty_file=True)  # the verb says in its own words that it is empty
    types = TypesField()
    received_on = DayField(required=False, year=Year.LAST)


class DescribeForm(ReceivedForm, TaskModelForm):
    types = TypesField(label="Types")
    received_on = DayField(label="Received on", year=Year.LAST)

    class Meta:
        model = Document
        fields = (
            "title",
            "types",
            "drawing_number",
            "revision",
            "description",
            "received_on",
            "is_approved_plan",
        )
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}


class FileForm(TaskForm):
    file = forms.FileField()


class ReplaceForm(ReceivedForm, FileForm):
    revision = forms.CharField(label="Its revision", max_length=20, required=False)
    received_on = DayField(label="Received on", initial=timezone.localdate, year=Year.LAST)


class SupersedeForm(TaskForm):
    with_document: forms.ModelChoiceField = forms.ModelChoiceField(
        label="Newer document", queryset=None, empty_label="Choose a document"
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        others = self.application.documents.current()
        field_of(self, "with_document", forms.ModelChoiceField).queryset = (
            others.exclude(pk=self.row) if self.row.isdecimal() else others
        )


class UseTypeForm(TaskForm):
    code = forms.CharField(max_length=80)


class FilterForm(PlainWords, forms.Form):
    """What to show of the list. Wrong or unknown values are no limit; a page that was bookmarked never fails."""

    q = forms.CharField(
        label="Find",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
        help_text="Title, drawing number, or words inside the documents. “Two words” in quotes stand together.",
    )
    group = forms.ChoiceField(label="Type", required=False)
    public = forms.ChoiceField(label="Public status", required=False)
    standing = forms.ChoiceField(label="Version", required=False)
    scan = forms.ChoiceField(label="Virus scan", required=False)
    received_from = DayField(label="Received from", required=False, year=Year.PRESENT, end=End.FIRST)
    received_to = DayField(label="Received to", required=False, year=Year.PRESENT, end=End.LAST)
    sort = forms.ChoiceField(
        label="Order", required=False, choices=[(value, words) for value, (words, _) in SORTS.items()]
    )

    CHOICES = {"group": GROUPS, "public": PUBLIC, "standing": STANDINGS, "scan": ScanStatus.choices}
    NO_LIMIT = {"group": "All types", "public": "Any", "scan": "Any"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, choices in self.CHOICES.items():
            field_of(self, name, forms.ChoiceField).choices = [*self._no_limit(name), *choices]

    def asked(self) -> Asked:
        self.is_valid()
        data = {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}
        return Asked(**{**data, "q": question(data.get("q", ""))})

    def tell(self, counts: dict[str, dict]) -> None:
        """Say beside each choice how many documents it would show."""
        for name, choices in self.CHOICES.items():
            numbers = counts.get(name, {})
            told = [(value, f"{words} ({numbers.get(value, 0)})") for value, words in choices]
            field_of(self, name, forms.ChoiceField).choices = [*self._no_limit(name), *told]

    def _no_limit(self, name: str) -> list[tuple[str, str]]:
        return [("", self.NO_LIMIT[name])] if name in self.NO_LIMIT else []


class DeedForm(PlainWords, ReceivedForm, forms.Form):
    """What else must be said before many documents are changed together."""

    because = forms.CharField(
        label="Why",
        max_length=300,
        help_text="Kept with the documents and in the history.",
        error_messages={"required": "Say why: colleagues read it beside the documents."},
    )
    types = TypesField(label="Types", required=True, error_messages={"required": "Choose at least one type."})
    received_on = DayField(label="Received on", initial=timezone.localdate, year=Year.LAST)

    def __init__(self, *args, deed: Deed, **kwargs):
        super().__init__(*args, **kwargs)
        needed = {
            "because": deed in NEEDS_REASON,
            "types": deed in NEEDS_TYPES,
            "received_on": deed == Deed.RECEIVED_ON,
        }
        for name, is_needed in needed.items():
            if not is_needed:
                del self.fields[name]
