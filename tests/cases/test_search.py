"""Whatever somebody types to find an application, it is found; and nothing that was not asked for."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.models import Party, PlanningApplication, PreviousReference
from cases.search import LONGEST_SEARCH, search_applications

pytestmark = pytest.mark.django_db


def found(text: str, **how) -> list[str]:
    applications = search_applications(PlanningApplication.objects.order_by("pk"), text, **how)
    return [application.address for application in applications]


@pytest.fixture
def applications(make_application):
    close = make_application(
        address="7 Blyton Close, Beaconsfield", postcode="HP9 2LX", reference="26-00107-HAPP",
        description="Rear dormers and the felling of an oak", uprn="100080482163",
    )  # fmt: skip
    make_application(
        address="12 High Street, Amersham", postcode="HP7 0DJ", reference="26-00108-LDCP",
        description="New shopfront", uprn="200",
    )  # fmt: skip
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


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=LONGEST_SEARCH + 50))
def test_no_text_breaks_the_search(text, applications):
    assert set(found(text, with_names=True)) <= {CLOSE, STREET}
