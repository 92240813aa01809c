"""Wagtail asks these who may do what to which row. Rules about cases stand in cases/permissions.py."""

from collections.abc import Callable, Iterable

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import policy_registry

from accounts.models import User
from accounts.requests import SignedInView
from cases.models import PlanningApplication
from cases.permissions import can_change_what_all_share, can_correct, can_view, cases_for


class CasePolicy(ModelPermissionPolicy):
    """A case belongs to one council, is seen and worked there only, and is never deleted."""

    def user_has_permission(self, user: User, action: str) -> bool:
        if action == "delete" or not user.is_active:
            return False
        if action != "view" and user.authority_id is None:
            return False
        return super().user_has_permission(user, action)

    def user_has_permission_for_instance(self, user: User, action: str, instance: PlanningApplication) -> bool:
        if action == "view":
            return can_view(user, instance)
        return self.user_has_permission(user, action) and can_correct(user, instance)

    def instances_user_has_any_permission_for(self, user: User, actions: Iterable[str]) -> QuerySet:
        return cases_for(user)


class ReferenceDataPolicy(ModelPermissionPolicy):
    """Rows of a council are its own; rows without one are everybody's to read.

    What all councils share is changed by the administrator of the installation, or by a council's own administrator
    where no other council is there.
    """

    @property
    def has_councils(self) -> bool:
        return "authority" in {field.name for field in self.model._meta.fields}

    def user_has_permission(self, user: User, action: str) -> bool:
        if action == "delete" or not super().user_has_permission(user, action):
            return False
        return action != "add" or self.has_councils or can_change_what_all_share(user)

    def user_has_permission_for_instance(self, user: User, action: str, instance: Model) -> bool:
        if not self.user_has_permission(user, action):
            return False
        owner = getattr(instance, "authority_id", None)
        if owner is None:
            return action == "view" or can_change_what_all_share(user)
        return user.authority_id is None or owner == user.authority_id

    def instances_user_has_any_permission_for(self, user: User, actions: Iterable[str]) -> QuerySet:
        rows = super().instances_user_has_any_permission_for(user, actions)
        if not self.has_councils or user.authority_id is None:
            return rows
        return rows.filter(Q(authority=None) | Q(authority=user.authority_id))


class ScopedObjectMixin(SignedInView):
    """For Wagtail's generic views of one row: nobody gets at a row that the policy does not show or let them change.

    The stock views ask only about the model (reference of Wagtail 8: PermissionCheckedMixin).
    """

    instance_action = "change"
    get_object: Callable[[], Model]

    def get_base_object_queryset(self) -> QuerySet:
        policy = policy_registry.get_by_type(self.model)
        return policy.instances_user_has_any_permission_for(self.request.user, {"view", "change"})

    def dispatch(self, request, *args, **kwargs):
        policy = policy_registry.get_by_type(self.model)
        row = getattr(self, "object", None) or self.get_object()
        if not policy.user_has_permission_for_instance(request.user, self.instance_action, row):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class ScopedChooserMixin(SignedInView):
    """For the views of a chooser: they offer and confirm only rows that the policy shows to this user."""

    model_class: type[Model]

    def _rows(self) -> QuerySet:
        policy = policy_registry.get_by_type(self.model_class)
        return policy.instances_user_has_any_permission_for(self.request.user, {"view", "change"})

    def get_object_list(self) -> QuerySet:
        return self._rows()

    def get_object(self, pk) -> Model:
        return self._rows().get(pk=pk)

    def get_objects(self, pks) -> QuerySet:
        return self._rows().filter(pk__in=pks)
