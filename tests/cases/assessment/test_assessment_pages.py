"""The pages of the consult, assess and recommend tasks, through the real admin, as ordinary users of each role."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.assessment.conditions import add_condition, add_from_library, add_informative, add_refusal_reason, library
from cases.assessment.considerations import assess_consideration
from cases.assessment.permitted_development import choose_classes
from cases.assessment.planning_history import add_history_entry
from cases.assessment.recommendation import recommend
from cases.assessment.site_visits import record_site_visit
from cases.consultation.comments import enter_comment, publish_comments
from cases.consultation.publicity import record_publicity
from cases.decision.extension import agree_extension
from cases.models import (
    Comment,
    Condition,
    Consideration,
    Document,
    GpdoClass,
    Informative,
    LimitAssessment,
    Policy,
    Publicity,
    SiteVisit,
)
from cases.statuses import Decision, Origin, Status

TASKS = [
    "publicity",
    "comments",
    "site_visit",
    "planning_history",
    "site_description",
    "assess_policies",
    "conditions",
    "informatives",
    "refusal_reasons",
    "plans",
    "recommendation",
]
ON_THE_CERTIFICATE = ["assess_gpdo"]
PAGES_BESIDE = ["case_extension", "case_committee", "case_appeals"]


@pytest.fixture
def householder(make_application, officer):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=officer)


@pytest.fixture
def certificate(make_application, officer):
    return make_application("ldc.proposed", status=Status.IN_ASSESSMENT, officer=officer)


@pytest.fixture
def signed_in(client, officer):
    client.force_login(officer)
    return client


def task_url(application, slug) -> str:
    return reverse("case_task", args=[application.pk, slug])


def page_of(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("slug", TASKS)
class TestWhoMayOpenAndPost:
    def test_officers_open_it(self, signed_in, householder, slug):
        response = signed_in.get(task_url(householder, slug))
        assert response.status_code == 200
        assert householder.reference in page_of(response)

    def test_a_reader_reads_it_and_posts_nothing(self, client, reader, householder, slug):
        client.force_login(reader)
        response = client.get(task_url(householder, slug))
        assert response.status_code == 200
        main = page_of(response).split('class="case-columns__main"')[1].split("case-columns__side")[0]
        assert 'type="submit"' not in main
        events = householder.events.count()
        for action in ("save", "add", "publish_harmless"):
            refused = client.post(task_url(householder, slug), {"action": action, "outcome": "done"})
            assert refused.status_code in (302, 403, 404)
        assert householder.events.count() == events

    def test_another_council_finds_nothing(self, client, other_officer, householder, slug):
        client.force_login(other_officer)
        for response in (
            client.get(task_url(householder, slug)),
            client.post(task_url(householder, slug), {"action": "save", "outcome": "done"}),
        ):
            assert response.status_code == 404

    def test_nobody_else(self, client, householder, slug):
        assert client.get(task_url(householder, slug)).status_code == 302

    def test_once_submitted_it_is_read_only_for_the_assessment(self, signed_in, make_application, slug):
        waiting = make_application("pp.full.householder", status=Status.AWAITING_DETERMINATION)
        response = signed_in.get(task_url(waiting, slug))
        assert response.status_code == 200
        assert ("You can read this page" in page_of(response)) == (slug not in ("publicity", "comments"))


@pytest.mark.parametrize("name", PAGES_BESIDE)
def test_pages_beside_the_list_are_scoped(client, name, householder, other_officer, officer):
    url = reverse(name, args=[householder.pk])
    client.force_login(other_officer)
    assert client.get(url).status_code == 404
    client.force_login(officer)
    assert client.get(url).status_code == 200


class TestPublicityPage:
    FACTS = {"kind": "site_notice", "begins_on": "2026-06-03", "days": "21", "details": "Gate post"}

    def post(self, client, application, action, row="", **data):
        prefix = f"{action}-{row}" if row else action
        fields = {f"{prefix}-{name}": value for name, value in data.items()}
        return client.post(task_url(application, "publicity"), {"action": action, "row": row, **fields})

    def test_add_change_remove(self, signed_in, householder):
        assert self.post(signed_in, householder, "add", **self.FACTS).status_code == 302
        publicity = householder.publicity.get()
        assert publicity.ends_on == date(2026, 6, 23)
        changed = self.post(signed_in, householder, "change", publicity.pk, **{**self.FACTS, "days": "28"})
        assert changed.status_code == 302
        publicity.refresh_from_db()
        assert publicity.ends_on == date(2026, 6, 30)
        asked = signed_in.get(task_url(householder, "publicity"), {"open": "remove", "row": publicity.pk})
        assert "Remove this publicity?" in page_of(asked)
        assert householder.publicity.exists()
        self.post(signed_in, householder, "remove", publicity.pk)
        assert not householder.publicity.exists()

    def test_posted_letters_begin_when_they_arrive(self, signed_in, householder):
        facts = {**self.FACTS, "kind": "neighbour_letters", "begins_on": "2026-06-04", "was_posted": "on"}
        self.post(signed_in, householder, "add", **facts)
        assert householder.publicity.get().begins_on == date(2026, 6, 8)

    def test_what_was_typed_is_kept_beside_the_error(self, signed_in, householder):
        response = self.post(signed_in, householder, "add", **{**self.FACTS, "begins_on": "2026-01-03"})
        page = page_of(response)
        assert response.status_code == 422
        assert "There is a problem" in page
        assert "received only on 1 June 2026" in page
        assert "Gate post" in page
        assert not householder.publicity.exists()

    def test_a_row_of_another_case_is_not_found(self, signed_in, householder, certificate, make_application, officer):
        other = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
        theirs = record_publicity(other, kind="site_notice", begins_on=date(2026, 6, 3), by=officer)
        assert self.post(signed_in, householder, "remove", theirs.pk).status_code == 404
        for row in (theirs.pk, "x", "9" * 30, "-1"):
            assert signed_in.get(task_url(householder, "publicity"), {"open": "change", "row": row}).status_code == 404
        assert Publicity.objects.filter(pk=theirs.pk).exists()

    def test_the_running_period_is_told(self, signed_in, householder, officer):
        record_publicity(householder, kind="site_notice", begins_on=timezone.localdate(), by=officer)
        assert "Publicity is open until" in page_of(signed_in.get(task_url(householder, "publicity")))


class TestCommentsPage:
    @pytest.fixture
    def comments(self, householder, officer):
        def enter(text):
            return enter_comment(
                householder,
                name="Ann Neighbour",
                text=text,
                sentiment="objection",
                received_on=date(2026, 6, 10),
                topics=["light"],
                by=officer,
            )

        return [enter("It takes our light."), enter("Ring 07700 900123."), enter("Too high.")]

    def test_entered_by_hand(self, signed_in, householder):
        fields = {
            "kind": "public",
            "name": "Ann",
            "received_on": "2026-06-10",
            "sentiment": "objection",
            "topics": ["light", "privacy"],
            "text": "Too high",
        }
        data = {f"add-{name}": value for name, value in fields.items()}
        assert signed_in.post(task_url(householder, "comments"), {"action": "add", **data}).status_code == 302
        assert householder.comments.get().topics == ["light", "privacy"]

    def test_all_harmless_ones_in_one_go(self, signed_in, householder, comments):
        response = signed_in.post(task_url(householder, "comments"), {"action": "publish_harmless"}, follow=True)
        assert "2 published. 1 left" in page_of(response)
        assert householder.comments.filter(published_at=None).get() == comments[1]

    def test_the_ticked_ones(self, signed_in, householder, comments):
        url = task_url(householder, "comments")
        signed_in.post(url, {"action": "publish", "publish-comments": [comments[0].pk]})
        assert list(householder.comments.exclude(published_at=None)) == [comments[0]]
        nothing = signed_in.post(url, {"action": "publish"})
        assert nothing.status_code == 422
        assert "Tick the comments" in page_of(nothing)

    def test_redacting_starts_from_the_suggestion(self, signed_in, householder, comments):
        url = task_url(householder, "comments")
        page = page_of(signed_in.get(url, {"open": "redact", "row": comments[1].pk}))
        assert "Ring [redacted]." in page
        key = f"redact-{comments[1].pk}"
        tick = re.search(rf'<input[^>]*name="{key}-publish"[^>]*>', page)
        assert tick
        assert "checked" not in tick[0]  # to go public is chosen, never left as it was
        signed_in.post(
            url,
            {
                "action": "redact",
                "row": comments[1].pk,
                f"{key}-redacted_text": "Ring [redacted].",
                f"{key}-publish": "on",
            },
        )
        comments[1].refresh_from_db()
        assert comments[1].redacted_text == "Ring [redacted]."
        assert comments[1].published_at

    def test_after_the_decision_comments_are_published_but_not_entered(self, client, make_application, officer):
        decided = make_application(
            "pp.full.householder",
            status=Status.DETERMINED,
            origin=Origin.IMPORTED,
            decision=Decision.REFUSED,
            decided_on=date(2026, 7, 20),
        )
        comment = Comment.objects.create(
            application=decided, name="Ann", text="Too high", sentiment="objection", received_on=date(2026, 6, 10)
        )
        client.force_login(officer)
        url = task_url(decided, "comments")
        assert "Enter a comment" not in page_of(client.get(url))
        client.post(url, {"action": "publish_harmless"})
        comment.refresh_from_db()
        assert comment.published_at

    def test_taking_one_off_asks_why(self, signed_in, householder, comments, officer):
        publish_comments([comments[0]], by=officer)
        url, key = task_url(householder, "comments"), f"unpublish-{comments[0].pk}"
        data = {"action": "unpublish", "row": comments[0].pk}
        assert signed_in.post(url, {**data, f"{key}-because": ""}).status_code == 422
        assert signed_in.post(url, {**data, f"{key}-because": "Asked for"}).status_code == 302
        assert not householder.comments.exclude(published_at=None).exists()


class TestAssessmentPages:
    def test_a_visit_is_recorded_and_no_visit_is_a_judgement(self, signed_in, householder):
        url = task_url(householder, "site_visit")
        signed_in.post(url, {"action": "add", "add-visited_on": "2026-06-09", "add-notes": "Slopes"})
        assert SiteVisit.objects.get(application=householder).notes == "Slopes"
        signed_in.post(url, {"outcome": "done", "judgement-note": "Known site"})
        assert householder.checks.get().note == "Known site"

    def test_suggested_history_is_added_by_ticking(self, signed_in, householder, make_application):
        earlier = make_application("ldc.proposed", status=Status.IN_ASSESSMENT)
        url = task_url(householder, "planning_history")
        assert earlier.reference in page_of(signed_in.get(url))
        signed_in.post(url, {"action": "suggested", "suggested-applications": [earlier.pk]})
        assert householder.history_entries.get().reference == earlier.reference
        response = signed_in.post(url, {"action": "suggested", "suggested-applications": [householder.pk]})
        assert response.status_code == 422

    def test_words_for_the_report(self, signed_in, householder):
        url = task_url(householder, "site_description")
        signed_in.post(url, {"site_description": "A semi.", "works_description": "An extension."})
        assert dict(householder.sections.values_list("slug", "text")) == {
            "site_description": "A semi.",
            "works_description": "An extension.",
        }
        assert "An extension." in page_of(signed_in.get(url))

    def test_classes_are_suggested_and_limits_saved_at_once(self, signed_in, certificate):
        certificate.project_types = [{"value": "extend.porch", "description": "Porch"}]
        certificate.save()
        url, porch = task_url(certificate, "assess_gpdo"), GpdoClass.objects.get(code="part1.classD")
        page = page_of(signed_in.get(url))
        assert f'value="{porch.pk}" id="id_classes-classes' in page
        assert "Ticked for you" in page
        signed_in.post(url, {"action": "classes", "classes-classes": [porch.pk]})
        first, *rest = porch.limits.all()
        answers = {f"outcome_{first.pk}": "complies", f"measured_{first.pk}": "2.9 metres", f"rest_{porch.pk}": "on"}
        assert signed_in.post(url, answers).status_code == 302
        saved = LimitAssessment.objects.filter(class_assessment__application=certificate)
        assert saved.get(limit=first).measured == "2.9 metres"
        assert {row.outcome for row in saved.exclude(limit=first)} == {"not_applicable"}
        assert saved.count() == 1 + len(rest)

    def test_a_limit_is_shown_as_the_law_has_it(self, signed_in, certificate, officer):
        """Beside “no more than 0.15 metres” stands the limit of 0.15 metres, not of 0.2."""
        choose_classes(certificate, classes=GpdoClass.objects.all(), by=officer)
        page = page_of(signed_in.get(task_url(certificate, "assess_gpdo")))
        for shown in ("0.15 metres", "0.6 metres", "3,500", "50 cubic metres"):
            assert f"(limit {shown}" in page
        assert "(limit 0.2" not in page

    def test_a_measure_without_an_answer_is_an_error_and_nothing_is_lost(self, signed_in, certificate, officer):
        porch = GpdoClass.objects.get(code="part1.classD")
        choose_classes(certificate, classes=[porch], by=officer)
        first, second = porch.limits.all()[:2]
        data = {f"measured_{first.pk}": "2.9 metres", f"outcome_{second.pk}": "fails", f"why_{second.pk}": "Too high"}
        response = signed_in.post(task_url(certificate, "assess_gpdo"), data)
        page = page_of(response)
        assert response.status_code == 422
        assert "say whether the limit is kept" in page
        assert "2.9 metres" in page
        assert "Too high" in page
        assert not LimitAssessment.objects.filter(class_assessment__application=certificate).exists()

    def test_no_class_applies_is_a_judgement(self, signed_in, certificate):
        url = task_url(certificate, "assess_gpdo")
        signed_in.post(url, {"outcome": "done", "judgement-note": "A use, not works"})
        assert certificate.checks.get().outcome == "done"

    def test_considerations_in_order(self, signed_in, householder, other_authority):
        url, (design, amenity) = task_url(householder, "assess_policies"), Consideration.objects.all()[:2]
        policy = Policy.objects.filter(authority=None).first()
        theirs = Policy.objects.create(authority=other_authority, slug="x", plan="Elsewhere Plan", title="T")
        assert "Elsewhere Plan" not in page_of(signed_in.get(url))
        for consideration in (design, amenity):
            data = {"consideration": consideration.pk, "outcome": "acceptable", "text": "Fine", "policies": policy.pk}
            signed_in.post(url, {"action": "add", **{f"add-{name}": value for name, value in data.items()}})
        first, second = householder.considerations.all()
        signed_in.post(url, {"action": "move_up", "row": second.pk})
        assert list(householder.considerations.values_list("pk", flat=True)) == [second.pk, first.pk]
        key = f"change-{first.pk}"
        change = {f"{key}-outcome": "acceptable", f"{key}-text": "Fine", f"{key}-policies": theirs.pk}
        assert signed_in.post(url, {"action": "change", "row": first.pk, **change}).status_code == 422


class TestTextLists:
    def test_picked_from_the_library(self, signed_in, householder, other_authority):
        url = task_url(householder, "conditions")
        page = page_of(signed_in.get(url, {"open": "pick"}))
        standards = list(library(householder, Condition)[:2])
        assert all(f'id="standard-{standard.pk}"' in page for standard in standards)
        signed_in.post(url, {"action": "pick", "pick-standards": [standard.pk for standard in standards]})
        assert householder.conditions.count() == 2

    def test_the_usual_conditions_are_offered_and_added_by_a_button(self, signed_in, householder):
        url = task_url(householder, "conditions")
        assert "Usual on a grant" in page_of(signed_in.get(url))
        signed_in.post(url, {"action": "usual"})
        assert set(householder.conditions.values_list("type", flat=True)) == {"time_limit", "approved_plans"}
        page = page_of(signed_in.get(url))
        assert "Usual on a grant" not in page
        assert "As the notice will say it" in page  # the merge fields of the approved plans

    def test_own_text_with_an_error_keeps_what_was_typed(self, signed_in, householder):
        url = task_url(householder, "conditions")
        data = {"add-title": "Drains", "add-text": "Long text about drains", "add-reason": "", "add-type": "compliance"}
        response = signed_in.post(url, {"action": "add", **data})
        assert response.status_code == 422
        assert "Long text about drains" in page_of(response)
        assert not householder.conditions.exists()
        data |= {"add-reason": "To keep it dry", "add-type": "pre_commencement"}
        response = signed_in.post(url, {"action": "add", **data})
        assert "Say why it must be met before work starts" in page_of(response)

    def test_removing_asks_first(self, signed_in, householder, officer):
        row = add_informative(householder, title="Party wall", text="Ask.", by=officer)
        url = task_url(householder, "informatives")
        assert "Remove this text?" in page_of(signed_in.get(url, {"open": "remove", "row": row.pk}))
        assert Informative.objects.filter(pk=row.pk).exists()
        signed_in.post(url, {"action": "remove", "row": row.pk})
        assert not Informative.objects.filter(pk=row.pk).exists()

    def test_a_row_of_another_kind_or_case_is_not_found(self, signed_in, householder, certificate, officer):
        theirs = add_informative(certificate, title="T", text="x", by=officer)
        for slug in ("informatives", "conditions"):
            assert (
                signed_in.post(task_url(householder, slug), {"action": "remove", "row": theirs.pk}).status_code == 404
            )

    def test_what_officers_type_is_never_markup(self, signed_in, householder, officer):
        add_informative(householder, title="<b>x</b>", text="<script>alert(1)</script>", by=officer)
        assert "<script>alert(1)" not in page_of(signed_in.get(task_url(householder, "informatives")))


def test_plans_are_ticked(signed_in, householder):
    plan = Document.objects.create(
        application=householder,
        title="Site plan",
        received_on=date(2026, 6, 1),
        drawing_number="001",
        fetch_status=Document.FetchStatus.WAITING,
    )
    url = task_url(householder, "plans")
    signed_in.post(url, {"documents": [plan.pk], "outcome": "done"})
    plan.refresh_from_db()
    assert plan.is_approved_plan
    assert "checked" in page_of(signed_in.get(url)).split(f'id="plan-{plan.pk}"')[1][:20]


class TestRecommendationPage:
    def test_recommended_and_checked(self, signed_in, householder):
        url = task_url(householder, "recommendation")
        page = page_of(signed_in.get(url))
        assert 'value="refused"' in page
        assert 'value="ldc_granted"' not in page
        data = {"decision": "refused", "summary": "Harm.", "conclusion": "On balance, no.", "route": "officer"}
        assert signed_in.post(url, data).status_code == 302
        page = page_of(signed_in.get(url))
        assert "There is no reason for refusal." in page
        assert "On balance, no." in page
        assert reverse("case_report", args=[householder.pk]) in page
        householder.refresh_from_db()
        assert householder.status == Status.IN_ASSESSMENT

    def test_nothing_is_lost_on_error(self, signed_in, householder):
        data = {"decision": "refused", "summary": "", "conclusion": "On balance, no.", "route": "officer"}
        response = signed_in.post(task_url(householder, "recommendation"), data)
        assert response.status_code == 422
        assert "On balance, no." in page_of(response)
        assert not householder.sections.exists()


class TestPagesBesideTheList:
    def test_an_extension_is_recorded_from_the_case_page(self, signed_in, householder):
        url = reverse("case_extension", args=[householder.pk])
        assert url in page_of(signed_in.get(reverse("case_page", args=[householder.pk])))
        data = {
            "agreed_until": "2026-08-14",
            "agreed_with": "A. Agent",
            "agreed_in_writing_on": "2026-07-20",
            "evidence": "E-mail",
        }
        signed_in.post(url, {"action": "add", **{f"add-{name}": value for name, value in data.items()}})
        householder.refresh_from_db()
        assert householder.expires_on == date(2026, 8, 14)
        extension = householder.extensions.get()
        refused = signed_in.post(url, {"action": "remove", "row": extension.pk})
        assert refused.status_code == 422
        assert householder.extensions.exists()

    def test_a_manager_sends_to_committee_and_records_what_it_resolved(
        self, client, manager, officer, make_application
    ):
        waiting = make_application(
            "pp.full.major", status=Status.AWAITING_DETERMINATION, recommended=Decision.REFUSED, recommended_by=officer
        )
        url = reverse("case_committee", args=[waiting.pk])
        client.force_login(officer)
        assert client.post(url, {"action": "refer", "refer-committee_on": "2026-07-15"}).status_code in (302, 403)
        waiting.refresh_from_db()
        assert waiting.status == Status.AWAITING_DETERMINATION
        client.force_login(manager)
        assert client.post(url, {"action": "refer", "refer-committee_on": "2026-07-15"}).status_code == 302
        resolve = {"action": "resolve", "resolve-resolution": "grant", "resolve-note": ""}
        assert client.post(url, resolve).status_code == 422
        client.post(url, {**resolve, "resolve-note": "No harm was seen."})
        waiting.refresh_from_db()
        assert waiting.committee_resolution == "grant"
        assert "send the case back to the officer" in page_of(client.get(url))

    def test_an_appeal_and_its_outcome(self, signed_in, make_application):
        decided = make_application(
            "pp.full.householder",
            status=Status.DETERMINED,
            origin=Origin.IMPORTED,
            decision=Decision.REFUSED,
            decided_on=date(2026, 7, 20),
        )
        url = reverse("case_appeals", args=[decided.pk])
        page = page_of(signed_in.get(url))
        assert "12 October 2026" in page
        assert "No decision in time" not in page
        signed_in.post(url, {"action": "add", "add-ground": "refusal", "add-lodged_on": "2026-09-01"})
        appeal = decided.appeals.get()
        key = f"outcome-{appeal.pk}"
        outcome = {f"{key}-outcome": "allowed", f"{key}-decided_on": "2026-09-21"}
        signed_in.post(url, {"action": "outcome", "row": appeal.pk, **outcome})
        appeal.refresh_from_db()
        assert appeal.outcome == "allowed"


@pytest.fixture
def filled(householder, officer, authority):
    """Fills the case's lists with so many rows of everything."""

    def fill(number: int) -> None:
        considerations = Consideration.objects.all()
        policies = list(Policy.objects.filter(authority=None)[:2])
        for n in range(number):
            day = date(2026, 6, 3) + timedelta(days=n)
            record_publicity(householder, kind="site_notice", begins_on=day, by=officer)
            enter_comment(householder, name="Ann", text="Too high", sentiment="objection", received_on=day, by=officer)
            record_site_visit(householder, visited_on=day, by=officer)
            add_history_entry(householder, reference=f"0{number}/{n}", description="Porch", by=officer)
            add_refusal_reason(householder, title="Harm", text="{{ site_address }}", policies=policies, by=officer)
            add_informative(householder, title="Note", text="Text for {{ reference }}", by=officer)
            add_condition(householder, title="C", text="{{ site_address }}", reason="x", policies=policies, by=officer)
            assess_consideration(
                householder,
                consideration=considerations[householder.considerations.count()],
                outcome="neutral",
                text="x",
                policies=policies,
                by=officer,
            )
            Document.objects.create(
                application=householder, title="Plan", received_on=day, fetch_status=Document.FetchStatus.WAITING
            )
            agree_extension(
                householder,
                agreed_until=householder.expires_on + timedelta(days=1),
                agreed_with="A",
                agreed_in_writing_on=date(2026, 7, 1),
                evidence="E-mail",
                by=officer,
            )
        recommend(householder, decision=Decision.REFUSED, summary="Harm", route="officer", by=officer)

    return fill


@pytest.mark.parametrize("slug", [*TASKS, "case_extension"])
def test_queries_do_not_grow_with_rows(
    signed_in, householder, filled, slug, django_assert_num_queries, django_assert_max_num_queries
):
    url = reverse(slug, args=[householder.pk]) if slug == "case_extension" else task_url(householder, slug)
    filled(1)
    signed_in.get(url)  # content types and the like are read once
    with django_assert_max_num_queries(70) as one:
        signed_in.get(url)
    filled(3)
    with django_assert_num_queries(len(one.captured_queries)):
        signed_in.get(url)


def test_limits_cost_the_same_for_one_class_and_three(
    signed_in, certificate, officer, django_assert_num_queries, django_assert_max_num_queries
):
    url, classes = task_url(certificate, "assess_gpdo"), list(GpdoClass.objects.all()[:4])
    choose_classes(certificate, classes=classes[:1], by=officer)
    signed_in.get(url)
    with django_assert_max_num_queries(70) as one:
        signed_in.get(url)
    choose_classes(certificate, classes=classes, by=officer)
    with django_assert_num_queries(len(one.captured_queries)):
        signed_in.get(url)


def test_standard_texts_of_a_library_are_added_once_whatever_is_posted(signed_in, householder, officer):
    standard = library(householder, Condition).first()
    add_from_library(householder, kind=Condition, standards=[standard], by=officer)
    response = signed_in.post(
        task_url(householder, "conditions"), {"action": "pick", "pick-standards": [standard.pk, "x"]}
    )
    assert response.status_code == 422
    assert householder.conditions.count() == 1
