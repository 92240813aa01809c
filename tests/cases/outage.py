"""Tasks that can be held in the middle, for the tests of a worker whose database goes away."""

from threading import Event

from django.db import connection, transaction
from django_tasks import task

reached, go_on = Event(), Event()


def _write(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO done VALUES (%s)", [number])


def _hold() -> None:
    reached.set()
    go_on.wait()


@task()
def at_once(number: int) -> None:
    _write(number)


@task()
def held_before_its_end(number: int) -> None:
    with transaction.atomic():
        _write(number)
        _hold()


@task()
def held_after_its_end(number: int) -> int:
    _write(number)
    _hold()
    return number


@task()
def faulty(number: int) -> None:
    _write(number)
    raise ValueError(number)
