from typing import Any
from urllib.parse import urlencode

from django import template
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.dates.fields import Rules
from accounts.dates.reading import in_words

register = template.Library()


@register.inclusion_tag("accounts/dates/box.html")
def date_box(widget: dict[str, Any], kind: str) -> dict[str, Any]:
    """The box of a date, of a time or of both ("date", "time", "moment"), with what it holds in words."""
    rules = Rules.of(kind, {name.removeprefix("data-"): value for name, value in widget["attrs"].items()})
    try:
        words = in_words(rules.read(widget["value"])) if widget["value"] else ""
    except ValidationError:
        words = ""  # the refusal stands above the box
    if box_id := widget["attrs"].get("id"):
        about = [widget["attrs"].get("aria-describedby"), f"{box_id}_words"]
        widget["attrs"]["aria-describedby"] = " ".join(filter(None, about))
    address = f"{reverse('understood_date')}?{urlencode({'kind': kind, **rules.said})}"
    return {"widget": widget, "words": words, "kind": kind, "address": address}
