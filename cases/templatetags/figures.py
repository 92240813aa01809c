"""Numbers in templates: {{ limit|exactly }}, {{ fee|money }}. Django's own `floatformat` rounds."""

from django import template

from cases.wording import figures

register = template.Library()
register.filter(figures.exactly)
register.filter(figures.money)
