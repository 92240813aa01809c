"""The audit of all cases of a council: every event, newest first, read only. One case's own: its History page."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from wagtail_modeladmin.helpers import PermissionHelper
from wagtail_modeladmin.options import ModelAdmin

from accounts.models import User
from cases.models import CaseEvent
from cases.permissions import events_for

from .history_words import tell


class AuditPermissions(PermissionHelper):
    """Read only: nothing that happened is made, changed or taken back by hand."""

    def user_can_list(self, user: User) -> bool:
        return user.is_active and user.has_perm("cases.view_caseevent")

    def user_can_inspect_obj(self, user: User, obj: CaseEvent) -> bool:
        return events_for(user).filter(pk=obj.pk).exists()

    def user_can_create(self, user: User) -> bool:
        return False

    def user_can_edit_obj(self, user: User, obj: CaseEvent) -> bool:
        return False

    def user_can_delete_obj(self, user: User, obj: CaseEvent) -> bool:
        return False


class AuditAdmin(ModelAdmin):
    model = CaseEvent
    menu_label = "Audit"
    menu_icon = "history"
    menu_order = 710
    list_display = ("at", "case", "what", "by_name")
    list_filter = ("kind", "at")
    search_fields = ("application__reference", "by_name", "kind")
    list_export = ("at", "application", "sequence", "kind", "by_name", "from_status", "to_status", "hash")
    list_select_related = ("application",)
    list_per_page = 50
    ordering = ("-at", "-pk")
    inspect_view_enabled = True
    history_view_enabled = False  # Wagtail's page would name a row without asking whose it is
    # Not the raw data: it may hold what only caseworkers may read. The list and the case's History say it in words.
    inspect_view_fields = (
        "application", "sequence", "at", "kind", "by_name", "from_status", "to_status", "is_imported",
        "previous_hash", "hash",
    )  # fmt: skip
    permission_helper_class = AuditPermissions

    def get_queryset(self, request: HttpRequest) -> QuerySet[CaseEvent]:
        return events_for(request.user).select_related("application").order_by(*self.ordering)

    def case(self, event: CaseEvent) -> str:
        address = reverse("case_page", args=[event.application_id])
        return format_html('<a href="{}">{}</a>', address, event.application.reference)

    def what(self, event: CaseEvent) -> str:
        told = tell(event, sees_private=False)  # over all cases; the history of each tells more to who may read it
        lines = format_html_join("", '<br><span class="case-quiet">{}: {}</span>', told.lines)
        return format_html("{}{}", told.headline, lines)
