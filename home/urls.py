"""Public addresses that stand before Wagtail's pages."""

from django.urls import include, path, register_converter

from home.responses.applicant_pages import answer_views as applicants_answers
from home.responses.applicant_pages import new_link
from home.responses.applicant_pages import views as applicants

from .branding import council_stylesheet
from .files import media
from .register import feeds, map_views, period_views, views
from .register.addresses import ReferenceConverter
from .register.periods import MonthConverter, WeekConverter
from .responses import alerts, comment_views
from .robots import robots, sitemap

register_converter(ReferenceConverter, "reference")
register_converter(WeekConverter, "week")
register_converter(MonthConverter, "month")

_APPLICATION = "planning-applications/<reference:reference>/"
_APPLICANT = "your-application/<str:token>/"
_REQUEST = f"{_APPLICANT}<int:number>/"

urlpatterns = [
    path("council.css", council_stylesheet, name="council_stylesheet"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("media/<path:path>", media, name="media"),
    path("", include("home.open_data.urls")),
    path("planning-applications/", views.register, name="register"),
    path("planning-applications/map/", map_views.register_map, name="register_map"),
    path("planning-applications/map.json", map_views.register_map_data, name="register_map_data"),
    path("planning-applications.atom", feeds.register_feed, name="register_feed"),
    path("planning-applications/weekly/", period_views.weekly_lists, name="weekly_lists"),
    path("planning-applications/weekly/<week:period>/", period_views.period_list, name="weekly_list"),
    path("planning-applications/weekly/<week:period>.csv", period_views.period_csv, name="weekly_list_csv"),
    path("planning-applications/monthly/<month:period>/", period_views.period_list, name="monthly_list"),
    path("planning-applications/monthly/<month:period>.csv", period_views.period_csv, name="monthly_list_csv"),
    path("planning-applications/alerts/", alerts.alerts, name="alerts"),
    path("planning-applications/alerts/area/", alerts.alert_area, name="alert_area"),
    path("planning-applications/alerts/search/", alerts.alert_search, name="alert_search"),
    path("planning-applications/alerts/asked/", alerts.alert_asked, name="alert_asked"),
    path("planning-applications/alerts/all/<uuid:key>/stop/", alerts.alert_stop_all, name="alert_stop_all"),
    path("planning-applications/alerts/<uuid:token>/", alerts.alert_manage, name="alert_manage"),
    path("planning-applications/alerts/<uuid:token>/confirm/", alerts.alert_confirm, name="alert_confirm"),
    path("planning-applications/alerts/<uuid:token>/stop/", alerts.alert_stop, name="alert_stop"),
    path("planning-applications/property/<str:uprn>.atom", feeds.property_feed, name="property_feed"),
    path("planning-applications/property/<str:uprn>/follow/", alerts.alert_property, name="alert_property"),
    path("planning-applications/property/<str:uprn>/", views.register_property, name="register_property"),
    path(_APPLICATION, views.register_application, name="register_application"),
    path(f"{_APPLICATION}changes.atom", feeds.application_feed, name="application_feed"),
    path(f"{_APPLICATION}follow/", alerts.alert_application, name="alert_application"),
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
    path("your-application/new-link/", new_link.applicant_new_link, name="applicant_new_link"),
    path("your-application/new-link/asked/", new_link.applicant_new_link_asked, name="applicant_new_link_asked"),
    path(_APPLICANT, applicants.applicant_requests, name="applicant_requests"),
    path(f"{_APPLICANT}check/", applicants.applicant_check, name="applicant_check"),
    path(f"{_APPLICANT}sent/", applicants.applicant_sent, name="applicant_sent"),
    path(_REQUEST, applicants_answers.applicant_request, name="applicant_request"),
    path(f"{_REQUEST}upload", applicants_answers.applicant_upload, name="applicant_upload"),
    path(f"{_REQUEST}files/<int:pk>/remove", applicants_answers.applicant_file_remove, name="applicant_file_remove"),
    path(f"{_REQUEST}document/<int:pk>", applicants_answers.applicant_document, name="applicant_document"),
]
