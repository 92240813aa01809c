"""Dates of requests, over random days and random courses: counted by an oracle that knows nothing of our calendar."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from govuk_bank_holidays.bank_holidays import BankHolidays
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cases.application import facts
from cases.law import deadlines
from cases.lifecycle import StepNotAllowed
from cases.models import ExtensionOfTime, PlanningApplication, ValidationRequest
from cases.request_kinds import FAULTS, KINDS
from cases.requests.answers.answering import answers_open_to, may_answer
from cases.requests.answers.settling import accept_answer, ask_again, cancel_request, leave_as_it_was, record_reply
from cases.requests.sending import send_requests
from cases.statuses import BEING_VALIDATED, Status
from cases.validation import validity
from tests.cases.asking import answer, draft, link_of
from tests.clock import at

ONE_DAY = timedelta(days=1)
LISTED = {row["date"] for row in BankHolidays(use_cached_holidays=True).get_holidays(BankHolidays.ENGLAND_AND_WALES)}
DAYS = st.dates(date(min(LISTED).year, 1, 1), date(max(LISTED).year, 6, 30))


def is_working(day: date) -> bool:
    return day.isoweekday() <= 5 and day not in LISTED


def counts_as_received(at: datetime) -> date:
    """The working day on which the office, open until five, has what is sent at this moment."""
    here = at.astimezone(deadlines.LONDON)
    day = here.date()
    if (here.hour, here.minute) > (17, 0):
        day += ONE_DAY
    while not is_working(day):
        day += ONE_DAY
    return day


def working_days_between(first: date, last: date) -> int:
    """How many working days lie after the first day, up to the last one and with it: counted one by one."""
    return sum(is_working(first + n * ONE_DAY) for n in range(1, (last - first).days + 1))


# --- The last day for an answer --------------------------------------------------------------------------------------


@given(sent=DAYS, days=st.integers(1, 30))
def test_a_weekend_or_a_bank_holiday_is_never_counted_as_a_working_day(sent, days):
    last = deadlines.response_due(sent, days)
    assert is_working(last)
    assert working_days_between(sent, last) == days


@given(sent=DAYS, days=st.integers(1, 20), later=st.integers(0, 10))
def test_who_is_told_later_never_has_to_answer_earlier(sent, days, later):
    assert deadlines.response_due(sent, days) <= deadlines.response_due(sent + later * ONE_DAY, days)


@pytest.mark.parametrize("days", [0, -1])
def test_nobody_is_asked_to_answer_at_once(days):
    with pytest.raises(ValueError, match="at least one working day"):
        deadlines.response_due(date(2026, 6, 1), days)


@given(at=st.datetimes(datetime(2013, 1, 2), datetime(2028, 6, 1), timezones=st.just(deadlines.LONDON)))
def test_an_answer_counts_as_received_on_a_working_day_and_never_before_it_came(at):
    day = deadlines.received_on(at)
    assert is_working(day)
    assert day >= at.date()
    assert working_days_between(at.date(), day) <= 1


# --- Random courses --------------------------------------------------------------------------------------------------


FAULT_KINDS = ["fee", "other", "additional_document", "red_line"]


class Course(RuleBasedStateMachine):
    """An application from receipt onwards: officers ask, applicants answer, days go by, and the dates stay right."""

    make_application = officer = None  # set by the test

    @initialize(received=st.dates(date(2026, 1, 5), date(2026, 3, 1)))
    def receive(self, received: date) -> None:
        self.now = datetime.combine(received, time(11), tzinfo=UTC)
        self.agreed: list[date] = []
        self.checked_on: date | None = None
        # What the test knows by itself: when each answer came, in which span of validity each request was raised, and
        # the days that count for validity.
        self.came: dict[int, date] = {}
        self.raised_in: dict[int, int | None] = {}
        self.counting: dict[int, date] = {}
        self.span: int | None = None
        self.spans = 0
        self.expected: date | None = None
        with at(self.now):
            self.pk = type(self).make_application("pp.full.householder", received_on=received).pk

    @property
    def application(self) -> PlanningApplication:
        return PlanningApplication.objects.select_related("application_type", "authority").get(pk=self.pk)

    def requests(self, **state) -> list[ValidationRequest]:
        return list(ValidationRequest.objects.filter(application=self.pk, **state).select_related("application"))

    def do(self, verb, *args, **kwargs):
        """Take a step now, where the rules let it be taken."""
        with at(self.now):
            try:
                return verb(*args, **kwargs)
            except (StepNotAllowed, ValidationError):
                return None

    @rule(hours=st.integers(1, 24 * 9))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(kind=st.sampled_from([*FAULT_KINDS, "description"]))
    def note(self, kind: str) -> None:
        facts_ = {"proposed_description": f"A porch, {self.now:%d %m %H}"} if kind == "description" else {}
        self.do(draft, self.application, kind, by=self.officer, **facts_)

    @precondition(lambda self: self.application.status == Status.IN_ASSESSMENT)
    @rule(days=st.integers(1, 60))
    def ask_for_time(self, days: int) -> None:
        case = self.application
        until = max(case.expires_on, self.now.date()) + days * ONE_DAY
        if asked := self.do(draft, case, "extension_of_time", by=self.officer, proposed_until=until):
            self.do(send_requests, [asked], by=self.officer)

    @rule()
    def send(self) -> None:
        if drafts := self.requests(sent_at=None, resolved_at=None):
            self.do(send_requests, drafts, by=self.officer)

    @rule()
    def call_invalid(self) -> None:
        if self.do(validity.invalidate, self.application, by=self.officer):
            self.checked_on = self.span = None

    @rule()
    def call_valid(self) -> None:
        if self.do(validity.validate, self.application, by=self.officer):
            self.checked_on = self.now.astimezone(deadlines.LONDON).date()
            self.expected = max([self.application.received_on, *self.counting.values()])
            self.spans += 1
            self.span = self.spans

    @rule(data=st.data(), yes=st.booleans())
    def the_applicant_answers(self, data, yes: bool) -> None:
        asked = [row for row in self.requests(answer="", resolved_at=None) if may_answer(row)]
        if not asked:
            return
        request = data.draw(st.sampled_from(asked))
        said = "disagreed" if not yes else answers_open_to(request)[0].value
        until, was = request.proposed_until, self.application.expires_on
        with at(self.now):
            link = link_of(self.application)
        if self.do(answer, request, said, text="Because.", link=link):
            self.came[request.pk] = counts_as_received(self.now)
            if until:
                self._told(request, was)

    @rule(data=st.data(), how=st.sampled_from(["accept", "again", "leave", "cancel", "post"]))
    def an_officer_settles(self, data, how: str) -> None:
        rows = self.requests(resolved_at=None)
        if not rows:
            return
        request, by = data.draw(st.sampled_from(rows)), self.officer
        was = self.application.expires_on
        came = data.draw(st.dates(self.application.received_on, max(self.now.date(), self.application.received_on)))
        settles = {
            "accept": lambda: accept_answer(request, by=by),
            "again": lambda: ask_again(request, by=by, title="Again", text="Not enough.", what_to_send="More."),
            "leave": lambda: leave_as_it_was(request, because="So be it.", by=by),
            "cancel": lambda: cancel_request(request, because="Never mind.", by=by),
            "post": lambda: record_reply(request, arrived_on=came, by=by),
        }
        if self.do(settles[how]):
            if how == "post":
                self.came[request.pk] = came
            if request.proposed_until:
                self._told(request, was)

    def _told(self, request: ValidationRequest, was: date) -> None:
        """After a word on more time: the day has moved if, and only if, the applicant said yes to it."""
        request.refresh_from_db()
        now = self.application.expires_on
        if request.outcome == "accepted":
            self.agreed.append(request.proposed_until)
            assert now == max(was, request.proposed_until)
        else:
            assert now == was

    @precondition(lambda self: self.application.status in BEING_VALIDATED | {Status.IN_ASSESSMENT})
    @rule()
    def dates_are_computed_anew(self) -> None:
        case = self.application
        for is_eia in (not case.is_eia, case.is_eia):
            self.do(facts.change_facts, self.application, by=self.officer, is_eia=is_eia)

    def _remember(self) -> None:
        """What has been raised and settled by the last step. A fault that was raised and settled within one and the
        same span of validity was never a matter of it; every other one counts on the day on which its remedy came."""
        for request in self.requests():
            raised_in = self.raised_in.setdefault(request.pk, self.span)
            is_settled = request.outcome == "accepted" and request.kind in FAULTS
            if is_settled and request.pk not in self.counting and request.pk in self.came:
                came = self.came.pop(request.pk)
                if raised_in is None or raised_in != self.span:
                    self.counting[request.pk] = came

    @invariant()
    def valid_from_is_the_day_on_which_the_last_item_came(self) -> None:
        if not hasattr(self, "pk"):
            return
        self._remember()
        case = self.application
        if case.valid_from is None:
            return
        assert self.checked_on is not None
        assert case.received_on <= case.valid_from <= self.checked_on
        assert case.valid_from == self.expected

    @invariant()
    def the_day_of_decision_is_the_statutory_one_or_one_that_was_agreed(self) -> None:
        if not hasattr(self, "pk"):
            return
        case = self.application
        if case.expires_on is None:
            return
        assert case.statutory_expiry_on == case.valid_from + 56 * ONE_DAY
        assert case.expires_on == max([case.statutory_expiry_on, *self.agreed])
        assert sorted(self.agreed) == sorted(
            ExtensionOfTime.objects.filter(application=case).values_list("agreed_until", flat=True)
        )

    @invariant()
    def an_open_fault_stands_in_the_way_of_validity(self) -> None:
        if not hasattr(self, "pk"):
            return
        for request in self.requests(sent_at__isnull=False, resolved_at=None):
            days = KINDS[request.kind].respond_in
            sent_on = request.sent_at.astimezone(deadlines.LONDON).date()
            assert working_days_between(sent_on, request.due_on) == days
        accepted = self.requests(outcome="accepted", kind__in=FAULTS)
        assert all(request.arrived_on >= self.application.received_on for request in accepted)


@pytest.mark.django_db
def test_over_any_course_of_requests_the_dates_stay_right(make_application, officer):
    class Here(Course):
        pass

    Here.make_application, Here.officer = staticmethod(make_application), officer
    run_state_machine_as_test(Here, settings=settings(max_examples=25, stateful_step_count=25))
