"""Cases for a council's own systems: what a token reads, of which council, with which scope, and how often."""

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import ApiToken
from cases.models import Comment, Document, PreviousReference, Submission, ValidationRequest
from cases.statuses import PublicStatus, Status
from tests.cases.payloads import as_bytes, payload

V2 = "/api/v2"
OF_A_CASE = ("", "/documents", "/submission", "/comments/public", "/comments/specialist", "/validation_requests")


@pytest.fixture
def ask(client, authority):
    """ask("ping", scopes=["read"]) → the answer to a token of the council with these scopes."""
    client.raise_request_exception = False

    def get(path: str, *, scopes=("read",), **query):
        _, secret = ApiToken.create(authority=authority, name="Reader", scopes=list(scopes))
        return client.get(f"{V2}/{path}", query, headers={"Authorization": f"Bearer {secret}"})

    return get


@pytest.fixture
def case(make_application, officer):
    application = make_application(
        "pp.full.householder", status=Status.IN_ASSESSMENT, officer=officer, published_at=timezone.now()
    )
    Submission.objects.create(
        authority=application.authority,
        application=application,
        source="planx",
        external_id="1",
        sha256="0" * 64,
        body=as_bytes(payload()),
        outcome=Submission.Outcome.ACCEPTED,
    )
    return application


def test_one_case_by_reference_however_it_is_written_by_id_and_by_an_earlier_reference(ask, case):
    PreviousReference.objects.create(application=case, authority=case.authority, reference="25/00007/OLD")
    for name in (case.reference, case.reference.lower().replace("-", ""), str(case.pk), "25-00007-OLD"):
        found = ask(f"planning_applications/{name}").json()
        assert (found["id"], found["reference"]) == (case.pk, case.reference)


def test_a_case_is_flat_with_its_people_and_nothing_decided_before_it_is_issued(ask, case):
    found = ask(f"planning_applications/{case.reference}").json()
    assert found["applicant_email"] == "famousfive@example.com"
    assert found["agent_email"] is None
    assert found["assigned_user_name"] == str(case.officer)
    assert found["received_date"] == "2026-06-01"
    assert found["validAt"] == "2026-06-01T00:00:00.000Z"
    assert found["decision"] is None


@pytest.mark.parametrize("path", OF_A_CASE)
def test_another_councils_case_is_not_there(ask, make_application, other_authority, path):
    elsewhere = make_application("ldc.proposed", authority=other_authority, description="Elsewhere's secret")
    for name in (elsewhere.reference, elsewhere.pk):
        answer = ask(f"planning_applications/{name}{path}")
        assert answer.status_code == 404
        assert "secret" not in answer.content.decode()


def test_lists_hold_this_council_alone(ask, case, make_application, other_authority):
    make_application("ldc.proposed", authority=other_authority)
    for path in ("planning_applications", "planning_applications/search"):
        found = ask(path).json()
        assert found["metadata"]["total_results"] == 1
        assert len(found["data"]) == 1


@pytest.mark.parametrize("scopes", [["submit"], ["respond"], ["submit", "respond"]])
@pytest.mark.parametrize("path", ["planning_applications", "planning_applications/search", "validation_requests"])
def test_lists_ask_for_the_scope_to_read(ask, case, scopes, path):
    answer = ask(path, scopes=scopes)
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_token_for_comments_learns_the_id_and_nothing_more(ask, case, make_application):
    assert ask(f"planning_applications/{case.reference}", scopes=["respond"]).json() == {
        "id": case.pk,
        "reference": case.reference,
    }
    private = make_application("ldc.proposed")
    assert ask(f"planning_applications/{private.reference}", scopes=["respond"]).status_code == 404
    assert ask(f"planning_applications/{case.reference}/documents", scopes=["respond"]).status_code == 403


def test_pages_begin_with_one_end_with_the_last_and_are_fifty_at_most(ask, make_application):
    made = [make_application("ldc.proposed").reference for _ in range(3)]
    found = ask("planning_applications", page=2, maxresults=2).json()
    assert [one["reference"] for one in found["data"]] == made[:1]
    assert found["metadata"] == {
        "page": 2,
        "results": 2,
        "from": 3,
        "to": 3,
        "total_pages": 2,
        "total_results": 3,
    }
    assert found["links"]["next"] is None
    assert found["links"]["prev"].endswith("page=1")
    assert ask("planning_applications", page=99, maxresults=2).json()["metadata"]["page"] == 2
    assert ask("planning_applications", page=0, maxresults=1000).json()["metadata"]["results"] == 50


@pytest.mark.parametrize("path", ["planning_applications", "planning_applications/search", "validation_requests"])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    client, authority, officer, make_application, django_assert_max_num_queries, path
):
    _, secret = ApiToken.create(authority=authority, name="Reader", scopes=["read"])
    headers = {"Authorization": f"Bearer {secret}"}

    def one_more():
        application = make_application(
            "pp.full.householder", officer=officer, status=Status.IN_ASSESSMENT, published_at=timezone.now()
        )
        ValidationRequest.objects.create(
            application=application,
            number=1,
            kind="fee",
            title="Fee",
            text="Short",
            what_to_send="£1",
            raised_by=officer,
            sent_at=timezone.now(),
        )

    one_more()
    client.get(f"{V2}/{path}", headers=headers)
    with django_assert_max_num_queries(20) as first:
        client.get(f"{V2}/{path}", headers=headers)
    for _ in range(3):
        one_more()
    with django_assert_max_num_queries(len(first)):
        assert client.get(f"{V2}/{path}", headers=headers).json()["metadata"]["total_results"] == 4


def test_search_finds_what_is_not_public_and_says_who_deals_with_it(ask, make_application, officer):
    make_application("ldc.proposed", description="Zeppelin hangar", officer=officer)
    (found,) = ask("planning_applications/search", q="zeppelin").json()["data"]
    assert found["application"]["status"] == "not_started"
    assert found["application"]["consultation"]["publicUrl"] is None
    assert found["officer"] == {"name": str(officer)}
    assert "applicationFee" in found
    assert ask("planning_applications/search", applicationStatus="in_assessment").json()["data"] == []


def test_the_submission_as_it_was_received(ask, case):
    assert ask(f"planning_applications/{case.reference}/submission").json()["submission"] == payload()


def test_documents_are_fetched_with_the_token(ask, client, case):
    document = Document.objects.create(
        application=case,
        title="Bank statement",
        received_on=case.received_on,
        mime_type="application/pdf",
        size=8,
        file=ContentFile(b"%PDF-1.4", "a.pdf"),
        public_status=PublicStatus.NOT_ASSESSED,
    )
    (shown,) = ask(f"planning_applications/{case.reference}/documents").json()["files"]
    path = shown["url"].removeprefix("http://testshire.example")
    assert path == f"{V2}/planning_applications/{case.pk}/documents/{document.pk}"
    assert client.get(path).status_code == 401
    assert b"".join(ask(path.removeprefix(f"{V2}/")).streaming_content) == b"%PDF-1.4"


def test_comments_in_full_published_or_not(ask, case):
    said = {"application": case, "text": "Call me on 07700 900123", "received_on": case.received_on}
    Comment.objects.create(name="Ada", sentiment="objection", **said)
    Comment.objects.create(name="Cy", organisation="Highways", kind="consultee", sentiment="amendments", **said)
    public = ask(f"planning_applications/{case.reference}/comments/public").json()
    assert public["summary"] == {
        "totalComments": 1,
        "sentiment": {"objection": 1, "neutral": 0, "supportive": 0},
    }
    assert public["comments"][0]["publishedAt"] is None
    specialist = ask(f"planning_applications/{case.reference}/comments/specialist").json()
    assert specialist["comments"][0]["sentiment"] == "amendmentsNeeded"


def test_validation_requests_by_state_and_day(ask, case, officer):
    said = {"application": case, "title": "T", "text": "Wrong", "what_to_send": "Right", "raised_by": officer}
    ValidationRequest.objects.create(number=1, kind="fee", **said)
    ValidationRequest.objects.create(number=2, kind="additional_document", sent_at=timezone.now(), **said)
    of_case = ask(f"planning_applications/{case.reference}/validation_requests").json()["data"]
    assert {(one["type"], one["state"]) for one in of_case} == {
        ("FeeChangeValidationRequest", "pending"),
        ("AdditionalDocumentValidationRequest", "open"),
    }
    assert len(ask("validation_requests").json()["data"]) == 1
    assert ask("validation_requests", to_date="2000-01-01").json()["data"] == []
    assert ask("validation_requests", type="FeeChangeValidationRequest").json()["data"] == []


@pytest.mark.parametrize(
    ("kind", "answer", "told"),
    [
        ("fee", "", {"approved": None, "rejection_reason": None, "response": None, "auto_closed": False}),
        ("fee", "replied", {"approved": None, "rejection_reason": None, "response": "In my words"}),
        ("description", "agreed", {"approved": True, "rejection_reason": None, "auto_closed": False}),
        ("description", "disagreed", {"approved": False, "rejection_reason": "In my words"}),
        ("description", "silence", {"approved": True, "auto_closed": True, "answered_at": None}),
        ("pre_commencement", "silence", {"approved": None, "auto_closed": True, "answered_at": None}),
    ],
)
def test_whether_the_applicant_agreed_is_a_field_of_its_own(ask, case, officer, kind, answer, told):
    now = timezone.now()
    request = ValidationRequest.objects.create(
        application=case,
        number=1,
        kind=kind,
        title="T",
        text="Wrong",
        raised_by=officer,
        sent_at=now,
        sent_by=officer,
        proposed_description="A porch" if kind == "description" else "",
        answer=answer,
        answered_at=now if answer else None,
        answer_text="In my words" if answer not in ("", "silence") else "",
    )
    [one] = ask(f"planning_applications/{case.reference}/validation_requests").json()["data"]
    assert {name: one[name] for name in told} == told
    if answer not in ("", "silence"):
        assert one["answered_at"] == one["notified_at"]
    assert request.is_open


# --- How often ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("one_window")
def test_a_token_may_call_so_often_and_is_told_how_often_it_still_may(client, authority, settings):
    settings.API_REQUESTS_PER_MINUTE = 2
    _, secret = ApiToken.create(authority=authority, name="Busy", scopes=["read"])
    answers = [client.get(f"{V2}/ping", headers={"Authorization": f"Bearer {secret}"}) for _ in range(3)]
    assert [one.headers["RateLimit-Remaining"] for one in answers] == ["1", "0", "0"]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].headers["Content-Type"] == "application/problem+json"
    assert 0 <= int(answers[2].headers["Retry-After"]) <= 60
    _, other = ApiToken.create(authority=authority, name="Quiet", scopes=["read"])
    assert client.get(f"{V2}/ping", headers={"Authorization": f"Bearer {other}"}).status_code == 200


@pytest.mark.usefixtures("one_window")
def test_who_guesses_tokens_is_stopped_and_others_are_not(client, authority):
    _, secret = ApiToken.create(authority=authority, name="Good", scopes=["read"])
    wrong = [client.get(f"{V2}/ping", headers={"Authorization": f"Bearer bops_{n}"}).status_code for n in range(31)]
    assert wrong == [401] * 30 + [429]
    assert client.get(f"{V2}/ping", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


def test_answers_to_a_token_are_kept_nowhere_and_set_no_cookie(ask, case):
    answer = ask(f"planning_applications/{case.reference}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies
