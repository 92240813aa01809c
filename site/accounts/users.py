"""Wagtail's screens for users, kept to one council.

An administrator sees, makes and changes people of the own council, and gives them the five roles. Nobody changes the
own roles, makes a superuser, moves anybody to another council, or sets somebody else's password, not even the first:
a manager's password in an administrator's hand would be a decision signed by nobody. Everybody chooses the own by a
link. What changes who can sign is on record, and the managers hear of it (account_changes.py).
"""

from django import forms
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.crypto import get_random_string
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn
from wagtail.admin.views.generic.usage import UsageView
from wagtail.permissions import policy_registry
from wagtail.users.forms import UserForm
from wagtail.users.views import users as wagtail_views

from .account_changes import account_changed, account_made, account_of
from .models import LocalAuthority, User
from .policies import runs_the_installation
from .public_address import public_url
from .requests import SignedInView
from .roles import ROLES, website_editors

FIELDS = ["email", "first_name", "last_name", "job_title", "phone", "signature", "groups"]


def users_for(user: User):
    return policy_registry.get_by_type(User).instances_user_has_any_permission_for(user, {"add", "change"})


# --- Forms ----------------------------------------------------------------------------------------------------------


class CouncilUserForm(UserForm):
    """What both forms share. `editor` is who fills it in."""

    is_superuser = None
    authority = forms.ModelChoiceField(
        LocalAuthority.objects.all(),
        required=False,
        label="Council",
        help_text="Empty for somebody who runs the whole installation.",
    )
    runs_installation = forms.BooleanField(
        required=False,
        label="Runs the installation",
        help_text="May change everything except cases, and belongs to no council.",
    )

    class Meta:
        model = User
        fields = FIELDS
        widgets = {"groups": forms.CheckboxSelectMultiple}

    def __init__(self, *args, editor: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.editor = editor
        self.fields["groups"].queryset = Group.objects.filter(name__in=self.roles())
        self.fields["groups"].label = "Roles"
        self.fields["groups"].help_text = ""
        if runs_the_installation(editor):
            self.fields["authority"].initial = self.instance.authority_id
            self.fields["runs_installation"].initial = self.instance.is_superuser
        else:
            del self.fields["authority"], self.fields["runs_installation"]

    def roles(self) -> list[str]:
        """The five roles, and the website editors of the user's council."""
        authority = self.instance.authority if self.instance.pk else self.editor.authority
        return [*ROLES, website_editors(authority)] if authority else list(ROLES)

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise ValidationError("Somebody already signs in with this e-mail address.")
        return email

    def clean(self):
        cleaned = super().clean()
        if "authority" in self.fields and bool(cleaned.get("authority")) == bool(cleaned.get("runs_installation")):
            self.add_error("authority", "A user belongs to a council or runs the installation: one of the two.")
        return cleaned

    def _post_clean(self):
        if "authority" in self.fields:
            self.instance.authority = self.cleaned_data.get("authority")
            self.instance.is_superuser = bool(self.cleaned_data.get("runs_installation"))
        elif self.instance.pk is None:
            self.instance.authority = self.editor.authority
        super()._post_clean()


class NewUserForm(CouncilUserForm):
    """Without a password: a link with which the new colleague chooses one goes to their address."""

    password_enabled = False

    class Meta(CouncilUserForm.Meta):
        pass

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = "A link goes there, with which they choose a password that nobody else knows."

    def save(self, commit=True):
        # A link is only made for somebody who has a password: one that nobody knows.
        self.instance.set_password(get_random_string(40))
        return super().save(commit=commit)


class ChangeUserForm(CouncilUserForm):
    """Without a password: everybody sets the own, under “Account” or by a link."""

    password_enabled = False

    class Meta(CouncilUserForm.Meta):
        fields = [*FIELDS, "is_active"]

    def __init__(self, *args, editing_self: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        if editing_self:
            for name in ("groups", "is_active", "authority", "runs_installation"):
                self.fields.pop(name, None)


# --- Screens --------------------------------------------------------------------------------------------------------


class IndexView(wagtail_views.IndexView):
    def get_base_queryset(self):
        return (
            users_for(self.request.user).select_related("authority", "wagtail_userprofile").prefetch_related("groups")
        )

    @property
    def columns(self):
        name = next(column for column in super().columns if column.name == "name")
        name.width = "35%"
        columns = [
            name,
            Column("email", label="E-mail address", sort_key="email"),
            Column("roles", label="Roles", accessor=lambda user: ", ".join(g.name for g in user.groups.all())),
            BooleanColumn("is_active", label="Active", sort_key="is_active"),
            DateColumn("last_login", label="Last signed in", sort_key="last_login"),
        ]
        if runs_the_installation(self.request.user):
            columns.insert(2, Column("authority", label="Council", accessor=lambda user: user.authority or "All"))
        return columns


class CreateView(wagtail_views.CreateView):
    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "editor": self.request.user}

    @transaction.atomic
    def save_instance(self):
        user = super().save_instance()
        account_made(user, by=self.request.user)
        send_link(user, self.request)
        return user


class OwnUserMixin(SignedInView):
    """Only people that the policy shows to this user exist for this screen."""

    def get_object(self, queryset=None):
        return get_object_or_404(users_for(self.request.user), pk=self.kwargs["pk"])


class EditView(OwnUserMixin, wagtail_views.EditView):
    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "editor": self.request.user}

    @transaction.atomic
    def save_instance(self):
        before = account_of(self.object.pk)
        user = super().save_instance()
        account_changed(user, before, by=self.request.user)
        return user

    def get_usage_url(self):
        return None


class HistoryView(OwnUserMixin, wagtail_views.HistoryView):
    pass


class NoDeleteView(wagtail_views.DeleteView):
    """People stay: what they did is on record. They are made inactive instead."""

    def dispatch(self, request, *args, **kwargs):
        raise PermissionDenied


class NoUsageView(UsageView):
    """What refers to a user are cases and messages; Wagtail's page would name them without asking whose they are."""

    def dispatch(self, request, *args, **kwargs):
        raise PermissionDenied


class UserViewSet(wagtail_views.UserViewSet):
    index_view_class = IndexView
    add_view_class = CreateView
    edit_view_class = EditView
    history_view_class = HistoryView
    delete_view_class = NoDeleteView
    usage_view_class = NoUsageView
    # Wagtail's own list offers to delete, or to give roles to, many people at once.
    index_template_name = "wagtailadmin/generic/index.html"
    index_results_template_name = "wagtailadmin/generic/index_results.html"
    create_template_name = edit_template_name = "accounts/admin/user_form.html"
    copy_view_enabled = False
    ordering = "email"

    def get_form_class(self, for_update=False):
        return ChangeUserForm if for_update else NewUserForm


def send_link(user: User, request) -> None:
    """Send a link with which the user sets a password, through the outbox."""
    form = PasswordResetForm({"email": user.email})
    if form.is_valid():
        form.save(
            request=request,
            use_https=request.is_secure(),
            subject_template_name="accounts/email/welcome_subject.txt",
            email_template_name="accounts/email/welcome.txt",
            extra_email_context={"sign_in_url": public_url(None, reverse("wagtailadmin_login"))},
        )
