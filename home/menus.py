"""The links of the header and the footer: mostly pages that the council's editors chose."""

from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.urls import reverse
from wagtail.models import Page

from .council import council_of
from .models import HomePage, RegisterPage, StandardPage
from .remembering import remembered


@dataclass(frozen=True)
class Link:
    title: str
    url: str
    is_current: bool = False


def menu_of(request: HttpRequest) -> list[Link]:
    """The register, then the pages below the home page that are shown in menus, in the editors' order."""
    links = [Link("Planning register", reverse("register")), *remembered(request, "menu", lambda: _in_menu(request))]
    return [replace(link, is_current=bool(link.url) and request.path.startswith(link.url)) for link in links]


def _in_menu(request: HttpRequest) -> list[Link]:
    home = _home_of(request)
    if home is None:
        return []
    pages = home.get_children().live().in_menu().not_type(RegisterPage)
    return [Link(page.title, page.get_url(request) or "") for page in pages]


def footer_of(request: HttpRequest) -> list[Link]:
    """The editors' pages that stand in the footer, then what every council's register has."""
    fixed = [Link("Open data", reverse("open_data"))] if council_of(request) else []
    return [*remembered(request, "footer", lambda: _in_footer(request)), *fixed]


def _in_footer(request: HttpRequest) -> list[Link]:
    home = _home_of(request)
    if home is None:
        return []
    pages = StandardPage.objects.live().child_of(home).filter(is_in_footer=True).order_by("path")
    return [Link(page.title, page.get_url(request) or "") for page in pages]


def _home_of(request: HttpRequest) -> Page | None:
    """The page at the top of the council's site. Sites without one of ours have no menu."""
    council = council_of(request)
    if council is None or council.site is None:
        return None
    root = council.site.root_page
    return root if root.cached_content_type.model_class() is HomePage else None
