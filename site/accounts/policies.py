"""What Wagtail asks before it shows or changes something that is not a case: people, councils, pages, pictures.

Wagtail grants pages and collections to groups. Our groups are shared by all councils, so a row for the group would open
one council's pages to every other. These policies make the grant from who the user is instead: an administrator edits
what lies below the own council's site and in its own collection, and sees nothing else.
"""

from collections.abc import Iterable
from types import SimpleNamespace

from django.db.models import Model, QuerySet
from wagtail.models import GroupPagePermission
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permission_policies.collections import CollectionOwnershipPermissionPolicy
from wagtail.permission_policies.pages import PagePermissionPolicy

from .models import ApiToken, LocalAuthority, User
from .websites import website_editors

PAGE_ACTIONS = ("add", "change", "publish", "lock", "unlock", "bulk_delete")
COLLECTION_ACTIONS = ("add", "change", "choose")
EDITS_THE_WEBSITE = "accounts.change_localauthority"


def runs_the_installation(user: User) -> bool:
    return user.is_active and user.is_superuser and user.authority_id is None


def edits_the_website(user: User) -> bool:
    """Whether this user edits the own council's public pages: its administrators, and its website editors."""
    if not user.is_authenticated or not user.is_active or user.authority_id is None:
        return False
    if user.has_perm(EDITS_THE_WEBSITE):
        return True
    if not hasattr(user, "_edits_the_website"):  # asked often in one request; a user object lives no longer
        user._edits_the_website = user.groups.filter(name=website_editors(user.authority)).exists()
    return user._edits_the_website


# --- People and councils --------------------------------------------------------------------------------------------


class OwnCouncilPolicy(ModelPermissionPolicy):
    """Rows of the own council, by Django's permissions; the installation's administrator has all. Never deleted."""

    council = "authority_id"
    for_installation_only = frozenset({"delete"})

    def user_has_permission(self, user: User, action: str) -> bool:
        if action == "delete":
            return False
        if user.authority_id is None:
            return runs_the_installation(user)
        return action not in self.for_installation_only and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: User, actions: Iterable[str]) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def user_has_permission_for_instance(self, user: User, action: str, instance: Model) -> bool:
        if not self.user_has_permission(user, action):
            return False
        return runs_the_installation(user) or getattr(instance, self.council) == user.authority_id

    def user_has_any_permission_for_instance(self, user: User, actions: Iterable[str], instance: Model) -> bool:
        return any(self.user_has_permission_for_instance(user, action, instance) for action in actions)

    def instances_user_has_any_permission_for(self, user: User, actions: Iterable[str]) -> QuerySet:
        rows = self.model._default_manager.all()
        if not self.user_has_any_permission(user, actions):
            return rows.none()
        return rows if runs_the_installation(user) else rows.filter(**{self.council: user.authority_id})

    def instances_user_has_permission_for(self, user: User, action: str) -> QuerySet:
        return self.instances_user_has_any_permission_for(user, [action])


class UserPolicy(OwnCouncilPolicy):
    pass


class LocalAuthorityPolicy(OwnCouncilPolicy):
    council = "pk"
    for_installation_only = frozenset({"add", "delete"})


class ApiTokenPolicy(OwnCouncilPolicy):
    """Tokens are made by a command, which shows the secret once; here they are seen and revoked."""

    for_installation_only = frozenset({"add", "delete"})

    def user_has_permission(self, user: User, action: str) -> bool:
        return action != "add" and super().user_has_permission(user, action)


POLICIES = {
    User: UserPolicy(User),
    LocalAuthority: LocalAuthorityPolicy(LocalAuthority),
    ApiToken: ApiTokenPolicy(ApiToken),
}


# --- Pages, pictures, documents -------------------------------------------------------------------------------------


class OwnPagesPolicy(PagePermissionPolicy):
    def get_all_permissions_for_user(self, user: User) -> list | QuerySet:
        """What GroupPagePermission rows would say, were there one for each council."""
        if not edits_the_website(user) or user.authority.site is None:
            return GroupPagePermission.objects.none()
        root = user.authority.site.root_page
        if root.is_root():  # a site without a home page of its own: its root is everybody's
            return GroupPagePermission.objects.none()
        return [
            SimpleNamespace(page=root, page_id=root.pk, permission=SimpleNamespace(codename=f"{action}_page"))
            for action in PAGE_ACTIONS
        ]

    def instances_user_has_any_permission_for(self, user: User, actions: Iterable[str]) -> QuerySet:
        return super().instances_user_has_any_permission_for(user, set(actions))


class OwnCollectionPolicy(CollectionOwnershipPermissionPolicy):
    def get_all_permissions_for_user(self, user: User) -> list:
        """What GroupCollectionPermission rows would say, were there one for each council."""
        if not edits_the_website(user) or user.authority.collection is None:
            return []
        collection = user.authority.collection
        return [
            _CollectionGrant(collection, f"{action}_{self.auth_model._meta.model_name}")
            for action in COLLECTION_ACTIONS
        ]


class _CollectionGrant(SimpleNamespace):
    """Wagtail keeps these in sets."""

    def __init__(self, collection, codename: str):
        super().__init__(
            collection=collection, collection_id=collection.pk, permission=SimpleNamespace(codename=codename)
        )

    def __hash__(self) -> int:
        return hash((self.collection_id, self.permission.codename))
