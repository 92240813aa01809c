"""The notice templates that ship with the product: notices/data/notice_templates.yaml → rows, as often as it is run."""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import ApplicationType
from notices.models import NoticeTemplate
from notices.wording.blocks import NoticeBody, check_body

FILE = Path(__file__).resolve().parents[1] / "data" / "notice_templates.yaml"
# What our templates are known by, so that the same file gives the same block ids.
_NAMESPACE = uuid.UUID("5d0b8d53-6a0f-4c34-9a1c-0b7a2c1f6a5e")
_KEYS = {"slug", "name", "types", "decisions", "body"}


@dataclass
class Loaded:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    customised: int = 0

    def __str__(self) -> str:
        return (
            f"{self.created} created, {self.updated} updated, {self.unchanged} unchanged, "
            f"{self.customised} left as administrators made them"
        )


@transaction.atomic
def load_notice_templates(path: Path = FILE) -> Loaded:
    """Create and update the shared templates; one that an administrator changed stays as it is.

    Raises ValueError that names the template and the fault; nothing is loaded then.
    """
    loaded = Loaded()
    document = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
    for row in document["templates"]:
        setattr(loaded, result := _load(row), getattr(loaded, result) + 1)
    return loaded


def _load(row: dict[str, Any]) -> str:
    if unknown := row.keys() ^ _KEYS:
        raise ValueError(f"{row.get('slug', '?')}: missing or unknown keys {', '.join(sorted(unknown))}")
    types = list(ApplicationType.objects.filter(code__in=row["types"]))
    if missing := set(row["types"]) - {kind.code for kind in types}:
        raise ValueError(f"{row['slug']}: there is no application type {', '.join(sorted(missing))}")
    template = NoticeTemplate.objects.filter(authority=None, slug=row["slug"]).first()
    if template and template.is_customised:
        return "customised"
    result = "updated" if template else "created"
    template = template or NoticeTemplate(slug=row["slug"], live=True)
    body = _body(row)
    same_types = template.pk and {kind.pk for kind in types} == set(
        template.application_types.values_list("pk", flat=True)
    )
    if (
        same_types
        and (template.name, template.decisions) == (row["name"], row["decisions"])
        and (list(template.body.raw_data) == list(body.raw_data))
    ):
        return "unchanged"
    template.name, template.decisions, template.body = row["name"], row["decisions"], body
    template.has_unpublished_changes = False
    template.last_published_at = timezone.now()
    template.first_published_at = template.first_published_at or template.last_published_at
    template.application_types = types
    template.save()
    template.save_revision(changed=False)
    return result


def _body(row: dict[str, Any]) -> Any:
    """The StreamField value of a row: `body` is a list of {block: value}; checked as the editor would check it."""
    raw = []
    for number, part in enumerate(row["body"]):
        ((kind, value),) = part.items()
        raw.append({"type": kind, "value": value, "id": str(uuid.uuid5(_NAMESPACE, f"{row['slug']}/{number}/{kind}"))})
    block = NoticeBody()
    unknown = {part["type"] for part in raw} - block.child_blocks.keys()
    if unknown:
        raise ValueError(f"{row['slug']}: there is no block {', '.join(sorted(unknown))}")
    value = block.to_python(raw)
    try:
        check_body(value)
        block.clean(value)
    except ValidationError as error:
        raise ValueError(f"{row['slug']}: {error}") from error
    return value
