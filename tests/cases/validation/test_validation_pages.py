"""The pages of the validation stage, worked in the browser's way: forms in, verbs done, errors said, input kept."""

import json
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from cases.models import Check, Constraint, ConstraintType, PlanningApplication, ValidationRequest
from cases.requests.answers.settling import ask_again
from cases.statuses import PublicStatus, Status
from cases.validation import validity
from tests.cases.asking import ask, draft
from tests.cases.document_files import make_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder")


@pytest.fixture
def work(client, officer, application):
    """work("check_fee", …) → the answer to what an officer posts on the page of that task."""
    client.force_login(officer)
    return lambda slug, **data: client.post(f"/admin/cases/{application.pk}/tasks/{slug}/", data)


def picture(colour: str, name: str = "plan.png") -> SimpleUploadedFile:
    data = BytesIO()
    Image.new("RGB", (60, 60), colour).save(data, "PNG")
    return SimpleUploadedFile(name, data.getvalue())


def said(response) -> str:
    return " ".join(str(form.errors) for form in response.context["error_forms"])


# --- What every page of a task does ----------------------------------------------------------------------------------


def test_a_finished_task_leads_to_the_next_one(work, application):
    response = work("check_description", outcome="done", description="Rear extension")
    assert response.url == f"/admin/cases/{application.pk}/tasks/check_red_line/"
    assert application.checks.get().outcome == Check.Outcome.DONE


def test_a_saved_task_is_in_progress_and_leads_back_to_the_case(work, application):
    response = work("check_description", outcome="looked_at", description="Rear extension")
    assert response.url == f"/admin/cases/{application.pk}/"
    assert application.checks.get().outcome == Check.Outcome.LOOKED_AT


def test_who_says_that_something_is_wrong_says_what(work, application):
    refused = work("check_description", outcome="fault", description="A better description")
    assert refused.status_code == 422
    assert "Say what is wrong" in said(refused)
    assert "A better description" in refused.content.decode()
    application.refresh_from_db()
    assert application.description == "Rear extension of a house"  # nothing was done
    assert not application.checks.exists()


def test_a_task_that_the_type_does_not_have_has_no_page(client, officer, make_application):
    client.force_login(officer)
    address = f"/admin/cases/{make_application('preApp').pk}/tasks/"
    assert client.get(f"{address}check_ownership_certificate/").status_code == 404
    assert client.get(f"{address}no_such_task/").status_code == 404


def test_what_is_not_offered_is_not_done(work):
    assert work("check_fee", action="act").status_code == 404
    assert work("check_fee", outcome="invented").status_code == 422


def test_nobody_validates_a_case_that_waits_for_its_sign_off(client, officer, make_application):
    application = make_application(status=Status.AWAITING_DETERMINATION)
    client.force_login(officer)
    address = f"/admin/cases/{application.pk}/tasks/check_description/"
    assert client.get(address).context["form"].fields["description"].disabled
    assert client.post(address, {"outcome": "done", "description": "Another"}).status_code == 403


# --- Facts -----------------------------------------------------------------------------------------------------------


def test_a_better_description_keeps_the_one_that_was_there(work, application):
    work("check_description", outcome="done", description="Rear dormer", because="As on the plans")
    event = application.events.get(kind="description_changed")
    assert event.data["before"] == {"description": "Rear extension of a house"}
    assert event.data["because"] == "As on the plans"


@pytest.mark.parametrize(
    "boundary",
    [
        "",
        "red",
        "[]",
        '{"type": "Point", "coordinates": [0, 51]}',
        '{"type": "Polygon", "coordinates": [[[1, 2]]]}',
        json.dumps({"type": "Polygon", "coordinates": [[[500000, 180000], [500010, 180000], [500010, 180010]]]}),
    ],
)
def test_what_is_no_red_line_is_refused_in_words(boundary, work, application):
    refused = work("check_red_line", outcome="done", boundary=boundary)
    assert refused.status_code == 422
    assert said(refused)
    assert not application.events.filter(kind="boundary_changed").exists()


def test_a_new_red_line_brings_its_area(work, application):
    ring = [[-0.6466, 51.6155], [-0.6460, 51.6155], [-0.6460, 51.6152], [-0.6466, 51.6152], [-0.6466, 51.6155]]
    work("check_red_line", outcome="done", boundary=json.dumps({"type": "Polygon", "coordinates": [ring]}))
    application.refresh_from_db()
    assert 1300 < application.site_area_sqm < 1450
    assert application.events.filter(kind="boundary_changed").exists()


def test_too_low_a_fee_is_not_right_without_a_reason(work, application):
    refused = work("check_fee", outcome="done", fee_payable="548", fee_paid="20")
    assert "Say why that is right" in said(refused)
    assert work("check_fee", outcome="fault", fee_payable="548", fee_paid="20", **{"judgement-note": "Short"}).url
    assert work("check_fee", outcome="done", fee_payable="548", fee_paid="0", less_because="Disabled access").url
    application.refresh_from_db()
    assert application.fee_details["less_because"] == "Disabled access"


def test_a_fee_of_less_than_a_penny_is_refused_and_not_rounded(work, application):
    page = work("check_fee", fee_payable="258.005", fee_paid="258", outcome="done")
    assert "no more than 2 decimal places" in said(page)
    assert 'value="258.005"' in page.content.decode()


def test_constraints_are_added_removed_with_a_reason_and_put_back(work, application):
    kind = ConstraintType.objects.first()
    work("check_constraints", action="add", **{"add-constraint_type": kind.pk, "add-name": "Old Town"})
    row = application.constraints.get()
    assert (row.source, row.entities) == (Constraint.Source.OFFICER, [{"name": "Old Town"}])
    refused = work("check_constraints", action="remove", row=row.pk, **{f"remove-{row.pk}-because": ""})
    assert refused.status_code == 422
    work("check_constraints", action="remove", row=row.pk, **{f"remove-{row.pk}-because": "The map is older."})
    row.refresh_from_db()
    assert not row.applies
    work("check_constraints", action="restore", row=row.pk)
    row.refresh_from_db()
    assert row.applies


def test_a_row_of_another_case_is_not_there(work, make_application):
    foreign = Constraint.objects.create(
        application=make_application(), constraint_type=ConstraintType.objects.first(), source="officer"
    )
    response = work("check_constraints", action="remove", row=foreign.pk, **{f"remove-{foreign.pk}-because": "x"})
    assert response.status_code == 404
    assert work("check_documents", action="describe", row="99999").status_code == 404


# --- Documents -------------------------------------------------------------------------------------------------------


def upload(work, *files):
    return work("check_documents", action="upload", **{"upload-files": files, "upload-received_on": "2026-06-01"})


def test_many_documents_come_at_once_and_a_bad_one_keeps_none_out(work, application):
    bad = SimpleUploadedFile("virus.exe", b"MZ\x00\x01\xff")
    assert upload(work, picture("red"), bad, picture("blue")).status_code == 302
    assert application.documents.count() == 2
    assert {document.public_status for document in application.documents.all()} == {PublicStatus.NOT_ASSESSED}


def test_no_file_that_could_be_taken_is_an_error_on_the_form(work):
    refused = upload(work, SimpleUploadedFile("virus.exe", b"MZ\x00\x01\xff"))
    assert refused.status_code == 422
    assert "No file could be taken" in said(refused)


def test_a_newer_revision_and_a_redacted_copy_stand_in_place(work, application):
    upload(work, picture("red"))
    old = application.documents.get()
    work(
        "check_documents",
        action="replace",
        row=old.pk,
        **{
            f"replace-{old.pk}-file": picture("blue"),
            f"replace-{old.pk}-received_on": "2026-06-05",
            f"replace-{old.pk}-revision": "B",
        },
    )
    old.refresh_from_db()
    newer = old.superseded_by
    assert (newer.title, newer.revision) == (old.title, "B")
    work("check_documents", action="redact", row=newer.pk, **{f"redact-{newer.pk}-file": picture("green")})
    newer.refresh_from_db()
    assert newer.public_status == PublicStatus.WITHHOLD
    assert newer.redacted_copies.get().public_status == PublicStatus.NOT_ASSESSED


# --- Valid or invalid ------------------------------------------------------------------------------------------------


def test_from_a_fault_to_a_valid_application(client, work, application, officer):
    task, address = "send_validation_decision", f"/admin/cases/{application.pk}/tasks/send_validation_decision/"
    request = draft(application, "fee", by=officer)
    assert "faults" in client.get(address).context["not_yet"]
    assert "faults" in said(work(task, action="valid"))
    validity.invalidate(application, by=officer)
    application.refresh_from_db()
    work(task, action="reply", row=1, **{"reply-1-arrived_on": "2026-06-20"})
    shown = client.get(address).context["dates"]
    assert (str(shown.valid_from), str(shown.expires_on)) == ("2026-06-20", "2026-08-15")
    assert work(task, action="valid").status_code == 302
    application.refresh_from_db()
    assert (application.status, str(application.valid_from)) == (Status.IN_ASSESSMENT, "2026-06-20")
    assert str(application.expires_on) == "2026-08-15"
    request.refresh_from_db()
    assert request.outcome == "accepted"


EVERYTHING = "Everything that can be checked by itself is there."


PLANS = ("locationPlan", "sitePlan.existing", "elevations.existing", "elevations.proposed")


def complete(application, *, plans: tuple[str, ...] = PLANS) -> None:
    """All that a householder must send is there, or only some of the plans."""
    PlanningApplication.objects.filter(pk=application.pk).update(ownership_certificate="a", fee_payable=0)
    for code in plans:
        make_document(application, code, types=[code])


def test_everything_is_there_only_while_nothing_is_in_doubt_or_asked(client, officer, application):
    """A plan that was not enough, one that waits for the scanner, a red line that is to be drawn anew."""
    address = f"/admin/cases/{application.pk}/tasks/send_validation_decision/"
    client.force_login(officer)

    def shown() -> str:
        return client.get(address).content.decode()

    assert EVERYTHING not in shown()
    complete(application)
    assert EVERYTHING in shown()
    plan = application.documents.filter(title="locationPlan")
    plan.update(scan_status="waiting")
    assert EVERYTHING not in shown()
    assert "1 thing on the list is not settled" in shown()
    plan.update(scan_status="clean")
    draft(application, "red_line", by=officer)
    assert EVERYTHING not in shown()
    assert "1 thing on the list is not settled" in shown()


def test_a_plan_that_was_not_enough_is_not_counted_as_there(client, officer, application):
    address = f"/admin/cases/{application.pk}/tasks/send_validation_decision/"
    client.force_login(officer)
    complete(application, plans=PLANS[1:])
    request = ask(application, "additional_document", by=officer, document_types=["locationPlan"])
    ValidationRequest.objects.filter(pk=request.pk).update(answer="replied", answered_at=timezone.now())
    make_document(application, "Sketch", types=["locationPlan"], answers=request)
    follow_up = ask_again(request, title="To scale", text="It has no scale.", what_to_send="Send 1:1250.", by=officer)
    page = client.get(address).content.decode()
    assert EVERYTHING not in page
    assert "1 thing missing." in page
    assert f"“Sketch” was not enough (request {request.number})." in page
    assert f"#request-{follow_up.number}" in page


def test_whoever_decides_sees_which_checks_nobody_finished(work, client, application):
    address = f"/admin/cases/{application.pk}/tasks/send_validation_decision/"
    work("check_description", description=application.description, outcome="done", **{"judgement-note": ""})
    page = client.get(address)
    unfinished = [link.task.slug for link in page.context["unfinished"]]
    assert "check_red_line" in unfinished
    assert not {"check_description", "send_validation_decision"} & set(unfinished)
    assert "Check red line</a>: not started" in page.content.decode()


def test_a_fault_found_later_is_sent_by_itself_and_does_not_mark_an_invalid_application_again(
    client, officer, application
):
    address = f"/admin/cases/{application.pk}/tasks/send_validation_decision/"
    client.force_login(officer)
    assert client.get(address).context["may_invalidate"] is False
    draft(application, "fee", by=officer)
    page = client.get(address).context
    assert (page["may_invalidate"], page["sendable"]) == (True, set())
    validity.invalidate(application, by=officer)
    application.refresh_from_db()
    draft(application, "other", by=officer)
    page = client.get(address).context
    assert (page["may_invalidate"], page["sendable"]) == (False, {2})
