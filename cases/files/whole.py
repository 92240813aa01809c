"""Files that are there whole or not at all: a full disk leaves neither half of one nor the loss of the one before."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any
from uuid import uuid4

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

UNFINISHED = ".part"


@contextmanager
def writing(path: Path, mode: str = "w", **options: Any) -> Iterator[IO[Any]]:
    """Open a file that takes its name, and the place of an older one, when all is written; on any error it is gone."""
    unfinished = path.with_name(f".{uuid4().hex}{UNFINISHED}")
    try:
        with unfinished.open(mode, **options) as file:
            yield file
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


class WholeFilesOnDisk(FileSystemStorage):
    """Django's own, which writes under the file's name and leaves there what it had written when the disk is full."""

    def _save(self, name: str, content: File) -> str:
        with self._written(name, content) as unfinished:
            name = self._taken(name)
            try:
                os.replace(unfinished, self.path(name))
            except OSError:
                self.delete(name)
                raise
        return name

    def save_over(self, name: str, content: File) -> None:
        """Store under exactly this name; what was there is there until the new file is whole."""
        with self._written(name, content) as unfinished:
            os.replace(unfinished, self.path(name))

    @contextmanager
    def _written(self, name: str, content: File) -> Iterator[str]:
        unfinished = str(PurePosixPath(name).with_name(f".{uuid4().hex}{UNFINISHED}"))
        path = self.path(unfinished)
        try:
            super()._save(unfinished, content)  # type: ignore[misc]  # the stubs know save() alone
            yield path
        finally:
            with suppress(FileNotFoundError):  # it has its name
                os.remove(path)

    def _taken(self, name: str) -> str:
        """The name, or one like it where it is taken: ours from now on. Two who ask at once get two names."""
        while True:
            try:
                os.close(os.open(self.path(name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            except FileExistsError:
                name = self.get_available_name(name)
            else:
                return name
