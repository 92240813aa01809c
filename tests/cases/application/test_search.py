"""Whatever somebody types to find an application, it is found; and nothing that was not asked for."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.application import search
from cases.application.search import LONGEST_SEARCH, How, find, search_applications
from cases.models import Party, PlanningApplication, PreviousReference

pytestmark = pytest.mark.django_db


def found(text: str, **how) -> list[str]:
    applications = search_applications(PlanningApplication.objects.order_by("pk"), text, **how)
    return [application.address for application in applications]


@pytest.fixture
def applications(make_application):
    close = make_application(
        address="7 Blyton Close, Beaconsfield",
        postcode="HP9 2LX",
        reference="26-00107-HAPP",
        description="Rear dormers and the felling of an oak",
        uprn="100080482163",
    )
    make_application(
        address="12 High Street, Amersham",
        postcode="HP7 0DJ",
        reference="26-00108-LDCP",
        description="New shopfront",
        uprn="200",
    )
    PreviousReference.objects.create(application=close, authority=close.authority, reference="25-00042-LDCP")
    return close


CLOSE, STREET = "7 Blyton Close, Beaconsfield", "12 High Street, Amersham"


@pytest.mark.parametrize(
    "text",
    [
        "26-00107-HAPP", "26-00107-happ", "2600107HAPP", "26/00107/HAPP", " 26 00107 HAPP ", "00107", "25-00042-LDCP",
        "25/00042", "HP9 2LX", "hp92lx", "HP9 2", "HP9", "blyton", "Blyton Close", "7 Blyton Close, Beaconsfield",
        "7 blyton close HP9 2LX", "lyton clo", "dormer", "felling oak", '"rear dormers"', "dormer -shopfront",
        "100080482163",
    ],
)  # fmt: skip
def test_it_is_found_by(text, applications):
    assert found(text) == [CLOSE]


@pytest.mark.parametrize("text", ["99999", "windmill", "SW1A 1AA", "-dormer -shopfront", "26-00999"])
def test_nothing_is_found_by(text, applications):
    assert found(text) == []


def test_a_part_that_both_have_finds_both(applications):
    assert found("26-001") == [CLOSE, STREET]


def test_no_words_find_everything(applications):
    assert found("") == found("   ") == found("\x00") == [CLOSE, STREET]


def test_names_are_found_only_where_that_is_allowed(applications):
    Party.objects.filter(application=applications).update(first_name="Julian", last_name="Kirrin", company="")
    assert found("Kirrin") == []
    assert found("Kirrin", with_names=True) == found("Julian Kirrin", with_names=True) == [CLOSE]


def test_the_scope_that_is_passed_in_holds(applications, other_authority, make_application):
    elsewhere = make_application(authority=other_authority, address="7 Blyton Close, Elsewhere")
    own = PlanningApplication.objects.filter(authority=applications.authority)
    assert elsewhere not in search_applications(own, "Blyton Close")
    assert applications in search_applications(own, "Blyton Close")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=LONGEST_SEARCH + 50))
def test_no_text_breaks_the_search(text, applications):
    assert set(found(text, with_names=True)) <= {CLOSE, STREET}


def how(text: str, **rest) -> How:
    return find(PlanningApplication.objects.all(), text, **rest).how


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", How.EVERYTHING), ("26/00107", How.REFERENCE), ("001", How.REFERENCE), ("25-00042-LDCP", How.REFERENCE),
        ("hp9 2lx", How.POSTCODE), ("HP9", How.POSTCODE), ("HP9 2", How.POSTCODE), ("HP92", How.POSTCODE),
        ("100080482163", How.UPRN), ("0100080482163"[1:], How.UPRN), ("dormers", How.WORDS), ("-dormer", How.WORDS),
        ("7 Blyton Close HP92LX", How.WORDS), ("lyton clo", How.PART_OF_ADDRESS),
        ("7 Bylton Close", How.CORRECTED_WORDS), ("doormer", How.CORRECTED_WORDS),
        ("Blytonclose", How.SIMILAR_ADDRESSES),
        ("windmill", How.NOTHING), ('"oak felling"', How.NOTHING), ("-dormer -shopfront", How.NOTHING),
    ],
)  # fmt: skip
def test_what_it_is_taken_for(text, expected, applications):
    assert how(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7 Bylton Close", "7 blyton close"),
        ("Blyto Close", "blyton close"),
        ("Blytonn", "blyton"),
        ("Blyten", "blyton"),
        ("domers oak", "dormers oak"),
        ("Amershma", "amersham"),
    ],
)
def test_one_slip_in_a_word_is_put_right(text, expected, applications):
    assert find(PlanningApplication.objects.all(), text).corrected == expected


def test_what_only_others_have_corrects_nothing(applications, other_authority, make_application):
    """A spelling that another council's register knows is neither shown nor found here."""
    make_application(authority=other_authority, address="1 Zanzibar Road, Elsewhere", description="Porch")
    own = PlanningApplication.objects.filter(authority=applications.authority)
    assert find(own, "Zanzibra").how is How.NOTHING
    assert find(PlanningApplication.objects.all(), "Zanzibra").corrected == "zanzibar"


def test_the_first_half_of_a_postcode_is_not_the_beginning_of_another(make_application):
    make_application(address="A", postcode="E1 6AN")
    make_application(address="B", postcode="E17 4AB")
    assert found("E1") == ["A"]
    assert found("E17") == ["B"]
    assert found("E16") == ["A"]  # no E16 here: the beginning of E1 6AN
    assert found("e1 6") == ["A"]


@pytest.mark.parametrize("most", [1, 10_000])
def test_few_and_many_are_the_same_applications(applications, make_application, monkeypatch, most):
    monkeypatch.setattr(search, "MOST_COUNTED", most)
    make_application(address="9 Blyton Close, Beaconsfield", reference="26-00109-HAPP", description="Rear dormers")
    both = [CLOSE, "9 Blyton Close, Beaconsfield"]
    for text in ("dormer", '"rear dormers"', "blyton -shopfront", "lyton clo", "HP9 2LX", "0010"):
        assert [address for address in found(text) if address != STREET] == both
        answer = find(PlanningApplication.objects.all(), text)
        assert answer.has_more is (most == 1)
        assert answer.countable.count() == answer.applications.count()
        assert (answer.keys is None) is (most == 1)


def test_names_and_e_mails_are_found_beside_words(applications, make_application):
    make_application(address="Kirrin Cottage")
    Party.objects.filter(application=applications).update(last_name="Kirrin", email="julian@kirrin.example")
    assert found("kirrin") == ["Kirrin Cottage"]
    assert found("kirrin", with_names=True) == [CLOSE, "Kirrin Cottage"]
    assert found("julian@kirrin.example", with_names=True) == [CLOSE]
    assert found("julian@kirrin.example") == []


@pytest.mark.parametrize("text", ["dormer", "zebra", "HP9 2LX", "26-00107", "001", "7 Bylton Close"])
def test_questions_do_not_grow_with_rows(applications, make_application, text):
    with CaptureQueriesContext(connection) as few:
        list(find(PlanningApplication.objects.all(), text).applications)
    for number in range(110, 113):
        make_application(address=CLOSE, reference=f"26-00{number}-HAPP", description="Rear dormers")
    with CaptureQueriesContext(connection) as more:
        list(find(PlanningApplication.objects.all(), text).applications)
    assert len(more) == len(few) <= 9
