"""The history of a case reads in plain words: no code, no raw day, no key of JSON, whatever happened."""

import re

import pytest

from cases.admin.frame.history_words import Told, tell, tell_all
from cases.models import CaseEvent, Consideration, DocumentType, Policy
from cases.reference_data.code_names import CodeNames
from cases.statuses import Status
from cases.timeline import KINDS

pytestmark = pytest.mark.django_db

RED_LINE = {"type": "Polygon", "coordinates": [[[-0.64, 51.61], [-0.65, 51.61], [-0.65, 51.62], [-0.64, 51.61]]]}
SHA256 = "9e107d9d372bb6826bd81d3542a419d6" * 2
UUID = "5e1cbb3a-91f2-4cf3-a2f5-0a3f0a8a2f11"
REQUEST = {"request": 17, "number": 3, "title": "Fee too low", "request_kind": "ownership_certificate"}
REQUESTS = {"requests": [17, 18], "numbers": [3, 4], "titles": ["Fee too low", "Red line"]}
DOCUMENTS = {"documents": [361, 362], "titles": ["Site plan", "Elevations"]}
ROW = {"row": 7, "title": "Materials"}
ON, LATER = "2026-06-01", "2026-07-02"

# What the verbs write of each kind, all their ways of writing it.
HELD: dict[str, list[dict]] = {
    "received": [
        {"source": "planning_portal", "external_id": UUID, "through": "API token PlanX", "documents": 7, "faults": 0}
    ],
    "submitted_again": [{"application_ref": "PP-12345678", "version": 2, "documents": 3}],
    "accept": [{"note": ""}],
    "entered": [{"received_on": ON}],
    "imported": [
        {"file": "Register of 2024", "line": 12},
        {
            "file": "Register of 2024", "line": 12, "also_changed": ["applicant_email", "answers"],
            "before": {"status": "in_assessment", "type": "ldc.proposed", "decided_on": None, "decision": ""},
            "after": {
                "status": "determined", "type": "pp.full.householder", "decided_on": ON, "decision": "ldc_granted",
            },
        },
    ],
    "assigned": [{"before": "", "after": "Tom Bright"}, {"before": "Tom Bright", "after": ""}],
    "type_changed": [
        {
            "because": "It is built.", "before": {"type": "ldc.proposed", "reference": "26-00001-LDCP"},
            "after": {"type": "pp.full.householder", "reference": "26-00001-HAPP"},
        }
    ],
    "description_changed": [{"before": {"description": "A shed"}, "after": {"description": "Two sheds"}, "number": 3}],
    "boundary_changed": [
        {
            "because": "As drawn", "before": {"boundary": None, "site_area_sqm": None},
            "after": {"boundary": RED_LINE, "site_area_sqm": "412.5"},
        }
    ],
    "fee_checked": [
        {
            "before": {"fee_paid": "206.00", "fee_details": {"paid_on": "", "less_because": ""}},
            "after": {"fee_paid": "258.00", "fee_details": {"paid_on": ON, "less_because": "Second application"}},
        }
    ],
    "facts_changed": [
        {
            "before": {"work_status": "proposed", "is_eia": False, "latitude": None, "project_types": []},
            "after": {"work_status": "retrospective", "is_eia": True, "latitude": "51.6", "project_types": ["extend"]},
        }
    ],
    "constraints_changed": [
        {"added": "Conservation area", "code": "designated.conservationArea"},
        {"removed": "Green belt", "code": "greenBelt", "because": "It lies outside."},
    ],
    "ownership_checked": [
        {"before": {"ownership_certificate": ""}, "after": {"ownership_certificate": "b"}, "from": "Enid Blyton"}
    ],
    "task_checked": [
        {"task": "check_ownership_certificate", "outcome": "looked_at", "note": "Owner unknown"},
        {"task": "no_longer_a_task", "outcome": "done", "note": ""},
    ],
    "document_added": [
        {"document": 361, "title": "Site plan", "types": ["site_plan"], "sha256": SHA256, "request": 17, "number": 3},
        {"document": 361, "title": "Site plan", "types": [], "sha256": SHA256, "status": "not_assessed"},
        {"document": 362, "title": "Site plan", "types": [], "sha256": SHA256, "redacted_from": 361},
    ],
    "document_changed": [
        {
            "document": 361, "title": "Site plan",
            "before": {"types": [], "received_on": ON, "is_approved_plan": False, "drawing_number": ""},
            "after": {"types": ["TYPE"], "received_on": LATER, "is_approved_plan": True, "drawing_number": "12/A"},
        },
        {
            **DOCUMENTS, "what": "When it was received",
            "rows": [{"document": 361, "before": {"received_on": ON}, "after": {"received_on": LATER}}],
        },
    ],
    "document_fetched": [{"document": 361, "title": "Site plan", "sha256": SHA256}],
    "document_fetch_failed": [{"document": 361, "title": "Site plan", "error": "The server did not answer."}],
    "document_not_cleaned": [{"document": 361, "title": "Site plan", "because": "It cannot be copied."}],
    "document_superseded": [{"document": 361, "title": "Site plan", "by_document": 362, "by_title": "Site plan B"}],
    "document_redacted": [{"document": 361, "title": "Site plan", "by_document": 362, "boxes": 4, "pages": 2}],
    "document_harmful": [{"document": 361, "title": "Site plan", "found": "Eicar-Signature", "was_public": True}],
    "document_scan_asked": [{"document": 361, "title": "Site plan"}],
    "document_found_clean": [{"document": 361, "title": "Site plan", "found_before": "Eicar-Signature"}],
    "document_previews_asked": [{"document": 361, "title": "Site plan"}],
    "publication_asked": [DOCUMENTS],
    "publication_refused": [{**DOCUMENTS, "because": "A face", "proposed_by": ["Tom Bright"]}],
    "documents_published": [
        {**DOCUMENTS, "status": "publish", "because": "", "proposed_by": ["Tom Bright"]},
        {**DOCUMENTS, "status": "withhold", "because": "A face"},
        {**DOCUMENTS, "status": "not_assessed", "because": ""},
    ],
    "request_raised": [{**REQUEST, "follows": 2}],
    "request_changed": [{**REQUEST, "changed": ["document_types", "proposed_boundary", "what_to_send"]}],
    "request_dropped": [REQUEST],
    "requests_sent": [REQUESTS],
    "reminded": [{"requests": [17], "titles": ["Fee too low"]}],
    "request_answered": [{**REQUESTS, "answers": ["Replied", "Disagreed"], "link": UUID, "from": "Enid Blyton"}],
    "request_resolved": [
        {**REQUEST, "arrived_on": ON, "resolution": "By post"}, {**REQUEST, "arrived_on": ON, "agreed_by": "E. Blyton"}
    ],
    "request_not_accepted": [{**REQUEST, "followed_by": 5}],
    "request_left": [{**REQUEST, "because": "They want a decision now."}],
    "request_cancelled": [{**REQUEST, "because": "It came."}],
    "request_accepted_by_silence": [{**REQUEST, "due_on": ON}],
    "link_made": [{"to": "Agent"}],
    "link_revoked": [{"to": "Agent", "because": "The agent has left."}],
    "invalidate": [{**REQUESTS, "note": "", "invalidated_on": ON, "valid_from": None, "expires_on": None}],
    "validate": [{"valid_from": ON, "computed_valid_from": ON, "expires_on": LATER, "statutory_expiry_on": LATER}],
    "published": [{}],
    "unpublished": [{"because": "Wrong address"}],
    "publicity_recorded": [
        {"publicity": 3, "publicity_kind": "neighbour_letters", "begins_on": ON, "ends_on": LATER, "days": 21}
    ],
    "publicity_changed": [
        {
            "publicity": 3, "before": {"kind": "site_notice", "begins_on": ON, "details": ""},
            "after": {"kind": "neighbour_letters", "begins_on": LATER, "details": "12 letters"},
        }
    ],
    "publicity_removed": [
        {"before": {"kind": "site_notice", "begins_on": ON, "days": 21, "ends_on": LATER, "details": ""}}
    ],
    "comment_entered": [
        {"comment": 5, "comment_kind": "public", "sentiment": "objection", "received_on": ON, "source": "website"}
    ],
    "comment_changed": [{"comment": 5, "fields": ["received_on", "redacted_text", "sentiment"]}],
    "comment_redacted": [{"comment": 5, "differs": True}],
    "comment_published": [{"comments": [5, 6]}],
    "comment_unpublished": [{"comments": [5], "because": "A name"}],
    "site_visited": [{"visit": 2, "visited_on": ON}],
    "site_visit_changed": [
        {"visit": 2, "before": {"visited_on": ON, "notes": ""}, "after": {"visited_on": LATER, "notes": "Wet"}},
        {"visit": 2, "before": {"visited_on": ON, "notes": "Wet", "neighbours_seen": "No 9"}, "after": None},
    ],
    "section_written": [{"section": "site_description", "before": "", "after": "A house."}],
    "history_recorded": [{"entry": 4, "reference": "99/0123"}],
    "history_changed": [
        {
            "entry": 4, "before": {"decision": "", "decided_on": None},
            "after": {"decision": "Granted on appeal", "decided_on": ON},
        },
        {"entry": 4, "before": {"reference": "99/0123", "description": "A shed", "decision": "Granted"}, "after": None},
    ],
    "limits_assessed": [
        {"added": ["part1.classA", "part14.classAA"], "removed": []},
        {
            "limits": [
                {"limit": "part1.classA A.1(e)", "before": "", "after": "not_applicable", "measured": "2.9 metres"},
                {"limit": "part1.classA A.1(f)", "before": "fails", "after": ""},
            ],
            "notes": [{"class": "part1.classA", "before": "", "after": "Measured on the plan"}],
        },
    ],
    "consideration_assessed": [
        {
            "consideration": "CONSIDERATION", "before": None,
            "after": {"outcome": "with_conditions", "text": "It fits.", "policies": ["POLICY"]},
        },
        {
            "consideration": "CONSIDERATION", "before": {"outcome": "neutral", "text": "x"},
            "after": {"outcome": "acceptable", "text": "y", "policies": []},
        },
        {"consideration": "CONSIDERATION", "before": {"outcome": "neutral", "text": "It fits."}, "after": None},
    ],
    "conditions_changed": [
        {"added": ["Materials", "Trees"]},
        {
            **ROW, "before": {"type": "compliance", "agreed_on": ON, "pre_commencement_reason": "x"},
            "after": {
                "type": "pre_commencement", "agreed_on": None, "pre_commencement_reason": "y",
                "text": "As on {{ approved_plans }}.",
            },
        },
        {**ROW, "moved": "up"},
        {"removed": {"title": "Plans", "text": "Keep to {{ approved_plans }}."}},
        {**ROW, "before": {"agreed_on": None}, "after": {"agreed_on": ON}, "request": 17, "number": 3, "from": "E. B."},
    ],
    "informatives_changed": [{"added": ["Party walls"]}, {**ROW, "before": {"text": "a"}, "after": {"text": "b"}}],
    "refusal_reasons_changed": [
        {"added": ["Overlooking"]},
        {**ROW, "before": {"policies": []}, "after": {"policies": ["POLICY", "gone_from_the_table"]}},
    ],
    "plans_listed": [{"before": [], "after": [361, 363]}],
    "extension_agreed": [
        {"extension": 1, "agreed_until": LATER, "agreed_in_writing_on": ON, "before": ON, "after": LATER}
    ],
    "extension_removed": [{"agreed_until": LATER, "because": "Withdrawn", "before": LATER, "after": ON}],
    "recommended": [
        {"recommendation": 4, "decision": "pa_required_refused", "route": "officer", "summary": "Too high."}
    ],
    "notice_drafted": [
        {"decision": "ldc_granted", "template": "Certificate of lawful use"},
        {"decision": "ldc_granted", "correction": True, "reason": "Wrong drawing number"},
    ],
    "submit": [{"note": "", "route": "committee", "committee_on": ON}, {"note": "", "correction": True}],
    "send_back": [{"note": "Give the drawing number."}],
    "recall": [{"note": ""}],
    "send_to_committee": [{"note": "Called in", "committee_on": ON, "route": "committee"}],
    "committee_resolved": [{"resolution": "grant", "note": "As reported", "committee_on": ON, "before": "defer"}],
    "committee_date_changed": [{"before": ON, "after": LATER}],
    "determine": [
        {
            "decision": "granted_with_conditions", "decided_on": ON, "decided_by": "Rosalind Hart", "version": 1,
            "snapshot_sha256": SHA256, "pdf_sha256": SHA256,
        }
    ],
    "notice_corrected": [{"reason": "Wrong number", "version": 2, "snapshot_sha256": SHA256, "pdf_sha256": SHA256}],
    "withdraw": [{"note": "By e-mail", "withdrawn_on": ON}],
    "return_": [{"note": "Nothing came", "returned_on": ON}],
    "close": [{"note": "Disposed of", "closed_on": ON}],
    "reopen": [{"note": "By mistake", "withdrawn_on": None, "returned_on": None, "closed_on": None}],
    "appeal_lodged": [{"appeal": 1, "ground": "non_determination", "lodged_on": ON, "reference": "APP/1"}],
    "appeal_decided": [
        {"appeal": 1, "outcome": "dismissed", "decided_on": ON, "before": {}, "reference": "APP/1"},
        {
            "appeal": 1, "outcome": "allowed", "decided_on": LATER, "reference": "",
            "before": {"outcome": "dismissed", "decided_on": ON},
        },
    ],
    "message_queued": [
        {"message": UUID, "about": "decision_pa_required_refused", "channel": "email", "to": "Agent"},
        {"message": UUID, "about": "answers_received", "channel": "letter", "again": True},
    ],
    "nobody_to_tell": [{"about": "requests_sent"}],
    "note_added": [{"note_id": 3}],
}  # fmt: skip
MOVES = {"submit": (Status.IN_ASSESSMENT, Status.AWAITING_DETERMINATION), "imported": (Status.PENDING, Status.CLOSED)}

NOT_FOR_READERS = {
    "a code": r"\b[a-z0-9]+_[a-z0-9_]+\b|\b[a-z]+\d*(?:\.[a-z]+[A-Z]*)+\b|\b[a-z]+[A-Z]\w*",
    "a day or a moment of JSON": r"\d{4}-\d\d-\d\d",
    "JSON or Python": r"[{}\[\]]\s*[\"'{\[]|[\"'][,:\]}]|\{\{|\b(?:None|True|False|null)\b",
    "Markdown": r"\*\*|^#+ |\]\(|`",
    "a hash or a key": r"\b(?:[0-9a-f]{4,}-){2}|\b[0-9a-f]{16,}\b",
    "nothing after its name": r":\s*$",
}


def faults_in(told: Told) -> list[str]:
    said = [told.headline, *(f"{label}: {text}" for label, text in told.lines)]
    return [
        f"{what}: {line}" for line in said for what, signs in NOT_FOR_READERS.items() if re.search(signs, line, re.M)
    ]


@pytest.fixture
def codes() -> dict[str, str]:
    """Codes of the reference data that is loaded, for the words in capitals above."""
    return {
        "TYPE": DocumentType.objects.order_by("pk")[0].code,
        "CONSIDERATION": Consideration.objects.order_by("pk")[0].slug,
        "POLICY": Policy.objects.filter(authority=None).order_by("pk")[0].slug,
    }


def filled(value, codes: dict[str, str]):
    match value:
        case str():
            return codes.get(value, value)
        case list():
            return [filled(part, codes) for part in value]
        case dict():
            return {name: filled(part, codes) for name, part in value.items()}
    return value


def event_of(kind: str, data: dict) -> CaseEvent:
    from_status, to_status = MOVES.get(kind, ("", ""))
    return CaseEvent(kind=kind, by_name="BoPS", from_status=from_status, to_status=to_status, data=data)


def test_every_kind_of_event_has_its_examples():
    assert set(HELD) == set(KINDS)


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_of_event_reads_in_plain_words(kind, codes):
    for data in HELD[kind]:
        for sees_private in (True, False):
            told = tell(event_of(kind, filled(data, codes)), names=CodeNames(), sees_private=sees_private)
            assert not faults_in(told), told


def lines(kind: str, number: int = 0, *, codes=None, sees_private: bool = True) -> dict[str, str]:
    data = filled(HELD[kind][number], codes or {})
    return dict(tell(event_of(kind, data), names=CodeNames(), sees_private=sees_private).lines)


def test_what_changed_is_told_from_what_to_what(codes):
    assert lines("type_changed")["Type of application"].endswith("→ Householder planning permission")
    assert (
        lines("document_changed", codes=codes)["Types"] == f"nothing → {DocumentType.objects.get(code=codes['TYPE'])}"
    )
    assert lines("publicity_changed")["Kind"] == "Site notice → Neighbour letters"
    assert lines("boundary_changed")["Red line"] == "drawn"
    assert lines("fee_checked")["Fee paid"] == "£206.00 → £258.00"
    assert lines("extension_agreed")["Due"] == "1 June 2026 → 2 July 2026"
    assert lines("conditions_changed", 1)["Words"] == "nothing → As on [approved plans]."
    assert lines("limits_assessed", 0)["Added"] == "Part 1, Class A, Part 14, Class AA"
    assert lines("limits_assessed", 1)["Limits"] == (
        "Part 1, Class A A.1(e): nothing → Does not apply (2.9 metres), "
        "Part 1, Class A A.1(f): Does not comply → nothing"
    )
    assert lines("consideration_assessed", 0, codes=codes)["Consideration"] == str(
        Consideration.objects.get(slug=codes["CONSIDERATION"])
    )
    assert lines("site_visit_changed", 1)["Taken out"] == "Visited on: 1 June 2026; Notes: Wet; Neighbours seen: No 9"


def test_what_nothing_stands_behind_is_not_told():
    assert "Taken out" not in lines("appeal_decided", 0)
    assert lines("appeal_decided", 1)["Before"] == "Outcome: Dismissed; Decided on: 1 June 2026"
    assert "Faults of the submission" not in lines("received")


def test_a_moment_is_told_as_a_day_and_a_time_here():
    event = CaseEvent(kind="note_added", by_name="BoPS", data={"at": "2026-06-01T22:30:00Z"})
    assert tell(event, names=CodeNames()).lines == [("At", "1 June 2026, 23:30")]


def test_policies_of_another_council_do_not_lend_their_names(authority, other_authority):
    for council, title in ((authority, "Our shops"), (other_authority, "Their shops")):
        Policy.objects.create(authority=council, slug="shops", plan="Local Plan", number="S1", title=title)
    event = event_of(
        "refusal_reasons_changed", {"title": "x", "before": {"policies": []}, "after": {"policies": ["shops"]}}
    )
    told = tell(event, names=CodeNames(authority.pk))
    assert ("Policies", "nothing → Local Plan S1 Our shops") in told.lines


def test_names_from_an_older_register_are_for_those_who_may_see_personal_data():
    data = {
        "before": {"applicant_last_name": "Kirrin", "ward": ""},
        "after": {"applicant_last_name": "Dorset", "ward": "East"},
    }
    event = event_of("imported", data)
    assert "Kirrin" in str(tell(event, names=CodeNames(), sees_private=True).lines)
    assert "Ward" in dict(tell(event, names=CodeNames()).lines)
    assert "Kirrin" not in str(tell(event, names=CodeNames()).lines)


def test_many_events_ask_once_for_each_table_of_codes(codes, django_assert_num_queries):
    events = [event_of(kind, filled(data, codes)) for kind, many in HELD.items() for data in many] * 3
    with django_assert_num_queries(4):  # types of document and of application, considerations, policies
        assert len(tell_all(events, names=CodeNames())) == len(events)
