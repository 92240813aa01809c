"""Makes the demonstration: councils, people, pages and cases. Never in production settings."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from wagtail.models import Site

from accounts.models import LocalAuthority, User
from accounts.public_address import installation_address
from accounts.roles import ADMINISTRATOR, PLANNING_MANAGER, PLANNING_OFFICER, SUPPORT_OFFICER
from cases.models import ApplicationType, InvalidReason, PlanningApplication, Policy, Requirement
from notices.models import LetterTemplate, NoticeTemplate

from .course import Course
from .stages import People
from .stories import stories

PASSWORD = "turbinehall"  # noqa: S105 - the published preview's; the accounts cannot exist in production
MAIN_CODE = "BKM"  # the sender of the schema's own certificate example, so that it can be posted to the demonstration
# Codes of the other examples' councils: small tenants that show that councils never meet.
NEIGHBOURS = {"CMD": "Canalside", "LBH": "Marsh and Lane", "SWK": "Bankside Green"}
LOCAL_PLAN = "Chiltern Vale Local Plan 2024 to 2040"
LOCAL_POLICIES = [
    ("DM1", "Design and the character of places"),
    ("DM2", "Living conditions of neighbours"),
    ("DM7", "Access and parking"),
    ("DM12", "Trees, hedges and landscape"),
    ("HE3", "Conservation areas and listed buildings"),
]
# The local list: what the council asks for beyond the national list, and where. Its neighbours have none.
LOCAL_LIST = [
    (
        "heritage-statement",
        "Heritage statement",
        "heritage-statement-missing",
        ["heritageStatement"],
        ["listed", "designated.conservationArea"],
    ),
    (
        "flood-risk-assessment",
        "Flood risk assessment",
        "flood-risk-assessment-missing",
        ["floodRiskAssessment"],
        ["flood.zoneTwo", "flood.zoneThree"],
    ),
    ("tree-survey", "Tree survey", "tree-information-missing", ["treeSurvey", "arboriculturistReport"], ["tpo"]),
]
# Command → whether it was run here before, in the order in which they are run.
BEGINNINGS: dict[str, Callable[[], bool]] = {
    "load_reference_data": ApplicationType.objects.exists,
    "setup_roles": Group.objects.filter(name=PLANNING_MANAGER).exists,
    "load_notice_templates": NoticeTemplate.objects.exists,
    "load_letter_templates": LetterTemplate.objects.exists,
}
PERMISSIONS = ["pp.full.householder", "pp.full.minor", "pp.full.major", "listed"]


def load(*, tell: Callable[[str], None], now: datetime | None = None) -> int:
    """Make what is missing of the demonstration in a migrated database, as often as you like; the number of new cases.

    Raises ImproperlyConfigured in production.
    """
    people = begin(tell=tell)
    made = 0
    told = stories()
    for number, story in enumerate(told, start=1):
        if _is_told(people.authority, story):
            continue
        with transaction.atomic():
            application = Course(story, people, now=now or timezone.now()).run()
        made += 1
        tell(f"{number:3} of {len(told)}  {application.reference}  {story.ending}")
    return made


def begin(*, tell: Callable[[str], None]) -> People:
    """What is the same on every day: the data of every installation, councils with their websites, and people."""
    refuse_in_production()
    bring_what_is_missing(tell=tell)
    people = make_people(make_councils())
    call_command("setup_site", authority=MAIN_CODE, verbosity=0)
    _, port = installation_address()
    for code in NEIGHBOURS:
        call_command("setup_site", authority=code, hostname=f"{code.lower()}.localhost", port=port, verbosity=0)
    return people


def bring_what_is_missing(*, tell: Callable[[str], None]) -> None:
    """Load what every installation begins with, where this one has nothing of it yet; what is there stays as it is."""
    for command, is_there in BEGINNINGS.items():
        if not is_there():
            tell(f"bin/manage {command} comes first: running it.")
            call_command(command, verbosity=0, stdout=io.StringIO())


def refuse_in_production() -> None:
    if settings.IS_PRODUCTION:
        raise ImproperlyConfigured("Demonstration data and its well-known passwords never exist in production.")


def _is_told(authority: LocalAuthority, story) -> bool:
    return PlanningApplication.objects.filter(
        authority=authority, uprn=story.place.uprn, description_as_submitted=story.description
    ).exists()


def make_councils() -> LocalAuthority:
    """The main council at the default site, and its neighbours at host names of their own."""
    default = Site.objects.filter(is_default_site=True).first()
    if default:
        _answer_here(default)
    main, _ = LocalAuthority.objects.update_or_create(
        code=MAIN_CODE,
        defaults={
            "name": "Chiltern Vale Council",
            "short_name": "Chiltern Vale",
            "client_name": "chiltern-vale",
            "site": default,
            "address": "Planning Department\nThe Old Maltings\nHigh Street\nBeaconsfield\nHP9 1ZZ",
            "email": "planning@chilternvale.example",
            "phone": "01632 960100",
            "signatory_name": "Rosalind Hart",
            "signatory_job_title": "Head of Planning",
            "brand_colour": "#1d5d4e",
        },
    )
    for code, name in NEIGHBOURS.items():
        LocalAuthority.objects.get_or_create(
            code=code,
            defaults={
                "name": f"{name} Council",
                "short_name": name,
                "client_name": slugify(name),
                "email": f"planning@{code.lower()}.example",
                "signatory_name": "The Director of Planning",
                "signatory_job_title": "Director of Planning",
            },
        )
    for number, title in LOCAL_POLICIES:
        Policy.objects.get_or_create(
            authority=main,
            slug=f"local-{number.lower()}",
            defaults={"plan": LOCAL_PLAN, "number": number, "title": title, "is_development_plan": True},
        )
    _make_local_list(main)
    return main


def _make_local_list(authority: LocalAuthority) -> None:
    """Reviewed in the spring, so it binds what is made today."""
    reviewed_on = timezone.localdate() - timedelta(days=200)
    authority.local_list_reviewed_on = authority.local_list_reviewed_on or reviewed_on
    authority.local_list_url = "https://chilternvale.example/local-list"
    authority.save(update_fields=["local_list_reviewed_on", "local_list_url"])
    for number, (slug, title, reason, types, constraints) in enumerate(LOCAL_LIST, start=1):
        Requirement.objects.get_or_create(
            authority=authority,
            slug=slug,
            defaults={
                "title": title,
                "basis": f"Chiltern Vale local list, item {number}",
                "document_types": types,
                "rule": Requirement.Rule.DOCUMENT,
                "application_types": PERMISSIONS,
                "constraints": constraints,
                "reason": InvalidReason.objects.filter(slug=reason).first(),
                "sort_order": 900 + number,
            },
        )


def _answer_here(site: Site) -> None:
    """Links in letters and files lead to where the demonstration runs, whatever its port is today."""
    site.hostname, site.port = installation_address()
    site.save()


def _installation_administrator() -> None:
    """Belongs to no council, so may change what all share: application types, notice templates, councils."""
    if not User.objects.filter(email="admin@example.com").exists():
        User.objects.create_superuser("admin@example.com", PASSWORD, first_name="Ada", last_name="Whitlock")


def make_people(authority: LocalAuthority) -> People:
    """The logins that the README names, and two colleagues. Passwords are set once, not on every run."""

    def person(email: str, first: str, last: str, job: str, *groups: str) -> User:
        user = User.objects.filter(email=email).first()
        if user is None:
            user = User.objects.create_user(
                email, PASSWORD, first_name=first, last_name=last, job_title=job, authority=authority
            )
        user.groups.set(Group.objects.filter(name__in=groups))
        return user

    _installation_administrator()
    person("council.admin@example.com", "Ade", "Marlow", "System administrator", ADMINISTRATOR)
    return People(
        authority=authority,
        support=person("support@example.com", "Sol", "Adeyemi", "Planning support officer", SUPPORT_OFFICER),
        assessor=person("assessor@example.com", "Amina", "Clarke", "Planning officer", PLANNING_OFFICER),
        second_assessor=person("assessor2@example.com", "Tom", "Bright", "Senior planning officer", PLANNING_OFFICER),
        reviewer=person("reviewer@example.com", "Rosalind", "Hart", "Planning manager", PLANNING_MANAGER),
    )
