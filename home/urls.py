"""Public addresses that stand before Wagtail's pages."""

urlpatterns: list = []
