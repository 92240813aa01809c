"""What Wagtail's admin learns of us. Only registers; the pages themselves stand in cases/admin/."""

from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail_modeladmin.options import modeladmin_register

from cases.admin.frame.policies import CasePolicy, ReferenceDataPolicy
from cases.admin.reference_data.pages import REFERENCE_MODELS, ReferenceDataGroup

from .models import PlanningApplication
from .permissions import can_take_in_deliveries

# First of all: Wagtail refuses a policy for a model that it has already made one for.
register_permission_policy(PlanningApplication, CasePolicy(PlanningApplication))
for model in REFERENCE_MODELS:
    register_permission_policy(model, ReferenceDataPolicy(model))

# Each module of tasks registers its pages (decorator @task_page) when it is imported.
from cases.admin.decision.outcome_pages import outcome_actions  # noqa: E402
from cases.admin.frame.audit import AuditAdmin  # noqa: E402
from cases.admin.frame.bulk_actions import WITH_CASES, RefuseBulkDelete  # noqa: E402
from cases.admin.frame.case_list import CaseViewSet  # noqa: E402
from cases.admin.frame.home_panels import add_cases_panel, add_typed_words_panel  # noqa: E402
from cases.admin.intake.submissions import SubmissionAdmin  # noqa: E402

from .admin import urls  # noqa: E402
from .admin.assessment import recommend_tasks  # noqa: E402, F401
from .admin.assessment import tasks as tasks_of_assessment  # noqa: E402, F401
from .admin.consultation import comments_task, publicity_task  # noqa: E402, F401
from .admin.documents import task  # noqa: E402, F401
from .admin.validation import decision  # noqa: E402, F401
from .admin.validation import tasks as tasks_of_validation  # noqa: E402, F401

register_snippet(CaseViewSet)
modeladmin_register(SubmissionAdmin)
modeladmin_register(AuditAdmin)

hooks.register("register_case_action", outcome_actions)
for action in WITH_CASES:
    hooks.register("register_bulk_action", action)
hooks.register("register_bulk_action", RefuseBulkDelete, order=100)  # after Wagtail's own “Delete”, in its place


hooks.register("construct_homepage_panels", add_cases_panel)
hooks.register("construct_homepage_panels", add_typed_words_panel)  # above it


@hooks.register("register_admin_viewset")
def reference_data():
    return ReferenceDataGroup()


class PlanningPortalItem(MenuItem):
    def is_shown(self, request) -> bool:
        return can_take_in_deliveries(request.user)


@hooks.register("register_admin_menu_item")
def planning_portal_item() -> MenuItem:
    return PlanningPortalItem(
        "Planning Portal", reverse("planning_portal"), name="planning-portal", icon_name="download", order=210
    )


@hooks.register("register_admin_urls")
def case_urls():
    return urls.urlpatterns


@hooks.register("insert_global_admin_js")
def case_scripts() -> str:
    scripts = ("js/case_admin.js", "js/typed_words.js")
    return format_html_join("", '<script defer src="{}"></script>', ((static(script),) for script in scripts))


@hooks.register("insert_global_admin_css")
def case_styles() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("css/case_admin.css"))
