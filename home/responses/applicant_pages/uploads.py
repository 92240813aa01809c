"""Files that an applicant sends: many with one form, or one by one from the script. A file that is refused says why."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from cases.files.disk import StorageAway
from cases.files.types import UnacceptableFile
from cases.models import AnswerFile, ApplicantLink, ValidationRequest
from cases.requests.answers.files import add_answer_file

MOST_FILES = 20  # with one request of the council's
FIELD = "files"
STORE_AWAY = "We cannot take files just now. Try again in a few minutes."


@dataclass(frozen=True)
class Refused:
    """A file that was not kept."""

    name: str
    words: str

    def __str__(self) -> str:
        return f"{self.name}: {self.words}"


class UpToTheLimit(FileUploadHandler):
    """Lets go of a file as soon as it is too large, and of files beyond the number: neither fills the disk."""

    def __init__(self, request: HttpRequest, refused: list[Refused]):
        super().__init__(request)
        self.refused = refused
        self.files = 0
        self.received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.files += 1
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.files > MOST_FILES:
            self._let_go(f"Not more than {MOST_FILES} files can be sent at once.")
        if self.received > settings.MAX_DOCUMENT_BYTES:
            self._let_go(f"The file is larger than {settings.MAX_DOCUMENT_BYTES // 1024 // 1024} MB.")
        return raw_data

    def _let_go(self, words: str) -> None:
        self.refused.append(Refused(self.file_name or "A file", words))
        raise SkipFile

    def file_complete(self, file_size: int) -> None:
        """The handlers after this one keep the file."""


def take_in_at_most(request: HttpRequest) -> None:
    """Before anything of the body is read: files that are too large or too many are not kept while they come in."""
    refused: list[Refused] = []
    request.upload_handlers = [UpToTheLimit(request, refused), *request.upload_handlers]
    request.refused_files = refused  # type: ignore[attr-defined]


def keep_files(request: HttpRequest, asked: ValidationRequest, *, link: ApplicantLink) -> list[Refused]:
    """Keep the files of the form beside the answer. Returns those that were not kept."""
    files = request.FILES.getlist(FIELD)
    refused: list[Refused] = list(getattr(request, "refused_files", []))
    for place, file in enumerate(files):
        try:
            add_answer_file(asked, link=link, file=file, name=file.name or "")
        except UnacceptableFile as wrong:
            refused.append(Refused(file.name or "A file", str(wrong)))
        except StorageAway:
            # The others would wait for nothing; the words of the answer are kept.
            refused += [Refused(one.name or "A file", STORE_AWAY) for one in files[place:]]
            break
    return refused


def file_words(file: AnswerFile) -> dict[str, Any]:
    """A file as the page shows it."""
    return {"pk": file.pk, "name": file.original_name, "size": file.size}
