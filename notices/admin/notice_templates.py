"""The templates of decision notices, for administrators: drafts, history, a live preview with a case of the council."""

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, HelpPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views import snippets

from accounts.models import User
from accounts.policies import runs_the_installation
from cases.admin.frame.bulk_actions import PLAIN_LIST, NothingInBulk
from cases.admin.frame.policies import ReferenceDataPolicy, ScopedObjectMixin
from cases.reference_data.choices import application_types
from cases.statuses import Decision
from notices.models import NoticeTemplate
from notices.wording.blocks import check_body
from notices.wording.merge import FIELDS

from .letter_templates import SHARED, TemplateChooserViewSet


class NoticeTemplatePolicy(ReferenceDataPolicy):
    """Who may change a template may publish it as well; nobody deletes one that notices were written from."""

    def user_has_permission(self, user: User, action: str) -> bool:
        if action in {"lock", "unlock", "unpublish"}:
            return False
        return super().user_has_permission(user, "change" if action == "publish" else action)


POLICY = NoticeTemplatePolicy(NoticeTemplate)


class NoticeTemplateForm(WagtailAdminModelForm):
    """A council's administrator writes for the own council; what is shared, the policy keeps."""

    decisions = forms.MultipleChoiceField(choices=Decision, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, for_user: User | None = None, **kwargs):
        super().__init__(*args, for_user=for_user, **kwargs)
        self.fields["application_types"].queryset = application_types()
        self.fields["application_types"].widget = forms.CheckboxSelectMultiple(
            choices=self.fields["application_types"].choices
        )
        if for_user is not None and not runs_the_installation(for_user):
            self.fields.pop("authority", None)
            if self.instance.pk is None:
                self.instance.authority = for_user.authority

    def clean(self) -> dict:
        data = super().clean()
        same = NoticeTemplate.objects.filter(Q(authority=self.instance.authority_id), slug=data.get("slug"))
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("slug", "There is already a template of this name. Change that one.")
        types, decisions = data.get("application_types") or [], set(data.get("decisions") or [])
        known = {code for kind in types for code in kind.decision_words}
        if types and decisions - known:
            words = ", ".join(f"“{Decision(code).label}”" for code in sorted(decisions - known))
            self.add_error("decisions", f"None of the types has the decision {words}.")
        if data.get("body"):
            try:
                check_body(data["body"])
            except ValidationError as error:
                self.add_error("body", error)
        return data

    def save(self, commit=True):
        self.instance.is_customised = True
        return super().save(commit=commit)


def merge_field_help() -> str:
    rows = format_html_join(
        "", "<dt><code>{{{{ {} }}}}</code></dt><dd>{}</dd>", ((name, field.words) for name, field in FIELDS.items())
    )
    return format_html("<p>Merge fields, filled in from the case:</p><dl>{}</dl>", rows)


class TemplateIndexView(NothingInBulk, snippets.IndexView):
    page_title = "Notice templates"

    def get_base_queryset(self) -> QuerySet:
        rows = POLICY.instances_user_has_any_permission_for(self.request.user, {"view", "change"})
        return rows.select_related("authority")

    def get_edit_url(self, instance: NoticeTemplate) -> str | None:
        """A council that may not change what all share begins its own from it."""
        if POLICY.user_has_permission_for_instance(self.request.user, "change", instance):
            return super().get_edit_url(instance)
        if self.user_has_permission("add"):
            return f"{reverse(self.add_url_name)}?from={instance.pk}"
        return None

    def get_list_buttons(self, instance: NoticeTemplate) -> list:
        return []


class TemplateCreateView(snippets.CreateView):
    def get_initial_form_instance(self) -> NoticeTemplate:
        """A new one begins empty, or word for word as the one it is made from."""
        readable = POLICY.instances_user_has_any_permission_for(self.request.user, {"view"})
        number = self.request.GET.get("from", "")
        source = readable.filter(pk=int(number)).first() if number.isdecimal() else None
        if source is None:
            return NoticeTemplate()
        new = NoticeTemplate(name=source.name, slug=source.slug, decisions=source.decisions, body=source.body)
        new.application_types = source.application_types.all()
        return new


class Refused:
    """Wagtail makes these views for every snippet; templates have no use for them."""

    def dispatch(self, request: HttpRequest, *args, **kwargs):
        raise PermissionDenied


class Readable(ScopedObjectMixin):
    instance_action = "view"


def _with(mixin: type, view: type) -> type:
    return type(view.__name__, (mixin, view), {"__module__": __name__})


class NoticeTemplateViewSet(snippets.SnippetViewSet):
    model = NoticeTemplate
    icon = "doc-empty"
    menu_label = "Notice templates"
    menu_order = 120
    add_to_settings_menu = True
    index_view_class = TemplateIndexView
    index_template_name = PLAIN_LIST
    add_view_class = TemplateCreateView
    edit_view_class = _with(ScopedObjectMixin, snippets.EditView)
    history_view_class = _with(Readable, snippets.HistoryView)
    revisions_view_class = _with(Readable, snippets.PreviewRevisionView)
    revisions_compare_view_class = _with(Readable, snippets.RevisionsCompareView)
    preview_on_edit_view_class = _with(ScopedObjectMixin, snippets.PreviewOnEditView)
    delete_view_class = _with(Refused, snippets.DeleteView)
    usage_view_class = _with(Refused, snippets.UsageView)
    unpublish_view_class = _with(Refused, snippets.UnpublishView)
    revisions_unschedule_view_class = _with(Refused, snippets.RevisionsUnscheduleView)
    chooser_viewset_class = TemplateChooserViewSet
    copy_view_enabled = False
    search_fields = ("name", "slug")
    search_backend_name = None
    list_display = (
        "name",
        Column("authority", label="Council", accessor=lambda row: row.authority or SHARED),
        Column("live", label="In use", accessor=lambda row: "Yes" if row.live else "No"),
    )
    edit_handler = ObjectList(
        [
            FieldPanel("authority"),
            FieldPanel("name"),
            FieldPanel("slug"),
            FieldPanel("application_types"),
            FieldPanel("decisions"),
            FieldPanel("body"),
            HelpPanel(merge_field_help()),
        ],
        base_form_class=NoticeTemplateForm,
    )
