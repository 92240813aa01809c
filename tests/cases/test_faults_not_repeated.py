"""What a system in use today gets wrong with requests, documents, intake and dates: here it is right.

docs/faults-not-repeated.md lists every one of these faults, and which test (here or elsewhere) holds the right
behaviour. The tests are named after that.
"""

import io
from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import ApiToken
from cases.application.ending import withdraw
from cases.application.facts import change_facts, change_type
from cases.decision.extension import agree_extension, ask_for_extension
from cases.intake.on_paper import enter_application
from cases.intake.planning_portal import take_in_delivery, upload
from cases.intake.receiving import receive
from cases.models import ApplicationType, Document, PlanningApplication, ValidationRequest
from cases.request_kinds import KINDS
from cases.requests.answers.settling import leave_as_it_was
from cases.requests.raising import draft_request
from cases.requests.sending import send_requests
from cases.statuses import Status
from cases.validation.validity import invalidate, validate
from notices.correspondence import silence
from notices.models import Message
from tests.cases import asking
from tests.cases.intake.test_planning_portal import package
from tests.cases.payloads import as_bytes, payload
from tests.clock import at, moment
from tests.database import give_public_site
from tests.home.odp import BASE

pytestmark = pytest.mark.django_db
Kind = ValidationRequest.Kind


@pytest.fixture
def householder(make_application, officer):
    """Received on 1 June 2026 and complete; nobody has looked yet."""
    return make_application("pp.full.householder", officer=officer)


@pytest.fixture
def in_assessment(make_application, officer):
    """Valid from 1 June 2026, due on 27 July 2026."""
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=officer)


def days(application) -> tuple[date | None, date | None, date | None]:
    application.refresh_from_db()
    return application.valid_from, application.statutory_expiry_on, application.expires_on


# --- Extensions of time (12, 13) --------------------------------------------------------------------------------------


def test_an_agreed_extension_outlives_every_later_save_and_every_new_count(in_assessment, officer):
    agreed = date(2026, 9, 30)
    agree_extension(
        in_assessment,
        agreed_until=agreed,
        agreed_with="A. Agent",
        agreed_in_writing_on=date(2026, 7, 1),
        evidence="E-mail of 1 July",
        by=officer,
    )

    in_assessment.save()
    change_facts(in_assessment, by=officer, is_eia=True)
    assert days(in_assessment)[2] == agreed, "16 weeks end earlier, on 21 September"
    change_facts(in_assessment, by=officer, is_eia=False)
    change_type(
        in_assessment,
        application_type=ApplicationType.objects.get(code="pp.full.minor"),
        because="Two houses",
        by=officer,
    )
    assert days(in_assessment)[2] == agreed
    draft_request(
        in_assessment, kind=Kind.FEE, title="Fee", text="Too low.", what_to_send="Please pay the rest.", by=officer
    )
    invalidate(in_assessment, by=officer)
    assert days(in_assessment) == (None, None, None), "what is not valid is due on no day"
    in_assessment.validation_requests.update(
        outcome="cancelled", cancelled_because="It was paid.", resolved_at=timezone.now()
    )
    validate(in_assessment, by=officer)

    assert days(in_assessment)[2] == agreed


@pytest.mark.parametrize("word", ["disagreed", "withdrawn", "never answered"])
def test_only_an_accepted_extension_moves_the_day(make_application, officer, word):
    application = make_application(
        "pp.full.householder",
        status=Status.IN_ASSESSMENT,
        officer=officer,
        received_on=timezone.localdate() - timedelta(days=20),
    )
    before = days(application)
    request = ask_for_extension(
        application, until=before[2] + timedelta(days=28), reason="Amended plans are to come.", by=officer
    )

    if word == "disagreed":
        leave_as_it_was(asking.answer(request, "disagreed", text="No."), because="They would rather not.", by=officer)
    elif word == "withdrawn":
        withdraw(application, by=officer, note="By e-mail")
    else:
        with at(request.due_on + timedelta(days=30)):
            silence.sweep()

    assert days(application) == before
    assert not application.extensions.exists()
    assert not application.events.filter(kind="extension_agreed").exists()


# --- Dates (14, 15, 18) -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", ["Open Digital Planning", "Planning Portal", "by hand"])
def test_a_new_application_has_no_day_of_anything_that_has_not_happened(authority, support_officer, door):
    new = came_in(door, authority, by=support_officer)

    names = [
        "valid_from", "validated_on", "invalidated_on", "statutory_expiry_on", "expires_on", "consultation_ends_on",
        "decided_on", "withdrawn_on", "returned_on", "closed_on", "committee_on", "published_at",
    ]  # fmt: skip
    assert {name: getattr(new, name) for name in names if getattr(new, name) is not None} == {}
    assert new.received_on


def came_in(door: str, authority, *, by) -> PlanningApplication:
    """An application as it stands when it has come in by this door."""
    if door == "by hand":
        householder = ApplicationType.objects.get(code="pp.full.householder")
        entered = enter_application(
            application_type=householder,
            description="A porch",
            address="1 High Street",
            applicant={},
            received_on=date(2026, 6, 1),
            by=by,
        )
        return PlanningApplication.objects.get(pk=entered.pk)
    if door == "Planning Portal":
        take_in_delivery.call(upload(io.BytesIO(package()), authority=authority, by=by).pk)
        return PlanningApplication.objects.get()
    about = {"content_type": "application/json", "through": "test"}
    return PlanningApplication.objects.get(pk=receive(as_bytes(payload()), authority=authority, **about).application.pk)


def test_the_sixteen_weeks_of_an_eia_application_count_from_validity_whenever_it_is_found_out(
    make_application, officer
):
    known_before = make_application("pp.full.major", officer=officer, is_eia=True)
    missing = draft_request(
        known_before,
        kind=Kind.ADDITIONAL_DOCUMENT,
        title="Statement",
        text="None came.",
        what_to_send="Please send it.",
        by=officer,
    )
    ValidationRequest.objects.filter(pk=missing.pk).update(
        outcome="accepted", arrived_on=date(2026, 6, 19), resolved_at=timezone.now()
    )
    validate(known_before, by=officer)
    assert days(known_before)[:2] == (date(2026, 6, 19), date(2026, 6, 19) + timedelta(weeks=16))

    found_later = make_application("pp.full.major", status=Status.IN_ASSESSMENT, officer=officer)
    assert days(found_later)[1] == date(2026, 6, 1) + timedelta(weeks=13)
    change_facts(found_later, by=officer, is_eia=True)
    assert days(found_later)[1:] == (date(2026, 6, 1) + timedelta(weeks=16),) * 2


def test_an_undecided_application_has_no_day_of_decision_in_any_api(client, authority, make_application):
    give_public_site(authority)
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT, published_at=timezone.now())
    _, secret = ApiToken.create(authority=authority, name="Reader", scopes=["read"])
    host = {"host": authority.site.hostname}
    answers = [
        client.get(f"{BASE}/{application.reference}", headers=host),
        client.get(f"/api/v2/public/planning_applications/{application.reference}", headers=host),
        client.get(
            f"/api/v2/planning_applications/{application.reference}", headers={"Authorization": f"Bearer {secret}"}
        ),
    ]

    for answer in answers:
        assert answer.status_code == 200
        told = {name: value for name, value in leaves(answer.json()) if "decision" in name or "determin" in name}
        assert not [value for value in told.values() if str(value)[:4].isdigit()], told
        assert told, "the test looks at something"


def leaves(value, name=""):
    """Every (key, value) of a nested answer; keys in small letters."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, key.lower())
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, name)
    else:
        yield name, value


# --- No answer (17) ---------------------------------------------------------------------------------------------------

NEW_WORDS = "Single storey rear extension, 4 metres deep"


def sent_on(request: ValidationRequest, day: date, officer) -> ValidationRequest:
    """Send it on this day, and have its letter leave at once."""
    with at(day):
        send_requests([request], by=officer)
    request.refresh_from_db()
    return request


def letter_left(request: ValidationRequest, day: date) -> None:
    assert request.messages.exists(), "a letter is about the request"
    request.messages.update(status=Message.Status.SENT, sent_at=moment(day) + timedelta(hours=1))


def swept_on(day: date) -> None:
    with at(day):
        silence.sweep()


def test_silence_counts_from_the_day_it_was_sent_and_not_from_the_day_it_was_drafted(
    householder, officer, django_capture_on_commit_callbacks
):
    with at("2026-06-01 10:00"):
        request = draft_request(
            householder,
            kind=Kind.DESCRIPTION,
            title="Description",
            text="It leaves out the porch.",
            proposed_description=NEW_WORDS,
            by=officer,
        )
    with django_capture_on_commit_callbacks(execute=True):
        sent_on(request, date(2026, 7, 1), officer)  # a Wednesday, a month later
    letter_left(request, date(2026, 7, 1))

    swept_on(date(2026, 7, 2))
    swept_on(date(2026, 7, 8))  # the fifth working day
    householder.refresh_from_db()
    assert householder.description != NEW_WORDS
    swept_on(date(2026, 7, 9))

    householder.refresh_from_db()
    assert householder.description == NEW_WORDS


def test_a_letter_that_never_left_starts_no_time(householder, officer, django_capture_on_commit_callbacks):
    request = draft_request(
        householder,
        kind=Kind.DESCRIPTION,
        title="Description",
        text="It leaves out the porch.",
        proposed_description=NEW_WORDS,
        by=officer,
    )
    with django_capture_on_commit_callbacks(execute=True):
        sent_on(request, date(2026, 7, 1), officer)
    assert set(request.messages.values_list("status", flat=True)) == {Message.Status.HELD}

    swept_on(date(2026, 12, 1))

    request.refresh_from_db()
    assert (request.answer, request.outcome) == ("", "")


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {Kind.DESCRIPTION, Kind.PRE_COMMENCEMENT}))
def test_silence_accepts_nothing_but_a_description_and_a_condition(
    make_application, officer, kind, django_capture_on_commit_callbacks
):
    status = Status.NOT_STARTED if KINDS[kind].before_valid else Status.IN_ASSESSMENT
    application = make_application(
        "pp.full.householder", status=status, officer=officer, received_on=timezone.localdate() - timedelta(days=7)
    )
    before = PlanningApplication.objects.filter(pk=application.pk).values("boundary", "description", "expires_on").get()
    with django_capture_on_commit_callbacks(execute=True):
        request = asking.ask(application, kind, by=officer, **facts_of(kind, application))
    request.messages.update(status=Message.Status.SENT, sent_at=timezone.now())

    swept_on(timezone.localdate() + timedelta(days=365))

    request.refresh_from_db()
    assert (request.answer, request.outcome) == ("", "")
    assert PlanningApplication.objects.filter(pk=application.pk).values(*before).get() == before


def facts_of(kind: str, application: PlanningApplication) -> dict:
    """What a request of this kind proposes."""
    if kind == Kind.RED_LINE:
        return {"proposed_boundary": asking.LINE}
    if kind == Kind.EXTENSION_OF_TIME:
        return {"proposed_until": application.expires_on + timedelta(days=30)}
    if kind == Kind.REPLACEMENT_DOCUMENT:
        plan = Document.objects.create(
            application=application, title="Plan", file="plan.pdf", received_on=application.received_on
        )
        return {"document": plan}
    return {}


# --- Lists (22) -------------------------------------------------------------------------------------------------------


def test_a_type_of_which_there_is_none_lists_nothing(client, authority, officer, make_application):
    give_public_site(authority)
    application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT, published_at=timezone.now())
    none = ApplicationType.objects.get(code="hedgerowRemovalNotice")

    register = client.get("/planning-applications/", {"type": none.code}, headers={"host": authority.site.hostname})
    client.force_login(officer)
    cases = client.get("/admin/cases/", {"application_type": none.pk})

    assert application.reference in client.get("/admin/cases/").content.decode(), "without the filter it is there"
    for page in (register, cases):
        assert page.status_code == 200
        assert application.reference not in page.content.decode()


# --- Requests of every kind (29) --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {Kind.PRE_COMMENCEMENT}))
def test_a_request_of_every_kind_is_shown_answered_and_told_to_other_systems(
    client, authority, make_application, officer, kind
):
    give_public_site(authority)
    status = Status.NOT_STARTED if KINDS[kind].before_valid else Status.IN_ASSESSMENT
    application = make_application(
        "pp.full.householder", status=status, officer=officer, received_on=timezone.localdate() - timedelta(days=7)
    )
    request = asking.ask(application, kind, by=officer, **facts_of(kind, application))
    _, secret = ApiToken.create(authority=authority, name="Reader", scopes=["read"])

    told = client.get(
        f"/api/v2/planning_applications/{application.reference}/validation_requests",
        headers={"Authorization": f"Bearer {secret}"},
    )
    asking.answer(request, "disagreed", text="We think that this is not needed.")

    assert told.status_code == 200
    assert len(told.json()["data"]) == 1
    request.refresh_from_db()
    assert request.state == ValidationRequest.State.ANSWERED
