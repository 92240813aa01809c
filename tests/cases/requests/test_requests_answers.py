"""What applicants do: fill in, be told what is missing, send once, and lose nothing when something came between."""

import io
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone

from cases.documents.adding import add_document
from cases.files.types import UnacceptableFile
from cases.models import AnswerFile, ApplicantLink, Party, PlanningApplication, ValidationRequest
from cases.requests.answers import files as answer_files
from cases.requests.answers.answering import (
    AnswersClosed,
    answers_open_to,
    keep_draft,
    may_answer,
    send_answers,
    what_is_missing,
)
from cases.requests.answers.files import add_answer_file, delete_forgotten, remove_answer_file
from cases.requests.answers.settling import ask_again, cancel_request
from cases.requests.links import link_for, revoke
from cases.requests.sending import remind
from cases.statuses import PublicStatus, Status
from tests.cases import files
from tests.cases.asking import LINE, answer, ask, draft, link_of
from tests.clock import at

pytestmark = pytest.mark.django_db
State, Outcome = ValidationRequest.State, ValidationRequest.Outcome
OWNER = {"name": "George Kirrin", "address": "Kirrin Island", "notice_on": "2026-05-20"}


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder")


@pytest.fixture
def link(application):
    return link_of(application)


def put(request, link, *, contents: bytes | None = None, name: str = "plan.pdf") -> AnswerFile:
    return add_answer_file(request, link=link, file=io.BytesIO(contents or files.pdf()), name=name)


def stored() -> set[str]:
    storage = storages["case_documents"]
    folders, _ = storage.listdir("") if storage.exists("") else ([], [])
    return {f"{folder}/{name}" for folder in folders for name in storage.listdir(folder)[1]}


# --- Filling in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "facts", "said", "missing"),
    [
        ("other", {}, {}, "not answered"),
        ("other", {}, {"answer": "replied"}, "Write an answer, or add a file."),
        ("other", {}, {"answer": "replied", "text": "Part 8"}, ""),
        ("other", {}, {"answer": "disagreed", "text": " "}, "Say why"),
        ("other", {}, {"answer": "disagreed", "text": "Not needed."}, ""),
        ("additional_document", {}, {"answer": "replied", "text": "See above"}, "Add at least one file."),
        ("description", {"proposed_description": "A porch"}, {"answer": "agreed"}, ""),
        ("description", {}, {"answer": "replied"}, "Write the words"),
        ("description", {}, {"answer": "replied", "text": "A porch"}, ""),
        ("red_line", {}, {"answer": "replied"}, "Draw the red line"),
        ("red_line", {}, {"answer": "replied", "boundary": LINE}, ""),
        ("red_line", {"proposed_boundary": LINE}, {"answer": "agreed"}, ""),
        ("ownership", {}, {"answer": "replied"}, "Choose the ownership certificate."),
        ("ownership", {}, {"answer": "replied", "ownership": {"certificate": "a"}}, ""),
        ("ownership", {}, {"answer": "replied", "ownership": {"certificate": "b", "owners": []}}, "each owner"),
        ("ownership", {}, {"answer": "replied", "ownership": {"certificate": "b", "owners": [OWNER]}}, ""),
        (
            "ownership",
            {},
            {"answer": "replied", "ownership": {"certificate": "b", "owners": [OWNER | {"notice_on": None}]}},
            "gave them notice",
        ),
    ],
)
def test_the_page_says_what_is_missing(application, officer, link, kind, facts, said, missing):
    request = ask(application, kind, by=officer, **facts)
    keep_draft(request, link=link, draft=said)
    request.refresh_from_db()
    assert missing in what_is_missing(request)
    assert bool(what_is_missing(request)) == bool(missing)
    if missing:
        with pytest.raises(ValidationError):
            send_answers([request], link=link, name="Enid Blyton")
        request.refresh_from_db()
        assert request.state == State.SENT
    else:
        assert send_answers([request], link=link, name="Enid Blyton")[0].answer == said["answer"]


@pytest.mark.parametrize(
    ("kind", "said", "field"),
    [
        ("other", {"answer": "agreed"}, "answer"),
        ("other", {"answer": "silence"}, "answer"),
        ("other", {"answer": "replied", "text": "x" * 10_001}, "text"),
        ("red_line", {"answer": "replied", "boundary": {"type": "Polygon", "coordinates": [[[0, 0]]]}}, "boundary"),
        ("red_line", {"answer": "replied", "boundary": "a line"}, "boundary"),
        ("ownership", {"answer": "replied", "ownership": {"certificate": "z"}}, "ownership"),
        ("ownership", {"answer": "replied", "ownership": {"certificate": "b", "owners": "all"}}, "ownership"),
        (
            "ownership",
            {"answer": "replied", "ownership": {"certificate": "b", "owners": [OWNER | {"notice_on": "soon"}]}},
            "ownership",
        ),
    ],
)
def test_what_is_of_the_wrong_shape_is_not_kept(application, officer, link, kind, said, field):
    request = ask(application, kind, by=officer)
    with pytest.raises(ValidationError) as refusal:
        keep_draft(request, link=link, draft=said)
    assert field in refusal.value.message_dict
    request.refresh_from_db()
    assert request.draft_answer == {}


def test_a_draft_keeps_nothing_that_its_kind_does_not_ask_for(application, officer, link):
    request = ask(application, "other", by=officer)
    keep_draft(request, link=link, draft={"answer": "replied", "text": "a\x00b", "boundary": LINE, "sum": 1})
    request.refresh_from_db()
    assert request.draft_answer == {"answer": "replied", "text": "ab"}


def test_the_applicant_may_always_disagree(application, officer):
    for kind in ("fee", "additional_document", "ownership", "red_line", "description"):
        assert "disagreed" in answers_open_to(draft(application, kind, by=officer))


# --- Sending ---------------------------------------------------------------------------------------------------------


def test_answers_are_sent_together_with_the_name_of_whoever_signs(application, officer, link):
    draft(application, "fee", by=officer)
    other = ask(application, "other", by=officer)
    fee = application.validation_requests.get(kind="fee")
    for request in (fee, other):
        keep_draft(request, link=link, draft={"answer": "replied", "text": "Here."})
    with pytest.raises(ValidationError, match="full name"):
        send_answers([fee, other], link=link, name="  ")
    assert {row.state for row in send_answers([fee, other], link=link, name=" Enid  Blyton ")} == {State.ANSWERED}
    fee.refresh_from_db()
    assert (fee.answered_name, fee.answered_by, fee.answer_text) == ("Enid Blyton", link, "Here.")
    event = application.events.get(kind="request_answered")
    assert event.by is None
    assert event.data["from"] == "Enid Blyton"
    assert "Here." not in str(event.data)
    (letter,) = application.messages.filter(about="answers_received")
    assert letter.to_email == "famousfive@example.com"


def test_pressed_twice_it_is_sent_once(application, officer, link):
    request = ask(application, "description", by=officer, proposed_description="A porch")
    first = answer(request, "agreed", link=link)
    again = send_answers([request], link=link, name="Enid Blyton")
    assert (again[0].answered_at, again[0].outcome) == (first.answered_at, Outcome.ACCEPTED)
    assert application.events.filter(kind="request_answered").count() == 1
    assert application.events.filter(kind="description_changed").count() == 1
    assert application.messages.filter(about="answers_received").count() == 1


def test_who_comes_second_is_told_and_loses_nothing(application, officer, link):
    request = ask(application, "other", by=officer)
    agent = Party.objects.create(application=application, role="agent", last_name="Agent", email="a@example.com")
    agents_link = link_for(agent)
    answer(request, "replied", text="From the applicant.", link=link)
    with pytest.raises(AnswersClosed, match="answered already"):
        send_answers([request], link=agents_link, name="Ann Agent")
    request.refresh_from_db()
    assert request.answer_text == "From the applicant."


def test_all_or_nothing_when_one_was_withdrawn_meanwhile(application, officer, link):
    draft(application, "fee", by=officer)
    other = ask(application, "other", by=officer)
    fee = application.validation_requests.get(kind="fee")
    for request in (fee, other):
        keep_draft(request, link=link, draft={"answer": "replied", "text": "Typed for an hour."})
    cancel_request(fee, because="It had been paid.", by=officer)
    with pytest.raises(AnswersClosed, match="no longer asks"):
        send_answers([fee, other], link=link, name="Enid")
    for request in (fee, other):
        request.refresh_from_db()
        assert request.answer == ""
        assert request.draft_answer["text"] == "Typed for an hour."
    assert send_answers([other], link=link, name="Enid")[0].state == State.ANSWERED


def test_what_was_asked_again_is_answered_under_its_new_number_only(application, officer, link):
    request = ask(application, "other", by=officer)
    answer(request, "replied", text="Part 7", link=link)
    follow_up = ask_again(request, by=officer, title="Part 8", text="x", what_to_send="x")
    assert not may_answer(follow_up)
    with pytest.raises(AnswersClosed, match="does not ask"):
        keep_draft(follow_up, link=link, draft={"answer": "replied", "text": "early"})


def test_a_link_answers_nothing_of_another_application(application, make_application, officer, link):
    elsewhere = ask(make_application("pp.full.householder"), "other", by=officer)
    for verb in (
        lambda: keep_draft(elsewhere, link=link, draft={"answer": "replied", "text": "x"}),
        lambda: send_answers([elsewhere], link=link, name="Enid"),
        lambda: put(elsewhere, link),
    ):
        with pytest.raises(AnswersClosed):
            verb()
    elsewhere.refresh_from_db()
    assert (elsewhere.draft_answer, elsewhere.answer, AnswerFile.objects.count()) == ({}, "", 0)
    assert stored() == set()


@pytest.mark.parametrize("why", ["revoked", "expired", "address changed", "ended"])
def test_a_page_that_was_open_when_its_link_closed_sends_nothing(application, officer, link, why):
    request = ask(application, "other", by=officer)
    keep_draft(request, link=link, draft={"answer": "replied", "text": "Here."})
    now = timezone.now()
    if why == "revoked":
        revoke(link, because="Wrong address.", by=officer)
    if why == "expired":
        now += timedelta(days=91)
    if why == "address changed":
        application.parties.update(email="other@example.com")
    if why == "ended":
        PlanningApplication.objects.filter(pk=application.pk).update(status=Status.WITHDRAWN, withdrawn_on=now)
    with at(now), pytest.raises(AnswersClosed):
        send_answers([request], link=link, name="Enid")
    request.refresh_from_db()
    assert request.draft_answer["text"] == "Here."


def test_what_comes_in_the_evening_counts_from_the_next_working_day(application, officer, link):
    with at("2026-06-03 10:00"):
        request = ask(application, "other", by=officer)
        link = link_of(application)
    with at("2026-06-05 17:01"):  # a Friday
        row = answer(request, "replied", text="Here.", link=link)
    assert row.arrived_on == date(2026, 6, 8)


def test_agreed_words_are_written_at_once_in_the_applicants_name(application, officer, link):
    request = ask(application, "description", by=officer, proposed_description="A porch")
    row = answer(request, "agreed", link=link)
    application.refresh_from_db()
    assert application.description == "A porch"
    assert (row.outcome, row.resolved_by, row.before) == (
        Outcome.ACCEPTED,
        None,
        {"description": "Rear extension of a house"},
    )
    event = application.events.get(kind="description_changed")
    assert (event.by, event.data["from"]) == (None, "Enid Blyton")


def test_words_that_were_not_agreed_change_nothing(application, officer, link):
    request = ask(application, "description", by=officer, proposed_description="A porch")
    assert answer(request, "disagreed", text="It is no porch.", link=link).state == State.ANSWERED
    application.refresh_from_db()
    assert application.description == "Rear extension of a house"


def test_an_agreed_line_is_drawn_at_once_and_its_arrival_counts(application, officer, link):
    request = ask(application, "red_line", by=officer, proposed_boundary=LINE)
    row = answer(request, "agreed", link=link)
    application.refresh_from_db()
    assert application.boundary["coordinates"][0][0] == LINE["coordinates"][0][0]
    assert (row.outcome, row.arrived_on is not None) == (Outcome.ACCEPTED, True)


# --- Files -----------------------------------------------------------------------------------------------------------


def test_files_become_documents_that_nobody_has_looked_at(application, officer, link):
    request = ask(application, "additional_document", by=officer, document_types=["sitePlan.proposed"])
    put(request, link, name="Block plan A.pdf")
    put(request, link, contents=files.image(), name="photo.png")
    before = stored()
    answer(request, "replied", link=link)
    documents = list(request.documents.order_by("pk"))
    assert [document.title for document in documents] == ["Block plan A", "photo"]
    assert {tuple(document.types) for document in documents} == {("sitePlan.proposed",)}
    assert {document.public_status for document in documents} == {PublicStatus.NOT_ASSESSED}
    assert {document.uploaded_by for document in documents} == {None}
    assert AnswerFile.objects.count() == 0
    assert before <= stored()  # the very files, never copied or lost
    assert {document.file.name for document in documents} == before


def test_the_same_upload_again_is_the_same_file(application, officer, link):
    request = ask(application, "additional_document", by=officer)
    assert put(request, link) == put(request, link)
    assert (AnswerFile.objects.count(), len(stored())) == (1, 1)


def test_the_plan_that_was_found_wanting_is_not_sent_again(application, officer, link):
    plan = files.pdf(words="Wrong scale")
    add_document(application, file=io.BytesIO(plan), name="plan.pdf", by=officer)
    request = ask(application, "additional_document", by=officer)
    with pytest.raises(UnacceptableFile, match="has this very file already"):
        put(request, link, contents=plan)


def test_one_file_may_answer_two_requests(application, officer, link):
    draft(application, "other", by=officer)
    first = ask(application, "additional_document", by=officer)
    second = application.validation_requests.get(kind="other")
    for request in (first, second):
        put(request, link)
        answer(request, "replied", link=link)
    assert first.documents.count() == second.documents.count() == 1


def test_there_is_an_end_to_files(application, officer, link, monkeypatch):
    monkeypatch.setattr(answer_files, "MOST_FILES", 2)
    request = ask(application, "additional_document", by=officer)
    for number in (1, 2):
        put(request, link, contents=files.pdf(words=str(number)))
    with pytest.raises(UnacceptableFile, match="at most 2"):
        put(request, link, contents=files.pdf(words="3"))
    assert len(stored()) == 2


@pytest.mark.parametrize(("contents", "name"), [(b"MZ\x90\x00" + b"\x00" * 99, "plan.pdf"), (b"", "plan.pdf")])
def test_files_are_told_by_their_contents(application, officer, link, contents, name):
    request = ask(application, "additional_document", by=officer)
    with pytest.raises(UnacceptableFile):
        add_answer_file(request, link=link, file=io.BytesIO(contents), name=name)
    assert stored() == set()


def test_nothing_is_added_to_what_was_answered(application, officer, link):
    request = ask(application, "other", by=officer)
    kept = put(request, link)
    answer(request, "replied", text="Here.", link=link)
    with pytest.raises(AnswersClosed):
        put(request, link, contents=files.pdf(words="later"))
    with pytest.raises(AnswersClosed):
        remove_answer_file(kept, link=link)
    assert len(stored()) == 1


def test_a_file_that_is_taken_away_is_gone(application, officer, link, django_capture_on_commit_callbacks):
    request = ask(application, "additional_document", by=officer)
    kept = put(request, link)
    with django_capture_on_commit_callbacks(execute=True):
        remove_answer_file(kept, link=link)
    assert (AnswerFile.objects.count(), stored()) == (0, set())
    remove_answer_file(kept, link=link)  # gone already


def test_files_that_nobody_sent_are_deleted_and_others_are_not(
    application, officer, link, django_capture_on_commit_callbacks
):
    old, new = (ask(application, kind, by=officer) for kind in ("additional_document", "other"))
    AnswerFile.objects.filter(pk=put(old, link).pk).update(uploaded_at=timezone.now() - timedelta(days=91))
    kept = put(new, link, contents=files.pdf(words="new"))
    ApplicantLink.objects.update(expires_at=timezone.now() - timedelta(days=15))
    with django_capture_on_commit_callbacks(execute=True):
        assert delete_forgotten() == 1
    assert list(AnswerFile.objects.all()) == [kept]
    assert len(stored()) == 1
    assert delete_forgotten() == 0


def test_a_file_is_kept_for_as_long_as_a_letter_keeps_the_link_open(
    application, officer, link, django_capture_on_commit_callbacks
):
    request = ask(application, "additional_document", by=officer)
    AnswerFile.objects.filter(pk=put(request, link).pk).update(uploaded_at=timezone.now() - timedelta(days=120))
    remind(application, by=officer)  # the link is open for 90 days more
    assert delete_forgotten() == 0
    ApplicantLink.objects.update(expires_at=timezone.now() - timedelta(days=13))
    assert delete_forgotten() == 0  # a new link may still be asked for
    ApplicantLink.objects.update(expires_at=timezone.now() - timedelta(days=15))
    with django_capture_on_commit_callbacks(execute=True):
        assert delete_forgotten() == 1


def test_what_one_person_put_there_is_kept_while_another_can_send_it(application, officer, link):
    agent = application.parties.create(role="agent", last_name="Agent", email="agent@example.com")
    request = ask(application, "additional_document", by=officer)
    AnswerFile.objects.filter(pk=put(request, link).pk).update(uploaded_at=timezone.now() - timedelta(days=120))
    ApplicantLink.objects.filter(pk=link.pk).update(revoked_at=timezone.now() - timedelta(days=100))
    link_for(agent)
    assert delete_forgotten() == 0


def test_a_file_is_not_kept_without_its_row(application, officer, link, monkeypatch):
    request = ask(application, "additional_document", by=officer)

    def fails(**fields):
        raise RuntimeError("the database went away")

    monkeypatch.setattr(AnswerFile.objects, "create", fails)
    with pytest.raises(RuntimeError), transaction.atomic():
        put(request, link)
    assert stored() == set()
