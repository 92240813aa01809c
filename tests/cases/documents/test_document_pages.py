"""The officers' documents page: bringing files in, looking through hundreds, and doing something with many at once."""

import json
import re
from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from accounts.models import LocalAuthority
from cases.documents import lists as document_lists
from cases.documents.adding import add_document
from cases.documents.describing import replace_document
from cases.documents.publishing import set_public_status
from cases.models import Document, DocumentType, PlanningApplication
from cases.permissions import can_see_document, documents_open_to
from cases.statuses import PublicStatus, Status
from tests.cases import files
from tests.cases.document_files import make_document

pytestmark = pytest.mark.django_db
PERSONAL = "bankStatement"


@pytest.fixture
def officers_page(client, officer, application):
    """officers_page("?q=plan") → the documents page as an officer reads it."""
    client.force_login(officer)
    return lambda query="": client.get(f"/admin/cases/{application.pk}/tasks/check_documents/{query}")


@pytest.fixture
def together(client, officer, application):
    """together("publish", documents) → the page that asks first; confirmed=True posts what that page would."""
    client.force_login(officer)

    def post(deed, documents=(), *, confirmed=False, **data):
        keys = [document.pk for document in documents]
        name = "confirmed" if confirmed else "document"
        return client.post(f"/admin/cases/{application.pk}/documents/together/", {"deed": deed, name: keys, **data})

    return post


def picture(colour: str = "red", name: str = "plan.png") -> SimpleUploadedFile:
    data = BytesIO()
    Image.new("RGB", (60, 60), colour).save(data, "PNG")
    return SimpleUploadedFile(name, data.getvalue())


def titles(response) -> list[str]:
    return [document.title for document in response.context["documents"]]


def publish(documents, by) -> None:
    set_public_status(documents, status=PublicStatus.PUBLISH, by=by)


# --- The panel in which documents are brought in ----------------------------------------------------------------------


def test_the_upload_stands_open_for_who_comes_to_add_documents(officers_page, client, application, make):
    is_open = 'id="upload" open'
    assert is_open in officers_page().content.decode()  # the case has none yet
    make()
    assert is_open not in officers_page().content.decode()
    case = client.get(f"/admin/cases/{application.pk}/").content.decode()
    assert f"/admin/cases/{application.pk}/tasks/check_documents/?open=upload#upload" in case
    assert is_open in officers_page("?open=upload").content.decode()


def test_who_may_not_add_documents_is_not_sent_there(client, reader, application):
    client.force_login(reader)
    assert "open=upload" not in client.get(f"/admin/cases/{application.pk}/").content.decode()


# --- One file at a time -----------------------------------------------------------------------------------------------


def test_a_status_is_a_state_and_never_sounds_like_a_button(officers_page, make, officer, client, application):
    states = {"not_assessed": "Not looked at yet", "publish": "Public", "withhold": "Withheld"}
    why = {"withhold": "A face"}
    rows = {
        status: make(words, public_status=status, withheld_because=why.get(status, ""))
        for status, words in states.items()
    }
    waiting = make("Waiting", publication_asked_by=officer, publication_asked_at=timezone.now())
    response = officers_page()
    choices = dict(response.context["filter_form"].fields["public"].choices)
    for status, words in states.items():
        assert choices[status].startswith(f"{words} (")
        tag = f'<span class="case-tag case-tag--public-{status}">{words}</span>'
        assert tag in response.content.decode()
        assert tag in client.get(f"/admin/cases/documents/{rows[status].pk}/view/").content.decode()
    assert choices["proposed"].startswith("Waiting for a second look (")
    for page in (response, client.get(f"/admin/cases/documents/{waiting.pk}/view/")):
        assert ">Waiting for a second look</span>" in page.content.decode()
    deeds = re.findall(r'<option value="(\w+)"[^>]*>([^<]+)</option>', response.content.decode())
    assert {words for deed, words in deeds if deed in ("publish", "withhold")} >= {"Publish", "Withhold"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"active_content": ["damaged"], "prepared_at": timezone.now(), "prepare_error": "The file is damaged."},
            ["Does not open: cannot be published", "The file is damaged."],
        ),
        (
            {"active_content": ["JavaScript"], "page_count": 1},
            ["Cannot be published as it is", "It holds a program (JavaScript)."],
        ),
        ({"active_content": ["too_large"]}, ["Cannot be published as it is", "more pixels than a browser can take"]),
        ({"prepare_error": "There is no picture of page 3.", "page_count": 9}, ["Not every page can be seen"]),
        ({"prepare_error": "The pages took too long."}, ["No pages to see"]),
    ],
)
def test_the_list_says_what_is_wrong_with_a_file(officers_page, make, fields, words):
    make(**fields)
    row = officers_page().content.decode()
    for said in words:
        assert said in row
    assert ("Can run something" in row, row.count("case-tag--fault")) == (False, int("active_content" in fields))


def test_what_is_published_and_waits_for_its_copy_is_said_so(officers_page, client, make):
    document = make(public_status="publish")
    for is_there in (False, True):
        Document.objects.filter(pk=document.pk).update(clean_file="a.clean.pdf" if is_there else "")
        for page in (officers_page(), client.get(f"/admin/cases/documents/{document.pk}/view/")):
            assert ("The copy for the public is being made" in page.content.decode()) is not is_there


def test_what_is_marked_public_is_not_said_to_be_read_before_the_case_is(officers_page, make, application):
    make(public_status="publish")
    assert "This case is not on the public register" in officers_page().content.decode()
    status = {"status": "in_assessment", "published_at": timezone.now(), "valid_from": application.received_on}
    PlanningApplication.objects.filter(pk=application.pk).update(**status)
    assert "This case is not on the public register" not in officers_page().content.decode()


def test_a_day_that_there_is_not_is_said_where_it_was_typed(officers_page, make):
    make("Site plan")
    page = officers_page("?received_from=2026-02-31").content.decode()
    assert "is not a real date" in page
    details = page[: page.index("Filter and order")]
    assert details.rstrip().endswith("open><summary>")


@pytest.fixture
def send(client, officer, application):
    client.force_login(officer)
    return lambda **data: client.post(f"/admin/cases/{application.pk}/documents/upload/", data)


def test_a_file_that_comes_by_itself_is_added_with_what_was_chosen_for_all(send, application):
    answer = send(file=picture(name="Proposed floor plans.png"), received_on="2026-06-03", types=["locationPlan"])
    assert answer.status_code == 201
    document = application.documents.get()
    assert answer.json() == {"id": document.pk, "title": "Proposed floor plans", "suggestions": []}
    assert (document.types, document.received_on) == (["locationPlan"], date(2026, 6, 3))


def test_a_type_is_suggested_from_the_name_and_not_taken_over(send, application):
    answer = send(file=picture(name="Proposed elevations.png"))
    document = application.documents.get()
    assert document.suggested_types[0] == "elevations.proposed"
    assert document.types == []
    assert answer.json()["suggestions"][0] == "Elevations - proposed"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"MZ\x90\x00\x03\x00\x00\x00\x04" + bytes(200), "not accepted"),
        (b"", "empty"),
        (b"<p><svg><script/></svg>", "Web pages"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_in_words(send, application, content, words):
    answer = send(file=SimpleUploadedFile("plan.pdf", content))
    assert answer.status_code == 422
    assert words in answer.json()["error"]
    assert not application.documents.exists()


def test_the_same_file_again_is_refused_with_the_name_of_the_first(send):
    send(file=picture(name="First.png"))
    answer = send(file=picture(name="Second.png"))
    assert answer.status_code == 422
    assert "First" in answer.json()["error"]


def test_too_large_a_file_is_told_its_limit(send, settings, application):
    settings.MAX_DOCUMENT_BYTES = 1024 * 1024
    answer = send(file=SimpleUploadedFile("plan.pdf", files.pdf() + bytes(1024 * 1024)))
    assert answer.status_code == 413
    assert "larger than 1 MB" in answer.json()["error"]
    assert not application.documents.exists()


def test_no_file_or_a_wrong_day_is_said_and_no_error_of_ours(send):
    assert send().status_code == 422
    assert send(file=picture(), received_on="tomorrow").status_code == 422
    assert send(file=picture(), types=["invented"]).status_code == 422


def test_who_may_not_add_documents_is_refused(client, reader, other_officer, application, make_application, officer):
    address = f"/admin/cases/{application.pk}/documents/upload/"
    client.force_login(reader)
    assert client.post(address, {"file": picture()}).status_code == 403
    client.force_login(other_officer)
    assert client.post(address, {"file": picture()}).status_code == 404
    client.force_login(officer)
    ended = make_application(status=Status.WITHDRAWN)
    refused = client.post(f"/admin/cases/{ended.pk}/documents/upload/", {"file": picture()})
    assert refused.status_code == 403
    assert "cannot add" in refused.json()["error"]
    assert client.get(address).status_code == 405
    assert not Document.objects.exists()


def test_a_file_without_the_forms_token_is_not_taken(application, officer):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(officer)
    assert client.post(f"/admin/cases/{application.pk}/documents/upload/", {"file": picture()}).status_code == 403
    assert not application.documents.exists()


# --- Suggested types --------------------------------------------------------------------------------------------------


def test_a_suggestion_is_taken_with_one_click_and_only_then(client, officer, application, officers_page, make):
    document = make(suggested_types=["elevations.proposed", "elevations.existing"])
    assert "Elevations - proposed?" in officers_page().content.decode()
    address = f"/admin/cases/{application.pk}/tasks/check_documents/"
    field = f"use_type-{document.pk}-code"
    client.post(address, {"action": "use_type", "row": document.pk, field: "locationPlan"})
    document.refresh_from_db()
    assert document.types == []  # that was never suggested
    answer = client.post(address, {"action": "use_type", "row": document.pk, field: "elevations.proposed"})
    assert answer.url.endswith(f"#document-{document.pk}")
    document.refresh_from_db()
    assert document.types == ["elevations.proposed"]
    assert "Elevations - existing?" not in officers_page().content.decode()


def test_all_suggestions_are_used_together_but_no_type_is_overwritten(together, make):
    plain, typed, unknown = (
        make("Plain", suggested_types=["elevations.proposed"]),
        make("Typed", types=["locationPlan"], suggested_types=["elevations.proposed"]),
        make("Unknown"),
    )
    asked = together("use_suggestions", [plain, typed, unknown])
    plan = asked.context["plan"]
    assert [document.title for document in plan.can] == ["Plain"]
    assert {document.title for document, _ in plan.cannot} == {"Typed", "Unknown"}
    assert "Plain: Elevations - proposed" in asked.content.decode()
    together("use_suggestions", [plain], confirmed=True)
    plain.refresh_from_db()
    typed.refresh_from_db()
    assert (plain.types, typed.types) == (["elevations.proposed"], ["locationPlan"])


# --- The list ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?q=plan", "?group=drawings&public=publish", "?standing=all&sort=title"])
def test_the_list_makes_the_same_queries_however_many_documents(officers_page, make, application, query):
    def number():
        with CaptureQueriesContext(connection) as captured:
            assert officers_page(query).status_code == 200
        return len(captured)

    older = make("Plan 0", types=["locationPlan"], pages=["plan"], suggested_types=["sitePlan.proposed"])
    numbers = [number(), number()]
    for n in range(1, 60):
        fields = {"types": ["locationPlan"]} if n % 2 else {"suggested_types": ["locationPlan"]}
        document = make(f"Plan {n}", pages=["plan of the house"] if n < 4 else None, **fields)
        if n == 2:
            Document.objects.filter(pk=older.pk).update(superseded_by=document)
            numbers.append(number())
    numbers.append(number())
    assert len(set(numbers[1:])) == 1, numbers


def test_the_case_page_shows_the_newest_and_how_many_there_are(client, officer, application, make):
    client.force_login(officer)

    def page():
        with CaptureQueriesContext(connection) as captured:
            content = client.get(f"/admin/cases/{application.pk}/").content.decode()
        return content, len(captured)

    make("Plan 0")
    page()
    _, with_one = page()
    for n in range(1, 60):
        make(f"Plan {n}", superseded_by=application.documents.first() if n > 57 else None)
    content, with_sixty = page()
    assert with_sixty == with_one
    assert "All 58 documents" in content
    assert content.count("case-document__title") == 8
    assert "2 superseded" in content


def test_fifty_on_a_page_and_the_filter_stays_from_page_to_page(officers_page, make):
    for n in range(53):
        make(f"Plan {n:02}")
    make("Letter")
    first = officers_page("?q=Plan&sort=title")
    assert titles(first)[0] == "Plan 00"
    assert len(titles(first)) == 50
    assert "q=Plan&amp;sort=title&amp;p=2" in first.content.decode()
    assert titles(officers_page("?q=Plan&sort=title&p=2")) == ["Plan 50", "Plan 51", "Plan 52"]
    assert len(titles(officers_page("?p=99"))) == 4  # the last page


def test_filters_and_how_many_each_would_show(officers_page, make, officer):
    drawing = make("Elevation", types=["elevations.proposed"], received_on=date(2026, 6, 2))
    make("Statement", types=["designAndAccessStatement"], scan_status="waiting")
    make("Untyped", received_on=date(2026, 5, 1))
    make("Old", superseded_by=drawing)
    publish([drawing], officer)
    assert titles(officers_page()) == ["Elevation", "Statement", "Untyped"]
    assert titles(officers_page("?standing=superseded")) == ["Old"]
    assert titles(officers_page("?group=none")) == ["Untyped"]
    assert titles(officers_page("?group=drawings")) == ["Elevation"]
    assert titles(officers_page("?public=publish")) == ["Elevation"]
    assert titles(officers_page("?scan=waiting")) == ["Statement"]
    assert titles(officers_page("?received_from=2026-06-02")) == ["Elevation"]
    assert titles(officers_page("?received_to=2026-05-31")) == ["Untyped"]
    assert titles(officers_page("?sort=oldest"))[0] == "Untyped"
    form = officers_page("?public=not_assessed").context["filter_form"]
    assert ("none", "No type yet (1)") in form.fields["group"].choices
    assert ("drawings", "Drawings (0)") in form.fields["group"].choices  # with the other filter as it stands
    assert ("publish", "Public (1)") in form.fields["public"].choices
    assert ("superseded", "Superseded (1)") in form.fields["standing"].choices


@pytest.mark.parametrize(
    "query", ["?group=x&public=%27&standing=9", "?received_from=x", "?p=x", "?q=%00%22", "?sort=x"]
)
def test_an_address_that_was_tampered_with_is_no_limit_and_no_error(officers_page, make, query):
    make()
    response = officers_page(query)
    assert response.status_code == 200
    assert titles(response) == ["Site plan"]


def test_without_a_script_an_empty_file_is_named_and_the_others_are_taken(officers_page, client, application):
    chosen = [SimpleUploadedFile("empty.pdf", b""), picture()]
    data = {"action": "upload", "upload-files": chosen, "upload-received_on": "2026-06-05"}
    page = client.post(officers_page().request["PATH_INFO"], data, follow=True).content.decode()
    assert "empty.pdf: The file is empty." in page
    assert [document.original_name for document in application.documents.all()] == ["plan.png"]


def test_a_case_without_documents_opens_the_upload(officers_page):
    content = officers_page().content.decode()
    assert "No documents yet" in content
    assert 'id="upload" open' in content


def test_a_reader_sees_the_list_and_nothing_to_do(client, reader, application, make):
    make("Plan")
    client.force_login(reader)
    content = client.get(f"/admin/cases/{application.pk}/tasks/check_documents/").content.decode()
    assert "Plan" in content
    for word in ("What to do with them", "Add documents", "choose-"):
        assert word not in content


def test_personal_evidence_has_no_picture_and_no_link_for_who_may_not_open_it(client, reader, application, make):
    document = make("Bank statement", types=[PERSONAL], thumbnail="x.jpg")
    client.force_login(reader)
    for address in (f"/admin/cases/{application.pk}/", f"/admin/cases/{application.pk}/tasks/check_documents/"):
        content = client.get(address).content.decode()
        assert "Personal evidence" in content
        assert f"/documents/{document.pk}/" not in content


def test_what_may_be_opened_is_one_rule_for_a_row_and_for_many(
    application, make, reader, officer, administrator, superuser, other_officer
):
    DocumentType.objects.get(code=PERSONAL, often_personal=True)
    make("Plan")
    make("Statement", types=[PERSONAL])
    make("Published statement", types=[PERSONAL], public_status=PublicStatus.PUBLISH)
    make("Published, waiting", types=[PERSONAL], public_status=PublicStatus.PUBLISH, scan_status="waiting")
    types = document_lists.KnownTypes()
    for user in (reader, officer, administrator, superuser, other_officer):
        rows = document_lists.described(application.documents.all(), application, user=user, types=types)
        for row in rows:
            expected = can_see_document(user, row)
            assert documents_open_to(user).filter(pk=row.pk).exists() == expected, (user, row)
            if user.authority_id == application.authority_id:
                assert row.may_open == expected, (user, row)


# --- Many at once -----------------------------------------------------------------------------------------------------


def test_one_page_says_what_will_happen_before_anything_does(together, make, application):
    good, other = make("Good"), make("Other")
    bad = {
        "No file": make("No file", fetch_status="failed", file=""),
        "Harmful": make("Harmful", scan_status="infected"),
        "Waiting": make("Waiting", scan_status="waiting"),
        "Script": make("Script", active_content=["javascript"]),
        "Not looked": make("Not looked", active_content=None),
        "Original": make("Original"),
    }
    make("Copy", redacted_from=bad["Original"])
    asked = together("publish", [good, other, *bad.values()])
    content = asked.content.decode()
    assert "2 documents will be public at once" in content
    assert "6 documents cannot" in content
    assert {document.title for document, _ in asked.context["plan"].cannot} == set(bad)
    assert not application.documents.filter(public_status=PublicStatus.PUBLISH).exists()
    done = together("publish", [good, other], confirmed=True)
    assert done.status_code == 302
    published = application.documents.filter(public_status=PublicStatus.PUBLISH)
    assert {document.title for document in published} == {"Good", "Other"}


def test_private_words_are_named_before_they_become_public(together, make):
    make_words = {
        "Letter": ["Nothing here", "Ring me on 020 7946 0123 or write to anna@example.org"],
        "Plan": ["Scale 1:100, drawing 1234567"],
        "Statement": ["My number is 07700 900123"],
    }
    rows = [make(title, pages=pages) for title, pages in make_words.items()]
    asked = together("publish", rows)
    found = {one.document.title: (one.kinds, one.pages) for one in asked.context["to_look_at"]}
    assert found == {
        "Letter": (["E-mail address", "Telephone number"], [2]),
        "Statement": (["Telephone number"], [1]),
    }
    assert "2 of them may hold private details" in asked.content.decode()
    assert "020 7946" not in asked.content.decode()
    assert "private details" not in together("not_assessed", rows).content.decode()


def test_when_one_can_no_longer_nothing_is_done_and_the_page_says_so(together, make, application):
    good, turned = make("Good"), make("Turned")
    Document.objects.filter(pk=turned.pk).update(scan_status="infected")
    answer = together("publish", [good, turned], confirmed=True)
    assert answer.status_code == 422
    assert "Something has changed" in answer.content.decode()
    assert not application.documents.filter(public_status=PublicStatus.PUBLISH).exists()


def test_all_that_fit_the_filter_and_not_only_those_on_the_page(together, make, application):
    for n in range(55):
        make(f"Plan {n}")
    make("Letter")
    asked = together("publish", everything="1", list="q=Plan")
    assert len(asked.context["plan"].can) == 55
    together("publish", asked.context["plan"].can, confirmed=True)
    assert application.documents.filter(public_status=PublicStatus.PUBLISH).count() == 55
    assert application.events.filter(kind="documents_published").count() == 1


def test_publishing_many_makes_no_more_queries_than_publishing_few(together, make):
    def publish_new(number):
        documents = [make(f"Plan {n}") for n in range(number)]
        with CaptureQueriesContext(connection) as captured:
            together("publish", documents, confirmed=True)
        return len(captured)

    publish_new(1)
    assert publish_new(30) - publish_new(2) <= 0


def test_withholding_wants_a_reason(together, make, application):
    document = make()
    assert "because" in together("withhold", [document]).context["form"].fields
    refused = together("withhold", [document], confirmed=True)
    assert refused.status_code == 422
    assert "Say why" in refused.content.decode()
    together("withhold", [document], confirmed=True, because="Telephone number")
    document.refresh_from_db()
    assert (document.public_status, document.withheld_because) == ("withhold", "Telephone number")


def test_publishing_can_be_undone_from_the_words_of_success(together, make, application, client):
    kept, undone = make("Kept"), make("Undone")
    together("publish", [kept], confirmed=True)
    answer = client.post(
        f"/admin/cases/{application.pk}/documents/together/", {"deed": "publish", "confirmed": [undone.pk]}, follow=True
    )
    content = answer.content.decode()
    assert "1 document published." in content
    sequence = application.events.filter(kind="documents_published").order_by("-sequence").first().sequence
    assert f"documents/together/?undo={sequence}" in content
    asked = client.get(f"/admin/cases/{application.pk}/documents/together/?undo={sequence}")
    assert [document.title for document in asked.context["plan"].can] == ["Undone"]
    together("withhold", [undone], confirmed=True, because="Published by mistake.")
    undone.refresh_from_db()
    assert undone.public_status == PublicStatus.WITHHOLD
    assert client.get(f"/admin/cases/{application.pk}/documents/together/?undo={sequence}").status_code == 302


def test_what_to_do_is_never_chosen_beforehand_and_what_was_ticked_is_kept(officers_page, together, make):
    """Publishing was the first of the list, so it was what one press did."""
    chosen = [make("Letter"), make("Plan")]
    content = officers_page().content.decode()
    assert '<option value="">Choose what to do</option>' in content
    asked = together("", chosen)
    assert asked.status_code == 422
    content = asked.content.decode()
    assert "Choose what to do with 2 documents" in content
    for document in chosen:
        assert f'name="document" value="{document.pk}"' in content
        assert document.title in content
    assert '<option value="">Choose what to do</option>' in content
    assert not Document.objects.public().exists()


def test_types_and_day_of_receipt_are_set_together_in_one_event(together, make, application):
    first, second = make("First", types=["locationPlan"]), make("Second")
    assert together("add_types", [first, second], confirmed=True).status_code == 422  # which?
    together("add_types", [first, second], confirmed=True, types=["sitePlan.proposed"])
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.types, second.types) == (["locationPlan", "sitePlan.proposed"], ["sitePlan.proposed"])
    together("set_types", [first, second], confirmed=True, types=["roofPlan.proposed"])
    together("received_on", [first, second], confirmed=True, received_on="2026-05-20")
    rows = application.documents.values_list("types", "received_on")
    assert list(rows) == [(["roofPlan.proposed"], date(2026, 5, 20))] * 2
    events = application.events.filter(kind="document_changed").order_by("sequence")
    assert [event.data["titles"] for event in events] == [["First", "Second"]] * 3
    assert events[0].data["rows"][0]["before"] == {"types": ["locationPlan"]}
    assert together("received_on", [first], confirmed=True, received_on="2999-01-01").status_code == 422


def test_nothing_is_done_to_documents_of_another_case(together, make, make_application):
    ours, foreign = make("Ours"), make_document(make_application(), "Foreign")
    assert together("publish", [ours, foreign], confirmed=True).status_code == 422
    asked = together("publish", [foreign])
    assert asked.status_code == 302  # nothing was chosen here
    foreign.refresh_from_db()
    assert foreign.public_status == PublicStatus.NOT_ASSESSED


def test_who_may_not_is_refused(client, reader, other_officer, application, make, together):
    document = make()
    assert together("explode", [document]).status_code == 400
    assert together("confirm", [document]).status_code in (302, 403)  # the council has no second look
    address = f"/admin/cases/{application.pk}/documents/together/"
    for user, statuses in ((reader, (302, 403)), (other_officer, (404,))):
        client.force_login(user)
        for data in ({"deed": "publish", "document": document.pk}, {"deed": "publish", "confirmed": document.pk}):
            assert client.post(address, data).status_code in statuses
    document.refresh_from_db()
    assert document.public_status == PublicStatus.NOT_ASSESSED


def test_types_are_not_changed_once_the_case_waits_for_its_decision(client, officer, make_application):
    case = make_application(status=Status.AWAITING_DETERMINATION)
    document = make_document(case)
    client.force_login(officer)
    content = client.get(f"/admin/cases/{case.pk}/tasks/check_documents/").content.decode()
    assert 'value="publish"' in content
    assert 'value="add_types"' not in content
    data = {"deed": "add_types", "confirmed": document.pk, "types": "locationPlan"}
    client.post(f"/admin/cases/{case.pk}/documents/together/", data)
    document.refresh_from_db()
    assert document.types == []


# --- A second look ----------------------------------------------------------------------------------------------------


def test_where_two_must_look_one_proposes_and_another_publishes(
    client, officer, manager, application, make, together, officers_page
):
    LocalAuthority.objects.filter(pk=application.authority_id).update(second_person_publishes=True)
    first, second = make("First"), make("Second")
    assert "Propose to publish" in officers_page().content.decode()
    asked = together("publish", [first, second])
    assert "will wait for another officer" in asked.content.decode()
    together("publish", [first, second], confirmed=True)
    first.refresh_from_db()
    assert (first.public_status, first.publication_asked_by) == (PublicStatus.NOT_ASSESSED, officer)
    page = officers_page()
    assert "2 documents wait" in page.content.decode()
    own = together("confirm", [first, second])
    assert [because for _, because in own.context["plan"].cannot] == [
        "You proposed it yourself: another person must look at it."
    ] * 2
    assert together("confirm", [first], confirmed=True).status_code == 422
    client.force_login(manager)
    address = f"/admin/cases/{application.pk}/documents/together/"
    client.post(address, {"deed": "confirm", "confirmed": [first.pk]})
    assert client.post(address, {"deed": "refuse", "confirmed": [second.pk]}).status_code == 422  # why not?
    client.post(address, {"deed": "refuse", "confirmed": [second.pk], "because": "A signature"})
    rows = application.documents.values_list("title", "public_status", "publication_asked_by")
    assert set(rows) == {("First", "publish", None), ("Second", "not_assessed", None)}


# --- Versions ---------------------------------------------------------------------------------------------------------


def test_a_replaced_drawing_keeps_its_history(application, officer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks():
        a = add_document(
            application,
            file=BytesIO(files.pdf(words="A")),
            name="Elevation.pdf",
            by=officer,
            revision="A",
            received_on=date(2026, 6, 1),
        )
        b = replace_document(
            a, file=BytesIO(files.pdf(words="B")), name="E.pdf", revision="B", received_on=date(2026, 6, 8), by=officer
        )
        c = replace_document(
            b, file=BytesIO(files.pdf(words="C")), name="E.pdf", revision="C", received_on=date(2026, 6, 9), by=officer
        )
    for document in (a, b, c):
        document.refresh_from_db()
        assert [version.revision for version in document_lists.versions_of(document)] == ["A", "B", "C"]
    assert document_lists.previous_version(c) == b
    assert document_lists.previous_version(a) is None


def test_versions_are_read_with_the_same_queries_however_long_the_history(make, django_assert_num_queries):
    newest = make("New")
    for n in range(12):
        newest_pk = newest.pk
        newest = make(f"Newer {n}")
        Document.objects.filter(pk=newest_pk).update(superseded_by=newest)
    with django_assert_num_queries(1):
        assert len(document_lists.versions_of(newest)) == 13


def test_the_change_form_keeps_the_filter_of_the_list(client, officer, application, make):
    document = make("Plan")
    client.force_login(officer)
    address = f"/admin/cases/{application.pk}/tasks/check_documents/?q=Pl&document={document.pk}"
    prefix = f"describe-{document.pk}"
    answer = client.post(
        address,
        {"action": "describe", "row": document.pk, f"{prefix}-title": "Plan 2", f"{prefix}-received_on": "2026-06-01"},
    )
    assert answer.url == f"/admin/cases/{application.pk}/tasks/check_documents/?q=Pl#document-{document.pk}"
    for row in ("²", "0" * 30, "x"):
        assert client.get(f"/admin/cases/{application.pk}/tasks/check_documents/?document={row}").status_code == 404


def test_the_data_of_the_upload_form_is_json_for_the_script(send):
    assert json.loads(send(file=picture()).content)["title"] == "plan"
