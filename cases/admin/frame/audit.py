"""The audit of all cases of a council: every event, newest first, read only. One case's own: its History page."""

from typing import Any

from django.contrib.admin import SimpleListFilter, display
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from wagtail_modeladmin.helpers import PermissionHelper
from wagtail_modeladmin.views import InspectView

from accounts.models import User
from accounts.requests import SignedInRequest
from cases.models import CaseEvent
from cases.permissions import can_see_event, events_for
from cases.reference_data.code_names import CodeNames
from cases.statuses import Status
from cases.timeline import KINDS

from .history_words import Told, tell_all
from .record_lists import RecordAdmin, RecordIndexView


class AuditPermissions(PermissionHelper):
    """Read only: nothing that happened is made, changed or taken back by hand."""

    def user_can_list(self, user: User) -> bool:
        return user.is_active and user.has_perm("cases.view_caseevent")

    def user_can_inspect_obj(self, user: User, obj: CaseEvent) -> bool:
        return can_see_event(user, obj)

    def user_can_create(self, user: User) -> bool:
        return False

    def user_can_edit_obj(self, user: User, obj: CaseEvent) -> bool:
        return False

    def user_can_delete_obj(self, user: User, obj: CaseEvent) -> bool:
        return False


class WhatHappened(SimpleListFilter):
    """The kinds of events in words, in the order of the alphabet."""

    title = "what happened"
    parameter_name = "kind"
    template = "cases/admin/closed_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return sorted(((kind, said.words) for kind, said in KINDS.items()), key=lambda choice: choice[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[CaseEvent]) -> QuerySet[CaseEvent]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class AuditIndexView(RecordIndexView):
    page_title = "Audit"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        events = list(context["object_list"])
        # Over all cases, nobody's name is told; the history of each case tells more to who may read it.
        told = tell_all(events, names=CodeNames(self.request.user.authority_id))
        for event, words in zip(events, told, strict=True):
            event.told = words
        return {**context, "object_list": events}


class AuditInspectView(InspectView):
    def get_field_display_value(self, field_name: str, field: Any = None) -> Any:
        value = getattr(self.instance, field_name)
        if field_name == "kind":
            return KINDS[value].words if value in KINDS else value
        if field_name in ("from_status", "to_status"):
            return Status(value).label if value in Status.values else "–"
        if field_name == "application":
            return _case_link(self.instance)
        return super().get_field_display_value(field_name, field)


def _case_link(event: CaseEvent) -> str:
    address = reverse("case_page", args=[event.application_id])
    return format_html('<a href="{}">{}</a>', address, event.application.reference)


class AuditAdmin(RecordAdmin):
    model = CaseEvent
    menu_label = "Audit"
    menu_icon = "history"
    menu_order = 710
    list_display = ("when", "case", "what", "who")
    list_filter = (WhatHappened, "at")
    search_fields = ("application__reference", "by_name", "kind")
    list_export = ("at", "application", "sequence", "kind", "by_name", "from_status", "to_status", "hash")
    list_select_related = ("application",)
    list_per_page = 50
    ordering = ("-at", "-pk")
    index_view_class = AuditIndexView
    inspect_view_class = AuditInspectView
    inspect_view_enabled = True
    history_view_enabled = False  # Wagtail's page would name a row without asking whose it is
    # Not the raw data: it may hold what only caseworkers may read. The list and the case's History say it in words.
    inspect_view_fields = (
        "application",
        "sequence",
        "at",
        "kind",
        "by_name",
        "from_status",
        "to_status",
        "is_imported",
        "previous_hash",
        "hash",
    )
    permission_helper_class = AuditPermissions

    def get_queryset(self, request: SignedInRequest) -> QuerySet[CaseEvent]:
        return events_for(request.user).select_related("application").order_by(*self.ordering)

    @display(ordering="at")
    def when(self, event: CaseEvent) -> str:
        return date_format(timezone.localtime(event.at), "j M Y, H:i")

    @display(ordering="by_name")
    def who(self, event: CaseEvent) -> str:
        return event.by_name

    def case(self, event: CaseEvent) -> str:
        return _case_link(event)

    def what(self, event: Any) -> str:
        told: Told = event.told
        lines = format_html_join("", '<br><span class="case-quiet">{}: {}</span>', told.lines)
        return format_html("{}{}", told.headline, lines)
