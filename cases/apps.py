from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = "Cases"

    def ready(self):
        from .files import checks  # the settings must be there first

        checks.register()
        # Wagtail indexes where its pages, pictures and snippets are used, with a background task for each row saved.
        # Rows of a case refer to none of these, so their thousands of tasks a day would find nothing. (Wagtail reads
        # the mark when it starts, which is after us in INSTALLED_APPS.)
        for model in self.get_models():
            model.wagtail_reference_index_ignore = True  # type: ignore[attr-defined]
