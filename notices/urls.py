"""Addresses of notices that anybody may open."""

from django.urls import path

from notices.outbox.callbacks import notify_callback

from .issuing import public

urlpatterns = [
    path("notify/callback", notify_callback, name="notify_callback"),
    path("verify-a-notice/", public.verify_notice, name="verify_notice"),
    path("planning-applications/<str:reference>/decision/", public.issued_notice, name="issued_notice"),
    path("planning-applications/<str:reference>/decision/<int:version>/", public.issued_notice, name="issued_notice"),
    path(
        "planning-applications/<str:reference>/decision/<int:version>.pdf",
        public.issued_notice_pdf,
        name="issued_notice_pdf",
    ),
    path(
        "planning-applications/<str:reference>/decision/<int:version>.json",
        public.issued_notice_json,
        name="issued_notice_json",
    ),
]
