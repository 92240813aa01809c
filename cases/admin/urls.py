"""Addresses of our pages in the admin. Each view asks the scope and the permission itself."""

from django.urls import path

from . import (
    case_actions,
    case_list,
    case_page,
    documents,
    new_case,
    outcome_pages,
    planning_portal,
    submissions,
)
from .task_pages import case_task

urlpatterns = [
    path("cases/", case_list.case_list, name="case_list"),
    path("cases/new/", new_case.NewCasePage.as_view(), name="case_new"),
    path("cases/planning-portal/", planning_portal.PlanningPortalPage.as_view(), name="planning_portal"),
    path("cases/planning-portal/<int:pk>/again/", planning_portal.planning_portal_again, name="planning_portal_again"),
    path("cases/planning-portal/<int:pk>/zip/", planning_portal.planning_portal_zip, name="planning_portal_zip"),
    path("cases/<int:pk>/", case_page.CasePage.as_view(), name="case_page"),
    path("cases/<int:pk>/history/", case_page.HistoryPage.as_view(), name="case_history"),
    path("cases/<int:pk>/tasks/<slug:slug>/", case_task, name="case_task"),
    path("cases/<int:pk>/steps/<slug:step>/", case_actions.StepPage.as_view(), name="case_step"),
    path("cases/<int:pk>/notes/", case_actions.NotePage.as_view(), name="case_note"),
    *(
        path(f"cases/<int:pk>/{name.removeprefix('case_')}/", page.as_view(), name=name)
        for name, page in case_actions.WHOLE_CASE_PAGES.items()
    ),
    path("cases/<int:pk>/extension/", outcome_pages.ExtensionPage.as_view(), name="case_extension"),
    path("cases/<int:pk>/committee/", outcome_pages.CommitteePage.as_view(), name="case_committee"),
    path("cases/<int:pk>/appeals/", outcome_pages.AppealsPage.as_view(), name="case_appeals"),
    path("cases/documents/<int:pk>/", documents.case_document, name="case_document"),
    path("cases/documents/<int:pk>/thumbnail/", documents.case_thumbnail, name="case_thumbnail"),
    path("cases/submissions/<int:pk>/body/", submissions.submission_body, name="submission_body"),
]
