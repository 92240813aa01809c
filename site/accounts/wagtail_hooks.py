"""What Wagtail's admin learns of councils and their people. Only registers."""

from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks
from wagtail.log_actions import LogFormatter
from wagtail.permissions import register_permission_policy

from .policies import POLICIES, runs_the_installation
from .website_grants import edits_the_website

# First of all: Wagtail refuses a policy for a model that it has already made one for.
for model, policy in POLICIES.items():
    register_permission_policy(model, policy)

from .account_changes import CHANGED, MADE  # noqa: E402 - after the policies
from .councils import CouncilViewSet, TokenViewSet  # noqa: E402 - after the policies

# Wagtail's entries that a council's people could not open anyway (accounts/admin_gate.py).
FOR_EVERYBODY = {"councils", "api-tokens", "users"}
FOR_EDITORS = {"explorer", "images", "documents"}


@hooks.register("register_admin_viewset")
def councils():
    return CouncilViewSet("councils", url_prefix="council")


@hooks.register("register_admin_viewset")
def api_tokens():
    return TokenViewSet("api_tokens", url_prefix="api-tokens")


@hooks.register("insert_global_admin_js")
def date_script() -> str:
    return format_html('<script defer src="{}"></script>', static("js/dates.js"))


@hooks.register("insert_global_admin_css")
def date_styles() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("css/dates.css"))


@hooks.register("construct_main_menu", order=1000)
def hide_what_cannot_be_opened(request, items) -> None:
    if runs_the_installation(request.user):
        return
    hidden = {"reports", "help"} if edits_the_website(request.user) else {"reports", "help", *FOR_EDITORS}
    items[:] = [item for item in items if item.name not in hidden]


@hooks.register("construct_settings_menu", order=1000)
def hide_settings_of_the_installation(request, items) -> None:
    if not runs_the_installation(request.user):
        hidden = {"groups", "sites", "collections", "workflows", "workflow-tasks", "redirects", "locales"}
        items[:] = [item for item in items if item.name not in hidden]


@hooks.register("construct_page_chooser_queryset")
def choose_own_pages_only(pages, request):
    """Somebody of a council links to the own council's pages."""
    user = request.user
    if runs_the_installation(user):
        return pages
    site = user.authority.site if edits_the_website(user) else None
    return pages.descendant_of(site.root_page, inclusive=True) if site else pages.none()


class AccountChanges(LogFormatter):
    """The history of an account says what was changed."""

    def format_message(self, log_entry) -> str:
        return " ".join(f"{line}." for line in log_entry.data.get("lines", []))


@hooks.register("register_log_actions")
def account_actions(actions) -> None:
    for action, label in ((MADE, "Make an account"), (CHANGED, "Change an account")):
        actions.register_action(action)(type("AccountFormatter", (AccountChanges,), {"label": label}))
