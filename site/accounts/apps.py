from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and councils"

    def ready(self):
        from . import checks, public_address  # noqa: F401 - register themselves; possible when the applications are loaded
        from .dates import everywhere

        everywhere.give()
