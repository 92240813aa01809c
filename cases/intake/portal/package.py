"""The ZIP of an application: looked into without trust, entry by entry, nothing unpacked to names of the sender's."""

import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from django.conf import settings

from cases.faults import Fault
from cases.intake.incoming import CannotBecomeACase

MAX_ENTRIES = 1_000
MAX_FORM_BYTES = 20 * 1024 * 1024
MAX_WHOLE_BYTES = 2 * 1024**3
MOST_COMPRESSED = 200  # drawings shrink little; what shrinks more than this was made to
SMALL_BYTES = 1024 * 1024  # text of this size may shrink as it likes
FORM_JSON, FORM_XML = "application.json", "application.xml"
SITE_WGS84, SITE_GRID = "sitelocationwgs84.geojson", "sitelocation.geojson"
_NOT_DOCUMENTS = frozenset({FORM_JSON, FORM_XML, SITE_WGS84, SITE_GRID})


@dataclass
class Package:
    """What is inside: entries by the last part of their name. `notes` say what was left out, and why."""

    archive: zipfile.ZipFile
    entries: dict[str, zipfile.ZipInfo]
    notes: list[Fault] = field(default_factory=list)

    def form(self) -> tuple[bytes, bool] | None:
        """(the form's bytes, whether they are JSON), the JSON when there are both."""
        for name in (FORM_JSON, FORM_XML):
            if entry := self._named(name):
                return self._read(entry), name == FORM_JSON
        return None

    def site(self) -> tuple[Any, bool] | None:
        """(GeoJSON of the red line, whether it is in degrees of WGS84); None when there is none to be read."""
        for name in (SITE_WGS84, SITE_GRID):
            entry = self._named(name)
            if entry is None:
                continue
            try:
                return json.loads(self._read(entry).decode("utf-8-sig")), name == SITE_WGS84
            except (ValueError, RecursionError):
                self.notes.append(Fault(f"/{entry.filename}", "is not GeoJSON"))
        return None

    def documents(self) -> list[str]:
        return [name for name in self.entries if name.lower() not in _NOT_DOCUMENTS]

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """An entry's bytes, from the start; reading past its stated size is an error of the ZIP."""
        with self.archive.open(self.entries[name]) as file:
            yield file

    def _named(self, lower: str) -> zipfile.ZipInfo | None:
        return next((entry for name, entry in self.entries.items() if name.lower() == lower), None)

    def _read(self, entry: zipfile.ZipInfo) -> bytes:
        if entry.file_size > MAX_FORM_BYTES:
            raise _refused(f"/{entry.filename}", "is too large for a form")
        return self.archive.read(entry)


@contextmanager
def open_package(file: IO[bytes]) -> Iterator[Package]:
    """The ZIP in `file`. Raises CannotBecomeACase when it is none, or none that may be opened."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield _looked_through(archive)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        # RuntimeError: a password is wanted. NotImplementedError: a kind of compression that nobody uses.
        raise _refused("", "is not a ZIP that can be opened") from error


def _looked_through(archive: zipfile.ZipFile) -> Package:
    listed = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(listed) > MAX_ENTRIES:
        raise _refused("", f"holds more than {MAX_ENTRIES:,} files")
    if sum(entry.file_size for entry in listed) > MAX_WHOLE_BYTES:
        raise _refused("", "would be too large when unpacked")
    package = Package(archive, {})
    for entry in listed:
        name = entry.filename.replace("\\", "/").rsplit("/", 1)[-1].strip()
        if why := _unfit(entry, name, package.entries):
            package.notes.append(Fault(f"/{entry.filename[:120]}", why))
        else:
            package.entries[name] = entry
    return package


def _unfit(entry: zipfile.ZipInfo, name: str, known: dict[str, zipfile.ZipInfo]) -> str:
    if not name or any(ord(c) < 32 for c in name):
        return "has a name that cannot be used; it was left out"
    if name in known:
        return "stands in the ZIP twice; the first was taken"
    if entry.file_size > settings.MAX_DOCUMENT_BYTES:
        return f"is larger than {settings.MAX_DOCUMENT_BYTES // 1024 // 1024} MB; it was left out"
    if entry.file_size > SMALL_BYTES and entry.file_size > MOST_COMPRESSED * max(1, entry.compress_size):
        return "would unpack to far more than it is; it was left out"
    return ""


def _refused(path: str, reason: str) -> CannotBecomeACase:
    return CannotBecomeACase("The Planning Portal's ZIP cannot become an application.", [Fault(path, reason)])
