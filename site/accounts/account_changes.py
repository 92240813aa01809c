"""What becomes known when somebody changes an account: it is on record, and those who sign decisions hear of it.

An administrator makes accounts and gives roles, so an administrator could make a manager of themselves under another
name. Nobody can be kept from that who has to be able to replace a whole department; but it cannot be done in silence.
"""

from dataclasses import dataclass, field

from django.core.mail import send_mail
from django.db.models import Q
from django.template.loader import render_to_string
from wagtail.log_actions import log

from .models import User
from .roles import ADMINISTRATOR

SIGNS = "sign_off_application"
MADE, CHANGED = "accounts.account_made", "accounts.account_changed"  # actions in the user's history


@dataclass(frozen=True)
class Account:
    """What of an account somebody else might want to change."""

    email: str
    council: str
    roles: frozenset[str]
    is_active: bool
    runs_installation: bool
    signs: bool  # may sign decisions off, if the account is active


@dataclass(frozen=True)
class Change:
    """`lines` say what was changed; `is_new_power` when somebody may sign decisions by it who could not before."""

    lines: list[str] = field(default_factory=list)
    is_new_power: bool = False


def account_of(key: int) -> Account:
    """The account as it stands in the database."""
    user = User.objects.select_related("authority").get(pk=key)
    roles = frozenset(user.groups.values_list("name", flat=True))
    signs = user.groups.filter(permissions__codename=SIGNS).exists()
    council = str(user.authority or "")
    return Account(user.email, council, roles, user.is_active, user.is_superuser, signs)


def account_made(user: User, *, by: User) -> None:
    """Put a new account on record, and tell of it who must hear. Call inside the transaction that makes it."""
    account = account_of(user.pk)
    lines = [f"Account made for {account.email}", *_roles(frozenset(), account.roles)]
    log(user, MADE, user=by, title=str(user), data={"lines": lines})
    if account.signs:
        _tell(_who_must_hear(user), user, lines, by=by)


def account_changed(user: User, before: Account, *, by: User) -> None:
    """Put on record what is another thing than `before`, and tell of it who must hear, the person themself at the old
    address included. Call inside the transaction of the change."""
    after = account_of(user.pk)
    change = _difference(before, after)
    if not change.lines:
        return
    log(user, CHANGED, user=by, title=str(user), data={"lines": change.lines})
    hear = _who_must_hear(user) if change.is_new_power else []
    # The old address hears of a new one whoever wrote it: it may be somebody at a colleague's open screen.
    if before.email != after.email or (by.pk != user.pk and change.is_new_power):
        hear.append(before.email)
    _tell(hear, user, change.lines, by=by)


def _difference(before: Account, after: Account) -> Change:
    lines = _roles(before.roles, after.roles)
    if before.email != after.email:
        lines.append(f"E-mail address: {before.email} → {after.email}")
    if before.council != after.council:
        lines.append(f"Council: {before.council or 'none'} → {after.council or 'none'}")
    if before.runs_installation != after.runs_installation:
        lines.append("Runs the installation" if after.runs_installation else "No longer runs the installation")
    if before.is_active != after.is_active:
        lines.append("Can sign in again" if after.is_active else "Can no longer sign in")
    signed, signs = before.signs and before.is_active, after.signs and after.is_active
    moved = (before.email, before.council) != (after.email, after.council)
    return Change(lines, is_new_power=signs and (not signed or moved))


def _roles(before: frozenset[str], after: frozenset[str]) -> list[str]:
    given = [f"Role given: {name}" for name in sorted(after - before)]
    return given + [f"Role taken away: {name}" for name in sorted(before - after)]


def _who_must_hear(user: User) -> list[str]:
    """Everybody else of the council who signs decisions or looks after its accounts."""
    colleagues = User.objects.filter(is_active=True, authority=user.authority).exclude(pk=user.pk)
    hear = colleagues.filter(Q(groups__permissions__codename=SIGNS) | Q(groups__name=ADMINISTRATOR))
    return list(hear.order_by("email").values_list("email", flat=True).distinct())


def _tell(addresses: list[str], user: User, lines: list[str], *, by: User) -> None:
    for address in dict.fromkeys(addresses):
        body = render_to_string("accounts/email/account_changed.txt", {"user": user, "lines": lines, "by": by})
        send_mail(subject=f"The account of {user} was changed", message=body, from_email=None, recipient_list=[address])
