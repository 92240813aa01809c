"""The blocks of a notice: errors where they were typed, and HTML that holds only what belongs in it."""

import pytest
from django.core.exceptions import ValidationError
from wagtail.rich_text import RichText

from notices.drafting.rendering import NOT_ISSUED, render_notice
from notices.models import NoticeTemplate
from notices.wording.blocks import NoticeBody, check_body

BODY = NoticeBody()


def body(*parts):
    return BODY.to_python([{"type": kind, "value": value} for kind, value in parts])


PARTICULARS = {
    "authority": {"name": "Testshire Council", "address": ["Civic Centre"]},
    "appeal": {"basis": "Town and Country Planning Act 1990, section 78", "refusal_weeks": 12, "conditions_months": 6},
    "values": {"reference": "26-00100-HAPP", "site_address": "<b>7 Blyton Close</b>", "decision": "Refused"},
    "facts": {"reference": "26-00100-HAPP", "site_address": "<b>7 Blyton Close</b>", "agent_name": ""},
    "boundary": None,
    "conditions": [
        {"number": 1, "title": "Materials", "text": "Match <i>it</i>.\n\nAlways.", "reason": "For its looks.",
         "pre_commencement_reason": "", "policies": []}
    ],
    "reasons": [
        {"number": 1, "title": "Bulk", "text": "Too large.",
         "policies": [{"plan": "Local Plan", "number": "DM1", "title": "Design", "is_development_plan": True}]}
    ],
    "informatives": [],
    "plans": [],
    "limits": [],
}  # fmt: skip


def rendered(*parts) -> str:
    return render_notice(NoticeTemplate(body=body(*parts)), particulars=PARTICULARS, issue=NOT_ISSUED)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("heading", "{{ nonsense }}"),
        ("paragraph", "<p>{{ nonsense }}</p>"),
        ("title", {"title": "{{ nonsense }}", "law": ""}),
        ("statement", {"kind": "bng", "heading": "", "text": "<p>{{ nonsense }}</p>"}),
        ("appeal", {"kind": "refusal", "heading": "x", "text": "<p>{{ non<b>sense }}</b></p>"}),
        ("conditions", {"heading": "{{ nonsense", "introduction": ""}),
    ],
)
def test_a_bad_merge_field_is_an_error_of_its_block(kind, value):
    with pytest.raises(ValidationError) as caught:
        BODY.clean(body(("heading", "Fine"), (kind, value)))
    assert list(caught.value.block_errors) == [1]
    with pytest.raises(ValidationError):
        check_body(body((kind, value)))


def test_rich_text_is_kept_to_plain_words():
    assert BODY.child_blocks["paragraph"].features == ["bold", "italic", "ol", "ul"]


def test_facts_of_the_case_are_escaped():
    html = rendered(("facts", {"caption": "Facts", "facts": ["site_address"]}), ("heading", "At {{ site_address }}"))
    assert "<b>7 Blyton" not in html
    assert html.count("&lt;b&gt;7 Blyton Close") == 2


def test_facts_that_the_case_does_not_have_are_left_out():
    html = rendered(("facts", {"caption": "Facts", "facts": ["reference", "agent_name"]}))
    assert "Agent" not in html


def test_conditions_with_their_reasons():
    html = rendered(("conditions", {"heading": "Conditions", "introduction": ""}))
    assert "<strong>Reason:</strong> For its looks." in html
    assert "Match &lt;i&gt;it&lt;/i&gt;." in html
    assert html.count("<li>") == 1


def test_reasons_with_their_policies():
    html = rendered(("reasons", {"heading": "Reasons", "introduction": ""}))
    assert "Local Plan DM1 (Design)" in html


def test_a_list_that_the_case_lacks_leaves_no_heading():
    assert "Informatives" not in rendered(("informatives", {"heading": "Informatives", "introduction": ""}))


def test_the_appeal_takes_its_limit_from_the_type():
    html = rendered(("appeal", {"kind": "refusal", "heading": "Appeal", "text": ""}))
    assert "within 12 weeks of the date of this notice" in html
    assert "6 months" not in html


def test_a_draft_says_that_it_is_one():
    assert "Draft. This is not a decision" in rendered(("heading", "x"))


def test_raw_html_cannot_be_stored_in_a_paragraph():
    field = BODY.child_blocks["paragraph"].field
    cleaned = field.widget.value_from_datadict(
        {
            "x": '{"blocks": [{"key": "a", "text": "<script>x</script>", "type": "unstyled", "depth": 0, '
            '"inlineStyleRanges": [], "entityRanges": []}], "entityMap": {}}'
        },
        {},
        "x",
    )
    assert "<script>" not in str(RichText(cleaned))
