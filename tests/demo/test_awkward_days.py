"""The demonstration comes to be on every day: a weekend, a holiday, at both ends of summer time, on 29 February."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db.models import Prefetch
from django.utils import timezone

from cases.files import opening
from cases.law.deadlines import is_working_day
from cases.models import CaseEvent, PlanningApplication
from cases.statuses import Origin
from config.clock import moment
from demo.awkward_days import AWKWARD, MOST_AWKWARD
from demo.loading import begin, load
from demo.stories import stories
from notices.drafting import statute
from notices.issuing import issue
from notices.printing.pdf import Paper
from tests.clock import at
from tests.making import one_world


@pytest.fixture(autouse=True)
def without_what_is_the_same_on_every_day(monkeypatch):
    """Whether its five hundred plans open (tests/demo/test_drawings.py looks at them), and the words of its reports
    (tests/notices/drafting/test_report.py), which are put together six times until a decision is issued."""
    monkeypatch.setattr(opening, "why_unopened", lambda file, kind: "")
    monkeypatch.setattr(statute, "report_html", lambda application, for_public: "")
    paper = Paper("", title="Officer's report", footer="")
    monkeypatch.setattr(issue, "public_report", lambda application: ("", paper))


def test_the_calendar_has_what_goes_wrong():
    days = [moment(text) for text in AWKWARD]
    assert {day.weekday() for day in days} == set(range(7))
    assert set(MOST_AWKWARD) <= set(AWKWARD)


@pytest.fixture(scope="class")
def begun(django_db_setup, django_db_blocker):
    with one_world(django_db_blocker):
        begin(tell=lambda line: None)
        yield


@pytest.mark.long
@pytest.mark.usefixtures("begun")
class AsOf:
    """Two classes, so that two processes share the six; what does not hang on the day is made once for a class."""

    def test_it_is_told_to_its_end(self, db, now):
        with at(now):
            assert load(tell=lambda line: None) == len(stories())
            cases = list(
                PlanningApplication.objects.filter(origin=Origin.SUBMITTED)
                .select_related("application_type")
                .prefetch_related(Prefetch("events", CaseEvent.objects.order_by("sequence")))
            )
            assert not [case for case in cases if case.decided_on and case.decided_on > timezone.localdate()]
            for case in cases:
                events = list(case.events.all())
                assert all(one.at <= next_one.at for one, next_one in pairwise(events)), case
                assert events[-1].at <= timezone.now(), case
                arrived = timezone.localdate(events[0].at)
                assert not [event for event in events if works_on_a_holiday(event, arrived=arrived)], case
            assert not [case for case in cases if case.is_decided and decided_too_late_or_early(case)]
            assert load(tell=lambda line: None) == 0


@pytest.mark.parametrize("now", MOST_AWKWARD[::2])
class TestOnThree(AsOf):
    pass


@pytest.mark.parametrize("now", MOST_AWKWARD[1::2])
class TestOnThreeMore(AsOf):
    pass


def works_on_a_holiday(event: CaseEvent, *, arrived: date) -> bool:
    """Only today, and where a case or a comment comes in, somebody of the council may be there on such a day."""
    day = timezone.localdate(event.at)
    if event.by_id is None or event.kind.startswith("comment") or day in (arrived, timezone.localdate()):
        return False
    return not is_working_day(day)


def decided_too_late_or_early(case: PlanningApplication) -> bool:
    """Silence permits 42 days after receipt (GPDO Part 1 A.4(10)); nothing before publicity ended (DMPO art. 33)."""
    too_late = case.application_type.code == "pa.part1.classA" and case.decided_on > case.received_on + timedelta(
        days=42
    )
    return too_late or case.publicity.filter(ends_on__gte=case.decided_on).exists()
