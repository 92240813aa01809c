"""Files of an older register, by a manifest: which file belongs to which application.

A manifest is a CSV file with the columns reference, path, title, type, date and public; the mapping may call them
otherwise. Paths begin at the manifest's folder and never leave it. The same manifest again adds nothing.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PureWindowsPath

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import LocalAuthority
from cases.documents.adding import add_imported_document, has_file
from cases.files.opening import refuse_unopenable
from cases.files.types import UnacceptableFile, inspect
from cases.files.whole import writing
from cases.models import DocumentType, PlanningApplication
from cases.statuses import Origin

from . import cells
from .cells import Unreadable
from .importing import Progress, alone
from .lines import Form, Line, read_headings, read_lines
from .mapping import DOCUMENT_COLUMNS, USUAL_DATES, Mapping, MappingFaults

PUBLISHED = cells.YES | {"publish", "published", "public"}
NOT_PUBLISHED = cells.NO | {"", "private", "not assessed", "not_assessed", "not-assessed", "withhold", "withheld"}


@dataclass
class DocumentsOutcome:
    read: int = 0
    added: int = 0
    there_already: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)  # (line of the manifest, reference, reason)

    def write_report(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with writing(folder / "documents-refused.csv", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["line", "reference", "reason"])
            writer.writerows(self.refused)


def import_documents(
    manifest: Path,
    *,
    authority: LocalAuthority,
    mapping: Mapping | None = None,
    is_trial: bool = False,
    tell: Callable[[Progress], None] = lambda progress: None,
) -> DocumentsOutcome:
    """Add the files that a manifest names to imported applications of the council; each one for itself.

    Raises MappingFaults when the manifest lacks a column, NotACsvFile, AlreadyRunning.
    """
    reader = _ManifestReader(manifest, authority, mapping)
    outcome = DocumentsOutcome()
    of = sum(1 for _ in read_lines(manifest, reader.form))
    with alone(authority):
        for line in read_lines(manifest, reader.form):
            outcome.read += 1
            try:
                is_new = reader.add(line, is_trial=is_trial)
            except (Unreadable, UnacceptableFile, PermissionDenied) as error:
                outcome.refused.append((line.number, reader.cell(line, "reference"), str(error)))
            except ValidationError as error:
                outcome.refused.append((line.number, reader.cell(line, "reference"), " ".join(error.messages)))
            else:
                outcome.added += is_new
                outcome.there_already += not is_new
            if outcome.read % 500 == 0 or outcome.read == of:
                tell(Progress(outcome.read, of, len(outcome.refused)))
    return outcome


class _ManifestReader:
    def __init__(self, manifest: Path, authority: LocalAuthority, mapping: Mapping | None):
        self.folder = manifest.parent.resolve()
        self.authority = authority
        self.form = mapping.form if mapping else Form()
        self.types = mapping.document_types if mapping else {}
        self.known: dict[str, str] = {}
        for code, label in DocumentType.objects.values_list("code", "label"):
            self.known |= {code.casefold(): code, label.casefold(): code}
        formats = mapping.date_formats if mapping else USUAL_DATES
        self.day = cells.day_reader(formats, today=timezone.localdate())
        headings = read_headings(manifest, self.form)
        named = {name: (mapping.document_columns if mapping else {}).get(name, name) for name in DOCUMENT_COLUMNS}
        self.at = {name: headings.index(column) for name, column in named.items() if column in headings}
        if missing := [named[name] for name in ("reference", "path") if name not in self.at]:
            raise MappingFaults([f"The manifest has no column “{column}”." for column in missing])
        unknown = [f"“{code}”" for code in self.types.values() if code.casefold() not in self.known]
        if unknown:
            raise MappingFaults([f"documents: types: {', '.join(unknown)} is not a kind of document."])

    def cell(self, line: Line, name: str) -> str:
        return line.cells[self.at[name]].strip() if line.cells and name in self.at else ""

    def add(self, line: Line, *, is_trial: bool) -> bool:
        """Add the file of one line; False when it is there already. Raises Unreadable and what the verb raises."""
        if line.fault:
            raise Unreadable(line.fault)
        application = self._application(self.cell(line, "reference"))
        path = self._path(self.cell(line, "path"))
        received_on = self._received_on(self.cell(line, "date")) or application.received_on
        types, is_public = self._types(self.cell(line, "type")), self._is_public(self.cell(line, "public"))
        with path.open("rb") as file:
            inspected = inspect(file, name=path.name)
            if has_file(application, inspected.sha256):
                return False
            if is_trial:
                refuse_unopenable(file, mime_type=inspected.mime_type)
            else:
                add_imported_document(
                    application,
                    file=file,
                    name=path.name,
                    title=self.cell(line, "title"),
                    types=types,
                    received_on=received_on,
                    is_public=is_public,
                )
        return True

    def _application(self, reference: str) -> PlanningApplication:
        found = PlanningApplication.objects.of(self.authority).filter(reference=reference).first()
        if found is None:
            raise Unreadable(f"There is no application {reference}." if reference else "There is no reference.")
        if found.origin != Origin.IMPORTED:
            raise Unreadable(f"{reference} lives in BoPS: it was not imported, so it is left alone.")
        return found

    def _path(self, written: str) -> Path:
        """The file, inside the manifest's folder whatever the path says and wherever links lead."""
        if not written or PureWindowsPath(written).drive or written.startswith(("/", "\\")) or "\0" in written:
            raise Unreadable(f"“{written}” is not a path that begins at the manifest's folder.")
        path = (self.folder / written.replace("\\", "/")).resolve()
        if not path.is_relative_to(self.folder):
            raise Unreadable(f"“{written}” leads out of the manifest's folder.")
        if not path.is_file():
            raise Unreadable(f"There is no file “{written}”.")
        return path

    def _received_on(self, cell: str) -> date | None:
        day = self.day(cell) if cell else None
        if day and day > timezone.localdate():
            raise Unreadable(f"The date {cell} has not come yet.")
        return day

    def _types(self, cell: str) -> list[str]:
        if not cell:
            return []
        code = self.known.get(self.types.get(cell.casefold(), cell).casefold())
        if code is None:
            raise Unreadable(f"“{cell}” is not a kind of document. Say under documents: types: what it is.")
        return [code]

    def _is_public(self, cell: str) -> bool:
        """Whether the manifest says that the public may see it. Nothing said: somebody has to look first."""
        if cell.casefold() in PUBLISHED:
            return True
        if cell.casefold() in NOT_PUBLISHED:
            return False
        raise Unreadable(f"“{cell}” says neither yes nor no of its being public.")
