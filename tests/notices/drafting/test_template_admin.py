"""Templates for administrators: errors at the block, drafts, previews, and each council for itself."""

import pytest
from django.urls import reverse

from accounts.roles import ADMINISTRATOR
from notices.models import NoticeTemplate

pytestmark = pytest.mark.django_db


def url(name: str, *args) -> str:
    return reverse(NoticeTemplate.snippet_viewset.get_url_name(name), args=args)


@pytest.fixture
def own(authority) -> NoticeTemplate:
    shared = NoticeTemplate.objects.get(slug="householder-refused", authority=None)
    template = NoticeTemplate(
        authority=authority, slug="ours", name="Our refusal", decisions=["refused"], body=shared.body
    )
    template.application_types = shared.application_types.all()
    template.save()
    template.save_revision()
    return template


def form(template: NoticeTemplate, words: str = "At {{ site_address }}", **more) -> dict:
    return {
        "name": template.name,
        "slug": template.slug,
        "decisions": template.decisions,
        "application_types": [kind.pk for kind in template.application_types.all()],
        "body-count": "1",
        "body-0-deleted": "",
        "body-0-order": "0",
        "body-0-type": "heading",
        "body-0-id": "",
        "body-0-value": words,
        **more,
    }


def test_an_administrator_changes_and_publishes(own, administrator, client):
    client.force_login(administrator)
    response = client.post(url("edit", own.pk), form(own, **{"action-publish": "1"}))
    assert response.status_code == 302, response.content[:300]
    own.refresh_from_db()
    assert [child.value for child in own.body] == ["At {{ site_address }}"]
    assert own.live
    assert own.is_customised


def test_a_draft_is_not_used_before_it_is_published(own, administrator, client):
    client.force_login(administrator)
    data = form(own, "Not yet", decisions=["granted"])
    assert client.post(url("edit", own.pk), data).status_code == 302
    own.refresh_from_db()
    assert own.decisions == ["refused"]
    assert own.get_latest_revision_as_object().decisions == ["granted"]


@pytest.mark.parametrize("words", ["{{ nonsense }}", "{{ site_address", "{% include 'x' %}"])
def test_a_bad_merge_field_is_an_error_at_its_block(own, administrator, client, words):
    client.force_login(administrator)
    for button in ({}, {"action-publish": "1"}):
        response = client.post(url("edit", own.pk), form(own, words, **button))
        assert response.status_code == 200
        assert "merge field" in response.content.decode()
    own.refresh_from_db()
    assert len(own.body) > 1


def test_a_decision_that_none_of_the_types_has_is_refused(own, administrator, client):
    client.force_login(administrator)
    response = client.post(url("edit", own.pk), form(own, decisions=["tree_tpo_made"], **{"action-publish": "1"}))
    assert "None of the types has the decision" in response.content.decode()


def test_the_preview_shows_unsaved_words_with_a_case_of_the_council(own, administrator, client, make_application):
    application = make_application("pp.full.householder")
    client.force_login(administrator)
    address = url("preview_on_edit", own.pk)
    answer = client.post(address, form(own, "Typed just now for {{ reference }}"))
    assert answer.json()["is_valid"]
    page = client.get(address, {"mode": "refused"}).content.decode()
    assert f"Typed just now for {application.reference}" in page
    assert "Draft. This is not a decision" in page


def test_the_preview_never_takes_a_case_of_another_council(
    own, administrator, client, make_application, other_authority
):
    other = make_application("pp.full.householder", authority=other_authority)
    client.force_login(administrator)
    address = url("preview_on_edit", own.pk)
    client.post(address, form(own, "For {{ reference }}"))
    assert other.reference not in client.get(address, {"mode": "refused"}).content.decode()


def test_templates_of_another_council_do_not_exist(own, make_user, other_authority, client):
    client.force_login(make_user("elsewhere", ADMINISTRATOR, authority=other_authority))
    assert own.name not in client.get(url("list")).content.decode()
    for name in ("edit", "history", "preview_on_edit"):
        response = client.get(url(name, own.pk))
        assert response.status_code in {302, 404}
        if response.status_code == 302:
            assert response.url == reverse("wagtailadmin_home")
    client.post(url("edit", own.pk), form(own, "Theirs", **{"action-publish": "1"}))
    own.refresh_from_db()
    assert len(own.body) > 1


def test_shared_templates_are_not_changed_by_a_council_among_others(administrator, other_authority, client):
    shared = NoticeTemplate.objects.get(slug="householder-refused", authority=None)
    client.force_login(administrator)
    client.post(url("edit", shared.pk), form(shared, "Ours now", **{"action-publish": "1"}))
    shared.refresh_from_db()
    assert len(shared.body) > 1
    assert not shared.is_customised


def test_a_council_begins_its_own_from_the_shared_one(administrator, authority, other_authority, client):
    shared = NoticeTemplate.objects.get(slug="householder-refused", authority=None)
    client.force_login(administrator)
    address = f"{url('add')}?from={shared.pk}"
    page = client.get(address)
    assert page.status_code == 200
    assert shared.name in page.content.decode()
    response = client.post(url("add"), form(shared, "Ours", **{"action-publish": "1"}))
    assert response.status_code == 302, response.content[:300]
    made = NoticeTemplate.objects.get(slug="householder-refused", authority=authority)
    assert [child.value for child in made.body] == ["Ours"]
    assert set(made.application_types.all()) == set(shared.application_types.all())


@pytest.mark.parametrize("name", ["delete", "usage", "unpublish"])
def test_nobody_deletes_or_unpublishes_a_template(own, administrator, superuser, client, name):
    for user in (administrator, superuser):
        client.force_login(user)
        client.post(url(name, own.pk))
        own.refresh_from_db()
        assert own.live


@pytest.mark.parametrize("who", ["officer", "manager", "reader", "support_officer"])
def test_templates_are_for_administrators(own, request, client, who):
    client.force_login(request.getfixturevalue(who))
    for address in (url("list"), url("edit", own.pk), url("add")):
        assert client.get(address).status_code == 302


def test_the_list_asks_the_same_number_of_queries_for_more_rows(
    own, administrator, client, django_assert_max_num_queries
):
    client.force_login(administrator)
    client.get(url("list"))
    with django_assert_max_num_queries(60):  # 54 rows; one query for each row would be far above
        client.get(url("list"))
