from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "notices"
    verbose_name = "Notices"

    def ready(self):
        from .correspondence import events as correspondence
        from .correspondence import request_letters
        from .outbox import checks
        from .signoff import deciding as signoff
        from .signoff import officer_tasks  # the models must be there first

        checks.register()
        correspondence.listen()
        signoff.listen_to_cases()
        officer_tasks.register_tasks()
        request_letters.tell()
        # As in cases/apps.py; the templates stay indexed, since their rich text links to pages.
        for name in ("DecisionNotice", "IssuedNotice", "Message"):
            self.get_model(name).wagtail_reference_index_ignore = True  # type: ignore[attr-defined]
