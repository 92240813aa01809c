from django.apps import AppConfig


class DemoConfig(AppConfig):
    """A council that does not exist, with two years of cases. Not installed in production."""

    name = "demo"
    verbose_name = "Demonstration council"
