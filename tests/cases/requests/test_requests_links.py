"""The applicant's link opens one application to one person, for a time, and nothing to anybody else."""

import string
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.signing import Signer
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from cases.models import ApplicantLink, Party
from cases.requests.links import OPENS_FOR, TOKEN, link_for, opened_by, revoke, token_of
from cases.requests.sending import remind
from tests.cases.asking import ask, link_of
from tests.clock import at, later

pytestmark = pytest.mark.django_db
SIGNATURE = string.ascii_letters + string.digits + "-_"


@pytest.fixture
def application(make_application):
    return make_application("pp.full.householder")


@pytest.fixture
def link(application):
    return link_of(application)


def test_the_token_opens_the_application_of_its_link(link, application, authority):
    opened = opened_by(token_of(link), authority=authority)
    assert opened == link
    assert opened.application == application
    assert opened.last_used_at


def test_a_token_is_one_segment_of_an_address_and_says_nothing(link):
    token = token_of(link)
    assert TOKEN.fullmatch(token)
    assert len(token) == 76
    assert link.application.reference not in token


def test_the_same_person_is_given_the_same_link_and_more_time(link, application, authority):
    with later(days=60):
        again = link_of(application)
        assert again == link
        assert again.expires_at - timezone.now() == pytest.approx(OPENS_FOR, abs=timedelta(minutes=1))
    assert application.events.filter(kind="link_made").count() == 1


FORGED = [
    "", ".", "x", "0" * 76, "\x00" * 76, "é" * 76, "../../etc/passwd", "a" * 32 + "." + "b" * 43,
    "a" * 32 + "." + "b" * 42 + "\n", "A" * 32 + "." + "b" * 43, "a" * 10_000, "٠" * 32 + "." + "b" * 43,
    "a" * 32 + "." + "b" * 43 + "/", "a" * 32 + ":" + "b" * 43,
]  # fmt: skip


@pytest.mark.parametrize("token", FORGED)
def test_a_forged_token_opens_nothing_and_costs_no_query(token, authority, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert opened_by(token, authority=authority) is None


@given(key=st.uuids(), signature=st.text(SIGNATURE, min_size=43, max_size=43))
def test_no_guess_is_looked_up(key, signature):
    # Without a database: a look-up would raise.
    assert opened_by(f"{key.hex}.{signature}", authority=None) is None


def test_the_key_of_a_link_alone_or_signed_for_something_else_opens_nothing(link, authority):
    other = ApplicantLink.objects.create(application=link.application, expires_at=timezone.now() + OPENS_FOR)
    key, signature = token_of(link).split(".")
    for token in (
        key,
        f"{other.pk.hex}.{signature}",
        f"{key}.{signature[::-1]}",
        Signer(sep=".").sign(key),
        Signer(salt="another", sep=".").sign(key),
        token_of(ApplicantLink(pk=uuid4())),
    ):
        assert opened_by(token, authority=authority) is None


def test_another_council_opens_nothing_with_it(link, other_authority):
    assert opened_by(token_of(link), authority=other_authority) is None


def test_it_closes_ninety_days_after_the_last_letter(application, authority, officer):
    ask(application, "other", by=officer)
    link = ApplicantLink.objects.get()
    sent = timezone.now()
    with at(sent + timedelta(days=89)):
        assert opened_by(token_of(link), authority=authority)
        remind(application, by=officer)
    with at(sent + timedelta(days=178)):
        assert opened_by(token_of(link), authority=authority)
    with at(sent + timedelta(days=180)):
        assert opened_by(token_of(link), authority=authority) is None
        assert link_of(application) != link  # an old one in a forgotten letter never comes to life again


def test_a_revoked_link_opens_nothing_and_the_next_letter_brings_another(link, application, authority, officer):
    with pytest.raises(ValidationError):
        revoke(link, because=" ", by=officer)
    with pytest.raises(ValidationError, match="300 characters or fewer"):
        revoke(link, because="x" * 301, by=officer)
    revoke(link, because="It was sent to the wrong address.", by=officer)
    assert opened_by(token_of(link), authority=authority) is None
    event = application.events.get(kind="link_revoked")
    assert (event.by, event.data["because"]) == (officer, "It was sent to the wrong address.")
    assert link_of(application) != link


def test_only_the_council_that_made_it_revokes_it(link, other_officer, reader):
    for user in (other_officer, reader):
        with pytest.raises(PermissionDenied):
            revoke(link, because="x", by=user)
    link.refresh_from_db()
    assert link.revoked_at is None


def test_a_new_address_of_the_person_closes_the_link_and_makes_another(link, application, authority):
    application.parties.filter(role="applicant").update(email="new@example.com")
    assert opened_by(token_of(link), authority=authority) is None
    newer = link_of(application)
    assert newer != link
    assert opened_by(token_of(newer), authority=authority) == newer
    assert opened_by(token_of(link), authority=authority) is None
    assert "@" not in str(list(application.events.values_list("data", flat=True)))


def test_who_is_party_no_longer_has_no_way_in(application, authority):
    agent = Party.objects.create(application=application, role="agent", last_name="Agent", email="a@example.com")
    link = link_for(agent)
    agent.delete()
    assert opened_by(token_of(link), authority=authority) is None


def test_agent_and_applicant_have_links_of_their_own(application, link):
    agent = Party.objects.create(application=application, role="agent", last_name="Agent", email="a@example.com")
    assert link_for(agent) != link
    assert application.applicant_links.count() == 2
