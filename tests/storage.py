"""Where the files of cases lie while a test runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as of_django
from django.core.files.storage import storages
from django.db.models import Field
from django.test import override_settings

from cases.models.document import case_storage

_WORLDS: list[Path] = []  # the folder of the world that is there, if any


def files_lie_in(folder: Path, *, settings, monkeypatch) -> None:
    """The files of a test; where it belongs to a world, among the world's own."""
    folder = _WORLDS[-1] if _WORLDS else folder
    settings.MEDIA_ROOT = folder / "media"
    case_documents_lie_in(_on_disk(folder), settings=settings, monkeypatch=monkeypatch)


@contextmanager
def files_of_a_world() -> Iterator[None]:
    """A folder for the files of rows that several tests share."""
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        rows = {**of_django.STORAGES, "case_documents": _on_disk(folder)}
        with override_settings(MEDIA_ROOT=folder / "media", STORAGES=rows):
            _take_storage(monkeypatch=patch)
            _WORLDS.append(folder)
            try:
                yield
            finally:
                _WORLDS.pop()


def case_documents_lie_in(row: dict[str, Any], *, settings, monkeypatch) -> None:
    """`row`: as it stands in STORAGES."""
    settings.STORAGES = {**settings.STORAGES, "case_documents": row}
    _take_storage(monkeypatch=monkeypatch)


def _on_disk(folder: Path) -> dict[str, Any]:
    location = str(folder / "case_documents")
    return {
        "BACKEND": "cases.files.disk.DocumentsOnDisk",
        "OPTIONS": {"location": location, "base_url": None},
    }


def _take_storage(*, monkeypatch) -> None:
    """The fields took theirs when the models were made."""
    store = storages["case_documents"]
    for field in _fields_of_case_documents():
        monkeypatch.setattr(field, "storage", store)


@cache
def _fields_of_case_documents() -> tuple[Field, ...]:
    fields = (field for model in apps.get_models() for field in model._meta.concrete_fields)
    return tuple(field for field in fields if getattr(field, "_storage_callable", None) is case_storage)
