"""Addresses of our pages in the admin. Each view asks the scope and the permission itself."""

from django.urls import path

from . import case_list, case_page, documents
from .task_pages import case_task

urlpatterns = [
    path("cases/", case_list.case_list, name="case_list"),
    path("cases/<int:pk>/", case_page.CasePage.as_view(), name="case_page"),
    path("cases/<int:pk>/tasks/<slug:slug>/", case_task, name="case_task"),
    path("cases/documents/<int:pk>/", documents.case_document, name="case_document"),
    path("cases/documents/<int:pk>/thumbnail/", documents.case_thumbnail, name="case_thumbnail"),
]
