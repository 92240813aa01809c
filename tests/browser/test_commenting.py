"""Commenting in a real browser: by keyboard alone, without scripts, on a narrow screen, and as axe sees every page."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from cases.consultation.comments import receive_comment
from cases.models import Comment
from cases.statuses import Status

TEXT = "It would take the light of our kitchen."


@pytest.fixture
def authority(council):
    """The council of every other fixture is the one on the live server."""
    return council


@pytest.fixture
def application(make_application):
    with transaction.atomic():  # a reference is allotted inside a transaction
        return make_application(
            "pp.full.householder",
            status=Status.IN_ASSESSMENT,
            published_at=timezone.now(),
            consultation_ends_on=timezone.localdate() + timedelta(days=9),
        )


def test_the_whole_journey_by_keyboard_alone(visit, application):
    neighbour = visit()
    page = neighbour.page
    neighbour.go(f"/planning-applications/{application.reference}/")
    neighbour.enter(page.get_by_role("link", name="Comment on this application", exact=True))
    neighbour.enter(page.get_by_role("button", name="Start", exact=True))

    expect(page.get_by_role("heading", level=1)).to_have_text("What do you think of the application?")
    # Nothing is chosen: the error is put before the reader.
    neighbour.enter(page.get_by_role("button", name="Continue", exact=True))
    expect(page).to_have_title(re.compile("^Error: "))
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    neighbour.tab_to(summary.get_by_role("link"))
    page.keyboard.press("Enter")
    expect(page.get_by_label("I object to it")).to_be_focused()
    page.keyboard.press("Space")
    neighbour.enter(page.get_by_role("button", name="Continue", exact=True))
    neighbour.tab_to(page.get_by_label("Daylight and sunlight"))
    page.keyboard.press("Space")
    neighbour.enter(page.get_by_role("button", name="Continue", exact=True))
    neighbour.tab_to(page.get_by_label("Your comment", exact=True))
    page.keyboard.type(TEXT)
    neighbour.reads(f"You have {20_000 - len(TEXT):,} characters remaining")
    neighbour.enter(page.get_by_role("button", name="Continue", exact=True))
    for label, words in (("Full name", "Ann Neighbour"), ("Address", "5 Blyton Close")):
        neighbour.tab_to(page.get_by_label(label, exact=True))
        page.keyboard.type(words)
    neighbour.tab_to(page.get_by_label("E-mail address (optional)"))
    page.keyboard.type("not an address")
    neighbour.enter(page.get_by_role("button", name="Continue", exact=True))
    neighbour.reads("Enter an e-mail address in the correct format")
    expect(page.get_by_label("Full name", exact=True)).to_have_value("Ann Neighbour")
    neighbour.tab_to(page.get_by_label("E-mail address (optional)"))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("ann@example.com")
    # On the way the keyboard never meets the field that is there for programs.
    neighbour.enter(page.get_by_role("button", name="Continue"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your comment before you send it")
    neighbour.enter(page.get_by_role("link", name="Change your view", exact=True))
    neighbour.tab_to(page.get_by_label("I object to it"))
    page.keyboard.press("ArrowDown")
    neighbour.enter(page.get_by_role("button", name="Continue", exact=True))
    neighbour.reads("I neither object nor support")
    neighbour.enter(page.get_by_role("button", name="Send comment", exact=True))
    comment = Comment.objects.get()
    neighbour.reads(comment.reference)
    assert (comment.sentiment, comment.topics, comment.text) == ("neutral", ["light"], TEXT)


def test_the_keyboard_does_not_meet_the_field_for_programs(visit, application):
    neighbour = visit()
    page = neighbour.page
    neighbour.go(f"/planning-applications/{application.reference}/comment/")
    neighbour.press("Start")
    neighbour.go(re.sub(r"view/$", "details/", page.url))
    trap = page.locator("#id_subject")
    assert trap.evaluate("element => element.getBoundingClientRect().right") < 0
    expect(page.get_by_role("textbox", name="Leave this empty")).to_have_count(0)  # nor does a screen reader
    page.get_by_label("Phone number (optional)").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Continue")).to_be_focused()


def test_the_whole_journey_without_scripts(visit, application):
    neighbour = visit(may_run_scripts=False)
    page = neighbour.page
    neighbour.go(f"/planning-applications/{application.reference}/")
    neighbour.follow("Comment on this application")
    neighbour.press("Start")
    page.get_by_label("I support it").check()
    neighbour.press("Continue")
    neighbour.press("Continue")  # no topic
    neighbour.reads("You can enter up to 20,000 characters")
    neighbour.press("Continue")
    neighbour.reads("Enter your comment")
    page.get_by_label("Your comment", exact=True).fill(TEXT)
    neighbour.press("Continue")
    page.get_by_label("Full name").fill("Ann Neighbour")
    page.get_by_label("Address", exact=True).fill("5 Blyton Close\nBeaconsfield")
    neighbour.press("Continue")
    neighbour.reads("Nothing selected")

    # The browser's own way back shows what was answered, and the way forth leads here again.
    page.go_back(wait_until="load")
    expect(page.get_by_label("Full name")).to_have_value("Ann Neighbour")
    neighbour.follow("Back")
    expect(page.get_by_label("Your comment", exact=True)).to_have_value(TEXT)
    neighbour.press("Continue")
    neighbour.press("Continue")

    neighbour.follow("Change your comment")
    page.get_by_label("Your comment", exact=True).fill(f"{TEXT} And the hall.")
    neighbour.press("Continue")
    neighbour.reads("And the hall.")
    neighbour.press("Send comment")
    neighbour.reads("Comment sent")
    comment = Comment.objects.get()
    assert comment.text == f"{TEXT} And the hall."
    assert comment.address == "5 Blyton Close, Beaconsfield"
    page.go_back(wait_until="load")  # to a draft that is gone: the confirmation again, and no second comment
    neighbour.reads(comment.reference)
    assert Comment.objects.count() == 1


def test_every_page_fits_a_narrow_screen_and_says_when_it_goes_no_further(visit, application):
    neighbour, too_wide = visit(), []
    page = neighbour.page
    page.set_viewport_size({"width": 320, "height": 800})

    def fits() -> None:
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            too_wide.append(page.url)

    neighbour.go(f"/planning-applications/{application.reference}/comment/")
    fits()
    neighbour.press("Start")
    fits()
    page.get_by_label("I object to it").check()
    neighbour.press("Continue")
    fits()
    neighbour.press("Continue")
    page.get_by_label("Your comment", exact=True).fill(f"{'Averylongwordwithoutanyspaceinit' * 8}\n\n{TEXT}")
    fits()
    neighbour.press("Continue")
    page.get_by_label("Full name").fill("Ann Neighbour")
    page.get_by_label("Address", exact=True).fill("5 Blyton Close")
    fits()
    neighbour.press("Continue")
    fits()
    application.authority.comments_until_decision = False
    application.authority.save()
    application.consultation_ends_on = timezone.localdate() - timedelta(days=1)
    application.save()
    neighbour.press("Send comment")
    fits()
    neighbour.reads("You cannot comment")
    neighbour.reads(TEXT)
    assert not Comment.objects.exists()
    neighbour.go(f"/planning-applications/{application.reference}/comment/nonsense/words/")
    fits()
    neighbour.reads("This comment is no longer here")
    assert too_wide == []


def test_an_officer_previews_publishes_many_and_takes_them_off_again(visit, application, assessor):
    for name, text in (
        ("Ann Neighbour", "It would take our light."),
        ("Bob Builder", "A good design."),
        ("Cecily Long", "Ring me on 07700 900123.\n\nKind regards\nCecily Long"),
    ):
        receive_comment(application, name=name, text=text, sentiment="objection", source=Comment.Source.WEBSITE)
    officer = visit(assessor)
    page = officer.page
    officer.go(f"/admin/cases/{application.pk}/tasks/comments/")
    row = page.locator(".case-row", has_text="Cecily Long").first
    officer.follow("Prepare for the register", within=row, exact=False)
    expect(page.locator("mark")).to_have_text(["07700 900123", "Cecily Long"])
    officer.press("Preview")
    officer.reads("As the public would read it")
    officer.reads("Ring me on [redacted].")
    officer.follow("Cancel")

    officer.follow("Publish all that need no redaction")
    officer.reads("2 comments will be public")
    officer.reads("1 stays behind")
    officer.press("Yes, publish them")
    assert application.comments.exclude(published_at=None).count() == 2
    officer.follow("Take the 2 comments last published together off the register again")
    page.get_by_label("Why").fill("Published a day too early.")
    officer.press("Yes, take them off")
    assert not application.comments.exclude(published_at=None).exists()
