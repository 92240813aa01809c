"""E-mails and letters: their templates, and the words that come out of them."""

import re
from functools import cache
from pathlib import Path

import yaml
from django.utils import timezone
from django.utils.text import Truncator

from accounts.models import LocalAuthority, User
from cases.models import Party
from cases.permissions import cases_for
from cases.statuses import Decision
from notices.models import LetterTemplate

from . import person_fields
from .fields import Letter, check, fill, fill_for_person

SHIPPED = Path(__file__).resolve().parents[1] / "data" / "letter_templates.yaml"
MAX_SUBJECT = 250
LINK_FIELD = "answer_link"


def write(template: LetterTemplate, letter: Letter) -> tuple[str, str]:
    """Subject and body of a message, as plain text.

    A council's own words that name no link get it at the end: without it, nobody could answer.
    """
    body = template.body
    if letter.link and LINK_FIELD not in body:
        body += f"\n\nAnswer here: {{{{ {LINK_FIELD} }}}}"
    return _tidy(fill(template.subject, letter), fill(body, letter))


def write_to_person(template: LetterTemplate, slug: str, values: dict[str, str]) -> tuple[str, str]:
    """Subject and body of a message to somebody who is no party, as plain text."""
    return _tidy(fill_for_person(template.subject, slug, values), fill_for_person(template.body, slug, values))


def _tidy(subject: str, body: str) -> tuple[str, str]:
    return tidy_subject(subject), re.sub(r"\n{3,}", "\n\n", body).strip()


def tidy_subject(subject: str) -> str:
    """One line; what is too long ends with “…”, so that its reader knows that it goes on."""
    return Truncator(" ".join(subject.split())).chars(MAX_SUBJECT)


def preview_of_letter(template: LetterTemplate, user: User, mode: str) -> dict[str, str]:
    subject, body = sample(template, user)
    return {"subject": subject, "body": body}


def sample(template: LetterTemplate, user: User) -> tuple[str, str]:
    """The words as the newest case of the user's council would have them; with the bare fields where there is none.

    What goes to people who are no party is shown with invented values.
    """
    if template.slug in person_fields.FIELDS:
        values = person_fields.samples(template.slug, template.authority or user.authority)
        return write_to_person(template, template.slug, values)
    case = cases_for(user).select_related("application_type", "authority__site", "officer").order_by("-pk").first()
    if case is None:
        return template.subject, template.body
    to = case.parties.order_by("role").first() or Party(
        application=case, role=Party.Role.APPLICANT, last_name="Applicant"
    )
    decision = template.slug.removeprefix("decision_")
    if decision in Decision.values:
        case.decision, case.decided_on = decision, case.decided_on or timezone.localdate()
    return write(template, Letter(case, to, list(case.validation_requests.all()[:3])))


@cache
def shipped() -> dict[str, dict[str, str]]:
    """The templates of the product, by slug. Raises ValueError when the file is not as it must be."""
    rows = yaml.load(SHIPPED.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for row in rows:
        if set(row) != {"slug", "name", "subject", "body"}:
            raise ValueError(f"{SHIPPED.name}: {row.get('slug')} must have slug, name, subject and body, no more.")
        for text in (row["subject"], row["body"]):
            check(text, slug=row["slug"])
    return {row["slug"]: row for row in rows}


def template_for(authority: LocalAuthority, *slugs: str) -> LetterTemplate:
    """The first of these that there is: the council's own, else the shared one, else as it was shipped.

    Raises LookupError for slugs that nobody knows. A missing row never stops a decision.
    """
    rows = LetterTemplate.objects.filter(slug__in=slugs, authority__in=[authority]) | LetterTemplate.objects.filter(
        slug__in=slugs, authority=None
    )
    found = {(row.slug, row.authority_id is not None): row for row in rows}
    for slug in slugs:
        row = found.get((slug, True)) or found.get((slug, False))
        if row:
            return row
        if slug in shipped():
            return LetterTemplate(**shipped()[slug])
    raise LookupError(f"There is no letter template {' or '.join(slugs)}.")


def load_templates() -> dict[str, int]:
    """Bring the shared templates up to what is shipped; one that an administrator changed is left alone."""
    done = {"created": 0, "updated": 0, "left alone": 0, "unchanged": 0}
    for slug, row in shipped().items():
        template = LetterTemplate.objects.filter(authority=None, slug=slug).first()
        if template is None:
            LetterTemplate.objects.create(**row)
            done["created"] += 1
        elif template.is_customised:
            done["left alone"] += 1
        elif any(getattr(template, field) != value for field, value in row.items()):
            LetterTemplate.objects.filter(pk=template.pk).update(**row)
            done["updated"] += 1
        else:
            done["unchanged"] += 1
    return done
