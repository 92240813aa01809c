"""The Planning Portal's ZIPs in S3: as on a local disk, and what becomes of a delivery while the store is away."""

import io
from datetime import timedelta
from inspect import signature

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from cases.files.disk import StorageAway
from cases.intake import planning_portal
from cases.intake.planning_portal import TAKING_IN, announce, take_in_delivery, try_again, upload
from cases.models import Document, PlanningApplication, PortalDelivery
from tests.cases import files
from tests.cases.s3 import behind_the_gate, bucket, closed, gate, moto_port
from tests.leases import attempts_of, falls_due

from . import test_planning_portal
from .test_planning_portal import case_of, delivered, notice, package, portal_token

__all__ = ["behind_the_gate", "bucket", "delivered", "gate", "moto_port", "portal_token"]  # fixtures

pytestmark = pytest.mark.django_db
State = PortalDelivery.State
ADDRESS = "/admin/cases/planning-portal/"

# The same tests again: whatever fetches, keeps or unpacks a ZIP.
AGAIN = {"test_an_officer_uploads_a_zip", "test_the_same_zip_uploaded_twice_is_one_delivery"}
globals().update(
    {
        name: test
        for name, test in vars(test_planning_portal).items()
        if name in AGAIN or (name.startswith("test_") and "delivered" in signature(test).parameters)
    }
)


@pytest.fixture(autouse=True)
def _in_s3(bucket):
    """Packages and documents lie in the bucket before any of them comes."""


def known() -> list[str]:
    """What rows know of in the store."""
    names = [
        *Document.objects.values_list("file", flat=True),
        *PortalDelivery.objects.values_list("package", flat=True),
    ]
    return sorted(name for name in names if name)


def chosen(body: bytes) -> io.BytesIO:
    file = io.BytesIO(body)
    file.name = "PT-10079425.zip"
    return file


def test_the_zip_and_its_documents_lie_in_the_store_as_they_came(bucket, delivered):
    body = package()
    delivery = delivered(body)
    assert bucket.keys() == known()
    assert bucket.read(delivery.package.name) == body
    front = case_of(delivery).documents.get(original_name="front.pdf")
    assert bucket.read(front.file.name) == files.pdf(words="front")


# --- The store is away ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["busy", "silent", "refusing"])
def test_an_upload_without_a_store_leaves_neither_delivery_nor_file(
    client, support_officer, authority, gate, bucket, state
):
    client.force_login(support_officer)
    body = package()
    with closed(gate, state):
        answer = client.post(ADDRESS, {"package": chosen(body)})
    assert answer.status_code == 422
    assert "The document store cannot be reached just now. Nothing was saved." in answer.content.decode()
    assert not PortalDelivery.objects.exists(), "nothing was saved: also no delivery without its ZIP"
    assert bucket.keys() == []
    assert client.post(ADDRESS, {"package": chosen(body)}).status_code == 302
    delivery = PortalDelivery.objects.get()
    assert (delivery.version, bucket.keys()) == (1, [delivery.package.name])


def test_a_row_that_cannot_be_written_leaves_no_zip(support_officer, authority, server, bucket, monkeypatch):
    def fails(*args, **about):
        raise RuntimeError("the row cannot be written")

    server.answers["/PT.zip"] = (200, {}, package())
    delivery = announce(notice(server.url("/PT.zip")), authority=authority, through="test")
    with monkeypatch.context() as patched:
        patched.setattr(PortalDelivery, "save", fails)
        with pytest.raises(RuntimeError):
            upload(io.BytesIO(package()), authority=authority, by=support_officer)
        take_in_delivery.call(delivery.pk)
    assert bucket.keys() == []
    assert TAKING_IN.sweep(timezone.now() + timedelta(days=1)) == 1
    falls_due(TAKING_IN, delivery)
    take_in_delivery.call(delivery.pk)
    assert PortalDelivery.objects.get().state == State.TAKEN_IN
    assert bucket.keys() == known()


def test_a_queue_that_is_away_loses_no_upload(support_officer, authority, bucket, monkeypatch):
    def fails(*args, **about):
        raise RuntimeError("the queue is away")

    body = package()
    with monkeypatch.context() as patched:
        patched.setattr(planning_portal, "enqueue", fails)
        with pytest.raises(RuntimeError):
            upload(io.BytesIO(body), authority=authority, by=support_officer)
    delivery = PortalDelivery.objects.get()
    assert bucket.keys() == [delivery.package.name]
    assert upload(io.BytesIO(body), authority=authority, by=support_officer) == delivery
    assert TAKING_IN.sweep() == 1


def test_a_fetched_zip_that_cannot_be_kept_is_fetched_again(authority, server, gate, bucket):
    server.answers["/PT.zip"] = (200, {}, package())
    delivery = announce(notice(server.url("/PT.zip")), authority=authority, through="test")
    with closed(gate, "busy"):
        take_in_delivery.call(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, bool(delivery.package)) == (State.WAITING, False)
    assert delivery.failed_because == "The storage of documents could not be reached. It will be tried again."
    assert not PlanningApplication.objects.exists()
    assert bucket.keys() == []
    assert TAKING_IN.sweep(delivery.due_at) == 1
    falls_due(TAKING_IN, delivery)
    take_in_delivery.call(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == State.TAKEN_IN
    assert bucket.keys() == known()
    assert Document.objects.filter(fetch_status="here").count() == 3


@pytest.mark.parametrize("document", [1, 2, 3])
def test_a_store_that_goes_among_the_documents_loses_none_and_doubles_none(
    authority, server, gate, bucket, monkeypatch, document
):
    server.answers["/PT.zip"] = (200, {}, package())
    delivery = announce(notice(server.url("/PT.zip")), authority=authority, through="test")
    store, stored = planning_portal.store_fetched, []

    def then_shut(*args, **about):
        stored.append(args)
        if len(stored) == document:
            gate.state = "busy"
        return store(*args, **about)

    with monkeypatch.context() as patched, closed(gate, "open"):
        patched.setattr(planning_portal, "store_fetched", then_shut)
        take_in_delivery.call(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == State.TAKEN_IN, "the case is there, with its form"
    assert "tried again" in delivery.failed_because
    waiting = Document.objects.filter(fetch_status="waiting").count()
    assert waiting == 3 - (document - 1)
    assert bucket.keys() == known()
    falls_due(TAKING_IN, delivery)
    take_in_delivery.call(delivery.pk)
    assert Document.objects.filter(fetch_status="here").count() == Document.objects.count() == 3
    assert PlanningApplication.objects.count() == 1
    assert bucket.keys() == known()


def test_a_store_that_stays_away_fails_in_words_and_is_taken_up_by_hand(
    authority, support_officer, server, gate, bucket
):
    server.answers["/PT.zip"] = (200, {}, package())
    delivery = announce(notice(server.url("/PT.zip")), authority=authority, through="test")
    with closed(gate, "busy"):
        for _ in range(attempts_of(TAKING_IN)):
            falls_due(TAKING_IN, delivery)
            take_in_delivery.call(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.due_at) == (State.FAILED, None)
    assert delivery.failed_because == "The storage of documents could not be reached. It was tried 5 times."
    try_again(delivery, by=support_officer)
    take_in_delivery.call(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.failed_because) == (State.TAKEN_IN, "")
    assert bucket.keys() == known()


def test_an_officer_is_told_that_the_zip_cannot_be_had_now(client, support_officer, delivered, gate):
    delivery = delivered(package())
    client.force_login(support_officer)
    with closed(gate, "busy"):
        answer = client.get(f"{ADDRESS}{delivery.pk}/zip/")
    assert answer.status_code == 503
    assert "cannot be reached just now" in answer.content.decode()


def test_a_zip_that_the_store_has_lost_is_said(authority, support_officer, delivered, gate, client):
    delivery = delivered(package())
    delivery.package.storage.delete(delivery.package.name)
    client.force_login(support_officer)
    assert client.get(f"{ADDRESS}{delivery.pk}/zip/").status_code == 404


def test_what_is_no_zip_is_refused_without_asking_the_store(authority, support_officer, gate):
    with closed(gate, "busy"), pytest.raises(ValidationError, match="not a ZIP"):
        upload(io.BytesIO(files.pdf()), authority=authority, by=support_officer)
    assert gate.asked == []
    with closed(gate, "busy"), pytest.raises(StorageAway):
        upload(io.BytesIO(package()), authority=authority, by=support_officer)
