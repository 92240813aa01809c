"""The officers' pages of requests: from the checklist to the letter, and from the answer to its end."""

import json
from datetime import date, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from cases.models import InvalidReason, ValidationRequest
from cases.requests.answers.files import add_answer_file
from cases.requests.answers.settling import accept_answer, cancel_request
from cases.statuses import Decision, Status
from cases.validation.checklist import Standing, checklist
from cases.worklists.before_sign_off import remarks
from notices.models import Message
from tests.cases import files
from tests.cases.asking import LINE, WORDS, answer, ask, draft, link_of

pytestmark = pytest.mark.django_db
Outcome, State = ValidationRequest.Outcome, ValidationRequest.State
DECISION = "send_validation_decision"


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder")


@pytest.fixture
def valid(make_application):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT)


@pytest.fixture
def desk(client, officer):
    """desk.get(application, "requests/") and desk.do(application, "requests/", "accept", 3, because="…")."""
    client.force_login(officer)

    def get(application, page: str, **query):
        return client.get(f"/admin/cases/{application.pk}/{page}", query)

    def do(application, page: str, action: str, row: object = "", **fields):
        prefix = "-".join(part for part in (action, str(row)) if part)
        data = {f"{prefix}-{name}": value for name, value in fields.items()}
        return client.post(f"/admin/cases/{application.pk}/{page}", {"action": action, "row": row, **data})

    def save(application, page: str, **fields):
        return client.post(f"/admin/cases/{application.pk}/{page}", fields)

    return SimpleNamespace(get=get, do=do, save=save, client=client)


def said(response) -> str:
    return " ".join(str(form.errors) for form in response.context["error_forms"])


def words(response) -> str:
    return " ".join(response.content.decode().split())


def send_letter(desk, application, query: str):
    """Open the letter and press its button."""
    page = desk.client.get(f"/admin/cases/{application.pk}/requests/letter/?{query}")
    form = page.context["letter_form"]
    data = {"action": page.context["action"], form.add_prefix("seen"): form["seen"].value()}
    return desk.client.post(f"/admin/cases/{application.pk}/requests/letter/?{query}", data)


# --- The checklist ---------------------------------------------------------------------------------------------------


def test_from_the_checklist_to_one_letter_that_says_what_it_said_before_it_went(desk, application):
    page = desk.get(application, f"tasks/{DECISION}/")
    rows = page.context["items"]
    ticked = [row["item"].requirement for row in rows if row["ticked"]]
    assert len(ticked) == sum(row["item"].standing == Standing.MISSING for row in rows) > 1
    chosen = [str(requirement.pk) for requirement in ticked[:2]]
    assert desk.do(application, f"tasks/{DECISION}/", "propose", requirements=chosen).status_code == 302
    assert {request.requirement_id for request in application.validation_requests.all()} == {int(pk) for pk in chosen}
    for request in application.validation_requests.all():  # an officer fills the blanks of the ready words in
        ValidationRequest.objects.filter(pk=request.pk).update(
            text=request.text.replace("[", "").replace("]", ""),
            what_to_send=request.what_to_send.replace("[", "").replace("]", ""),
        )
    assert "Noted in request 1" in words(desk.get(application, f"tasks/{DECISION}/"))

    [letter] = desk.get(application, "requests/letter/", mark="invalid").context["letters"]
    assert send_letter(desk, application, "mark=invalid").url == f"/admin/cases/{application.pk}/"
    application.refresh_from_db()
    assert application.status == Status.INVALIDATED
    message = Message.objects.get(application=application, about="invalid")
    link = next(line for line in message.body.splitlines() if "/your-application/" in line)
    assert message.body.replace(link, "(the recipient's own link stands here)") == letter["body"]
    assert message.subject == letter["subject"]
    assert all(request.title in letter["body"] for request in application.validation_requests.all())
    assert "famousfive@example.com" in letter["to"]


def test_only_items_of_the_list_are_proposed_and_each_once(desk, application):
    assert desk.do(application, f"tasks/{DECISION}/", "propose", requirements=["999999"]).status_code == 422
    assert "Tick what should be asked for" in said(desk.do(application, f"tasks/{DECISION}/", "propose"))
    item = next(item for item in checklist(application) if item.standing == Standing.MISSING)
    for _ in range(2):
        desk.do(application, f"tasks/{DECISION}/", "propose", requirements=[str(item.requirement.pk)])
    assert application.validation_requests.count() == 1


def test_what_is_there_is_shown_with_its_document_and_cannot_be_asked_for(desk, application):
    item = next(item for item in checklist(application) if item.requirement.rule == "document")
    document = application.documents.create(
        title="The very plan", types=item.requirement.document_types[:1], received_on="2026-06-01", file="x.pdf"
    )
    page = desk.get(application, f"tasks/{DECISION}/")
    [row] = [row for row in page.context["items"] if row["item"].requirement == item.requirement]
    assert (row["standing"], row["may_ask"]) == ("There", False)
    assert f'href="/admin/cases/documents/{document.pk}/"' in page.content.decode()


# --- The letter ------------------------------------------------------------------------------------------------------


def test_a_letter_that_changed_after_it_was_read_is_read_again(desk, application, officer):
    draft(application, "fee", by=officer)
    page = desk.get(application, "requests/letter/", mark="invalid")
    seen = page.context["letter_form"]["seen"].value()
    draft(application, "other", by=officer, title="Form incomplete")  # a colleague, meanwhile
    address = f"/admin/cases/{application.pk}/requests/letter/?mark=invalid"
    refused = desk.client.post(address, {"action": "invalid", "invalid-seen": seen, "invalid-note": "Typed"})
    assert refused.status_code == 422
    assert "have changed since you read" in said(refused)
    assert "Form incomplete" in words(refused)
    assert "Typed" in words(refused)
    application.refresh_from_db()
    assert application.status == Status.NOT_STARTED
    seen = refused.context["letter_form"]["seen"].value()
    assert desk.client.post(address, {"action": "invalid", "invalid-seen": seen}).status_code == 302


def test_no_letter_goes_out_with_a_blank_of_its_ready_words(desk, application, officer):
    reason = InvalidReason.objects.get(slug="form-incomplete")
    draft(
        application,
        "other",
        by=officer,
        reason=reason,
        title=reason.title,
        text=reason.text,
        what_to_send=reason.what_to_send,
    )
    page = desk.get(application, "requests/letter/", mark="invalid")
    assert "[section]" in str(page.context["to_fill_in"])
    assert "Mark as invalid and send" not in words(page)
    assert send_letter(desk, application, "mark=invalid").status_code == 422
    application.refresh_from_db()
    assert application.status == Status.NOT_STARTED


def test_later_requests_go_out_together_and_only_those_that_were_ticked(desk, valid, officer):
    chosen = [draft(valid, "other", by=officer, title=f"Question {number}") for number in range(3)]
    [letter] = desk.get(valid, "requests/letter/", request=[1, 2]).context["letters"]
    assert ("Question 0" in letter["body"], "Question 2" in letter["body"]) == (True, False)
    assert send_letter(desk, valid, "request=1&request=2").url == f"/admin/cases/{valid.pk}/requests/"
    states = [ValidationRequest.objects.get(pk=request.pk).state for request in chosen]
    assert states == [State.SENT, State.SENT, State.DRAFT]
    assert Message.objects.filter(application=valid, about="requests_sent").count() == 1
    again = send_letter(desk, valid, "request=1&request=2")
    assert again.status_code == 422  # there is nothing of it left to send
    assert desk.get(valid, "requests/letter/", request=["x", "99", "²"]).context["requests"] == []


def test_a_fault_of_an_unchecked_application_goes_only_with_the_decision(desk, application, officer):
    draft(application, "fee", by=officer)
    page = desk.get(application, "requests/letter/", request=1)
    assert page.context["sends"] is False
    assert "Mark the application as invalid" in said(send_letter(desk, application, "request=1"))
    assert desk.get(application, f"tasks/{DECISION}/").context["sendable"] == set()


# --- Asking for one thing --------------------------------------------------------------------------------------------


def boundary() -> str:
    return json.dumps(LINE)


@pytest.mark.parametrize(
    ("kind", "own", "stored"),
    [
        ("additional_document", {"document_types": ["sitePlan.proposed"]}, {"document_types": ["sitePlan.proposed"]}),
        ("description", {"proposed_description": "A porch"}, {"proposed_description": "A porch"}),
        ("description", {"proposed_description": ""}, {"proposed_description": ""}),
        ("red_line", {"drawn_by": "applicant", "proposed_boundary": "rubbish"}, {"proposed_boundary": None}),
        ("fee", {}, {}),
        ("ownership", {}, {}),
        ("other", {}, {}),
    ],
)
def test_each_kind_has_a_form_of_its_own(desk, application, kind, own, stored):
    address = f"requests/new/?kind={kind}"
    form = desk.get(application, "requests/new/", kind=kind).context["form"]
    assert set(form.fields) - {"title", "text", "what_to_send", "reason", "shown"} == set(own)
    answer = desk.save(application, address, **WORDS, **own)
    assert answer.url == f"/admin/cases/{application.pk}/tasks/{DECISION}/"
    request = application.validation_requests.get()
    assert (request.kind, request.title, request.state) == (kind, WORDS["title"], State.DRAFT)
    assert {name: getattr(request, name) for name in stored} == stored


def test_a_line_that_is_proposed_is_kept_and_the_present_one_is_no_proposal(desk, application):
    own = {"drawn_by": "council", "proposed_boundary": json.dumps(application.boundary)}
    assert "present line" in said(desk.save(application, "requests/new/?kind=red_line", **WORDS, **own))
    refused = desk.save(application, "requests/new/?kind=red_line", **WORDS, **own | {"proposed_boundary": "{"})
    assert "not JSON" in said(refused)
    assert WORDS["text"] in words(refused)  # nothing that was typed is lost
    desk.save(application, "requests/new/?kind=red_line", **WORDS, **own | {"proposed_boundary": boundary()})
    assert application.validation_requests.get().proposed_boundary["type"] == "Polygon"


def test_a_document_to_be_replaced_is_one_of_the_case_that_is_not_asked_for_yet(desk, application, make_application):
    def plan(case, title: str):
        return case.documents.create(title=title, received_on="2026-06-01", file="x.pdf", types=["sitePlan.proposed"])

    own, foreign = plan(application, "Own"), plan(make_application(), "Foreign")
    address = "requests/new/?kind=replacement_document"
    assert "document" in desk.save(application, address, **WORDS, document=foreign.pk).context["form"].errors
    assert desk.save(application, address, **WORDS, document=own.pk).status_code == 302
    form = desk.get(application, "requests/new/", kind="replacement_document").context["form"]
    assert list(form.fields["document"].queryset) == []
    changed = desk.get(application, "requests/1/change/").context["form"]
    assert list(changed.fields["document"].queryset) == [own]


def test_terms_are_proposed_once_the_application_is_valid(desk, application, valid):
    assert desk.get(application, "requests/new/", kind="heads_of_terms").url == "/admin/"
    terms = {"title": "Affordable housing", "text": "Two of the ten dwellings are let at an affordable rent."}
    assert desk.save(valid, "requests/new/?kind=heads_of_terms", **terms).url == f"/admin/cases/{valid.pk}/requests/"
    assert valid.validation_requests.get().kind == "heads_of_terms"


@pytest.mark.parametrize("query", [{"kind": "pre_commencement"}, {"kind": "nonsense"}, {"reason": "nonsense"}, {}])
def test_what_is_begun_elsewhere_or_nowhere_has_no_form(desk, valid, query):
    assert desk.get(valid, "requests/new/", **query).status_code == 404


def test_ready_words_fill_the_form_of_their_kind(desk, application):
    reason = InvalidReason.objects.filter(kind="fee").first()
    page = desk.get(application, "requests/new/", reason=reason.slug)
    form = page.context["form"]
    assert (page.context["kind"], form["title"].value(), form["text"].value()) == ("fee", reason.title, reason.text)
    assert {row.kind for row in page.context["reasons"]} == {"fee"}


def test_one_button_notes_the_fault_and_asks_the_applicant_with_the_note(desk, application):
    typed = {"fee_paid": "20", "judgement-note": "£528 are missing", "outcome": "ask"}
    answer = desk.save(application, "tasks/check_fee/", **typed)
    assert application.checks.get().outcome == "fault"
    form = desk.client.get(answer.url).context["form"]
    assert form["text"].value() == "£528 are missing"
    assert parse_qs(urlsplit(answer.url).query) == {"kind": ["fee"], "check": ["check_fee"]}
    found = desk.get(application, f"tasks/{DECISION}/").context["faults_found"]
    assert [(row["name"], row["note"]) for row in found] == [("Check fee", "£528 are missing")]
    assert desk.client.post(answer.url, WORDS).status_code == 302
    assert desk.get(application, f"tasks/{DECISION}/").context["faults_found"] == []  # it is asked
    empty = desk.save(application, "tasks/check_fee/", **typed | {"judgement-note": ""})
    assert "Say what is wrong" in said(empty)


def test_a_draft_is_changed_and_what_was_sent_meanwhile_is_not_but_the_words_stay(desk, application, officer):
    request = draft(application, "fee", by=officer)
    assert desk.save(application, "requests/1/change/", **WORDS | {"title": "Fee too low"}).status_code == 302
    request.refresh_from_db()
    assert request.title == "Fee too low"
    ValidationRequest.objects.filter(pk=request.pk).update(sent_at=timezone.now())
    assert "cannot be changed" in words(desk.get(application, "requests/1/change/"))
    refused = desk.save(application, "requests/1/change/", **WORDS | {"text": "Long thought about"})
    assert refused.status_code == 422
    assert "was sent to the applicant already" in said(refused)
    assert "Long thought about" in words(refused)
    request.refresh_from_db()
    assert request.text == WORDS["text"]


# --- Answers ---------------------------------------------------------------------------------------------------------


def test_an_answer_is_accepted_and_the_day_it_came_is_why_it_is_valid_from_then(desk, application, officer):
    request = ask(application, "additional_document", by=officer, title="Site plan missing")
    request.application = application
    application.refresh_from_db()
    link = link_of(application)
    from_files(request, link)
    answer(request, "replied", link=link, text="Here it is")
    page = desk.get(application, f"tasks/{DECISION}/")
    [row] = page.context["answered"]
    assert "Here it is" in words(page)
    assert row.documents[0].title in words(page)
    assert "There are still faults" in page.context["not_yet"]
    assert desk.do(application, f"tasks/{DECISION}/", "accept", 1).status_code == 302
    request.refresh_from_db()
    assert (request.outcome, request.resolved_by) == (Outcome.ACCEPTED, officer)
    page = desk.get(application, f"tasks/{DECISION}/")
    assert page.context["dates"].valid_from == request.arrived_on
    assert "“Site plan missing” (request 1)" in words(page)


def from_files(request, link) -> None:
    add_answer_file(request, link=link, file=ContentFile(files.pdf(), name="plan.pdf"), name="plan.pdf")


def test_a_disagreement_cannot_be_accepted_but_left_with_a_reason(desk, application, officer):
    request = ask(application, "description", by=officer, proposed_description="Side extension of a house")
    answer(request, "disagreed", text="It is a canopy")
    page = desk.get(application, f"tasks/{DECISION}/")
    [row] = page.context["answered"]
    assert "accept" not in row.forms
    assert "It is a canopy" in words(page)
    pieces = [(piece.kind, piece.text) for piece in row.description if piece.kind != "same"]
    assert pieces == [("out", "Rear"), ("in", "Side")]
    assert "disagreed" in said(desk.do(application, f"tasks/{DECISION}/", "accept", 1))
    assert "required" in said(desk.do(application, f"tasks/{DECISION}/", "leave", 1, because=""))
    desk.do(application, f"tasks/{DECISION}/", "leave", 1, because="The applicant is right")
    request.refresh_from_db()
    assert (request.outcome, request.resolution) == (Outcome.LEFT, "The applicant is right")
    page = words(desk.get(application, f"tasks/{DECISION}/"))
    assert "The description stays as it was: The applicant is right" in page


def test_a_drawn_line_stands_on_a_map_beside_the_present_one(desk, application, officer):
    request = ask(application, "red_line", by=officer)
    application.refresh_from_db()
    answer(request, "replied", boundary=LINE)
    page = words(desk.get(application, f"tasks/{DECISION}/"))
    for name in ("present-line-1", "other-line-1"):
        assert f'<script id="{name}" type="application/json">' in page
        assert f'data-case-map="{name}"' in page
    desk.do(application, f"tasks/{DECISION}/", "accept", 1)
    application.refresh_from_db()
    assert application.boundary["coordinates"][0][0] == LINE["coordinates"][0][0]


def test_a_certificate_is_shown_as_it_was_filled_in_to_those_who_see_private_data(
    desk, application, officer, reader, client
):
    request = ask(application, "ownership", by=officer)
    application.refresh_from_db()
    owner = {"name": "George Kirrin", "address": "Kirrin Island", "notice_on": "2026-05-20"}
    answer(request, "replied", ownership={"certificate": "b", "owners": [owner]}, text="Secret words")
    page = words(desk.get(application, f"tasks/{DECISION}/"))
    assert all(part in page for part in ("George Kirrin", "Kirrin Island", "20 May 2026", "Secret words"))
    client.force_login(reader)
    page = words(client.get(f"/admin/cases/{application.pk}/tasks/{DECISION}/"))
    assert "You do not see the owners" in page
    assert not any(part in page for part in ("George Kirrin", "Secret words", "famousfive@example.com"))


def test_not_enough_asks_again_with_the_words_of_the_first_time(desk, application, officer):
    request = ask(application, "other", by=officer, title="Form incomplete")
    application.refresh_from_db()
    answer(request, "replied", text="Done")
    page = desk.get(application, "requests/1/again/")
    assert page.context["form"]["title"].value() == "Form incomplete"
    assert "Done" in words(page)
    typed = {**WORDS, "title": "Form still incomplete"}
    assert desk.save(application, "requests/1/again/", **typed).status_code == 302
    request.refresh_from_db()
    later = application.validation_requests.get(number=2)
    assert (request.outcome, later.follows, later.state) == (Outcome.NOT_ACCEPTED, request, State.DRAFT)
    assert "asked again in request 2" in words(desk.get(application, f"tasks/{DECISION}/"))
    twice = desk.save(application, "requests/1/again/", **typed | {"text": "A second time"})
    assert twice.status_code == 422
    assert "settled already" in said(twice)
    assert "A second time" in words(twice)


def test_a_stale_page_says_what_a_colleague_did_and_keeps_what_was_typed(desk, application, officer, manager):
    request = ask(application, "other", by=officer)
    application.refresh_from_db()
    answer(request, "replied", text="Done")
    accept_answer(request, by=manager)
    for action, typed in (("accept", {}), ("leave", {"because": "My long reason"})):
        refused = desk.do(application, f"tasks/{DECISION}/", action, 1, **typed)
        assert refused.status_code == 422
        assert "has been settled already" in said(refused)
    dropped = draft(application, "fee", by=officer)
    desk.do(application, f"tasks/{DECISION}/", "drop", dropped.number)
    assert not ValidationRequest.objects.filter(pk=dropped.pk).exists()
    assert desk.do(application, f"tasks/{DECISION}/", "drop", dropped.number).status_code == 404


def test_what_came_by_post_counts_from_the_day_it_came(desk, application, officer):
    request = ask(application, "fee", by=officer)
    late = {"arrived_on": timezone.localdate() + timedelta(days=1), "resolution": "A cheque"}
    refused = desk.do(application, f"tasks/{DECISION}/", "reply", 1, **late)
    assert "from receipt until today" in said(refused)
    assert "A cheque" in words(refused)
    desk.do(application, f"tasks/{DECISION}/", "reply", 1, **late | {"arrived_on": "2026-06-20"})
    request.refresh_from_db()
    assert (request.arrived_on, request.resolution) == (date(2026, 6, 20), "A cheque")


def test_a_request_is_withdrawn_with_a_reason(desk, application, officer):
    request = ask(application, "fee", by=officer)
    assert "required" in said(desk.do(application, f"tasks/{DECISION}/", "cancel", 1, because=" "))
    desk.do(application, f"tasks/{DECISION}/", "cancel", 1, because="It had come")
    request.refresh_from_db()
    assert (request.state, request.cancelled_because) == (State.CANCELLED, "It had come")


@pytest.mark.parametrize("action", ["accept", "leave", "cancel", "reply", "drop"])
def test_a_request_of_another_case_is_not_there(desk, application, valid, officer, action):
    foreign = draft(valid, "other", by=officer)
    typed = {"because": "x", "arrived_on": "2026-06-20"}
    assert desk.do(application, "requests/", action, foreign.number, **typed).status_code == 404
    assert desk.do(application, "requests/", action, "²", **typed).status_code == 404
    assert desk.get(application, f"requests/{foreign.number}/change/").status_code == 404
    foreign.refresh_from_db()
    assert foreign.is_open


def test_who_only_reads_sees_the_requests_and_changes_none(client, application, officer, reader):
    request = ask(application, "fee", by=officer)
    client.force_login(reader)
    address = f"/admin/cases/{application.pk}/requests/"
    page = client.get(address)
    assert page.status_code == 200
    assert "With the applicant (1)" in words(page)
    assert "<button" not in words(page).split('id="main"')[-1].split("case-columns__main")[1].split("<nav")[0]
    for action in ("cancel", "remind", "revoke"):
        assert client.post(address, {"action": action, "row": 1, f"{action}-1-because": "x"}).status_code == 403
    assert client.get(f"{address}new/?kind=fee").url == "/admin/"
    request.refresh_from_db()
    assert request.is_open


def test_how_long_the_applicant_has_is_said_in_words(desk, application, officer):
    request = ask(application, "fee", by=officer)
    request.messages.update(status=Message.Status.SENT, sent_at=timezone.now())
    today = timezone.localdate()
    for days, look, told in ((5, "later", "5 days left"), (0, "soon", "Last day today"), (-1, "late", "1 day overdue")):
        ValidationRequest.objects.filter(pk=request.pk).update(due_on=today + timedelta(days=days))
        assert f'<span class="case-due case-due--{look}">{told}</span>' in words(desk.get(application, "requests/"))


def test_the_applicant_is_reminded_once_a_day(desk, application, officer):
    assert desk.get(application, "requests/").context["may_remind"] is False
    ask(application, "fee", by=officer)
    assert desk.do(application, "requests/", "remind").status_code == 302
    assert Message.objects.filter(application=application, about="reminder").count() == 1
    assert "reminded today already" in said(desk.do(application, "requests/", "remind"))


def test_a_way_in_is_shown_and_revoked_with_a_reason(desk, application, officer, make_application):
    ask(application, "fee", by=officer)
    link = application.applicant_links.get()
    page = words(desk.get(application, "requests/"))
    assert "famousfive@example.com" in page
    assert "never used" in page
    assert "required" in said(desk.do(application, "requests/", "revoke", link.pk, because=""))
    foreign = link_of(make_application())
    assert desk.do(application, "requests/", "revoke", foreign.pk, because="x").status_code == 404
    assert desk.do(application, "requests/", "revoke", "no-key", because="x").status_code == 404
    desk.do(application, "requests/", "revoke", link.pk, because="Sent to the wrong person")
    link.refresh_from_db()
    assert link.revoked_by == officer
    assert "Sent to the wrong person" in words(desk.get(application, "requests/"))


# --- Conditions ------------------------------------------------------------------------------------------------------


def condition(application, title: str, **fields):
    return application.conditions.create(
        title=title,
        text=f"No work starts before {title}.",
        reason="Flooding",
        type="pre_commencement",
        pre_commencement_reason="It lies underground",
        **fields,
    )


def test_the_applicant_is_asked_to_agree_to_one_condition_or_to_all(desk, valid):
    drains, trees = condition(valid, "drains"), condition(valid, "trees")
    condition(valid, "agreed", agreed_on=date(2026, 7, 1))
    valid.conditions.create(title="Materials", text="x", reason="y", type="compliance")
    page = desk.get(valid, "tasks/conditions/")
    assert page.context["to_ask"] == 2
    first = desk.do(valid, "tasks/conditions/", "ask", drains.pk)
    assert first.url == f"/admin/cases/{valid.pk}/requests/letter/?request=1"
    [letter] = desk.client.get(first.url).context["letters"]
    assert "No work starts before drains." in letter["body"]
    assert "It lies underground" in letter["body"]
    assert desk.do(valid, "tasks/conditions/", "ask", drains.pk).status_code == 404  # it is noted already
    every = desk.do(valid, "tasks/conditions/", "ask_all")
    assert [request.condition for request in valid.validation_requests.all()] == [drains, trees]
    assert send_letter(desk, valid, urlsplit(every.url).query).status_code == 302
    assert "Request 2 asks the applicant, but its letter has not left." in words(desk.get(valid, "tasks/conditions/"))
    Message.objects.filter(application=valid).update(status=Message.Status.SENT, sent_at=timezone.now())
    assert "The applicant was asked in request 2; the last day" in words(desk.get(valid, "tasks/conditions/"))


def test_what_is_not_agreed_is_remarked_on_until_it_is_agreed(desk, valid, officer):
    drains = condition(valid, "drains")

    def remarked() -> bool:
        found = remarks(valid, decision=Decision.GRANTED_WITH_CONDITIONS)
        return any("100ZA(5)" in remark.words for remark in found)

    assert remarked()
    request = ask(valid, "pre_commencement", by=officer, condition=drains)
    assert remarked()
    answer(request, "agreed")
    drains.refresh_from_db()
    assert drains.agreed_on is not None
    assert not remarked()
    assert "agreed in writing on" in words(desk.get(valid, "tasks/conditions/"))


def test_other_words_are_not_what_the_applicant_agreed_to(desk, valid, officer):
    drains = condition(valid, "drains")
    request = ask(valid, "pre_commencement", by=officer, condition=drains)

    def change(**fields):
        now = {
            "title": drains.title,
            "text": drains.text,
            "reason": drains.reason,
            "type": drains.type,
            "pre_commencement_reason": drains.pre_commencement_reason,
            "agreed_on": drains.agreed_on.isoformat() if drains.agreed_on else "",
        }
        return desk.do(valid, "tasks/conditions/", "change", drains.pk, **now | fields)

    refused = change(text="Something else")
    assert "is asked about these words in request 1" in said(refused)
    assert "Something else" in words(refused)
    assert change(title="Drainage").status_code == 302  # its name is not what is agreed to
    drains.refresh_from_db()
    answer(request, "agreed")
    drains.refresh_from_db()
    assert drains.agreed_on
    assert change(text="Something else").status_code == 302
    drains.refresh_from_db()
    assert (drains.text, drains.agreed_on) == ("Something else", None)
    assert desk.get(valid, "tasks/conditions/").context["to_ask"] == 1


# --- More time -------------------------------------------------------------------------------------------------------


def test_the_request_and_the_page_of_extensions_lead_to_each_other(desk, valid, officer):
    request = ask(valid, "extension_of_time", by=officer, what_to_send="", proposed_until=date(2026, 9, 30))
    requests, extensions = f"/admin/cases/{valid.pk}/requests/", reverse("case_extension", args=[valid.pk])

    def part() -> str:
        return words(desk.get(valid, "requests/")).split(f'id="request-{request.number}"')[1].split("</li>")[0]

    assert f'href="{extensions}"' in part()
    assert f'href="{requests}#request-{request.number}"' in words(desk.client.get(extensions))
    cancel_request(request, because="Not needed", by=officer)
    assert f'href="{extensions}"' in part()
    assert f'href="{requests}#request-{request.number}"' in words(desk.client.get(extensions))


def test_the_page_of_extensions_says_that_a_letter_has_not_left(desk, valid, officer):
    request = ask(valid, "extension_of_time", by=officer, what_to_send="", proposed_until=date(2026, 9, 30))
    page = reverse("case_extension", args=[valid.pk])
    assert "Letter has not left" in words(desk.client.get(page))
    assert "answer by" not in words(desk.client.get(page))
    request.messages.update(status=Message.Status.SENT, sent_at=timezone.now())
    assert "Letter has not left" not in words(desk.client.get(page))
    assert f"answer by {request.due_on:%-d %B %Y}" in words(desk.client.get(page))


# --- The case page, and how much it costs ----------------------------------------------------------------------------


def test_the_case_page_says_whose_turn_it_is_and_by_when(desk, application, officer):
    assert "Requests to the applicant" not in words(desk.get(application, ""))
    request = ask(application, "fee", by=officer, title="Fee too low")
    application.refresh_from_db()
    draft(application, "other", by=officer, title="Form incomplete")
    page = words(desk.get(application, ""))
    assert "1 with the applicant" in page
    assert "The letter has not left." in page
    assert "next last day" not in page
    request.messages.update(status=Message.Status.SENT, sent_at=timezone.now())
    page = words(desk.get(application, ""))
    assert f"next last day {request.due_on:%-d %b %Y}" in page
    assert "1 not sent yet; 1 with the applicant" in page  # beside the task
    answer(request, "replied", text="Paid")
    page = desk.get(application, "")
    assert "1 answer to look at" in words(page)
    assert page.context["next_task"].task.slug == DECISION  # before every check that nobody has begun
    cancel_request(request, because="No", by=officer)
    assert "1 settled" in words(desk.get(application, ""))


@pytest.mark.parametrize("page", [f"tasks/{DECISION}/", "requests/", "requests/letter/?mark=invalid"])
def test_the_number_of_queries_does_not_grow_with_the_requests(
    page, desk, make_application, officer, django_assert_max_num_queries, django_assert_num_queries
):
    application = make_application("pp.full.householder")

    def one_of_each(number: int) -> None:
        sent = {"sent_at": timezone.now() - timedelta(hours=1), "sent_by": officer, "due_on": timezone.localdate()}
        came = {"answer": "replied", "answered_at": timezone.now(), "answer_text": "Here"}
        done = {"outcome": "accepted", "resolved_at": timezone.now(), "arrived_on": timezone.localdate()}
        reason = InvalidReason.objects.first()
        for at, facts in enumerate(({}, sent, sent | came, sent | came | done)):
            request = application.validation_requests.create(
                number=number * 4 + at, kind="other", raised_by=officer, reason=reason, **WORDS, **facts
            )
            application.documents.create(title="Plan", received_on="2026-06-01", file="x.pdf", answers=request)

    one_of_each(1)
    address = f"/admin/cases/{application.pk}/{page}"
    desk.client.get(address)
    with django_assert_max_num_queries(70) as with_one:
        desk.client.get(address)
    for number in (2, 3):
        one_of_each(number)
    with django_assert_num_queries(len(with_one)):
        desk.client.get(address)


def test_the_conditions_page_costs_the_same_for_three_conditions(
    desk, valid, officer, django_assert_max_num_queries, django_assert_num_queries
):
    def one_more(number: int) -> None:
        draft(valid, "pre_commencement", by=officer, condition=condition(valid, f"drains {number}"))

    one_more(1)
    desk.get(valid, "tasks/conditions/")
    with django_assert_max_num_queries(50) as with_one:
        desk.get(valid, "tasks/conditions/")
    one_more(2)
    one_more(3)
    with django_assert_num_queries(len(with_one)):
        desk.get(valid, "tasks/conditions/")


def test_every_page_of_requests_is_titled(desk, application, officer):
    draft(application, "fee", by=officer)
    for page, title in (
        ("requests/", "Requests to the applicant"),
        ("requests/new/?kind=fee", "Ask for the fee"),
        ("requests/letter/?mark=invalid", "The letter"),
        ("requests/1/change/", "Change request 1"),
    ):
        response = desk.client.get(reverse("case_page", args=[application.pk]) + page)
        assert f'<h2 class="case-title">{title}</h2>' in words(response)
