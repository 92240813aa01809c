"""Our own command and checks, and Wagtail's user admin, told to use our own viewset."""

from django.apps import AppConfig
from wagtail.users.apps import WagtailUsersAppConfig


class BopsConfig(AppConfig):
    name = "config"

    def ready(self):
        from . import checks  # noqa: F401 - registers itself; possible only when the applications are loaded


class BopsUsersConfig(WagtailUsersAppConfig):
    user_viewset = "accounts.users.UserViewSet"
