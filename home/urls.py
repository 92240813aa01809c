"""Public addresses that stand before Wagtail's pages."""

from django.urls import include, path, register_converter
from wagtail.contrib.sitemaps.views import sitemap

from .branding import council_stylesheet
from .files import media
from .register import views
from .register.addresses import ReferenceConverter
from .responses import comment_views
from .robots import robots

register_converter(ReferenceConverter, "reference")

_APPLICATION = "planning-applications/<reference:reference>/"

urlpatterns = [
    path("council.css", council_stylesheet, name="council_stylesheet"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("media/<path:path>", media, name="media"),
    path("", include("home.open_data.urls")),
    path("planning-applications/", views.register, name="register"),
    path("planning-applications/property/<str:uprn>/", views.register_property, name="register_property"),
    path(_APPLICATION, views.register_application, name="register_application"),
    path(f"{_APPLICATION}comments/", views.register_comments, name="register_comments"),
    path(f"{_APPLICATION}comment/", comment_views.comment_start, name="register_comment"),
    path(f"{_APPLICATION}comment/<str:token>/sent/", comment_views.comment_sent, name="register_comment_sent"),
    path(
        f"{_APPLICATION}comment/<str:token>/<slug:question>/",
        comment_views.comment_question,
        name="register_comment_question",
    ),
    path(f"{_APPLICATION}officer-report/", views.register_report, name="register_report"),
    path(f"{_APPLICATION}officer-report.pdf", views.register_report_file, name="register_report_file"),
    path(f"{_APPLICATION}documents/", views.register_documents, name="register_documents"),
    path(f"{_APPLICATION}documents.zip", views.register_documents_zip, name="register_documents_zip"),
    path(f"{_APPLICATION}documents/<int:pk>/", views.register_document, name="register_document"),
]
