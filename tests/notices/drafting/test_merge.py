"""Merge fields: a closed list, values that stay inert, and errors that name the fault."""

import pytest
from django.core.exceptions import ValidationError

from notices.wording.merge import FIELDS, check, merge, merge_text, plan_words, used, values_for

HOSTILE = '<script>alert(1)</script> {{ applicant_name }} & "quotes" \\1'


@pytest.mark.parametrize(
    "text", ["", "Plain words.", "At {{ site_address }}.", "{{site_address}} and {{  description  }}"]
)
def test_what_is_right_passes(text):
    check(text)


@pytest.mark.parametrize(
    "text",
    [
        "{{ officer_password }}",
        "{{ site_address.postcode }}",
        "{{ site_address|safe }}",
        "{% load static %}",
        "{{ site_address",
        "site_address }}",
        "{<b>{ site_address }</b>}}",
        "{# note #}",
        "{{ Site_Address }}",
        "{{ }}",
        "{{{ site_address }}}x{%",
    ],
)
def test_what_is_unknown_or_broken_is_refused(text):
    with pytest.raises(ValidationError):
        check(text)


def test_the_error_names_the_unknown_field():
    with pytest.raises(ValidationError, match="no_such_field"):
        check("{{ site_address }} {{ no_such_field }}")


def test_values_are_escaped_and_never_merged_again():
    html = merge("<p>{{ description }}</p>", {"description": HOSTILE, "applicant_name": "SECRET"})
    assert "<script>" not in html
    assert "SECRET" not in html
    assert "&amp; &quot;quotes&quot;" in html
    assert "{{ applicant_name }}" in html


def test_plain_text_is_merged_once_and_not_escaped():
    assert merge_text("{{ description }}!", {"description": "A & {{ reference }}"}) == "A & {{ reference }}!"


def test_a_missing_value_shows_itself():
    assert "[Earlier permission: not known]" in merge("{{ parent_reference }}", {"parent_reference": ""})
    assert merge_text("{{ invented }}", {}) == "[invented: not known]"


def test_every_field_can_be_read_of_a_bare_case(make_application):
    values = values_for(make_application("pp.full.householder"))
    assert values.keys() == FIELDS.keys()
    assert all(isinstance(value, str) for value in values.values())
    assert values["site_address"] == "7 Blyton Close, Beaconsfield, HP9 2LX"
    assert values["received_date"] == "1 June 2026"
    assert values["applicant_name"] == "Enid Blyton"
    assert values["decision"] == ""


def test_no_field_tells_how_to_reach_the_applicant(make_application):
    told = " ".join(values_for(make_application()).values())
    for secret in ("famousfive@example.com", "05555 555555"):
        assert secret not in told


def test_measurements_are_found_wherever_the_proposal_keeps_them(make_application):
    application = make_application("pa.part1.classA", proposal={"extend": {"depth": 5.5}, "maxHeight": 3})
    values = values_for(application)
    assert (values["extension_depth"], values["extension_height"]) == ("5.5 metres", "3 metres")


def test_used_finds_names_known_or_not():
    assert used("{{ a_b }} {{ site_address }}") == {"a_b", "site_address"}


def test_a_plan_in_words():
    assert plan_words("Elevations", "A-101", "B", "2026-06-01") == (
        "Elevations, drawing A-101 revision B, received 1 June 2026"
    )
    assert plan_words("Elevations") == "Elevations"
