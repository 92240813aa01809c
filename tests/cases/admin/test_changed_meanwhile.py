"""Two officers open the same form, and the second to save is shown what the first has written: nothing is lost unseen.

The pages are found by the addresses of the admin, and their forms by reading them: a new form is asked as well.
"""

from collections.abc import Iterator
from functools import partial

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.roles import PLANNING_MANAGER, PLANNING_OFFICER
from cases.models import AssessmentSection, SiteVisit
from cases.statuses import Status
from tests.cases.busy_case import busy_cases
from tests.cases.case_forms import MINE, THEIRS, Found, changed, forms_of
from tests.database import COUNCIL, make_authority
from tests.forms import Form, read
from tests.making import new_application, new_user, one_world

pytestmark = pytest.mark.django_db

# What a form carries of that which it showed. `seen`, `version` and `stood` belong to pages with a way of their own:
# sign-off and letters, redaction, documents together.
CARRIED = ("shown", "about", "seen", "version", "stood")
# Forms that carry nothing, since they show nothing that could be written over.
CARRY_NOTHING = {
    ("case_documents_together", ""): "says what will happen on the next page, which carries how the documents stood",
    ("conditions", "usual"): "adds at the end of the list what is missing there",
    ("conditions", "ask_all"): "drafts requests that are read before they are sent",
    ("comments", "publish"): "publishes what is ticked, if it may be published as it then stands",
    ("send_validation_decision", "propose"): "drafts requests that are read before they are sent",
    ("case_requests", "remind"): "writes of what is still open when it is pressed",
    ("case_document_viewer", "previews"): "asks for a scan or a picture",
    ("case_notice", "draft"): "drafting, submitting and taking back are refused where the notice stands otherwise",
    ("wagtailadmin_logout", ""): "signs out",
}


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker) -> Iterator[dict]:
    """Cases in each stage, two who work on them, and every form of their pages."""
    with one_world(django_db_blocker):
        authority = make_authority(*COUNCIL)
        both = [new_user(name, PLANNING_OFFICER, PLANNING_MANAGER, authority=authority) for name in ("ann", "bob")]
        cases = busy_cases(partial(new_application, authority=authority), both[0])
        yield {"authority": authority, "both": both, "forms": forms_of(signed_in(both[0]), cases)}


@pytest.fixture
def authority(made, db):
    return made["authority"]


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_every_form_about_a_case_carries_what_it_showed(made):
    found = made["forms"]
    bare = {one.key: str(one) for one in found if not one.form.has(*CARRIED)}
    assert {key: where for key, where in bare.items() if key not in CARRY_NOTHING} == {}
    assert len({one.key for one in found}) > 50


def button_of(form: Form) -> dict[str, str]:
    """The one that saves without finishing."""
    buttons = [button for button in form.buttons if button[0] != "preview"]
    for_all = [button for button in buttons if button == ("outcome", "looked_at")]
    name, value = (for_all or buttons)[0]
    return {name: value} if name else {}


def opened_again(client: Client, one: Found) -> Form | None:
    response = client.get(one.address)
    forms = read(response.content.decode())[0] if response.status_code == 200 else []
    again = (Found(one.page, one.address, form) for form in forms if form.method == "post")
    wanted = one.form.sent().get("row"), set(one.form.sent())
    return next(
        (o.form for o in again if o.key == one.key and (o.form.sent().get("row"), set(o.form.sent())) == wanted), None
    )


def test_whoever_saves_second_is_shown_both(made, db):
    """Each form is saved by a colleague while it is open. Where the page then shows what they wrote, it is refused
    to write over it, both texts are on the page, and saving once more is deliberate."""
    second, first = (signed_in(person) for person in made["both"])
    wrong, met = [], set()
    for one in made["forms"]:
        if one.key in CARRY_NOTHING:
            continue
        with transaction.atomic():
            theirs = changed(one.form, THEIRS) | button_of(one.form)
            saved = first.post(one.form.action or one.address, theirs)
            now = opened_again(second, one) if saved.status_code == 302 else None
            stood, stands = one.form.sent(), now.sent() if now else {}
            asked = [name for name in stands if name in theirs and stood.get(name) != stands[name] and is_field(name)]
            if asked:
                wrong += refused(one, second, asked)
                met.add(one.key)
            transaction.set_rollback(True)
    assert wrong == []
    assert len(met) > 20, "\n".join(map(str, sorted(met)))


def is_field(name: str) -> bool:
    sent_along = {"shown", "about", "opened", "opened_row", "csrfmiddlewaretoken", "typed_by", "typed_page"}
    return name.rpartition("-")[2] not in sent_along


def refused(one: Found, second: Client, asked: list[str]) -> list[str]:
    mine = changed(one.form, MINE) | button_of(one.form)
    answer = second.post(one.form.action or one.address, mine)
    if answer.status_code != 409:
        return [f"{one}: {answer.status_code} for {asked}"]
    page = answer.content.decode()
    faults = [] if "This has changed since you opened it" in page else [f"{one}: the page does not say so"]
    if any(THEIRS in str(value) for value in mine.values()):
        faults.append(f"{one}: mixed up")
    for words in (THEIRS, MINE):
        sent = mine if words == MINE else {}
        if any(words in str(value) for value in sent.values()) and words not in page:
            faults.append(f"{one}: “{words}” is not on the page")
    again = [form for form in read(page)[0] if set(asked) <= set(form.sent())]
    if not again:
        return [*faults, f"{one}: the form is not there again"]
    deliberate = second.post(one.form.action or one.address, again[0].sent() | button_of(again[0]))
    return faults if deliberate.status_code == 302 else [*faults, f"{one}: cannot be saved after all"]


# --- What a person sees -----------------------------------------------------------------------------------------------


@pytest.fixture
def case(make_application, officer):
    case = make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=officer)
    case.sections.create(slug="site_description", text="A house", updated_by=officer)
    case.sections.create(slug="works_description", text="A porch", updated_by=officer)
    return case


def form_with(client: Client, address: str, name: str) -> Form:
    return next(form for form in read(client.get(address).content.decode())[0] if name in form.sent())


def texts(case) -> dict[str, str]:
    return dict(AssessmentSection.objects.filter(application=case).values_list("slug", "text"))


def test_another_field_of_the_same_form_is_not_written_over(case, officer, manager):
    address = reverse("case_task", args=[case.pk, "site_description"])
    mine = form_with(signed_in(officer), address, "site_description").sent() | {"works_description": "A tall porch"}
    theirs = form_with(signed_in(manager), address, "site_description").sent() | {"site_description": "A red house"}
    assert signed_in(manager).post(address, theirs).status_code == 302
    answer = signed_in(officer).post(address, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert texts(case) == {"site_description": "A red house", "works_description": "A porch"}
    for words in ("As it is now", "You changed nothing here", str(manager)):
        assert words in page
    again = next(form for form in read(page)[0] if "site_description" in form.sent()).sent()
    assert (again["site_description"], again["works_description"]) == (["A red house"], ["A tall porch"])
    assert signed_in(officer).post(address, again).status_code == 302
    assert texts(case) == {"site_description": "A red house", "works_description": "A tall porch"}


def test_who_typed_the_same_words_is_not_asked(case, officer, manager):
    address = reverse("case_task", args=[case.pk, "site_description"])
    mine = form_with(signed_in(officer), address, "site_description").sent() | {"site_description": "A red\r\nhouse "}
    theirs = mine | {"site_description": "A red\nhouse"}
    assert signed_in(manager).post(address, theirs).status_code == 302
    assert signed_in(officer).post(address, mine).status_code == 302


def test_a_row_that_was_changed_is_not_removed_unseen(case, officer, manager):
    visit = case.site_visits.create(visited_on="2026-06-03", notes="A level garden", by=officer)
    address = reverse("case_task", args=[case.pk, "site_visit"])
    question = form_with(signed_in(officer), f"{address}?open=remove&row={visit.pk}", "opened").sent()
    SiteVisit.objects.filter(pk=visit.pk).update(notes="A steep garden")
    answer = signed_in(officer).post(address, question | {"action": "remove"})
    assert answer.status_code == 409
    assert "A steep garden" in answer.content.decode()
    assert SiteVisit.objects.filter(pk=visit.pk).exists()


def test_every_button_saves_all_that_was_typed(case, officer):
    """The note beside a row, and a row beside the judgement."""
    address = reverse("case_task", args=[case.pk, "site_visit"])
    client = signed_in(officer)
    form = form_with(client, address, "judgement-note").sent()
    row = {"add-visited_on": "2026-06-03", "add-notes": "A level garden", "judgement-note": "Go again in spring"}
    assert client.post(address, form | row | {"outcome": "done"}).status_code == 302
    assert case.site_visits.get().notes == "A level garden"
    assert case.checks.get().note == "Go again in spring"
    form = form_with(client, f"{address}?open=add", "judgement-note").sent()
    more = {"add-visited_on": "2026-06-04", "add-notes": "It rained", "judgement-note": "Twice now"}
    assert client.post(address, form | more | {"action": "add"}).status_code == 302
    assert case.site_visits.count() == 2
    newest = case.checks.order_by("-pk").first()
    assert (newest.note, newest.outcome) == ("Twice now", "done")


def test_a_form_that_was_not_sent_keeps_its_ticks(case, officer):
    case.publicity.create(kind="site_notice", begins_on="2026-06-03", days=21, ends_on="2026-06-24", by=officer)
    address = reverse("case_facts", args=[case.pk])
    case.is_eia = True
    case.save(update_fields=["is_eia"])
    client = signed_in(officer)
    client.post("/admin/typed/keep/", {"typed_page": address, "judgement-note": "Of another form"})
    key = officer.typed_words.get().pk
    form = form_with(client, f"{address}?put_back={key}", "address").sent()
    assert form["is_eia"] == form_with(client, address, "address").sent()["is_eia"]


def test_what_is_not_begun_keeps_nobody_from_finishing(case, officer):
    address = reverse("case_task", args=[case.pk, "site_visit"])
    form = form_with(signed_in(officer), address, "judgement-note").sent()
    assert signed_in(officer).post(address, form | {"outcome": "done"}).status_code == 302
    assert not case.site_visits.exists()


def test_no_other_button_removes_or_takes_off(case, officer):
    comment = case.comments.create(
        name="Ann",
        text="Too tall",
        sentiment="objection",
        received_on="2026-06-03",
        redacted_text="Too tall",
        published_at="2026-06-04T10:00Z",
    )
    address = reverse("case_task", args=[case.pk, "comments"])
    client = signed_in(officer)
    form = form_with(client, f"{address}?open=unpublish&row={comment.pk}", "opened").sent()
    answer = client.post(address, form | {f"unpublish-{comment.pk}-because": "By mistake", "outcome": "done"})
    assert answer.status_code == 422
    assert "By mistake" in answer.content.decode()
    comment.refresh_from_db()
    assert comment.published_at is not None
    assert not case.checks.exists()
