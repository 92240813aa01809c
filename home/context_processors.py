"""What every template knows of the council whose site is read."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .branding import stylesheet_url
from .council import council_of
from .menus import footer_of, menu_of
from .remembering import remembered


def council(request: HttpRequest) -> dict:
    """`council`, its stylesheet's address, the links of header and footer. Nothing is asked before it is used."""

    def council_stylesheet() -> str:
        asked = council_of(request)
        return remembered(request, "stylesheet", lambda: stylesheet_url(asked)) if asked else ""

    return {
        "council": SimpleLazyObject(lambda: council_of(request)),
        "council_stylesheet": SimpleLazyObject(council_stylesheet),
        "menu": SimpleLazyObject(lambda: menu_of(request)),
        "footer_links": SimpleLazyObject(lambda: footer_of(request)),
    }
