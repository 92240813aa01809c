"""What an Open Digital Planning payload says, read with patience for older layouts and none for nonsense."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from cases.intake import odp
from cases.intake.incoming import CannotBecomeACase
from cases.places.addresses import in_mixed_case, one_line, tidy_postcode
from tests.cases.payloads import RED_LINE, as_bytes, changed, payload, without

EXAMPLES = sorted(
    f for kind in ("application", "preApplication") for f in Path("../shared/odp/examples", kind).glob("*.json")
)


def reasons(incoming) -> dict[str, str]:
    return {fault.path: fault.reason for fault in incoming.faults}


def test_a_clean_payload_has_no_faults():
    assert odp.read(payload()).faults == []


# --- Where ----------------------------------------------------------------------


def test_the_address_reads_as_people_write_it():
    site = odp.read(payload()).site
    assert site.address == "40-42 Stansfield Road, Stoke-on-the-Water"
    assert site.postcode == "HP9 2LX"
    assert site.uprn == "80482163"


def test_a_range_that_the_title_leaves_out_is_put_together():
    incoming = odp.read(changed("data/property/address/title", "40, STANSFIELD ROAD, STOKE-ON-THE-WATER"))
    assert incoming.site.address == "40-42 Stansfield Road, Stoke-on-the-Water"


def test_a_flat_and_an_organisation_without_a_title():
    made = changed("data/property/address/sao", "FLAT 2")
    made["data"]["property"]["address"] |= {"organisation": "GULL LTD", "title": "", "singleLine": "", "paoEnd": ""}
    assert odp.read(made).site.address == "Gull Ltd, Flat 2, 40 Stansfield Road, Stoke-on-the-Water"


def test_an_address_that_is_longer_than_can_be_kept_is_said_to_be_cut():
    parts = {
        "title": "",
        "singleLine": "",
        "organisation": "O" * 100,
        "sao": "S" * 100,
        "street": "T" * 150,
        "town": "N" * 100,
    }
    made = payload()
    made["data"]["property"]["address"] |= parts
    incoming = odp.read(made)
    assert len(incoming.site.address) == 400
    assert reasons(incoming) == {"/data/property/address": "was cut to 400 characters"}


def test_the_single_line_loses_its_postcode():
    made = without("data/property/address/title")
    del made["data"]["property"]["address"]["paoEnd"]
    made["data"]["property"]["address"]["singleLine"] = "GIPSY HOUSE, WHITEFIELD LANE, GREAT MISSENDEN, HP92LX"
    assert odp.read(made).site.address == "Gipsy House, Whitefield Lane, Great Missenden"


def test_an_address_proposed_by_the_applicant_needs_no_number_and_no_postcode():
    proposed = {
        "source": "Proposed by applicant",
        "title": "Field behind the Old Mill",
        "x": 1.0,
        "y": 2.0,
        "latitude": 51.6154,
        "longitude": -0.6464,
    }
    incoming = odp.read(changed("data/property/address", proposed))
    assert incoming.site.address == "Field behind the Old Mill"
    assert (incoming.site.uprn, incoming.site.postcode) == ("", "")
    assert incoming.faults == []


def test_without_a_point_the_middle_of_the_red_line_stands_for_it():
    made = without("data/property/address/latitude")
    assert odp.read(made).site.latitude == pytest.approx(Decimal("51.61535"), abs=Decimal("0.0002"))


def test_an_address_far_from_the_red_line_is_noted():
    incoming = odp.read(changed("data/property/address/latitude", 51.70))
    assert "kilometre" in reasons(incoming)["/data/property/address"]


def test_no_red_line_is_noted_and_stops_nothing():
    incoming = odp.read(without("data/proposal/boundary"))
    assert incoming.boundary is None
    assert "no red line" in reasons(incoming)["/data/proposal/boundary"]


@pytest.mark.parametrize(
    "boundary",
    [
        {"site": RED_LINE},
        RED_LINE,
        RED_LINE["geometry"],
        {"site": {"type": "FeatureCollection", "features": [RED_LINE]}},
        {"site": {"type": "MultiPolygon", "coordinates": [RED_LINE["geometry"]["coordinates"]]}},
    ],
)
def test_every_way_to_send_a_red_line(boundary):
    incoming = odp.read(changed("data/proposal/boundary", boundary))
    assert incoming.boundary["coordinates"]
    assert incoming.site_area_sqm == pytest.approx(Decimal(924), rel=Decimal("0.01"))


def test_an_area_that_does_not_fit_the_red_line_is_noted():
    incoming = odp.read(changed("data/proposal/boundary/area/squareMetres", 5000))
    assert "differs" in reasons(incoming)["/data/proposal/boundary/area/squareMetres"]


# --- Who ----------------------------------------------------------------------


def test_role_of_the_user_is_read_where_the_schema_has_it():
    assert odp.read(payload()).declaration["submitted_by"] == "agent"


def test_everybody_with_a_part_is_a_party():
    parties = {party.role: party for party in odp.read(payload()).parties}
    assert set(parties) == {"applicant", "agent", "site_contact", "owner"}
    assert parties["applicant"].address == "1 Mill Lane\nAmbridge\nAM1 2BR"
    assert parties["agent"].company == "Finch Architects"
    assert parties["site_contact"].email == "kit@example.net"
    assert str(parties["owner"].notice_on) == "2026-05-20"
    assert parties["owner"].notice_given is True


def test_an_applicant_at_the_site_has_the_sites_address():
    made = changed("data/applicant/address", {"sameAsSiteAddress": True})
    applicant = odp.read(made).parties[0]
    assert applicant.address == "40-42 Stansfield Road\nStoke-on-the-Water\nHP9 2LX"


def test_what_a_sender_writes_for_not_known_is_not_a_telephone_number():
    assert odp.read(changed("data/applicant/phone/primary", "Not provided by agent")).parties[0].phone == ""


def test_owner_without_notice_and_its_reason():
    made = payload()
    made["data"]["applicant"]["ownership"]["owners"] = [
        {"name": "A", "address": {}, "interest": "lessee", "noticeGiven": False, "noNoticeReason": "Cannot be found"}
    ]
    owner = odp.read(made).parties[-1]
    assert (owner.notice_given, owner.no_notice_reason, owner.interest) == (False, "Cannot be found", "lessee")


def test_an_agent_who_sends_and_is_not_named_is_noted():
    assert "/data/applicant/agent" in reasons(odp.read(without("data/applicant/agent")))


def test_an_e_mail_address_that_is_none_is_noted_and_not_kept():
    incoming = odp.read(changed("data/applicant/email", "not an address"))
    assert incoming.parties[0].email == ""
    assert "/data/applicant/email" in reasons(incoming)


# --- What ----------------------------------------------------------------------


def test_answers_are_flat_and_keep_their_section_sources_and_sensitivity():
    first, second = odp.read(payload()).answers
    assert first["answer"] == "Extending; Painting"
    assert first["section"] == "About the project"
    assert first["policy_refs"] == [{"text": "GPDO", "url": "https://www.legislation.gov.uk/uksi/2015/596"}]
    assert first["is_sensitive"]
    assert second["answer"] == "More room"
    assert second["is_automatic"]


def test_a_script_as_a_link_is_no_link():
    made = changed("responses/0/metadata/policyRefs/0/url", "javascript:alert(1)")
    assert odp.read(made).answers[0]["policy_refs"] == [{"text": "GPDO", "url": ""}]


def test_the_fee_is_paid_only_when_a_payment_is_named():
    assert odp.read(payload()).fee_paid == Decimal("206.50")
    assert odp.read(without("data/application/fee/reference")).fee_paid is None


def test_a_fee_of_less_than_a_penny_is_rounded_and_that_is_noted():
    incoming = odp.read(changed("data/application/fee/payable", 206.505))
    assert incoming.fee_payable == Decimal("206.50")
    assert "has more than pence: 206.505 was rounded" in {fault.reason for fault in incoming.faults}


def test_no_fee():
    incoming = odp.read(changed("data/application/fee", {"notApplicable": True}))
    assert (incoming.fee_calculated, incoming.fee_payable) == (None, None)
    assert incoming.fee_details == {"notApplicable": True}


def test_measurements_and_the_rest_of_the_site_are_kept():
    proposal = odp.read(payload()).proposal
    assert proposal["extend"] == {"area": {"squareMetres": 24.5}}
    assert proposal["property"]["trees"] == {"present": True, "adjacent": False}
    assert proposal["application"]["preApp"]["reference"] == "25-00012-PREA"


@pytest.mark.parametrize(
    ("code", "work_status"),
    [
        ("ldc.proposed", "proposed"),
        ("ldc.existing", "existing"),
        ("ldc.breachOfCondition", "existing"),
        ("pp.full.householder.retro", "retrospective"),
        ("pp.full.householder", "proposed"),
    ],
)
def test_whether_the_works_are_done_already(code, work_status):
    assert odp.read(changed("data/application/type/value", code)).work_status == work_status


def test_older_layouts_are_understood():
    made = payload()
    made["data"]["property"]["planning"]["designations"] = [
        {"value": "article4.caz", "intersects": True, "entities": [{"name": "Zone", "source": "https://example.com/1"}]}
    ]
    made["data"]["applicant"]["interest"] = "owner.co"
    made["data"]["applicant"]["ownership"].pop("interest")
    made["data"]["application"]["type"] = "ldc.proposed"
    made["files"][0]["type"] = ["sitePlan.existing"]
    incoming = odp.read(made)
    assert incoming.constraints[0].code == "articleFour.caz"
    assert incoming.constraints[0].entities[0]["url"] == "https://example.com/1"
    assert incoming.ownership["interest"] == "owner.co"
    assert incoming.type_code == "ldc.proposed"
    assert incoming.files[0].types == ["sitePlan.existing"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-05-29T18:40:00+01:00", "2026-05-29T17:40:00+00:00"),
        ("2026-05-29t18:40:00.123z", "2026-05-29T18:40:00.123000+00:00"),
        ("2026-05-29T23:59:60Z", "2026-05-29T23:59:59+00:00"),
        ("2026-05-29", "2026-05-29T00:00:00+00:00"),
        ("yesterday", "None"),
        ("0001-01-01T00:00:00+01:00", "None"),
    ],
)
def test_moments_in_every_way_that_they_are_written(written, read):
    moment = odp.read_header(changed("metadata/submittedAt", written)).submitted_at
    assert (moment.isoformat() if moment else "None") == read


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("data/property/ward", None),
        ("data/application/CIL", None),
        ("data/property/address/uprn", 80482163),
        ("data/property/address/uprn", "not a number"),
        ("data/property/address/postcode", "NOWHERE"),
        ("data/application/fee/payable", "206.50"),
        ("data/applicant/ownership/certificate", "z"),
        ("data/applicant/ownership/owners/0/noticeDate", "20 May"),
        ("data/applicant/name/first", "A" * 500),
        ("data/proposal/description", "Not provided"),
        ("metadata/submittedAt", "soon"),
        ("metadata/id", "26-00001"),
        ("files/0/name", "plan.pdf"),
    ],
)
def test_what_can_still_be_understood_is_noted_and_stops_nothing(path, value):
    incoming = odp.read(changed(path, value))
    assert [fault.path for fault in incoming.faults] == [f"/{path}"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("data", None),
        ("data/application", []),
        ("data/application/type", None),
        ("data/application/type/value", ""),
        ("data/application/type/value", "breach"),
        ("data/applicant", "Ada Wren"),
        ("data/property", None),
        ("data/proposal", 5),
        ("data/proposal/description", {"text": "secret words"}),
        ("data/proposal/boundary", "POLYGON"),
        ("data/proposal/boundary/site/geometry/coordinates", "secret words"),
        ("data/application/fee/payable", -5),
        ("data/application/fee/payable", 1e30),
        ("data/applicant/name", ["secret words"]),
        ("data/applicant/name/first", "A" * 5000),
        ("responses", {}),
        ("files", "none"),
        ("files", [{"name": "https://example.com/x"}] * 501),
        ("metadata", []),
        ("metadata/id", ""),
        ("metadata/id", None),
    ],
)
def test_what_nobody_can_understand_stops_the_submission(path, value):
    with pytest.raises(CannotBecomeACase) as refusal:
        odp.read(changed(path, value))
    assert any(fault.path.startswith(f"/{path}"[:20]) for fault in refusal.value.faults)
    assert "secret" not in str(refusal.value.faults)


def test_every_reason_is_told_at_once():
    made = changed("data/application/fee/payable", "lots")
    made["data"]["applicant"]["name"] = 5
    with pytest.raises(CannotBecomeACase) as refusal:
        odp.read(made)
    assert {fault.path for fault in refusal.value.faults} >= {"/data/application/fee/payable", "/data/applicant/name"}


def test_nowhere_at_all_is_no_application():
    made = without("data/proposal/boundary")
    made["data"]["property"]["address"] = {}
    with pytest.raises(CannotBecomeACase):
        odp.read(made)


def test_addresses_and_postcodes():
    assert (
        in_mixed_case("12A THE GREEN, ST JAMES'S, ASHBY-DE-LA-ZOUCH") == "12A The Green, St James's, Ashby-de-la-Zouch"
    )
    assert in_mixed_case("Already Written by somebody") == "Already Written by somebody"
    assert one_line("", "FLAT 2", "7, BLYTON CLOSE") == "Flat 2, 7 Blyton Close"
    assert tidy_postcode(" sw99rz ") == "SW9 9RZ"


@pytest.mark.skipif(not EXAMPLES, reason="the published examples are not beside this repository")
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_published_examples_become_applications(example):
    incoming = odp.read(json.loads(example.read_bytes()))
    assert incoming.site.address
    assert incoming.boundary
    assert incoming.parties
    assert incoming.files
    assert as_bytes(incoming.proposal)
