"""Rows of every kind for a council, all of their words marked: for tests that look where they must not be."""

from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models import LocalAuthority, User
from cases.models import PlanningApplication

OURS = ("accounts", "cases", "notices")


def path_to_council(model: type[models.Model], *, depth: int = 3) -> str | None:
    """The lookup that leads from a model to its council: authority, application__authority …; None when none does."""
    if model is LocalAuthority:
        return "pk"
    foreign = [f for f in model._meta.fields if isinstance(f, models.ForeignKey | models.OneToOneField)]
    for field in foreign:
        if field.related_model is LocalAuthority and field.name == "authority":
            return "authority"
    if depth:
        for field in foreign:
            if field.related_model._meta.app_label not in OURS or field.related_model in {model, User, LocalAuthority}:
                continue
            if further := path_to_council(field.related_model, depth=depth - 1):
                return f"{field.name}__{further}"
    return None


def models_of_councils() -> dict[type[models.Model], str]:
    """Every model of ours whose rows belong to a council, with the lookup of it."""
    found = {model: path_to_council(model) for app in OURS for model in apps.get_app_config(app).get_models()}
    return {model: path for model, path in found.items() if path}


def rows_of(council: LocalAuthority) -> dict[str, list[dict[str, Any]]]:
    """Everything that a council has, as values: to be compared before and after."""
    return {
        model._meta.label: list(model._default_manager.filter(**{path: council.pk}).order_by("pk").values())
        for model, path in models_of_councils().items()
    }


def make_row(model: type[models.Model], known: dict[type[models.Model], models.Model], *, mark: str, **given):
    """A row with each field filled that must be, and every text that can hold it marked."""
    values = dict(given)
    for field in model._meta.fields:
        if field.name in values or field.primary_key or isinstance(field, models.GeneratedField):
            continue
        value = _value(field, known, mark)
        if value is not None:
            values[field.name] = value
    return model._default_manager.create(**values)


def _value(field: models.Field, known: dict[type[models.Model], models.Model], mark: str) -> Any:
    needed = not field.null and not field.has_default()
    match field:
        case models.ForeignKey():
            row = known.get(field.related_model)
            if row is None and needed:
                row = field.related_model._default_manager.first()
            return row if needed or field.related_model in {User, LocalAuthority, PlanningApplication} else None
        case _ if field.choices:
            return field.choices[0][0] if needed and not field.blank else None
        case models.EmailField():
            return f"{mark.lower()}@example.org"
        case models.SlugField():
            return f"{mark.lower()}-{field.name}" if needed else None
        case models.CharField() | models.TextField() if not field.validators or field.max_length:
            return mark[: field.max_length or None] if needed else None
        case models.DateField() if not isinstance(field, models.DateTimeField):
            return date(2026, 6, 1) if needed else None
        case models.DateTimeField():
            return timezone.make_aware(datetime(2026, 6, 1, 12)) if needed else None
        case models.BinaryField():
            return mark.encode() if needed else None
        case ArrayField():
            return [] if needed else None
        case models.IntegerField() | models.DecimalField() | models.FloatField():
            return 1 if needed else None
    return None
