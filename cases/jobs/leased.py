"""Background work on a row: by one worker at a time, tried again after a while, and never lost.

The row itself says how often its work was begun (`attempts`) and when it is due (`due_at`); the queue only says that
somebody should look. Who takes it moves the due time to the end of a lease. A worker may be killed anywhere: when the
lease has run out, `sweep` finds the row; and a row that has brought down its worker each time is given up.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import F, Model, Q, QuerySet
from django.utils import timezone
from django_tasks.base import Task

from .background import enqueue, enqueue_all

logger = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Model)

SWEPT_AT_ONCE = 500
CLOCKS_DIFFER = timedelta(seconds=30)  # at most, between the machine that asks and the one that works
BROKEN_OFF = "Each attempt was broken off."
AGAIN = "It will be tried again."


class NotDone(Exception):
    """An attempt came to nothing. `str()` is a sentence for the officer.

    `again`: it may work later; `at`: when, if that is known; `counts` False: this says nothing of the row, and it is
    not given up however often it happens.
    """

    def __init__(self, sentence: str, *, again: bool = False, at: datetime | None = None, counts: bool = True):
        super().__init__(sentence)
        self.again, self.at, self.counts = again, at, counts


def _says_nothing(row: Any, sentence: str) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True, eq=False)
class LeasedJob(Generic[Row]):
    """One kind of work. `waits` says how long after the first, second … attempt it is tried again, and so how often."""

    task: Task  # takes the primary key, and calls `run`
    waiting: Callable[[], QuerySet[Row]]  # the rows that have this work before them, due or not
    work: Callable[[Row], None]  # may raise NotDone, or whatever happens
    give_up: Callable[[Row, str], None] | None  # None: never
    waits: Sequence[timedelta]
    lease: timedelta  # longer than any attempt takes
    attempts: str = "attempts"
    due_at: str = "due_at"
    undated_are_due: bool = False  # rows that nobody has asked for, such as those from before there was this work
    while_working: dict[str, Any] = field(default_factory=dict)  # what else the row says then
    put_back: Callable[[Row, str], dict[str, Any]] = _says_nothing  # and what it says when it waits again
    fault: str = "It could not be done because of a fault of this system."  # when nobody knows better
    only_swept: bool = False  # when nobody should look before it is known that it can be done

    def soon(self, pks: Collection[Any], **changes: Any) -> None:
        """Have the work done on these rows, from the beginning. Inside the transaction that writes them."""
        rows = self._rows().filter(pk__in=pks)
        rows.update(**{self.attempts: 0, self.due_at: timezone.now(), **changes})
        enqueue_all(self.task, map(_arguments, pks))

    def run(self, pk: Any) -> bool:
        """Do the work on one row, if it is due; returns whether it was. Running twice, or two at once, does no harm."""
        row = self._taken(pk)
        if row is None:
            return False
        if self.give_up and self._attempts(row) > len(self.waits) + 1:
            self.give_up(row, f"{self.fault} {BROKEN_OFF}")
            return True
        try:
            self.work(row)
        except NotDone as problem:
            self._after(row, problem)
        except Exception as error:
            logger.warning("%s of %r: %s", self.task.name, row, type(error).__name__, exc_info=True)
            self._after(row, NotDone(self.fault, again=True))
        return True

    def sweep(self, now: datetime | None = None) -> int:
        """Queue what is due and waits for nobody. Returns how many; called by `run_due`."""
        dated = self.waiting().filter(**{f"{self.due_at}__lte": now or timezone.now()}).order_by(self.due_at, "pk")
        pks = list(dated.values_list("pk", flat=True)[:SWEPT_AT_ONCE])
        if self.undated_are_due and len(pks) < SWEPT_AT_ONCE:
            undated = self.waiting().filter(**{self.due_at: None}).order_by("pk")
            pks += undated.values_list("pk", flat=True)[: SWEPT_AT_ONCE - len(pks)]
        return enqueue_all(self.task, map(_arguments, pks))

    def ours(self, row: Row) -> QuerySet[Row]:
        """The row, as long as its work is not done, and nobody has taken it up or asked for it anew since.

        No two leases end at the same moment; attempts are counted from the beginning when it is asked for anew.
        """
        return self.waiting().filter(**{"pk": row.pk, self.due_at: getattr(row, self.due_at)})

    @transaction.atomic
    def _taken(self, pk: Any) -> Row | None:
        """The row, if its work is due; then it is ours until the lease ends."""
        now = timezone.now()
        is_due = Q(**{f"{self.due_at}__lte": now + CLOCKS_DIFFER})
        if self.undated_are_due:
            is_due |= Q(**{self.due_at: None})
        row = self.waiting().select_for_update(of=("self",)).filter(is_due, pk=pk).first()
        if row is None:
            return None
        taken = {self.attempts: self._attempts(row) + 1, self.due_at: now + self.lease, **self.while_working}
        self._rows().filter(pk=pk).update(**taken)
        for name, value in taken.items():
            setattr(row, name, value)
        return row

    def _after(self, row: Row, problem: NotDone) -> None:
        number = self._attempts(row)
        if self.give_up and not problem.again:
            self.give_up(row, str(problem))
            return
        if self.give_up and problem.counts and number > len(self.waits):
            self.give_up(row, f"{problem} It was tried {number} times.")
            return
        at = problem.at or timezone.now() + self.waits[min(number, len(self.waits)) - 1]
        changes = {self.due_at: at, **self.put_back(row, f"{problem} {AGAIN}")}
        if not problem.counts:
            changes[self.attempts] = F(self.attempts) - 1
        with transaction.atomic():
            if self.ours(row).update(**changes) and not self.only_swept:
                logger.warning("%s of %r is tried again at %s: %s", self.task.name, row, at, problem)
                enqueue(self.task, *_arguments(row.pk), run_after=at)

    def _attempts(self, row: Row) -> int:
        return getattr(row, self.attempts)

    def _rows(self) -> QuerySet[Row]:
        return self.waiting().model._base_manager.all()


def _arguments(pk: Any) -> tuple[Any]:
    """As JSON, in which the queue keeps them."""
    return (str(pk) if isinstance(pk, UUID) else pk,)
