"""Words without a space in every field that somebody types into: no page is wider than a telephone's screen."""

from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from cases.models import Comment, Document, Party, PlanningApplication, ValidationRequest
from cases.requests.links import link_for, token_of
from cases.statuses import PublicStatus, Sentiment, Status
from home.models import GuidancePage
from notices.drafting.templates import load_notice_templates
from notices.signoff.approving import approve
from notices.signoff.drafting import draft_notice
from notices.signoff.submitting import submit_for_sign_off
from tests.home.applicants import ask

LONG = "W" * 90
HEBREW = "שלום עולם, בית ישן"
PHONE = {"width": 360, "height": 800}
# Where the page is wider than the screen, the innermost elements that stick out say why.
STICKS_OUT = """() => {
    const wide = document.documentElement.clientWidth;
    // Wagtail's admin hides what its main part cannot hold.
    const parts = [document.documentElement, ...document.querySelectorAll("main")];
    if (parts.every((part) => part.scrollWidth <= part.clientWidth)) return [];
    return [...document.body.querySelectorAll("*")]
        .filter((e) => e.getBoundingClientRect().right > wide + 1 && !e.children.length)
        .slice(0, 4)
        .map((e) => [e.parentElement, e].map((one) => `${one.tagName}.${one.className}`).join(" > "));
}"""


@pytest.fixture
def authority(council):
    return council


@pytest.fixture
def application(make_application, officer) -> PlanningApplication:
    """A case of which every text is one long word."""
    with transaction.atomic():
        case = make_application(
            "pp.full.householder",
            status=Status.IN_ASSESSMENT,
            published_at=timezone.now(),
            officer=officer,
            description=f"{LONG} extension",
            address=f"{LONG}, Beaconsfield",
            ward=LONG,
            parish=LONG,
            consultation_ends_on=timezone.localdate() + timedelta(days=9),
        )
    case.parties.update(first_name=LONG, last_name=LONG, company=LONG, address=f"{LONG}\nHP9 2LX")
    Party.objects.create(application=case, role=Party.Role.AGENT, company=LONG, email=f"{'w' * 60}@example.com")
    case.conditions.create(title=LONG, text=LONG, reason=LONG)
    case.informatives.create(title=LONG, text=LONG)
    case.notes.create(text=LONG, by=officer)
    case.history_entries.create(reference="W" * 60, description=LONG, decision=LONG)
    document = Document(
        application=case,
        title=LONG,
        original_name=f"{LONG}.pdf",
        drawing_number="W" * 80,
        types=["photographs.existing"],
        public_status=PublicStatus.PUBLISH,
        mime_type="application/pdf",
        received_on=date(2026, 6, 1),
        size=5,
    )
    document.file.save("x.pdf", ContentFile(b"%PDF-"), save=True)
    for kind, organisation in ((Comment.Kind.PUBLIC, ""), (Comment.Kind.CONSULTEE, LONG)):
        for name, words in ((LONG, LONG), (HEBREW, HEBREW)):
            Comment.objects.create(
                application=case,
                kind=kind,
                name=name,
                organisation=organisation,
                address=LONG,
                text=words,
                redacted_text=words,
                sentiment=Sentiment.NEUTRAL,
                published_at=timezone.now(),
                received_on=date(2026, 6, 9),
            )
    return case


def too_wide(page: Page, addresses: list[str]) -> dict[str, list[str]]:
    page.set_viewport_size(PHONE)
    found = {}
    for address in addresses:
        answer = page.goto(address)
        assert answer
        assert answer.ok, f"{address}: {answer.status}"
        if sticking_out := page.evaluate(STICKS_OUT):
            found[address] = sticking_out
    return found


def test_public_pages(visit, application, make_application, officer, manager):
    load_notice_templates()
    with transaction.atomic():
        decided = make_application(
            "ldc.proposed", status=Status.IN_ASSESSMENT, published_at=timezone.now(), description=LONG, address=LONG
        )
    decided.refusal_reasons.create(title=LONG, text=LONG)
    decided.recommendations.create(decision="ldc_refused", summary=LONG, by=officer)
    approve(submit_for_sign_off(draft_notice(decided, by=officer), by=officer), by=manager)
    for kind in (ValidationRequest.Kind.ADDITIONAL_DOCUMENT, ValidationRequest.Kind.DESCRIPTION):
        ask(application, kind, by=officer, title=LONG, text=LONG, what_to_send=LONG, proposed_description=LONG)
    guidance = GuidancePage.objects.first()
    guidance.title, guidance.summary = LONG, LONG
    guidance.save()
    token = token_of(link_for(application.parties.get(role="agent")))
    own = f"/planning-applications/{application.reference}/"
    page = visit().page
    assert too_wide(page, [
        "/", guidance.url, guidance.get_parent().url, reverse("register"), f"/planning-applications/?q={LONG}",
        f"/planning-applications/map/?q={LONG}", own, f"{own}comments/", f"{own}comments/?from=consultees",
        f"{own}documents/", f"{own}follow/", f"/planning-applications/{decided.reference}/",
        f"/planning-applications/{decided.reference}/officer-report/",
        reverse("register_property", args=[application.uprn]), reverse("weekly_lists"),
        "/planning-applications/weekly/2026-W23/", reverse("verify_notice"),
        reverse("applicant_requests", args=[token]), reverse("applicant_request", args=[token, 1]),
        reverse("applicant_request", args=[token, 2]), reverse("applicant_check", args=[token]),
    ]) == {}  # fmt: skip
    # What is written from right to left begins at the right, as its readers expect.
    page.goto(f"{own}comments/")
    words = page.get_by_text(HEBREW, exact=True).last
    assert words.evaluate("e => getComputedStyle(e).unicodeBidi") == "plaintext"


def test_officers_pages(visit, application, officer):
    ask(application, ValidationRequest.Kind.ADDITIONAL_DOCUMENT, by=officer, title=LONG, text=LONG, what_to_send=LONG)
    page = visit(officer).page
    document = application.documents.get()
    tasks = [slug for slug in application.application_type.tasks if slug != "extension_of_time"]
    assert too_wide(page, [
        reverse("wagtailadmin_home"), reverse("case_list"), reverse("case_page", args=[application.pk]),
        reverse("case_history", args=[application.pk]), reverse("case_requests", args=[application.pk]),
        reverse("case_note", args=[application.pk]), reverse("case_report", args=[application.pk]),
        reverse("case_document_viewer", args=[document.pk]), reverse("case_documents_search"),
        *(reverse("case_task", args=[application.pk, slug]) for slug in tasks),
    ]) == {}  # fmt: skip
