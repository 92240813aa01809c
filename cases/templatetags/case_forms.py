"""How a field of a form is shown, by the kind of its control."""

from django import forms, template
from django.forms import BoundField

register = template.Library()


@register.filter
def is_group(field: BoundField) -> bool:
    """True for a group of radio buttons or checkboxes, whose label is a legend."""
    return isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)
