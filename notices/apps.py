from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "notices"
    verbose_name = "Notices"

    def ready(self):
        from . import wiring  # the models must be there first

        wiring.connect()
        # As in cases/apps.py; the templates stay indexed, since their rich text links to pages.
        for name in ("DecisionNotice", "IssuedNotice", "Message"):
            self.get_model(name).wagtail_reference_index_ignore = True  # type: ignore[attr-defined]
