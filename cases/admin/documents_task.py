"""The documents page: many at once, then each with its type, number and public status."""

from typing import Any

from django import forms
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from wagtail.admin import messages
from wagtail.admin.widgets import AdminDateInput

from accounts.models import User
from cases import documents as verbs
from cases.choices import document_type_labels, document_types
from cases.documents import UnacceptableFile
from cases.models import Document, PlanningApplication
from cases.permissions import can_add_documents, can_correct, can_publish
from cases.statuses import PublicStatus

from .task_pages import TaskForm, TaskModelForm, TaskPage, task_page

TAG = "tag"


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
        super().__init__(choices=type_choices, widget=forms.SelectMultiple(attrs={"size": 8}), required=False, **kwargs)


class UploadForm(TaskForm):
    files = ManyFilesField(help_text="PDF, PNG, JPEG and the like. You can choose many at once.")
    types = TypesField(label="Types", help_text="The same for all of them; you can change each one after.")
    received_on = forms.DateField(label="Received on", widget=AdminDateInput, initial=timezone.localdate)


class TogetherForm(TaskForm):
    """What is done with all the chosen documents."""

    documents = forms.ModelMultipleChoiceField(queryset=None)
    do = forms.ChoiceField(
        label="What to do with them",
        choices=[
            (PublicStatus.PUBLISH, "Publish"), (PublicStatus.WITHHOLD, "Withhold"),
            (PublicStatus.NOT_ASSESSED, "Mark as not assessed"), (TAG, "Set the types"),
        ],
    )  # fmt: skip
    because = forms.CharField(label="Why they are withheld", required=False)
    types = TypesField(label="Types")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["documents"].queryset = self.application.documents.all()
        self.fields["documents"].error_messages["required"] = "Choose at least one document."


class DescribeForm(TaskModelForm):
    types = TypesField(label="Types")

    class Meta:
        model = Document
        fields = (
            "title", "types", "drawing_number", "revision", "description", "received_on", "is_approved_plan",
        )  # fmt: skip
        widgets = {"received_on": AdminDateInput, "description": forms.Textarea(attrs={"rows": 2})}


class FileForm(TaskForm):
    file = forms.FileField()


class ReplaceForm(FileForm):
    revision = forms.CharField(label="Its revision", max_length=20, required=False)
    received_on = forms.DateField(label="Received on", widget=AdminDateInput, initial=timezone.localdate)


class SupersedeForm(TaskForm):
    with_document = forms.ModelChoiceField(label="Newer document", queryset=None, empty_label="Choose a document")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        others = self.application.documents.current()
        self.fields["with_document"].queryset = others.exclude(pk=self.row) if self.row.isdigit() else others


def works_documents(user: User, application: PlanningApplication) -> bool:
    return can_correct(user, application) or can_publish(user, application) or can_add_documents(user, application)


@task_page("check_documents")
class DocumentsPage(TaskPage):
    actions = {
        "upload": UploadForm, "together": TogetherForm, "describe": DescribeForm, "replace": ReplaceForm,
        "supersede": SupersedeForm, "redact": FileForm, "supply": FileForm, "retry": TaskForm,
    }  # fmt: skip
    template_name = "cases/admin/tasks/documents.html"
    may = staticmethod(works_documents)
    is_judgement = True
    guidance = "Look at each document before you publish it: telephone numbers, signatures and faces stay private."

    def form_arguments(self, action: str, row: str) -> dict[str, Any]:
        return {"instance": self._document(row)} if action == "describe" else {}

    # --- Verbs ------------------------------------------------------------------------------------------------------

    def act_upload(self, form: forms.BaseForm) -> str:
        """Each file by itself: one that cannot be taken does not keep the others out."""
        data, taken = form.cleaned_data, 0
        for file in data["files"]:
            try:
                verbs.add_document(
                    self.application, file=file, name=file.name, by=self.request.user, types=data["types"],
                    received_on=data["received_on"],
                )  # fmt: skip
                taken += 1
            except UnacceptableFile as refusal:
                messages.error(self.request, f"{file.name}: {refusal}")
        if not taken:
            raise UnacceptableFile("No file could be taken.")
        return f"{taken} document{'' if taken == 1 else 's'} added."

    def act_together(self, form: forms.BaseForm) -> str:
        data = form.cleaned_data
        if data["do"] == TAG:
            for document in data["documents"]:
                verbs.change_document(document, types=data["types"], by=self.request.user)
            return "Types set."
        chosen = list(data["documents"].select_related("application"))
        verbs.set_public_status(chosen, status=data["do"], because=data["because"], by=self.request.user)
        return "Public status changed."

    def act_describe(self, form: forms.BaseForm) -> str:
        # The form has written into its own instance; the verb reads the row afresh and compares.
        verbs.change_document(self._document(form.row), by=self.request.user, **form.cleaned_data)
        return "Document changed."

    def act_replace(self, form: forms.BaseForm) -> str:
        name = form.cleaned_data["file"].name
        verbs.replace_document(self._document(form.row), name=name, by=self.request.user, **form.cleaned_data)
        return "The newer document stands in its place."

    def act_supersede(self, form: forms.BaseForm) -> str:
        verbs.supersede(self._document(form.row), by=self.request.user, **form.cleaned_data)
        return "The newer document stands in its place."

    def act_redact(self, form: forms.BaseForm) -> str:
        file = form.cleaned_data["file"]
        verbs.add_redacted_copy(self._document(form.row), file=file, name=file.name, by=self.request.user)
        return "Redacted copy added; the original is withheld. Publish the copy when you have looked at it."

    def act_supply(self, form: forms.BaseForm) -> str:
        file = form.cleaned_data["file"]
        verbs.supply_file(self._document(form.row), file=file, name=file.name, by=self.request.user)
        return "The file is here."

    def act_retry(self, form: forms.BaseForm) -> str:
        verbs.retry_fetch(self._document(form.row), by=self.request.user)
        return "It will be fetched again."

    # --- Page -------------------------------------------------------------------------------------------------------

    def _document(self, row: str) -> Document:
        pk = int(row) if row.isdigit() else 0
        return get_object_or_404(self.application.documents.select_related("application"), pk=pk)

    @cached_property
    def opened(self) -> Document | None:
        """The one document whose forms are on the page: asked for, or the one a refused form was about."""
        row = self.request.POST.get("row") or self.request.GET.get("document", "")
        return self._document(row) if row else None

    def get_context_data(self, **kwargs) -> dict:
        user = self.request.user
        labels = document_type_labels()
        documents = list(self.application.documents.select_related("redacted_from"))
        for document in documents:
            document.type_labels = [labels.get(code, code) for code in document.types]
        together = self.form("together")
        return super().get_context_data(
            documents=[document for document in documents if document.is_current],
            superseded=[document for document in documents if not document.is_current],
            opened=self.opened,
            opened_forms=self._forms_of(self.opened) if self.opened else {},
            may_add=can_add_documents(user, self.application),
            may_change=can_correct(user, self.application),
            may_publish=can_publish(user, self.application),
            upload_form=self.form("upload"),
            together_form=together,
            ticked={int(pk) for pk in together["documents"].value() or [] if str(pk).isdigit()},
            **kwargs,
        )

    def _forms_of(self, document: Document) -> dict[str, forms.BaseForm]:
        missing = document.fetch_status != Document.FetchStatus.HERE
        names = ["describe", *(["supply"] if missing else ["replace", "redact"]), "supersede"]
        return {name: self.form(name, row=document.pk) for name in names}
