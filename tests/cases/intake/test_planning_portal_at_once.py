"""The same ZIP twice at the same moment: one delivery, one case, and no ZIP without a row."""

import io

import pytest
from django.core.exceptions import ValidationError

from accounts.roles import SUPPORT_OFFICER
from cases.intake import planning_portal
from cases.intake.planning_portal import take_in_delivery, upload
from cases.models import Document, PlanningApplication, PortalDelivery
from tests.notices.issuing.test_issue_race import both_at_once

from .test_planning_portal import package

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _the_workers_come_later(monkeypatch):
    monkeypatch.setattr(planning_portal, "enqueue", lambda task, *args, **about: None)


def zips() -> set[str]:
    storage = PortalDelivery._meta.get_field("package").storage
    try:
        return {f"planning-portal/{name}" for name in storage.listdir("planning-portal")[1]}
    except FileNotFoundError:
        return set()


def test_two_officers_upload_the_same_zip_and_it_is_one_case(authority, support_officer, make_user):
    colleague = make_user("colleague", SUPPORT_OFFICER, authority=authority)
    body = package()
    results = both_at_once(
        *(lambda by=by: upload(io.BytesIO(body), authority=authority, by=by) for by in (support_officer, colleague))
    )
    refused = [result for result in results if isinstance(result, Exception)]
    assert all(isinstance(result, ValidationError) for result in refused), results
    assert all("at this moment" in str(result.messages) for result in refused)
    for delivery in PortalDelivery.objects.all():
        take_in_delivery.call(delivery.pk)
    assert PlanningApplication.objects.count() == 1
    assert zips() == set(PortalDelivery.objects.values_list("package", flat=True))
    assert PortalDelivery.objects.count() == len(results) - len(refused) or len({r.pk for r in results}) == 1


def test_two_workers_at_one_delivery_make_one_case_and_each_document_once(authority, support_officer):
    delivery = upload(io.BytesIO(package()), authority=authority, by=support_officer)
    assert delivery.state == PortalDelivery.State.WAITING
    both_at_once(*[lambda: take_in_delivery.call(delivery.pk)] * 3)
    delivery.refresh_from_db()
    assert delivery.state == PortalDelivery.State.TAKEN_IN
    assert PlanningApplication.objects.count() == 1
    assert Document.objects.count() == 3
    assert not Document.objects.exclude(fetch_status="here").exists()
    assert zips() == {delivery.package.name}
