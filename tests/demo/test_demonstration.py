"""The demonstration council: its cases go through the real verbs, a second run changes nothing, production refuses."""

from collections import Counter

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from cases.models import PlanningApplication, ReferenceCounter
from cases.statuses import Origin, Status
from cases.timeline import broken_links
from demo import loading
from demo.bulk import load_imported
from demo.course import Course
from demo.stories import Ending, stories

STATUS_AT = {
    Ending.ARRIVED: Status.NOT_STARTED,
    Ending.BEING_CHECKED: Status.NOT_STARTED,
    Ending.INVALID: Status.INVALIDATED,
    Ending.RETURNED: Status.RETURNED,
    Ending.CONSULTING: Status.IN_ASSESSMENT,
    Ending.ASSESSING: Status.IN_ASSESSMENT,
    Ending.SUBMITTED: Status.AWAITING_DETERMINATION,
    Ending.SENT_BACK: Status.TO_BE_REVIEWED,
    Ending.COMMITTEE: Status.IN_COMMITTEE,
    Ending.DECIDED: Status.DETERMINED,
    Ending.APPEALED: Status.DETERMINED,
    Ending.WITHDRAWN: Status.WITHDRAWN,
    Ending.CLOSED: Status.CLOSED,
}


@pytest.fixture
def people(db):
    call_command("load_notice_templates", verbosity=0)
    call_command("load_letter_templates", verbosity=0)
    return loading.make_people(loading.make_councils())


def one_of_each() -> list:
    """A story for each ending: the shortest that has it."""
    first: dict = {}
    for story in sorted(stories(), key=lambda story: story.comments):
        first.setdefault(story.ending, story)
    return list(first.values())


def test_links_lead_to_where_it_runs(db, settings):
    settings.WAGTAILADMIN_BASE_URL = "http://127.0.0.1:8020"
    assert loading.make_councils().site.root_url == "http://127.0.0.1:8020"


@pytest.mark.parametrize("story", one_of_each(), ids=lambda story: story.ending)
def test_each_ending_is_reached_through_the_verbs(people, story):
    application = Course(story, people, now=timezone.now()).run()
    assert application.status == STATUS_AT[story.ending]
    assert application.origin == Origin.SUBMITTED
    assert not list(broken_links(application.pk))
    assert application.events.filter(at__gt=timezone.now()).count() == 0
    if application.status == Status.DETERMINED:
        assert bytes(application.issued_notices.get().pdf[:5]) == b"%PDF-"
        assert application.decided_on < timezone.localdate()


def test_a_month_has_something_of_everything():
    told = stories()
    assert len(told) >= 80
    assert {story.ending for story in told} == set(Ending)
    assert len({story.type_code for story in told}) >= 12
    assert Counter(story.place.uprn for story in told).most_common(1)[0][1] == 1  # each at a house of its own


def test_told_once(people):
    story = next(story for story in stories() if story.ending is Ending.ARRIVED)
    Course(story, people, now=timezone.now()).run()
    assert loading._is_told(people.authority, story)


def test_bulk_rows_are_imported_and_numbered_without_gap(people):
    officers = [people.assessor, people.second_assessor]
    assert load_imported(people.authority, how_many=120, officers=officers, today=timezone.localdate()) == 120
    rows = PlanningApplication.objects.of(people.authority).order_by("pk")
    assert rows.filter(origin=Origin.IMPORTED).count() == 120
    numbers = [int(reference.split("-")[1]) for reference in rows.values_list("reference", flat=True)]
    assert numbers == list(range(numbers[0], numbers[0] + 120))
    assert ReferenceCounter.objects.get(authority=people.authority).next_number == numbers[-1] + 1
    assert not any(list(broken_links(pk)) for pk in rows.values_list("pk", flat=True)[:10])


def test_production_refuses(settings, db):
    settings.IS_PRODUCTION = True
    with pytest.raises(ImproperlyConfigured, match="never exist in production"):
        call_command("load_demo", verbosity=0)
    assert not User.objects.filter(email="assessor@example.com").exists()
