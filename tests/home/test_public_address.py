"""A council's public address is set in one place, and every whole address that we give out begins with it."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone
from wagtail.models import Site

from accounts.models import ApiToken, FormerAddress, LocalAuthority
from accounts.public_address import public_url
from cases.models import PlanningApplication, Recommendation, ValidationRequest
from cases.statuses import Status
from home.models import StandardPage
from home.site_tree import set_up_site
from notices.drafting.templates import load_notice_templates
from notices.issuing.issue import verify_url
from notices.letters.fields import Letter, answer_link, register_url
from notices.signoff.approving import approve
from notices.signoff.drafting import draft_notice
from notices.signoff.submitting import submit_for_sign_off
from tests.database import give_public_site
from tests.home.applicants import Applicant, ask

pytestmark = pytest.mark.django_db
REPOSITORY = Path(__file__).resolve().parents[2]
OLD, NEW = "testshire.example", "planning.testshire.example"
LIST = "/planning-applications/"
# Addresses of other people that our answers name: of schemas, name spaces, licences and planning data.
OTHERS = re.compile(
    r"https?://(www\.w3\.org|www\.sitemaps\.org|theopensystemslab\.github\.io|www\.nationalarchives\.gov\.uk|"
    r"(www|files)\.planning\.data\.gov\.uk|www\.planning\.data\.gov\.uk|www\.gov\.uk)"
)
WHOLE = re.compile(r"https?://[A-Za-z0-9.:-]+")


@pytest.fixture
def authority(authority) -> LocalAuthority:
    """With its pages, which would be made by the command else: that is another test's matter, and slow."""
    give_public_site(authority)
    return LocalAuthority.objects.select_related("site").get(pk=authority.pk)


@pytest.fixture
def decided(make_public, officer, manager) -> PlanningApplication:
    application = make_public("ldc.proposed", status=Status.IN_ASSESSMENT, officer=officer)
    application.refusal_reasons.create(title="Too high", text="The eaves are higher than 3 metres.")
    Recommendation.objects.create(application=application, decision="ldc_refused", summary="Too high.", by=officer)
    load_notice_templates()
    notice = submit_for_sign_off(draft_notice(application, by=officer), by=officer)
    approve(notice, by=manager)
    return PlanningApplication.objects.get(pk=application.pk)


def move(authority: LocalAuthority, hostname: str = NEW, **where) -> LocalAuthority:
    call_command("setup_site", authority=authority.code, hostname=hostname, verbosity=0, **where)
    return LocalAuthority.objects.select_related("site").get(pk=authority.pk)


# --- One setting ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hostname", "port", "root"),
    [
        (NEW, 443, f"https://{NEW}"),
        (NEW, 80, f"http://{NEW}"),
        (NEW, 8443, f"http://{NEW}:8443"),
        ("PLANNING.Testshire.Example", 443, f"https://{NEW}"),
    ],
)
def test_it_is_changed_by_running_the_command_again(authority, hostname, port, root):
    assert public_url(move(authority, hostname, port=port)) == root


@pytest.mark.parametrize(
    ("redirects", "installation", "root"),
    [
        (True, "http://127.0.0.1:8000", f"https://{NEW}"),
        (False, "https://office.example", f"https://{NEW}"),
        (False, "http://127.0.0.1:8000", f"http://{NEW}"),
    ],
)
def test_a_host_name_alone_is_https_wherever_the_installation_is(authority, settings, redirects, installation, root):
    settings.SECURE_SSL_REDIRECT, settings.WAGTAILADMIN_BASE_URL = redirects, installation
    LocalAuthority.objects.update(site=None)
    assert public_url(move(authority)) == root


def test_what_was_set_up_as_http_becomes_https(authority, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert public_url(move(authority, OLD)) == f"https://{OLD}"


def test_the_port_alone_can_be_changed_and_nothing_is_by_naming_neither(authority):
    call_command("setup_site", authority="BKM", port=443, verbosity=0)
    call_command("setup_site", authority="BKM", verbosity=0)
    assert public_url(LocalAuthority.objects.get()) == f"https://{OLD}"


def test_without_a_host_name_it_is_the_address_of_the_installation(authority, settings):
    settings.WAGTAILADMIN_BASE_URL = "https://bops.example"
    LocalAuthority.objects.update(site=None)
    Site.objects.exclude(pk=authority.site.pk).delete()
    Site.objects.update(hostname="localhost", port=80, is_default_site=True)
    call_command("setup_site", authority="BKM", verbosity=0)
    council = LocalAuthority.objects.get()
    assert public_url(council) == "https://bops.example"
    assert StandardPage.objects.first().full_url.startswith("https://bops.example/")
    assert not council.former_addresses.exists()


@pytest.mark.parametrize(
    ("hostname", "port", "words"),
    [
        ("elsewhere.example", 80, "is the address of another site already"),
        ("https://planning.example", 443, "is not a host name"),
        ("planning.example/", 443, "is not a host name"),
        ("planning.example", 70_000, "is not a port"),
        ("planning.example", -1, "is not a port"),
    ],
)
def test_an_address_that_cannot_be_is_refused_in_words(authority, other_authority, hostname, port, words):
    with pytest.raises(CommandError, match=words):
        move(authority, hostname, port=port)
    assert public_url(LocalAuthority.objects.get(pk=authority.pk)) == f"http://{OLD}"
    assert not FormerAddress.objects.exists()


def test_every_whole_address_follows_it(authority, decided, officer, make_document, make_comment, make_public):
    authority = move(authority, port=443)
    decided.authority = authority
    make_document(decided, "Site plan", "sitePlan.proposed")
    make_comment(decided, "Too high")
    other = make_public(status=Status.INVALIDATED)
    ask(other, ValidationRequest.Kind.DESCRIPTION, by=officer)
    applicant = Applicant(other)
    _, secret = ApiToken.create(authority=authority, name="Reader", scopes=["read"])
    reference = decided.reference

    # Whoever asks may call the host by another port; it is not what we answer with.
    client = Client(HTTP_HOST=f"{NEW}:8000", headers={"user-agent": "x"})
    paths = [
        "/sitemap.xml", "/robots.txt", "/planning-applications.atom", f"{LIST}{reference}/changes.atom",
        f"{LIST}property/{decided.uprn}.atom", f"{LIST}weekly/2026-W23.csv", "/register.csv", "/register.json",
        "/register.geojson", "/planning-applications.json", "/open-data/planning-application.json", "/open-data/",
        "/api/@next/public/applications", f"/api/@next/public/applications/{reference}",
        f"/api/@next/public/applications/{reference}/documents",
        "/api/v2/public/planning_applications/search", f"/api/v2/public/planning_applications/{reference}/documents",
        f"/api/v2/public/planning_applications/{reference}/submission",
    ]  # fmt: skip
    told = {path: client.get(path) for path in paths}
    with_token = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    for path in ("", "/search", f"/{reference}/documents", f"/{reference}"):
        address = f"/api/v2/planning_applications{path}"
        told[address] = client.get(address, **with_token)
    named = 0
    for path, answer in told.items():
        assert answer.status_code == 200, (path, answer.content[:300])
        text = b"".join(answer) if answer.streaming else answer.content
        ours = {found for found in WHOLE.findall(text.decode()) if not OTHERS.match(found)}
        assert ours <= {f"https://{NEW}"}, path
        named += bool(ours)
    assert named >= len(told) - 4

    letter = Letter(PlanningApplication.objects.get(pk=other.pk), applicant.link.party, (), applicant.link)
    page = StandardPage.objects.first()
    for address in (answer_link(letter), register_url(decided), verify_url(authority), page.full_url):
        assert address.startswith(f"https://{NEW}/")


def test_no_other_place_makes_whole_addresses():
    forbidden = re.compile(r"build_absolute_uri|\.root_url|\.full_url|WAGTAILADMIN_BASE_URL|get_current_site")
    found = set()
    for folder in ("site", "cases", "notices", "home"):
        for file in (REPOSITORY / folder).rglob("*.py"):
            if "migrations" not in file.parts and forbidden.search(file.read_text(encoding="utf-8")):
                found.add(str(file.relative_to(REPOSITORY)))
    assert found == {"site/accounts/public_address.py", "site/config/settings.py"}


# --- What was given out before ----------------------------------------------------------------------------------------


def followed(address: str) -> tuple[int, str]:
    """Status and address that a browser ends at."""
    for _ in range(5):
        scheme, _, rest = address.partition("://")
        host, _, path = rest.partition("/")
        answer = Client(HTTP_HOST=host).get(f"/{path}", secure=scheme == "https")
        if answer.status_code not in {301, 302}:
            return answer.status_code, address
        address = answer.headers["Location"]
        if address.startswith("/"):
            address = f"{scheme}://{host}{address}"
    raise AssertionError(f"In circles: {address}")


def test_the_address_in_a_sealed_notice_goes_on_working(authority, decided):
    notice = decided.issued_notices.get()
    sealed = f"http://{OLD}/verify-a-notice/"
    assert sealed in notice.html
    move(authority, port=443)
    asked = f"{sealed}?number={notice.snapshot_sha256}"
    assert followed(asked) == (200, asked.replace(f"http://{OLD}", f"https://{NEW}"))
    for address in (f"http://{OLD}", f"https://{OLD}", f"http://{OLD}:80", f"http://{OLD.upper()}"):
        assert followed(f"{address}/verify-a-notice/")[1] == f"https://{NEW}/verify-a-notice/"


def test_an_applicants_link_goes_on_working(authority, application, officer):
    ask(application, ValidationRequest.Kind.DESCRIPTION, by=officer)
    applicant = Applicant(application)
    move(authority, port=443)
    assert followed(f"http://{OLD}{applicant.at()}") == (200, f"https://{NEW}{applicant.at()}")


def test_a_form_that_was_open_when_the_council_moved_is_taken(authority, application, officer):
    asked = ask(application, ValidationRequest.Kind.DESCRIPTION, by=officer)
    applicant = Applicant(application)
    move(authority, port=443)
    applicant.answers(asked, answer="agreed")
    applicant.sends(asked)
    asked.refresh_from_db()
    assert asked.answered_at


def test_programs_and_officers_are_answered_where_they_are(authority, other_authority, make_public):
    other_authority.site.is_default_site = True
    Site.objects.exclude(pk=other_authority.site.pk).update(is_default_site=False)
    other_authority.site.save()
    application = make_public()
    move(authority, port=443)
    client = Client(HTTP_HOST=OLD)
    (shown,) = client.get("/api/@next/public/applications").json()["data"]
    assert shown["metadata"]["organisation"] == "BKM"
    assert shown["data"]["application"]["reference"] == application.reference
    assert client.get("/admin/login/").status_code == 200
    assert client.post(f"{LIST}").status_code == 405


@pytest.mark.parametrize("written", ["{}.", "{}.:80", "{}:443"])
def test_an_old_address_is_known_however_it_is_written(authority, settings, written):
    """With the root of all names at its end, as browsers send it when somebody types it so; with the usual port."""
    settings.ALLOWED_HOSTS = ["*"]
    old = authority.site.hostname
    now = move(authority)
    answer = Client().get("/planning-applications/", HTTP_HOST=written.format(old.upper()))
    assert (answer.status_code, answer.url) == (301, public_url(now, "/planning-applications/"))


def test_moving_on_and_back_makes_no_circles(authority):
    move(authority, port=443)
    move(authority, "third.example", port=8080)
    for host in (f"http://{OLD}", f"https://{NEW}"):
        assert followed(f"{host}/privacy/") == (200, "http://third.example:8080/privacy/")
    move(authority, OLD, port=80)
    for host in (f"https://{NEW}", "http://third.example:8080"):
        assert followed(f"{host}/privacy/") == (200, f"http://{OLD}/privacy/")
    assert followed(f"http://{OLD}/privacy/") == (200, f"http://{OLD}/privacy/")


def test_another_council_may_take_the_old_address(authority, other_authority):
    set_up_site(other_authority)
    move(authority, port=443)
    move(other_authority, OLD, port=80)
    assert "Elsewhere" in Client(HTTP_HOST=OLD).get("/").content.decode()
    assert followed("http://elsewhere.example/privacy/") == (200, f"http://{OLD}/privacy/")


def test_whoever_changes_it_the_old_one_is_remembered(authority):
    site = Site.objects.get(pk=authority.site.pk)
    site.hostname = NEW  # as Wagtail's own page for sites does it
    site.save()
    assert followed(f"http://{OLD}/privacy/") == (200, f"http://{NEW}/privacy/")
    council = LocalAuthority.objects.get()
    council.site = Site.objects.create(hostname="third.example", port=443, root_page=site.root_page)
    council.save()  # as the council's page in the admin does it
    assert set(FormerAddress.objects.values_list("host", flat=True)) == {OLD, NEW}
    assert Client(HTTP_HOST=NEW).get("/privacy/").headers["Location"] == "https://third.example/privacy/"


def test_where_visitors_are_sent_on_is_not_kept_for_good(authority):
    move(authority, port=443)
    answer = Client(HTTP_HOST=OLD).get("//evil.example/?a=b")
    assert answer.headers["Location"].startswith(f"https://{NEW}/")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"


def test_the_command_says_what_the_old_name_needs(authority, capsys):
    call_command("setup_site", authority="BKM", hostname=NEW, port=443)
    said = capsys.readouterr().out
    assert f"pages made at https://{NEW}/" in said
    assert f"Visitors of {OLD} are sent on" in said
    assert timezone.now() >= FormerAddress.objects.get().until
