"""What pages of the admin show and carry so that nothing typed is lost (cases/admin/typed/)."""

import json
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from cases.admin.frame.case_views import CaseView
from cases.admin.frame.not_saved import Typed, typed_by_names
from cases.models import TypedWords
from cases.typed_words import RequestForAPage, address_of, as_sent, kept_for, put_back_on, sign_for, suffix_beside

register = template.Library()


@register.simple_tag(takes_context=True)
def typed_by(context: Context) -> SafeString | str:
    """Hidden fields of a form: who writes in it, on which page. Works without scripts, and when the session ends."""
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return ""
    return format_html(
        '<input type="hidden" name="typed_by" value="{}"><input type="hidden" name="typed_page" value="{}">',
        sign_for(request.user),
        request.get_full_path(),
    )


@register.simple_tag(takes_context=True)
def typed_marker(context: Context) -> SafeString | str:
    """For the script (static/js/typed_words.js): in whose name, and where, it keeps what is typed on this page."""
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return ""
    found, put_back = _here(request, context)
    return format_html(
        '<div hidden data-typed-by="{}" data-typed-keep="{}" data-typed-suffix="{}"{}></div>',
        sign_for(request.user),
        reverse("typed_keep"),
        suffix_beside(found, put_back),
        mark_safe(" data-typed-put-back") if put_back else "",
    )


@register.inclusion_tag("cases/admin/typed/offer.html", takes_context=True)
def typed_offer(context: Context) -> dict[str, Any]:
    """What the reader typed on this page before and did not save."""
    request = context.get("request")
    if request is None or not request.user.is_authenticated:
        return {}
    found, put_back = _here(request, context)
    rest = [words for words in found if words != put_back]
    return {"request": request, "csrf_token": context.get("csrf_token"), "put_back": put_back, "found": rest}


def _here(request: RequestForAPage, context: Context) -> tuple[list[TypedWords], TypedWords | None]:
    """What is kept of this page for its reader, and which of it stands in the form. Asked once, and not of lists."""
    if not hasattr(request, "typed_here"):
        has_forms = request.method == "GET" and ("form" in context or isinstance(context.get("view"), CaseView))
        found = list(kept_for(request.user, request.path)) if has_forms else []
        request.typed_here = found, put_back_on(request) if found else None
    return request.typed_here


@register.filter
def put_back_address(words: TypedWords) -> str:
    return address_of(words)


@register.filter
def in_words(words: TypedWords) -> list[Typed]:
    """What was typed, each with the name of its field."""
    lines = typed_by_names(as_sent(words))
    return [Typed(line.label, text) for line in lines if (text := _of_editor(line.text)).strip()]


def _of_editor(text: str) -> str:
    """The words of rich text, which its editor sends as JSON."""
    if not text.startswith('{"'):
        return text
    try:
        blocks = json.loads(text).get("blocks", [])
        return "\n".join(str(block["text"]) for block in blocks)
    except (ValueError, AttributeError, KeyError, TypeError):
        return text
