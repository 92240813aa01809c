"""The documents page of a case: bring them in, look through them, say of each what it is and what it replaces."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin import messages

from accounts.models import User
from cases.admin.frame.meanwhile import print_of
from cases.admin.frame.task_pages import KnowsTheCase, TaskForm, TaskPage, task_page
from cases.documents import adding, bulk, describing, fetching, redacted_copies
from cases.documents import lists as document_lists
from cases.documents.search import MOST_PAGES, hits_in_case
from cases.files.types import UnacceptableFile
from cases.models import Document, PlanningApplication
from cases.permissions import can_add_documents, can_correct, can_publish, can_see_document

from .forms import DescribeForm, FileForm, FilterForm, ReplaceForm, SupersedeForm, UploadForm, UseTypeForm

ON_A_PAGE = 50
HITS_SHOWN = 10
OF_THE_LIST = ("q", "group", "public", "standing", "scan", "received_from", "received_to", "sort", "p")


def works_documents(user: User, application: PlanningApplication) -> bool:
    return can_correct(user, application) or can_publish(user, application) or can_add_documents(user, application)


def list_query(asked: QueryDict, *, without: tuple[str, ...] = ()) -> str:
    """The part of an address that brings the same list again; "" for the list as it opens."""
    kept = QueryDict(mutable=True)
    for name in OF_THE_LIST:
        if name not in without and (value := asked.get(name, "")):
            kept[name] = value
    return kept.urlencode()


def list_url(application: PlanningApplication, query: str = "") -> str:
    url = reverse("case_task", args=[application.pk, "check_documents"])
    return f"{url}?{query}" if query else url


@task_page("check_documents")
class DocumentsPage(TaskPage):
    actions = {
        "upload": UploadForm,
        "describe": DescribeForm,
        "replace": ReplaceForm,
        "supersede": SupersedeForm,
        "redact": FileForm,
        "supply": FileForm,
        "retry": TaskForm,
        "use_type": UseTypeForm,
    }
    template_name = "cases/admin/documents/task.html"
    may = staticmethod(works_documents)
    is_judgement = True
    asks = "additional_document"
    guidance = "Look at each document before you publish it: telephone numbers, signatures and faces stay private."

    def form_arguments(self, action: str, row: str) -> dict[str, Any]:
        return {"instance": self._document(row)} if action == "describe" else {}

    def what_it_is_about(self, posted: KnowsTheCase) -> str:
        return print_of(self._document(posted.row)) if posted.row and posted.action != "upload" else ""

    def goes_to(self, action: str) -> str:
        if action == "save":
            return super().goes_to(action)
        row = self.request.POST.get("row", "")
        place = f"#document-{row}" if row.isascii() and row.isdecimal() else ""
        return list_url(self.application, list_query(self.request.GET)) + place

    # --- Verbs ------------------------------------------------------------------------------------------------------

    def act_upload(self, form: KnowsTheCase) -> str:
        """Each file by itself: one that cannot be taken does not keep the others out."""
        data, taken = form.cleaned_data, 0
        for file in data["files"]:
            try:
                adding.add_document(
                    self.application,
                    file=file,
                    name=file.name,
                    by=self.request.user,
                    types=data["types"],
                    received_on=data["received_on"],
                )
                taken += 1
            except UnacceptableFile as refusal:
                messages.error(self.request, f"{file.name}: {refusal}")
        if not taken:
            raise UnacceptableFile("No file could be taken.")
        return f"{taken} document{'' if taken == 1 else 's'} added."

    def act_describe(self, form: KnowsTheCase) -> str:
        # The form has written into its own instance; the verb reads the row afresh and compares.
        describing.change_document(self._document(form.row), by=self.request.user, **form.cleaned_data)
        return "Document changed."

    def act_use_type(self, form: KnowsTheCase) -> str:
        document = self._document(form.row)
        describing.use_suggested_type(document, code=form.cleaned_data["code"], by=self.request.user)
        return f"Type of “{document.title}” set."

    def act_replace(self, form: KnowsTheCase) -> str:
        name = form.cleaned_data["file"].name
        describing.replace_document(self._document(form.row), name=name, by=self.request.user, **form.cleaned_data)
        return "The newer document stands in its place. The older one is kept as superseded."

    def act_supersede(self, form: KnowsTheCase) -> str:
        describing.supersede(self._document(form.row), by=self.request.user, **form.cleaned_data)
        return "The newer document stands in its place. The older one is kept as superseded."

    def act_redact(self, form: KnowsTheCase) -> str:
        file = form.cleaned_data["file"]
        redacted_copies.add_redacted_copy(self._document(form.row), file=file, name=file.name, by=self.request.user)
        return "Redacted copy added; the original is withheld. Publish the copy when you have looked at it."

    def act_supply(self, form: KnowsTheCase) -> str:
        file = form.cleaned_data["file"]
        adding.supply_file(self._document(form.row), file=file, name=file.name, by=self.request.user)
        return "The file is here."

    def act_retry(self, form: KnowsTheCase) -> str:
        fetching.retry_fetch(self._document(form.row), by=self.request.user)
        return "It will be fetched again."

    # --- Page -------------------------------------------------------------------------------------------------------

    def _document(self, row: str) -> Document:
        if not (row.isascii() and row.isdecimal() and len(row) < 19):
            raise Http404("There is no such document in this case.")
        return get_object_or_404(self.application.documents.select_related("application"), pk=int(row))

    @cached_property
    def opened(self) -> Document | None:
        """The one document whose forms are on the page: asked for, or the one a refused form was about."""
        row = self.request.POST.get("row") or self.request.GET.get("document", "")
        return self._document(row) if row else None

    def get_context_data(self, **kwargs) -> dict:
        user = self.request.user
        opened = self.opened
        return super().get_context_data(
            **self._list(user),
            opened=opened,
            opened_forms=self._forms_of(opened) if opened else {},
            versions=document_lists.versions_of(opened) if opened else [],
            may_open_opened=opened is not None and can_see_document(user, opened),
            may_add=can_add_documents(user, self.application),
            may_change=can_correct(user, self.application),
            may_publish=can_publish(user, self.application),
            upload_form=self.form("upload"),
            upload_url=reverse("case_documents_upload", args=[self.application.pk]),
            **kwargs,
        )

    def _list(self, user: User) -> dict[str, Any]:
        types = document_lists.KnownTypes()
        filter_form = FilterForm(self.request.GET)
        asked = filter_form.asked()
        conditions = document_lists.limits(asked, self.application, user=user, types=types)
        numbers = document_lists.counts(self.application, conditions, types=types)
        filter_form.tell(numbers)
        documents = document_lists.in_order(document_lists.matching(self.application, conditions), asked.sort)
        paginator = Paginator(documents, ON_A_PAGE)
        paginator.count = numbers[""]["shown"]  # counted already
        page_obj = paginator.get_page(self.request.GET.get("p"))
        hits = hits_in_case(user, asked.q, application=self.application) if asked.q else []
        return {
            "filter_form": filter_form,
            "asked": asked,
            "is_filtered": asked.is_limited or asked.standing != document_lists.CURRENT,
            "numbers": numbers[""],
            "superseded_number": numbers["standing"][document_lists.SUPERSEDED],
            "proposed_number": numbers["public"][document_lists.PROPOSED],
            "page_obj": page_obj,
            "documents": document_lists.described(page_obj, self.application, user=user, types=types),
            "hits": hits[:HITS_SHOWN],
            "more_hits": hits[HITS_SHOWN:],
            "hits_are_cut": len(hits) == MOST_PAGES,
            "deeds": bulk.deeds_for(user, self.application),
            "list_query": list_query(self.request.GET, without=("p",)),
            "this_query": list_query(self.request.GET),
        }

    def _forms_of(self, document: Document) -> dict[str, forms.BaseForm]:
        missing = document.fetch_status != Document.FetchStatus.HERE
        names = ["describe", *(["supply"] if missing else ["replace", "redact"]), "supersede"]
        return {name: self.form(name, row=document.pk) for name in names}
