"""Every address of the installation, in the order in which they are tried."""

from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from accounts.dates.views import understood
from cases.admin.typed.pages import open_urls
from config.api import api, nothing_here

handler500 = "config.errors.server_error"
urlpatterns = [
    *open_urls,
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("api/", api.urls),
    path("api/<path:anything>", nothing_here, name="api_nothing_here"),
    path("understood-date/", understood, name="understood_date"),
    path("", include("notices.urls")),
    path("", include("home.urls")),
    path("", include(wagtail_urls)),
]
