"""Where the files of cases lie while a test runs."""

from functools import cache
from typing import Any

from django.apps import apps
from django.core.files.storage import storages
from django.db.models import Field

from cases.models.document import case_storage


def case_documents_lie_in(row: dict[str, Any], *, settings, monkeypatch) -> None:
    """`row`: as it stands in STORAGES. The fields took their storage when the models were made."""
    settings.STORAGES = {**settings.STORAGES, "case_documents": row}
    store = storages["case_documents"]
    for field in _fields_of_case_documents():
        monkeypatch.setattr(field, "storage", store)


@cache
def _fields_of_case_documents() -> tuple[Field, ...]:
    fields = (field for model in apps.get_models() for field in model._meta.concrete_fields)
    return tuple(field for field in fields if getattr(field, "_storage_callable", None) is case_storage)
