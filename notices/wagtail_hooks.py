"""What Wagtail's admin learns of notices and messages. Only registers; the pages themselves stand in notices/admin/."""

from wagtail import hooks
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail_modeladmin.options import modeladmin_register

from .admin import letter_templates
from .models import LetterTemplate

# First of all: Wagtail refuses a policy for a model that it has already made one for.
register_permission_policy(LetterTemplate, letter_templates.POLICY)

from .admin import messages, report_pages  # noqa: E402

register_snippet(letter_templates.LetterTemplateViewSet)
modeladmin_register(messages.MessageAdmin)
hooks.register("register_case_panel", messages.MessagesPanel)


@hooks.register("register_admin_urls")
def message_urls():
    return messages.urlpatterns


hooks.register("preview_case_text", report_pages.preview_texts)


@hooks.register("register_admin_urls")
def report_urls():
    return report_pages.urlpatterns
