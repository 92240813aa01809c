from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "notices"
    verbose_name = "Notices"

    def ready(self):
        from . import checks, correspondence  # the models must be there first

        checks.register()
        correspondence.listen()
