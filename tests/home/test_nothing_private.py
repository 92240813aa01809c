"""A marker in every private field of every row of a case; then every public page is read. None may show one.

Models are found by themselves: a new one that hangs on an application is planted too, and its fields are private until
PUBLIC below says otherwise.
"""

import re
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any
from urllib.parse import urldefrag

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.files.base import ContentFile
from django.db import models
from django.utils import timezone
from pypdf import PdfReader
from wagtail.fields import StreamField

from cases.models import Comment, Document, Party, PlanningApplication, ReferenceCounter
from cases.register import PUBLIC_FIELDS
from cases.statuses import Decision, Sentiment
from home.site_tree import set_up_site
from notices.notice_templates import load_notice_templates
from notices.signoff import approve, draft_notice, submit_for_sign_off

MARK, SEEN = "mark-private", "seen-public"
FEE = Decimal("98765.43")

# What may be shown, beside choices and dates. Everything else that holds words gets the marker.
PUBLIC = {
    "planningapplication": {*PUBLIC_FIELDS, "reference_key", "postcode_key", "search"},
    "document": {"title", "types", "drawing_number", "revision", "mime_type"},
    "comment": {"redacted_text", "organisation", "address"},  # address: by the council's switch, which is on here
    "constraint": {"entities"},
    "appeal": {"reference"},
}
# What the officer's report and the notice say as well, from the day of the decision.
PUBLIC_ONCE_DECIDED = {
    "assessmentsection": {"text"},
    "classassessment": {"note"},
    "limitassessment": {"measured", "note"},
    "considerationassessment": {"text"},
    "historyentry": {"reference", "description", "decision", "relevance"},
    "recommendation": {"summary"},
    "sitevisit": {"notes"},
    "refusalreason": {"title", "text"},
    "condition": {"title", "text", "reason", "pre_commencement_reason"},
    "informative": {"title", "text"},
}
# Rows made by other means below; an issued notice needs a sign-off (test_register_decision.py).
NOT_PLANTED = {"issuednotice", "party", "document", "comment", "previousreference"}


def words_for(field: models.Field, words: str) -> Any:
    if isinstance(field, models.EmailField):
        return f"{words}@example.com"
    if isinstance(field, ArrayField):
        return [words]
    if isinstance(field, models.JSONField):
        return {"name": words, "list": [words]}
    return words[: field.max_length or 100]


def fill(model: type[models.Model], application, officer, public: dict[str, set[str]] = PUBLIC) -> dict[str, Any]:
    """Values for a row: the marker in private words, something harmless and valid everywhere else."""
    name, values = model._meta.model_name, {}
    for field in model._meta.concrete_fields:
        if field.primary_key or field.generated or isinstance(field, StreamField | models.UUIDField):
            continue
        if field.null and isinstance(field, models.DateField):
            continue
        if field.is_relation:
            if field.related_model is PlanningApplication:
                values[field.name] = application if field.name == "application" else None
            elif field.name == "authority":
                values[field.name] = application.authority
            elif field.related_model is type(officer):
                values[field.name] = officer
            elif not field.null:
                values[field.name] = field.related_model._default_manager.first()
        elif field.choices:
            values[field.name] = next(value for value, _ in field.flatchoices if value)
        elif isinstance(field, models.CharField | models.TextField | models.JSONField | ArrayField):
            values[field.name] = words_for(field, SEEN if field.name in public.get(name, ()) else f"{MARK}-{name}")
        elif isinstance(field, models.BinaryField):
            values[field.name] = MARK.encode()
        elif isinstance(field, models.DateTimeField):
            values[field.name] = timezone.now()
        elif isinstance(field, models.DateField):
            values[field.name] = date(2026, 7, 1)
        elif isinstance(field, models.IntegerField | models.DecimalField) and not field.has_default():
            values[field.name] = 1
    return values


def plant(application, officer, public: dict[str, set[str]] = PUBLIC, *, but: frozenset[str] = frozenset()) -> set[str]:
    """One row of every model that hangs on an application. Returns the names of the models."""
    overrides = {
        "constraint": {"removed_because": ""},
        "appeal": {"decided_on": date(2026, 8, 1)},
        "caseevent": {"sequence": 999},
        "recommendation": {"decision": Decision.LDC_REFUSED},
        "submission": {"outcome": "accepted"},
        "decisionnotice": {"live": False},
    }
    planted = set()
    for label in ("cases", "notices"):
        for model in apps.get_app_config(label).get_models():
            name = model._meta.model_name
            hangs = any(f.name == "application" for f in model._meta.concrete_fields)
            if hangs and name not in NOT_PLANTED | but:
                model._default_manager.create(**fill(model, application, officer, public) | overrides.get(name, {}))
                planted.add(name)
    return planted


@pytest.fixture
def planted(make_public, officer, authority):
    """A public application full of private words."""
    officer.first_name = f"{MARK}-officer"
    officer.save()
    application = make_public(description=SEEN, officer=officer, ward=SEEN)
    for field in PlanningApplication._meta.concrete_fields:
        is_words = isinstance(field, models.CharField | models.TextField | models.JSONField)
        if is_words and not field.choices and not field.generated and field.name not in PUBLIC["planningapplication"]:
            setattr(application, field.name, words_for(field, f"{MARK}-{field.name}"))
    application.fee_paid = application.fee_payable = application.fee_calculated = FEE
    application.save()
    names = plant(application, officer)
    assert {"submission", "casenote", "recommendation", "message", "decisionnotice", "sitevisit"} <= names

    applicant = application.parties.get(role=Party.Role.APPLICANT)
    for role in (Party.Role.APPLICANT, Party.Role.AGENT, Party.Role.OWNER, Party.Role.SITE_CONTACT):
        party = applicant if role == Party.Role.APPLICANT else Party(application=application, role=role)
        is_named = role in {Party.Role.APPLICANT, Party.Role.AGENT}
        party.first_name = party.last_name = party.company = SEEN if is_named else f"{MARK}-{role}"
        party.address = party.phone = party.interest = party.no_notice_reason = f"{MARK}-{role}"
        party.email = f"{MARK}-{role}@example.com"
        party.save()
    for status in ("publish", "not_assessed", "withhold"):
        is_public = status == "publish"
        row = fill(Document, application, officer) | {"public_status": status, "fetch_status": "here", "file": ""}
        if not is_public:
            row |= {"title": f"{MARK}-title", "drawing_number": MARK, "revision": MARK, "mime_type": "text/plain"}
        document = Document(**row | {"superseded_by": None, "redacted_from": None, "thumbnail": ""})
        document.file.save("x.txt", ContentFile((SEEN if is_public else MARK).encode()), save=True)
    for kind in Comment.Kind:
        for published_at in (timezone.now(), None):
            row = fill(Comment, application, officer) | {"kind": kind, "published_at": published_at}
            if published_at is None:
                row |= {"redacted_text": MARK, "organisation": MARK, "address": MARK}
            Comment.objects.create(**row | {"sentiment": Sentiment.NEUTRAL})
    return application


def read_all(visitor, *starts: str) -> dict[str, str]:
    """Every page and file that can be reached by links, with headers and content."""
    waiting, read = list(starts), {}
    while waiting:
        address = waiting.pop()
        if address in read or address.startswith(("/static/", "/admin/")):
            continue
        answer = visitor.get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        read[address] = f"{answer.headers}\n{content.decode(errors='replace')}"
        if "html" in answer.headers.get("Content-Type", ""):
            for link in re.findall(r'(?:href|src|action)="([^"]*)"', read[address]):
                link = urldefrag(link.replace("&amp;", "&")).url
                if link.startswith("?"):
                    link = address.partition("?")[0] + link
                if link.startswith("/"):
                    waiting.append(link)
    return read


def test_no_public_page_shows_anything_private(visitor, authority, planted):
    set_up_site(authority)
    base = f"/planning-applications/{planted.reference}/"
    hidden = [f"{base}documents/{document.pk}/" for document in planted.documents.all()]
    read = read_all(
        visitor, "/", "/planning-applications/", "/robots.txt", "/sitemap.xml", f"{base}comments/",
        f"{base}officer-report/", f"{base}decision/", f"{base}decision/1.pdf", f"{base}decision/1.json",
        "/planning-applications/?q=mark-private",
        *hidden,
    )  # fmt: skip
    # The crawl went where it should, and public words were there to be seen.
    assert base in read
    assert SEEN in read[f"{base}comments/"]
    assert "/guidance/how-to-appeal/" in read
    assert read[base].count(SEEN) >= 8
    searched = read.pop("/planning-applications/?q=mark-private")
    assert planted.reference not in searched  # private words cannot be searched for either
    shown = {address: sorted(set(re.findall(rf"{MARK}[\w-]*", text))) for address, text in read.items()}
    assert {address: marks for address, marks in shown.items() if marks} == {}
    assert not [address for address, text in read.items() if "98765" in text or "98,765" in text]


def test_no_decision_shows_anything_private(visitor, authority, make_public, officer, manager):
    """Notice, report, their files and their data, made from a case full of private words."""
    load_notice_templates()
    application = make_public("ldc.proposed", description=SEEN, officer=officer)
    applicant = application.parties.get(role=Party.Role.APPLICANT)
    applicant.email, applicant.phone, applicant.address = f"{MARK}@example.com", f"{MARK}-phone", f"{MARK}-address"
    applicant.save()
    plant(application, officer, PUBLIC | PUBLIC_ONCE_DECIDED, but=frozenset({"decisionnotice"}))
    row = fill(Comment, application, officer) | {"published_at": timezone.now(), "redacted_text": SEEN}
    Comment.objects.create(**row)
    approve(submit_for_sign_off(draft_notice(application, by=officer), by=officer), by=manager)

    base = f"/planning-applications/{application.reference}/"
    read = read_all(visitor, base)
    for tail in ("decision/", "decision/1.json", "decision/1.pdf", "officer-report/", "officer-report.pdf"):
        assert f"{base}{tail}" in read, tail  # by links alone
        assert "404" not in read[f"{base}{tail}"][:40]
    texts = dict(read)
    for tail in ("decision/1.pdf", "officer-report.pdf"):
        pages = PdfReader(BytesIO(visitor.get(f"{base}{tail}").content)).pages
        texts[f"{base}{tail}"] = "\n".join(page.extract_text() for page in pages)
    assert SEEN in texts[f"{base}officer-report/"]
    assert SEEN in texts[f"{base}officer-report.pdf"]
    shown = {address: sorted(set(re.findall(rf"{MARK}[\w-]*", text))) for address, text in texts.items()}
    assert {address: marks for address, marks in shown.items() if marks} == {}


def test_a_public_document_says_nothing_of_its_private_fields(visitor, planted):
    document = planted.documents.get(public_status="publish")
    answer = visitor.get(f"/planning-applications/{planted.reference}/documents/{document.pk}/")
    assert answer.status_code == 200
    assert MARK not in str(answer.headers)


def test_reading_takes_no_reference_number(visitor, make_public):
    """Reading changes nothing: no counter, no session, no cookie."""
    application = make_public()
    before = ReferenceCounter.objects.get().next_number
    for address in ("/planning-applications/", f"/planning-applications/{application.reference}/"):
        assert not visitor.get(address).cookies
    assert ReferenceCounter.objects.get().next_number == before
    from django.contrib.sessions.models import Session

    assert not Session.objects.exists()
