"""More time: only when agreed, never below the statutory day, and nothing at all when refused."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from cases.decision.extension import agree_extension, remove_extension
from cases.statuses import Status


@pytest.fixture
def application(make_application, officer):
    # Received 1 June 2026, 56 days: due on 27 July 2026.
    return make_application("pp.full.householder", status=Status.IN_ASSESSMENT, officer=officer)


def agree(application, by, **facts):
    return agree_extension(
        application,
        **{
            "agreed_until": date(2026, 8, 14),
            "agreed_with": "A. Agent",
            "agreed_in_writing_on": date(2026, 7, 20),
            "evidence": "E-mail of 20 July",
            "by": by,
            **facts,
        },
    )


def dates(application) -> tuple[date, date]:
    application.refresh_from_db()
    return application.statutory_expiry_on, application.expires_on


def test_the_due_day_follows_and_the_statutory_day_stays(application, officer):
    agree(application, officer)
    assert application.expires_on == date(2026, 8, 14)
    assert dates(application) == (date(2026, 7, 27), date(2026, 8, 14))
    event = application.events.order_by("sequence").last()
    assert event.kind == "extension_agreed"
    assert (event.data["before"], event.data["after"]) == ("2026-07-27", "2026-08-14")


def test_a_second_one_must_end_later_than_the_first(application, officer):
    agree(application, officer)
    with pytest.raises(ValidationError, match="due on 14 August 2026"):
        agree(application, officer, agreed_until=date(2026, 8, 10))
    agree(application, officer, agreed_until=date(2026, 9, 1))
    assert dates(application)[1] == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("faulty", "field"),
    [
        ({"agreed_until": date(2026, 7, 1)}, "agreed_until"),  # below the statutory day
        ({"agreed_until": date(2026, 7, 27)}, "agreed_until"),  # no later than now
        ({"agreed_until": date(2062, 8, 14)}, "agreed_until"),
        ({"agreed_in_writing_on": date(2026, 5, 1)}, "agreed_in_writing_on"),
        ({"agreed_in_writing_on": date(2026, 9, 1)}, "agreed_in_writing_on"),
        ({"evidence": "  "}, "evidence"),
        ({"agreed_with": ""}, "agreed_with"),
    ],
)
def test_what_was_not_agreed_in_writing_changes_nothing(application, officer, faulty, field):
    before, events = dates(application), application.events.count()
    with pytest.raises(ValidationError) as refusal:
        agree(application, officer, **faulty)
    assert field in refusal.value.error_dict
    assert dates(application) == before
    assert (application.extensions.count(), application.events.count()) == (0, events)


def test_an_agreement_made_tomorrow_is_refused(application, officer):
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(ValidationError):
        agree(application, officer, agreed_in_writing_on=tomorrow, agreed_until=tomorrow + timedelta(days=30))


def test_removing_one_falls_back_to_the_latest_other_and_never_below_statutory(application, officer):
    first = agree(application, officer)
    second = agree(application, officer, agreed_until=date(2026, 9, 1))
    with pytest.raises(ValidationError):
        remove_extension(second, because="", by=officer)
    remove_extension(second, because="Wrong case", by=officer)
    assert dates(application)[1] == date(2026, 8, 14)
    remove_extension(first, because="Wrong case", by=officer)
    assert dates(application) == (date(2026, 7, 27), date(2026, 7, 27))


def test_the_evidence_is_a_document_of_this_case(application, make_application, officer):
    from cases.models import Document

    other = make_application("pp.full.householder", status=Status.IN_ASSESSMENT)
    document = Document.objects.create(
        application=other, title="E-mail", received_on=date(2026, 7, 20), fetch_status=Document.FetchStatus.WAITING
    )
    with pytest.raises(ValidationError, match="another application"):
        agree(application, officer, document=document)


def test_who_may(application, make_application, officer, support_officer, reader, other_officer, manager):
    for user in (support_officer, reader, other_officer):
        with pytest.raises(PermissionDenied):
            agree(application, user)
    agree(application, manager)
    withdrawn = make_application("pp.full.householder", status=Status.WITHDRAWN)
    with pytest.raises(PermissionDenied):
        agree(withdrawn, officer)
    unchecked = make_application("pp.full.householder", status=Status.NOT_STARTED)
    with pytest.raises(PermissionDenied):
        agree(unchecked, officer)


def test_pre_application_advice_has_no_day_to_extend(make_application, officer):
    advice = make_application("preApp", status=Status.IN_ASSESSMENT, statutory_expiry_on=None, expires_on=None)
    with pytest.raises(ValidationError, match="nothing to extend"):
        agree(advice, officer)
