"""Tags of the case pages in the admin."""

import re

from django import template
from django.conf import settings
from django.template.defaultfilters import linebreaks_filter
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from cases.admin.frame.bulk_actions import offered_to

register = template.Library()
MODEL = ("cases", "planningapplication")


@register.simple_tag
def case_bulk_actions(user: User) -> SafeString:
    """Buttons of what this user can do with many cases at once."""
    return format_html_join(
        "",
        '<li><a class="button button-small button-secondary bulk-action-btn" href="{}" aria-label="{}" '
        "data-bulk-action-button>{}</a></li>",
        (
            (reverse("wagtail_bulk_action", args=[*MODEL, action.action_type]), action.aria_label, action.display_name)
            for action in offered_to(user)
        ),
    )


@register.filter
def letter_words(words: str) -> SafeString:
    """The words of a letter as its reader sees them: what begins with "# " is a heading, as in GOV.UK Notify."""
    escaped = linebreaks_filter(words, autoescape=True)
    return mark_safe(re.sub(r"<p># (.*?)</p>", r"<p><strong>\1</strong></p>", escaped))  # noqa: S308 - escaped above


@register.simple_tag
def map_tiles() -> dict[str, str]:
    """Where pictures of the map come from, when the installation has said so: {"url", "attribution"}."""
    return {"url": settings.MAP_TILE_URL, "attribution": settings.MAP_ATTRIBUTION}
