"""bin/manage import_register: a council's old register from a CSV file. docs/importing-a-register.md says how."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from accounts.models import LocalAuthority
from cases.files.whole import writing
from cases.intake.register_csv.documents import DocumentsOutcome, import_documents
from cases.intake.register_csv.importing import BATCH_ROWS, AlreadyRunning, Outcome, Progress, import_register
from cases.intake.register_csv.lines import NotACsvFile
from cases.intake.register_csv.mapping import Mapping, MappingFaults, read_mapping
from cases.intake.register_csv.reconciling import HEADINGS, OUTCOMES, write_refused, write_report
from cases.intake.register_csv.suggesting import suggest_mapping

MOST_REFUSED_SHOWN = 20


def _runs_as_owner() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT is_owner_of('cases_planningapplication'::regclass)")
        return bool(cursor.fetchone()[0])


class Command(BaseCommand):
    help = (
        "Brings a council's old register in from a CSV file, by a mapping of its columns. Run again it changes "
        "nothing; broken off, it goes on where it was. Exits with 1 when the numbers do not add up."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, metavar="FILE.csv")
        parser.add_argument("--authority", required=True, metavar="CODE", help="Whose register it is.")
        parser.add_argument("--mapping", type=Path, metavar="MAPPING.yaml", help="Which column is which field.")
        parser.add_argument("--dry-run", action="store_true", help="Do everything but write.")
        parser.add_argument("--documents", type=Path, metavar="MANIFEST.csv", help="Files to add to the applications.")
        parser.add_argument("--report", type=Path, metavar="DIR", help="Where to put the report's files.")
        parser.add_argument("--write-mapping", type=Path, metavar="FILE", help="Suggest a mapping and do nothing else.")
        parser.add_argument("--batch", type=int, default=BATCH_ROWS, metavar="ROWS", help="Rows of one transaction.")

    def handle(self, *args: Any, file: Path | None, **options: Any) -> None:
        authority = LocalAuthority.objects.filter(code=options["authority"].upper()).first()
        if authority is None:
            raise CommandError(f"There is no council with the code {options['authority']}.")
        if not authority.is_active:
            raise CommandError(f"{authority} is closed in BoPS: make it active again under Settings, Council first.")
        for path in filter(None, (file, options["mapping"], options["documents"])):
            if not path.is_file():
                raise CommandError(f"There is no file {path}.")
        try:
            if options["write_mapping"]:
                self._suggest(file, options["write_mapping"])
                return
            self._import(authority, file, options)
        except MappingFaults as error:
            faults = "\n".join(f"  - {fault}" for fault in error.faults)
            raise CommandError(f"The mapping does not fit. Nothing was done.\n{faults}") from error
        except (NotACsvFile, AlreadyRunning) as error:
            raise CommandError(str(error)) from error

    def _import(self, authority: LocalAuthority, file: Path | None, options: dict[str, Any]) -> None:
        if file is None and options["documents"] is None:
            raise CommandError("Name the CSV file of the register, or a manifest with --documents.")
        if file and options["mapping"] is None:
            raise CommandError("Name the mapping with --mapping. --write-mapping suggests one from the headings.")
        if not _runs_as_owner():
            raise CommandError(
                "An older register is brought in by the owner of the tables, who alone may enter decisions that were "
                "taken elsewhere: give this command the DATABASE_URL of the release."
            )
        if options["batch"] < 1:
            raise CommandError("A batch has one row at least.")
        mapping = read_mapping(options["mapping"]) if options["mapping"] else None
        is_trial, report = options["dry_run"], options["report"]
        faulty = False
        if file and mapping:
            self.stdout.write(f"Looking through {file.name} …")
            bar = ProgressBar(self.stdout, "rows")
            outcome = import_register(
                file,
                authority=authority,
                mapping=mapping,
                is_trial=is_trial,
                batch_rows=options["batch"],
                tell=bar.show,
            )
            bar.end()
            self._tell(outcome, authority, file, mapping, report, is_trial=is_trial)
            faulty = bool(outcome.differences)
        if options["documents"]:
            bar = ProgressBar(self.stdout, "documents")
            documents = import_documents(
                options["documents"], authority=authority, mapping=mapping, is_trial=is_trial, tell=bar.show
            )
            bar.end()
            self._tell_documents(documents, report)
        if faulty:
            raise CommandError("The numbers do not add up: see above.")

    def _suggest(self, file: Path | None, target: Path) -> None:
        if file is None:
            raise CommandError("Name the CSV file to suggest a mapping for.")
        if target.exists():
            raise CommandError(f"{target} exists already. Name another file.")
        with writing(target, encoding="utf-8") as mapping:
            mapping.write(suggest_mapping(file))
        self.stdout.write(f"A first mapping is in {target}. Read it through: it is a guess from the headings.")

    # --- What came of it ------------------------------------------------------------------------------------------

    def _tell(
        self,
        outcome: Outcome,
        authority: LocalAuthority,
        file: Path,
        mapping: Mapping,
        report: Path | None,
        *,
        is_trial: bool,
    ) -> None:
        for warning in outcome.survey.warnings:
            self.stdout.write(f"Note: {warning}")
        if outcome.went_on_from:
            self.stdout.write(f"Went on after line {outcome.went_on_from:,}, where an earlier run had stopped.")
        self._tell_refused(outcome)
        self._table(outcome)
        if report:
            facts = {
                "file": file.name,
                "authority": authority.code,
                "sha256": outcome.survey.sha256,
                "dry_run": is_trial,
                "started_at": outcome.started_at,
                "finished_at": timezone.now(),
                "differences": outcome.differences,
            }
            write_report(report, outcome.account, outcome.register, facts=facts)
            write_refused(report, file, mapping.form, outcome.refused())
            self.stdout.write(f"The report is in {report}.")
        for difference in outcome.differences:
            self.stderr.write(difference)
        if not outcome.differences:
            what = "Dry run: nothing was written." if is_trial else "The register holds what the numbers say."
            self.stdout.write(f"The numbers add up. {what}")

    def _tell_refused(self, outcome: Outcome) -> None:
        shown = 0
        for shown, (line, reference, reason) in enumerate(outcome.refused(), start=1):
            if shown > MOST_REFUSED_SHOWN:
                break
            self.stdout.write(f"Line {line}{f' ({reference})' if reference else ''}: {reason}")
        more = outcome.account.total("refused") - MOST_REFUSED_SHOWN
        if more > 0:
            self.stdout.write(f"… and {more:,} more rows that were refused; --report lists them all.")

    def _table(self, outcome: Outcome) -> None:
        by_year: dict[str, list[int]] = {}
        by_type: dict[str, list[int]] = {}
        for year, code, numbers in outcome.account.table(outcome.register):
            for table, key in ((by_year, year), (by_type, code)):
                table[key] = [sum(pair) for pair in zip(table.get(key, [0] * len(numbers)), numbers, strict=True)]
        totals = [outcome.account.read, *(outcome.account.total(name) for name in OUTCOMES)]
        for title, table in (("Year received", by_year), ("Type", by_type)):
            width = max(map(len, (title, "All", *table)))
            self.stdout.write(f"\n{title:<{width}}" + "".join(f"{heading:>17}" for heading in HEADINGS))
            for key in sorted(table):
                self.stdout.write(f"{key:<{width}}" + "".join(f"{number:>17,}" for number in table[key]))
            numbers = [*totals, sum(outcome.register.values())]
            self.stdout.write(f"{'All':<{width}}" + "".join(f"{number:>17,}" for number in numbers))
        self.stdout.write("")

    def _tell_documents(self, outcome: DocumentsOutcome, report: Path | None) -> None:
        for line, reference, reason in outcome.refused[:MOST_REFUSED_SHOWN]:
            self.stdout.write(f"Manifest line {line} ({reference}): {reason}")
        self.stdout.write(
            f"Documents: {outcome.read:,} read, {outcome.added:,} added, {outcome.there_already:,} there already, "
            f"{len(outcome.refused):,} refused."
        )
        if report:
            outcome.write_report(report)


class ProgressBar:
    """A bar that moves, on a terminal; a line now and then, elsewhere."""

    WIDTH = 30

    def __init__(self, out: Any, what: str):
        self.out = out
        self.what = what
        self.moves = getattr(out, "isatty", lambda: False)()
        self.began = time.monotonic()

    def show(self, progress: Progress) -> None:
        if not progress.rows:  # looking through the file is over
            self.began = time.monotonic()
        speed = progress.rows / max(time.monotonic() - self.began, 0.001)
        left = (progress.of - progress.rows) / speed if speed else 0
        words = (
            f"{progress.rows:,} of {progress.of:,} {self.what}, {progress.refused:,} refused, {speed:,.0f} a second, "
            f"{left // 60:.0f} min {left % 60:.0f} s left"
        )
        if self.moves:
            done = self.WIDTH * progress.rows // max(progress.of, 1)
            self.out.write(f"\r[{'#' * done}{'.' * (self.WIDTH - done)}] {words}   ", ending="")
        else:
            self.out.write(words)
        self.out.flush()

    def end(self) -> None:
        if self.moves:
            self.out.write("")
