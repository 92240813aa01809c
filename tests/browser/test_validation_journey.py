"""From an incomplete submission to a valid application, with the applicant: as its people do it in the browser.

The clock is moved from day to day; messages really go out, to a Notify of our own, and the applicant's link is read
from what came there.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from io import BytesIO
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.db import transaction
from playwright.sync_api import expect
from pypdf import PdfReader

from accounts.roles import PLANNING_MANAGER
from cases.models import PlanningApplication, ValidationRequest
from cases.statuses import PublicStatus, Status
from tests.browser.test_journey import send
from tests.browser.visitor import Visitor
from tests.cases import files, payloads
from tests.cases.conftest import server
from tests.clock import at
from tests.notices.fake_notify import notify_server

__all__ = ["notify_server", "server"]  # fixtures

PHONE = "01494 555123"
DESCRIPTION = "Single-storey rear extension, 3.5 metres deep, with a flat roof"
APPLICANT, OF_THE_SECOND_CASE = "ada@example.com", "famousfive@example.com"


class Calendar:
    """What day and time it is for everybody, the server's threads included."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def is_now(self, moment: str) -> None:
        self._stack.close()
        self._stack.enter_context(at(moment))


@pytest.fixture
def calendar() -> Iterator[Calendar]:
    with ExitStack() as stack:
        yield Calendar(stack)


@pytest.fixture
def authority(council):
    """Applications are made for the council whose site stands on the live server."""
    return council


@pytest.fixture
def token(council, capsys) -> str:
    call_command("create_api_token", authority=council.code, name="PlanX")
    return re.search(r"bops_\S+", capsys.readouterr().out).group()


@pytest.fixture
def submission(server) -> bytes:
    """A householder application without a location plan, without the proposed elevations and without a red line."""
    server.answers["/site.pdf"] = (200, {}, files.pdf(words="Site plan"))
    server.answers["/existing.pdf"] = (200, {}, files.pdf(words="Existing elevations"))
    incomplete = payloads.payload()
    data = incomplete["data"]
    del data["applicant"]["agent"], data["proposal"]["boundary"]
    data["applicant"]["ownership"] = {"interest": "owner.sole", "certificate": "a", "declaration": {"accurate": True}}
    data["property"]["planning"]["designations"] = []
    data["application"]["fee"] = {
        "calculated": 258,
        "payable": 258,
        "exemption": {},
        "reduction": {},
        "reference": {"govPay": "pay-123"},
    }
    incomplete["files"] = [
        {"name": server.url("/site.pdf"), "type": [{"value": "sitePlan.proposed", "description": "Site plan"}]},
        {"name": server.url("/existing.pdf"), "type": [{"value": "elevations.existing", "description": "Elevations"}]},
    ]
    return payloads.as_bytes(incomplete)


def letters_with_a_link(notify_server, address: str = APPLICANT) -> list[str]:
    """What Notify was given for this address and holds the way in, in the order in which it came."""
    sent = [notification["body"] for notification in notify_server.sent()]
    letters = [body["personalisation"]["body"] for body in sent if body.get("email_address") == address]
    return [letter for letter in letters if "/your-application/" in letter]


def link_in(letter: str) -> str:
    """The applicant's link in a letter, as an address on this server."""
    [path] = set(re.findall(r"https?://[^/\s]+(/your-application/[^\s)\]]+)", letter))
    return path


def kinds_of(case: PlanningApplication) -> list[str]:
    return list(case.events.order_by("sequence").values_list("kind", flat=True))


# --- The first case: put right, and valid from the day the last item came -------------------------------------------


def test_an_incomplete_application_becomes_valid(
    live_server, council, assessor, submission, token, visit, calendar, notify_server
):
    calendar.is_now("2026-06-01 10:00")
    send(live_server.url, submission, token)
    case = PlanningApplication.objects.get()
    assert (case.status, case.boundary) == (Status.NOT_STARTED, None)

    officer = visit(assessor)
    take(officer, case)
    put_the_letter_together(officer, case)
    officer.press("Mark as invalid and send")
    officer.reads("Marked as invalid")

    [letter] = letters_with_a_link(notify_server)
    for title in ("Location plan missing", "Red line missing", "Proposed elevations", "Description of the proposal"):
        assert title in letter
    link = link_in(letter)

    calendar.is_now("2026-06-03 11:00")
    applicant = visit()
    answer_with_plans(applicant, link)
    calendar.is_now("2026-06-04 18:10")  # after the working day: it counts from the 5th
    answer_the_rest(applicant, link)
    without_scripts = visit(may_run_scripts=False)
    without_scripts.go(link)
    without_scripts.reads("You do not need to do anything now")

    calendar.is_now("2026-06-08 09:30")
    officer = visit(assessor)
    look_at_the_answers(officer, case)
    redact_and_publish(officer, case)
    validate(officer, case)

    case.refresh_from_db()
    assert (case.status, case.valid_from) == (Status.IN_ASSESSMENT, date(2026, 6, 5))
    assert case.validated_on == date(2026, 6, 8)
    assert case.description != DESCRIPTION
    read_the_timeline(officer, case)
    read_as_the_public(visit(), case)


def take(officer: Visitor, case: PlanningApplication) -> None:
    officer.go(f"/admin/cases/{case.pk}/")
    officer.follow("Take this case")
    officer.press("Take this case")
    officer.reads("This is your case now")


def put_the_letter_together(officer: Visitor, case: PlanningApplication) -> None:
    officer.go(f"/admin/cases/{case.pk}/tasks/send_validation_decision/")
    officer.reads("3 things missing")
    officer.press("Add to the letter")
    officer.reads("3 requests are added")
    assert set(case.validation_requests.values_list("kind", flat=True)) == {"additional_document", "red_line"}

    officer.open("Ask the applicant for something")
    officer.follow("Ask for a change of the description")
    officer.field("The words that you propose").fill(DESCRIPTION)
    officer.field("Why it should change").fill("The roof and the depth should be in the words that neighbours read.")
    officer.press("Add to the letter")
    officer.reads("is on the list")

    officer.go(f"/admin/cases/{case.pk}/tasks/send_validation_decision/")
    officer.follow("Read the letter and mark as invalid")
    officer.reads("Location plan missing")
    officer.reads("Red line missing")
    officer.reads(DESCRIPTION)


# --- The applicant ---------------------------------------------------------------------------------------------------


def answer_with_plans(applicant: Visitor, link: str) -> None:
    """Two plans for two of the four requests; the others are left for another day."""
    applicant.go(link)
    applicant.reads("There are 4 things that we need from you")
    plans = [
        ("Location plan missing", "Location plan.pdf", f"Location plan. Questions: {PHONE}."),
        ("Proposed elevations missing", "Proposed elevations.pdf", "Proposed elevations"),
    ]
    for title, name, words in plans:
        applicant.go(link)
        applicant.follow(title, within=applicant.page.locator(".request"), exact=False)
        plan = {"name": name, "mimeType": "application/pdf", "buffer": files.pdf(words=words)}
        applicant.field("Files").set_input_files(plan)
        expect(applicant.page.locator(".files__item", has_text=name).get_by_role("button")).to_be_visible()
        applicant.look()
        save(applicant)
    applicant.go(link)
    applicant.press("Check and send your 2 answers")
    applicant.reads("Location plan.pdf")
    applicant.reads("Not ready to send")
    sign_and_send(applicant)
    applicant.reads("We have your answers")
    applicant.reads("count as received on Wednesday 3 June 2026")


def answer_the_rest(applicant: Visitor, link: str) -> None:
    applicant.go(link)
    applicant.reads("There are 2 things that we need from you")
    applicant.follow("Red line missing", within=applicant.page.locator(".request"), exact=False)
    applicant.page.get_by_label("I draw the line here").check()
    draw(applicant)
    save(applicant)

    applicant.go(link)
    applicant.follow("Description of the proposal", within=applicant.page.locator(".request"), exact=False)
    applicant.reads(DESCRIPTION)
    applicant.page.get_by_label("No, I do not agree with these words").check()
    save(applicant)
    applicant.reads("Say why you do not agree")
    applicant.field("Why do you not agree?").fill("The roof is not flat: it has a pitch of five degrees.")
    save(applicant)

    applicant.go(link)
    applicant.press("Check and send your 2 answers")
    sign_and_send(applicant)
    applicant.reads("count as received on Friday 5 June 2026")


def draw(applicant: Visitor) -> None:
    """Four corners, in the list that needs neither mouse nor map."""
    corners = "51.615500, -0.646600\n51.615500, -0.646200\n51.615200, -0.646200\n51.615200, -0.646600"
    applicant.field("Corners of the red line").fill(corners)
    applicant.page.keyboard.press("Tab")


def save(applicant: Visitor) -> None:
    applicant.press("Save and continue", within=applicant.page.locator(".govuk-button-group").last)


def sign_and_send(applicant: Visitor) -> None:
    applicant.field("Your full name").fill("Ada Wren")
    declared = applicant.page.locator("#id_declared")
    if declared.count():
        declared.check()
    applicant.press("Sign and send" if declared.count() else "Send")


# --- The officer looks -----------------------------------------------------------------------------------------------


def look_at_the_answers(officer: Visitor, case: PlanningApplication) -> None:
    page = f"/admin/cases/{case.pk}/tasks/send_validation_decision/"
    officer.go(page)
    officer.reads("Answers to look at (4)")
    officer.reads("a pitch of five degrees")
    for title in ("Location plan missing", "Proposed elevations missing", "Red line missing"):
        row = officer.page.locator(".case-rows > li", has_text=title).first
        officer.press(f"Accept the answer to {title}", within=row, exact=False)
        officer.reads("the answer is accepted")
    row = officer.page.locator(".case-rows > li", has_text="Description of the proposal").first
    details = row.locator("details", has=officer.page.locator("summary", has_text="Leave the description as it is"))
    details.locator("summary").first.click()
    officer.field("Why you go on all the same", within=details).fill("The drawings say the roof clearly enough.")
    officer.press("Leave the description as it is", within=details)
    officer.reads("The description stays as it was.")
    case.refresh_from_db()
    assert case.boundary["type"] in ("Polygon", "MultiPolygon", "Feature")


def redact_and_publish(officer: Visitor, case: PlanningApplication) -> None:
    plan = case.documents.get(original_name="Location plan.pdf")
    officer.go(f"/admin/cases/documents/{plan.pk}/redaction/")
    sheet = officer.page.locator("[data-sheet='1']")
    expect(sheet.locator("img")).to_be_visible()
    draw_a_box(officer, sheet)
    officer.look()
    officer.press("Make the redacted copy…", within=officer.page.locator(".redact-bar"))
    officer.press("Make the redacted copy")
    officer.go(f"/admin/cases/documents/{plan.pk}/redaction/")
    officer.reads("The redacted copy is made")

    publish(officer, case)
    copy = plan.redacted_copies.get()
    assert copy.public_status == PublicStatus.PUBLISH
    plan.refresh_from_db()
    assert plan.public_status == PublicStatus.WITHHOLD


def draw_a_box(officer: Visitor, sheet) -> None:
    """Over the line of words near the top of the sheet, from left to right."""
    sheet.scroll_into_view_if_needed()
    frame = sheet.bounding_box()
    mouse = officer.page.mouse
    mouse.move(frame["x"] + frame["width"] * 0.02, frame["y"] + frame["height"] * 0.12)
    mouse.down()
    mouse.move(frame["x"] + frame["width"] * 0.5, frame["y"] + frame["height"] * 0.16, steps=4)
    mouse.move(frame["x"] + frame["width"] * 0.98, frame["y"] + frame["height"] * 0.19, steps=4)
    mouse.up()
    expect(officer.page.locator(".redact-box")).to_have_count(1)


def publish(officer: Visitor, case: PlanningApplication) -> None:
    """All that is ticked at once: what must not be published stays behind, and the page says why."""
    officer.go(f"/admin/cases/{case.pk}/tasks/check_documents/")
    for tick in officer.page.locator(".case-document-row__tick").all():
        tick.check()
    officer.field("What to do with them").select_option(label="Publish")
    officer.press("Continue")
    officer.reads("A redacted copy stands in its place.")
    officer.press("Publish 4 documents")
    officer.reads("4 documents published")


def validate(officer: Visitor, case: PlanningApplication) -> None:
    officer.go(f"/admin/cases/{case.pk}/tasks/send_validation_decision/")
    officer.reads("5 June 2026")
    officer.press("Mark as valid")
    officer.reads("In assessment")


def read_the_timeline(officer: Visitor, case: PlanningApplication) -> None:
    """Everything that happened, in its order and in words."""
    happened = kinds_of(case)
    for earlier, later in pairwise(
        [
            "received",
            "request_raised",
            "invalidate",
            "request_answered",
            "request_resolved",
            "request_left",
            "document_redacted",
            "validate",
        ]
    ):
        assert happened.index(earlier) < happened.index(later), (earlier, later, happened)
    assert happened.count("request_raised") == 4
    assert (happened.count("request_answered"), happened.count("request_resolved")) == (2, 3)
    assert happened.index("documents_published") < happened.index("validate")
    officer.go(f"/admin/cases/{case.pk}/history/")
    for words in (
        "Found invalid",
        "The applicant answered",
        "Request settled: 2. Red line missing",
        "Redacted copy made",
        "Went on without what was asked",
        "Found valid",
    ):
        officer.reads(words)


def read_as_the_public(neighbour: Visitor, case: PlanningApplication) -> None:
    """The register shows the redacted copy, and nowhere the original or the telephone number."""
    original = case.documents.get(original_name="Location plan.pdf")
    copy = original.redacted_copies.get()
    neighbour.go(f"/planning-applications/{case.reference}/")
    neighbour.reads("5 June 2026")
    neighbour.go(f"/planning-applications/{case.reference}/documents/")
    address = f"/planning-applications/{case.reference}/documents"
    listed = neighbour.page.content()
    assert f"/documents/{copy.pk}/" in listed
    assert f"/documents/{original.pk}/" not in listed
    answer = neighbour.page.request.get(f"{address}/{copy.pk}/")
    assert answer.status == 200
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.body())).pages)
    assert PHONE not in text
    assert PHONE.encode() not in answer.body()
    assert PHONE in "".join(page.extract_text() for page in PdfReader(original.file.open("rb")).pages)
    assert neighbour.page.request.get(f"{address}/{original.pk}/").status == 404
    assert PHONE not in listed


# --- The second case: what no answer means, and what it does not -----------------------------------------------------


def test_silence_accepts_words_and_never_a_line(council, assessor, make_application, visit, calendar, notify_server):
    calendar.is_now("2026-06-01 10:00")
    with transaction.atomic():
        case = make_application(
            "pp.full.householder", authority=council, officer=assessor, received_on=date(2026, 6, 1)
        )
    was, line = case.description, case.boundary
    officer = visit(assessor)
    ask(officer, case, "Ask for a change of the description", proposed=DESCRIPTION)
    ask(officer, case, "Ask for a change of the red line")
    officer.go(f"/admin/cases/{case.pk}/tasks/send_validation_decision/")
    officer.follow("Read the letter and mark as invalid")
    officer.press("Mark as invalid and send")
    [letter] = letters_with_a_link(notify_server, OF_THE_SECOND_CASE)
    assert "If you do not answer" in letter or "taken as agreed" in letter

    calendar.is_now("2026-06-08 23:55")  # the fifth working day is not over
    call_command("run_due")
    case.refresh_from_db()
    assert case.description == was

    calendar.is_now("2026-06-09 00:05")
    call_command("run_due")
    case.refresh_from_db()
    assert case.description == DESCRIPTION
    request = case.validation_requests.get(kind="description")
    assert (request.answer, request.outcome, request.resolved_by) == ("silence", "accepted", None)

    calendar.is_now("2026-07-31 09:00")  # long after the last day for the red line
    call_command("run_due")
    case.refresh_from_db()
    asked = case.validation_requests.get(kind="red_line")
    assert (case.boundary, asked.answer, asked.state) == (line, "", ValidationRequest.State.SENT)
    assert (case.status, case.valid_from) == (Status.INVALIDATED, None)

    officer = visit(assessor)
    officer.go(f"/admin/cases/{case.pk}/tasks/send_validation_decision/")
    officer.reads("With the applicant (1)")
    officer.go(f"/admin/cases/{case.pk}/history/")
    officer.reads("Accepted because no answer came in time")
    applicant = visit()
    applicant.go(link_in(letter))
    applicant.reads("There is 1 thing that we need from you")
    applicant.reads("Overdue")
    applicant.open("Settled (1)")
    applicant.look()


def ask(officer: Visitor, case: PlanningApplication, what: str, *, proposed: str = "") -> None:
    officer.go(f"/admin/cases/{case.pk}/tasks/send_validation_decision/")
    officer.open("Ask the applicant for something")
    officer.follow(what)
    if proposed:
        officer.field("The words that you propose").fill(proposed)
        officer.field("Why it should change").fill("The roof and the depth should be in the words.")
    else:
        officer.field("What is wrong").fill("The line leaves out the driveway.")
    officer.press("Add to the letter")
    officer.reads("is on the list")


# --- More time: the applicant's word is the evidence ----------------------------------------------------------------


def test_more_time_is_what_the_applicant_agreed_to(
    council, assessor, make_user, make_application, visit, calendar, notify_server
):
    calendar.is_now("2026-07-01 10:00")
    manager = make_user("extender", PLANNING_MANAGER, authority=council, job_title="Planning manager")
    with transaction.atomic():
        case = make_application(
            "pp.full.householder",
            authority=council,
            officer=assessor,
            status=Status.IN_ASSESSMENT,
            received_on=date(2026, 6, 1),
        )
    due = case.expires_on
    officer = visit(manager)

    ask_for_time(officer, case, until="14/08/2026")
    calendar.is_now("2026-07-02 10:00")
    applicant = visit()
    link = link_in(letters_with_a_link(notify_server, OF_THE_SECOND_CASE)[-1])
    decide(applicant, link, "No, I do not agree to a later day", because="I need the decision before the autumn.")
    case.refresh_from_db()
    assert (case.expires_on, case.extensions.count()) == (due, 0)

    calendar.is_now("2026-07-03 10:00")
    officer = visit(manager)
    officer.go(f"/admin/cases/{case.pk}/requests/")
    row = officer.page.locator(".case-rows > li").first
    details = row.locator("details", has=officer.page.locator("summary", has_text="Go on without more time"))
    details.locator("summary").first.click()
    officer.field("Why you go on all the same", within=details).fill("The applicant refused. A shorter time is asked.")
    officer.press("Go on without more time", within=details)
    case.refresh_from_db()
    assert case.expires_on == due

    ask_for_time(officer, case, until="07/08/2026")
    case.refresh_from_db()
    assert case.expires_on == due
    decide(visit(), link, "Yes, I agree to the later day")
    case.refresh_from_db()
    assert case.expires_on == date(2026, 8, 7)
    extension = case.extensions.get()
    assert (extension.agreed_until, extension.agreed_with) == (date(2026, 8, 7), "Enid Blyton")
    officer.go(f"/admin/cases/{case.pk}/")
    officer.reads("7 August 2026")


def ask_for_time(officer: Visitor, case: PlanningApplication, *, until: str) -> None:
    officer.go(f"/admin/cases/{case.pk}/extension/")
    if not officer.page.get_by_label("Ask for time until").count():
        officer.follow("Ask the applicant for more time")
    officer.field("Ask for time until").fill(until)
    officer.page.locator("#case-opened-title").click()  # the calendar closes, and covers no button
    officer.field("Why more time is needed").fill("The highways authority has not answered yet.")
    officer.press("Send the request")
    officer.reads("until the applicant agrees")


def decide(applicant: Visitor, link: str, word: str, *, because: str = "") -> None:
    applicant.go(link)
    with applicant.page.expect_navigation(wait_until="load"):
        applicant.page.locator(".request a").first.click()
    applicant.look()
    applicant.page.get_by_label(word).check()
    if because:
        applicant.field("Why do you not agree?").fill(because)
    save(applicant)
    if applicant.page.get_by_role("button", name=re.compile("^Check and send")).count():
        applicant.press("Check and send your answer")
    applicant.field("Your full name").fill("Enid Blyton")
    declared = applicant.page.locator("#id_declared")
    if declared.count():
        declared.check()
    applicant.press("Sign and send" if declared.count() else "Send")
    applicant.reads("We have your answer")
