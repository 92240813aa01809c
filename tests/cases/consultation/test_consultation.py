"""Publicity, its last day, and comments: what is recorded, what is refused, what the public may read."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.consultation.comments import (
    CommentsClosed,
    change_comment,
    enter_comment,
    last_published_together,
    publish_comments,
    receive_comment,
    redact_comment,
    unpublish_comments,
)
from cases.consultation.publicity import (
    change_publicity,
    decision_possible_from,
    letters_begin_on,
    publicity_open,
    publicity_still_needed,
    record_publicity,
    remove_publicity,
)
from cases.models import Comment
from cases.register.published import public_comments, shown_comments
from cases.statuses import Decision, Origin, Sentiment, Status


@pytest.fixture
def application(make_application, officer):
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=officer)


@pytest.fixture
def comment_on(officer):
    def enter(application, text="It would take our light.", **fields):
        return enter_comment(
            application,
            **{
                "name": "Ann Neighbour",
                "text": text,
                "sentiment": Sentiment.OBJECTION,
                "received_on": date(2026, 6, 10),
                "by": officer,
                **fields,
            },
        )

    return enter


def kinds(application) -> list[str]:
    return list(application.events.order_by("sequence").values_list("kind", flat=True))


class TestPublicity:
    def test_the_period_begins_with_the_day_of_display_and_sets_the_consultation_end(self, application, officer):
        publicity = record_publicity(application, kind="site_notice", begins_on=date(2026, 6, 3), by=officer)
        assert (publicity.days, publicity.ends_on) == (21, date(2026, 6, 23))
        application.refresh_from_db()
        assert application.consultation_ends_on == date(2026, 6, 23)
        assert kinds(application)[-1] == "publicity_recorded"

    def test_what_was_posted_before_today_can_be_recorded(self, application, officer):
        yesterday = timezone.localdate() - timedelta(days=1)
        assert record_publicity(application, kind="site_notice", begins_on=yesterday, by=officer).pk

    def test_bank_holidays_are_passed_over(self, make_application, officer):
        application = make_application("pp.full.householder", status=Status.IN_ASSESSMENT, received_on=date(2026, 3, 2))
        publicity = record_publicity(application, kind="site_notice", begins_on=date(2026, 3, 30), by=officer)
        assert publicity.ends_on == date(2026, 4, 21)  # Good Friday 3 April and Easter Monday 6 April do not count

    def test_an_eia_application_is_publicised_for_30_days_and_passes_nothing_over(self, make_application, officer):
        application = make_application(
            "pp.full.major", status=Status.IN_ASSESSMENT, received_on=date(2026, 3, 2), is_eia=True
        )
        publicity = record_publicity(application, kind="press", begins_on=date(2026, 3, 30), by=officer)
        assert (publicity.days, publicity.ends_on) == (30, date(2026, 4, 28))

    def test_the_latest_of_several_counts_and_removing_it_counts_anew(self, application, officer):
        record_publicity(application, kind="site_notice", begins_on=date(2026, 6, 3), by=officer)
        letters = record_publicity(application, kind="neighbour_letters", begins_on=date(2026, 6, 8), by=officer)
        application.refresh_from_db()
        assert application.consultation_ends_on == date(2026, 6, 28)
        remove_publicity(letters, by=officer)
        application.refresh_from_db()
        assert application.consultation_ends_on == date(2026, 6, 23)
        removed = application.events.order_by("sequence").last()
        assert removed.kind == "publicity_removed"
        assert removed.data["before"]["ends_on"] == "2026-06-28"

    def test_changing_the_first_day_moves_the_last(self, application, officer):
        publicity = record_publicity(application, kind="site_notice", begins_on=date(2026, 6, 3), by=officer)
        change_publicity(publicity, by=officer, begins_on=date(2026, 6, 5), details="On the gate post")
        application.refresh_from_db()
        assert application.consultation_ends_on == date(2026, 6, 25)
        changed = application.events.order_by("sequence").last()
        assert changed.data["before"] == {"begins_on": "2026-06-03", "details": "", "ends_on": "2026-06-23"}

    def test_nothing_changed_writes_no_event(self, application, officer):
        publicity = record_publicity(application, kind="site_notice", begins_on=date(2026, 6, 3), by=officer)
        before = application.events.count()
        change_publicity(publicity, by=officer, days=publicity.days)
        assert application.events.count() == before

    @pytest.mark.parametrize(
        ("faulty", "field"),
        [
            ({"begins_on": date(2026, 5, 1)}, "begins_on"),
            ({"begins_on": date(2062, 6, 3)}, "begins_on"),
            ({"days": 0}, "days"),
            ({"kind": "town_crier"}, "kind"),
        ],
    )
    def test_what_cannot_be_is_refused_and_changes_nothing(self, application, officer, faulty, field):
        facts = {"kind": "site_notice", "begins_on": date(2026, 6, 3), "by": officer, **faulty}
        before = application.events.count()
        with pytest.raises(ValidationError) as refusal:
            record_publicity(application, **facts)
        assert field in refusal.value.error_dict
        assert (application.publicity.count(), application.events.count()) == (0, before)

    def test_letters_begin_when_the_post_has_brought_them(self, application):
        # Posted on a Thursday: Friday and Monday are the two working days.
        assert letters_begin_on(application, posted_on=date(2026, 6, 4)) == date(2026, 6, 8)

    @pytest.mark.parametrize("status", [Status.NOT_STARTED, Status.INVALIDATED, Status.WITHDRAWN])
    def test_only_a_valid_undecided_application_is_publicised(self, make_application, officer, status):
        application = make_application("pp.full.householder", status=status)
        with pytest.raises(PermissionDenied):
            record_publicity(application, kind="site_notice", begins_on=date(2026, 6, 3), by=officer)

    def test_nobody_of_another_council_and_no_reader(self, application, other_officer, reader, superuser):
        for user in (other_officer, reader, superuser):
            with pytest.raises(PermissionDenied):
                record_publicity(application, kind="site_notice", begins_on=date(2026, 6, 3), by=user)


class TestNoDecisionBeforeItEnds:
    """DMPO 2015 art. 33."""

    def test_open_until_its_last_day_is_over(self, application, officer):
        record_publicity(application, kind="site_notice", begins_on=date(2026, 6, 3), by=officer)
        assert decision_possible_from(application) == date(2026, 6, 24)
        assert publicity_open(application, date(2026, 6, 23)) == date(2026, 6, 23)
        assert publicity_open(application, date(2026, 6, 24)) is None

    def test_none_recorded_stands_in_nobodys_way(self, application):
        assert decision_possible_from(application) is None
        assert publicity_open(application, date(2026, 6, 1)) is None

    def test_householder_needs_a_site_notice_or_letters_and_the_website(self, application, officer):
        assert len(publicity_still_needed(application)) == 2
        record_publicity(application, kind="neighbour_letters", begins_on=date(2026, 6, 3), by=officer)
        (website,) = publicity_still_needed(application)
        assert "website" in website
        application.published_at = timezone.now()
        assert publicity_still_needed(application) == []

    def test_a_larger_home_extension_needs_the_letters(self, make_application, officer):
        application = make_application("pa.part1.classA", status=Status.IN_ASSESSMENT)
        record_publicity(application, kind="site_notice", begins_on=date(2026, 6, 3), by=officer)
        (letters,) = publicity_still_needed(application)
        assert "neighbour letters" in letters

    def test_a_certificate_needs_none(self, make_application):
        assert publicity_still_needed(make_application("ldc.proposed", status=Status.IN_ASSESSMENT)) == []


class TestComments:
    def test_a_comment_is_entered_but_not_public(self, application, comment_on):
        comment = comment_on(application, topics=["light"])
        assert comment.published_at is None
        assert list(public_comments(application)) == []
        event = application.events.order_by("sequence").last()
        assert event.kind == "comment_entered"
        assert "Ann" not in str(event.data)  # the audit outlives the comment

    def test_a_comment_from_tomorrow_or_without_words_is_refused(self, application, comment_on):
        with pytest.raises(ValidationError):
            comment_on(application, received_on=timezone.localdate() + timedelta(days=1))
        with pytest.raises(ValidationError):
            comment_on(application, text="   ")
        with pytest.raises(ValidationError):
            comment_on(application, sentiment="furious")
        assert application.comments.count() == 0

    def test_a_change_does_not_undo_what_a_colleague_did_meanwhile(self, application, comment_on, officer):
        comment = comment_on(application)
        seen_earlier = type(comment).objects.get(pk=comment.pk)
        redact_comment(comment, redacted_text="Too high.", by=officer)
        publish_comments([comment], by=officer)
        change_comment(seen_earlier, name="Ann Other", by=officer)
        comment.refresh_from_db()
        assert (comment.name, comment.redacted_text) == ("Ann Other", "Too high.")
        assert comment.published_at
        stale = type(comment).objects.get(pk=comment.pk)
        stale.published_at, stale.redacted_text = None, ""
        with pytest.raises(ValidationError):
            change_comment(stale, text="Other words", by=officer)

    def test_late_comments_count_until_the_decision(self, make_application, comment_on):
        application = make_application("pp.full.householder", status=Status.AWAITING_DETERMINATION)
        assert comment_on(application, received_on=date(2026, 9, 1)).pk

    def test_many_are_published_at_once_when_nothing_in_them_is_personal(self, application, comment_on, officer):
        comments = [comment_on(application, text=f"Too high, number {n}") for n in range(3)]
        assert len(publish_comments(comments, by=officer)) == 3
        assert {c.redacted_text for c in public_comments(application)} == {f"Too high, number {n}" for n in range(3)}
        assert kinds(application).count("comment_published") == 1

    def test_one_with_a_telephone_number_is_left_until_somebody_has_read_it(self, application, comment_on, officer):
        harmless, personal = comment_on(application), comment_on(application, text="Ring me on 07700 900123")
        assert publish_comments([harmless, personal], by=officer) == [harmless]
        assert public_comments(application).count() == 1
        redact_comment(personal, redacted_text="Ring me on [redacted]", by=officer)
        assert publish_comments([personal], by=officer) == [personal]
        personal.refresh_from_db()
        assert personal.text == "Ring me on 07700 900123"
        assert {c.redacted_text for c in public_comments(application)} >= {"Ring me on [redacted]"}

    def test_published_twice_is_published_once(self, application, comment_on, officer):
        comment = comment_on(application)
        publish_comments([comment], by=officer)
        events = application.events.count()
        assert publish_comments([Comment.objects.get(pk=comment.pk)], by=officer) == []
        assert application.events.count() == events

    def test_taken_off_the_register_with_a_reason(self, application, comment_on, officer):
        comment = comment_on(application)
        publish_comments([comment], by=officer)
        with pytest.raises(ValidationError):
            unpublish_comments([comment], by=officer, because=" ")
        unpublish_comments([comment], by=officer, because="The writer asked for it.")
        assert list(public_comments(application)) == []

    def test_several_are_taken_off_together_and_those_alone(self, application, comment_on, officer, other_officer):
        comments = [comment_on(application, text=f"Number {n}") for n in range(3)]
        publish_comments(comments[:2], by=officer)
        assert {c.pk for c in last_published_together(application)} == {c.pk for c in comments[:2]}
        with pytest.raises(PermissionDenied):
            unpublish_comments(comments, by=other_officer, because="No")
        assert len(unpublish_comments(comments, by=officer, because="Too early")) == 2
        assert list(public_comments(application)) == last_published_together(application) == []
        event = application.events.order_by("sequence").last()
        assert (event.kind, event.data["because"]) == ("comment_unpublished", "Too early")
        assert sorted(event.data["comments"]) == sorted(c.pk for c in comments[:2])
        comments[0].refresh_from_db()
        assert comments[0].redacted_text == "Number 0"

    def test_one_published_alone_is_not_together_with_anything(self, application, comment_on, officer):
        publish_comments([comment_on(application)], by=officer)
        assert last_published_together(application) == []

    def test_what_a_colleague_did_meanwhile_counts(self, application, comment_on, officer):
        comment = comment_on(application)
        seen_earlier = Comment.objects.get(pk=comment.pk)
        redact_comment(comment, redacted_text="Light.", by=officer)
        publish_comments([seen_earlier], by=officer)
        assert [c.redacted_text for c in public_comments(application)] == ["Light."]

    def test_the_writers_own_name_is_a_reason_to_read_where_names_are_not_shown(
        self, application, comment_on, officer, authority
    ):
        text = "I, Ann Neighbour, object."
        own, bodys = comment_on(application, text=text), comment_on(application, text=text, kind="consultee")
        assert publish_comments([own, bodys], by=officer) == [bodys]
        authority.publishes_commenter_names = True
        authority.save()
        assert publish_comments([own], by=officer) == [own]

    def test_only_a_consultee_wants_changes(self, application, comment_on):
        with pytest.raises(ValidationError) as refusal:
            comment_on(application, sentiment=Sentiment.AMENDMENTS)
        assert "sentiment" in refusal.value.error_dict
        assert comment_on(application, sentiment=Sentiment.AMENDMENTS, kind="consultee").pk

    def test_a_consultee_without_a_view_has_no_comment(self, application, comment_on, officer):
        comments = [comment_on(application, sentiment="neutral", kind=kind) for kind in ("public", "consultee")]
        publish_comments(comments, by=officer)
        shown = {c.sentiment.words for c in shown_comments(public_comments(application), application.authority)}
        assert shown == {"Neutral", "No comment / neutral"}

    def test_the_number_of_queries_does_not_grow_with_the_comments(self, application, comment_on, officer):
        numbers = []
        for count in (1, 4):
            comments = [comment_on(application, text=f"Number {n}") for n in range(count)]
            with CaptureQueriesContext(connection) as queries:
                assert len(publish_comments(comments, by=officer)) == count
            numbers.append(len(queries))
        assert numbers[0] == numbers[1]

    def test_nothing_left_is_no_redaction(self, application, comment_on, officer):
        with pytest.raises(ValidationError):
            redact_comment(comment_on(application), redacted_text="  ", by=officer)

    def test_a_changed_text_must_be_redacted_anew(self, application, comment_on, officer):
        comment = comment_on(application)
        redact_comment(comment, redacted_text="Light.", by=officer)
        change_comment(comment, by=officer, text="It would take our light and our sun.")
        comment.refresh_from_db()
        assert comment.redacted_text == ""
        publish_comments([comment], by=officer)
        with pytest.raises(ValidationError):
            change_comment(comment, by=officer, text="Something else")
        assert "before" not in application.events.order_by("sequence").last().data

    def test_published_also_after_the_decision_but_never_by_another_council(
        self, make_application, application, comment_on, officer, other_officer, reader
    ):
        comment = comment_on(application)
        for user in (other_officer, reader):
            with pytest.raises(PermissionDenied):
                publish_comments([comment], by=user)
            with pytest.raises(PermissionDenied):
                redact_comment(comment, redacted_text="x", by=user)
        assert Comment.objects.get(pk=comment.pk).published_at is None

    def test_one_forbidden_comment_publishes_none(
        self, application, make_application, comment_on, officer, other_authority, other_officer
    ):
        elsewhere = make_application("pp.full.householder", status=Status.IN_ASSESSMENT, authority=other_authority)
        theirs = comment_on(elsewhere, by=other_officer)
        with pytest.raises(PermissionDenied):
            publish_comments([comment_on(application), theirs], by=officer)
        assert not Comment.objects.filter(published_at__isnull=False).exists()


@pytest.fixture
def open_application(make_application):
    return make_application(
        "pp.full.householder",
        status=Status.IN_ASSESSMENT,
        published_at=timezone.now(),
        consultation_ends_on=timezone.localdate(),
    )


@pytest.fixture
def from_the_public():
    def send(application, **fields):
        said = {
            "name": "Ann Neighbour",
            "text": "It would take our light.",
            "sentiment": "objection",
            "source": Comment.Source.WEBSITE,
            **fields,
        }
        return receive_comment(application, **said)

    return send


class TestFromThePublic:
    @pytest.fixture(autouse=True)
    def _comments_end_with_the_period(self, authority):
        authority.comments_until_decision = False
        authority.save()

    def test_it_is_on_the_file_and_not_public(self, open_application, from_the_public):
        comment = from_the_public(
            open_application,
            topics=["light", "light", "noise"],
            email="ann@example.com",
            phone="01494 732000",
            address="5 Blyton Close",
        )
        comment.refresh_from_db()
        assert (comment.source, comment.kind, comment.entered_by) == ("website", "public", None)
        assert comment.topics == ["light", "noise"]
        assert comment.received_on == timezone.localdate()
        assert list(public_comments(open_application)) == []

    def test_the_event_is_the_systems_and_names_nobody(self, open_application, from_the_public):
        from_the_public(open_application, email="ann@example.com")
        event = open_application.events.get(kind="comment_entered")
        assert (event.kind, event.by, event.data["source"]) == ("comment_entered", None, "website")
        assert "nn" not in str(event.data).replace("consultation", "")

    def test_sent_twice_is_one_comment(self, open_application, from_the_public):
        first = from_the_public(open_application, submission_key="k" * 64)
        again = from_the_public(open_application, submission_key="k" * 64, text="Other words")
        assert again.pk == first.pk
        assert kinds(open_application).count("comment_entered") == 1
        assert from_the_public(open_application, submission_key="another").pk != first.pk
        assert from_the_public(open_application).pk != from_the_public(open_application).pk

    def test_sent_again_after_the_end_is_still_the_comment_that_came_in_time(self, open_application, from_the_public):
        first = from_the_public(open_application, submission_key="one")
        open_application.consultation_ends_on = timezone.localdate() - timedelta(days=1)
        open_application.save()
        assert from_the_public(open_application, submission_key="one").pk == first.pk
        with pytest.raises(CommentsClosed, match="ended on"):
            from_the_public(open_application, submission_key="two")

    def test_a_key_belongs_to_one_application(self, open_application, make_application, from_the_public):
        other = make_application(
            "pp.full.householder",
            status=Status.IN_ASSESSMENT,
            published_at=timezone.now(),
            consultation_ends_on=timezone.localdate(),
        )
        assert from_the_public(open_application, submission_key="k").pk != from_the_public(other, submission_key="k").pk

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"published_at": None}, "not on the planning register"),
            ({"status": Status.NOT_STARTED, "published_at": timezone.now()}, "not on the planning register"),
            ({"consultation_ends_on": date(2026, 6, 30)}, "ended on 30 June 2026"),
            ({"consultation_ends_on": None}, "not set a time"),
            ({"status": Status.WITHDRAWN}, "withdrawn"),
            ({"status": Status.CLOSED}, "closed"),
            (
                {
                    "status": Status.DETERMINED,
                    "origin": Origin.IMPORTED,
                    "decision": Decision.GRANTED,
                    "decided_on": date(2026, 7, 1),
                },
                "decided this application on 1 July 2026",
            ),
        ],
    )
    def test_closed_is_said_in_words(self, make_application, from_the_public, fields, words):
        application = make_application(
            "pp.full.householder",
            **{
                "status": Status.IN_ASSESSMENT,
                "published_at": timezone.now(),
                "consultation_ends_on": timezone.localdate() + timedelta(days=9),
                **fields,
            },
        )
        with pytest.raises(CommentsClosed, match=words):
            from_the_public(application)
        assert not application.comments.exists()
        assert "comment_entered" not in kinds(application)

    def test_the_councils_switch_keeps_it_open_until_the_decision(self, authority, make_application, from_the_public):
        authority.comments_until_decision = True
        authority.save()
        application = make_application(
            "pp.full.householder", status=Status.AWAITING_DETERMINATION, published_at=timezone.now()
        )
        assert from_the_public(application).pk

    def test_what_changed_since_the_caller_read_it_counts(self, open_application, from_the_public):
        seen_earlier = type(open_application).objects.get(pk=open_application.pk)
        open_application.published_at = None
        open_application.save()
        with pytest.raises(CommentsClosed):
            from_the_public(seen_earlier)

    @pytest.mark.parametrize(
        ("faulty", "field"),
        [
            ({"name": " "}, "name"),
            ({"text": "\n"}, "text"),
            ({"text": "x" * 50_001}, "text"),
            ({"sentiment": "amendments"}, "sentiment"),
            ({"sentiment": "furious"}, "sentiment"),
            ({"topics": ["weather"]}, "topics"),
            ({"email": "nonsense"}, "email"),
            ({"received_on": date(2062, 1, 1)}, "received_on"),
        ],
    )
    def test_what_cannot_be_is_refused_by_field(self, open_application, from_the_public, faulty, field):
        with pytest.raises(ValidationError) as refusal:
            from_the_public(open_application, **faulty)
        assert field in refusal.value.error_dict
        assert not open_application.comments.exists()

    def test_a_character_that_no_column_holds_is_left_out(self, open_application, from_the_public):
        assert from_the_public(open_application, text="Too\0 high").text == "Too high"
