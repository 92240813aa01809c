"""The demonstration council: its cases go through the real verbs, a second run changes nothing, production refuses."""

from collections import Counter

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts.models import User
from accounts.roles import PLANNING_MANAGER
from cases.admin.frame.history_words import tell_all
from cases.models import PlanningApplication, ReferenceCounter, Requirement, ValidationRequest
from cases.reference_data.code_names import CodeNames
from cases.statuses import Origin, Status
from cases.timeline import broken_links
from cases.validation.checklist import Standing, checklist, missing_counts
from cases.validation.what_applies import local_list_binds
from demo import loading
from demo.bulk import load_imported
from demo.course import Course
from demo.stories import Asked, Ending, stories
from notices.models import LetterTemplate, NoticeTemplate
from tests.cases.admin.test_history_words import faults_in
from tests.database import as_owner

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
    Ending.CORRECTING: Status.DETERMINED,
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


def test_what_every_installation_begins_with_is_loaded_where_it_is_missing(db):
    Group.objects.filter(name=PLANNING_MANAGER).delete()
    NoticeTemplate.objects.update(name="As an administrator calls it")
    said: list[str] = []
    loading.bring_what_is_missing(tell=said.append)
    assert [line.split()[1] for line in said] == ["setup_roles", "load_letter_templates"]
    assert LetterTemplate.objects.exists()
    assert Group.objects.get(name=PLANNING_MANAGER).permissions.filter(codename="sign_off_application").exists()
    assert set(NoticeTemplate.objects.values_list("name", flat=True)) == {"As an administrator calls it"}
    said.clear()
    loading.bring_what_is_missing(tell=said.append)
    assert said == []


def test_a_database_that_is_not_migrated_is_told_in_words(db):
    newest = MigrationRecorder.Migration.objects.filter(app="notices").order_by("name").last()
    with as_owner():
        newest.delete()
    with pytest.raises(CommandError, match=r"Run this first: bin/manage migrate"):
        call_command("load_demo", verbosity=0)


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
    told = tell_all(application.events.all(), names=CodeNames(application.authority_id), sees_private=True)
    assert not [fault for one in told for fault in faults_in(one)]
    if application.status == Status.DETERMINED:
        assert bytes(application.issued_notices.get().pdf[:5]) == b"%PDF-"
        assert application.decided_on < timezone.localdate()


def told(asked: Asked | None = None, **facts):
    """The first story with this correspondence and these facts, told."""
    return next(
        story
        for story in stories()
        if asked in (None, story.asked) and all(getattr(story, name) == value for name, value in facts.items())
    )


def run(story, people) -> PlanningApplication:
    return Course(story, people, now=timezone.now()).run()


def test_every_correspondence_is_told_once():
    assert Counter(story.asked for story in stories() if story.asked) == dict.fromkeys(list(Asked)[1:], 1)


def test_an_incomplete_application_waits_with_a_checklist_that_proposes(people):
    application = run(next(story for story in stories() if story.leaves_out and story.ending is Ending.ARRIVED), people)

    assert missing_counts([application])[application.pk] >= 2
    assert not application.validation_requests.exists()


def test_what_the_checklist_proposes_is_noted_and_not_sent(people):
    drafts = run(told(Asked.PROPOSED), people).validation_requests.all()

    assert len(drafts) >= 2
    assert {draft.state for draft in drafts} == {ValidationRequest.State.DRAFT}


def test_an_invalid_application_was_answered_and_waits_for_the_officer(people):
    application = run(told(Asked.ANSWERED), people)

    assert {row.state for row in application.validation_requests.all()} == {ValidationRequest.State.ANSWERED}
    assert application.documents.exclude(answers=None).exists()


def test_an_invalid_application_was_not_answered_in_time(people):
    application = run(told(ending=Ending.INVALID, type_code="ldc.existing"), people)

    waiting = application.validation_requests.with_the_applicant()
    assert waiting.count() == application.validation_requests.count() > 0
    assert all(row.due_on < timezone.localdate() for row in waiting)


def test_other_words_were_agreed(people):
    application = run(told(Asked.DESCRIPTION), people)

    assert application.description != application.description_as_submitted
    assert application.description.endswith("with a new window in the side wall")


def test_a_drawing_has_its_next_revision(people):
    application = run(told(Asked.NEWER_DRAWING), people)

    newer = application.documents.get(revision="A")
    assert newer.is_public
    assert [old.title for old in newer.supersedes.all()] == ["Proposed elevations"]


def test_a_condition_was_agreed_before_the_decision(people):
    application = run(told(Asked.CONDITION), people)

    assert application.conditions.get(type="pre_commencement").agreed_on is not None


def test_more_time_was_agreed_by_one_and_refused_by_another(people):
    agreed = run(next(story for story in stories() if story.extension_days), people)
    refused = run(told(Asked.REFUSED_TIME), people)

    assert agreed.extensions.get().request.answered_name
    assert agreed.expires_on > agreed.statutory_expiry_on
    assert not refused.extensions.exists()
    assert refused.expires_on == refused.statutory_expiry_on


def test_the_local_list_binds_and_asks_of_a_listed_building(people):
    application = run(next(story for story in stories() if "listed" in story.constraints), people)

    assert Requirement.objects.filter(authority=people.authority).count() == 3
    assert local_list_binds(people.authority, made_on=application.received_on)
    statement = next(item for item in checklist(application) if item.requirement.authority_id)
    assert (statement.requirement.title, statement.standing) == ("Heritage statement", Standing.MISSING)


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
    with as_owner():
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
