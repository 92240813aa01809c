"""Work on a row: by one worker at a time, tried again after its waits, given up in words, never lost."""

import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cases.documents import scanning
from cases.documents.sharp_pictures import DRAWING
from cases.jobs.leased import CLOCKS_DIFFER, LeasedJob, NotDone
from cases.models import DocumentPage, SharpPicture
from notices.due_work import JOBS
from tests.clock import at
from tests.leases import falls_due

WAITS = [timedelta(minutes=1), timedelta(hours=1)]


@pytest.fixture
def picture(make) -> SharpPicture:
    page = DocumentPage.objects.create(document=make(), number=1, width=10, height=10)
    return SharpPicture.objects.create(page=page, due_at=timezone.now())


@pytest.fixture
def given_up() -> list[str]:
    return []


@pytest.fixture
def job(given_up) -> LeasedJob:
    def give_up(row, sentence):
        given_up.append(sentence)
        SharpPicture.objects.filter(pk=row.pk).update(state="failed", due_at=None)

    return replace(DRAWING, work=done, give_up=give_up, waits=WAITS, fault="It was our fault.")


def done(row: SharpPicture) -> None:
    SharpPicture.objects.filter(pk=row.pk).update(state="done", due_at=None)


def fails(problem: Exception):
    def work(row):
        raise problem

    return work


def test_it_is_done_once(picture, job):
    worked = []
    job = replace(job, work=lambda row: (worked.append(row.attempts), done(row)))
    assert job.run(picture.pk)
    assert not job.run(picture.pk)
    assert worked == [1]


def test_while_somebody_is_at_it_nobody_else_begins(picture, job):
    begun = []

    def work(row):
        begun.append(row.pk)
        assert not job.run(row.pk)

    job = replace(job, work=work)
    job.run(picture.pk)
    picture.refresh_from_db()
    assert len(begun) == 1
    assert picture.due_at == pytest.approx(timezone.now() + job.lease, abs=timedelta(minutes=1))


def test_it_is_not_begun_before_its_time_but_clocks_may_differ(picture, job):
    SharpPicture.objects.update(due_at=timezone.now() + CLOCKS_DIFFER + timedelta(seconds=5))
    assert not job.run(picture.pk)
    SharpPicture.objects.update(due_at=timezone.now() + CLOCKS_DIFFER - timedelta(seconds=5))
    assert job.run(picture.pk)


@pytest.mark.parametrize("problem", [NotDone("The store is away.", again=True), OSError("the disk")])
def test_it_waits_longer_each_time_and_is_then_given_up_in_words(picture, job, given_up, problem):
    job = replace(job, work=fails(problem))
    for wait in WAITS:
        before = timezone.now()
        job.run(picture.pk)
        picture.refresh_from_db()
        assert before + wait <= picture.due_at <= timezone.now() + wait
        assert given_up == []
        falls_due(job, picture)
    job.run(picture.pk)
    words = str(problem) if isinstance(problem, NotDone) else "It was our fault."
    assert given_up == [f"{words} It was tried 3 times."]


def test_what_says_nothing_of_the_row_is_never_given_up(picture, job, given_up):
    job = replace(job, work=fails(NotDone("The store is away.", again=True, counts=False)))
    for _ in range(9):
        job.run(picture.pk)
        falls_due(job, picture)
    picture.refresh_from_db()
    assert (picture.attempts, given_up) == (0, [])


def test_what_cannot_be_done_is_given_up_at_once(picture, job, given_up):
    replace(job, work=fails(NotDone("It is locked."))).run(picture.pk)
    assert given_up == ["It is locked."]


def test_what_brings_down_its_worker_each_time_is_given_up(picture, job, given_up):
    deadly = replace(job, work=fails(KeyboardInterrupt()))
    for _ in range(len(WAITS) + 1):
        with pytest.raises(KeyboardInterrupt):
            deadly.run(picture.pk)
        falls_due(job, picture)
    deadly.run(picture.pk)
    assert given_up == ["It was our fault. Each attempt was broken off."]


def test_a_known_time_is_kept(picture, job):
    tomorrow = timezone.now() + timedelta(days=1)
    replace(job, work=fails(NotDone("The day is full.", again=True, at=tomorrow))).run(picture.pk)
    picture.refresh_from_db()
    assert picture.due_at == tomorrow


def test_who_was_overtaken_changes_nothing(picture, job, given_up):
    """The lease ran out, somebody else has begun, and then the first one fails."""

    def overtaken(row):
        SharpPicture.objects.filter(pk=row.pk).update(attempts=2, due_at=timezone.now() + job.lease)
        raise NotDone("The store is away.", again=True)

    replace(job, work=overtaken).run(picture.pk)
    picture.refresh_from_db()
    assert picture.attempts == 2
    assert picture.due_at > timezone.now() + WAITS[0] * 2


def test_who_was_overtaken_by_a_first_attempt_changes_nothing(picture, job):
    """It was asked for anew meanwhile, and somebody has begun: the attempts are counted from the beginning."""

    def overtaken(row):
        job.soon([row.pk])
        replace(job, work=lambda row: None).run(row.pk)
        raise NotDone("The store is away.", again=True, counts=False)

    replace(job, work=overtaken).run(picture.pk)
    picture.refresh_from_db()
    assert picture.attempts == 1
    assert picture.due_at > timezone.now() + WAITS[0] * 2


def test_a_sweep_queues_what_is_due_and_no_more(picture, job, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["documents"]}}
    assert job.sweep(timezone.now() - timedelta(minutes=1)) == 0
    assert job.sweep() == 1
    assert job.sweep() == 0, "it waits already"
    DBTaskResult.objects.all().delete()  # lost
    assert job.sweep() == 1
    with at(timezone.now() + timedelta(minutes=1)):
        job.run(picture.pk)
    DBTaskResult.objects.all().delete()
    assert job.sweep() == 0, "it is done"


def test_the_next_attempt_is_queued_for_its_time(picture, job, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["documents"]}}
    replace(job, work=fails(NotDone("Away.", again=True))).run(picture.pk)
    picture.refresh_from_db()
    assert DBTaskResult.objects.get().run_after == picture.due_at


def test_asked_for_anew_it_begins_from_the_beginning(picture, job):
    SharpPicture.objects.update(state="failed", attempts=3, due_at=None)
    job.soon([picture.pk], state="queued")
    picture.refresh_from_db()
    assert (picture.attempts, picture.state) == (0, "queued")
    assert job.run(picture.pk)


def test_every_kind_of_work_is_swept():
    """A job whose sweep nobody calls loses what its workers lose."""
    modules = [module for name, module in sys.modules.items() if name.startswith(("cases.", "notices.", "home."))]
    jobs = {job: name for module in modules for name, job in vars(module).items() if isinstance(job, LeasedJob)}
    swept = {getattr(sweep, "__self__", None) for _, sweep in JOBS}
    assert [name for job, name in jobs.items() if job not in swept] == ["SCANNING"]
    assert scanning.sweep in {sweep for _, sweep in JOBS}, "once the scanner answers"
    assert len(jobs) >= 8
