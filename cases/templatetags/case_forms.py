"""How a field of a form is shown, by the kind of its control."""

from django import forms, template
from django.db.models import Model
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cases.admin.frame.meanwhile import print_of

register = template.Library()


@register.filter
def is_group(field: BoundField) -> bool:
    """True for a group of radio buttons or checkboxes, whose label is a legend."""
    return isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.simple_tag
def about(row: Model | None) -> SafeString | str:
    """The hidden field that says how a row stood when a form about it was opened."""
    return format_html('<input type="hidden" name="about" value="{}">', print_of(row)) if row else ""
