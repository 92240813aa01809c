"""What other systems sent, for administrators: what became of it, what was wrong with it, and the very bytes."""

from typing import Any

from django.contrib.admin import display
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from wagtail_modeladmin.helpers import PermissionHelper
from wagtail_modeladmin.views import InspectView

from accounts.models import User
from accounts.requests import SignedInRequest
from cases.admin.frame.record_lists import RecordAdmin, RecordIndexView
from cases.models import Submission
from cases.permissions import administers_submissions, can_see_submission, submissions_for


class SubmissionPermissions(PermissionHelper):
    """Read only: what arrived is never made, changed or deleted by hand."""

    def user_can_list(self, user: User) -> bool:
        return administers_submissions(user)

    def user_can_inspect_obj(self, user: User, obj: Submission) -> bool:
        return can_see_submission(user, obj)

    def user_can_create(self, user: User) -> bool:
        return False

    def user_can_edit_obj(self, user: User, obj: Submission) -> bool:
        return False

    def user_can_delete_obj(self, user: User, obj: Submission) -> bool:
        return False


class SubmissionInspectView(InspectView):
    page_title = "Submission"

    def get_field_display_value(self, field_name: str, field: Any = None) -> Any:
        if field_name == "faults":
            return _fault_list(self.instance)
        if field_name == "body":
            address = reverse("submission_body", args=[self.instance.pk])
            return format_html(
                '<a href="{}" download>Download what arrived ({} bytes)</a>', address, len(self.instance.body)
            )
        return super().get_field_display_value(field_name, field)


class SubmissionAdmin(RecordAdmin):
    model = Submission
    menu_label = "Submissions"
    menu_icon = "download"
    menu_order = 720
    list_display = (
        "received_at",
        "outcome",
        "application",
        "source",
        "external_id",
        "fault_count",
        "received_through",
    )
    list_filter = ("outcome", "source", "received_at")
    search_fields = ("external_id", "sha256", "application__reference")
    list_select_related = ("application", "authority")
    list_per_page = 50
    index_view_class = RecordIndexView
    inspect_view_enabled = True
    history_view_enabled = False  # Wagtail's page would name a row without asking whose it is
    inspect_view_class = SubmissionInspectView
    inspect_view_fields = (
        "received_at",
        "outcome",
        "application",
        "source",
        "external_id",
        "schema_version",
        "schema_checked",
        "received_through",
        "content_type",
        "sha256",
        "faults",
        "body",
    )
    permission_helper_class = SubmissionPermissions

    def get_queryset(self, request: SignedInRequest) -> QuerySet[Submission]:
        # The bodies may have 20 MB each, and no list shows them.
        return submissions_for(request.user).select_related("application", "authority").defer("body")

    @display(description="faults")
    def fault_count(self, submission: Submission) -> int:
        return len(submission.faults)


def _fault_list(submission: Submission) -> str:
    if not submission.faults:
        return "None"
    rows = ((fault["path"] or "(the whole)", fault["reason"]) for fault in submission.faults)
    return format_html("<ul>{}</ul>", format_html_join("", "<li><code>{}</code> {}</li>", rows))


def submission_body(request: SignedInRequest, pk: int) -> HttpResponse:
    """The very bytes that arrived, as a download: they hold personal data, and nothing in them is to be trusted."""
    if not administers_submissions(request.user):
        raise PermissionDenied("Only administrators see what arrived.")
    submission = get_object_or_404(submissions_for(request.user), pk=pk)
    response = HttpResponse(bytes(submission.body), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="submission-{submission.pk}.json"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
