"""What Wagtail's admin learns of us. Only registers; the pages themselves stand in cases/admin/."""

from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks

from .admin import urls

# Each module registers its task pages (decorator @task_page) when it is imported.


@hooks.register("register_admin_urls")
def case_urls():
    return urls.urlpatterns


@hooks.register("insert_global_admin_css")
def case_styles() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("css/case_admin.css"))
