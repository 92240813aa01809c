"""Merge fields of e-mails to people who are no party to an application: a closed list for each template.

The values come from whoever asks for the e-mail (notices.outbox.messages.queue_to_person); here stands which there are,
what the preview shows for them, and which were typed by the public and are made inert before they are used.
"""

from typing import NamedTuple

from accounts.models import LocalAuthority


class PersonField(NamedTuple):
    words: str  # what it stands for, for those who edit a template
    sample: str  # for the preview
    is_typed: bool = False  # by somebody outside the council


_CASE = {
    "reference": PersonField("Reference of the application", "26-00123-HAPP"),
    "site_address": PersonField("Address of the site", "7 Blyton Close, Beaconsfield, HP9 2LX", is_typed=True),
    "description": PersonField("What is proposed", "Single-storey rear extension", is_typed=True),
    "application_link": PersonField(
        "Address of the application's page", "https://planning.example.gov.uk/planning-applications/26-00123-HAPP/"
    ),
}

FIELDS: dict[str, dict[str, PersonField]] = {
    "comment_received": {
        **_CASE,
        "comment_reference": PersonField("Reference of the comment", "C-000123"),
        "received_date": PersonField("Day on which the comment came", "22 November 2026"),
    },
    "alert_confirm": {
        "followed": PersonField("What is to be followed", "applications within 500 metres of HP9 2LX", is_typed=True),
        "confirm_link": PersonField(
            "Where to say yes", "https://planning.example.gov.uk/planning-applications/alerts/…/confirm/"
        ),
        "last_day": PersonField("Last day on which the link works", "29 November 2026"),
    },
    "alert_digest": {
        "day": PersonField("Day of the e-mail", "22 November 2026"),
        "how_many": PersonField("How many applications have news", "2 planning applications"),
        "changes": PersonField(
            "Each application with its news and its link",
            "# 7 Blyton Close, Beaconsfield, HP9 2LX\n26-00123-HAPP: Single-storey rear extension\n"
            "* New on the register\nhttps://planning.example.gov.uk/planning-applications/26-00123-HAPP/",
        ),
        "manage_link": PersonField(
            "Where to see and stop what is followed", "https://planning.example.gov.uk/planning-applications/alerts/…/"
        ),
        "stop_link": PersonField(
            "Where to stop every e-mail", "https://planning.example.gov.uk/planning-applications/alerts/all/…/stop/"
        ),
    },
}
OF_EVERY = {
    "authority_name": PersonField("Name of the council", "Testshire Council"),
    "authority_contact": PersonField("E-mail and telephone of the planning department", "planning@testshire.example"),
}


def fields_of(slug: str) -> dict[str, PersonField]:
    """Every field that the template may name; empty for a template about a party's own case."""
    return {**FIELDS[slug], **OF_EVERY} if slug in FIELDS else {}


def council_values(authority: LocalAuthority) -> dict[str, str]:
    contact = "\n".join(part for part in (authority.email, authority.phone) if part)
    return {"authority_name": authority.name, "authority_contact": contact}


def samples(slug: str, authority: LocalAuthority | None) -> dict[str, str]:
    """What the preview fills in: invented, but for the council's own name."""
    invented = {name: field.sample for name, field in fields_of(slug).items()}
    return invented | (council_values(authority) if authority else {})
