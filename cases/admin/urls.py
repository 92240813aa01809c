"""Addresses of our pages in the admin. Each view asks the scope and the permission itself."""

from django.urls import path

from cases.admin.frame.task_pages import case_task

from .decision import outcome_pages
from .documents import compare as document_compare
from .documents import redaction as redaction_page
from .documents import search as documents_search
from .documents import serving as documents
from .documents import together as documents_together
from .documents import upload as document_upload
from .documents import viewer as document_viewer
from .frame import case_actions, case_list, case_page
from .intake import new_case, planning_portal, submissions
from .requests import letter as request_letter
from .requests import overview as requests_page
from .requests import pages as request_pages
from .typed import pages as typed_pages

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
    path("cases/documents/<int:pk>/pages/<int:number>/", documents.case_document_page, name="case_document_page"),
    path(
        "cases/documents/<int:pk>/pages/<int:number>/strips/<int:strip>/",
        documents.case_document_strip,
        name="case_document_strip",
    ),
    path("cases/documents/<int:pk>/redaction/", redaction_page.RedactionPage.as_view(), name="case_redaction"),
    path("cases/documents/<int:pk>/redaction/state/", redaction_page.case_redaction_state, name="case_redaction_state"),
    path("cases/documents/<int:pk>/view/", document_viewer.ViewerPage.as_view(), name="case_document_viewer"),
    path(
        "cases/documents/<int:pk>/compare/",
        document_compare.CompareWithPage.as_view(),
        name="case_document_compare_with",
    ),
    path(
        "cases/documents/<int:pk>/compare/<int:newer>/",
        document_compare.ComparePage.as_view(),
        name="case_document_compare",
    ),
    path("cases/documents/search/", documents_search.DocumentsSearchPage.as_view(), name="case_documents_search"),
    path("cases/<int:pk>/documents/upload/", document_upload.case_documents_upload, name="case_documents_upload"),
    path(
        "cases/<int:pk>/documents/together/",
        documents_together.TogetherPage.as_view(),
        name="case_documents_together",
    ),
    path("cases/<int:pk>/requests/", requests_page.RequestsPage.as_view(), name="case_requests"),
    path("cases/<int:pk>/requests/new/", request_pages.NewRequestPage.as_view(), name="case_request_new"),
    path("cases/<int:pk>/requests/letter/", request_letter.LetterPage.as_view(), name="case_request_letter"),
    path(
        "cases/<int:pk>/requests/<int:number>/change/",
        request_pages.ChangeRequestPage.as_view(),
        name="case_request_change",
    ),
    path(
        "cases/<int:pk>/requests/<int:number>/again/",
        request_pages.AskAgainPage.as_view(),
        name="case_request_again",
    ),
    *typed_pages.urlpatterns,
    path("cases/submissions/<int:pk>/body/", submissions.submission_body, name="submission_body"),
]
