"""Whoever edits a council's website uploads, saves and opens again, and has one menu whichever page is open."""

import json
import pickle
import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.permission_policies import BasePermissionPolicy
from wagtail.permissions import collection_permission_policy, page_permission_policy, policy_registry
from wagtail.test.utils.form_data import nested_form_data, querydict_from_html, rich_text, streamfield

from accounts.models import User
from accounts.roles import ADMINISTRATOR, ROLES, website_editors
from accounts.websites import collection_of
from home.models import StandardPage
from tests.cases import files
from tests.database import give_public_site

pytestmark = pytest.mark.django_db

WEBSITE_EDITOR = "Website editor"
INSTALLATION = "installation"
EVERYBODY = [*ROLES, WEBSITE_EDITOR, INSTALLATION]
EDITORS = [ADMINISTRATOR, WEBSITE_EDITOR, INSTALLATION]
OTHERS = [role for role in EVERYBODY if role not in EDITORS]


@pytest.fixture
def page(authority) -> StandardPage:
    give_public_site(authority)
    authority.refresh_from_db()
    return StandardPage.objects.child_of(authority.site.root_page).first()


@pytest.fixture
def sign_in(client, page, make_user, superuser, authority):
    """sign_in(role) → the client of somebody in that role."""

    def signed_in(role: str):
        group = website_editors(authority) if role == WEBSITE_EDITOR else role
        client.force_login(superuser if role == INSTALLATION else make_user("somebody", group, authority=authority))
        return client

    return signed_in


def upload(client, kind: str, file, authority) -> dict:
    """What the chooser tells the page after somebody uploaded a file in it."""
    form = {"title": "The town hall", "collection": collection_of(authority).pk, "tags": ""}
    data = {f"{kind}-chooser-upload-{name}": value for name, value in {**form, "file": file}.items()}
    return json.loads(client.post(f"/admin/{kind}s/chooser/create/", data).content)


def save(client, page, image: dict, document: dict):
    """Post what the editor's form holds, with the picture and a link to the document in the body."""
    address = f"/admin/pages/{page.pk}/edit/"
    form = querydict_from_html(client.get(address).content.decode(), form_id="page-edit-form").dict()
    link = f'<p>Read <a linktype="document" id="{document["id"]}">the plan</a>.</p>'
    figure = {"image": {"image": image["id"], "alt_text": "The town hall", "decorative": ""}, "caption": ""}
    body = nested_form_data({"body": streamfield([("paragraph", rich_text(link)), ("figure", figure)])})
    return client.post(address, {**form, **body, "action-publish": "1"})


@pytest.mark.parametrize("role", EDITORS)
def test_a_picture_and_a_document_are_uploaded_while_a_page_is_edited(sign_in, page, authority, role):
    client = sign_in(role)
    assert client.get(f"/admin/pages/{page.pk}/edit/").status_code == 200
    picture = SimpleUploadedFile("hall.png", get_test_image_file().file.getvalue(), "image/png")
    chosen_image = upload(client, "image", picture, authority)
    chosen_document = upload(client, "document", SimpleUploadedFile("plan.pdf", files.pdf()), authority)
    assert (chosen_image["step"], chosen_document["step"]) == ("chosen", "chosen")

    response = save(client, page, chosen_image["result"], chosen_document["result"])
    assert response.status_code == 302, response.content.decode()
    assert client.get(f"/admin/pages/{page.pk}/edit/").status_code == 200
    assert "The town hall" in client.get("/admin/images/").content.decode()
    assert "The town hall" in client.get("/admin/images/chooser/").content.decode()
    assert "The town hall" in client.get("/admin/documents/chooser/").content.decode()
    public = client.get(page.relative_url(authority.site), headers={"host": authority.site.hostname}).content.decode()
    assert 'alt="The town hall"' in public
    assert "/documents/" in public


@pytest.mark.parametrize("role", OTHERS)
def test_who_does_not_edit_the_website_uploads_nothing(sign_in, page, authority, role):
    client = sign_in(role)
    for kind in ("image", "document"):
        refused = client.get(f"/admin/{kind}s/chooser/create/", follow=True)
        assert "do not have permission" in refused.content.decode()
        client.post(f"/admin/{kind}s/chooser/create/", {f"{kind}-chooser-upload-title": "Mine"})
    assert not get_image_model().objects.exists()
    assert not get_document_model().objects.exists()


# --- One menu -------------------------------------------------------------------------------------------------------


def menu_of(response) -> list:
    props = re.search(r'id="wagtail-sidebar-props" type="application/json">(.*?)</script>', response.content.decode())
    assert props, response.request["PATH_INFO"]
    return json.loads(props[1])["modules"][-1]["_args"][0]


def items_of(menu: list) -> list[str]:
    """Names of all entries, the nested ones included: anything else in them, such as what is open, may change."""
    return re.findall(r'"name": "([\w-]+)"', json.dumps(menu))


@pytest.fixture
def addresses(page, authority) -> list[str]:
    image = get_image_model().objects.create(
        title="Hall", file=get_test_image_file(), collection=collection_of(authority)
    )
    document = get_document_model().objects.create(
        title="Plan", file=SimpleUploadedFile("plan.pdf", files.pdf()), collection=collection_of(authority)
    )
    of_each_kind = {type(one.specific): one for one in [page, *page.get_siblings(inclusive=False)]}.values()
    return [
        "/admin/", "/admin/account/", "/admin/cases/", "/admin/notices/message/", "/admin/users/", "/admin/pages/",
        "/admin/pages/search/?q=planning", "/admin/images/", "/admin/images/add/", f"/admin/images/{image.pk}/",
        "/admin/documents/", "/admin/documents/add/", f"/admin/documents/edit/{document.pk}/",
        f"/admin/council/edit/{authority.pk}/", "/admin/api-tokens/", "/admin/reference/requirements/",
        *(f"/admin/pages/{one.pk}/{view}" for one in of_each_kind for view in ("", "edit/", "history/", "usage/")),
        f"/admin/pages/add/home/standardpage/{page.get_parent().pk}/",
        f"/admin/pages/{page.pk}/delete/", f"/admin/pages/{page.pk}/copy/", f"/admin/pages/{page.pk}/move/",
    ]  # fmt: skip


@pytest.mark.parametrize("role", EVERYBODY)
def test_the_menu_is_the_same_on_every_page(sign_in, addresses, role):
    client = sign_in(role)
    home = items_of(menu_of(client.get("/admin/")))
    assert {"explorer", "images", "documents"} & set(home) == (
        {"explorer", "images", "documents"} if role in EDITORS else set()
    )
    opened = [response for address in addresses if (response := client.get(address)).status_code == 200]
    assert len(opened) > (20 if role in EDITORS else 2)
    others = {
        response.request["PATH_INFO"]: items for response in opened if (items := items_of(menu_of(response))) != home
    }
    assert others == {}


# --- What hangs on the user -----------------------------------------------------------------------------------------


def all_policies(kind: type = BasePermissionPolicy) -> set[type]:
    return {kind, *(found for sub in kind.__subclasses__() for found in all_policies(sub))}


def test_whatever_a_policy_keeps_on_the_user_the_user_says_itself():
    """A cache that the first policy to ask would fill with its own view is one that the others then read."""
    kept = {policy.permission_cache_name for policy in all_policies()} - {""}
    assert len(kept) >= 3
    assert {name for name in kept if not hasattr(User, name)} == set()


@pytest.mark.parametrize("first", ["pages", "collections", "images", "documents"])
@pytest.mark.parametrize("group", [ADMINISTRATOR, WEBSITE_EDITOR])
def test_which_policy_is_asked_first_changes_nothing(make_user, authority, page, first, group):
    group = website_editors(authority) if group == WEBSITE_EDITOR else group
    user = make_user("ed", group, authority=authority)
    policies = {
        "pages": page_permission_policy,
        "collections": collection_permission_policy,
        "images": policy_registry.get_by_type(get_image_model()),
        "documents": policy_registry.get_by_type(get_document_model()),
    }
    policies[first].user_has_any_permission(user, {"add", "change"})
    assert {name: policy.user_has_permission(user, "change") for name, policy in policies.items()} == {
        "pages": True,
        "collections": False,
        "images": True,
        "documents": True,
    }


def test_a_user_who_was_asked_about_travels_through_a_cache_as_the_row_alone(administrator, page):
    policy_registry.get_by_type(get_image_model()).user_has_permission(administrator, "change")
    page_permission_policy.explorable_root_instance(administrator)
    administrator.has_perm("cases.view_document")
    administrator.something_of_this_request = lambda: None
    copy = pickle.loads(pickle.dumps(administrator))
    assert copy == administrator
    assert set(vars(copy)) <= {"_state", "_django_version", *(field.attname for field in User._meta.concrete_fields)}


def test_no_row_for_a_group_opens_one_councils_pages_to_every_other(page, make_user, other_authority, authority):
    """Our roles are shared by the councils: Wagtail's own grants to a group would be for all of them."""
    stranger = make_user("stranger", ADMINISTRATOR, authority=other_authority)
    shared = Group.objects.get(name=ADMINISTRATOR)
    shared.collection_permissions.create(
        collection=collection_of(authority), permission_id=_permission("wagtailimages", "change_image")
    )
    shared.page_permissions.create(page=page, permission_id=_permission("wagtailcore", "change_page"))
    assert not page_permission_policy.user_has_permission_for_instance(stranger, "change", page)
    images = policy_registry.get_by_type(get_image_model())
    assert authority.collection not in images.collections_user_has_permission_for(stranger, "change")


def _permission(app: str, codename: str) -> int:
    return Permission.objects.get(content_type__app_label=app, codename=codename).pk
