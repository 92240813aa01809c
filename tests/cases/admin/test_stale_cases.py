"""A verb asks its permission of the case as it stands now, not as whoever calls it had read it."""

import io
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from cases.application import assignment, facts
from cases.documents import adding, describing
from cases.models import ApplicationType, ConstraintType, Document, PlanningApplication
from cases.requests import raising
from cases.requests.answers import settling
from cases.statuses import Status
from tests.cases import files

pytestmark = pytest.mark.django_db


@pytest.fixture
def stale(make_application, officer):
    """A case that its reader still takes for being assessed, with a document, a constraint and an open fault."""
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    for title in ("Old", "New"):
        Document.objects.create(
            application=application, title=title, received_on=date(2026, 6, 1), file=f"{title}.pdf", sha256=title
        )
    facts.add_constraint(application, constraint_type=ConstraintType.objects.first(), by=officer)
    raising.draft_request(application, kind="fee", title="Fee", text="x", what_to_send="x", by=officer)
    return PlanningApplication.objects.get(pk=application.pk)


def row(application, related: str):
    """The first row of the case, with the case as it was read."""
    found = getattr(application, related).order_by("pk").first()
    found.application = application
    return found


CORRECTIONS = {
    "description": lambda case, by: facts.change_description(case, description="Another", by=by),
    "type": lambda case, by: facts.change_type(
        case, application_type=ApplicationType.objects.get(code="ldc.proposed"), because="x", by=by
    ),
    "constraint added": lambda case, by: facts.add_constraint(
        case, constraint_type=ConstraintType.objects.last(), by=by
    ),
    "constraint removed": lambda case, by: facts.remove_constraint(row(case, "constraints"), because="x", by=by),
    "document described": lambda case, by: describing.change_document(row(case, "documents"), title="x", by=by),
    "document superseded": lambda case, by: describing.supersede(
        row(case, "documents"), with_document=case.documents.get(title="New"), by=by
    ),
    "fault raised": lambda case, by: raising.draft_request(
        case, kind="fee", title="x", text="x", what_to_send="x", by=by
    ),
    "fault cancelled": lambda case, by: settling.cancel_request(row(case, "validation_requests"), because="x", by=by),
}


@pytest.mark.parametrize("verb", CORRECTIONS)
def test_nothing_is_corrected_once_the_case_waits_for_its_decision(stale, officer, verb):
    PlanningApplication.objects.filter(pk=stale.pk).update(status=Status.AWAITING_DETERMINATION)
    with pytest.raises(PermissionDenied):
        CORRECTIONS[verb](stale, officer)


def test_no_document_comes_to_a_case_that_has_ended(stale, officer, settings):
    PlanningApplication.objects.filter(pk=stale.pk).update(status=Status.CLOSED)
    with pytest.raises(PermissionDenied):
        adding.add_document(stale, file=io.BytesIO(files.pdf()), name="plan.pdf", by=officer)


def test_nobody_is_given_a_case_that_has_ended(stale, officer, manager):
    PlanningApplication.objects.filter(pk=stale.pk).update(status=Status.CLOSED)
    with pytest.raises(PermissionDenied):
        assignment.assign(stale, officer=officer, by=manager)
    with pytest.raises(PermissionDenied):
        assignment.take(stale, by=officer)
