"""What a load balancer sees."""

import pytest
from django.db import DatabaseError, connection


@pytest.mark.django_db
def test_it_answers_without_a_known_host_name_and_without_tls(client, settings):
    settings.ALLOWED_HOSTS = ["planning.example.gov.uk"]
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/healthz", headers={"host": "10.0.0.7:8000"})
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
def test_other_pages_still_ask_for_a_known_host_name(client, settings):
    settings.ALLOWED_HOSTS = ["planning.example.gov.uk"]
    assert client.get("/admin/login/", headers={"host": "10.0.0.7:8000"}).status_code == 400


@pytest.mark.django_db
def test_a_process_without_its_database_is_not_well_and_tells_no_details(client, monkeypatch):
    def refuse(*_):
        raise DatabaseError("password authentication failed for user bops at 10.1.2.3")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/healthz")
    monkeypatch.undo()
    assert (answer.status_code, answer.content) == (503, b"no database")
