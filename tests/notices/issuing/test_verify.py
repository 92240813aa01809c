"""Issued notices in public: the page, the files, and the proof that a notice is genuine."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from notices.issuing import verify as verify_module
from notices.issuing.issue import verify_url
from notices.models import DecisionNotice
from notices.signoff.approving import approve
from notices.signoff.drafting import start_correction
from notices.signoff.submitting import submit_for_sign_off

pytestmark = pytest.mark.django_db
PAGE = "/verify-a-notice/"


@pytest.fixture
def visitor(client, authority):
    client.defaults["HTTP_HOST"] = authority.site.hostname
    return client


@pytest.fixture
def issued(submitted, manager):
    notice = submitted()
    type(notice.application).objects.filter(pk=notice.application_id).update(published_at=timezone.now())
    return approve(notice, by=manager)


def upload(visitor, data: bytes):
    return visitor.post(PAGE, {"file": SimpleUploadedFile("notice.pdf", data, "application/pdf")})


def test_by_the_number_on_the_notice(visitor, issued):
    number = issued.snapshot_sha256
    spaced = " ".join(number[i : i + 8] for i in range(0, 64, 8)).upper()
    for typed in (number, spaced):
        page = visitor.get(PAGE, {"number": typed})
        assert "This notice is genuine" in page.content.decode()
        assert issued.application.reference in page.content.decode()


def test_by_the_file(visitor, issued):
    for data in (
        bytes(issued.pdf),
        visitor.get(f"/planning-applications/{issued.application.reference}/decision/1.json").content,
    ):
        assert "This notice is genuine" in upload(visitor, data).content.decode()


def test_a_changed_file_is_none_of_ours(visitor, issued):
    assert "We have issued no notice" in upload(visitor, bytes(issued.pdf) + b" ").content.decode()
    assert "We have issued no notice" in visitor.get(PAGE, {"number": "0" * 64}).content.decode()


@pytest.mark.parametrize("number", ["", "abc", "z" * 64, "0" * 65, "' OR 1=1 --"])
def test_what_is_no_number_is_an_error_at_its_field(visitor, issued, number):
    page = visitor.get(PAGE, {"number": number})
    assert page.status_code == 422
    assert "There is a problem" in page.content.decode()
    assert 'href="#id_number"' in page.content.decode()


def test_no_file_and_too_large_a_file(visitor, monkeypatch):
    assert visitor.post(PAGE, {}).status_code == 422
    monkeypatch.setattr(verify_module, "MAX_UPLOAD_BYTES", 10)
    assert "larger than 20 MB" in upload(visitor, b"x" * 11).content.decode()


def test_a_replaced_version_is_genuine_and_says_so(visitor, issued, officer, manager):
    correction = start_correction(issued.application, reason="The date.", by=officer)
    submit_for_sign_off(DecisionNotice.objects.get(pk=correction.pk), by=officer)
    second = approve(correction, by=manager)
    assert "later version has replaced it" in visitor.get(PAGE, {"number": issued.snapshot_sha256}).content.decode()
    assert "later version" not in visitor.get(PAGE, {"number": second.snapshot_sha256}).content.decode()
    address = f"/planning-applications/{issued.application.reference}/decision/"
    newest, old = visitor.get(address).content.decode(), visitor.get(f"{address}1/").content.decode()
    assert second.snapshot_sha256 in newest
    assert "It was replaced" in old
    assert "Version 1," in newest


def test_another_council_knows_nothing_of_it(client, issued, other_authority):
    client.defaults["HTTP_HOST"] = other_authority.site.hostname
    assert "We have issued no notice" in client.get(PAGE, {"number": issued.snapshot_sha256}).content.decode()
    assert client.get(f"/planning-applications/{issued.application.reference}/decision/").status_code == 404


def test_what_is_not_on_the_register_is_confirmed_and_not_shown(visitor, issued):
    type(issued.application).objects.filter(pk=issued.application_id).update(published_at=None)
    page = visitor.get(PAGE, {"number": issued.snapshot_sha256}).content.decode()
    assert "This notice is genuine" in page
    assert "/decision/" not in page
    for tail in ("", "1/", "1.pdf", "1.json"):
        address = f"/planning-applications/{issued.application.reference}/decision/{tail}"
        assert visitor.get(address).status_code == 404


def test_the_files_are_those_that_were_issued(visitor, issued):
    address = f"/planning-applications/{issued.application.reference}/decision/1"
    pdf, data = visitor.get(f"{address}.pdf"), visitor.get(f"{address}.json")
    assert hashlib.sha256(pdf.content).hexdigest() == issued.pdf_sha256
    assert hashlib.sha256(data.content).hexdigest() == issued.snapshot_sha256
    assert (pdf["Content-Type"], data["Content-Type"]) == ("application/pdf", "application/json")
    assert visitor.get(f"{address.removesuffix('1')}2.pdf").status_code == 404


def test_the_page_holds_the_notice_word_for_word(visitor, issued):
    page = visitor.get(reverse("issued_notice", args=[issued.application.reference]))
    assert issued.html in page.content.decode()
    assert "style-src 'self'" in page["Content-Security-Policy"]
    assert "style=" not in issued.html


def test_the_address_printed_on_the_notice_is_the_councils_own(authority, issued):
    assert verify_url(authority) == f"http://{authority.site.hostname}{PAGE}"
    assert verify_url(authority) in issued.html
