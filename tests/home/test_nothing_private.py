"""A marker in every private field of every row; then everything that is public is opened, unpacked and read.

Nothing may show it: no page, feed, file, API answer or ZIP. What is public is found by itself: the addresses of
tests/test_public_addresses.py, what the API's description lists without a token, and what they link to.
"""

import json
import re
from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import User
from accounts.roles import PLANNING_OFFICER
from cases.models import Comment, Document, Party, PlanningApplication, PreviousReference, ReferenceCounter
from cases.statuses import PublicStatus, Sentiment, Status
from home.models import Alert, CommentDraft
from home.open_data.datasets import DATASETS
from home.register.addresses import in_address
from notices.drafting.templates import load_notice_templates
from notices.printing.pdf import html_to_pdf
from notices.signoff.approving import approve
from notices.signoff.drafting import draft_notice
from notices.signoff.submitting import submit_for_sign_off
from tests.cases.payloads import payload
from tests.database import give_public_site
from tests.test_public_addresses import PUBLIC as PUBLIC_NAMES

from .crawling import Crawl, texts_in
from .planting import (
    CUT,
    FEE,
    FEE_WRITTEN,
    GIVEN,
    MARK,
    PUBLIC,
    PUBLIC_ONCE_DECIDED,
    SEEN,
    fill,
    marked_everywhere,
    own_private_fields,
    plant,
)

# Public, but not opened by the crawl; each with its reason.
NOT_OPENED = {
    "media": "pictures of the website, in sizes that Wagtail made",
    "wagtaildocs_serve": "files of the website, which its editors put there",
    "wagtaildocs_authenticate_with_password": "a form for a file with a password",
    "wagtailcore_authenticate_with_password": "a form for a page with a password",
    "wagtailcore_login": "the form for people who read protected pages",
    "api:api-root": "nothing is there",
    "understood_date": "says how a date is read that is asked for with it: of nobody and no row",
    "health": "the middleware answers with one word",
    "api_nothing_here": "says that nothing is there",
}
# Opened with an address that nobody has: what is behind a token is for who has it, and its own tests say what that is.
FOR_HOLDERS = {
    "register_comment_question", "register_comment_sent", "alert_manage", "alert_confirm", "alert_stop",
    "alert_stop_all", "applicant_requests", "applicant_request", "applicant_check", "applicant_sent",
    "applicant_upload", "applicant_file_remove", "applicant_document",
}  # fmt: skip
NOBODYS = "7f4c2d4e-6b0a-4b6e-9a53-000000000001"


@pytest.fixture(autouse=True)
def remembering(settings) -> None:
    """What stands around every page is remembered, as on a real site: it is made once for hundreds of pages."""
    settings.REMEMBER_SECONDS = 3_600


@pytest.fixture(scope="module")
def private_pdf() -> bytes:
    return html_to_pdf(f"<html lang='en'><title>{MARK}</title><p>{MARK}-in-a-pdf</p></html>", title=f"{MARK}-title")


@pytest.fixture(scope="module")
def public_pdf() -> bytes:
    return html_to_pdf(f"<html lang='en'><title>x</title><p>{SEEN}</p></html>", title=SEEN)


@pytest.fixture
def add_documents(officer, private_pdf, public_pdf) -> Callable[..., None]:
    """Files in every state in which they may be, and one that is public; all of them marked when `none_is_public`."""

    def add(application: PlanningApplication, *, none_is_public: bool = False) -> None:
        def document(*, is_public: bool, **fields) -> Document:
            is_public = is_public and not none_is_public
            row = fill(Document, application, officer) | {"fetch_status": "here", "file": "", "thumbnail": ""}
            row |= {"clean_file": "", "clean_mime_type": "application/pdf"}
            row |= {"superseded_by": None, "redacted_from": None, "page_count": None}
            if not is_public:
                row |= {"title": f"{MARK}-title", "drawing_number": MARK, "revision": MARK, "types": [MARK]}
            made = Document(**row | {"mime_type": "application/pdf"} | fields)
            content = public_pdf if is_public else private_pdf
            made.file.save("x.pdf", ContentFile(content), save=False)
            made.clean_file.save("x.clean.pdf", ContentFile(content), save=False)
            made.size = made.clean_size = len(content)
            made.save()
            return made

        published = {"public_status": PublicStatus.PUBLISH}
        current = document(is_public=True, **published)
        document(is_public=True, **published, superseded_by=current)
        original = document(is_public=False, public_status=PublicStatus.WITHHOLD)
        document(is_public=True, **published, redacted_from=original)
        document(is_public=False, public_status=PublicStatus.NOT_ASSESSED)
        document(is_public=False, public_status=PublicStatus.NOT_ASSESSED, superseded_by=current)
        document(is_public=False, **published, scan_status=Document.ScanStatus.INFECTED)

    return add


@pytest.fixture
def add_comments(officer) -> Callable[..., None]:
    """Published ones of each kind, with only their redacted text public, and ones that nobody has published."""

    def add(application: PlanningApplication, *, none_is_public: bool = False, organisations_are: str = MARK) -> None:
        for kind in Comment.Kind:
            for published_at in (timezone.now(), None):
                row = fill(Comment, application, officer) | {"kind": kind, "published_at": published_at}
                if published_at is None or none_is_public:
                    row |= {"redacted_text": MARK, "organisation": organisations_are, "address": MARK}
                row |= {"sentiment": Sentiment.NEUTRAL, "topics": ["design"], "submission_key": f"{kind}{published_at}"}
                Comment.objects.create(**row)

    return add


def add_parties(application: PlanningApplication) -> None:
    """Who applies and for whom is public by name, and nothing else of them; others are not public at all."""
    applicant = application.parties.get(role=Party.Role.APPLICANT)
    for role in (Party.Role.APPLICANT, Party.Role.AGENT, Party.Role.OWNER, Party.Role.SITE_CONTACT):
        party = applicant if role == Party.Role.APPLICANT else Party(application=application, role=role)
        is_named = role in {Party.Role.APPLICANT, Party.Role.AGENT}
        party.first_name = party.last_name = party.company = SEEN if is_named else f"{MARK}-{role}"
        party.address = party.phone = party.interest = party.no_notice_reason = f"{MARK}-{role}"
        party.email = f"{MARK}-{role}@example.com"
        party.save()


def submitted() -> bytes:
    """A submission as it arrives, with the marker wherever it may name somebody or answer something."""
    sent = payload()
    data = sent["data"]
    mark = f"{MARK}-submission"
    data["applicant"] = marked_everywhere(
        data["applicant"], mark, frozenset({"type", "role", "interest", "certificate"})
    )
    data["application"] = marked_everywhere(data["application"], mark, frozenset({"type"}))
    data["application"]["fee"] |= {"calculated": float(FEE), "payable": float(FEE)}
    data["proposal"]["description"] = mark
    data["property"]["address"]["singleLine"] = mark
    for name in ("responses", "files", "preAssessment"):
        sent[name] = marked_everywhere(sent[name], mark, frozenset({"value"}))
    return json.dumps(sent).encode()


@pytest.fixture
def full_of_private_words(make_public, add_documents, add_comments, monkeypatch):
    """full_of_private_words(officer=…) → a public application with the marker in everything of it that is private."""
    monkeypatch.setitem(GIVEN, "submission", {"outcome": "accepted", "body": submitted()})

    def make(*, officer: User, once_decided: bool = False, **fields) -> PlanningApplication:
        words = dict.fromkeys(("description", "ward", "parish"), SEEN)
        application = make_public(officer=officer, **words, **own_private_fields(), **fields)
        public = PUBLIC | (PUBLIC_ONCE_DECIDED if once_decided else {})
        names = plant(application, officer, public, but=frozenset({"decisionnotice"} if once_decided else ()))
        assert {"submission", "casenote", "recommendation", "message", "sitevisit", "alert", "commentdraft"} <= names
        add_parties(application)
        add_documents(application)
        # Which bodies answered, the report says, whether their answers are published or not.
        add_comments(application, organisations_are=SEEN if once_decided else MARK)
        return application

    return make


@pytest.fixture
def planted(full_of_private_words, make_user, authority) -> PlanningApplication:
    officer = make_user("secret", PLANNING_OFFICER, authority=authority)
    User.objects.filter(pk=officer.pk).update(first_name=f"{MARK}-officer", last_name=f"{MARK}-officer")
    officer.refresh_from_db()
    return full_of_private_words(officer=officer)


@pytest.fixture
def decided(full_of_private_words, officer, manager) -> PlanningApplication:
    """The same with a notice that was signed off and issued: then the report, its author and reasons are public."""
    load_notice_templates()
    application = full_of_private_words(type_code="ldc.proposed", officer=officer, once_decided=True)
    approve(submit_for_sign_off(draft_notice(application, by=officer), by=officer), by=manager)
    application.refresh_from_db()
    return application


@pytest.fixture
def hidden(make_public, add_documents, add_comments, officer, other_authority) -> list[PlanningApplication]:
    """Applications of which nothing is public here, not even that they are there."""
    words = dict.fromkeys(("description", "address", "ward", "parish"), f"{MARK}-hidden")

    def make(name: str, type_code: str = "pp.full.householder", **fields) -> PlanningApplication:
        application = make_public(type_code, reference=f"26-{MARK}-{name}", **words | {"postcode": "ZZ9 9ZZ"} | fields)
        application.parties.update(first_name=MARK, last_name=MARK)
        add_documents(application, none_is_public=True)
        add_comments(application, none_is_public=True)
        PreviousReference.objects.create(
            application=application, authority=application.authority, reference=f"25-{MARK}-{name}"
        )
        return application

    return [
        make("unpublished", published_at=None),
        *(make(status, status=Status(status)) for status in ("pending", "not_started", "invalidated", "returned")),
        make("advice", "preApp"),
        make("other", authority=other_authority),
    ]


def values_of(*applications: PlanningApplication) -> dict[str, list]:
    """What can stand in the places of addresses, by the name of the place."""
    references = [in_address(application.reference) for application in applications]
    documents = list(Document.objects.order_by("pk").values_list("pk", flat=True))  # of hidden applications too
    comments = list(Comment.objects.order_by("pk").values_list("pk", flat=True))
    return {
        "reference": references,
        "pk": documents,
        "document_id": documents,
        "comment_id": comments,
        "specialist_id": comments,
        "uprn": [application.uprn for application in applications[:1]],
        "version": [1],
        "slug": list(DATASETS),
        "extension": ["csv", "json"],
        "token": [NOBODYS],
        "key": [NOBODYS],
        "question": ["name"],
        "number": [1],
    }


def marks_in(crawl: Crawl) -> dict[str, list[str]]:
    shown = {address: sorted(set(re.findall(rf"{CUT}[\w@.-]*", read.text))) for address, read in crawl.read.items()}
    return {address: marks for address, marks in shown.items() if marks}


@pytest.mark.pdf
def test_nothing_public_shows_anything_private(visitor, authority, planted, decided, hidden):
    """Opened once and looked at from four sides: it takes half a minute."""
    give_public_site(authority)
    base, after = (f"/planning-applications/{one.reference}/" for one in (planted, decided))
    # Private words cannot be searched for. (The marker itself would be said back.)
    searched = ["/planning-applications/?q=private", "/planning-applications.csv?q=private"]
    values = values_of(planted, decided)
    consultees = visitor.get(f"/api/@next/public/applications/{planted.reference}/specialistComments").json()
    values["specialist_id"] = re.findall(r"'id': '([^']+)'", str(consultees))
    crawl = Crawl(visitor, authority.site.hostname, values).everything(PUBLIC_NAMES, "/", *searched)

    # It went everywhere: a new address is opened by itself, or stands on one of the lists above with its reason.
    assert PUBLIC_NAMES - set(NOT_OPENED) - FOR_HOLDERS - crawl.reached == set()
    assert {read.view_name for read in crawl.read.values()} >= FOR_HOLDERS
    # Nothing failed on the way.
    assert [address for address, read in crawl.read.items() if read.status >= 500] == []
    # Public words were there to be seen: in pages, feeds, files, PDFs, ZIPs and answers of the APIs.
    for address in (
        base, f"{base}comments/", f"{base}documents.zip", f"{after}decision/", f"{after}decision/1.json",
        f"{after}decision/1.pdf", f"{after}officer-report/", f"{after}officer-report.pdf", "/register.csv",
        "/register.json", "/register.geojson", "/planning-applications.atom", "/planning-applications.csv",
        "/open-data/planning-application.json", "/open-data/planning-application-document.csv",
        f"/api/v2/public/planning_applications/{planted.reference}", "/api/@next/public/applications",
    ):  # fmt: skip
        assert SEEN in crawl.read[address].text, address

    assert marks_in(crawl) == {}
    assert [address for address, read in crawl.read.items() if FEE_WRITTEN.search(read.text)] == []
    assert [address for address, read in crawl.read.items() if "ZZ9 9ZZ" in read.text] == []  # of hidden ones
    assert [address for address in searched if planted.reference in crawl.read[address].text] == []


def test_what_is_hidden_is_not_there(visitor, hidden, decided):
    """The address of something hidden answers as one of something that never was."""
    for application in hidden:
        for reference in (application.reference, application.previous_references.get().reference):
            base = f"/planning-applications/{reference}/"
            documents = [f"documents/{document.pk}/" for document in application.documents.all()]
            for tail in ("", "comments/", "documents/", "documents.zip", "changes.atom", "decision/", *documents):
                assert visitor.get(f"{base}{tail}").status_code == 404, f"{base}{tail}"
    for document in decided.documents.exclude(pk__in=Document.objects.public()):
        answer = visitor.get(f"/planning-applications/{decided.reference}/documents/{document.pk}/")
        assert answer.status_code == 404


def test_alerts_and_unfinished_comments_are_behind_their_tokens(planted):
    """What the crawl planted is there: with tokens that it was not told."""
    assert Alert.objects.filter(application=planted, email__startswith=MARK).exists()
    assert MARK in json.dumps(CommentDraft.objects.get(application=planted).answers)


@pytest.mark.parametrize(
    "written", ["£98,765.43", "98765.43,", '"98765.43"', '": 98765', '":98765,', "a,98765,b", "£98765", "9876543"]
)
def test_the_fee_is_seen_however_it_is_written(written):
    assert FEE_WRITTEN.search(written)


@pytest.mark.parametrize("number", ["a98765e1", "0000098765 00000 n", "10:00:00.987654Z", "startxref\n98765\n"])
def test_the_digits_of_the_fee_in_another_number_are_not_the_fee(number):
    """A random hash, or the place of something in a PDF."""
    assert not FEE_WRITTEN.search(number)


def test_files_are_read_from_within(private_pdf):
    """The crawl would see what is packed: in a PDF, and in a PDF in a ZIP."""
    from zipfile import ZIP_DEFLATED, ZipFile

    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as file:
        file.writestr("plan.pdf", private_pdf)
    assert MARK.encode() not in packed.getvalue()
    assert f"{MARK}-in-a-pdf" in "\n".join(texts_in(packed.getvalue()))
    assert f"{MARK}-title" in "\n".join(texts_in(private_pdf))


def test_a_public_document_says_nothing_of_its_private_fields(visitor, planted):
    document = planted.documents.filter(public_status="publish").exclude(scan_status="infected").first()
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
