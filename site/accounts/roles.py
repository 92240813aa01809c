"""The five groups and what each may do. `bin/manage setup_roles` makes them so, as often as it is run."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import Group, Permission
from django.db import transaction

if TYPE_CHECKING:
    from .models import LocalAuthority

SUPPORT_OFFICER = "Support officer"
PLANNING_OFFICER = "Planning officer"
PLANNING_MANAGER = "Planning manager"
ADMINISTRATOR = "Administrator"
READER = "Reader"

_SEE_CASES = [
    "cases.view_planningapplication",
    "cases.view_document",
    "cases.view_caseevent",
    "cases.view_submission",
    "cases.view_check",
    "cases.view_recommendation",
    "notices.view_decisionnotice",
    "notices.view_issuednotice",
]
_WORK_CASES = [
    *_SEE_CASES,
    "notices.view_message",
    "notices.resend_message",
    "cases.view_private_application",
    "cases.change_planningapplication",
    "cases.add_planningapplication",
    "cases.add_document",
    "cases.change_document",
    "cases.validate_application",
    "cases.publish_application",
]
_EDIT = ("add", "change", "delete", "view")
_REFERENCE_DATA = [
    "applicationtype",
    "documenttype",
    "constrainttype",
    "gpdoclass",
    "policy",
    "consideration",
    "invalidreason",
    "fee",
    "requirement",
    "standardcondition",
    "standardinformative",
    "standardreason",
]
_TEMPLATES = ["noticetemplate", "lettertemplate"]

# Group → permissions, as app_label.codename.
ROLES: dict[str, list[str]] = {
    SUPPORT_OFFICER: _WORK_CASES,
    PLANNING_OFFICER: [
        *_WORK_CASES,
        "cases.assess_application", "cases.extend_application", "cases.close_application",
        "notices.add_decisionnotice", "notices.change_decisionnotice",
    ],
    PLANNING_MANAGER: [
        *_WORK_CASES,
        "cases.assess_application", "cases.extend_application", "cases.close_application",
        "cases.assign_application", "cases.sign_off_application",
        "notices.add_decisionnotice", "notices.change_decisionnotice",
    ],
    ADMINISTRATOR: [
        *(f"cases.{action}_{model}" for model in _REFERENCE_DATA for action in _EDIT if action != "delete"),
        *(f"notices.{action}_{model}" for model in _TEMPLATES for action in _EDIT if action != "delete"),
        "notices.publish_noticetemplate",
        *(f"accounts.{action}_user" for action in _EDIT if action != "delete"),
        "accounts.view_localauthority", "accounts.change_localauthority", "accounts.view_apitoken",
        "accounts.change_apitoken",
        "cases.view_submission", "cases.view_caseevent", "cases.view_planningapplication", "notices.view_message",
        "notices.resend_message",
    ],
    READER: _SEE_CASES,
}  # fmt: skip


def website_editors(authority: "LocalAuthority") -> str:
    """Name of the group that edits this council's public pages without administering anything else."""
    return f"Website editor ({authority.code})"


@transaction.atomic
def setup_groups() -> list[Group]:
    """Make the five groups and give each exactly its permissions. Raises LookupError when a permission is missing."""
    groups = []
    for name, codes in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set([_permission("wagtailadmin.access_admin"), *map(_permission, codes)])
        groups.append(group)
    return groups


def _permission(code: str) -> Permission:
    app, codename = code.split(".")
    permission = Permission.objects.filter(content_type__app_label=app, codename=codename).first()
    if permission is None:
        raise LookupError(f"There is no permission {code}: is the database migrated?")
    return permission
