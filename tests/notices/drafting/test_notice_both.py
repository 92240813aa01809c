"""Two officers in the editor of one notice: the second to save is shown what the first has written."""

import pytest
from django.test import Client
from django.urls import reverse

from notices.models import DecisionNotice
from notices.signoff.drafting import draft_notice, start_correction
from tests.forms import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice(recommended, officer) -> DecisionNotice:
    return draft_notice(recommended(), by=officer)


@pytest.fixture
def editor(notice) -> str:
    return reverse(notice.snippet_viewset.get_url_name("edit"), args=[notice.pk])


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(client: Client, address: str) -> dict:
    """What the editor's form carries; its blocks are drawn by a script."""
    forms = read(client.get(address).content.decode())[0]
    return next(form.sent() for form in forms if "shown" in form.sent())


def body(words: str) -> dict:
    return {
        "body-count": "1",
        "body-0-deleted": "",
        "body-0-order": "0",
        "body-0-type": "heading",
        "body-0-id": "",
        "body-0-value": words,
    }


def words_of(notice: DecisionNotice) -> str:
    return str(DecisionNotice.objects.get(pk=notice.pk).body.get_prep_value())


def test_the_second_saver_wipes_out_nothing_and_may_save_deliberately(notice, editor, officer, manager):
    first, second = signed_in(manager), signed_in(officer)
    theirs, mine = shown(first, editor), shown(second, editor)
    assert first.post(editor, theirs | body("Written by the first")).status_code == 302
    answer = second.post(editor, mine | body("Written by the second"))
    page = answer.content.decode()
    assert answer.status_code == 409
    for words in (
        "This has changed since you opened it",
        "Written by the first",
        "Written by the second",
        str(manager),
    ):
        assert words in page
    assert "Written by the first" in words_of(notice)
    again = next(form.sent() for form in read(page)[0] if "shown" in form.sent())
    assert second.post(editor, again | body("Written by the second")).status_code == 302
    assert "Written by the second" in words_of(notice)


def test_bringing_the_facts_up_to_date_is_no_change_of_the_words(notice, editor, officer):
    client = signed_in(officer)
    mine = shown(client, editor)
    draft_notice(notice.application, by=officer)
    assert client.post(editor, mine | body("Written meanwhile")).status_code == 302


def test_what_was_typed_in_the_editor_is_put_back(notice, editor, officer):
    client = signed_in(officer)
    kept = {"typed_page": editor, "typed_title": "The notice"}
    assert client.post("/admin/typed/keep/", shown(client, editor) | body("Never saved") | kept).status_code == 204
    page = client.get(editor).content.decode()
    assert "Never saved" in page
    (offer,) = [link for link in read(page)[1] if "put_back=" in link]
    form = client.get(offer).context["form"]
    assert "Never saved" in str(form["body"].value().get_prep_value())


def test_the_details_of_a_correction_too(submitted, officer, manager, second_manager, client):
    from notices.signoff.approving import approve

    notice = submitted()
    approve(notice, by=manager)
    notice.application.refresh_from_db()
    start_correction(notice.application, reason="A slip of the pen", by=officer)
    address = reverse("case_notice_details", args=[notice.application_id])
    first, second = signed_in(manager), signed_in(officer)
    theirs, mine = shown(first, address), shown(second, address)
    assert first.post(address, theirs | {"description": "An extension at the back"}).status_code == 302
    answer = second.post(address, mine | {"site_address": "8 Blyton Close"})
    assert answer.status_code == 409
    assert "An extension at the back" in answer.content.decode()
