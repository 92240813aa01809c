"""What the templates of notices need: merge fields filled in."""

from collections.abc import Mapping

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString

from notices.wording import blocks
from notices.wording.merge import merge, plan_words

register = template.Library()
_FACT_WORDS = dict(blocks.FACTS)


@register.filter
def merged(text: object, values: Mapping[str, str]) -> SafeString:
    """Plain words with merge fields → HTML; the words and the values are both escaped."""
    return merge(escape(str(text)), values)


@register.filter
def merged_html(rich_text: object, values: Mapping[str, str]) -> SafeString:
    """Rich text (cleaned by Wagtail when it was saved) with merge fields → HTML; the values are escaped."""
    return merge(rich_text, values)


@register.filter
def fact_rows(names: list[str], facts: Mapping[str, str]) -> list[tuple[str, str]]:
    """(words, value) for each chosen fact that the case has."""
    return [(_FACT_WORDS[name], facts[name]) for name in names if facts.get(name)]


@register.filter
def in_words(plan: Mapping[str, str]) -> str:
    return plan_words(plan["title"], plan["drawing_number"], plan["revision"], plan["received_on"])
