"""The page of a council's settings, and the list of its API tokens."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from wagtail.admin import messages
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.images import get_image_model
from wagtail.permissions import policy_registry

from .models import ApiToken, LocalAuthority, User
from .policies import runs_the_installation
from .requests import SignedInRequest, SignedInView
from .users import NoUsageView

# Whose register stands under which name and address is not for a council to say.
FOR_INSTALLATION_ONLY = ("code", "client_name", "site", "is_active")
WHEN_NOT_ACTIVE = (
    "Take the tick away to close the council: its people are signed out, its API tokens are refused, its public pages "
    "are not found and its messages wait. Nothing is lost: put the tick back, and everything goes on."
)


def own(model: type, user: User, action: str = "view") -> QuerySet:
    return policy_registry.get_by_type(model).instances_user_has_permission_for(user, action)


class OwnRowsMixin(SignedInView):
    """Only rows that the policy shows to this user exist for this screen."""

    def get_base_queryset(self):
        return own(self.model, self.request.user, "change")

    def get_object(self, queryset=None):
        return get_object_or_404(own(self.model, self.request.user, "change"), pk=self.kwargs["pk"])


# --- Settings of a council ------------------------------------------------------------------------------------------


class CouncilForm(WagtailAdminModelForm):
    def __init__(self, *args, for_user: User | None = None, **kwargs):
        super().__init__(*args, for_user=for_user, **kwargs)
        if for_user is None or not runs_the_installation(for_user):
            for name in FOR_INSTALLATION_ONLY:
                self.fields.pop(name, None)
        if for_user is not None and "logo" in self.fields:
            policy = policy_registry.get_by_type(get_image_model())
            self.fields["logo"].queryset = policy.instances_user_has_any_permission_for(for_user, ["choose", "change"])


COUNCIL_PANELS = ObjectList(
    [
        MultiFieldPanel(
            [
                FieldPanel("name"),
                FieldPanel("short_name"),
                FieldPanel("code"),
                FieldPanel("client_name"),
                FieldPanel("site"),
                FieldPanel("is_active", help_text=WHEN_NOT_ACTIVE),
            ],
            heading="Council",
        ),
        MultiFieldPanel(
            [FieldPanel("address"), FieldPanel("email"), FieldPanel("phone"), FieldPanel("website")], heading="Contact"
        ),
        MultiFieldPanel([FieldPanel("signatory_name"), FieldPanel("signatory_job_title")], heading="Decision notices"),
        MultiFieldPanel([FieldPanel("logo"), FieldPanel("brand_colour"), FieldPanel("font")], heading="Public pages"),
        MultiFieldPanel(
            [
                FieldPanel("publishes_commenter_names"),
                FieldPanel("publishes_commenter_addresses"),
                FieldPanel("comments_until_decision"),
            ],
            heading="Comments",
        ),
        MultiFieldPanel(
            [FieldPanel("local_list_reviewed_on"), FieldPanel("local_list_url"), FieldPanel("second_person_publishes")],
            heading="Validation and documents",
        ),
        MultiFieldPanel([FieldPanel("working_day_ends_at"), FieldPanel("office_posting_days")], heading="Office hours"),
        MultiFieldPanel(
            [
                FieldPanel("notify_email_template_id"),
                FieldPanel("notify_letter_template_id"),
                FieldPanel("notify_reply_to_id"),
            ],
            heading="GOV.UK Notify",
        ),
    ],
    base_form_class=CouncilForm,
)


class CouncilIndexView(OwnRowsMixin, generic.IndexView):
    def dispatch(self, request, *args, **kwargs):
        rows = list(self.get_base_queryset()[:2])
        if len(rows) == 1 and not runs_the_installation(request.user):
            return redirect(reverse("councils:edit", args=[rows[0].pk]))
        return super().dispatch(request, *args, **kwargs)


class CouncilEditView(OwnRowsMixin, generic.EditView):
    success_message = "The settings of %(object)s are saved."

    def get_usage_url(self):
        return None


class CouncilHistoryView(OwnRowsMixin, generic.HistoryView):
    pass


class RefusedView(generic.DeleteView):
    def dispatch(self, request, *args, **kwargs):
        raise PermissionDenied


class CouncilViewSet(ModelViewSet):
    model = LocalAuthority
    icon = "home"
    menu_label = "Council"
    menu_order = 100
    add_to_settings_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = CouncilIndexView
    edit_view_class = CouncilEditView
    history_view_class = CouncilHistoryView
    delete_view_class = RefusedView
    usage_view_class = NoUsageView
    list_display = ("name", "code", "is_active")
    edit_handler = COUNCIL_PANELS


# --- API tokens -----------------------------------------------------------------------------------------------------


class TokenColumn(TitleColumn):
    """The name leads to the page that revokes, as long as there is anything to revoke."""

    def get_link_url(self, instance, parent_context):
        return None if instance.revoked_at else reverse("api_tokens:revoke", args=[instance.pk])


class TokenIndexView(OwnRowsMixin, generic.IndexView):
    page_title = "API tokens"
    default_ordering = "-created_at"

    def get_base_queryset(self):
        return super().get_base_queryset().select_related("authority")

    def get_edit_url(self, instance):
        return None

    def get_list_buttons(self, instance):
        return []


class TokenViewSet(ModelViewSet):
    """Seen and revoked here; made by `bin/manage create_api_token`, which shows the secret once."""

    model = ApiToken
    icon = "key"
    menu_label = "API tokens"
    menu_order = 120
    add_to_settings_menu = True
    add_to_reference_index = False
    index_view_class = TokenIndexView
    list_display = (
        TokenColumn("name", label="Name", accessor="name"),
        Column("prefix", label="Begins with"),
        Column("scopes", label="May", accessor=lambda token: ", ".join(ApiToken.Scope(s).label for s in token.scopes)),
        Column("authority", label="Council"),
        DateColumn("created_at", label="Made"),
        DateColumn("last_used_at", label="Last used"),
        DateColumn("revoked_at", label="Revoked"),
    )
    form_fields = ("name",)  # never shown

    def get_urlpatterns(self):
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("<int:pk>/revoke/", revoke_token, name="revoke"),
        ]


def revoke_token(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask first, then revoke. It cannot be taken back: whoever used the token needs a new one."""
    token = get_object_or_404(own(ApiToken, request.user, "change").filter(revoked_at=None), pk=pk)
    if request.method != "POST":
        return render(request, "accounts/admin/revoke_token.html", {"token": token})
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
    messages.success(request, f"{token.name} is revoked.")
    return redirect(reverse("api_tokens:index"))
