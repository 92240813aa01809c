"""Nothing that an officer types is lost: not by a link, not when the session ends, not when the browser dies, not by a
colleague who saves first."""

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import expect

from accounts.roles import PLANNING_MANAGER, PLANNING_OFFICER
from cases.assessment.report_words import write_sections
from cases.models import AssessmentSection, PlanningApplication, TypedWords
from cases.statuses import Decision, Status
from notices.models import DecisionNotice
from notices.signoff.drafting import draft_notice
from tests.browser.visitor import Visitor
from tests.cases.busy_case import busy_cases
from tests.cases.case_forms import pages_of_cases
from tests.making import PASSWORD

pytestmark = pytest.mark.browser
WORDS = "The site lies at the end of a close. Its garden falls to the river."
KEEP = "**/admin/typed/keep/"


@pytest.fixture
def authority(council):
    return council


@pytest.fixture
def application(make_application, assessor) -> PlanningApplication:
    with transaction.atomic():
        return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=assessor)


@pytest.fixture
def address(application) -> str:
    return reverse("case_task", args=[application.pk, "site_description"])


def type_and_wait(writer: Visitor, label: str, words: str) -> None:
    """Until the server has it."""
    with writer.page.expect_response(KEEP) as kept:
        writer.page.get_by_label(label).fill(words)
        writer.page.evaluate("window.dispatchEvent(new Event('pagehide'))")
    assert kept.value.status == 204


def test_the_words_are_there_after_the_session_has_ended(visit, application, address, assessor):
    writer = visit(assessor)
    writer.go(address)
    type_and_wait(writer, "Site and surroundings", WORDS)
    writer.page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    type_and_wait(writer, "The proposal", "A porch.")
    writer.press("Save", exact=True)
    writer.page.get_by_label("E-mail address").fill(assessor.email)
    writer.page.get_by_label("Password").fill(PASSWORD)
    writer.press("Sign in")
    writer.reads("and did not save it")
    for width in (390, 1280):
        writer.page.set_viewport_size({"width": width, "height": 900})
        assert writer.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        writer.look()
    writer.follow("Put it back")
    expect(writer.page.get_by_label("Site and surroundings")).to_have_value(WORDS)
    expect(writer.page.get_by_label("The proposal")).to_have_value("A porch.")
    writer.press("Save", exact=True)
    assert AssessmentSection.objects.get(application=application, slug="site_description").text == WORDS
    assert not TypedWords.objects.exists()


def test_leaving_with_words_that_are_not_saved_is_asked_about(visit, address, assessor):
    writer = visit(assessor)
    asked: list[str] = []
    writer.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    writer.go(address)
    writer.go(reverse("wagtailadmin_home"))
    assert asked == []
    writer.go(address)
    writer.page.get_by_label("Site and surroundings").fill(WORDS)
    writer.go(reverse("wagtailadmin_home"))
    assert asked == ["beforeunload"]


def test_both_texts_stand_side_by_side_at_any_width(visit, application, address, assessor, reviewer):
    writer = visit(assessor)
    writer.go(address)
    writer.page.get_by_label("Site and surroundings").fill(WORDS)
    write_sections(application, texts={"site_description": "A red house"}, by=reviewer)
    writer.press("Save", exact=True)
    alert = writer.page.get_by_role("alert")
    for words in ("This has changed since you opened it", str(reviewer), "A red house", WORDS):
        expect(alert).to_contain_text(words)
    expect(alert).to_be_focused()
    for width in (1280, 390):
        writer.page.set_viewport_size({"width": width, "height": 900})
        assert writer.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        writer.look()
    writer.press("Save", exact=True)
    assert AssessmentSection.objects.get(application=application, slug="site_description").text == WORDS


def test_the_second_saver_of_a_notice_does_not_wipe_out_the_first(visit, application, assessor, reviewer):
    application.recommendations.create(decision=Decision.GRANTED, summary="It keeps the limits", by=assessor)
    notice = draft_notice(application, by=assessor)
    editor = reverse(notice.snippet_viewset.get_url_name("edit"), args=[notice.pk])
    first, second = visit(reviewer), visit(assessor)
    for writer in (first, second):
        writer.go(editor)
    change_a_block(first, "Written by the first")
    first.press("Save", exact=False)
    change_a_block(second, "Written by the second")
    second.press("Save", exact=False)
    alert = second.page.get_by_role("alert")
    for words in ("This has changed since you opened it", "Written by the first", "Written by the second"):
        expect(alert).to_contain_text(words)
    said = str(DecisionNotice.objects.get(pk=notice.pk).body.get_prep_value())
    assert "Written by the first" in said
    assert "Written by the second" not in said
    second.press("Save", exact=False)
    said = str(DecisionNotice.objects.get(pk=notice.pk).body.get_prep_value())
    assert "Written by the second" in said


HAS_REACHED_THE_FORM = """(words) => [...document.querySelectorAll("#w-editor-form input[type=hidden]")]
    .some((field) => field.value.includes(words))"""


def change_a_block(writer: Visitor, words: str) -> None:
    writer.page.locator(".public-DraftEditor-content").first.click()
    writer.page.keyboard.press("Control+Home")
    writer.page.keyboard.type(f"{words} ")
    writer.page.wait_for_function(HAS_REACHED_THE_FORM, arg=words)  # the editor writes it there a moment later


# Typed into every field that holds words, as a person does: it comes to the field, and the field tells of the change.
TYPE = """(mark) => {
    const fields = [...document.querySelectorAll(
        "main form[method=post] textarea, main form[method=post] input[type=text]")];
    const typed = fields.filter((field) => !field.closest("#typed") && field.offsetParent && !field.disabled);
    for (const field of typed) {
        field.dispatchEvent(new FocusEvent("focusin", {bubbles: true}));
        field.value = mark;
        field.dispatchEvent(new Event("input", {bubbles: true}));
    }
    return typed.length;
}"""


@pytest.mark.long
def test_on_every_page_about_a_case_the_words_are_there_when_the_officer_comes_back(
    visit, make_application, make_user, council
):
    """The pages are found by the addresses of the admin. The browser dies after it typed; another one comes back."""
    writer = make_user("writer", PLANNING_OFFICER, PLANNING_MANAGER, authority=council)
    with transaction.atomic():
        cases = busy_cases(make_application, writer)[:1]  # of each page, one
    dying, coming = visit(writer), visit(writer)
    lost, met = [], 0
    for (address,) in pages_of_cases(cases):
        answer = dying.page.request.get(address)
        if not answer.ok or b"<form" not in answer.body() or b"data-typed-by" not in answer.body():
            continue
        dying.page.goto(address)
        if not dying.page.evaluate(TYPE, WORDS):
            continue
        with dying.page.expect_response(KEEP):
            dying.page.evaluate("window.dispatchEvent(new Event('pagehide'))")
        met += 1
        coming.page.goto(address)
        if WORDS not in coming.page.locator("#typed").inner_text() and WORDS not in coming.page.content():
            lost.append(address)
    assert lost == []
    assert met > 15
