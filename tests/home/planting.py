"""Marked words in every private field of every row, for tests that look for them where they must not be.

Models are found by themselves: a new one that hangs on an application is planted too, and its fields are private until
PUBLIC below says otherwise.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from wagtail.fields import StreamField

from cases.models import PlanningApplication
from cases.register.published import PUBLIC_FIELDS
from cases.statuses import Decision

MARK, SEEN = "mark-private", "seen-public"
CUT = MARK[:8]  # what is left of it in a column as short as a postcode's
FEE = Decimal("98765.43")
# As somebody would write it, in pounds or pence, whole or not; never the bare digits, which a hash may hold by chance.
FEE_WRITTEN = re.compile(r'98,765|\b98765\.|\b9876543\b|(?:[£>,"]|": ?)98765\b')

# What may be shown, beside choices and dates. Everything else that holds words gets the marker.
PUBLIC: dict[str, set[str]] = {
    "planningapplication": {*PUBLIC_FIELDS, "reference_key", "postcode_key", "search"},
    "document": {"title", "types", "drawing_number", "revision", "mime_type"},
    "comment": {"redacted_text", "organisation", "address"},  # address: by the council's switch, which is on here
    "constraint": {"entities"},
    "appeal": {"reference"},
}
# What the officer's report and the notice say as well, from the day of the decision.
PUBLIC_ONCE_DECIDED = {
    "assessmentsection": {"text"},
    "classassessment": {"note"},
    "limitassessment": {"measured", "note"},
    "considerationassessment": {"text"},
    "historyentry": {"reference", "description", "decision", "relevance"},
    "recommendation": {"summary"},
    "sitevisit": {"notes"},
    "refusalreason": {"title", "text"},
    "condition": {"title", "text", "reason", "pre_commencement_reason"},
    "informative": {"title", "text"},
}
# Rows made by other means below; an issued notice needs a sign-off.
NOT_PLANTED = {"issuednotice", "party", "document", "comment", "previousreference"}
# What a row of its model cannot be without.
GIVEN: dict[str, dict[str, Any]] = {
    "constraint": {"removed_because": ""},
    "appeal": {"decided_on": date(2026, 8, 1)},
    "caseevent": {"sequence": 999},
    "recommendation": {"decision": Decision.LDC_REFUSED},
    "submission": {"outcome": "accepted"},
    "decisionnotice": {"live": False},
    "alert": {"confirmed_at": timezone.now()},
    "validationrequest": {
        "sent_at": timezone.now(),
        "answered_at": timezone.now(),
        "resolved_at": timezone.now(),
        "arrived_on": date(2026, 7, 1),
    },
}


def words_for(field: models.Field, words: str) -> Any:
    if isinstance(field, models.EmailField):
        return f"{words}@example.com"
    if isinstance(field, ArrayField):
        return [words]
    if isinstance(field, models.JSONField):
        return {"name": words, "list": [words]}
    return words[: field.max_length or 100]


def fill(model: type[models.Model], application, officer, public: dict[str, set[str]] = PUBLIC) -> dict[str, Any]:
    """Values for a row: the marker in private words, something harmless and valid everywhere else."""
    name, values = model._meta.model_name, {}
    mark = f"{MARK}-{name}-{application.pk}"  # no two alike, where a model wants that
    for field in model._meta.concrete_fields:
        if field.primary_key or field.generated or isinstance(field, StreamField | models.UUIDField):
            continue
        if field.null and isinstance(field, models.DateField):
            continue
        if field.is_relation:
            if field.related_model is PlanningApplication:
                values[field.name] = application if field.name == "application" else None
            elif field.name == "authority":
                values[field.name] = application.authority
            elif field.related_model is type(officer):
                values[field.name] = officer
            elif not field.null:
                values[field.name] = field.related_model._default_manager.first()
        elif field.choices:
            values[field.name] = next(value for value, _ in field.flatchoices if value)
        elif isinstance(field, models.CharField | models.TextField | models.JSONField | ArrayField):
            values[field.name] = words_for(field, SEEN if field.name in public.get(name, ()) else mark)
        elif isinstance(field, models.BinaryField):
            values[field.name] = MARK.encode()
        elif isinstance(field, models.DateTimeField):
            values[field.name] = timezone.now()
        elif isinstance(field, models.DateField):
            values[field.name] = date(2026, 7, 1)
        elif isinstance(field, models.IntegerField | models.DecimalField) and not field.has_default():
            values[field.name] = 1
    return values


def plant(application, officer, public: dict[str, set[str]] = PUBLIC, *, but: frozenset[str] = frozenset()) -> set[str]:
    """One row of every model that hangs on an application. Returns the names of the models."""
    planted = set()
    for label in ("cases", "notices", "home"):
        for model in apps.get_app_config(label).get_models():
            name = model._meta.model_name
            hangs = any(f.name == "application" for f in model._meta.concrete_fields)
            if hangs and name not in NOT_PLANTED | but:
                model._default_manager.create(**fill(model, application, officer, public) | GIVEN.get(name, {}))
                planted.add(name)
    return planted


def own_private_fields() -> dict[str, Any]:
    """The marker in every private field of an application itself: what was submitted does not change later."""
    values: dict[str, Any] = dict.fromkeys(("fee_paid", "fee_payable", "fee_calculated"), FEE)
    for field in PlanningApplication._meta.concrete_fields:
        is_words = isinstance(field, models.CharField | models.TextField | models.JSONField)
        if is_words and not field.choices and not field.generated and field.name not in PUBLIC["planningapplication"]:
            values[field.name] = words_for(field, f"{MARK}-{field.name}")
    return values


def marked_everywhere(data: Any, words: str, keep: frozenset[str]) -> Any:
    """The same data with `words` in place of every text, but under the keys of `keep`."""
    if isinstance(data, dict):
        return {key: value if key in keep else marked_everywhere(value, words, keep) for key, value in data.items()}
    if isinstance(data, list):
        return [marked_everywhere(value, words, keep) for value in data]
    return words if isinstance(data, str) else data
