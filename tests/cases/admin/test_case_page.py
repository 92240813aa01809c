"""The case page and its actions: what is on it for whom, and that it costs the same whatever the case holds."""

import re
from datetime import date

import pytest
from django.core.files.base import ContentFile

from cases.models import (
    ApplicationType,
    CaseNote,
    Constraint,
    ConstraintType,
    Document,
    PlanningApplication,
    Submission,
    ValidationRequest,
)
from cases.statuses import Origin, Status
from cases.timeline import record
from cases.worklists.checking import record_check
from tests.clock import at

pytestmark = pytest.mark.django_db


def page(application) -> str:
    return f"/admin/cases/{application.pk}/"


def fill(application, by, number: int) -> None:
    """One row of everything that a case page shows."""
    Document.objects.create(application=application, title=f"Plan {number}", received_on=date(2026, 6, 1), file="x.pdf")
    kind = ConstraintType.objects.order_by("pk")[number]
    Constraint.objects.create(application=application, constraint_type=kind, source="submission")
    ValidationRequest.objects.create(
        application=application, number=number + 1, kind="fee", title="Fee", text="x", what_to_send="y", raised_by=by
    )
    CaseNote.objects.create(application=application, text=f"Note {number}", by=by)
    Submission.objects.create(
        application=application,
        authority=application.authority,
        body=b"{}",
        sha256="0",
        outcome="accepted",
        external_id=str(number),
        faults=[{"path": "/data", "reason": "is odd"}],
    )
    application.parties.create(role="owner", last_name=f"Owner {number}")
    record_check(application, task="check_fee", outcome="looked_at", by=by)
    record(application, "note_added", by=by)


def test_the_number_of_queries_does_not_grow_with_what_the_case_holds(
    client, officer, make_application, django_assert_max_num_queries, django_assert_num_queries
):
    application = make_application("pp.full.householder", officer=officer)
    client.force_login(officer)
    fill(application, officer, 0)
    client.get(page(application))
    with django_assert_max_num_queries(75) as with_one:
        client.get(page(application))
    fill(application, officer, 1)
    fill(application, officer, 2)
    with django_assert_num_queries(len(with_one)):
        assert client.get(page(application)).status_code == 200


def test_what_stands_far_down_on_a_narrow_screen_is_led_to_from_the_top(client, officer, make_application):
    application = make_application("pp.full.householder", officer=officer)
    fill(application, officer, 0)
    client.force_login(officer)
    said = client.get(page(application)).content.decode()
    links = re.findall(
        r'<a href="#([\w-]+)">([^<]+)</a>', said[said.index('<nav class="case-jump"') :].split("</nav>")[0]
    )
    assert [words for _, words in links] == ["Actions", "Requests to the applicant", "Notes", "Messages", "History"]
    for anchor, words in links:
        assert re.search(rf'<h2 id="{anchor}"[^>]*>{words}<', said), anchor


def test_the_next_step_is_the_first_task_that_is_not_done(client, officer, make_application):
    application = make_application("pp.full.householder")
    client.force_login(officer)
    assert client.get(page(application)).context["next_task"].task.slug == "check_documents"
    record_check(application, task="check_documents", outcome="done", by=officer)
    assert client.get(page(application)).context["next_task"].task.slug == "check_description"


def test_signing_off_is_a_next_step_for_managers_alone(client, officer, manager, make_application):
    application = make_application("ldc.proposed", status=Status.AWAITING_DETERMINATION, officer=officer)
    application.application_type.tasks = []  # nothing but what every type has
    application.application_type.save()
    record_check(application, task="plans", outcome="done", by=officer)
    client.force_login(officer)
    assert client.get(page(application)).context["next_task"] is None
    client.force_login(manager)
    assert client.get(page(application)).context["next_task"].task.slug == "sign_off"


def test_what_the_manager_wrote_stands_first_while_the_case_is_sent_back(client, officer, manager, make_application):
    application = make_application("ldc.proposed", status=Status.AWAITING_DETERMINATION, officer=officer)
    for note in ("Name the class.", "And <b>measure</b> it."):
        record(application, "send_back", by=manager, note=note)
    client.force_login(officer)
    assert client.get(page(application)).context["sent_back"] is None
    PlanningApplication.objects.filter(pk=application.pk).update(status=Status.TO_BE_REVIEWED)
    shown = client.get(page(application))
    assert shown.context["sent_back"].data["note"] == "And <b>measure</b> it."
    assert "And &lt;b&gt;measure&lt;/b&gt; it." in shown.content.decode()


def test_an_ended_case_has_no_next_step(client, officer, make_application):
    client.force_login(officer)
    response = client.get(page(make_application(status=Status.WITHDRAWN)))
    assert response.context["next_task"] is None
    assert "Nothing is left to do" in response.content.decode()


def test_personal_data_is_for_those_who_may_see_it(client, officer, reader, make_application):
    application = make_application(answers=[{"question": "Who needs the ramp?", "answer": "My father", "section": "x"}])
    client.force_login(officer)
    seen = client.get(page(application)).content.decode()
    assert "famousfive@example.com" in seen
    assert "My father" in seen
    client.force_login(reader)
    hidden = client.get(page(application)).content.decode()
    for private in ("famousfive@example.com", "05555 555555", "Enid", "My father"):
        assert not re.search(rf"\b{private}\b", hidden)  # four letters may stand in a token


def test_what_applicants_write_is_shown_as_text(client, officer, make_application):
    application = make_application(
        description="<script>alert(1)</script>", answers=[{"question": "<b>", "answer": {"a": "<img src=x>"}}]
    )
    client.force_login(officer)
    seen = client.get(page(application)).content.decode()
    assert "<script>alert(1)" not in seen
    assert "<img src=x>" not in seen


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.DETERMINED}))
@pytest.mark.parametrize("kind", ["ldc.proposed", "pp.full.householder", "pa.part1.classA", "preApp"])
def test_every_kind_of_case_has_its_page_in_every_status(kind, status, client, officer, make_application):
    client.force_login(officer)
    application = make_application(kind, status=status, boundary=None, latitude=None, longitude=None, uprn="")
    assert client.get(page(application)).status_code == 200


def test_a_decided_case_from_an_older_register_has_its_page(client, officer, make_application):
    application = make_application(
        status=Status.DETERMINED, origin=Origin.IMPORTED, decision="ldc_granted", decided_on=date(2020, 1, 2)
    )
    client.force_login(officer)
    assert "2 January 2020" in client.get(page(application)).content.decode().replace("2 Jan 2020", "2 January 2020")


def words_of_actions(client, application) -> set[str]:
    return {action.words for action in client.get(page(application)).context["actions"]}


def test_buttons_are_what_the_reader_may_do(client, officer, manager, reader, support_officer, make_application):
    application = make_application()
    client.force_login(reader)
    assert words_of_actions(client, application) == set()
    client.force_login(support_officer)
    assert {"Take this case", "Mark as valid"} <= words_of_actions(client, application)
    assert "Withdraw …" not in words_of_actions(client, application)
    client.force_login(officer)
    assert {"Withdraw …", "Return …", "Close …"} <= words_of_actions(client, application)
    assert "Give to an officer" not in words_of_actions(client, application)
    client.force_login(manager)
    assert "Give to an officer" in words_of_actions(client, application)


def test_a_case_is_withdrawn_and_reopened_with_a_reason(client, officer, make_application):
    application = make_application(status=Status.IN_ASSESSMENT)
    client.force_login(officer)
    refused = client.post(f"{page(application)}steps/withdraw/", {"note": "", "on": "2026-06-20"})
    assert refused.status_code == 422
    assert "This field is required" in refused.content.decode()
    response = client.post(f"{page(application)}steps/withdraw/", {"note": "Letter of the agent", "on": "2026-06-20"})
    assert response.url == page(application)
    application.refresh_from_db()
    assert (application.status, application.withdrawn_on) == (Status.WITHDRAWN, date(2026, 6, 20))
    client.post(f"{page(application)}steps/reopen/", {"note": "They changed their mind"})
    application.refresh_from_db()
    assert (application.status, application.withdrawn_on) == (Status.IN_ASSESSMENT, None)


def test_nobody_withdraws_before_receipt_and_what_was_typed_is_kept(client, officer, make_application):
    application = make_application(received_on=date(2026, 6, 1))
    client.force_login(officer)
    refused = client.post(f"{page(application)}steps/withdraw/", {"note": "Letter of the agent", "on": "2026-05-01"})
    assert refused.status_code == 422
    assert "from receipt until today" in refused.content.decode()
    assert "Letter of the agent" in refused.content.decode()


@pytest.mark.parametrize("step", ["withdraw", "return_", "close"])
def test_what_counts_as_received_on_monday_can_be_ended_at_the_weekend(client, officer, make_application, step):
    application = make_application(received_on=date(2026, 6, 8))
    client.force_login(officer)
    address = f"{page(application)}steps/{step}/"
    with at("2026-06-06 10:00"):  # a Saturday: it came on Friday evening
        assert client.get(address).context["form"]["on"].value() == date(2026, 6, 8)
        refused = client.post(address, {"note": "Sent twice", "on": "2026-06-06"})
        assert "It counts as received on 8 June 2026." in refused.content.decode()
        assert client.post(address, {"note": "Sent twice", "on": "2026-06-08"}).status_code == 302
    application.refresh_from_db()
    assert date(2026, 6, 8) in (application.withdrawn_on, application.returned_on, application.closed_on)


def test_changed_facts_stay_in_the_history(client, officer, make_application):
    application = make_application(ward="West")
    client.force_login(officer)
    form = client.get(f"{page(application)}facts/").context["form"]
    facts = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    assert client.post(f"{page(application)}facts/", {**facts, "ward": "East"}).url == page(application)
    event = application.events.get(kind="facts_changed")
    assert (event.data["before"], event.data["after"]) == ({"ward": "West"}, {"ward": "East"})
    assert "West → East" in client.get(f"{page(application)}history/").content.decode()


def test_another_type_gives_another_reference_and_the_old_one_still_finds_it(client, officer, make_application):
    application = make_application("ldc.proposed", status=Status.IN_ASSESSMENT)
    old = application.reference
    new = ApplicationType.objects.get(code="pa.part1.classA")
    client.force_login(officer)
    client.post(f"{page(application)}type/", {"application_type": new.pk, "because": "It is a larger extension"})
    application.refresh_from_db()
    assert application.reference.endswith(f"-{new.suffix}")
    assert (application.statutory_expiry_on - application.valid_from).days == 42
    response = client.get("/admin/cases/", {"q": old})
    assert [case.pk for case in response.context["object_list"]] == [application.pk]


def test_a_note_is_kept_with_its_writer(client, officer, reader, make_application):
    application = make_application()
    client.force_login(officer)
    client.post(f"{page(application)}notes/", {"text": "Rang the agent."})
    assert "Rang the agent." in client.get(page(application)).content.decode()
    client.force_login(reader)
    assert client.post(f"{page(application)}notes/", {"text": "Hello"}).status_code == 403
    assert application.notes.count() == 1


NEW = {
    "description": "Porch",
    "work_status": "proposed",
    "address": "1 High Street",
    "postcode": "hp7 0dj",
    "received_on": "2026-06-01",
    "applicant-last_name": "Kirrin",
    "agent-company": "Plans Ltd",
}


def test_an_application_on_paper_is_entered_by_hand(client, officer):
    kind = ApplicationType.objects.get(code="pp.full.householder")
    client.force_login(officer)
    response = client.post("/admin/cases/new/", {**NEW, "application_type": kind.pk})
    application = PlanningApplication.objects.get()
    assert response.url == page(application)
    assert (application.authority, application.origin) == (officer.authority, Origin.ENTERED)
    assert (application.status, application.postcode) == (Status.NOT_STARTED, "HP7 0DJ")
    assert {party.role: party.name for party in application.parties.all()} == {
        "applicant": "Kirrin",
        "agent": "Plans Ltd",
    }
    assert application.events.get().kind == "entered"


def test_without_an_applicant_nothing_is_entered_and_what_was_typed_is_kept(client, officer):
    client.force_login(officer)
    response = client.post("/admin/cases/new/", {**NEW, "applicant-last_name": ""})
    assert response.status_code == 422
    text = response.content.decode()
    assert "Give the applicant&#x27;s last name" in text
    assert "1 High Street" in text


def test_a_document_comes_out_only_to_its_own_council(client, officer, other_officer, make_application):
    application = make_application()
    document = Document.objects.create(
        application=application,
        title="Plan",
        received_on=date(2026, 6, 1),
        file="plan.pdf",
        mime_type="application/pdf",
    )
    storage = document.file.storage
    storage.save("plan.pdf", ContentFile(b"%PDF-1.4"))
    client.force_login(officer)
    response = client.get(f"/admin/cases/documents/{document.pk}/")
    assert b"".join(response) == b"%PDF-1.4"
    client.force_login(other_officer)
    assert client.get(f"/admin/cases/documents/{document.pk}/").status_code == 404
