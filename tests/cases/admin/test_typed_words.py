"""What is typed into a form and not saved is kept for its writer alone, and put back into the form when they come back.

The forms are found by the addresses of the admin: a new one is asked as well.
"""

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.roles import PLANNING_MANAGER, PLANNING_OFFICER
from cases.admin.typed import pages
from cases.application import ending
from cases.models import AssessmentSection, PlanningApplication, TypedWords
from cases.statuses import Status
from cases.typed_words import KEPT, MOST_FORMS, sign_for
from tests import clock
from tests.cases.busy_case import busy_cases
from tests.cases.case_forms import MINE, changed, forms_of
from tests.forms import read

pytestmark = pytest.mark.django_db
WORDS = "The site lies at the end of a close."
KEEP = "/admin/typed/keep/"


@pytest.fixture
def case(make_application, officer):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=officer)


@pytest.fixture
def address(case):
    return reverse("case_task", args=[case.pk, "site_description"])


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def typed(client: Client, address: str, **words: str) -> dict:
    """The form of the page as its writer leaves it."""
    (form,) = [one for one in read(client.get(address).content.decode())[0] if set(words) <= set(one.sent())]
    return form.sent() | words


def test_every_form_about_a_case_gets_its_words_back(make_application, make_user, authority, monkeypatch):
    """Each is kept as somebody left it, the page offers it, and put back it says the same, without scripts."""
    monkeypatch.setattr(pages, "MOST_A_MINUTE", 1000)
    writer = make_user("writer", PLANNING_OFFICER, PLANNING_MANAGER, authority=authority)
    client = signed_in(writer)
    wrong, met = [], set()
    for one in forms_of(client, busy_cases(make_application, writer)):
        data = changed(one.form, MINE)
        texts = [name for name in one.form.texts() if name in data]
        if not texts or one.form.has("seen", "version", "stood"):
            continue
        for name in texts:
            data[name] = [data[name][0] or f"Typed {MINE}"]
        if "typed_by" not in data:
            wrong.append(f"{one} does not say who writes")
            continue
        TypedWords.objects.all().delete()
        kept = client.post(KEEP, data | {"typed_page": one.address})
        offers = [link for link in read(client.get(one.address).content.decode())[1] if "put_back=" in link]
        if kept.status_code != 204 or len(offers) != 1:
            wrong.append(f"{one}: {kept.status_code}, {len(offers)} offers")
            continue
        there = [form.sent() for form in read(client.get(offers[0]).content.decode())[0]]
        same = [form for form in there if all(_same(form.get(name), data[name]) for name in texts)]
        wrong += [] if same else [f"{one}: not put back: {texts}"]
        met.add(one.key)
    assert wrong == []
    assert len(met) > 40, "\n".join(map(str, sorted(met)))


def _same(one: list[str] | None, other: list[str]) -> bool:
    return one is not None and [text.strip() for text in one] == [text.strip() for text in other]


def test_what_is_saved_is_forgotten(case, address, officer):
    client = signed_in(officer)
    data = typed(client, address, site_description=WORDS)
    client.post(KEEP, data)
    assert TypedWords.objects.get().writer == officer
    assert client.post(address, data).status_code == 302
    assert not TypedWords.objects.exists()


def test_what_is_refused_is_kept_though_no_script_ran(case, address, officer, manager):
    client = signed_in(officer)
    data = typed(client, address, site_description=WORDS)
    ending.withdraw(
        PlanningApplication.objects.get(pk=case.pk), by=manager, note="Letter", withdrawn_on=case.received_on
    )
    assert client.post(address, data).status_code == 403
    page = client.get(reverse("typed_words")).content.decode()
    assert WORDS in page
    assert WORDS in client.get(address).content.decode(), "to be copied, though there is no form any more"


def test_the_words_outlive_the_session(case, address, officer):
    """Sent when nobody is signed in any more: kept for whoever opened the page."""
    client = signed_in(officer)
    data = typed(client, address, site_description=WORDS)
    client.logout()
    answer = client.post(address, data)
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("wagtailadmin_login"))
    assert not AssessmentSection.objects.exists()
    client.force_login(officer)
    page = client.get(address).content.decode()
    assert "and did not save it" in page
    (offer,) = [link for link in read(page)[1] if "put_back=" in link]
    assert WORDS in client.get(offer).content.decode().partition("<textarea")[2]


def test_who_signs_in_next_at_the_same_desk_reads_nothing(case, address, officer, manager):
    client = signed_in(officer)
    data = typed(client, address, site_description=WORDS)
    client.force_login(manager)
    assert client.post(KEEP, data).status_code == 204
    assert TypedWords.objects.get().writer == officer
    for page in (address, reverse("typed_words"), reverse("wagtailadmin_home")):
        assert WORDS not in client.get(page).content.decode()
    key = TypedWords.objects.get().pk
    assert WORDS not in client.get(f"{address}?put_back={key}").content.decode()
    assert client.post(reverse("typed_throw_away", args=[key])).status_code == 404
    assert TypedWords.objects.exists()


@pytest.mark.parametrize("said", ["", "1", "x:y:z"])
def test_nobody_writes_in_anothers_name(said, case, address, officer):
    posted = {"typed_by": said, "typed_page": address, "site_description": WORDS}
    assert Client().post(KEEP, posted).status_code in (302, 403)
    assert not TypedWords.objects.exists()


def test_a_closed_account_and_an_old_page_keep_nothing(case, address, officer):
    signed = sign_for(officer)
    posted = {"typed_by": signed, "typed_page": address, "site_description": WORDS}
    with clock.later(days=3):
        assert Client().post(KEEP, posted).status_code == 403
    officer.is_active = False
    officer.save()
    assert Client().post(KEEP, posted).status_code == 403
    assert not TypedWords.objects.exists()


def test_another_site_cannot_write(address, officer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(officer)
    assert client.post(KEEP, {"typed_page": address, "site_description": WORDS}).status_code == 403


def test_neither_passwords_nor_tokens_nor_what_is_too_long(case, address, officer, one_window):
    client = signed_in(officer)
    posted = {"typed_page": address, "site_description": WORDS, "password1": "secret", "csrfmiddlewaretoken": "secret"}
    client.post(KEEP, posted)
    assert "secret" not in str(TypedWords.objects.get().sent)
    assert client.post(KEEP, posted | {"site_description": "x" * 1_000_001}).status_code == 413
    answers = {client.post(KEEP, posted).status_code for _ in range(70)}
    assert answers == {204, 429}


@pytest.mark.parametrize(
    "page", ["/", "https://elsewhere.example/admin/", "//elsewhere.example/admin/", "/admin/" + "x" * 400]
)
def test_only_pages_of_the_admin_are_come_back_to(page, officer):
    signed_in(officer).post(KEEP, {"typed_page": page, "site_description": WORDS})
    assert not TypedWords.objects.filter(path__startswith="/x").exists()
    assert all(words.path.startswith("/admin/") and len(words.path) < 301 for words in TypedWords.objects.all())


def test_it_goes_after_a_fortnight_and_the_oldest_make_room(case, address, officer):
    client = signed_in(officer)
    client.post(KEEP, {"typed_page": address, "site_description": WORDS})
    with clock.later(days=KEPT.days + 1):
        call_command("run_due", verbosity=0)
        assert not TypedWords.objects.exists()
    client = signed_in(officer)  # the session is over as well
    for number in range(MOST_FORMS + 2):
        TypedWords.objects.create(writer=officer, path=f"/admin/{number}/", sent=[["x", "y"]])
    client.post(KEEP, {"typed_page": address, "site_description": WORDS})
    assert TypedWords.objects.count() == MOST_FORMS
    assert TypedWords.objects.filter(path=address).exists()


def test_the_words_stand_beside_what_a_colleague_wrote_meanwhile(case, address, officer, manager):
    client = signed_in(officer)
    client.post(KEEP, typed(client, address, site_description=WORDS))
    colleague = signed_in(manager)
    assert colleague.post(address, typed(colleague, address, site_description="A red house")).status_code == 302
    (offer,) = [link for link in read(client.get(address).content.decode())[1] if "put_back=" in link]
    page = client.get(offer).content.decode()
    for words in ("As it is now", "A red house", WORDS):
        assert words in page


def test_the_officer_finds_all_of_it_from_home_and_throws_it_away(case, address, officer):
    client = signed_in(officer)
    client.post(KEEP, {"typed_page": address, "typed_title": "Site and proposal in words", "site_description": WORDS})
    assert "Site and proposal in words" in client.get(reverse("wagtailadmin_home")).content.decode()
    words = TypedWords.objects.get()
    thrown = client.post(reverse("typed_throw_away", args=[words.pk]), {"from_list": "1"})
    assert thrown.url == reverse("typed_words")
    assert not TypedWords.objects.exists()
    assert "Not saved yet" not in client.get(reverse("wagtailadmin_home")).content.decode()


def test_kept_words_touch_nothing_of_the_case(case, address, officer):
    before = (case.events.count(), PlanningApplication.objects.get(pk=case.pk).updated_at)
    client = signed_in(officer)
    client.post(KEEP, typed(client, address, site_description=WORDS))
    assert (case.events.count(), PlanningApplication.objects.get(pk=case.pk).updated_at) == before
