"""Many documents at once: one page that says what would happen to how many, then all of it or nothing.

The list posts what was chosen (ticks, or all that fit its filter) and what to do; this page names those that cannot,
asks what else must be said, and posts again with `confirmed`: the documents that the officer saw, and with `stood`: how
they stood. When one of these can no longer, or stands otherwise, nothing is done and the page is shown again.
"""

import hashlib
import json
from collections.abc import Iterable

from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from wagtail.admin import messages

from cases.admin.frame.case_views import CaseView
from cases.documents import lists as document_lists
from cases.documents.bulk import Deed, Plan, carry_out, deeds_for, plan_for
from cases.documents.private_words import ToLookAt, to_look_at
from cases.files.types import UnacceptableFile
from cases.models import Document
from cases.statuses import PublicStatus

from .forms import DeedForm, FilterForm
from .task import list_query, list_url

NAMED = 50  # documents that stay behind are named up to this number
PUBLISHED_BY_MISTAKE = "Published by mistake."

# Deed → what the page says will happen, the button, and what was done. {} is “12 documents” or “1 document”.
WORDS: dict[Deed, tuple[str, str, str]] = {
    Deed.PUBLISH: ("{} will be public at once.", "Publish {}", "{} published."),
    Deed.WITHHOLD: ("{} will not be public.", "Withhold {}", "{} withheld."),
    Deed.NOT_ASSESSED: (
        "{} will wait to be looked at, and will not be public.",
        "Mark {} as not looked at yet",
        "{} marked as not looked at yet.",
    ),
    Deed.CONFIRM: ("{} will be public at once.", "Agree and publish {}", "{} published."),
    Deed.REFUSE: (
        "{} will not be published. Who proposed it sees why in the history.",
        "Do not agree to {}",
        "Publication of {} not agreed.",
    ),
    Deed.TAKE_BACK: ("Your proposal to publish {} is taken back.", "Take back {}", "Proposal taken back: {}."),
    Deed.ADD_TYPES: ("{} will get the types you choose, beside what they have.", "Add types to {}", "Types of {} set."),
    Deed.SET_TYPES: ("{} will have the types you choose and no others.", "Set the types of {}", "Types of {} set."),
    Deed.USE_SUGGESTIONS: ("{} will get the first type suggested.", "Use suggestions for {}", "Types of {} set."),
    Deed.RECEIVED_ON: ("{} will have this day of receipt.", "Set the day for {}", "Day of receipt of {} set."),
}
PROPOSING = (
    "{} will wait for another officer, who looks and publishes.",
    "Propose to publish {}",
    "{} proposed. Another officer must look before the public sees anything.",
)


class TogetherPage(CaseView):
    crumb = "Documents together"
    template_name = "cases/admin/documents/together.html"
    http_method_names = ["get", "post", "head", "options"]

    def get(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        """?undo=17: what event 17 published is to be withheld again. Anything else leads back to the list."""
        chosen = self._published_by(request.GET.get("undo", ""))
        if not chosen or Deed.WITHHOLD not in deeds_for(self.request.user, self.application):
            return HttpResponseRedirect(list_url(self.application))
        plan = self._plan(chosen, Deed.WITHHOLD)
        return self._page(plan, DeedForm(deed=Deed.WITHHOLD, initial={"because": PUBLISHED_BY_MISTAKE}))

    def posted_forms(self) -> list[DeedForm]:
        deed = self.request.POST.get("deed", "")
        is_filled_in = deed in Deed.values and "confirmed" in self.request.POST
        return [DeedForm(self.request.POST, deed=Deed(deed))] if is_filled_in else []

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        deed = self._deed() if request.POST.get("deed") else None
        if deed and "confirmed" in request.POST:
            return self._do(deed)
        chosen = self._chosen()
        if not chosen:
            messages.error(request, "Choose at least one document.")
            return HttpResponseRedirect(self._back())
        return self._page(self._plan(chosen, deed), DeedForm(deed=deed)) if deed else self._asks_what_to_do(chosen)

    def _asks_what_to_do(self, chosen: list[Document]) -> HttpResponse:
        context = self.get_context_data(
            asks=f"Choose what to do with {documents(len(chosen))}",
            chosen=chosen,
            deeds=deeds_for(self.request.user, self.application),
            list=self.request.POST.get("list", ""),
            back=self._back(),
        )
        if not context["deeds"]:
            raise PermissionDenied("You cannot do anything with the documents of this case now.")
        return TemplateResponse(self.request, "cases/admin/documents/no_deed.html", context, status=422)

    def _do(self, deed: Deed) -> HttpResponse:
        form = DeedForm(self.request.POST, deed=deed)
        seen = self._named(self.request.POST.getlist("confirmed"))
        if not form.is_valid():
            return self._page(self._plan(seen, deed), form, status=422)
        said = {name: form.cleaned_data[name] for name in ("types", "received_on") if name in form.cleaned_data}
        plan = self._plan(seen, deed, **said)
        is_other = self.request.POST.get("stood", stood(seen)) != stood(seen)
        if is_other or plan.cannot or len(seen) < len(set(self.request.POST.getlist("confirmed"))):
            form.add_error(None, "Something has changed since you chose. Nothing was done: look again.")
            return self._page(plan, form, status=422)
        try:
            because = form.cleaned_data.get("because", "")
            carry_out(plan, application=self.application, by=self.request.user, because=because, **said)
        except (ValidationError, UnacceptableFile) as refusal:
            form.add_error(None, refusal if isinstance(refusal, ValidationError) else str(refusal))
            return self._page(self._plan(seen, deed, **said), form, status=422)
        done = words_of(plan)[2].format(documents(len(plan.can)))
        messages.success(self.request, done, buttons=self._undo(plan))
        return HttpResponseRedirect(self._back())

    def _undo(self, plan: Plan) -> list:
        if plan.deed not in (Deed.PUBLISH, Deed.CONFIRM) or plan.only_proposes:
            return []
        event = self.application.events.filter(kind="documents_published").order_by("-sequence").first()
        url = reverse("case_documents_together", args=[self.application.pk])
        return [messages.button(f"{url}?undo={event.sequence}", "Undo: withhold them again")] if event else []

    # --- What was chosen --------------------------------------------------------------------------------------------

    def _deed(self) -> Deed:
        try:
            deed = Deed(self.request.POST.get("deed", ""))
        except ValueError as error:
            raise BadRequest("There is nothing of that name to do.") from error
        if deed not in deeds_for(self.request.user, self.application):
            raise PermissionDenied("You cannot do this with the documents of this case now.")
        return deed

    def _chosen(self) -> list[Document]:
        if "everything" not in self.request.POST:
            return self._named(self.request.POST.getlist("document"))
        asked = FilterForm(self._list_asked).asked()
        types = document_lists.KnownTypes()
        conditions = document_lists.limits(asked, self.application, user=self.request.user, types=types)
        fitting = document_lists.matching(self.application, conditions)
        return list(document_lists.in_order(fitting, asked.sort))

    def _named(self, keys: list[str]) -> list[Document]:
        numbers = {int(key) for key in keys if key.isascii() and key.isdecimal() and len(key) < 19}
        return list(document_lists.in_order(self.application.documents.filter(pk__in=numbers), "newest"))

    def _published_by(self, sequence: str) -> list[Document]:
        if not (sequence.isascii() and sequence.isdecimal() and len(sequence) < 9):
            return []
        event = self.application.events.filter(sequence=int(sequence), kind="documents_published").first()
        if event is None or event.data.get("status") != PublicStatus.PUBLISH:
            return []
        still = self.application.documents.filter(pk__in=event.data["documents"], public_status=PublicStatus.PUBLISH)
        return list(document_lists.in_order(still, "newest"))

    @property
    def _list_asked(self) -> QueryDict:
        return QueryDict(self.request.POST.get("list", ""))

    def _back(self) -> str:
        return list_url(self.application, list_query(self._list_asked))

    # --- Page -------------------------------------------------------------------------------------------------------

    def _plan(self, chosen: list[Document], deed: Deed, **said) -> Plan:
        if deed in (Deed.ADD_TYPES, Deed.SET_TYPES, Deed.RECEIVED_ON) and not said:
            return Plan(deed, can=chosen)  # who has it already shows when the types or the day are known
        return plan_for(chosen, application=self.application, deed=deed, by=self.request.user, **said)

    def _page(self, plan: Plan, form: DeedForm, *, status: int = 200) -> HttpResponse:
        will, button, _ = words_of(plan)
        number = documents(len(plan.can))
        context = self.get_context_data(
            plan=plan,
            form=form,
            will=will.format(number),
            button=button.format(number),
            behind=plan.cannot[:NAMED],
            behind_more=max(len(plan.cannot) - NAMED, 0),
            shown=self._shown(plan),
            stood=stood([*plan.can, *plan.already]),
            to_look_at=_private_words(plan),
            withheld=_withheld(plan)[:NAMED],
            withheld_number=len(_withheld(plan)),
            not_shown=max(len(plan.can) - NAMED, 0),
            list=self.request.POST.get("list", ""),
            back=self._back(),
            error_forms=[form] if form.errors else [],
            media=form.media,
        )
        return self.render_to_response(context, status=status)

    def _shown(self, plan: Plan) -> list[tuple[Document, str]]:
        """Those that change, each with the type it gets where that differs from one to the next."""
        if plan.deed != Deed.USE_SUGGESTIONS:
            return [(document, "") for document in plan.can[:NAMED]]
        labels = document_lists.KnownTypes().labels
        return [
            (document, labels.get(document.suggested_types[0], document.suggested_types[0]))
            for document in plan.can[:NAMED]
        ]


def stood(documents: Iterable[Document]) -> str:
    """How the documents stand to the public, in short: another word once a colleague has said something of one."""
    rows = sorted(
        (document.pk, document.public_status, document.withheld_because, document.publication_asked_by_id or 0)
        for document in documents
    )
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]


def _private_words(plan: Plan) -> list[ToLookAt]:
    """Those that would be public, or go to a second person, and that seem to hold somebody's number or address."""
    return to_look_at(plan.can) if plan.deed in (Deed.PUBLISH, Deed.CONFIRM) else []


def _withheld(plan: Plan) -> list[Document]:
    """Those that somebody has withheld, with a reason, and that would be published all the same."""
    if plan.deed not in (Deed.PUBLISH, Deed.CONFIRM):
        return []
    return [document for document in plan.can if document.public_status == PublicStatus.WITHHOLD]


def words_of(plan: Plan) -> tuple[str, str, str]:
    return PROPOSING if plan.only_proposes else WORDS[plan.deed]


def documents(number: int) -> str:
    return "1 document" if number == 1 else f"{number} documents"
