"""Public pages are kept for a minute for visitors without cookies, each for its own host, and nothing else is."""

import pytest
from django.db import connection
from django.http import HttpResponse, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from home.caching import LONGEST_KEPT, finished, from_memory

LIST = "/planning-applications/"


# Whether the website changed, whether the register did: all that the database is asked for a kept page.
LOOKING = 2

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _kept_for_a_minute(settings):
    settings.REGISTER_CACHE_SECONDS = settings.REMEMBER_SECONDS = 60


def test_a_kept_page_asks_the_database_only_whether_anything_changed(visitor, make_public):
    make_public()
    first = visitor.get(LIST, {"q": "blyton"})
    with CaptureQueriesContext(connection) as queries:
        again = visitor.get(LIST, {"q": "blyton"})
    assert len(queries) == LOOKING
    assert again.content == first.content
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert int(again.headers["Age"]) >= 0


def test_the_order_of_a_query_is_no_other_page(visitor, make_public):
    make_public()
    first = visitor.get(f"{LIST}?q=blyton&status=decided")
    with CaptureQueriesContext(connection) as queries:
        assert visitor.get(f"{LIST}?status=decided&q=blyton").content == first.content
    assert len(queries) == LOOKING
    assert visitor.get(f"{LIST}?q=blyton").content != first.content
    assert visitor.get(f"{LIST}?q=decided&status=blyton").content != first.content


def test_a_kept_page_answers_304(visitor, make_public):
    make_public()
    etag = visitor.get(LIST).headers["ETag"]
    with CaptureQueriesContext(connection) as queries:
        again = visitor.get(LIST, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, len(queries)) == (304, b"", LOOKING)
    assert visitor.get(LIST, headers={"If-None-Match": '"other"'}).status_code == 200


def test_another_council_never_gets_it(visitor, visitor_elsewhere, make_public):
    application = make_public()
    assert application.reference in visitor.get(LIST).content.decode()
    text = visitor_elsewhere.get(LIST).content.decode()
    assert application.reference not in text
    assert application.reference in visitor.get(LIST).content.decode()
    assert visitor.get(f"{LIST}{application.reference}/").status_code == 200
    assert visitor_elsewhere.get(f"{LIST}{application.reference}/").status_code == 404


def test_somebody_with_a_session_sees_what_is_new_and_leaves_nothing_behind(visitor, officer, make_public):
    make_public()
    visitor.get(LIST)
    new = make_public()
    editor = Client(HTTP_HOST=officer.authority.site.hostname)
    editor.force_login(officer)
    answer = editor.get(LIST)
    assert new.reference in answer.content.decode()
    assert answer.headers["Cache-Control"] == "private, no-cache"
    stranger = visitor.get(LIST)
    assert stranger.headers["Cache-Control"] == "public, max-age=60"
    assert "Age" not in stranger.headers, "what the editor got was not kept"
    assert new.reference in stranger.content.decode()


def test_errors_and_redirects_are_not_kept(visitor, make_public):
    address = f"{LIST}26-99999-HAPP/"
    assert visitor.get(address).status_code == 404
    make_public(reference="26-99999-HAPP")
    assert visitor.get(address).status_code == 200
    assert visitor.get(f"{LIST}2699999happ/").status_code == 301
    assert visitor.get(f"{LIST}2699999happ/").headers["Location"] == address


def test_zero_is_off(visitor, make_public, settings):
    settings.REGISTER_CACHE_SECONDS = 0
    make_public()
    visitor.get(LIST)
    new = make_public()
    assert new.reference in visitor.get(LIST).content.decode()


def answered(response: HttpResponse, **headers) -> HttpResponse:
    """Ask twice: the second answer is the kept one, or a new one that says so."""
    asked = RequestFactory().get("/somewhere/", **headers)
    from_memory(asked, lambda: finished(asked, response))
    again = RequestFactory().get("/somewhere/", **headers)
    return from_memory(again, lambda: HttpResponse("new"))


def test_a_page_is_kept():
    assert answered(HttpResponse("old")).content == b"old"


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse("old", status=500),
        HttpResponse("old", headers={"Cache-Control": "private"}),
        HttpResponse("old", headers={"Cache-Control": "no-store"}),
        HttpResponse("old", headers={"Vary": "Cookie"}),
        HttpResponse("x" * (LONGEST_KEPT + 1)),
        StreamingHttpResponse(["old"]),
    ],
)
def test_what_is_not_for_all_or_too_long_is_not_kept(response):
    assert answered(response).content == b"new"


def test_an_answer_that_sets_a_cookie_is_not_kept():
    response = HttpResponse("old")
    response.set_cookie("a", "b")
    assert answered(response).content == b"new"


@pytest.mark.parametrize("headers", [{"HTTP_COOKIE": "csrftoken=x"}, {"HTTP_AUTHORIZATION": "Bearer x"}])
def test_who_brings_something_of_his_own_gets_a_page_of_his_own(headers):
    assert answered(HttpResponse("old"), **headers).content == b"new"


def test_a_page_with_a_form_that_holds_a_token_is_not_kept():
    asked = RequestFactory().get("/somewhere/")
    from_memory(asked, lambda: finished(asked, HttpResponse(get_token(asked))))
    assert from_memory(RequestFactory().get("/somewhere/"), lambda: HttpResponse("new")).content == b"new"


def test_only_get_is_kept():
    asked = RequestFactory().post("/somewhere/")
    from_memory(asked, lambda: finished(asked, HttpResponse("old")))
    assert from_memory(RequestFactory().get("/somewhere/"), lambda: HttpResponse("new")).content == b"new"
