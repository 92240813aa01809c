"""Case documents in S3: django-storages, with its faults told as cases.files.disk.StorageAway."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from http import HTTPStatus
from typing import IO, Any

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3File, S3Storage

from .disk import StorageAway

logger = logging.getLogger(__name__)

NO_SUCH_FILE = frozenset({"404", "NoSuchKey"})  # HEAD has no body, so only its status says what is wrong


@contextmanager
def reaching_s3() -> Iterator[None]:
    """Whatever goes wrong on the way becomes StorageAway; a file that is not there FileNotFoundError.

    The log names the fault by its class, and by the store's own code where it gave one: never keys or links.
    """
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if status == HTTPStatus.NOT_FOUND and code in NO_SUCH_FILE:
            raise FileNotFoundError("There is no such file in the document store.") from error
        logger.error("The document store refuses: %s", code or type(error).__name__)
        raise StorageAway from error
    except (BotoCoreError, Boto3Error) as error:
        logger.error("The document store cannot be reached: %s", type(error).__name__)
        raise StorageAway from error


def _reaching(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def reach(*args: Any, **kwargs: Any) -> Any:
        with reaching_s3():
            return method(*args, **kwargs)

    return reach


class FileOnS3(S3File):
    """A file that is fetched whole when it is first read, which may be long after it was opened."""

    def _get_file(self) -> IO[bytes]:
        try:
            with reaching_s3():
                return super()._get_file()
        except OSError:
            # What has come so far is not the file: who asks again must not be given it.
            self._file = None
            raise

    file = property(_get_file, S3File._set_file)


class DocumentsOnS3(S3Storage):
    def _open(self, name: str, mode: str = "rb") -> FileOnS3:
        with reaching_s3():
            return FileOnS3(self._normalize_name(name), mode, self)

    def save_over(self, name: str, content: File) -> None:
        """Store under exactly this name. S3 shows an object when it is whole, and until then the one before."""
        self._save(name, content)

    _save = _reaching(S3Storage._save)
    delete = _reaching(S3Storage.delete)
    exists = _reaching(S3Storage.exists)
    listdir = _reaching(S3Storage.listdir)
    size = _reaching(S3Storage.size)
    url = _reaching(S3Storage.url)
