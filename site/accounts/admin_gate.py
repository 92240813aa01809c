"""Which of Wagtail's own screens a council's people may open: those on a list, and no other.

Wagtail was made for one organisation. Its reports, its history of the whole site, its groups, sites, workflows,
redirects and collections know nothing of councils, and a new version may bring another such screen. So people of a
council may open our own screens, which ask for the council themselves, and the screens of Wagtail named here, which
ask a policy (accounts/policies.py, accounts/grants.py). Everything else is for the administrator of the installation.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import ResolverMatch
from wagtail.admin.auth import permission_denied
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page, Site

from .models import User
from .policies import runs_the_installation
from .website_grants import edits_the_website

ADMIN = "/admin/"
OUR_PACKAGES = ("accounts", "cases", "notices", "home")
OUR_APPS = frozenset(OUR_PACKAGES)

# Screens that show nothing but what belongs to the user: name, or namespace:name.
FOR_ALL = frozenset(
    {
        "wagtailadmin_home", "wagtailadmin_login", "wagtailadmin_logout", "wagtailadmin_account",
        "wagtailadmin_password_reset", "wagtailadmin_password_reset_done", "wagtailadmin_password_reset_confirm",
        "wagtailadmin_password_reset_complete", "wagtailadmin_javascript_catalog", "javascript_catalog",
        "wagtailadmin_sprite", "wagtailadmin_dismissibles", "wagtailadmin_editing_sessions:ping",
        "wagtailadmin_editing_sessions:release", "wagtailadmin_block_preview", "wagtailsnippets:index",
        "wagtailadmin_choose_page_external_link", "wagtailadmin_choose_page_email_link",
        "wagtailadmin_choose_page_phone_link", "wagtailadmin_choose_page_anchor_link",
    }
)  # fmt: skip
# Whole areas for those who edit the council's pages. The policies keep them to their own.
FOR_EDITORS = frozenset(
    {
        "wagtailadmin_pages",
        "wagtailimages",
        "wagtailimages_chooser",
        "wagtaildocs",
        "wagtaildocs_chooser",
        "wagtailembeds",
    }
)
FOR_EDITORS_BY_NAME = frozenset(
    {
        "wagtailadmin_explore_root",
        "wagtailadmin_explore",
        "wagtailadmin_explore_results",
        "wagtailadmin_choose_page",
        "wagtailadmin_choose_page_child",
        "wagtailadmin_choose_page_search",
        "wagtailadmin_tag_autocomplete",
        "wagtailadmin_tag_model_autocomplete",
    }
)
# Not even for editors: these show rows by their numbers, whose ever they are.
NEVER = frozenset(
    {
        "wagtailadmin_pages:type_use",
        "wagtailadmin_pages:type_use_results",
        "wagtailimages_chooser:chosen_multiple",
        "wagtaildocs_chooser:chosen_multiple",
    }
)
# What the address of a screen names must be the council's own, before the screen is asked at all.
PAGE_NAMES = ("page_id", "parent_page_id", "page_to_move_id", "destination_id", "pk")
IMAGE_NAMES = ("image_id", "pk")
DOCUMENT_NAMES = ("document_id", "doc_id", "pk")
LONGEST_KEY = 19  # digits
# These name rows by ?id= too.
NAME_ROWS = frozenset({"chosen", "chosen_multiple", "wagtailadmin_choose_page_chosen_multiple", "find"})
BULK = "wagtail_bulk_action"
LEFT_ALONE = "items_with_no_access"  # what its screens list
MOVED_TO = "chooser"  # the page below which others are moved
BULK_FOR_EDITORS = frozenset({("wagtailcore", "page"), ("wagtailimages", "image"), ("wagtaildocs", "document")})
API = "wagtailadmin_api"
CHOOSERS = "wagtailsnippetchoosers_"
FAILS_ON_PURPOSE = "wagtailadmin_error_test"


class CouncilAdminMiddleware:
    """Turns a council's people away from every screen of Wagtail's that is not on the list."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args, kwargs) -> HttpResponse | None:
        user, match = request.user, request.resolver_match
        if not request.path.startswith(ADMIN) or not user.is_authenticated:
            return None
        assert match is not None  # noqa: S101 - Django has resolved the address before it asks
        if match.view_name == "wagtailadmin_logout" and request.method != "POST":
            # Wagtail answers 405 and takes the session cookie away all the same.
            return HttpResponseNotAllowed(["POST"])
        if _names_nothing(request, match):
            raise Http404
        return None if may_open(user, request, match, view) else permission_denied(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """Wagtail's bulk actions name the rows that they leave alone, whose ever they are: to no other council."""
        user, match, told = request.user, request.resolver_match, response.context_data
        if match and _is_for_editors(match) and told and not runs_the_installation(user):
            rows = told.get(LEFT_ALONE, [])
            told[LEFT_ALONE] = [row for row in rows if isinstance(user, User) and _is_own(user, row["item"])]
        return response


def _names_nothing(request: HttpRequest, match: ResolverMatch) -> bool:
    """Whether the address asks for what cannot be there, on which Wagtail's screens fail: a letter that PostgreSQL does
    not keep, or in a chooser, its API and what is done with many rows something that is no number."""
    if "\x00" in request.path:
        return True
    named = request.GET.getlist("parent_page_id")
    if match.url_name == BULK:
        parents = request.GET.getlist("childOf")
        keys = (key for key in request.GET.getlist("id") if key != "all")
        named += [key or "nothing" for key in (*parents, *keys)]
    if match.url_name in NAME_ROWS:
        named = [*named, *request.GET.getlist("id"), *(str(value) for value in match.kwargs.values())]
    if any(value and not (value.isdecimal() and len(value) <= LONGEST_KEY) for value in named):
        return True
    return match.url_name == BULK and match.kwargs.get("model_name") == "page" and _is_no_page(parents)


def _is_no_page(keys: list[str]) -> bool:
    """Wagtail reads the last one."""
    return bool(keys) and not Page.objects.filter(pk=int(keys[-1])).exists()


def may_open(user: User, request: HttpRequest, match: ResolverMatch, view: Callable) -> bool:
    """Whether this user may open this screen at all; what is on it, the screen itself decides."""
    if match.url_name == "create" and any(name.startswith(CHOOSERS) for name in match.namespaces):
        return False  # nothing of ours is made inside a chooser: Wagtail's form for it is not there, and it would fail
    if match.url_name == BULK and match.kwargs.get("app_label") == "accounts":
        return False  # roles are given, and accounts closed, one by one and on record (accounts/users.py)
    if match.view_name == FAILS_ON_PURPOSE:
        return False
    if runs_the_installation(user) or is_ours(match, view) or match.view_name in FOR_ALL:
        return True
    if match.url_name == BULK:
        if not _is_for_editors(match):
            return match.kwargs.get("app_label") in OUR_APPS
        named = (pk for pk in request.POST.getlist(MOVED_TO) if pk.isdecimal())
        return edits_the_website(user) and all(_below_site(user, pk) for pk in named)
    if not edits_the_website(user) or match.view_name in NEVER:
        return False
    is_open = (
        match.view_name in FOR_EDITORS_BY_NAME
        or FOR_EDITORS & set(match.namespaces)
        or (match.namespaces == [API, "pages"] and match.url_name in {"listing", "detail"})
    )
    return bool(is_open) and _names_only_own(user, match)


def _names_only_own(user: User, match: ResolverMatch) -> bool:
    """Whether each page, picture or document in the address belongs to the user's council."""
    area = match.namespaces[0] if match.namespaces else ""
    if area.startswith("wagtailimages"):
        return all(_in_collection(user, get_image_model(), pk) for pk in _named(match, IMAGE_NAMES))
    if area.startswith("wagtaildocs"):
        return all(_in_collection(user, get_document_model(), pk) for pk in _named(match, DOCUMENT_NAMES))
    return all(_below_site(user, pk) for pk in _named(match, PAGE_NAMES))


def _named(match: ResolverMatch, names: tuple[str, ...]) -> list:
    return [match.kwargs[name] for name in names if name in match.kwargs]


def _in_collection(user: User, model: type[Model], pk) -> bool:
    collection = user.authority and user.authority.collection
    return model._default_manager.filter(pk=pk, collection__in=[collection]).exists()


def _site_of(user: User) -> Site | None:
    return user.authority.site if user.authority else None


def _below_site(user: User, pk) -> bool:
    """A page below the council's home page, or one above it, through which the tree is walked down."""
    site = _site_of(user)
    page = site and Page.objects.filter(pk=pk).first()
    if not site or not page or site.root_page.is_root():  # a site without a home page of its own has no pages either
        return False
    return page.path.startswith(site.root_page.path) or page.is_root()


def _is_own(user: User, row: Any) -> bool:
    """Whether this page, picture or document is the user's council's."""
    if isinstance(row, Page):
        site = _site_of(user)
        return site is not None and row.path.startswith(site.root_page.path)
    return user.authority is not None and row.collection_id == user.authority.collection_id


def is_ours(match: ResolverMatch, view: Callable) -> bool:
    """Our own functions and classes, and Wagtail's viewsets for our own models."""
    if _package(view) in OUR_PACKAGES or _package(getattr(view, "view_class", None)) in OUR_PACKAGES:
        return True
    name = match.namespaces[0] if match.namespaces else match.url_name or ""
    return (
        any(name.startswith((f"wagtailsnippets_{app}_", f"{CHOOSERS}{app}_", f"{app}_")) for app in OUR_APPS)
        or name in OUR_VIEWSETS
    )


# Names of viewsets of Wagtail's kind that are ours all the same (accounts/users.py, accounts/councils.py).
OUR_VIEWSETS = frozenset({"wagtailusers_users", "councils", "api_tokens"})


def _is_for_editors(match: ResolverMatch) -> bool:
    """Whether this does something with many pages, pictures or documents."""
    model = (match.kwargs.get("app_label"), match.kwargs.get("model_name"))
    return match.url_name == BULK and model in BULK_FOR_EDITORS


def _package(thing) -> str:
    return (getattr(thing, "__module__", "") or "").partition(".")[0]
