"""The pages that a council's site begins with: made once, never overwritten, and true to the council."""

import re

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from wagtail.models import Page, Site

from accounts.roles import ADMINISTRATOR
from home.models import GuidancePage, HomePage, RegisterPage, StandardPage
from home.site_tree import set_up_site
from home.wagtail_hooks import may_edit_tree_of
from tests.database import give_public_site

EXPECTED = {
    "which-application",
    "lawful-development-certificates",
    "what-plans-to-send",
    "how-decisions-are-made",
    "how-to-comment",
    "how-to-appeal",
}


@pytest.fixture
def pages(authority) -> list[Page]:
    """As `set_up_site` made them when the database of the tests was made."""
    give_public_site(authority)
    return [page.specific for page in authority.site.root_page.get_descendants(inclusive=True)]


def test_the_site_begins_with_home_register_guidance_privacy_and_accessibility(authority):
    set_up_site(authority)
    home = authority.site.root_page.specific
    assert isinstance(home, HomePage)
    assert RegisterPage.objects.live().child_of(home).count() == 1
    assert set(GuidancePage.objects.live().descendant_of(home).values_list("slug", flat=True)) == EXPECTED
    assert set(StandardPage.objects.live().child_of(home).values_list("slug", flat=True)) == {
        "privacy",
        "accessibility",
    }


def test_every_page_answers_and_names_the_council(visitor, pages):
    for page in pages:
        answer = visitor.get(page.url)
        assert answer.status_code == 200, page.url
        text = answer.content.decode()
        assert "Testshire" in text
        assert not re.search(r"\$[a-z_]+", text), f"a placeholder is left on {page.url}"


def test_guidance_is_long_enough_to_help(visitor, pages):
    for page in GuidancePage.objects.all():
        words = re.sub(r"<[^>]+>", " ", str(page.body)).split()
        assert 250 <= len(words) <= 900, (page.slug, len(words))


def test_every_link_of_ours_leads_somewhere(visitor, pages):
    links = {link for page in pages for link in re.findall(r'href="(/[^"#?]*)', visitor.get(page.url).content.decode())}
    links = {link for link in links if not link.startswith("/static/")}
    assert "/guidance/how-to-appeal/" in links
    assert {link: visitor.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_running_it_again_changes_nothing_that_editors_did(authority, pages):
    page = GuidancePage.objects.get(slug="how-to-comment")
    page.title = "Have your say"
    page.save_revision().publish()
    StandardPage.objects.get(slug="privacy").unpublish()
    number = Page.objects.count()

    assert set_up_site(authority) == []

    assert Page.objects.count() == number
    assert GuidancePage.objects.get(slug="how-to-comment").title == "Have your say"
    assert not StandardPage.objects.get(slug="privacy").live


def test_two_councils_have_each_their_own_pages(authority, other_authority, visitor, visitor_elsewhere, pages):
    set_up_site(other_authority)
    assert "Testshire" not in visitor_elsewhere.get("/").content.decode()
    assert "Elsewhere" not in visitor.get("/").content.decode()


def test_the_command_takes_a_host_name(authority):
    authority.site = None
    authority.save()
    call_command("setup_site", authority="bkm", hostname="planning.testshire.example", verbosity=0)
    authority.refresh_from_db()
    assert authority.site.hostname == "planning.testshire.example"


def test_the_command_says_what_is_wrong(authority, other_authority):
    with pytest.raises(CommandError, match="no council with the code XYZ"):
        call_command("setup_site", authority="XYZ", verbosity=0)
    Site.objects.filter(is_default_site=True).delete()
    authority.site = None
    authority.save()
    with pytest.raises(CommandError, match="--hostname"):
        call_command("setup_site", authority="BKM", verbosity=0)


def test_editors_of_one_council_cannot_touch_pages_of_another(authority, other_authority, make_user, client, pages):
    set_up_site(other_authority)
    editor = make_user("editor", ADMINISTRATOR, "Website editor (BKM)", "Website editor (LBH)", authority=authority)
    client.force_login(editor)
    own, foreign = (
        GuidancePage.objects.get(slug="how-to-appeal", path__startswith=a.site.root_page.path)
        for a in (authority, other_authority)
    )
    assert client.get(f"/admin/pages/{own.pk}/edit/").status_code == 200
    for action in ("edit", "delete", "unpublish", "copy"):
        client.post(f"/admin/pages/{foreign.pk}/{action}/", {"title": "Taken over"})
    parent = foreign.get_parent()
    assert client.get(f"/admin/pages/add/home/guidancepage/{parent.pk}/").status_code in {302, 403}
    foreign.refresh_from_db()
    assert (foreign.live, foreign.title) == (True, "How to appeal")
    assert foreign.title not in client.get(f"/admin/pages/{other_authority.site.root_page_id}/").content.decode()


def test_a_user_of_no_council_may_edit_every_tree(superuser, authority, pages):
    assert may_edit_tree_of(superuser, authority.site.root_page)
