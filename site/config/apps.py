"""Wagtail's user admin, told to use our own viewset."""

from wagtail.users.apps import WagtailUsersAppConfig


class BopsUsersConfig(WagtailUsersAppConfig):
    user_viewset = "accounts.users.UserViewSet"
