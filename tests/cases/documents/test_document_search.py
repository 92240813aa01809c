"""Words inside documents: found on their page, told safely, and only where the reader may open the document."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.documents.search import documents_with_words, hits_in_all_cases, hits_in_case, marked
from tests.cases.document_files import make_document

pytestmark = pytest.mark.django_db
PERSONAL = "bankStatement"


@pytest.fixture
def search(officer, application):
    def found(text, user=officer):
        return [(hit.document.title, hit.number) for hit in hits_in_case(user, text, application=application)]

    return found


def test_words_are_found_in_every_form_on_their_page(search, application):
    make_document(application, "Report", pages=["Nothing", "Two windows are glazed obscurely"])
    assert search("window") == [("Report", 2)]
    assert search("obscure glazing") == [("Report", 2)]
    assert search('"windows are glazed"') == [("Report", 2)]
    assert search('"glazed windows"') == []
    assert search("window -obscure") == []
    assert search("door or window") == [("Report", 2)]


@pytest.mark.parametrize("text", ["", "   ", "\x00", "the", "'", '"', "-", "& | !", "(" * 500, "a" * 5000])
def test_whatever_is_typed_is_no_error(search, application, text):
    make_document(application, "Report", pages=["Words"])
    assert search(text) == []


def test_the_line_around_a_word_is_text_and_only_our_mark_is_markup(application, officer):
    make_document(application, pages=["Before <script>alert(1)</script> window <img src=x onerror=alert(2)> after"])
    (hit,) = hits_in_case(officer, "window", application=application)
    assert "<mark>window</mark>" in hit.line
    for dangerous in ("<script", "<img"):
        assert dangerous not in hit.line


def test_control_characters_in_a_document_cannot_forge_a_mark():
    assert marked("\x02a\x02b\x03c\x03<i>") == "a<mark>b</mark>c&lt;i&gt;"
    assert marked("x\x03y\x02z") == "xyz"


def test_who_may_not_open_a_document_learns_nothing_of_its_words(search, application, reader, officer, administrator):
    make_document(application, "Statement", types=[PERSONAL], pages=["Balance 100 pounds"])
    make_document(application, "Published", types=[PERSONAL], pages=["Balance shown"], public_status="publish")
    assert sorted(search("balance")) == [("Published", 1), ("Statement", 1)]
    assert search("balance", reader) == [("Published", 1)]
    assert search("balance", administrator) == []  # no permission to read documents
    assert len(documents_with_words(reader, "balance", application=application)) == 1


def test_what_is_harmful_waits_or_is_gone_is_not_found(search, application):
    for n, fields in enumerate(({"scan_status": "infected"}, {"scan_status": "waiting"}, {"fetch_status": "failed"})):
        make_document(application, f"Locked {n}", pages=["window"], **fields)
    assert search("window") == []


def test_the_list_holds_documents_by_their_words_and_links_to_the_page(client, officer, application):
    document = make_document(application, "Report", pages=["Nothing", "A slate roof"])
    make_document(application, "Slate sample")
    make_document(application, "Other", pages=["Nothing"])
    client.force_login(officer)
    response = client.get(f"/admin/cases/{application.pk}/tasks/check_documents/?q=slate")
    assert {row.title for row in response.context["documents"]} == {"Report", "Slate sample"}
    assert f"/documents/{document.pk}/view/?page=2&amp;q=slate#page-2" in response.content.decode()


# --- All cases --------------------------------------------------------------------------------------------------------


def test_all_cases_of_the_own_council_are_searched_and_no_other(
    client, officer, other_officer, application, make_application, other_authority
):
    make_document(application, "Ours", pages=["A slate roof"])
    make_document(make_application(), "Ours too", pages=["Slates"])
    make_document(make_application(authority=other_authority), "Theirs", pages=["A slate roof"])
    client.force_login(officer)
    response = client.get("/admin/cases/documents/search/?q=slate")
    assert {hit.document.title for hit in response.context["hits"]} == {"Ours", "Ours too"}
    assert application.reference in response.content.decode()
    assert {hit.document.title for hit in hits_in_all_cases(other_officer, "slate")} == {"Theirs"}


def test_who_may_not_read_documents_has_no_such_page(client, administrator, make_user, authority):
    for user in (administrator, make_user("nobody", authority=authority)):
        client.force_login(user)
        response = client.get("/admin/cases/documents/search/?q=slate")
        assert response.status_code in (302, 403)


def test_the_number_of_queries_does_not_grow_with_what_is_found(client, officer, application, make_application):
    client.force_login(officer)
    made = []
    for number in (1, 1, 3):
        for n in range(number):
            make_document(make_application(), f"Plan {n}", pages=["slate"])
        with CaptureQueriesContext(connection) as captured:
            client.get("/admin/cases/documents/search/?q=slate")
        made.append(len(captured))
    assert made[1] == made[2]
