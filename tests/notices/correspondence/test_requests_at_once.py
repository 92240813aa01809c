"""Officers and applicants at the same moment, in transactions of their own: one effect, nothing lost, one letter."""

import io
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.roles import PLANNING_OFFICER
from cases.application import ending
from cases.decision.extension import agree_extension, ask_for_extension
from cases.documents.adding import add_document
from cases.documents.publishing import set_public_status
from cases.documents.redacting import making
from cases.jobs import child
from cases.lifecycle import StepNotAllowed
from cases.models import (
    AnswerFile,
    ApplicantLink,
    Document,
    ExtensionOfTime,
    PlanningApplication,
    Redaction,
    ValidationRequest,
)
from cases.requests.answers import files as answer_files
from cases.requests.answers.answering import AnswersClosed, keep_draft, send_answers
from cases.requests.answers.files import add_answer_file, delete_forgotten, remove_answer_file
from cases.requests.answers.settling import accept_answer, cancel_request, record_reply
from cases.requests.links import link_for, revoke
from cases.requests.sending import remind, send_requests
from cases.statuses import PublicStatus, Status
from cases.timeline import broken_links
from cases.validation import validity
from notices.correspondence import silence
from notices.models import Message
from tests.cases import files
from tests.cases.asking import ask, draft, link_of
from tests.clock import at, moment
from tests.notices.issuing.test_issue_race import both_at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4
REFUSED = (StepNotAllowed, AnswersClosed, PermissionDenied, ValidationError)


@pytest.fixture
def colleague(make_user, authority):
    return make_user("colleague", PLANNING_OFFICER, authority=authority)


def a_case(make_application, status: Status = Status.NOT_STARTED) -> PlanningApplication:
    with transaction.atomic():
        received_on = timezone.localdate() - timedelta(days=20)
        return make_application("pp.full.householder", status=status, received_on=received_on)


def again(row):
    """The row as another process reads it."""
    return type(row).objects.get(pk=row.pk)


def send(request: ValidationRequest, link: ApplicantLink):
    return lambda: send_answers([again(request)], link=again(link), name="Enid Blyton")


def put_file(request: ValidationRequest, link: ApplicantLink, words: str = "Plan") -> AnswerFile:
    return add_answer_file(request, link=link, file=io.BytesIO(files.pdf(words=words)), name=f"{words}.pdf")


def letters(application: PlanningApplication, about: str) -> int:
    return Message.objects.filter(application=application, about=about).count()


def happened(application: PlanningApplication, kind: str) -> int:
    return application.events.filter(kind=kind).count()


def check_whole(application: PlanningApplication, *results) -> None:
    """No result is a fault of ours, such as a deadlock, and the history is one chain."""
    faults = [result for result in results if isinstance(result, Exception) and not isinstance(result, REFUSED)]
    assert faults == []
    assert list(broken_links(application.pk)) == []


def refused(results) -> int:
    return sum(isinstance(result, REFUSED) for result in results)


# --- Two officers ---------------------------------------------------------------------------------------------------


def test_two_officers_send_the_same_drafts_and_one_letter_goes_out(make_application, officer, colleague):
    for _ in range(ROUNDS):
        application = a_case(make_application, Status.INVALIDATED)
        rows = [draft(application, kind, by=officer) for kind in ("fee", "ownership")]
        results = both_at_once(
            *(
                lambda by=by, rows=rows: send_requests([again(row) for row in rows], by=by)
                for by in (officer, colleague)
            )
        )
        check_whole(application, *results)
        assert refused(results) == 1, results
        assert (letters(application, "requests_sent"), happened(application, "requests_sent")) == (1, 1)
        assert {again(row).state for row in rows} == {"sent"}


def test_two_officers_send_some_of_the_same_and_no_request_goes_out_twice(make_application, officer, colleague):
    for _ in range(ROUNDS):
        application = a_case(make_application, Status.INVALIDATED)
        one, both, other = (draft(application, kind, by=officer) for kind in ("fee", "ownership", "other"))
        results = both_at_once(
            *(
                lambda by=by, rows=rows: send_requests([again(row) for row in rows], by=by)
                for by, rows in ((officer, [one, both]), (colleague, [other, both]))
            )
        )
        check_whole(application, *results)
        assert refused(results) == 1, results
        assert letters(application, "requests_sent") == 1
        assert sum(again(row).sent_at is not None for row in (one, both, other)) == 2


def test_two_officers_mark_as_invalid_and_one_letter_goes_out(make_application, officer, colleague):
    for _ in range(ROUNDS):
        application = a_case(make_application)
        draft(application, "fee", by=officer)
        results = both_at_once(
            *(lambda by=by, a=application: validity.invalidate(again(a), by=by) for by in (officer, colleague))
        )
        check_whole(application, *results)
        assert refused(results) == 1, results
        assert (letters(application, "invalid"), happened(application, "invalidate")) == (1, 1)


def test_a_request_drafted_while_the_letter_goes_out_is_in_it_or_still_a_draft(make_application, officer, colleague):
    for _ in range(ROUNDS):
        application = a_case(make_application)
        draft(application, "fee", by=officer)
        results = both_at_once(
            lambda a=application: validity.invalidate(again(a), by=officer),
            lambda a=application: draft(again(a), "ownership", by=colleague),
        )
        check_whole(application, *results)
        assert refused(results) == 0, results
        late = application.validation_requests.get(kind="ownership")
        letter = Message.objects.get(application=application, about="invalid")
        assert letter.requests.filter(pk=late.pk).exists() == (late.sent_at is not None)
        assert sorted(application.validation_requests.values_list("number", flat=True)) == [1, 2]


def test_two_officers_remind_and_one_letter_goes_out(make_application, officer, colleague):
    for _ in range(ROUNDS):
        application = a_case(make_application)
        ask(application, "fee", by=officer)
        results = both_at_once(*(lambda by=by, a=application: remind(again(a), by=by) for by in (officer, colleague)))
        check_whole(application, *results)
        assert refused(results) == 1, results
        assert letters(application, "reminder") == 1


def test_two_letters_at_once_have_one_link(make_application):
    for _ in range(ROUNDS):
        person = a_case(make_application).parties.get()
        results = both_at_once(lambda p=person: link_for(again(p)), lambda p=person: link_for(again(p)))
        check_whole(person.application, *results)
        assert len({result.pk for result in results}) == 1
        assert ApplicantLink.objects.filter(party=person, revoked_at=None).count() == 1


# --- An applicant and an officer ------------------------------------------------------------------------------------


def test_sent_while_the_same_is_recorded_as_come_by_post_is_one_of_the_two(make_application, officer):
    for _ in range(ROUNDS):
        application = a_case(make_application)
        request = ask(application, "additional_document", by=officer)
        link = link_of(application)
        put_file(request, link)
        keep_draft(request, link=link, draft={"answer": "replied", "text": "Here."})
        results = both_at_once(
            send(request, link),
            lambda r=request: record_reply(again(r), by=officer, arrived_on=timezone.localdate(), resolution="By post"),
        )
        check_whole(application, *results)
        assert refused(results) == 1, results
        settled, documents = again(request), Document.objects.filter(answers=request).count()
        if settled.outcome == "accepted":  # by post: what was filled in and the file wait, and nothing is lost
            assert (settled.answer, documents, AnswerFile.objects.filter(request=request).count()) == ("", 0, 1)
            assert settled.draft_answer["text"] == "Here."
            assert letters(application, "answers_received") == 0
        else:
            assert (settled.answer, settled.outcome, documents) == ("replied", "", 1)
            assert letters(application, "answers_received") == 1


def test_sent_while_it_is_withdrawn_keeps_the_file_either_way(make_application, officer):
    for _ in range(ROUNDS):
        application = a_case(make_application)
        request = ask(application, "additional_document", by=officer)
        link = link_of(application)
        stored = put_file(request, link).file
        keep_draft(request, link=link, draft={"answer": "replied"})
        results = both_at_once(
            send(request, link), lambda r=request: cancel_request(again(r), because="It came.", by=officer)
        )
        check_whole(application, *results)
        assert again(request).outcome == "cancelled", "what was answered can still be withdrawn"
        waiting = AnswerFile.objects.filter(request=request).count()
        documents = Document.objects.filter(answers=request).count()
        assert (waiting, documents) == ((1, 0) if refused(results) else (0, 1)), results
        assert stored.storage.exists(stored.name)


def test_agreed_while_the_officer_validates_is_valid_under_the_agreed_words_or_not_yet(make_application, officer):
    for _ in range(ROUNDS):
        application = a_case(make_application)
        request = ask(application, "description", by=officer, proposed_description="A porch")
        link = link_of(application)
        keep_draft(request, link=link, draft={"answer": "agreed"})
        results = both_at_once(send(request, link), lambda a=application: validity.validate(again(a), by=officer))
        check_whole(application, *results)
        assert isinstance(results[0], list), results
        case = again(application)
        assert (case.description, again(request).outcome) == ("A porch", "accepted")
        is_valid = not isinstance(results[1], Exception)
        assert (case.status == Status.IN_ASSESSMENT, letters(application, "valid")) == (is_valid, int(is_valid))


def test_a_fault_noted_while_it_is_validated_leaves_no_valid_case_with_a_fault_that_was_open(
    make_application, officer, colleague
):
    for _ in range(ROUNDS):
        application = a_case(make_application)
        results = both_at_once(
            lambda a=application: validity.validate(again(a), by=officer),
            lambda a=application: draft(again(a), "fee", by=colleague),
        )
        check_whole(application, *results)
        case, drafted = again(application), application.validation_requests.filter(kind="fee").exists()
        if isinstance(results[0], Exception):
            assert (case.status, drafted) == (Status.NOT_STARTED, True)
        elif drafted:  # asked for once it was valid: raised after the step, and the history says so
            step = application.events.get(kind="validate").sequence
            assert application.events.get(kind="request_raised").sequence > step


def test_an_answer_accepted_by_two_officers_takes_effect_once(make_application, officer, colleague):
    for _ in range(ROUNDS):
        application = a_case(make_application)
        request = ask(application, "description", by=officer, proposed_description="A porch")
        # As an answer that could not take effect at once: it waits for an officer.
        ValidationRequest.objects.filter(pk=request.pk).update(
            answer="agreed", answered_at=timezone.now(), arrived_on=timezone.localdate()
        )
        results = both_at_once(
            *(lambda by=by, r=request: accept_answer(again(r), by=by) for by in (officer, colleague))
        )
        check_whole(application, *results)
        assert refused(results) == 1, results
        assert happened(application, "description_changed") == happened(application, "request_resolved") == 1


def test_a_link_revoked_while_answers_are_sent_took_them_or_did_not(make_application, officer):
    for _ in range(ROUNDS):
        application = a_case(make_application)
        request = ask(application, "fee", by=officer)
        link = link_of(application)
        keep_draft(request, link=link, draft={"answer": "replied", "text": "It was paid."})
        results = both_at_once(
            send(request, link), lambda one=link: revoke(again(one), because="Wrong person", by=officer)
        )
        check_whole(application, *results)
        asked = again(request)
        if refused(results):
            assert (asked.answer, asked.draft_answer["text"]) == ("", "It was paid.")
        else:
            assert (asked.answer, asked.answer_text) == ("replied", "It was paid.")
        assert again(link).revoked_at
        assert letters(application, "answers_received") == 1 - refused(results)


def test_an_application_withdrawn_while_answers_are_sent_loses_none(make_application, officer, manager):
    for _ in range(ROUNDS):
        application = a_case(make_application)
        request = ask(application, "fee", by=officer)
        link = link_of(application)
        keep_draft(request, link=link, draft={"answer": "replied", "text": "It was paid."})
        results = both_at_once(
            send(request, link), lambda a=application: ending.withdraw(again(a), by=manager, note="They asked.")
        )
        check_whole(application, *results)
        assert again(application).status == Status.WITHDRAWN
        asked = again(request)
        assert "It was paid." in (asked.answer_text, asked.draft_answer.get("text"))


# --- More time ------------------------------------------------------------------------------------------------------


def asked_for_time(make_application, officer) -> tuple[PlanningApplication, ValidationRequest, ApplicantLink]:
    application = a_case(make_application, Status.IN_ASSESSMENT)
    until = application.expires_on + timedelta(days=28)
    request = ask_for_extension(application, until=until, reason="Plans are to come.", by=officer)
    link = link_of(application)
    keep_draft(request, link=link, draft={"answer": "agreed"})
    return application, request, link


def test_agreed_while_the_officer_records_a_later_day_the_later_stands(make_application, officer):
    for _ in range(ROUNDS):
        application, request, link = asked_for_time(make_application, officer)
        later = request.proposed_until + timedelta(days=14)
        results = both_at_once(
            send(request, link),
            lambda a=application, day=later: agree_extension(
                again(a),
                agreed_until=day,
                agreed_with="A. Agent",
                agreed_in_writing_on=timezone.localdate(),
                evidence="By e-mail",
                by=officer,
            ),
        )
        check_whole(application, *results)
        assert refused(results) == 0, results
        case = again(application)
        assert case.expires_on == later
        assert case.statutory_expiry_on == application.statutory_expiry_on
        assert ExtensionOfTime.objects.filter(application=case).count() == 2


def test_agreed_while_the_officer_takes_the_request_back_moves_the_day_or_not(make_application, officer):
    for _ in range(ROUNDS):
        application, request, link = asked_for_time(make_application, officer)
        before = again(application).expires_on
        results = both_at_once(
            send(request, link), lambda r=request: cancel_request(again(r), because="No need.", by=officer)
        )
        check_whole(application, *results)
        assert refused(results) == 1, results
        agreed = again(request).outcome == "accepted"
        assert again(application).expires_on == (request.proposed_until if agreed else before)
        assert ExtensionOfTime.objects.filter(application=application).count() == int(agreed)
        assert happened(application, "extension_agreed") == int(agreed)


def test_agreed_in_two_tabs_is_one_extension(make_application, officer):
    for _ in range(ROUNDS):
        application, request, link = asked_for_time(make_application, officer)
        results = both_at_once(send(request, link), send(request, link))
        check_whole(application, *results)
        assert ExtensionOfTime.objects.filter(application=application).count() == 1
        assert letters(application, "answers_received") == happened(application, "extension_agreed") == 1


# --- Files of an answer ---------------------------------------------------------------------------------------------


def test_a_file_taken_out_while_it_is_sent_was_sent_or_taken_out(make_application, officer):
    for _ in range(ROUNDS):
        application = a_case(make_application)
        request = ask(application, "additional_document", by=officer)
        link = link_of(application)
        file = put_file(request, link)
        keep_draft(request, link=link, draft={"answer": "replied"})
        results = both_at_once(send(request, link), lambda f=file, one=link: remove_answer_file(f, link=again(one)))
        check_whole(application, *results)
        assert refused(results) == 1, results
        documents = Document.objects.filter(answers=request)
        was_sent = again(request).answer == "replied"
        assert (documents.count(), file.file.storage.exists(file.file.name)) == (int(was_sent), was_sent)
        assert not AnswerFile.objects.filter(request=request).exists()


def test_a_file_put_while_the_answer_is_sent_goes_with_it_or_is_refused(make_application, officer):
    for _ in range(ROUNDS):
        application = a_case(make_application)
        request = ask(application, "additional_document", by=officer)
        link = link_of(application)
        first = put_file(request, link, "One")
        keep_draft(request, link=link, draft={"answer": "replied"})
        results = both_at_once(send(request, link), lambda r=request, one=link: put_file(again(r), again(one), "Two"))
        check_whole(application, *results)
        assert isinstance(results[0], list), results
        assert not AnswerFile.objects.filter(request=request).exists()
        documents = Document.objects.filter(answers=request)
        assert documents.count() == 2 - refused(results), results
        folder = Path(first.file.path).parent
        kept = {path.name for path in folder.iterdir() if path.is_file()}
        assert kept == {Path(document.file.name).name for document in documents}, "no file without a row, none lost"


def test_a_forgotten_file_that_is_sent_after_all_is_not_deleted(make_application, officer, monkeypatch):
    delete, sent = answer_files._delete, Event()

    def when_it_was_sent(row):
        sent.wait(4)  # whoever has read the row lets the other be first, where nothing else holds it
        delete(row)

    monkeypatch.setattr(answer_files, "_delete", when_it_was_sent)
    for _ in range(2):
        sent.clear()
        application = a_case(make_application)
        request = ask(application, "additional_document", by=officer)
        link = link_of(application)
        file = put_file(request, link)
        keep_draft(request, link=link, draft={"answer": "replied"})
        AnswerFile.objects.filter(pk=file.pk).update(uploaded_at=timezone.now() - timedelta(days=100))
        results = both_at_once(lambda r=request, one=link: (send(r, one)(), sent.set()), delete_forgotten)
        check_whole(application, *results)
        was_sent = again(request).answer == "replied"
        assert Document.objects.filter(answers=request).count() == int(was_sent)
        assert file.file.storage.exists(file.file.name) == was_sent
        assert results[1] == int(not was_sent)


# --- Silence --------------------------------------------------------------------------------------------------------


def test_two_sweeps_beside_an_answer_are_one_of_them_and_one_letter(make_application, officer):
    sent = moment("2026-06-03 10:00")
    for _ in range(ROUNDS):
        with at(sent):
            application = a_case(make_application)
            request = ask(application, "description", by=officer, proposed_description="A porch")
            request.messages.update(status=Message.Status.SENT, sent_at=timezone.now())
            link = link_of(application)
            keep_draft(request, link=link, draft={"answer": "agreed"})
        with at(sent + timedelta(days=20)):
            results = both_at_once(silence.sweep, send(request, link), silence.sweep)
        check_whole(application, *results)
        asked, swept = again(request), results[0] + results[2]
        assert (asked.answer, swept) in {("silence", 1), ("agreed", 0)}, results
        assert again(application).description == "A porch"
        assert happened(application, "description_changed") == 1
        told = letters(application, "accepted_by_silence") + letters(application, "answers_received")
        assert told == 1


def test_a_sweep_beside_a_validation_never_changes_the_words_of_a_valid_case(make_application, officer):
    """Not valid while the description is open; so it is valid under the new words, or not valid yet."""
    sent = moment("2026-06-03 10:00")
    for _ in range(ROUNDS):
        with at(sent):
            application = a_case(make_application)
            request = ask(application, "description", by=officer, proposed_description="A porch")
            request.messages.update(status=Message.Status.SENT, sent_at=timezone.now())
        with at(sent + timedelta(days=20)):
            results = both_at_once(silence.sweep, lambda a=application: validity.validate(again(a), by=officer))
        check_whole(application, *results)
        assert results[0] == 1
        order = list(application.events.order_by("sequence").values_list("kind", flat=True))
        if "validate" in order:
            assert order.index("description_changed") < order.index("validate")


# --- Publishing and redacting ---------------------------------------------------------------------------------------


@pytest.fixture
def quick_copies(monkeypatch):
    """The copy is drawn in no time: what is tried here is the moment at which it is written."""

    def run(module, asked, **about):
        Path(asked["out"]).write_bytes(files.pdf(words=f"Covered {asked['source']}"))
        return {}

    monkeypatch.setattr(child, "run", run)


def waiting_copy(application: PlanningApplication, by, words: str) -> tuple[Document, Redaction]:
    """A document whose copy is asked for, and whose task no worker has taken yet."""
    document = add_document(application, file=io.BytesIO(files.pdf(words=words)), name=f"{words}.pdf", by=by)
    Document.objects.filter(pk=document.pk).update(active_content=[])
    redaction = Redaction.objects.create(
        document=document, by=by, state=Redaction.State.QUEUED, due_at=timezone.now(), suggested=[]
    )
    return document, redaction


def test_published_while_its_redacted_copy_is_made_the_original_is_never_public_beside_it(
    make_application, officer, colleague, quick_copies
):
    application = a_case(make_application, Status.IN_ASSESSMENT)
    for round_ in range(ROUNDS):
        document, redaction = waiting_copy(application, officer, f"Plan {round_}")
        results = both_at_once(
            lambda r=redaction: making.make_redacted_copy.call(r.pk),
            lambda d=document: set_public_status([again(d)], status=PublicStatus.PUBLISH, by=colleague),
        )
        check_whole(application, *results)
        done = again(redaction)
        assert done.state == Redaction.State.DONE, done.error
        assert document.redacted_copies.count() == 1
        assert again(document).public_status == PublicStatus.WITHHOLD
        assert not Document.objects.public().filter(pk=document.pk).exists()


def test_two_workers_at_one_redaction_make_one_copy(make_application, officer, quick_copies):
    application = a_case(make_application, Status.IN_ASSESSMENT)
    for round_ in range(ROUNDS):
        document, redaction = waiting_copy(application, officer, f"Plan {round_}")
        results = both_at_once(*[lambda r=redaction: making.make_redacted_copy.call(r.pk)] * 3)
        check_whole(application, *results)
        assert document.redacted_copies.count() == 1
        assert application.events.filter(kind="document_redacted", data__document=document.pk).count() == 1
    folder = Path(document.file.path).parent
    kept = {path.name for path in folder.iterdir() if path.is_file()}
    assert kept == {Path(name).name for name in application.documents.values_list("file", flat=True)}
