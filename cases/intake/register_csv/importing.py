"""A whole run: the file read, batch by batch into the register, each row accounted for; broken off, it goes on."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import LocalAuthority
from cases.models import ApplicationType, ReferenceCounter, RefusedRow, RegisterImport

from .lines import Line, read_lines
from .loading import Loader, Tally
from .mapping import Mapping
from .reconciling import Account, counted_in_register, counted_of_this_file, differences
from .rows import Refusal, Row, RowReader, Types, copied
from .staging import copy, fetch, run
from .survey import Survey, check_headings, look_through

BATCH_ROWS = 20_000
Batch = tuple[list[Row | Refusal], int]


class AlreadyRunning(Exception):
    """Another import of this council's register is running."""


@dataclass
class Progress:
    """How far a run is. The first ones of a run that goes on come fast: their rows are in the register already."""

    rows: int
    of: int
    refused: int = 0


@dataclass
class Outcome:
    """What came of a run. `differences` must be empty: the numbers of the file are those of the register."""

    account: Account
    register: Tally
    survey: Survey
    differences: list[str]
    register_import: RegisterImport | None  # None: a trial
    went_on_from: int = 0  # the line after which an earlier run had stopped
    started_at: datetime = field(default_factory=timezone.now)

    def refused(self) -> Iterator[tuple[int, str, str]]:
        """(line, reference, reason) of each refused row, in the order of lines. Asks the connection of the run."""
        if self.register_import is None:
            yield from fetch("SELECT line, reference, reason FROM register_refused ORDER BY line")
        else:
            rows = RefusedRow.objects.filter(register_import=self.register_import).order_by("line")
            yield from rows.values_list("line", "reference", "reason").iterator(chunk_size=5_000)


def import_register(
    path: Path,
    *,
    authority: LocalAuthority,
    mapping: Mapping,
    is_trial: bool = False,
    batch_rows: int = BATCH_ROWS,
    tell: Callable[[Progress], None] = lambda progress: None,
) -> Outcome:
    """Bring an older register in. Run again, it changes nothing; broken off, it goes on where it was.

    Nothing is done before the mapping has been found to fit the whole file. A trial does everything but write.
    Raises MappingFaults, NotACsvFile, AlreadyRunning.
    """
    started_at = timezone.now()
    types = Types(ApplicationType.objects.filter(is_active=True))
    reader = RowReader(mapping, check_headings(path, mapping), types, today=timezone.localdate())
    survey = look_through(path, mapping, reader)
    with alone(authority):
        loader = Loader(authority, mapping, file_name=path.name, is_trial=is_trial)
        kept = None if is_trial else _this_import(path, authority, mapping, survey)
        went_on_from = kept.lines_done if kept else 0
        run_ = _Run(loader, reader, kept, survey.rows, tell)
        tell(run_.progress)
        run_.go(read_lines(path, mapping.form), batch_rows)
        if kept:
            _finish(kept, authority)
        of_this_file = None if is_trial else counted_of_this_file(authority)
        return Outcome(
            account=run_.account,
            register=counted_in_register(authority),
            survey=survey,
            differences=differences(run_.account, rows_in_file=survey.rows, of_this_file=of_this_file),
            register_import=kept,
            went_on_from=went_on_from,
            started_at=started_at,
        )


@contextmanager
def alone(authority: LocalAuthority) -> Iterator[None]:
    """Nobody else imports for this council meanwhile. Raises AlreadyRunning. A killed run gives the lock back."""
    key = f"register import {authority.pk}"
    ((held,),) = fetch("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
    if not held:
        raise AlreadyRunning(f"Another import for {authority.name} is running.")
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            run("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])


def _this_import(path: Path, authority: LocalAuthority, mapping: Mapping, survey: Survey) -> RegisterImport:
    """The run of the same file and mapping that was broken off, or a new one."""
    broken_off = RegisterImport.objects.filter(authority=authority, sha256=survey.sha256, finished_at=None).first()
    return broken_off or RegisterImport.objects.create(
        authority=authority, file_name=path.name[-255:], sha256=survey.sha256, mapping=mapping.as_written
    )


class _Run:
    """The way through the file, a batch at a time."""

    def __init__(
        self,
        loader: Loader,
        reader: RowReader,
        kept: RegisterImport | None,
        of: int,
        tell: Callable[[Progress], None],
    ):
        self.loader = loader
        self.reader = reader
        self.kept = kept
        self.account = Account(kept.by_year_and_type if kept else None)
        self.progress = Progress(0, of)
        self.tell = tell
        self.written = 0  # batches

    def go(self, lines: Iterator[Line], batch_rows: int) -> None:
        done = self.kept.lines_done if self.kept else 0
        batches = self._batches(lines, batch_rows, done)
        # While PostgreSQL writes one batch, the next is read.
        with ThreadPoolExecutor(max_workers=1) as beside:
            upcoming = beside.submit(next, batches, None)
            while batch := upcoming.result():
                upcoming = beside.submit(next, batches, None)
                self._write(*batch, is_done=batch[1] <= done)

    def _batches(self, lines: Iterator[Line], batch_rows: int, done: int) -> Iterator[Batch]:
        """Batches of what was read, with the last line of each. None holds rows of an earlier run and of this one."""
        batch: list[Row | Refusal] = []
        last = 0
        for line in lines:
            if batch and (len(batch) >= batch_rows or last <= done < line.number):
                yield batch, last
                batch = []
            batch.append(self.reader.read(line))
            last = line.last
        if batch:
            yield batch, last

    def _write(self, found: list[Row | Refusal], last_line: int, *, is_done: bool) -> None:
        rows = [one for one in found if isinstance(one, Row)]
        if is_done:
            self._remember(rows)
        else:
            unreadable = [one for one in found if isinstance(one, Refusal)]
            with transaction.atomic():
                loaded = self.loader.load(rows)
                self.account.add(loaded, unreadable)
                self._keep(last_line, [*loaded.refused, *unreadable])
            self._let_planner_know()
        self.progress.rows += len(found)
        self.progress.refused = self.account.total("refused")
        self.tell(self.progress)

    def _let_planner_know(self) -> None:
        """After 1, 2, 4, 8 … batches: PostgreSQL must not go on looking rows up as in the table that it once knew."""
        self.written += 1
        if self.kept and self.written & (self.written - 1) == 0:
            run("ANALYZE cases_planningapplication (authority_id, reference)")
            run("ANALYZE cases_previousreference, cases_party (application_id, role), cases_caseevent (application_id)")

    def _remember(self, rows: list[Row]) -> None:
        if rows:
            between = RefusedRow.objects.filter(register_import=self.kept, line__range=(rows[0].line, rows[-1].line))
            refused = set(between.values_list("line", flat=True))
            with transaction.atomic():
                self.loader.remember([row for row in rows if row.line not in refused])

    def _keep(self, last_line: int, refused: list[Refusal]) -> None:
        """How far it got, in the transaction of the batch: both or neither."""
        if self.kept is None:
            copy("register_refused", ("line", "reference", "reason"), map(_refused_line, refused))
            return
        RefusedRow.objects.bulk_create(
            [
                RefusedRow(register_import=self.kept, line=one.line, reference=one.reference, reason=one.reason)
                for one in refused
            ],
            batch_size=5_000,
        )
        self.kept.lines_done = last_line
        self.kept.by_year_and_type = self.account.as_dict()
        for outcome in ("created", "updated", "unchanged", "refused"):
            setattr(self.kept, outcome, self.account.total(outcome))
        self.kept.save()


def _refused_line(one: Refusal) -> str:
    return "\t".join(map(copied, (one.line, one.reference, one.reason))) + "\n"


def _finish(kept: RegisterImport, authority: LocalAuthority) -> None:
    """Leave the register fit to be searched: what GIN indexes have put off is done now, and the planner knows."""
    ReferenceCounter.keep_clear_of_imported(authority)
    for index in ("case_search", "case_address_trgm", "case_reference_trgm"):
        run("SELECT gin_clean_pending_list(%s::regclass)", [index])
    run("ANALYZE cases_planningapplication, cases_party, cases_caseevent, cases_previousreference, cases_appeal")
    kept.finished_at = timezone.now()
    kept.save(update_fields=["finished_at"])
