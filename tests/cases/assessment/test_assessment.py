"""Site visits, history, words, permitted development limits, considerations and the three lists."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from cases.assessment.conditions import (
    add_condition,
    add_from_library,
    add_informative,
    add_refusal_reason,
    change_row,
    library,
    list_plans,
    move_row,
    remove_row,
    rows_of,
    still_in_library,
    usual_conditions_missing,
)
from cases.assessment.considerations import assess_consideration, move_consideration, remove_consideration
from cases.assessment.permitted_development import (
    LimitAnswer,
    assess_limits,
    choose_classes,
    classes_for_works,
    suggested_classes,
)
from cases.assessment.planning_history import (
    add_history_entry,
    change_history_entry,
    remove_history_entry,
    suggested_history,
)
from cases.assessment.report_words import write_sections
from cases.assessment.site_visits import change_site_visit, record_site_visit, remove_site_visit
from cases.models import (
    Condition,
    Consideration,
    ConsiderationAssessment,
    Document,
    GpdoClass,
    GpdoLimit,
    Informative,
    LimitAssessment,
    Policy,
    RefusalReason,
    StandardCondition,
    StandardReason,
)
from cases.models.conditions import ConditionType
from cases.statuses import Decision, Status

LOCKED = [
    Status.NOT_STARTED,
    Status.INVALIDATED,
    Status.AWAITING_DETERMINATION,
    Status.IN_COMMITTEE,
    Status.WITHDRAWN,
]
FAR_AWAY = {
    "type": "Polygon",
    "coordinates": [[[-0.65, 51.62], [-0.649, 51.62], [-0.649, 51.619], [-0.65, 51.619], [-0.65, 51.62]]],
}
NEXT_DOOR = {  # shares an edge with the red line of every application that the tests make
    "type": "Polygon",
    "coordinates": [
        [[-0.6462, 51.6155], [-0.6458, 51.6155], [-0.6458, 51.6152], [-0.6462, 51.6152], [-0.6462, 51.6155]]
    ],
}


@pytest.fixture
def certificate(make_application, officer):
    return make_application("ldc.proposed", status=Status.IN_ASSESSMENT, officer=officer)


@pytest.fixture
def householder(make_application, officer):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=officer)


def last_event(application):
    return application.events.order_by("sequence").last()


class TestSiteVisits:
    def test_recorded_changed_and_removed_with_their_events(self, householder, officer):
        visit = record_site_visit(householder, visited_on=date(2026, 6, 9), notes="Sloping site", by=officer)
        change_site_visit(visit, by=officer, visited_on=date(2026, 6, 10), notes="Sloping site", neighbours_seen="No 9")
        assert last_event(householder).data["before"] == {"visited_on": "2026-06-09", "neighbours_seen": ""}
        remove_site_visit(visit, by=officer)
        assert not householder.site_visits.exists()
        assert last_event(householder).data["before"]["notes"] == "Sloping site"

    def test_a_visit_that_has_not_happened_is_refused(self, householder, officer):
        with pytest.raises(ValidationError):
            record_site_visit(householder, visited_on=timezone.localdate() + timedelta(days=1), by=officer)


@pytest.mark.parametrize("status", LOCKED)
def test_nothing_is_changed_before_validation_or_once_it_waits_for_sign_off(make_application, officer, status):
    application = make_application("pp.full.householder", status=status)
    consideration = Consideration.objects.first()
    standard = library(application, Condition).first()
    attempts = [
        lambda: record_site_visit(application, visited_on=date(2026, 6, 9), by=officer),
        lambda: add_history_entry(application, reference="1", description="x", by=officer),
        lambda: write_sections(application, texts={"conclusion": "x"}, by=officer),
        lambda: choose_classes(application, classes=[GpdoClass.objects.first()], by=officer),
        lambda: assess_limits(application, answers={}, by=officer),
        lambda: assess_consideration(
            application, consideration=consideration, outcome="acceptable", text="x", by=officer
        ),
        lambda: add_condition(application, title="x", text="x", reason="x", by=officer),
        lambda: add_from_library(application, kind=Condition, standards=[standard], by=officer),
        lambda: list_plans(application, documents=[], by=officer),
    ]
    events = application.events.count()
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()
    assert application.events.count() == events


def test_a_stale_page_cannot_change_what_was_submitted_meanwhile(householder, officer):
    """The predicate is asked of the locked row, not of what the caller had read."""
    type(householder).objects.filter(pk=householder.pk).update(status=Status.AWAITING_DETERMINATION)
    assert householder.status == Status.IN_ASSESSMENT
    with pytest.raises(PermissionDenied):
        write_sections(householder, texts={"conclusion": "Changed after the fact"}, by=officer)


def test_only_planning_officers_of_the_council_assess(
    householder, support_officer, reader, other_officer, administrator, superuser, manager
):
    for user in (support_officer, reader, other_officer, administrator, superuser):
        with pytest.raises(PermissionDenied):
            write_sections(householder, texts={"conclusion": "x"}, by=user)
    assert write_sections(householder, texts={"conclusion": "x"}, by=manager)


class TestHistory:
    def test_the_same_uprn_and_overlapping_red_lines_are_suggested(
        self, householder, make_application, other_authority
    ):
        same_uprn = make_application("ldc.proposed", status=Status.IN_ASSESSMENT, boundary=FAR_AWAY)
        overlapping = make_application("ldc.proposed", status=Status.IN_ASSESSMENT, uprn="1")
        make_application("ldc.proposed", status=Status.IN_ASSESSMENT, uprn="2", boundary=FAR_AWAY)
        make_application("ldc.proposed", status=Status.IN_ASSESSMENT, uprn="3", boundary=NEXT_DOOR)
        make_application("ldc.proposed", status=Status.IN_ASSESSMENT, uprn="4", boundary={"type": "Nonsense"})
        make_application("ldc.proposed", status=Status.IN_ASSESSMENT, authority=other_authority)
        make_application("ldc.proposed", status=Status.INVALIDATED)
        assert {row.pk for row in suggested_history(householder)} == {same_uprn.pk, overlapping.pk}

    def test_what_is_in_the_history_is_not_suggested_again(self, householder, make_application, officer):
        other = make_application("ldc.proposed", status=Status.IN_ASSESSMENT)
        add_history_entry(householder, reference=other.reference, description=other.description, by=officer)
        assert suggested_history(householder) == []

    def test_suggestions_cost_the_same_however_many(self, householder, make_application, django_assert_num_queries):
        for _ in range(3):
            make_application("ldc.proposed", status=Status.IN_ASSESSMENT)
        with django_assert_num_queries(2):
            assert [row.application_type.name for row in suggested_history(householder)]

    def test_no_uprn_and_no_red_line_suggests_nothing(self, make_application):
        make_application("ldc.proposed", status=Status.IN_ASSESSMENT, uprn="", boundary=None)
        bare = make_application(
            "ldc.proposed", status=Status.IN_ASSESSMENT, uprn="", boundary=None, latitude=None, longitude=None
        )
        assert suggested_history(bare) == []

    def test_an_entry_once_and_not_from_the_future(self, householder, officer):
        entry = add_history_entry(householder, reference="04/01234/FUL", description="Porch", by=officer)
        with pytest.raises(ValidationError, match="already"):
            add_history_entry(householder, reference=" 04/01234/FUL ", description="Porch", by=officer)
        with pytest.raises(ValidationError):
            change_history_entry(entry, by=officer, decided_on=timezone.localdate() + timedelta(days=1))
        entry.refresh_from_db()
        change_history_entry(entry, by=officer, relevance="Sets the rear wall")
        remove_history_entry(entry, by=officer)
        assert not householder.history_entries.exists()


def test_sections_are_written_when_they_differ(householder, officer):
    write_sections(householder, texts={"site_description": "A semi.", "conclusion": "Fine."}, by=officer)
    events = householder.events.count()
    assert write_sections(householder, texts={"site_description": "A semi. "}, by=officer) == []
    assert householder.events.count() == events
    write_sections(householder, texts={"conclusion": ""}, by=officer)
    assert last_event(householder).data == {"section": "conclusion", "before": "Fine.", "after": ""}
    with pytest.raises(ValidationError):
        write_sections(householder, texts={"secret": "x"}, by=officer)


class TestPermittedDevelopment:
    @pytest.mark.parametrize(
        ("works", "codes"),
        [
            (["extend.rear"], ["part1.classA"]),
            (["extend.rear.side"], ["part1.classA"]),
            (["extend.roof.dormer.rear"], ["part1.classB"]),
            (["extend.roof.newStorey"], ["part1.classAA"]),
            (["extend.outbuilding.shed", "alter.surfaces.patio.new"], ["part1.classE", "part1.classF"]),
            (["extend.rear", "extend.side"], ["part1.classA"]),
            (["alter.equipment.antennae.dish"], ["part1.classH"]),
            (["changeOfUse", "not", ""], []),
        ],
    )
    def test_works_lead_to_classes(self, works, codes):
        assert classes_for_works(works) == codes

    def test_every_class_that_works_lead_to_exists(self, db):
        from cases.assessment.permitted_development import CLASSES_OF_WORKS

        named = {code for _, codes in CLASSES_OF_WORKS for code in codes}
        assert named <= set(GpdoClass.objects.values_list("code", flat=True))

    def test_a_prior_approval_is_held_against_its_own_class(self, make_application):
        assert [c.code for c in suggested_classes(make_application("pa.part1.classA"))] == ["part1.classA"]
        works = [{"value": "extend.roof.dormer", "description": "Dormer"}]
        certificate = make_application("ldc.proposed", project_types=works)
        assert [c.code for c in suggested_classes(certificate)] == ["part1.classB"]

    @pytest.fixture
    def class_d(self, certificate, officer):
        gpdo_class = GpdoClass.objects.get(code="part1.classD")
        choose_classes(certificate, classes=[gpdo_class], by=officer)
        return gpdo_class

    def test_the_whole_form_is_saved_at_once(self, certificate, officer, class_d):
        limits = list(class_d.limits.all())
        answers = {limit.pk: LimitAnswer("complies", " 2.9 metres ") for limit in limits}
        assess_limits(certificate, answers=answers, notes={class_d.pk: "A small porch."}, by=officer)
        saved = LimitAssessment.objects.filter(class_assessment__application=certificate)
        assert {row.measured for row in saved} == {"2.9 metres"}
        assert saved.count() == len(limits)
        assert certificate.class_assessments.get().note == "A small porch."
        assert len(last_event(certificate).data["limits"]) == len(limits)

    def test_saving_the_same_again_writes_nothing(self, certificate, officer, class_d):
        answers = {limit.pk: LimitAnswer("complies") for limit in class_d.limits.all()}
        assess_limits(certificate, answers=answers, by=officer)
        events = certificate.events.count()
        assess_limits(certificate, answers=answers, by=officer)
        assert certificate.events.count() == events

    def test_an_answer_can_be_changed_and_taken_back(self, certificate, officer, class_d):
        first, second = class_d.limits.all()[:2]
        assess_limits(certificate, answers={first.pk: LimitAnswer("complies")}, by=officer)
        assess_limits(certificate, answers={second.pk: LimitAnswer("fails", "4 m", "Too high")}, by=officer)
        rows = LimitAssessment.objects.filter(class_assessment__application=certificate)
        assert [(row.limit_id, row.outcome) for row in rows] == [(second.pk, "fails")]

    def test_an_answer_on_a_class_that_is_not_chosen_is_refused_whole(self, certificate, officer, class_d):
        elsewhere = GpdoLimit.objects.exclude(gpdo_class=class_d).first()
        answers = {class_d.limits.first().pk: LimitAnswer("complies"), elsewhere.pk: LimitAnswer("complies")}
        with pytest.raises(ValidationError):
            assess_limits(certificate, answers=answers, by=officer)
        with pytest.raises(ValidationError):
            assess_limits(certificate, answers={class_d.limits.first().pk: LimitAnswer("perhaps")}, by=officer)
        assert not LimitAssessment.objects.filter(class_assessment__application=certificate).exists()

    def test_taking_a_class_out_takes_its_answers_with_it(self, certificate, officer, class_d):
        assess_limits(certificate, answers={class_d.limits.first().pk: LimitAnswer("complies")}, by=officer)
        choose_classes(certificate, classes=[GpdoClass.objects.get(code="part1.classE")], by=officer)
        assert [row.gpdo_class.code for row in certificate.class_assessments.all()] == ["part1.classE"]
        assert not LimitAssessment.objects.filter(class_assessment__application=certificate).exists()
        assert last_event(certificate).data["removed"] == ["part1.classD"]


class TestConsiderations:
    def test_written_again_it_is_the_same_row(self, householder, officer):
        design, amenity = Consideration.objects.all()[:2]
        policies = Policy.objects.filter(authority=None)[:2]
        first = assess_consideration(
            householder, consideration=design, outcome="acceptable", text="Matches.", policies=policies, by=officer
        )
        assess_consideration(householder, consideration=amenity, outcome="neutral", text="None.", by=officer)
        again = assess_consideration(
            householder, consideration=design, outcome="unacceptable", text="Does not.", by=officer
        )
        assert again.pk == first.pk
        assert again.policies.count() == 0
        assert last_event(householder).data["before"]["text"] == "Matches."

    def test_in_the_officers_order(self, householder, officer):
        rows = [
            assess_consideration(householder, consideration=c, outcome="neutral", text="x", by=officer)
            for c in Consideration.objects.all()[:3]
        ]
        move_consideration(rows[2], up=True, by=officer)
        move_consideration(rows[0], up=True, by=officer)  # at the top already
        order = list(ConsiderationAssessment.objects.filter(application=householder).values_list("pk", flat=True))
        assert order == [rows[0].pk, rows[2].pk, rows[1].pk]
        remove_consideration(rows[0], by=officer)
        assert last_event(householder).data["after"] is None

    def test_another_councils_policy_and_no_words_are_refused(self, householder, officer, other_authority):
        theirs = Policy.objects.create(authority=other_authority, slug="dm1", plan="Elsewhere Plan", title="Design")
        design = Consideration.objects.first()
        with pytest.raises(ValidationError):
            assess_consideration(
                householder, consideration=design, outcome="neutral", text="x", policies=[theirs], by=officer
            )
        with pytest.raises(ValidationError):
            assess_consideration(householder, consideration=design, outcome="neutral", text=" ", by=officer)
        with pytest.raises(ValidationError):
            assess_consideration(householder, consideration=design, outcome="super", text="x", by=officer)
        assert not householder.considerations.exists()


class TestLists:
    def test_the_library_is_filtered_by_council_and_category(self, householder, authority, other_authority):
        ours = StandardCondition.objects.create(
            authority=authority, slug="ours", title="Ours", text="x", reason="y", categories=["householder"]
        )
        theirs = StandardCondition.objects.create(
            authority=other_authority, slug="theirs", title="T", text="x", reason="y"
        )
        trees = StandardCondition.objects.create(slug="trees", title="T", text="x", reason="y", categories=["consent"])
        retired = StandardCondition.objects.create(slug="old", title="T", text="x", reason="y", is_active=False)
        offered = set(library(householder, Condition))
        assert ours in offered
        assert not offered & {theirs, trees, retired}

    def test_several_are_added_at_once_and_none_twice(self, householder, officer):
        standards = list(library(householder, Condition)[:3])
        assert len(add_from_library(householder, kind=Condition, standards=standards, by=officer)) == 3
        assert add_from_library(householder, kind=Condition, standards=standards[:1], by=officer) == []
        rows = list(rows_of(householder, Condition))
        assert [row.sort_order for row in rows] == [0, 1, 2]
        assert [row.reason for row in rows] == [standard.reason for standard in standards]
        assert not still_in_library(householder, Condition).filter(pk__in=[s.pk for s in standards]).exists()

    def test_another_councils_text_is_refused_and_adds_nothing(self, householder, officer, other_authority):
        theirs = StandardCondition.objects.create(authority=other_authority, slug="t", title="T", text="x", reason="y")
        ours = library(householder, Condition).first()
        with pytest.raises(ValidationError):
            add_from_library(householder, kind=Condition, standards=[ours, theirs], by=officer)
        assert not householder.conditions.exists()

    def test_merge_fields_stay_as_they_are(self, householder, officer):
        standard = StandardCondition.objects.create(
            slug="m", title="M", text="At {{ site_address }}.", reason="For {{ reference }}."
        )
        (row,) = add_from_library(householder, kind=Condition, standards=[standard], by=officer)
        assert row.text == "At {{ site_address }}."

    def test_a_condition_needs_a_reason_and_one_before_work_two(self, householder, officer):
        with pytest.raises(ValidationError) as refusal:
            add_condition(householder, title="Drainage", text="x", reason=" ", by=officer)
        assert "reason" in refusal.value.error_dict
        with pytest.raises(ValidationError) as refusal:
            add_condition(householder, title="D", text="x", reason="y", type=ConditionType.PRE_COMMENCEMENT, by=officer)
        assert "pre_commencement_reason" in refusal.value.error_dict

    def test_change_move_remove(self, householder, officer):
        rows = [add_informative(householder, title=f"Note {n}", text="Text", by=officer) for n in range(3)]
        change_row(rows[0], by=officer, text="Other text")
        assert last_event(householder).data["before"] == {"text": "Text"}
        move_row(rows[0], up=False, by=officer)
        assert [row.title for row in rows_of(householder, Informative)] == ["Note 1", "Note 0", "Note 2"]
        events = householder.events.count()
        move_row(rows[2], up=False, by=officer)  # at the end already
        assert householder.events.count() == events
        remove_row(rows[1], by=officer)
        assert last_event(householder).data["removed"]["title"] == "Note 1"

    def test_reasons_for_refusal_bring_their_national_policies_and_take_the_councils(
        self, householder, officer, authority, other_authority
    ):
        policy = Policy.objects.filter(authority=None).first()
        standard = StandardReason.objects.create(slug="h", title="Harm", text="x", policy_slugs=[policy.slug])
        (row,) = add_from_library(householder, kind=RefusalReason, standards=[standard], by=officer)
        assert list(row.policies.all()) == [policy]
        ours = Policy.objects.create(
            authority=authority, slug="dm35", plan="Plan", title="Design", is_development_plan=True
        )
        change_row(row, by=officer, policies=[policy, ours])
        assert row.policies.count() == 2
        theirs = Policy.objects.create(authority=other_authority, slug="x", plan="P", title="T")
        with pytest.raises(ValidationError):
            add_refusal_reason(householder, title="t", text="x", policies=[theirs], by=officer)

    def test_a_row_keeps_what_kind_and_case_it_is(self, householder, officer):
        row = add_informative(householder, title="Note", text="Text", by=officer)
        with pytest.raises(TypeError):
            change_row(row, by=officer, application_id=0)

    def test_time_limit_and_plans_are_proposed_for_a_grant_never_added(self, householder, certificate, officer):
        proposed = usual_conditions_missing(householder, decision=Decision.GRANTED_WITH_CONDITIONS)
        assert [row.type for row in proposed] == [ConditionType.TIME_LIMIT, ConditionType.APPROVED_PLANS]
        assert not householder.conditions.exists()
        add_from_library(householder, kind=Condition, standards=proposed, by=officer)
        assert usual_conditions_missing(householder) == []
        assert usual_conditions_missing(certificate) == []  # a certificate bears no conditions
        assert usual_conditions_missing(householder, decision=Decision.REFUSED) == []


class TestPlans:
    @pytest.fixture
    def document(self, householder):
        def make(**fields):
            return Document.objects.create(
                application=fields.pop("application", householder),
                title="Plan",
                received_on=date(2026, 6, 1),
                fetch_status=Document.FetchStatus.WAITING,
                **fields,
            )

        return make

    def test_exactly_these_are_listed(self, householder, officer, document):
        first, second = document(), document()
        list_plans(householder, documents=[first], by=officer)
        assert list_plans(householder, documents=[second], by=officer) == [second]
        assert last_event(householder).data == {"before": [first.pk], "after": [second.pk]}

    def test_a_superseded_plan_or_one_of_another_case_is_refused(self, householder, certificate, officer, document):
        old = document(superseded_by=document())
        for wrong in (old, document(application=certificate)):
            with pytest.raises(ValidationError):
                list_plans(householder, documents=[wrong], by=officer)
        assert not householder.documents.filter(is_approved_plan=True).exists()
