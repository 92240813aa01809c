"""Which pages, pictures and documents somebody of a council may edit.

Wagtail grants pages and collections to groups. Our groups are shared by all councils, so a row for the group would open
one council's pages to every other. The grant is made from who the user is instead: whoever edits a website edits what
lies below the own council's site and in its own collection, and sees nothing else.

Each of Wagtail's policies reads the grants from an attribute of the user, which the first of them to be asked would
fill with its own. Here the user says them (models.User), so all policies read the same, in whatever order.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from .roles import website_editors

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from wagtail.models import Collection, Page

    from .models import User

PAGE_ACTIONS = ("add", "change", "publish", "lock", "unlock", "bulk_delete")
COLLECTION_ACTIONS = ("add", "change", "choose")
EDITS_THE_WEBSITE = "accounts.change_localauthority"


@dataclass(frozen=True)
class GrantedPermission:
    codename: str


@dataclass(frozen=True)
class PageGrant:
    """Reads as a row of Wagtail's GroupPagePermission."""

    page: "Page"
    permission: GrantedPermission

    @property
    def page_id(self) -> int:
        return self.page.pk


@dataclass(frozen=True)
class CollectionGrant:
    """Reads as a row of Wagtail's GroupCollectionPermission."""

    collection: "Collection"
    permission: GrantedPermission

    @property
    def collection_id(self) -> int:
        return self.collection.pk


def edits_the_website(user: "User | AnonymousUser") -> bool:
    """Whether this user edits the own council's public pages: its administrators, and its website editors."""
    return user.is_authenticated and user.edits_the_website


def _may_edit_the_website(user: "User") -> bool:
    if not user.is_active or user.authority is None:
        return False
    if user.has_perm(EDITS_THE_WEBSITE):
        return True
    return user.groups.filter(name=website_editors(user.authority)).exists()


def _page_grants(user: "User") -> list[PageGrant]:
    site = user.authority.site if user.authority and user.edits_the_website else None
    if site is None or site.root_page.is_root():  # a site without a home page of its own: its root is everybody's
        return []
    return [PageGrant(site.root_page, GrantedPermission(f"{action}_page")) for action in PAGE_ACTIONS]


def _collection_grants(user: "User") -> list[CollectionGrant]:
    collection = user.authority.collection if user.authority and user.edits_the_website else None
    if collection is None:
        return []
    kinds = [model._meta.model_name for model in (get_image_model(), get_document_model())]
    return [
        CollectionGrant(collection, GrantedPermission(f"{action}_{kind}"))
        for kind in kinds
        for action in COLLECTION_ACTIONS
    ]


def _site_grants(user: "User") -> list:
    return []


class GrantsMixin:
    """For the user: what Wagtail would read from the rows of the user's groups, were there rows for each council."""

    edits_the_website = cached_property(_may_edit_the_website)
    # The three names are Wagtail's: `permission_cache_name` of its policies.
    _page_permission_cache = cached_property(_page_grants)
    _collection_permission_cache = cached_property(_collection_grants)
    _site_permission_cache = cached_property(_site_grants)
