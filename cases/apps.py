from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = "Cases"

    def ready(self):
        from . import wiring  # the settings and the models must be there first
        from .files import checks

        checks.register()
        wiring.connect()
        # Wagtail indexes where its pages, pictures and snippets are used, with a background task for each row saved.
        # Rows of a case refer to none of these, so their thousands of tasks a day would find nothing. (Wagtail reads
        # the mark when it starts, which is after us in INSTALLED_APPS.)
        for model in self.get_models():
            model.wagtail_reference_index_ignore = True  # type: ignore[attr-defined]
