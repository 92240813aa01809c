"""The pages of one council are no business of another's: Wagtail's page permissions are per group, councils are not.

Whoever belongs to a council edits pages of that council's tree only, whatever groups somebody put them into.
"""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from wagtail import hooks
from wagtail.documents.models import AbstractDocument
from wagtail.models import Page
from wagtail.query import PageQuerySet

from accounts.models import LocalAuthority, User
from accounts.requests import SignedInRequest


def may_edit_tree_of(user: User, page: Page) -> bool:
    """True for administrators of the installation, and for pages in the tree of the user's own council."""
    if user.authority is None:
        return True
    site = user.authority.site
    return site is not None and page.path.startswith(site.root_page.path)


def refuse_strangers(request: SignedInRequest, page: Page) -> None:
    if not may_edit_tree_of(request.user, page):
        raise PermissionDenied("This page belongs to another council.")


@hooks.register("before_edit_page")
@hooks.register("before_delete_page")
@hooks.register("before_publish_page")
@hooks.register("before_unpublish_page")
@hooks.register("before_copy_page")
def refuse_pages_of_others(request: SignedInRequest, page: Page) -> None:
    refuse_strangers(request, page)


@hooks.register("before_create_page")
def refuse_children_of_others(request: SignedInRequest, parent_page: Page, page_class: type[Page]) -> None:
    refuse_strangers(request, parent_page)


@hooks.register("before_move_page")
def refuse_moves_to_others(request: SignedInRequest, page: Page, destination: Page) -> None:
    refuse_strangers(request, page)
    refuse_strangers(request, destination)


@hooks.register("before_bulk_action")
def refuse_bulk_actions_on_others(request: SignedInRequest, action_type: str, objects: list, action: object) -> None:
    for page in objects:
        if isinstance(page, Page):
            refuse_strangers(request, page)


@hooks.register("construct_explorer_page_queryset")
def list_own_pages(parent_page: Page, pages: PageQuerySet, request: SignedInRequest) -> PageQuerySet:
    authority = request.user.authority
    if authority is None:
        return pages
    site = authority.site
    return pages.descendant_of(site.root_page, inclusive=True) if site else pages.none()


@hooks.register("before_serve_document")
def refuse_documents_of_closed_councils(document: AbstractDocument, request: HttpRequest) -> None:
    if LocalAuthority.objects.filter(collection=document.collection_id, is_active=False).exists():
        raise Http404("The council that published this document is closed here.")
