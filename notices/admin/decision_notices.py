"""Decision notices in Wagtail's admin: a list, the editor for the officer's words, the history.

Wagtail's own addresses obey the rules of notices/signoff/approving.py: each is asked here for the notice's council
first, and what has no place with decisions (add, delete, publish, lock, revert …) is refused to everybody.
"""

from collections.abc import Iterable, Iterator
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Field
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.blocks import StreamValue
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import EditView, IndexView, SnippetViewSet

from accounts.models import User
from accounts.requests import SignedInRequest
from cases.admin.frame.bulk_actions import PLAIN_LIST, NothingInBulk
from cases.admin.frame.case_views import CaseView
from cases.admin.frame.meanwhile import Carries, ChangedMeanwhile, differences, put_back
from cases.admin.frame.not_saved import NotSaved, Typed, not_saved_of, sent_in
from cases.locking import locked
from cases.permissions import can_view
from notices.drafting.rendering import lines_of
from notices.models import DecisionNotice
from notices.permissions import can_draft, notices_for
from notices.signoff.drafting import save_draft
from notices.wording.blocks import texts_in

from .letter_templates import TemplateChooserViewSet

READ = frozenset(
    {
        "list",
        "list_results",
        "history",
        "history_results",
        "revisions_view",
        "revisions_compare",
        "workflow_history",
        "workflow_history_detail",
        "workflow_preview",
    }
)
WRITE = frozenset({"edit", "preview_on_edit"})
SIGN = frozenset({"workflow_action", "collect_workflow_action_data"})  # SignOffTask asks who may


class DecisionNoticePolicy(ModelPermissionPolicy):
    """Seen within its council, written by the officers of its case. Nobody holds any other permission, ever."""

    def user_has_permission(self, user: User, action: str) -> bool:
        return action in {"view", "change"} and super().user_has_permission(user, action)

    def user_has_permission_for_instance(self, user: User, action: str, instance: DecisionNotice) -> bool:
        if not self.user_has_permission(user, action):
            return False
        if action == "view":
            return can_view(user, instance.application)
        return not instance.live and can_draft(user, instance.application)

    def instances_user_has_any_permission_for(self, user: User, actions: Iterable[str]) -> QuerySet:
        return notices_for(user)


POLICY = DecisionNoticePolicy(DecisionNotice)


class NoticeIndexView(NothingInBulk, IndexView):
    page_title = "Decision notices"

    def get_base_queryset(self) -> QuerySet:
        return notices_for(self.request.user)

    def get_edit_url(self, instance: DecisionNotice) -> str:
        return reverse("case_notice", args=[instance.application_id])

    def get_list_buttons(self, instance: DecisionNotice) -> list:
        return []

    def get_add_url(self) -> None:
        return None


class NoticeNotSaved(CaseView):
    """The editor's words, when the notice was submitted, taken over or decided while they were written."""

    crumb = "Decision notice"
    http_method_names = ["post"]

    def let_in(self) -> None:
        raise PermissionDenied("The notice cannot be changed now.")

    def what_was_typed(self) -> NotSaved:
        try:
            return self._words_of_the_editor()
        except (LookupError, ValueError, TypeError, AttributeError):  # not sent by the editor
            return not_saved_of(self.request)

    def _words_of_the_editor(self) -> NotSaved:
        posted = self.request.POST
        field: Any = DecisionNotice._meta.get_field("body")  # a StreamField
        body = field.stream_block.value_from_datadict(posted, {}, "body")
        return NotSaved([Typed(label, words) for label, words in words_of(body)], sent=sent_in(posted))


def words_of(body: StreamValue) -> Iterator[tuple[str, str]]:
    """What a reader reads of each block that holds words: its label, and them."""
    for child in body:
        if lines := [line for text in texts_in(child) for line in lines_of(text)]:
            yield str(child.block.label), "\n".join(lines)


class NoticeForm(Carries, WagtailAdminModelForm):
    """The editor's form. It carries what its body said, so that nobody writes over a colleague's words unseen."""

    def in_words(self, field: Field, body: StreamValue) -> str:
        return "\n\n".join(f"{label}: {said}" for label, said in words_of(body))


class NoticeEditView(EditView):
    """The editor with its live preview. It saves the words and nothing else; submitting stands on the case's page."""

    object: DecisionNotice

    def get_available_actions(self) -> list[str]:
        return ["edit"]

    def form_valid(self, form: NoticeForm) -> HttpResponse:
        try:
            return super().form_valid(form)
        except ChangedMeanwhile:
            return self._show_both()

    def _form_now(self) -> NoticeForm:
        self.object = notices_for(self.request.user).get(pk=self.object.pk).get_latest_revision_as_object()
        return self.get_form_class()(instance=self.object, for_user=self.request.user)

    def _show_both(self) -> HttpResponse:
        self.form = self._form_now()
        newest = self.object.latest_revision
        context = {
            "has_changed": True,
            "both": differences(self.form, self.request.POST),
            "changed_by": {"by_name": str(newest.user), "at": newest.created_at},
        }
        put_back(self.form, self.request.POST)
        self.has_unsaved_changes = True
        return self.render_to_response(self.get_context_data(**context), status=409)

    def save_instance(self) -> DecisionNotice:
        locked(self.live_object.application_id)
        if differences(self._form_now(), self.request.POST):
            raise ChangedMeanwhile
        notice = save_draft(self.live_object, by=self.request.user, body=self.form.cleaned_data["body"])
        self.new_revision = notice.latest_revision
        return notice

    def get_success_url(self) -> str:
        return reverse("case_notice", args=[self.object.application_id])

    def get_success_message(self, instance: DecisionNotice | None = None) -> str:
        return "The words of the notice were saved."


def only_saving(menu_items: list, request: HttpRequest, context: dict) -> None:
    """The editor's menu for a decision notice: save, and no way to publish (Wagtail hook)."""
    if context.get("model") is DecisionNotice or isinstance(context.get("instance"), DecisionNotice):
        menu_items[:] = [item for item in menu_items if item.name in {"action-save", "action-locked"}]


def guarded(pattern: URLPattern) -> URLPattern:
    """The pattern with our question before Wagtail's view."""
    name, view = pattern.name, pattern.callback

    @wraps(view)
    def ask_first(request: SignedInRequest, *args, **kwargs) -> HttpResponseBase:
        if name not in READ | WRITE | SIGN or not POLICY.user_has_permission(request.user, "view"):
            raise PermissionDenied
        if "pk" in kwargs:
            notice = notices_for(request.user).filter(pk=_number(kwargs["pk"])).first()
            if notice is None:
                raise Http404("There is no such notice.")
            if name in WRITE and not POLICY.user_has_permission_for_instance(request.user, "change", notice):
                return _to_its_page(request, notice, is_saving=name == "edit")
        return view(request, *args, **kwargs)

    pattern.callback = ask_first
    return pattern


def _number(pk: object) -> int:
    if not str(pk).isdecimal():
        raise Http404("There is no such notice.")
    return int(str(pk))


def _to_its_page(request: SignedInRequest, notice: DecisionNotice, *, is_saving: bool) -> HttpResponseBase:
    """Wagtail's dashboards link to the editor; managers read and decide on the sign-off page."""
    if is_saving and request.method == "POST":
        return NoticeNotSaved.as_view()(request, pk=notice.application_id)
    if request.method != "GET":
        raise PermissionDenied
    waits = notice.workflow_in_progress and request.user.has_perm("cases.sign_off_application")
    return redirect("case_sign_off" if waits else "case_notice", notice.application_id)


class DecisionNoticeViewSet(SnippetViewSet):
    model = DecisionNotice
    icon = "doc-full"
    menu_label = "Decision notices"
    menu_order = 120
    add_to_admin_menu = True
    index_view_class = NoticeIndexView
    index_template_name = PLAIN_LIST
    edit_view_class = NoticeEditView
    edit_template_name = "notices/admin/notice_editor.html"
    edit_handler = ObjectList([FieldPanel("body")], base_form_class=NoticeForm)
    chooser_viewset_class = TemplateChooserViewSet
    copy_view_enabled = False
    search_fields = ("application__reference", "application__address")
    search_backend_name = None
    list_display = (
        "__str__",
        Column("standing", label="Stands", accessor=lambda notice: notice.standing),
        Column("created_by", label="Written by"),
        DateColumn("created_at", label="Begun"),
    )

    def get_urlpatterns(self) -> list[URLPattern]:
        return [guarded(pattern) for pattern in super().get_urlpatterns()]
