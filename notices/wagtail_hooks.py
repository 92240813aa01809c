"""What Wagtail's admin learns of notices and messages. Only registers; the pages themselves stand in notices/admin/."""

from wagtail import hooks
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail_modeladmin.options import modeladmin_register

from notices.issuing.issue import IssueNoticeAction

from .admin import decision_notices, letter_templates, notice_templates
from .models import DecisionNotice, LetterTemplate, NoticeTemplate

# First of all: Wagtail refuses a policy for a model that it has already made one for.
register_permission_policy(LetterTemplate, letter_templates.POLICY)
register_permission_policy(NoticeTemplate, notice_templates.POLICY)
register_permission_policy(DecisionNotice, decision_notices.POLICY)

from .admin import correction, messages, notice_pages, report_pages, request_letter  # noqa: E402

register_snippet(decision_notices.DecisionNoticeViewSet)
register_snippet(notice_templates.NoticeTemplateViewSet)
hooks.register("construct_snippet_action_menu", decision_notices.only_saving)


@hooks.register("register_actions")
def issue_is_the_only_way_to_publish(registry):
    """Wagtail's API takes its actions from this registry, past DecisionNotice.publish()."""
    registry.register(DecisionNotice, IssueNoticeAction)


@hooks.register("register_admin_urls")
def notice_urls():
    return [*notice_pages.urlpatterns, *correction.urlpatterns]


register_snippet(letter_templates.LetterTemplateViewSet)
modeladmin_register(messages.MessageAdmin)
hooks.register("register_case_panel", messages.MessagesPanel)


@hooks.register("register_admin_urls")
def message_urls():
    return messages.urlpatterns


hooks.register("preview_case_text", report_pages.preview_texts)
hooks.register("preview_request_letter", request_letter.preview)


@hooks.register("register_admin_urls")
def report_urls():
    return report_pages.urlpatterns
