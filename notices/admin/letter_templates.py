"""The words of e-mails and letters, for administrators: with the errors at the field and a preview with a real case."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, HelpPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.views.snippets import CreateView, DeleteView, EditView, HistoryView, IndexView, SnippetViewSet

from accounts.models import User
from accounts.policies import runs_the_installation
from accounts.requests import SignedInView
from accounts.users import NoUsageView
from cases.admin.frame.bulk_actions import PLAIN_LIST, NothingInBulk
from cases.admin.frame.policies import ReferenceDataPolicy, ScopedChooserMixin, ScopedObjectMixin
from notices.letters import fields as letter_fields
from notices.letters import person_fields
from notices.letters import templates as letters
from notices.models import LetterTemplate

POLICY = ReferenceDataPolicy(LetterTemplate)
SHARED = "Shared by all councils"


class LetterTemplateForm(WagtailAdminModelForm):
    """A council's administrator writes for the own council; what is shared, ReferenceDataPolicy keeps."""

    def __init__(self, *args, for_user: User | None = None, **kwargs):
        super().__init__(*args, for_user=for_user, **kwargs)
        if for_user is not None and not runs_the_installation(for_user):
            self.fields.pop("authority", None)
            if self.instance.pk is None:
                self.instance.authority = for_user.authority
        self.fields["slug"].help_text = "When it is used: " + ", ".join(sorted(letters.shipped()))

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        if slug not in letters.shipped():
            raise ValidationError("Nothing would ever use a template of this name. Take one of the list.")
        return slug

    def clean(self) -> dict:
        cleaned = super().clean()
        for name in ("subject", "body"):
            try:
                letter_fields.check(cleaned.get(name, ""), slug=cleaned.get("slug", ""))
            except ValidationError as error:
                self.add_error(name, error)
        return cleaned

    def _post_clean(self):
        super()._post_clean()
        same = LetterTemplate.objects.filter(Q(authority=self.instance.authority_id), slug=self.instance.slug).exclude(
            pk=self.instance.pk
        )
        if self.instance.slug and same.exists():
            self.add_error("slug", "There is already a template of this name. Change that one.")

    def save(self, commit=True):
        self.instance.is_customised = True
        return super().save(commit=commit)


def merge_field_help() -> str:
    about_a_case = format_html("<p>Merge fields, filled in from the case:</p>{}", _field_list(""))
    others = format_html_join(
        "",
        "<p>In <strong>{}</strong>, which goes to somebody who is no party, these and no others:</p>{}",
        ((slug, _field_list(slug)) for slug in person_fields.FIELDS),
    )
    return format_html("{}{}", about_a_case, others)


def _field_list(slug: str) -> str:
    rows = format_html_join(
        "", "<dt><code>{{{{ {} }}}}</code></dt><dd>{}</dd>", sorted(letter_fields.choices(slug).items())
    )
    return format_html("<dl>{}</dl>", rows)


class OwnTemplates(SignedInView):
    """Shared templates and the own council's: no other exists for these screens."""

    def get_base_queryset(self) -> QuerySet:
        rows = POLICY.instances_user_has_any_permission_for(self.request.user, {"view", "change"})
        return rows.select_related("authority")


class TemplateIndexView(NothingInBulk, OwnTemplates, IndexView):
    def get_edit_url(self, instance):
        may = POLICY.user_has_permission_for_instance(self.request.user, "change", instance)
        return super().get_edit_url(instance) if may else self.get_own_version_url(instance)

    def get_own_version_url(self, instance) -> str | None:
        """A council that may not change what all share writes its own."""
        if not self.user_has_permission("add"):
            return None
        return f"{reverse(self.add_url_name)}?from={instance.slug}"

    def get_list_buttons(self, instance):
        return []


class TemplateCreateView(CreateView):
    def get_initial_form_instance(self):
        """A new one begins with the words that are used now."""
        instance = super().get_initial_form_instance() or LetterTemplate()
        if shipped := letters.shipped().get(self.request.GET.get("from", "")):
            shared = LetterTemplate.objects.filter(authority=None, slug=shipped["slug"]).first()
            for field in ("slug", "name", "subject", "body"):
                setattr(instance, field, getattr(shared, field) if shared else shipped[field])
        return instance


class TemplateEditView(ScopedObjectMixin, EditView):
    def get_usage_url(self):
        return None


class TemplateHistoryView(ScopedObjectMixin, HistoryView):
    pass


class TemplateDeleteView(DeleteView):
    def dispatch(self, request, *args, **kwargs):
        raise PermissionDenied


class TemplateChooserViewSet(SnippetChooserViewSet):
    """Nothing chooses a letter template by hand; what Wagtail makes all the same keeps to the own rows."""

    choose_view_class = type("ChooseView", (ScopedChooserMixin, SnippetChooserViewSet.choose_view_class), {})
    choose_results_view_class = type(
        "ChooseResultsView", (ScopedChooserMixin, SnippetChooserViewSet.choose_results_view_class), {}
    )
    chosen_view_class = type("ChosenView", (ScopedChooserMixin, SnippetChooserViewSet.chosen_view_class), {})
    chosen_multiple_view_class = type(
        "ChosenMultipleView", (ScopedChooserMixin, SnippetChooserViewSet.chosen_multiple_view_class), {}
    )


class LetterTemplateViewSet(SnippetViewSet):
    model = LetterTemplate
    icon = "mail"
    menu_label = "E-mails and letters"
    menu_order = 130
    add_to_settings_menu = True
    index_view_class = TemplateIndexView
    index_template_name = PLAIN_LIST
    add_view_class = TemplateCreateView
    edit_view_class = TemplateEditView
    history_view_class = TemplateHistoryView
    delete_view_class = TemplateDeleteView
    chooser_viewset_class = TemplateChooserViewSet
    usage_view_class = NoUsageView
    copy_view_enabled = False
    list_display = (
        "name",
        Column("slug", label="Used for"),
        Column("authority", label="Council", accessor=lambda row: row.authority or SHARED),
    )
    edit_handler = ObjectList(
        [
            FieldPanel("authority"),
            FieldPanel("slug"),
            FieldPanel("name"),
            FieldPanel("subject"),
            FieldPanel("body"),
            HelpPanel(merge_field_help()),
        ],
        base_form_class=LetterTemplateForm,
    )
