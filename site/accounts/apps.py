from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and councils"

    def ready(self):
        from . import checks  # noqa: F401 - registers itself; possible only when the applications are loaded
