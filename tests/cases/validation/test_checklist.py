"""The checklist: what an application needs, what of it is there, and what is proposed to be asked."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import (
    ApplicationType,
    Constraint,
    ConstraintType,
    Document,
    InvalidReason,
    Requirement,
    ScanStatus,
    ValidationRequest,
)
from cases.reference_data.loading import read_reference_data
from cases.requests.blanks import blanks
from cases.requests.raising import draft_request
from cases.statuses import Status
from cases.validation.checklist import Standing, checklist, missing_counts, propose
from cases.validation.what_applies import local_list_binds

Kind = ValidationRequest.Kind
Outcome = ValidationRequest.Outcome


@pytest.fixture
def householder(make_application, officer):
    """A householder application of which nothing has come but words, the red line and the applicant."""
    return make_application("pp.full.householder", officer=officer)


def add(application, *types, title="Plan", **fields):
    return Document.objects.create(
        application=application,
        title=title,
        types=list(types),
        received_on=application.received_on,
        file=fields.pop("file", f"{title}.pdf"),
        **fields,
    )


def touch(application, code):
    return Constraint.objects.create(
        application=application,
        constraint_type=ConstraintType.objects.get(code=code),
        source=Constraint.Source.OFFICER,
    )


def item(application, slug):
    return next(found for found in checklist(application) if found.requirement.slug == slug)


def slugs(application, standing=None):
    return [one.requirement.slug for one in checklist(application) if standing in (None, one.standing)]


def make_local(authority, slug="heritage", **fields):
    return Requirement.objects.create(
        **{
            "authority": authority,
            "slug": slug,
            "title": "Heritage statement",
            "basis": "Our local list, item 4",
            "rule": Requirement.Rule.DOCUMENT,
            "document_types": ["heritageStatement"],
            "constraints": ["listed", "designated.conservationArea"],
            "reason": InvalidReason.objects.get(slug="local-list"),
            **fields,
        }
    )


# --- What is on it ---------------------------------------------------------------------------------------------------


CODES = [row["code"] for row in read_reference_data()["application_types"]]


@pytest.mark.parametrize("code", CODES)
def test_every_type_of_application_has_a_checklist(make_application, code):
    application = make_application(code)

    items = checklist(application)

    assert {"applicant", "description"} < {one.requirement.slug for one in items}
    assert len(items) >= 3, "something of its own, beside what every application needs"
    assert all(one.requirement.basis for one in items)


def test_a_householder_needs_plans_a_red_line_a_fee_and_a_certificate(householder):
    assert slugs(householder, Standing.MISSING) == [
        "fee",
        "ownership-certificate",
        "location-plan",
        "site-plan",
        "existing-elevations",
        "proposed-elevations",
    ]
    assert slugs(householder, Standing.THERE) == ["applicant", "description", "red-line"]


@pytest.mark.parametrize("code", ["listed", "wtt.consent", "wtt.notice", "hedgerowRemovalNotice", "pp.full.demolition"])
def test_nothing_is_said_of_a_fee_where_none_is_due(make_application, code):
    assert "fee" not in slugs(make_application(code))


def test_a_certificate_of_ownership_is_wanted_only_where_the_type_needs_one(make_application):
    for application_type in ApplicationType.objects.all():
        wanted = "ownership-certificate" in slugs(make_application(application_type.code))
        assert wanted == application_type.needs_ownership_certificate, application_type.code


def test_a_major_scheme_and_a_listed_building_need_a_design_and_access_statement(make_application):
    for code in ("pp.full.major", "pp.outline.major.all", "listed"):
        assert item(make_application(code), "design-and-access-statement").standing == Standing.MISSING
    assert "design-and-access-statement" not in slugs(make_application("pp.full.minor"))


def test_an_item_out_of_use_is_not_on_the_list(householder):
    Requirement.objects.filter(slug="site-plan").update(is_active=False)

    assert "site-plan" not in slugs(householder)


# --- Constraints -----------------------------------------------------------------------------------------------------


def test_a_heritage_statement_is_for_officers_to_look_at_where_heritage_is_touched(householder):
    assert "heritage-statement" not in slugs(householder)

    touch(householder, "designated.conservationArea")

    found = item(householder, "heritage-statement")
    assert found.standing == Standing.LOOK, "national policy, not law: only a local list makes it a fault"
    assert "Conservation area" in found.words


def test_a_wider_constraint_takes_in_the_narrower_one(make_application):
    application = make_application("pa.part3.classMA")
    assert "prior-approval-flood-risk-assessment" not in slugs(application)

    touch(application, "flood.zoneThree.a")

    assert item(application, "prior-approval-flood-risk-assessment").standing == Standing.MISSING


def test_a_constraint_that_does_not_apply_after_all_asks_for_nothing(householder):
    constraint = touch(householder, "tpo")
    assert "tree-survey" in slugs(householder)

    constraint.removed_because = "The tree was felled in 2019."
    constraint.save()

    assert "tree-survey" not in slugs(householder)


# --- Each rule -------------------------------------------------------------------------------------------------------


def test_a_document_of_the_right_type_is_there(householder):
    plan = add(householder, "locationPlan", "sitePlan.existing")

    assert item(householder, "location-plan").standing == Standing.THERE
    assert item(householder, "location-plan").found == [plan]
    assert item(householder, "site-plan").found == [plan], "one drawing may be two things"


def test_documents_without_a_type_are_counted_and_count_for_nothing(householder):
    add(householder, title="Scan 1")
    assert item(householder, "location-plan").words == "None found. One document has no type yet."

    add(householder, title="Scan 2")

    assert item(householder, "location-plan").standing == Standing.MISSING
    assert item(householder, "location-plan").words == "None found. 2 documents have no type yet."


def test_a_replaced_plan_and_a_redacted_copy_stand_for_nothing(householder):
    newer = add(householder, "sitePlan.proposed", title="New")
    add(householder, "locationPlan", title="Old", superseded_by=newer)
    add(householder, "elevations.existing", title="Copy", redacted_from=newer)

    assert item(householder, "location-plan").standing == Standing.MISSING
    assert item(householder, "existing-elevations").standing == Standing.MISSING


def test_a_red_line_is_there_when_it_is_drawn(householder):
    assert item(householder, "red-line").standing == Standing.THERE

    householder.boundary = None
    householder.save()

    assert item(householder, "red-line").standing == Standing.MISSING


@pytest.mark.parametrize(
    ("fields", "standing"),
    [
        ({}, Standing.MISSING),  # the usual fee of the day is due
        ({"fee_payable": Decimal(548), "fee_paid": Decimal(548)}, Standing.THERE),
        ({"fee_paid": Decimal(548)}, Standing.THERE),
        ({"fee_payable": Decimal(548), "fee_paid": Decimal(274)}, Standing.MISSING),
        ({"fee_payable": Decimal(0)}, Standing.THERE),
        ({"fee_payable": Decimal(548), "fee_details": {"less_because": "Second go"}}, Standing.THERE),
        ({"fee_payable": Decimal(548), "fee_details": {"exemption": {"disability": True}}}, Standing.LOOK),
        ({"fee_payable": Decimal(548), "fee_details": {"exemption": {"disability": False}}}, Standing.MISSING),
    ],
)
def test_the_fee_is_there_when_it_is_paid_or_less_is_right(make_application, fields, standing):
    application = make_application("pp.full.householder", **fields)

    assert item(application, "fee").standing == standing


def test_a_fee_that_nobody_knows_is_for_the_officer_to_look_at(make_application):
    assert item(make_application("preApp"), "fee").standing == Standing.LOOK, "the council sets it itself"


def test_the_checklist_does_not_say_why_somebody_pays_less(make_application):
    application = make_application(
        "pp.full.householder", fee_payable=548, fee_details={"exemption": {"disability": True}}
    )

    assert "disab" not in item(application, "fee").words.lower()


def test_the_certificate_is_there_when_it_is_given(make_application):
    application = make_application("pp.full.householder", ownership_certificate="b")

    assert item(application, "ownership-certificate").standing == Standing.THERE
    assert item(application, "ownership-certificate").words == "Certificate B."


def test_the_applicant_needs_a_name_and_an_address(householder):
    applicant = householder.parties.get()
    applicant.address = ""
    applicant.save()
    assert item(householder, "applicant").words == "The applicant's address is missing."

    applicant.delete()

    assert item(householder, "applicant").standing == Standing.MISSING


def test_what_only_a_person_can_see_stays_for_a_person(make_application):
    application = make_application("pa.part1.classA")
    add(application, "sitePlan.proposed")

    assert {"extension-measurements", "adjoining-addresses"} <= set(slugs(application, Standing.LOOK))


# --- The local list --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reviewed_on", "binds"),
    [
        (None, False),
        (date(2024, 5, 31), False),
        (date(2024, 6, 1), True),  # the first of the two years immediately before 1 June 2026
        (date(2026, 5, 31), True),
        (date(2026, 7, 1), True),  # reviewed since
    ],
)
def test_a_local_list_binds_for_two_years_to_the_day(authority, reviewed_on, binds):
    authority.local_list_reviewed_on = reviewed_on

    assert local_list_binds(authority, made_on=date(2026, 6, 1)) is binds


def test_a_list_reviewed_on_the_29th_of_february_binds_until_the_28th(authority):
    authority.local_list_reviewed_on = date(2024, 2, 29)

    assert local_list_binds(authority, made_on=date(2026, 2, 28))
    assert not local_list_binds(authority, made_on=date(2026, 3, 1))


def test_an_old_local_list_is_shown_and_never_asked(householder, authority, officer):
    make_local(authority)
    touch(householder, "listed.gradeTwo")
    authority.local_list_reviewed_on = date(2024, 5, 31)
    authority.save()

    found = item(householder, "heritage")
    drafts = propose(householder, by=officer, requirements=[found.requirement])

    assert found.standing == Standing.NOT_BINDING
    assert "two years" in found.words
    assert drafts == []
    assert "heritage-statement" in slugs(householder), "policy still lets an officer look at it"


def test_a_local_list_that_binds_takes_the_place_of_a_look(householder, authority):
    requirement = make_local(authority)
    touch(householder, "listed.gradeTwo")
    authority.local_list_reviewed_on = date(2026, 1, 5)
    authority.save()

    assert item(householder, "heritage").requirement == requirement
    assert item(householder, "heritage").standing == Standing.MISSING
    assert "heritage-statement" not in slugs(householder)


def test_another_councils_list_is_never_seen(householder, authority, other_authority):
    make_local(other_authority, slug="foreign", constraints=[])
    for council in (authority, other_authority):
        council.local_list_reviewed_on = date(2026, 1, 5)
        council.save()

    assert "foreign" not in slugs(householder)


def test_the_same_slug_may_stand_on_two_lists(authority, other_authority):
    make_local(authority)
    make_local(other_authority)

    assert Requirement.objects.filter(slug="heritage").count() == 2


# --- Proposing -------------------------------------------------------------------------------------------------------


def test_what_is_missing_is_proposed_as_drafts_with_ready_words(householder, officer):
    drafts = propose(householder, by=officer)

    assert [(draft.kind, draft.title) for draft in drafts] == [
        (Kind.FEE, "Fee not paid"),
        (Kind.OWNERSHIP, "Ownership certificate missing"),
        (Kind.ADDITIONAL_DOCUMENT, "Location plan missing"),
        (Kind.ADDITIONAL_DOCUMENT, "Site plan missing"),
        (Kind.ADDITIONAL_DOCUMENT, "Existing elevations missing"),
        (Kind.ADDITIONAL_DOCUMENT, "Proposed elevations missing"),
    ]
    assert all(draft.sent_at is None and draft.text and draft.what_to_send for draft in drafts)
    assert drafts[3].document_types == ["sitePlan.proposed", "sitePlan.existing"]
    assert drafts[3].requirement.slug == "site-plan"
    assert drafts[3].reason.slug == "block-plan-missing"


def test_what_the_case_tells_is_filled_in_and_nothing_ready_is_left_open(householder, officer):
    drafts = propose(householder, by=officer)

    assert "£548.00" in drafts[0].what_to_send
    assert [blanks(draft) for draft in drafts] == [[]] * 6


def test_what_was_paid_in_part_is_asked_for_as_the_difference(make_application, officer):
    application = make_application("preApp", officer=officer, fee_payable=180, fee_paid=100)

    (draft,) = propose(application, by=officer)

    assert draft.title == "Fee too low"
    assert "£80.00" in draft.what_to_send


def test_an_officer_must_still_fill_in_what_only_they_know(householder, authority, officer):
    make_local(authority)
    touch(householder, "listed")
    authority.local_list_reviewed_on = date(2026, 1, 5)
    authority.save()

    draft = propose(householder, by=officer, requirements=[item(householder, "heritage").requirement])[0]

    assert draft.title == "Heritage statement"
    assert "asks for Heritage statement" in draft.text
    assert blanks(draft) == ["[reason]"]


def test_brackets_of_an_officers_own_are_no_blanks(householder, officer):
    request = draft_request(
        householder,
        kind=Kind.OTHER,
        title="Plan 12 [revision B]",
        text="Unclear.",
        what_to_send="Please send it.",
        by=officer,
        reason=InvalidReason.objects.get(slug="form-incomplete"),
    )

    assert blanks(request) == []


def test_proposing_again_proposes_nothing(householder, officer):
    propose(householder, by=officer)

    assert propose(householder, by=officer) == []
    assert item(householder, "fee").request is not None
    assert item(householder, "fee").standing == Standing.MISSING, "asked for, and not here yet"


def test_what_an_officer_noted_by_hand_is_not_proposed_again(householder, officer):
    householder.boundary = None
    householder.save()
    line = draft_request(
        householder,
        kind=Kind.RED_LINE,
        title="Access left out",
        text="It stops at the gate.",
        what_to_send="Please draw it to the road.",
        by=officer,
    )
    plan = draft_request(
        householder,
        kind=Kind.ADDITIONAL_DOCUMENT,
        title="Block plan",
        text="None.",
        what_to_send="Please send it.",
        document_types=["sitePlan.proposed"],
        by=officer,
    )

    proposed = {draft.requirement.slug for draft in propose(householder, by=officer)}

    assert item(householder, "red-line").request == line
    assert item(householder, "site-plan").request == plan
    assert not proposed & {"red-line", "site-plan"}


@pytest.mark.parametrize(
    ("outcome", "fields", "standing"),
    [
        (Outcome.CANCELLED, {"cancelled_because": "Not needed for a window."}, Standing.LOOK),
        (Outcome.LEFT, {}, Standing.LOOK),
        (Outcome.ACCEPTED, {"arrived_on": date(2026, 6, 2)}, Standing.THERE),
    ],
)
def test_what_was_settled_is_not_proposed_again(householder, officer, outcome, fields, standing):
    requirement = item(householder, "existing-elevations").requirement
    (draft,) = propose(householder, by=officer, requirements=[requirement])
    ValidationRequest.objects.filter(pk=draft.pk).update(outcome=outcome, resolved_at=draft.raised_at, **fields)

    assert item(householder, "existing-elevations").standing == standing
    assert propose(householder, by=officer, requirements=[requirement]) == []


def test_only_what_was_chosen_is_proposed(householder, officer):
    chosen = [item(householder, "site-plan").requirement]

    assert [draft.requirement for draft in propose(householder, by=officer, requirements=chosen)] == chosen


def test_what_a_person_looked_at_and_found_wanting_is_proposed_when_chosen(make_application, officer):
    application = make_application("pa.part1.classA", officer=officer)
    measurements = item(application, "extension-measurements").requirement
    assert measurements.slug not in {draft.requirement.slug for draft in propose(application, by=officer)}

    (draft,) = propose(application, by=officer, requirements=[measurements])

    assert draft.kind == Kind.OTHER, "words with which silence could not agree"
    assert draft.title == "Measurements of the extension missing"


def test_a_thing_without_ready_words_is_asked_for_by_its_name(make_application, officer):
    application = make_application("hedgerowRemovalNotice", officer=officer)
    age = item(application, "hedgerow-age").requirement

    (draft,) = propose(application, by=officer, requirements=[age])

    assert draft.reason is None
    assert "SI 1997/1160" in draft.text
    assert draft.what_to_send


def test_only_officers_of_the_council_propose(householder, other_officer, reader, superuser):
    for somebody in (other_officer, reader, superuser):
        with pytest.raises(PermissionDenied):
            propose(householder, by=somebody)
    assert not householder.validation_requests.exists()


def test_nothing_is_proposed_once_the_case_has_ended(make_application, officer):
    application = make_application("pp.full.householder", status=Status.WITHDRAWN, officer=officer)

    with pytest.raises(PermissionDenied):
        propose(application, by=officer)


# --- What came and is not there ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "standing", "words"),
    [
        ({"fetch_status": Document.FetchStatus.FAILED, "file": ""}, Standing.MISSING, "“Plan” could not be fetched."),
        ({"scan_status": ScanStatus.INFECTED}, Standing.MISSING, "“Plan” is harmful and locked away."),
        ({"active_content": ["password"]}, Standing.MISSING, "“Plan” cannot be opened."),
        ({"active_content": ["damaged"]}, Standing.MISSING, "“Plan” cannot be opened."),
        ({"active_content": ["bomb"]}, Standing.MISSING, "“Plan” cannot be opened."),
        ({"active_content": ["unopened"]}, Standing.MISSING, "“Plan” cannot be opened."),
        ({"active_content": ["damaged"], "page_count": 1}, Standing.THERE, "Plan"),
        ({"active_content": ["JavaScript"]}, Standing.THERE, "Plan"),
        ({"fetch_status": Document.FetchStatus.WAITING, "file": ""}, Standing.LOOK, "“Plan” is still being fetched."),
        ({"scan_status": ScanStatus.WAITING}, Standing.LOOK, "“Plan” waits for the virus scan."),
    ],
)
def test_a_file_that_cannot_be_looked_at_is_not_there(householder, fields, standing, words):
    add(householder, "locationPlan", **fields)

    assert (item(householder, "location-plan").standing, item(householder, "location-plan").words) == (standing, words)


@pytest.fixture
def answered(householder, officer):
    """answered(outcome) → the location plan that the applicant sent to request 1, and how that was settled."""

    def answered(outcome="", **fields):
        request = draft_request(
            householder,
            kind=Kind.ADDITIONAL_DOCUMENT,
            title="Location plan",
            text="None.",
            what_to_send="Send it.",
            document_types=["locationPlan"],
            by=officer,
        )
        ValidationRequest.objects.filter(pk=request.pk).update(
            sent_at=request.raised_at,
            answer="replied",
            answered_at=request.raised_at,
            outcome=outcome,
            resolved_at=request.raised_at if outcome else None,
            **fields,
        )
        return add(householder, "locationPlan", answers=request)

    return answered


@pytest.mark.parametrize(
    ("outcome", "fields", "standing", "words"),
    [
        (Outcome.NOT_ACCEPTED, {}, Standing.MISSING, "“Plan” was not enough (request 1)."),
        (Outcome.ACCEPTED, {"arrived_on": date(2026, 6, 2)}, Standing.THERE, "Plan"),
        ("", {}, Standing.LOOK, "“Plan” was sent in answer to request 1: look at it."),
        (
            Outcome.CANCELLED,
            {"cancelled_because": "Not needed."},
            Standing.LOOK,
            "“Plan” was sent in answer to request 1, which was withdrawn: see whether it is enough.",
        ),
        (
            Outcome.LEFT,
            {},
            Standing.LOOK,
            "“Plan” was sent in answer to request 1, without which you went on: see whether it is enough.",
        ),
    ],
)
def test_what_was_sent_is_there_when_an_officer_has_accepted_it(
    householder, answered, outcome, fields, standing, words
):
    answered(outcome, **fields)

    assert (item(householder, "location-plan").standing, item(householder, "location-plan").words) == (standing, words)


def test_one_good_plan_is_enough_beside_one_that_was_not(householder, answered):
    answered(Outcome.NOT_ACCEPTED)
    good = add(householder, "locationPlan", title="Good")

    assert item(householder, "location-plan").found == [good]
    assert item(householder, "location-plan").standing == Standing.THERE


def test_what_was_accepted_and_found_harmful_later_is_not_there(householder, officer):
    requirement = item(householder, "location-plan").requirement
    (request,) = propose(householder, by=officer, requirements=[requirement])
    ValidationRequest.objects.filter(pk=request.pk).update(
        outcome=Outcome.ACCEPTED, resolved_at=request.raised_at, arrived_on=date(2026, 6, 2)
    )
    plan = add(householder, answers=request)
    assert item(householder, "location-plan").words == f"Settled with request {request.number}."

    Document.objects.filter(pk=plan.pk).update(scan_status=ScanStatus.INFECTED)

    assert item(householder, "location-plan").standing == Standing.MISSING


def test_a_plan_that_is_to_be_replaced_is_not_there_and_is_asked_for(householder, officer):
    old = add(householder, "locationPlan")
    request = draft_request(
        householder,
        kind=Kind.REPLACEMENT_DOCUMENT,
        title="Wrong scale",
        text="1:5000.",
        what_to_send="Send 1:1250.",
        document=old,
        by=officer,
    )

    plan = item(householder, "location-plan")

    assert (plan.standing, plan.request) == (Standing.MISSING, request)
    assert plan.words == "A replacement for “Plan” is asked for in request 1."
    assert "location-plan" not in {draft.requirement.slug for draft in propose(householder, by=officer)}


def test_what_waits_for_the_scan_is_not_proposed(householder, officer):
    add(householder, "locationPlan", scan_status=ScanStatus.WAITING)

    assert "location-plan" not in {draft.requirement.slug for draft in propose(householder, by=officer)}


# --- For lists -------------------------------------------------------------------------------------------------------


def test_counting_what_is_missing_asks_as_often_for_a_page_as_for_one_case(make_application):
    def asked(number):
        applications = [make_application("pp.full.householder") for _ in range(number)]
        for application in applications:
            add(application, "locationPlan")
            touch(application, "tpo")
        with CaptureQueriesContext(connection) as queries:
            counts = missing_counts(applications)
        assert set(counts.values()) == {5}
        return len(queries)

    assert asked(1) == asked(5)
