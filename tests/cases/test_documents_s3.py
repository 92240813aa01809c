"""Documents in S3, against a real S3 protocol server on loopback: stored, drawn, and handed over by link."""

import io
import urllib.request
import uuid
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from django.core.files.storage import storages
from moto.server import ThreadedMotoServer

from cases.documents import UnacceptableFile, add_document, file_response
from cases.models import Document
from tests.cases import files


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint, settings, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    s3 = boto3.resource("s3", endpoint_url=endpoint, region_name="eu-west-2")
    bucket = s3.Bucket(f"documents-{uuid.uuid4()}")
    bucket.create(CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    settings.STORAGES = {
        **settings.STORAGES,
        "case_documents": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": bucket.name,
                "region_name": "eu-west-2",
                "endpoint_url": endpoint,
                "addressing_style": "path",
                "signature_version": "s3v4",
                "default_acl": None,
                "querystring_auth": True,
                "querystring_expire": 300,
                "file_overwrite": False,
                "object_parameters": {"ServerSideEncryption": "AES256"},
            },
        },
    }
    for name in ("file", "thumbnail"):
        monkeypatch.setattr(Document._meta.get_field(name), "storage", storages["case_documents"])
    return bucket


def test_a_document_lives_in_s3(bucket, make_application, officer, django_capture_on_commit_callbacks):
    application = make_application("pp.full.householder")
    with django_capture_on_commit_callbacks(execute=True):
        document = add_document(application, file=io.BytesIO(files.pdf(pages=2)), name="Plan.pdf", by=officer)
    document.refresh_from_db()
    assert document.page_count == 2
    assert {stored.key for stored in bucket.objects.all()} == {document.file.name, document.thumbnail.name}
    assert bucket.Object(document.file.name).server_side_encryption == "AES256"

    response = file_response(document, inline=False)
    assert response.status_code == 302
    link = response.headers["Location"]
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["300"]
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == files.pdf(pages=2)
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_what_is_refused_leaves_nothing_behind(bucket, make_application, officer):
    application = make_application("pp.full.householder")
    add_document(application, file=io.BytesIO(files.pdf()), name="Plan.pdf", by=officer)
    with pytest.raises(UnacceptableFile):
        add_document(application, file=io.BytesIO(files.pdf()), name="Again.pdf", by=officer)
    assert len(list(bucket.objects.all())) == 1


def test_two_files_never_share_a_name(bucket, make_application, officer):
    application = make_application("pp.full.householder")
    names = {
        add_document(application, file=io.BytesIO(files.pdf(words=words)), name="Plan.pdf", by=officer).file.name
        for words in ("A", "B")
    }
    assert len(names) == 2
