"""The ownership certificate as the applicant fills it in on the page: what it may hold, and what it changes.

DMPO 2015 arts 13 and 14: A, the applicant owns all of the land; B, every other owner was given notice; C, some of them;
D, none could be found.
"""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from cases.application.facts import write_facts
from cases.models import Party, PlanningApplication

CERTIFICATES = ("a", "b", "c", "d")
NEEDS_OWNERS = ("b", "c")
MAX_OWNERS = 50
MAX_NAME, MAX_ADDRESS, MAX_WORDS = 120, 500, 2000
AGRICULTURAL_TENANT = "Agricultural tenant"


def cleaned(filled_in: Any) -> dict[str, Any]:
    """The certificate as it is kept: {"certificate", "owners": [{"name", "address", "notice_on"}], …} and words.

    `certificate` may be empty while it is being filled in. `notice_on` is an ISO date or None. `tenants` of an
    agricultural holding are given as owners are. Rows without a name and an address are left out. Other keys keep short
    words, such as where a notice was published. Raises ValidationError with a sentence when it is of another shape.
    """
    if not isinstance(filled_in, dict) or (filled_in.get("certificate") or "") not in ("", *CERTIFICATES):
        raise ValidationError("Choose certificate A, B, C or D.")
    people = {kind: _people(filled_in.get(kind)) for kind in ("owners", "tenants")}
    others = {
        str(name)[:40]: value[:MAX_WORDS].strip() if isinstance(value, str) else value
        for name, value in list(filled_in.items())[:20]
        if name not in {"certificate", "owners", "tenants"} and isinstance(value, str | bool)
    }
    tenants = {"tenants": people["tenants"]} if people["tenants"] else {}
    return {**others, "certificate": filled_in.get("certificate") or "", "owners": people["owners"], **tenants}


def _people(given: Any) -> list[dict[str, Any]]:
    rows = given or []
    if not isinstance(rows, list) or len(rows) > MAX_OWNERS:
        raise ValidationError(f"Give at most {MAX_OWNERS} owners.")
    return [row for row in map(_owner, rows) if row["name"] or row["address"]]


def _owner(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise ValidationError("Give each owner's name and address.")
    notice_on = given.get("notice_on") or None
    if notice_on is not None:
        try:
            day = date.fromisoformat(str(notice_on))
        except ValueError as error:
            raise ValidationError("The day on which notice was given is not a date.") from error
        if day > timezone.localdate():
            raise ValidationError("Notice cannot have been given later than today.")
        notice_on = day.isoformat()
    return {
        "name": str(given.get("name") or "").strip()[:MAX_NAME],
        "address": str(given.get("address") or "").strip()[:MAX_ADDRESS],
        "notice_on": notice_on,
    }


def what_is_missing(certificate: dict[str, Any] | None) -> str:
    """What is missing in a cleaned certificate, in a sentence; empty when it is complete."""
    if not certificate or certificate.get("certificate") not in CERTIFICATES:
        return "Choose the ownership certificate."
    if certificate["certificate"] not in NEEDS_OWNERS:
        return ""
    owners = certificate.get("owners") or []
    if not owners:
        return "Give the name and address of each owner to whom you gave notice."
    if any(not (owner["name"] and owner["address"] and owner["notice_on"]) for owner in owners):
        return "Give each owner's name and address and the day on which you gave them notice."
    return ""


def apply(case: PlanningApplication, certificate: dict[str, Any], *, by: User | None, **told: Any) -> dict[str, Any]:
    """Write the certificate on a locked application; its owners and agricultural tenants replace those before.

    Returns what was there. The event names nobody.
    """
    owners = case.parties.filter(role=Party.Role.OWNER)
    before = {
        "ownership_certificate": case.ownership_certificate,
        "owners": [
            {
                "name": row.name,
                "address": row.address,
                "notice_on": row.notice_on.isoformat() if row.notice_on else None,
            }
            for row in owners
        ],
    }
    owners.delete()
    for key, interest in (("owners", ""), ("tenants", AGRICULTURAL_TENANT)):
        for person in certificate.get(key) or []:
            notice_on = date.fromisoformat(person["notice_on"]) if person["notice_on"] else None
            Party.objects.create(
                application=case,
                role=Party.Role.OWNER,
                last_name=person["name"],
                address=person["address"],
                interest=interest,
                notice_given=notice_on is not None,
                notice_on=notice_on,
            )
    write_facts(case, "ownership_checked", by=by, changes={"ownership_certificate": certificate["certificate"]}, **told)
    return before
