"""A council's settings, its API tokens, its pages and pictures: its administrator's, and no other's."""

from datetime import date

import pytest
from django.core.files.base import ContentFile
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Page

from accounts.models import ApiToken, LocalAuthority
from accounts.roles import ADMINISTRATOR
from accounts.websites import collection_of
from home.models import StandardPage
from tests.database import give_public_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def websites(authority, other_authority):
    """Both councils with pages and a picture each."""
    for council in (authority, other_authority):
        give_public_site(council)
        council.refresh_from_db()
    return {
        council.code: get_image_model().objects.create(
            title=f"Picture of {council.name}", file=get_test_image_file(), collection=collection_of(council)
        )
        for council in (authority, other_authority)
    }


def settings_form(council: LocalAuthority, **changes) -> dict:
    names = [
        "name", "short_name", "address", "email", "phone", "website", "signatory_name", "signatory_job_title",
        "brand_colour", "font", "working_day_ends_at", "office_posting_days",
    ]  # fmt: skip
    return {**{name: getattr(council, name) for name in names}, "comments_until_decision": "on", **changes}


def test_an_administrator_changes_the_own_councils_settings(client, administrator, authority):
    client.force_login(administrator)
    assert client.get("/admin/council/").url == f"/admin/council/edit/{authority.pk}/"
    page = client.get(f"/admin/council/edit/{authority.pk}/").content.decode()
    assert "Notify" in page
    assert "second person" in page
    response = client.post(
        f"/admin/council/edit/{authority.pk}/",
        settings_form(
            authority,
            signatory_name="Dame Plan",
            code="ZZZ",
            is_active="",
            local_list_reviewed_on="2026-01-05",
            second_person_publishes="on",
        ),
    )
    assert response.status_code == 302
    authority.refresh_from_db()
    assert authority.signatory_name == "Dame Plan"
    assert authority.local_list_reviewed_on == date(2026, 1, 5)
    assert authority.second_person_publishes
    # The code and the host are the installation's business.
    assert (authority.code, authority.is_active) == ("BKM", True)


def test_another_councils_settings_do_not_exist(client, administrator, other_authority):
    client.force_login(administrator)
    for path in ("edit", "history", "delete", "usage", "copy"):
        assert client.get(f"/admin/council/{path}/{other_authority.pk}/").status_code in {302, 404}
        client.post(f"/admin/council/{path}/{other_authority.pk}/", settings_form(other_authority, name="Ours now"))
    assert client.get("/admin/council/new/").status_code == 302
    other_authority.refresh_from_db()
    assert other_authority.name == "Elsewhere Council"


def test_a_council_is_added_by_whoever_runs_the_installation(client, superuser, authority):
    client.force_login(superuser)
    assert "Testshire" in client.get("/admin/council/").content.decode()
    blank = settings_form(LocalAuthority(name="New Council", short_name="New"), code="NEW", is_active="on")
    assert client.post("/admin/council/new/", blank).status_code == 302
    assert LocalAuthority.objects.get(code="NEW").name == "New Council"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("elsewhere", "already exists"),
        ("lbh", "This is the code of another council."),
        ("South Gloucestershire", "Small letters and digits, with hyphens between."),
        ("-camden", "Small letters and digits, with hyphens between."),
    ],
)
def test_a_name_for_clients_is_nobody_elses(client, superuser, authority, other_authority, name, words):
    client.force_login(superuser)
    form = settings_form(authority, code="BKM", site=authority.site.pk, is_active="on")
    page = client.post(f"/admin/council/edit/{authority.pk}/", {**form, "client_name": name})
    assert page.status_code == 200
    text = page.content.decode()
    assert words in text
    assert f'value="{name}"' in text, "what was typed is still there"
    authority.refresh_from_db()
    assert authority.client_name == "testshire"


def test_whoever_runs_the_installation_pairs_a_council_with_its_clients(client, superuser, administrator, authority):
    client.force_login(superuser)
    form = settings_form(authority, code="BKM", site=authority.site.pk, is_active="on")
    for name, kept in (("camden", "camden"), ("", None)):
        assert client.post(f"/admin/council/edit/{authority.pk}/", {**form, "client_name": name}).status_code == 302
        authority.refresh_from_db()
        assert authority.client_name == kept
    client.force_login(administrator)
    assert "client_name" not in client.get(f"/admin/council/edit/{authority.pk}/").content.decode()
    client.post(f"/admin/council/edit/{authority.pk}/", settings_form(authority, client_name="elsewhere"))
    authority.refresh_from_db()
    assert authority.client_name is None


def test_a_code_is_no_name_that_clients_use_for_another_council(client, superuser, authority):
    LocalAuthority.objects.filter(pk=authority.pk).update(client_name="bury")
    client.force_login(superuser)
    form = settings_form(LocalAuthority(name="New Council", short_name="New"), code="BURY", is_active="on")
    page = client.post("/admin/council/new/", form)
    assert "The Digital Planning Register knows another council by this name." in page.content.decode()


def test_the_logo_is_one_of_the_own_pictures(client, administrator, authority, websites):
    client.force_login(administrator)
    stolen = client.post(f"/admin/council/edit/{authority.pk}/", settings_form(authority, logo=websites["LBH"].pk))
    assert stolen.status_code == 200
    own = client.post(f"/admin/council/edit/{authority.pk}/", settings_form(authority, logo=websites["BKM"].pk))
    assert own.status_code == 302
    authority.refresh_from_db()
    assert authority.logo == websites["BKM"]


def test_tokens_are_listed_and_revoked_by_the_own_administrator_only(client, administrator, authority, other_authority):
    token, secret = ApiToken.create(authority=authority, name="PlanX", scopes=["submit"])
    foreign, _ = ApiToken.create(authority=other_authority, name="Their PlanX", scopes=["submit"])
    client.force_login(administrator)
    page = client.get("/admin/api-tokens/").content.decode()
    assert "PlanX" in page
    assert "Their PlanX" not in page
    assert secret not in page
    assert client.get(f"/admin/api-tokens/{foreign.pk}/revoke/").status_code == 404
    assert client.post(f"/admin/api-tokens/{foreign.pk}/revoke/").status_code == 404
    assert client.get(f"/admin/api-tokens/{token.pk}/revoke/").status_code == 200
    token.refresh_from_db()
    assert token.revoked_at is None  # asking revokes nothing
    assert client.post(f"/admin/api-tokens/{token.pk}/revoke/").status_code == 302
    assert ApiToken.objects.named_by(secret) is None
    foreign.refresh_from_db()
    assert foreign.revoked_at is None


def test_an_officer_sees_no_settings_and_no_tokens(client, officer, authority):
    client.force_login(officer)
    for path in ("/admin/council/", f"/admin/council/edit/{authority.pk}/", "/admin/api-tokens/"):
        assert client.get(path).status_code in {302, 404}
        if path.endswith("edit/"):
            assert client.post(path, settings_form(authority, name="x")).status_code in {302, 404}


# --- Pages and pictures ---------------------------------------------------------------------------------------------


def own_page(council: LocalAuthority) -> Page:
    return council.site.root_page.get_children().first()


def test_an_administrator_edits_the_own_pages_and_never_anothers(
    client, administrator, authority, other_authority, websites
):
    client.force_login(administrator)
    own, foreign = own_page(authority), own_page(other_authority)
    assert client.get(f"/admin/pages/{own.pk}/edit/").status_code == 200
    for path in (
        f"/admin/pages/{foreign.pk}/edit/",
        f"/admin/pages/{foreign.pk}/",
        f"/admin/pages/{foreign.pk}/delete/",
        f"/admin/pages/{foreign.pk}/history/",
        f"/admin/pages/{foreign.pk}/usage/",
        f"/admin/pages/{foreign.pk}/copy/",
        f"/admin/pages/{foreign.pk}/view_draft/",
        f"/admin/pages/{foreign.pk}/privacy/",
        f"/admin/pages/{own.pk}/move/{foreign.pk}/confirm/",
        f"/admin/choose-page/{foreign.pk}/",
        f"/admin/api/main/pages/{foreign.pk}/",
    ):
        response = client.get(path)
        assert response.status_code in {302, 403, 404}, path
        assert foreign.title not in response.content.decode() or foreign.title == own.title
    for path in ("/admin/pages/", "/admin/choose-page/", "/admin/api/main/pages/", "/admin/pages/search/?q=planning"):
        assert "Elsewhere" not in client.get(path).content.decode(), path


def test_pictures_and_documents_are_kept_apart_too(client, administrator, other_authority, websites):
    client.force_login(administrator)
    foreign = websites["LBH"]
    page = client.get("/admin/images/").content.decode() + client.get("/admin/images/chooser/").content.decode()
    assert websites["BKM"].title in page
    assert foreign.title not in page
    for path in (
        f"/admin/images/{foreign.pk}/",
        f"/admin/images/{foreign.pk}/delete/",
        f"/admin/images/usage/{foreign.pk}/",
        f"/admin/images/chooser/chosen/{foreign.pk}/",
        f"/admin/images/{foreign.pk}/generate_url/",
        f"/admin/images/chooser/{foreign.pk}/select_format/",
        f"/admin/images/chooser/chosen-multiple/?id={foreign.pk}",
        "/admin/api/main/images/",
    ):
        response = client.get(path)
        assert foreign.title not in response.content.decode(), path
        client.post(path, {"title": "Ours"})
    foreign.refresh_from_db()
    assert foreign.title == "Picture of Elsewhere Council"


def test_a_new_document_lands_in_the_own_collection(client, administrator, authority, other_authority, websites):
    from wagtail.documents import get_document_model

    client.force_login(administrator)
    for council in (other_authority, authority):  # whichever the form asks for
        file = ContentFile(b"How to draw a site plan", name="guide.txt")
        collection = collection_of(council).pk
        client.post("/admin/documents/add/", {"title": "Guide", "file": file, "collection": collection, "tags": ""})
    stored = {document.collection_id for document in get_document_model().objects.all()}
    assert stored == {collection_of(authority).pk}


def test_an_officer_finds_no_pages_and_no_pictures(client, officer, websites):
    client.force_login(officer)
    for path in ("pages/", "choose-page/", "images/", "images/chooser/", "documents/", "api/main/pages/"):
        assert client.get(f"/admin/{path}").status_code in {302, 403, 404}, path


@pytest.mark.parametrize(
    "path",
    [
        "reports/site-history/", "reports/locked/", "reports/workflow/", "reports/workflow_tasks/",
        "reports/aging-pages/", "reports/page-types-usage/", "groups/", "groups/new/", "sites/", "sites/new/",
        "collections/", "collections/add/", "workflows/list/", "workflows/tasks/index/", "redirects/", "redirects/add/",
        "forms/", "settings/wagtailcore/site/", "api/main/documents/",
    ],
)  # fmt: skip
def test_what_wagtail_shows_of_all_councils_at_once_is_for_the_installation(
    client, administrator, manager, superuser, path
):
    for user in (administrator, manager):
        client.force_login(user)
        assert client.get(f"/admin/{path}").status_code == 302
    if "settings" not in path and "forms" not in path:
        client.force_login(superuser)
        assert client.get(f"/admin/{path}").status_code == 200


def test_the_menu_offers_nothing_that_would_be_refused(client, administrator, officer, websites):
    for user in (administrator, officer):
        client.force_login(user)
        page = client.get("/admin/").content.decode()
        for name in ("/admin/reports/", "/admin/groups/", "/admin/sites/", "/admin/workflows/", "/admin/redirects/"):
            assert name not in page, (user, name)
    assert '"/admin/images/"' not in page


def test_two_administrators_two_worlds(client, make_user, administrator, other_authority, websites):
    """The same group, another council: the grant comes from the person, not from the group."""
    stranger = make_user("adm2", ADMINISTRATOR, authority=other_authority)
    client.force_login(stranger)
    page = client.get("/admin/images/").content.decode()
    assert websites["LBH"].title in page
    assert websites["BKM"].title not in page


@pytest.mark.parametrize("action", ["publish", "unpublish", "delete", "move"])
@pytest.mark.parametrize("asked", ["id={page}", "id=all&childOf={home}", "id=all", "id=all&childOf={root}"])
def test_nothing_is_told_of_pages_with_which_nothing_can_be_done(client, administrator, websites, asked, action):
    home = LocalAuthority.objects.get(code="LBH").site.root_page
    draft = home.add_child(instance=StandardPage(title="Our secret plan", slug="plan", live=False))
    client.force_login(administrator)
    asked = asked.format(page=draft.pk, home=home.pk, root=home.get_parent().pk)
    page = client.get(f"/admin/bulk/wagtailcore/page/{action}/?{asked}").content.decode()
    assert "Our secret plan" not in page
    assert home.title not in page


def test_nothing_is_told_of_pictures_with_which_nothing_can_be_done(client, administrator, websites):
    client.force_login(administrator)
    for asked in (f"id={websites['LBH'].pk}", "id=all"):
        page = client.get(f"/admin/bulk/wagtailimages/image/delete/?{asked}").content.decode()
        assert websites["LBH"].title not in page, asked


def test_nothing_is_told_of_the_page_below_which_nothing_can_be_moved(client, administrator, websites):
    homes = {council.code: council.site.root_page for council in LocalAuthority.objects.all()}
    own = homes["BKM"].add_child(instance=StandardPage(title="Ours", slug="ours"))
    client.force_login(administrator)
    form = {"chooser": homes["LBH"].pk}
    page = client.post(f"/admin/bulk/wagtailcore/page/move/?id={own.pk}", form, follow=True).content.decode()
    assert homes["LBH"].title not in page
    own.refresh_from_db()
    assert own.get_parent().pk == homes["BKM"].pk
