"""The register's lists of applications. A page has many of them, and most of the time of a page was spent on these."""

from calendar import month_name
from collections.abc import Iterable
from datetime import date
from html import escape  # as Django's own, and four times as fast
from urllib.parse import quote

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from cases.register.published import AT_COMMITTEE, CLOSED, DECIDED, WITHDRAWN, Entry
from home.register.addresses import in_address

register = template.Library()

TAGS = {DECIDED: "green", AT_COMMITTEE: "purple", WITHDRAWN: "grey", CLOSED: "grey"}
AS_IN_ADDRESSES = "!$&'()*+,;=~:@"  # what django.urls.reverse leaves as it is
_MONTHS = tuple(month_name)

_ENTRY = """<li class="entry">
<h{level} class="entry__title"><a class="govuk-link entry__address" href="{link}">{address}</a></h{level}>
<p class="govuk-body entry__description">{description}</p>
<strong class="govuk-tag{tag}">{status}</strong>
<dl class="entry__facts">{facts}</dl>
</li>"""


@register.simple_tag
def list_of_entries(entries: Iterable[Entry], level: int) -> SafeString:
    """The applications as a list, each with a heading of this level."""
    register_address = reverse("register")
    items = mark_safe("\n".join(entry_item(entry, level=level, above=register_address) for entry in entries))  # noqa: S308
    return format_html('<ul class="entries">\n{}\n</ul>', items)


def entry_item(entry: Entry, *, level: int, above: str) -> SafeString:
    colour = TAGS.get(entry.status, "")
    item = _ENTRY.format(
        level=level,
        link=escape(f"{above}{quote(in_address(entry.reference), safe=AS_IN_ADDRESSES)}/"),
        address=escape(entry.address),
        description=escape(entry.description),
        tag=f" govuk-tag--{colour}" if colour else "",
        status=entry.status.words,
        facts="".join(f"<div><dt>{name}</dt><dd>{escape(fact)}</dd></div>" for name, fact in facts(entry)),
    )
    return mark_safe(item)  # noqa: S308 - every text of somebody's is escaped above


def facts(entry: Entry) -> Iterable[tuple[str, str]]:
    """(name, value) of what stands under an application in a list."""
    yield "Reference", entry.reference
    yield "Type", entry.type_name
    yield "Received", day(entry.received_on)
    if entry.decision:
        yield "Decision", f"{entry.decision}, {day(entry.decided_on)}" if entry.decided_on else entry.decision
    elif entry.due_on:
        yield "Decision due", day(entry.due_on)
        if entry.consultation_ends_on:
            yield "Comment by", day(entry.consultation_ends_on)


def day(value: date) -> str:
    return f"{value.day} {_MONTHS[value.month]} {value.year}"
