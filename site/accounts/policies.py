"""What Wagtail asks before it shows or changes people, councils and their API tokens. Pages, pictures: grants.py."""

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, QuerySet
from wagtail.permission_policies import ModelPermissionPolicy

from .models import ApiToken, LocalAuthority, User


def runs_the_installation(user: User | AnonymousUser) -> bool:
    return isinstance(user, User) and user.is_active and user.is_superuser and user.authority_id is None


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
