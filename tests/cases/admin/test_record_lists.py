"""Lists of what is only read: their addresses never fail, and tell no more than their rows."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from cases.admin.frame.record_lists import NOT_KNOWN
from cases.models import Submission
from cases.timeline import record
from notices.models import Message

pytestmark = pytest.mark.django_db

AUDIT, SUBMISSIONS, MESSAGES = (
    reverse(f"{name}_modeladmin_index") for name in ("cases_caseevent", "cases_submission", "notices_message")
)
LISTS = {"audit": AUDIT, "submissions": SUBMISSIONS, "messages": MESSAGES}


def submission(authority, number: int = 1, application=None) -> Submission:
    return Submission.objects.create(
        authority=authority,
        application=application,
        external_id=f"sender-{number}",
        outcome="accepted",
        body=b"{}",
        sha256=f"{number:064}",
        content_type="application/json",
        received_through="test",
    )


def message(application, number: int = 1) -> Message:
    return Message.objects.create(
        authority=application.authority,
        application=application,
        subject=f"Letter {number}",
        body="Words",
        channel="email",
        to_name="Enid Blyton",
        to_email="enid@example.com",
        status="held",
    )


@pytest.fixture
def application(make_application, authority):
    application = make_application()
    submission(authority, application=application)
    message(application)
    return application


@pytest.fixture
def signed_in(client, administrator, application):
    client.force_login(administrator)
    return client


ODD = [
    "list=late", "foo=bar", "pk__in=1,x", "outcome__exact=nonsense", "status__exact=nonsense", "kind=nonsense",
    "at__gte=yesterday", "received_at__gte=yesterday", "queued_at__lt=2026-02-31", "application__pk=x",
    "application__parties__email__startswith=famous", "authority__name__contains=x", "q=%00", "kind=%00",
    "outcome__isnull=2", "source__regex=(", "e=1%00",
]  # fmt: skip
HARMLESS = ["p=nonsense", "p=-1", "p=0", "p=99999999999999999999", "o=99", "o=x.-y..", "export=pdf", "q=%27%22%5C%25"]


@pytest.mark.parametrize("name", list(LISTS))
def test_what_a_list_does_not_know_is_said_and_all_rows_are_there(name, signed_in):
    for query in ODD:
        page = signed_in.get(f"{LISTS[name]}?{query}", follow=True)
        assert page.status_code == 200, query
        said = [str(words).strip() for words in page.context["messages"]]
        if said:
            assert (said, page.redirect_chain) == ([NOT_KNOWN], [(LISTS[name], 302)]), query
        assert page.context["result_count"], query


@pytest.mark.parametrize("name", list(LISTS))
def test_a_list_has_a_page_for_every_number_and_order(name, signed_in):
    for query in HARMLESS:
        page = signed_in.get(f"{LISTS[name]}?{query}")
        assert page.status_code == 200, query
        assert page.context["result_count"] or query.startswith("q="), query


def test_nobody_learns_from_a_list_what_its_rows_do_not_show(signed_in):
    """Whether rows come back would answer any question about anything that hangs on a case."""
    for address in LISTS.values():
        for email in ("famousfive@example.com", "nobody@example.com"):
            page = signed_in.get(f"{address}?application__parties__email={email}")
            assert (page.status_code, page.url) == (302, address)


@pytest.mark.parametrize(
    ("name", "query", "number"),
    [
        ("audit", "kind=received", 1),
        ("audit", "kind=determine", 0),
        ("submissions", "outcome__exact=accepted", 1),
        ("submissions", "outcome__exact=refused", 0),
        ("messages", "status__exact=held&q=Letter", 1),
        ("messages", "queued_at__gte=2020-01-01+00%3A00%3A00%2B00%3A00&q=Letter", 1),
        ("messages", "q=Letter", 1),
    ],
)
def test_the_filters_that_a_list_offers_work(name, query, number, signed_in):
    page = signed_in.get(f"{LISTS[name]}?{query}")
    assert page.context["result_count"] == number


@pytest.mark.parametrize("name", list(LISTS))
def test_every_choice_of_a_filter_opens(name, signed_in):
    view = signed_in.get(LISTS[name]).context["view"]
    choices = [choice["query_string"] for spec in view.filter_specs for choice in spec.choices(view)]
    assert len(choices) > 5
    for query in choices:
        assert signed_in.get(LISTS[name] + query).status_code == 200, query


@pytest.mark.parametrize("name", list(LISTS))
def test_the_number_of_queries_does_not_grow_with_rows(
    name,
    signed_in,
    application,
    authority,
    make_application,
    officer,
    django_assert_num_queries,
    django_assert_max_num_queries,
):
    def one_more(number: int) -> None:
        case = make_application()
        record(case, "type_changed", by=officer, before={"type": "ldc.proposed"}, after={"type": "ldc.existing"})
        record(case, "assigned", by=officer, before="", after=str(officer))
        submission(authority, number, case)
        message(case, number)

    one_more(2)
    signed_in.get(LISTS[name])  # what is read once a process
    with django_assert_max_num_queries(40) as asked:
        signed_in.get(LISTS[name])
    for number in range(3, 9):
        one_more(number)
    with django_assert_num_queries(len(asked)):
        signed_in.get(LISTS[name])


def test_the_audit_says_when_by_the_clock_here(signed_in, application):
    record(application, "note_added", by=None, at=datetime(2026, 6, 1, 22, 30, tzinfo=UTC))
    assert "1 Jun 2026, 23:30" in signed_in.get(AUDIT).content.decode()


def test_the_audit_names_kinds_and_statuses_in_words(signed_in, application, officer):
    event = record(application, "submit", by=officer, from_status="in_assessment", to_status="awaiting_determination")
    page = signed_in.get(AUDIT).content.decode()
    assert ">Submitted for sign-off<" in page.replace("\n", "")
    page = signed_in.get(reverse("cases_caseevent_modeladmin_inspect", args=[event.pk])).content.decode()
    assert "Submitted for sign-off" in page
    assert "In assessment" in page
    assert "awaiting_determination" not in page
