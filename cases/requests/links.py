"""The applicant's way in without an account: one signed, expiring, revocable link per application and recipient.

The address holds the key of the row and a signature over it, so that a guess is refused before anything is looked up;
the row says until when it opens anything, and to whom it was given.
"""

import re
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import LocalAuthority, User
from cases.locking import locked, locked_for
from cases.models import ApplicantLink, Party
from cases.permissions import can_revoke_links
from cases.timeline import record

OPENS_FOR = timedelta(days=90)
MOST_REASON = 300  # characters
NOTED_ONCE_IN = timedelta(hours=1)
# 32 hexadecimal digits, and 256 bits of HMAC-SHA256 in URL-safe base64: one segment of an address.
TOKEN = re.compile(r"[0-9a-f]{32}\.[A-Za-z0-9_-]{43}", re.ASCII)
_signer = Signer(salt="cases.requests.links", sep=".")


@transaction.atomic
def link_for(party: Party) -> ApplicantLink:
    """The link of this person to their application: the same one while it stands, open for 90 days from now.

    A new one where there was none, where the last one has expired, and where the person's e-mail address has changed:
    who reads the old address shall not read on.
    """
    application = locked(party.application_id)
    standing = ApplicantLink.objects.filter(application=application, party=party, revoked_at=None).first()
    if standing and _is_for(standing, party) and standing.expires_at > timezone.now():
        standing.expires_at = timezone.now() + OPENS_FOR
        standing.save(update_fields=["expires_at"])
        return standing
    if standing:
        has_expired = _is_for(standing, party)
        because = "It had expired." if has_expired else "The e-mail address of the person has changed."
        _revoke(standing, because=because, by=None)
    link = ApplicantLink.objects.create(
        application=application,
        party=party,
        to_name=party.name[:200],
        to_email=party.email,
        expires_at=timezone.now() + OPENS_FOR,
    )
    record(application, "link_made", by=None, to=party.get_role_display())
    return link


def token_of(link: ApplicantLink) -> str:
    """What stands in the address: the row's key and its signature."""
    return _signer.sign(link.pk.hex)


def opened_by(token: str, *, authority: LocalAuthority) -> ApplicantLink | None:
    """The link that this token is, with `.party` and `.application` (and its type); None when it opens nothing.

    None for what is forged (no query is made for that), expired, revoked, another council's, made for a person who is
    party no longer or whose e-mail address has changed. Notes that it was used, at most once an hour.
    """
    if not TOKEN.fullmatch(token):
        return None
    try:
        key = UUID(hex=_signer.unsign(token))
    except BadSignature:
        return None
    link = (
        ApplicantLink.objects.filter(pk=key, application__authority=authority)
        .select_related("party", "application__application_type", "application__authority")
        .first()
    )
    if link is None or not stands(link):
        return None
    _note_use(link)
    return link


def stands(link: ApplicantLink) -> bool:
    """Whether the link opens anything today, as the row and its `.party` say."""
    return (
        link.revoked_at is None
        and link.expires_at > timezone.now()
        and link.party is not None
        and link.party.application_id == link.application_id
        and _is_for(link, link.party)
    )


@transaction.atomic
def revoke(link: ApplicantLink, *, because: str, by: User) -> None:
    """Let a link open nothing any more; the next letter makes a new one. Says why.

    Raises PermissionDenied (cases.permissions.can_revoke_links), ValidationError without a reason. Revoked already:
    nothing happens.
    """
    locked_for(link.application, by=by, may=can_revoke_links, refusal="You cannot revoke links of this application.")
    if not because.strip():
        raise ValidationError({"because": "Say why the link is revoked."})
    if len(because.strip()) > MOST_REASON:
        raise ValidationError({"because": f"Say why in {MOST_REASON} characters or fewer."})
    locked = ApplicantLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if locked.revoked_at is None:
        _revoke(locked, because=because.strip(), by=by)
    link.refresh_from_db(fields=["revoked_at", "revoked_by", "revoked_because"])


def _revoke(link: ApplicantLink, *, because: str, by: User | None) -> None:
    link.revoked_at, link.revoked_by, link.revoked_because = timezone.now(), by, because
    link.save(update_fields=["revoked_at", "revoked_by", "revoked_because"])
    to = link.party.get_role_display() if link.party else ""
    record(link.application, "link_revoked", by=by, because=because, to=to)


def _is_for(link: ApplicantLink, party: Party) -> bool:
    return link.to_email.lower() == party.email.lower()


def _note_use(link: ApplicantLink) -> None:
    now = timezone.now()
    if link.last_used_at is None or link.last_used_at < now - NOTED_ONCE_IN:
        not_noted = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_ONCE_IN)
        ApplicantLink.objects.filter(not_noted, pk=link.pk).update(last_used_at=now)
        link.last_used_at = now
