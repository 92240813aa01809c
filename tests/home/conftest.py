"""Fixtures of the public site's tests: what a visitor of one council's host name sees."""

from collections.abc import Callable
from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from cases.models import Comment, Document, PlanningApplication
from cases.statuses import Sentiment, Status
from tests.home.applicants import Applicant


@pytest.fixture
def visitor(authority) -> Client:
    """Somebody without a session, on the host name of the council."""
    return Client(HTTP_HOST=authority.site.hostname)


@pytest.fixture
def visitor_elsewhere(other_authority) -> Client:
    return Client(HTTP_HOST=other_authority.site.hostname)


@pytest.fixture
def make_public(make_application) -> Callable[..., PlanningApplication]:
    """make_public("pp.full.householder", …) → an application on the register, in assessment unless said otherwise."""

    def make(type_code: str = "pp.full.householder", *, status: Status = Status.IN_ASSESSMENT, **fields):
        return make_application(type_code, status=status, **{"published_at": timezone.now(), **fields})

    return make


@pytest.fixture
def letters(db) -> None:
    """The templates of the letters that go out while an applicant is asked and answers."""
    call_command("load_letter_templates", verbosity=0)


@pytest.fixture
def application(make_application) -> PlanningApplication:
    """An invalid one, whose applicant is asked. Tests of the register have public ones of their own by this name."""
    return make_application("pp.full.householder", status=Status.INVALIDATED)


@pytest.fixture
def applicant(application) -> Applicant:
    """Somebody who has opened the link to what they are asked."""
    return Applicant(application)


PDF = b"%PDF-1.4 a plan"


@pytest.fixture
def make_document() -> Callable[..., Document]:
    """make_document(application, "Site plan", "sitePlan.proposed") → a published document with its file."""

    def make(
        application, title="Site plan", *types: str, public_status="publish", content: bytes = PDF, **fields
    ) -> Document:
        row = {"received_on": date(2026, 6, 1), "mime_type": "application/pdf", "size": len(content), **fields}
        if public_status == "withhold":
            row["withheld_because"] = "Personal"
        document = Document(application=application, title=title, types=list(types), public_status=public_status, **row)
        document.file.save("x.pdf", ContentFile(content), save=False)
        if public_status == "publish":  # as the background leaves it
            document.clean_mime_type, document.clean_size = document.mime_type, document.size
            document.clean_file.save("x.clean.pdf", ContentFile(content), save=False)
        document.save()
        return document

    return make


@pytest.fixture
def make_comment() -> Callable[..., Comment]:
    """make_comment(application, "Too high") → a published objection in these words, with private ones beside them."""

    def make(application, text: str, sentiment: str = Sentiment.OBJECTION, **fields) -> Comment:
        row = {
            "name": "Private Name",
            "address": "Private Address",
            "email": "private@example.com",
            "text": f"raw {text}",
            "redacted_text": text,
            "published_at": timezone.now(),
            "received_on": date(2026, 6, 10),
        }
        return Comment.objects.create(application=application, sentiment=sentiment, **row | fields)

    return make
