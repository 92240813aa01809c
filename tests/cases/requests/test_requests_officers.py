"""What officers do with requests: noting, sending together, accepting, asking again, leaving, withdrawing."""

import io
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from cases.application import facts
from cases.decision import extension
from cases.documents.adding import add_document
from cases.law.deadlines import add_working_days
from cases.lifecycle import StepNotAllowed
from cases.models import Condition, Document, ExtensionOfTime, InvalidReason, PlanningApplication, ValidationRequest
from cases.permissions import can_ask, can_settle
from cases.register.timeline import public_timeline
from cases.request_kinds import KINDS, Kind
from cases.requests.answers.files import add_answer_file
from cases.requests.answers.settling import accept_answer, ask_again, cancel_request, leave_as_it_was, record_reply
from cases.requests.raising import change_request, drop_request
from cases.requests.sending import remind, send_requests, why_not_sent
from cases.statuses import Status
from cases.validation import validity
from tests.cases import files
from tests.cases.asking import LINE, WORDS, answer, ask, draft, link_of
from tests.clock import at, later
from tests.making import SQUARE

pytestmark = pytest.mark.django_db
RECEIVED = date(2026, 6, 1)
Outcome, State = ValidationRequest.Outcome, ValidationRequest.State


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder", received_on=RECEIVED)


@pytest.fixture
def valid(make_application):
    """A valid application, due in a month."""
    today = timezone.localdate()
    return make_application(
        "pp.full.householder",
        status=Status.IN_ASSESSMENT,
        received_on=today - timedelta(days=26),
        expires_on=today + timedelta(days=30),
        statutory_expiry_on=today + timedelta(days=30),
    )


def of(application: PlanningApplication) -> PlanningApplication:
    return PlanningApplication.objects.get(pk=application.pk)


def pre_commencement(application) -> Condition:
    return Condition.objects.create(
        application=application,
        title="Materials",
        text="No work before samples are approved.",
        reason="Looks.",
        type="pre_commencement",
        pre_commencement_reason="Later is too late.",
    )


# --- Noting ----------------------------------------------------------------------------------------------------------


def test_a_draft_is_numbered_within_its_case_and_nobody_is_told(application, officer):
    first, second = draft(application, "fee", by=officer), draft(application, "other", by=officer)
    assert (first.number, second.number) == (1, 2)
    assert {first.state, second.state} == {State.DRAFT}
    assert application.messages.filter(about__in=["invalid", "requests_sent"]).count() == 0
    assert WORDS["text"] not in str(application.events.get(kind="request_raised", data__number=1).data)


@pytest.mark.parametrize(
    ("kind", "facts", "field"),
    [
        ("fee", {"title": " "}, "title"),
        ("fee", {"text": ""}, "text"),
        ("additional_document", {"what_to_send": ""}, "what_to_send"),
        ("replacement_document", {}, "document"),
        ("red_line", {"proposed_boundary": {"type": "Point", "coordinates": [0, 51]}}, "proposed_boundary"),
        ("description", {"proposed_description": "Rear extension of a house"}, "proposed_description"),
    ],
)
def test_a_request_that_nobody_could_answer_is_not_noted(application, officer, kind, facts, field):
    with pytest.raises(ValidationError) as refusal:
        draft(application, kind, by=officer, **facts)
    assert field in refusal.value.message_dict
    assert application.validation_requests.count() == 0


def test_a_fact_of_another_kind_is_a_mistake_of_the_caller(application, officer):
    with pytest.raises(TypeError, match="proposed_until"):
        draft(application, "fee", by=officer, proposed_until=date(2027, 1, 1))


@pytest.mark.parametrize("kind", ["description", "red_line", "ownership"])
def test_one_question_is_put_once_at_a_time(application, officer, kind):
    first = draft(application, kind, by=officer)
    with pytest.raises(ValidationError, match="number 1"):
        draft(application, kind, by=officer)
    drop_request(first, by=officer)
    assert draft(application, kind, by=officer).number == 2  # the number of a draft taken out is not given again


def test_a_document_is_asked_to_be_replaced_once_and_must_be_current(application, officer, make_application):
    plan, other = (
        Document.objects.create(application=application, title=title, received_on=RECEIVED, file=f"{title}.pdf")
        for title in ("Plan", "Other")
    )
    draft(application, "replacement_document", by=officer, document=plan)
    with pytest.raises(ValidationError, match="asked for already"):
        draft(application, "replacement_document", by=officer, document=plan)
    draft(application, "replacement_document", by=officer, document=other)
    elsewhere = Document.objects.create(
        application=make_application(), title="Elsewhere", received_on=RECEIVED, file="elsewhere.pdf"
    )
    with pytest.raises(ValidationError):
        draft(application, "replacement_document", by=officer, document=elsewhere)


def test_a_draft_is_changed_and_what_was_sent_is_not(application, officer):
    request = draft(application, "fee", by=officer)
    change_request(request, by=officer, text="£290 are missing.")
    validity.invalidate(application, by=officer)
    request.refresh_from_db()
    assert request.text == "£290 are missing."
    for verb in (lambda: change_request(request, by=officer, text="x"), lambda: drop_request(request, by=officer)):
        with pytest.raises(StepNotAllowed, match="sent to the applicant already"):
            verb()


@pytest.mark.parametrize("kind", KINDS)
def test_what_may_be_asked_when_and_by_whom(make_application, officer, support_officer, reader, other_officer, kind):
    rules = KINDS[kind]
    may_before = make_application("pp.full.householder")
    may_after = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    decided = make_application("pp.full.householder", status=Status.AWAITING_DETERMINATION)
    ended = make_application("pp.full.householder", status=Status.WITHDRAWN)
    assert can_ask(officer, may_before, kind) is rules.before_valid
    assert can_ask(officer, may_after, kind)
    assert can_ask(officer, decided, kind) is can_settle(officer, decided, kind) is rules.while_decided
    assert not can_ask(officer, ended, kind)
    assert not can_settle(officer, ended, kind)
    assert can_ask(support_officer, may_after, kind) is (rules.permission == "validate_application")
    assert not any(can_ask(user, may_after, kind) for user in (reader, other_officer))


# --- Sending ---------------------------------------------------------------------------------------------------------


def test_every_fault_goes_out_in_one_letter_with_the_day_by_which_it_is_answered(application, officer):
    drafts = [draft(application, kind, by=officer) for kind in ("fee", "ownership", "description")]
    with at("2026-06-03 10:00"):
        validity.invalidate(application, by=officer)
    (letter,) = application.messages.filter(about="invalid")
    assert set(letter.requests.all()) == set(drafts)
    for request in drafts:
        request.refresh_from_db()
        assert request.state == State.SENT
        assert request.sent_by == officer
    # 3 June is a Wednesday: 15 working days are three weeks, 5 are one.
    assert [request.due_on for request in drafts] == [date(2026, 6, 24), date(2026, 6, 24), date(2026, 6, 10)]


def test_a_fault_does_not_go_out_before_the_application_is_called_invalid(application, officer):
    fault, words = draft(application, "fee", by=officer), draft(application, "description", by=officer)
    with pytest.raises(StepNotAllowed, match="Mark the application as invalid"):
        send_requests([fault, words], by=officer)
    words.refresh_from_db()
    assert words.state == State.DRAFT
    send_requests([words], by=officer)
    assert of(application).status == Status.NOT_STARTED


def test_what_is_found_later_is_sent_by_itself_and_invalid_stays_the_day_it_was(application, officer):
    ask(application, "fee", by=officer)
    since = of(application).invalidated_on
    later = draft(application, "other", by=officer)
    with pytest.raises(StepNotAllowed):
        validity.invalidate(of(application), by=officer)
    send_requests([later], by=officer)
    (letter,) = application.messages.filter(about="requests_sent")
    assert list(letter.requests.all()) == [later]
    assert of(application).invalidated_on == since


def test_two_presses_send_one_letter(application, officer):
    request = draft(application, "description", by=officer)
    send_requests([request], by=officer)
    with pytest.raises(StepNotAllowed, match="sent already"):
        send_requests([request], by=officer)
    assert application.messages.filter(about="requests_sent").count() == 1


def test_a_fee_is_asked_for_from_a_valid_application_only_by_calling_it_invalid(valid, officer):
    request = draft(valid, "fee", by=officer)
    with pytest.raises(StepNotAllowed, match="by marking it as invalid"):
        send_requests([request], by=officer)
    validity.invalidate(valid, by=officer)
    request.refresh_from_db()
    assert request.state == State.SENT


def test_nothing_goes_out_with_a_blank_of_the_ready_words_in_it(application, officer):
    reason = InvalidReason.objects.create(
        slug="b", kind="other", title="Form", text="Part [part] is empty.", what_to_send="Fill it in."
    )
    request = draft(application, "other", by=officer, reason=reason, text="Part [part] is empty.")
    assert "[part]" in why_not_sent(request) or of(application).status == Status.NOT_STARTED
    with pytest.raises(StepNotAllowed, match=r"\[part\]"):
        validity.invalidate(application, by=officer)
    change_request(request, by=officer, text="Part 8 is empty.")
    validity.invalidate(application, by=officer)


def test_a_letter_on_paper_leaves_time_for_the_post(application, officer):
    application.parties.update(email="")
    with at("2026-06-03 10:00"):
        request = ask(application, "description", by=officer, proposed_description="A porch")
    days = 5 + application.authority.office_posting_days
    assert request.due_on == add_working_days(date(2026, 6, 3), days)


def test_requests_of_two_applications_never_share_a_letter(application, make_application, officer):
    other = make_application("pp.full.householder")
    mixed = [draft(application, "description", by=officer), draft(other, "description", by=officer)]
    with pytest.raises(ValidationError):
        send_requests(mixed, by=officer)


def test_a_reminder_names_what_is_still_open_once_a_day(application, officer):
    ask(application, "fee", by=officer)
    done = ask(application, "other", by=officer)
    answer(done, "replied", text="Here.")
    (open_one,) = remind(application, by=officer)
    assert open_one.kind == "fee"
    (letter,) = application.messages.filter(about="reminder")
    assert list(letter.requests.all()) == [open_one]
    with pytest.raises(StepNotAllowed, match="today already"):
        remind(application, by=officer)
    with later(days=1):
        remind(application, by=officer)


# --- Answers that officers look at -----------------------------------------------------------------------------------


def test_an_accepted_plan_counts_from_the_day_it_came_and_not_from_the_look_at_it(application, officer):
    with at("2026-06-03 10:00"):
        request = ask(application, "other", by=officer)
    with at("2026-06-12 10:00"):
        answer(request, "replied", text="The form, part 8.")
    with at("2026-06-18 10:00"):
        settled = accept_answer(request, by=officer)
        assert settled.arrived_on == date(2026, 6, 12)
        validity.validate(application, by=officer)
    assert of(application).valid_from == date(2026, 6, 12)
    assert of(application).validated_on == date(2026, 6, 18)


def test_an_application_is_not_valid_before_what_came_after_hours_counts_as_received(application, officer):
    with at("2026-06-03 10:00"):
        request = ask(application, "other", by=officer)
    with at("2026-06-12 18:30"):  # a Friday evening
        answer(request, "replied", text="The form, part 8.")
        assert accept_answer(request, by=officer).arrived_on == date(2026, 6, 15)
        with pytest.raises(ValidationError, match="15 June 2026"):
            validity.validate(application, by=officer)
    with at("2026-06-15 09:00"):
        validity.validate(application, by=officer)
    assert of(application).valid_from == date(2026, 6, 15)


def test_what_came_by_post_before_the_day_of_receipt_counts_from_that_day(make_application, officer):
    application = make_application("pp.full.householder", received_on=date(2026, 6, 8))
    with at("2026-06-06 10:00"):  # a Saturday: the application came on Friday evening
        request = ask(application, "fee", by=officer)
        with pytest.raises(ValidationError, match="8 June 2026"):
            record_reply(request, arrived_on=date(2026, 6, 6), by=officer, resolution="A cheque.")
        assert record_reply(request, arrived_on=date(2026, 6, 8), by=officer).arrived_on == date(2026, 6, 8)


def test_an_answer_that_was_not_enough_does_not_count_and_the_one_that_followed_does(application, officer):
    with at("2026-06-03 10:00"):
        request = ask(application, "other", by=officer)
    with at("2026-06-08 10:00"):
        answer(request, "replied", text="Part 7.")
        follow_up = ask_again(request, by=officer, title="Part 8", text="That was part 7.", what_to_send="Part 8.")
        assert validity.earliest_valid_from(application) == RECEIVED
        with pytest.raises(StepNotAllowed):
            validity.validate(application, by=officer)
        send_requests([follow_up], by=officer)
    (letter,) = application.messages.filter(about="requests_sent")
    assert "This follows our request number 1." in letter.body
    with at("2026-06-17 10:00"):
        answer(follow_up, "replied", text="Part 8.")
        accept_answer(follow_up, by=officer)
    request.refresh_from_db()
    assert (request.outcome, follow_up.follows) == (Outcome.NOT_ACCEPTED, request)
    assert validity.earliest_valid_from(application) == date(2026, 6, 17)


def test_a_follow_up_that_is_taken_out_again_leaves_the_answer_for_an_officer(application, officer):
    request = ask(application, "other", by=officer)
    answer(request, "replied", text="Part 7.")
    follow_up = ask_again(request, by=officer, title="Part 8", text="That was part 7.", what_to_send="Part 8.")
    drop_request(follow_up, by=officer)
    request.refresh_from_db()
    assert request.state == State.ANSWERED
    with pytest.raises(StepNotAllowed):
        validity.validate(application, by=officer)


def test_a_dispute_that_is_granted_moves_no_date(application, officer):
    request = ask(application, "additional_document", by=officer)
    answer(request, "disagreed", text="The house is not listed.")
    with pytest.raises(StepNotAllowed, match="disagreed"):
        accept_answer(request, by=officer)
    with pytest.raises(ValidationError):
        leave_as_it_was(request, because=" ", by=officer)
    leave_as_it_was(request, because="It is not listed indeed.", by=officer)
    validity.validate(application, by=officer)
    assert of(application).valid_from == RECEIVED


def test_a_replacement_stands_in_the_place_of_the_old_plan_which_stays(application, officer):
    old = add_document(
        application,
        file=io.BytesIO(files.pdf()),
        name="plan.pdf",
        by=officer,
        types=["sitePlan.proposed"],
        drawing_number="P/02",
        title="Site plan",
        received_on=RECEIVED,
    )
    request = ask(application, "replacement_document", by=officer, document=old)
    link = link_of(application)
    add_answer_file(request, link=link, file=io.BytesIO(files.pdf(pages=2)), name="new.pdf")
    answer(request, "replied", link=link)
    newer = request.documents.get()
    old.refresh_from_db()
    assert old.is_current  # nothing takes effect before an officer has looked at it
    assert (newer.title, newer.types, newer.drawing_number) == ("Site plan", ["sitePlan.proposed"], "P/02")
    accept_answer(request, by=officer)
    old.refresh_from_db()
    assert old.superseded_by == newer
    assert Document.objects.filter(application=application).count() == 2


def test_a_harmful_file_is_not_accepted(application, officer):
    request = ask(application, "other", by=officer)
    answer(request, "replied", text="Here.")
    Document.objects.create(
        application=application,
        title="Bad",
        received_on=RECEIVED,
        file="bad.pdf",
        answers=request,
        scan_status="infected",
    )
    with pytest.raises(StepNotAllowed, match="harmful"):
        accept_answer(request, by=officer)


def test_a_line_that_the_applicant_drew_becomes_the_red_line_when_it_is_accepted(application, officer):
    request = ask(application, "red_line", by=officer)
    answer(request, "replied", boundary=LINE)
    assert of(application).boundary == SQUARE
    accept_answer(request, by=officer)
    drawn = of(application)
    assert drawn.boundary["coordinates"][0][0] == LINE["coordinates"][0][0]
    assert drawn.site_area_sqm > 1000
    request.refresh_from_db()
    assert request.before["boundary"] == SQUARE
    assert application.events.get(kind="boundary_changed").by == officer


def test_a_certificate_names_the_owners_anew(application, officer):
    application.parties.create(role="owner", last_name="Forgotten")
    request = ask(application, "ownership", by=officer)
    owners = [{"name": "George Kirrin", "address": "Kirrin Island", "notice_on": "2026-05-20"}]
    answer(request, "replied", ownership={"certificate": "b", "owners": owners})
    assert of(application).ownership_certificate == ""
    accept_answer(request, by=officer)
    assert of(application).ownership_certificate == "b"
    owner = application.parties.get(role="owner")
    assert (owner.name, owner.notice_given, owner.notice_on) == ("George Kirrin", True, date(2026, 5, 20))
    request.refresh_from_db()
    assert request.before["owners"][0]["name"] == "Forgotten"
    assert "Kirrin" not in str(list(application.events.values_list("data", flat=True)))


def test_what_came_by_post_is_recorded_with_the_day_it_came(application, officer):
    request = ask(application, "fee", by=officer)
    for day in (RECEIVED - timedelta(days=1), timezone.localdate() + timedelta(days=1)):
        with pytest.raises(ValidationError):
            record_reply(request, arrived_on=day, by=officer)
    record_reply(request, arrived_on=date(2026, 6, 9), by=officer, resolution="A cheque.")
    assert validity.earliest_valid_from(application) == date(2026, 6, 9)


def test_a_proposal_that_was_agreed_to_by_post_takes_effect(application, officer):
    request = draft(application, "description", by=officer, proposed_description="A porch")
    with pytest.raises(StepNotAllowed, match="not been sent"):
        record_reply(request, arrived_on=date(2026, 6, 9), by=officer)
    send_requests([request], by=officer)
    record_reply(request, arrived_on=timezone.localdate(), by=officer, resolution="Agreed on the telephone.")
    assert of(application).description == "A porch"


@pytest.mark.parametrize("verb", ["accept", "again", "leave"])
def test_nothing_is_said_about_an_answer_that_is_not_there(application, officer, verb):
    request = ask(application, "other", by=officer)
    verbs = {
        "accept": lambda: accept_answer(request, by=officer),
        "again": lambda: ask_again(request, by=officer, title="x", text="x", what_to_send="x"),
        "leave": lambda: leave_as_it_was(request, because="x", by=officer),
    }
    with pytest.raises(StepNotAllowed, match="not been answered"):
        verbs[verb]()


def test_nobody_of_another_council_and_no_reader_settles_anything(application, officer, other_officer, reader):
    request = ask(application, "other", by=officer)
    answer(request, "replied", text="Here.")
    for user in (other_officer, reader):
        for verb in (
            lambda by: accept_answer(request, by=by),
            lambda by: ask_again(request, by=by, title="x", text="x", what_to_send="x"),
            lambda by: leave_as_it_was(request, because="x", by=by),
            lambda by: cancel_request(request, because="x", by=by),
            lambda by: record_reply(request, arrived_on=RECEIVED, by=by),
            lambda by: remind(application, by=by),
        ):
            with pytest.raises(PermissionDenied):
                verb(user)
    request.refresh_from_db()
    assert request.state == State.ANSWERED


# --- Validity --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["fee", "description"])
def test_an_application_is_not_valid_while_a_fault_or_its_description_is_open(application, officer, kind):
    request = draft(application, kind, by=officer)
    with pytest.raises(StepNotAllowed):
        validity.validate(application, by=officer)
    cancel_request(request, because="It was none.", by=officer)
    validity.validate(application, by=officer)


def test_an_agreed_description_does_not_move_the_day_of_validity(application, officer):
    request = ask(application, "description", by=officer, proposed_description="A porch")
    answer(request, "agreed")
    validity.validate(application, by=officer)
    assert of(application).valid_from == RECEIVED


def test_what_was_asked_while_it_was_valid_does_not_move_its_validity_later(application, officer):
    with at("2026-06-03 10:00"):
        validity.validate(application, by=officer)
    with at("2026-07-01 10:00"):
        asked = draft(application, "additional_document", by=officer)
        send_requests([asked], by=officer)
        record_reply(asked, arrived_on=date(2026, 7, 1), by=officer)
    with at("2026-07-02 10:00"):
        fault = draft(application, "fee", by=officer)
        validity.invalidate(application, by=officer)
        cancel_request(fault, because="It had been paid.", by=officer)
        validity.validate(application, by=officer)
    assert of(application).valid_from == RECEIVED


# --- More time -------------------------------------------------------------------------------------------------------


def test_an_accepted_extension_moves_the_day_and_the_acceptance_is_the_evidence(valid, officer):
    until = valid.expires_on + timedelta(days=28)
    request = ask(valid, "extension_of_time", by=officer, proposed_until=until)
    answered = answer(request, "agreed")
    assert answered.outcome == Outcome.ACCEPTED
    assert of(valid).expires_on == until
    row = ExtensionOfTime.objects.get(application=valid)
    assert (row.request, row.agreed_with) == (request, "Enid Blyton")
    validity = valid.events.get(kind="extension_agreed")
    assert validity.by is None


def test_an_answer_on_more_time_is_due_by_the_day_of_the_decision(valid, officer):
    soon = add_working_days(timezone.localdate(), 3)
    PlanningApplication.objects.filter(pk=valid.pk).update(expires_on=soon, statutory_expiry_on=soon)
    request = ask(of(valid), "extension_of_time", by=officer, proposed_until=soon + timedelta(days=28))
    assert request.due_on == soon


@pytest.mark.parametrize("end", ["disagreed", "left", "cancelled", "asked again", "silent"])
def test_an_extension_that_was_not_agreed_changes_nothing(valid, officer, end):
    before = (valid.expires_on, valid.statutory_expiry_on)
    request = ask(valid, "extension_of_time", by=officer, proposed_until=valid.expires_on + timedelta(days=28))
    if end in {"disagreed", "left", "asked again"}:
        answer(request, "disagreed", text="We have waited long enough.")
    if end == "left":
        leave_as_it_was(request, because="They refuse.", by=officer)
    if end == "asked again":
        ask_again(request, by=officer, title="Again", text="Please.", proposed_until=before[0] + timedelta(days=5))
    if end == "cancelled":
        cancel_request(request, because="We are ready.", by=officer)
    # What computes the dates anew afterwards finds nothing to move them by.
    facts.change_facts(of(valid), by=officer, is_eia=False, ward="Another")
    now = of(valid)
    assert (now.expires_on, now.statutory_expiry_on) == before
    assert not ExtensionOfTime.objects.filter(application=valid).exists()


def test_a_refused_extension_leaves_an_agreed_one_alone(valid, officer):
    agreed = valid.expires_on + timedelta(days=10)
    extension.agree_extension(
        valid,
        agreed_until=agreed,
        agreed_with="Enid",
        agreed_in_writing_on=timezone.localdate(),
        evidence="E-mail",
        by=officer,
    )
    request = ask(of(valid), "extension_of_time", by=officer, proposed_until=agreed + timedelta(days=20))
    answer(request, "disagreed", text="No.")
    leave_as_it_was(request, because="They refuse.", by=officer)
    facts.change_facts(of(valid), by=officer, is_eia=not valid.is_eia)
    facts.change_facts(of(valid), by=officer, is_eia=valid.is_eia)
    assert of(valid).expires_on == max(agreed, of(valid).statutory_expiry_on)


def test_more_time_may_be_agreed_while_the_case_waits_for_its_decision_and_nothing_else(valid, officer):
    until = valid.expires_on + timedelta(days=28)
    time_ = ask(valid, "extension_of_time", by=officer, proposed_until=until)
    words = ask(valid, "description", by=officer, proposed_description="A porch")
    PlanningApplication.objects.filter(pk=valid.pk).update(status=Status.AWAITING_DETERMINATION)
    assert answer(time_, "agreed").outcome == Outcome.ACCEPTED
    waiting = answer(words, "agreed")
    assert waiting.state == State.ANSWERED
    assert (of(valid).expires_on, of(valid).description) == (until, "Rear extension of a house")
    # Sent back to the officer, it can be accepted.
    PlanningApplication.objects.filter(pk=valid.pk).update(status=Status.TO_BE_REVIEWED)
    accept_answer(waiting, by=officer)
    assert of(valid).description == "A porch"


# --- Conditions ------------------------------------------------------------------------------------------------------


def test_an_agreed_condition_knows_the_day_it_was_agreed(valid, officer):
    condition = pre_commencement(valid)
    request = ask(valid, "pre_commencement", by=officer, condition=condition, what_to_send="")
    assert answer(request, "agreed").outcome == Outcome.ACCEPTED
    condition.refresh_from_db()
    assert condition.agreed_on == timezone.localdate()


# --- What the public reads -------------------------------------------------------------------------------------------


def test_the_public_reads_that_something_was_asked_and_came_and_never_what(application, officer):
    with at("2026-06-03 10:00"):
        request = ask(application, "other", by=officer, title="Bank statement of Enid", text="SECRET")
    with at("2026-06-12 10:00"):
        answer(request, "replied", text="SECRET ANSWER")
        accept_answer(request, by=officer)
        validity.validate(application, by=officer)
        told = [(moment.on, moment.words, moment.detail) for moment in public_timeline(of(application))]
    assert (date(2026, 6, 3), "More information asked for", "") in told
    assert (date(2026, 6, 12), "The information arrived", "") in told
    assert "SECRET" not in str(told)
    assert "Bank" not in str(told)
    assert "SECRET" not in str(list(application.events.values_list("data", flat=True)))


def test_more_time_and_words_to_agree_to_are_no_information_that_was_asked_for(valid, officer):
    until = valid.expires_on + timedelta(days=28)
    request = ask(valid, "extension_of_time", by=officer, proposed_until=until)
    answer(request, "disagreed", text="No.")
    assert "More information asked for" not in [moment.words for moment in public_timeline(of(valid))]


def test_every_kind_has_a_line_in_the_table():
    assert set(KINDS) == set(Kind.values)
