"""Gives our date fields to the forms that Wagtail makes: those of rows and pages, and the filters of its lists.

What its boxes look like is said by templates/wagtailadmin/widgets/. Called once, when the applications are loaded.
"""

from datetime import datetime, time
from typing import Any

import django_filters
from django.db import models
from django.utils import timezone
from django_filters.fields import DateRangeField, RangeField

from .fields import DateBox, DayField, End, MomentBox, MomentField, TimeBox, TimeField
from .reading import Year


class DayRangeField(DateRangeField):
    """From a day to a day; of a longer time that was typed its first or its last day counts."""

    def __init__(self, *args: Any, **kwargs: Any):
        ends = [DayField(year=Year.PRESENT, end=end) for end in End]
        RangeField.__init__(self, ends, *args, **kwargs)
        for box, field in zip(self.widget.widgets, ends, strict=True):
            field.rules.tell(box)


class FromMidnightField(DayField):
    """A day, for a column that has a time of day as well."""

    def to_python(self, value: Any) -> datetime | None:
        day = super().to_python(value)
        return timezone.make_aware(datetime.combine(day, time.min)) if day else None


def give() -> None:
    from wagtail.admin.forms.models import register_form_field_override  # when the applications are loaded

    for column, field, box in (
        (models.DateField, DayField, DateBox),
        (models.DateTimeField, MomentField, MomentBox),
        (models.TimeField, TimeField, TimeBox),
    ):
        register_form_field_override(column, override={"form_class": field, "widget": box})
    django_filters.DateFilter.field_class = DayField
    django_filters.DateTimeFilter.field_class = FromMidnightField
    django_filters.DateFromToRangeFilter.field_class = DayRangeField
