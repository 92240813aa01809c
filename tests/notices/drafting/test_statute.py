"""What the law wants on each kind of notice: each rule found when it is broken, and quiet when it is kept."""

import logging
from datetime import timedelta
from functools import cache

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from cases.models import Condition, Document, GpdoClass, Policy, Publicity, Recommendation, RefusalReason
from cases.statuses import Decision, Status, WorkStatus
from notices.drafting.changes import text_of
from notices.drafting.findings import Level
from notices.drafting.statute import lint
from notices.models import DecisionNotice
from notices.printing import glyphs
from notices.signoff.drafting import draft_notice
from notices.signoff.submitting import refuse_unlawful

from .test_templates import filled_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(make_application, officer):
    """draft("pp.full.householder", "refused") → an unsaved copy of its notice, complete; change it and lint it."""

    def make(type_code: str, decision: str, **fields) -> DecisionNotice:
        application = make_application(type_code, status=Status.IN_ASSESSMENT, officer=officer, **fields)
        Recommendation.objects.create(application=application, decision=decision, summary="So.", by=officer)
        Document.objects.create(
            application=application, title="Plans", received_on="2026-06-01", is_approved_plan=True, file="x.pdf"
        )
        if "conditions" in decision or decision in {"split", "pa_required_approved"}:
            Condition.objects.create(
                application=application, title="Time", type="time_limit", text="Three years.", reason="Section 91."
            )
        if "refused" in decision or "part" in decision or decision == "split":
            reason = RefusalReason.objects.create(application=application, title="Bulk", text="It is too large.")
            if type_code.startswith("pp."):
                reason.policies.add(
                    Policy.objects.create(slug="dm1", plan="Local Plan", title="Design", is_development_plan=True)
                )
        if application.application_type.assessment_kind == "gpdo":
            application.class_assessments.create(gpdo_class=GpdoClass.objects.get(code="part1.classA"))
        return filled_in(draft_notice(application, by=officer))

    return make


def found(notice: DecisionNotice, level: Level = Level.ERROR) -> str:
    return " | ".join(str(finding) for finding in lint(notice) if finding.level == level)


def without(notice: DecisionNotice, block: str, kind: str = "") -> DecisionNotice:
    """The notice with the blocks of this type (and kind) taken out."""
    notice.body = [
        (child.block_type, child.value)
        for child in notice.body
        if not (child.block_type == block and (not kind or child.value["kind"] == kind))
    ]
    return notice


def adding(notice: DecisionNotice, block: str, value) -> DecisionNotice:
    notice.body = [*((child.block_type, child.value) for child in notice.body), (block, value)]
    return notice


WHOLE = [
    ("ldc.proposed", Decision.LDC_GRANTED),
    ("ldc.proposed", Decision.LDC_REFUSED),
    ("pp.full.householder", Decision.GRANTED_WITH_CONDITIONS),
    ("pp.full.householder", Decision.REFUSED),
    ("pa.part1.classA", Decision.PA_REFUSED),
    ("pp.full.minor", Decision.SPLIT),
]


@pytest.mark.parametrize(("type_code", "decision"), WHOLE)
def test_a_complete_notice_has_no_error(draft, type_code, decision):
    assert found(draft(type_code, decision)) == ""


# --- The decision itself ----------------------------------------------------------------------------------------------


def test_a_decision_that_the_type_cannot_have(draft):
    notice = draft("wtt.notice", Decision.TREE_NO_OBJECTION)
    notice.decision = Decision.REFUSED
    assert "is not a decision that" in found(notice)


def test_facts_read_for_another_decision(draft):
    notice = draft("ldc.proposed", Decision.LDC_GRANTED)
    notice.particulars["decision"] = "ldc_refused"
    assert "Draft the notice again" in found(notice)


def test_the_act_must_be_named(draft):
    assert "does not name the law" in found(without(draft("wtt.notice", Decision.TREE_NO_OBJECTION), "title"))


def test_the_other_section_is_the_wrong_one(draft):
    notice = adding(draft("ldc.proposed", Decision.LDC_GRANTED), "heading", "Certificate under section 191")
    assert "names section 191" in found(notice)


def test_no_planning_permission_where_none_can_be_granted(draft):
    notice = adding(
        draft("pa.part1.classA", Decision.PA_NOT_REQUIRED), "heading", "Planning permission is hereby granted"
    )
    assert "grants planning permission" in found(notice)


@pytest.mark.parametrize("kind", ["first_schedule", "second_schedule"])
@pytest.mark.parametrize("type_code", ["ldc.proposed", "ldc.existing"])
def test_a_certificate_has_all_its_parts(draft, type_code, kind):
    assert "does not hold" in found(without(draft(type_code, Decision.LDC_GRANTED), "statement", kind))


@pytest.mark.parametrize("words", ["The council certifies that", "We hereby certify that it is so"])
@pytest.mark.parametrize("type_code", ["ldc.proposed", "ldc.existing"])
def test_a_refused_certificate_does_not_certify(draft, type_code, words):
    assert "certifies nothing" in found(adding(draft(type_code, Decision.LDC_REFUSED), "heading", words))


@pytest.mark.parametrize("words", ["The extension is unlawful.", "The use is not lawful.", "It would not be lawful."])
def test_a_refused_certificate_does_not_say_unlawful(draft, words):
    notice = draft("ldc.existing", Decision.LDC_REFUSED)
    notice.particulars["reasons"][0]["text"] = words
    assert "does not decide that anything is unlawful" in found(notice)


# --- Conditions -------------------------------------------------------------------------------------------------------


def test_a_condition_needs_its_reason(draft):
    notice = draft("pp.full.householder", Decision.GRANTED_WITH_CONDITIONS)
    notice.particulars["conditions"][0]["reason"] = " "
    assert "Condition 1 (Time) has no reason" in found(notice)


def test_a_pre_commencement_condition_needs_its_reason_and_agreement(draft):
    notice = draft("pp.full.householder", Decision.GRANTED_WITH_CONDITIONS)
    notice.particulars["conditions"][0]["type"] = "pre_commencement"
    assert "before work starts" in found(notice)
    assert "agreed to it in writing" in found(notice, Level.WARNING)
    notice.particulars["conditions"][0] |= {"pre_commencement_reason": "The roots.", "agreed_on": "2026-06-20"}
    assert "before work starts" not in found(notice)
    assert "agreed to it in writing" not in found(notice, Level.WARNING)
    notice.particulars["conditions"][0] |= {"agreed_on": None, "no_answer_by": "2026-06-17"}
    assert "agreed to it in writing" not in found(notice, Level.WARNING)


@pytest.mark.parametrize(
    ("type_code", "decision"),
    [
        ("ldc.proposed", Decision.LDC_GRANTED),
        ("wtt.notice", Decision.TREE_NO_OBJECTION),
        ("preApp", Decision.ADVICE_GIVEN),
    ],
)
def test_what_cannot_be_conditioned(draft, type_code, decision):
    notice = draft(type_code, decision)
    notice.particulars["conditions"] = [{"number": 1, "title": "x", "text": "x", "reason": "x", "type": "compliance"}]
    assert "cannot have conditions" in found(notice)


def test_conditions_and_the_decision_agree(draft):
    notice = draft("pp.full.householder", Decision.GRANTED_WITH_CONDITIONS)
    conditions, notice.particulars["conditions"] = notice.particulars["conditions"], []
    assert "there are none" in found(notice)
    notice.particulars["conditions"] = conditions
    assert "would be lost" in found(without(notice, "conditions"))
    plain = draft("pp.full.householder", Decision.GRANTED)
    plain.particulars["conditions"] = conditions
    assert "a grant without conditions" in found(plain)


def test_a_refusal_lists_no_conditions(draft):
    notice = draft("pp.full.householder", Decision.REFUSED)
    notice.particulars["conditions"] = [{"number": 1, "title": "x", "text": "x", "reason": "x", "type": "compliance"}]
    assert found(notice) == ""  # drafted for another recommendation: they are not printed
    assert "A refusal has no conditions" in found(
        adding(notice, "conditions", {"heading": "Conditions", "introduction": ""})
    )


@pytest.mark.parametrize("type_code", ["pp.full.householder", "listed", "advertConsent", "wtt.consent"])
def test_a_grant_without_a_time_limit_is_warned_of(draft, type_code):
    notice = draft(type_code, Decision.GRANTED_WITH_CONDITIONS)
    assert "the law then supplies" not in found(notice, Level.WARNING)
    notice.particulars["conditions"][0]["type"] = "compliance"
    assert "the law then supplies" in found(notice, Level.WARNING)


def test_what_is_built_already_needs_no_time_limit(draft):
    notice = draft("pp.full.householder.retro", Decision.GRANTED, work_status=WorkStatus.RETROSPECTIVE)
    assert "the law then supplies" not in found(notice, Level.WARNING)


def test_a_grant_without_plans_is_warned_of(draft):
    notice = draft("pp.full.householder", Decision.GRANTED_WITH_CONDITIONS)
    notice.particulars["plans"] = []
    assert "No plans are listed" in found(notice, Level.WARNING)


# --- Reasons ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_code", "decision"),
    [
        ("ldc.proposed", Decision.LDC_REFUSED),
        ("ldc.existing", Decision.LDC_GRANTED_PART),
        ("pp.full.householder", Decision.REFUSED),
        ("pa.part1.classA", Decision.PA_REFUSED),
        ("listed", Decision.REFUSED),
        ("approval.conditions", Decision.DETAILS_PART),
    ],
)
def test_a_refusal_needs_reasons_and_a_place_for_them(draft, type_code, decision):
    notice = draft(type_code, decision)
    assert "would be lost" in found(without(notice, "reasons"))
    notice.particulars["reasons"] = []
    assert "has no reasons" in found(notice)


def test_planning_permission_is_refused_on_the_development_plan(draft):
    notice = draft("pp.full.householder", Decision.REFUSED)
    notice.particulars["reasons"][0]["policies"] = [
        {"plan": "National Planning Policy Framework", "number": "12", "title": "", "is_development_plan": False}
    ]
    assert "No reason names a policy of the development plan" in found(notice)
    assert "35(1)(b)" in found(notice)


def test_one_reason_without_policies_beside_one_with_is_a_warning(draft):
    notice = draft("pp.full.householder", Decision.REFUSED)
    notice.particulars["reasons"].append({"number": 2, "title": "Light", "text": "Dark.", "policies": []})
    assert found(notice) == ""
    assert "Reason 2 (Light)" in found(notice, Level.WARNING)


def test_a_certificate_is_never_refused_on_policies(draft):
    notice = draft("ldc.proposed", Decision.LDC_REFUSED)
    assert "policy" not in found(notice)
    notice.particulars["reasons"][0]["policies"] = [
        {"plan": "Local Plan", "number": "1", "title": "", "is_development_plan": True}
    ]
    assert "Planning merits play no part" in found(notice)


# --- Statements -------------------------------------------------------------------------------------------------------


def test_a_grant_says_how_biodiversity_net_gain_applies(draft):
    notice = without(draft("pp.full.householder", Decision.GRANTED_WITH_CONDITIONS), "statement", "bng")
    assert "35(1)(za)" in found(notice)


@pytest.mark.parametrize(
    ("type_code", "decision"),
    [("ldc.proposed", "ldc_granted"), ("listed", "granted"), ("pp.full.householder", "refused")],
)
def test_biodiversity_net_gain_belongs_on_grants_of_permission_only(draft, type_code, decision):
    notice = draft(type_code, decision)
    assert "net gain" not in found(notice)
    value = {"kind": "bng", "heading": "", "text": "<p>Net gain.</p>"}
    assert "belongs on a grant" in found(adding(notice, "statement", value), Level.WARNING)


@pytest.mark.parametrize("decision", [Decision.GRANTED_WITH_CONDITIONS, Decision.REFUSED])
def test_a_decision_on_permission_says_how_the_council_worked(draft, decision):
    assert "35(2)" in found(without(draft("pp.full.householder", decision), "statement", "proactive"))


# --- Appeals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_code", "decision", "limit"),
    [
        ("pp.full.householder", Decision.REFUSED, "within 12 weeks of the date of this notice"),
        ("pp.full.householder", Decision.GRANTED_WITH_CONDITIONS, "within 6 months of the date of this notice"),
        ("pp.full.minor", Decision.REFUSED, "within 6 months of the date of this notice"),
        ("ldc.proposed", Decision.LDC_REFUSED, "There is no time limit"),
        ("pa.part1.classA", Decision.PA_REFUSED, "within 12 weeks of the date of this notice"),
        ("advertConsent", Decision.REFUSED, "within 8 weeks of the day on which you receive this notice"),
        ("wtt.consent", Decision.REFUSED, "within 28 days of the day on which you receive this notice"),
        ("listed", Decision.REFUSED, "within 6 months of the date of this notice"),
    ],
)
def test_each_appeal_has_its_own_act_and_limit(draft, type_code, decision, limit):
    notice = draft(type_code, decision)
    text = "\n".join(text_of(notice))
    assert limit in text
    assert notice.application.application_type.appeal["basis"] in text
    assert "right to appeal" in found(without(notice, "appeal"))


def test_no_appeal_where_the_law_gives_none(draft):
    notice = draft("nonMaterialAmendment", Decision.NMA_REFUSED)
    notice.particulars["values"] |= {"parent_reference": "24-1", "parent_date": "1 May 2024"}
    del notice.particulars["operative"]  # made anew with it
    assert found(notice) == ""
    value = {"kind": "refusal", "heading": "Appeal", "text": ""}
    assert "which the law does not give" in found(adding(notice, "appeal", value))


@pytest.mark.parametrize("words", ["within six months", "You have 6 months.", "a six-month limit", "8 weeks"])
def test_typed_words_cannot_contradict_the_limit(draft, words):
    notice = without(draft("pp.full.householder", Decision.REFUSED), "appeal")
    value = {"kind": "refusal", "heading": "Appeal", "text": f"<p>{words}</p>"}
    assert "is not the limit here" in found(adding(notice, "appeal", value))


def test_the_28_days_of_an_enforcement_notice_are_no_contradiction(draft):
    notice = draft("pp.full.householder", Decision.REFUSED)
    assert "28 days" in "\n".join(text_of(notice))
    assert found(notice) == ""


# --- The frame --------------------------------------------------------------------------------------------------------


def test_the_signature_has_its_place(draft):
    assert "no place for the signature" in found(without(draft("ldc.proposed", Decision.LDC_GRANTED), "signature"))


def test_no_signatory_of_the_council_is_a_warning(draft, authority):
    authority.signatory_name = ""
    authority.save()
    assert "who signs its notices" in found(draft("ldc.proposed", Decision.LDC_GRANTED), Level.WARNING)


def test_the_site_and_the_proposal_must_be_named(draft):
    notice = without(draft("pp.full.householder", Decision.REFUSED), "facts")
    assert "does not name the site" in found(notice)
    assert "does not name what was applied for" in found(notice)


def test_a_missing_fact_is_an_error(draft):
    notice = adding(draft("ldc.proposed", Decision.LDC_GRANTED), "heading", "Permission {{ parent_reference }}")
    assert "does not have: Earlier permission" in found(notice)


def test_a_field_that_an_officer_invented_in_a_condition_is_an_error(draft, officer):
    notice = draft("pp.full.householder", Decision.GRANTED_WITH_CONDITIONS)
    notice.application.conditions.create(title="Own", text="Keep to {{ my_plan }}.", reason="Because.")
    assert "does not have: my_plan" in found(draft_notice(notice.application, by=officer))


def test_a_gap_of_a_standard_condition_must_be_filled(draft, officer):
    notice = draft("pp.full.householder", Decision.GRANTED_WITH_CONDITIONS)
    gap = notice.application.conditions.create(title="Glass", text="The window in the [side] wall.", reason="Privacy.")
    assert "A gap has not been filled in: [side]" in found(draft_notice(notice.application, by=officer))
    gap.text = "The window in the side wall; see Dodds v Walker [1981]."
    gap.save()
    assert found(draft_notice(notice.application, by=officer)) == ""


# --- Time -------------------------------------------------------------------------------------------------------------


def test_no_decision_before_publicity_ended(draft, officer):
    notice = draft("pp.full.householder", Decision.REFUSED)
    today = timezone.localdate()
    Publicity.objects.create(
        application=notice.application,
        kind="site_notice",
        begins_on=today - timedelta(days=5),
        days=21,
        ends_on=today + timedelta(days=16),
        by=officer,
    )
    type(notice.application).objects.filter(pk=notice.application_id).update(
        consultation_ends_on=today + timedelta(days=16)
    )
    notice.application.refresh_from_db()
    assert "DMPO 2015 art. 33" in found(notice)


def test_publicity_that_was_never_recorded_is_warned_of(draft):
    assert "art" in found(draft("pp.full.householder", Decision.REFUSED), Level.WARNING)


def test_a_period_that_ran_out_is_warned_of(draft):
    notice = draft("pa.part1.classA", Decision.PA_REFUSED)  # received in June; 42 days are long over
    assert "may be permitted by now" in found(notice, Level.WARNING)


def test_errors_come_first(draft):
    notice = without(draft("pp.full.householder", Decision.REFUSED), "signature")
    levels = [finding.level for finding in lint(notice)]
    assert levels == sorted(levels, key=lambda level: level == Level.WARNING)
    assert set(levels) == {Level.ERROR, Level.WARNING}


# --- Paper ------------------------------------------------------------------------------------------------------------

HIEROGLYPH = "\U0001302f"  # no font that the product installs draws it
TANGUT = "\U00017000"


@pytest.fixture
def few_fonts(monkeypatch):
    """As if only these were installed: every character but two."""
    drawn = frozenset(range(0x20000)) - {ord(HIEROGLYPH), ord(TANGUT)}
    monkeypatch.setattr(glyphs, "drawable", lambda: drawn)


def test_a_character_that_no_font_draws_keeps_the_notice_back_and_is_shown_where_it_stands(draft, few_fonts):
    notice = draft(
        "ldc.proposed", Decision.LDC_GRANTED, description=f"An extension to the {HIEROGLYPH} house 🏡 in 北京"
    )
    errors = found(notice)
    assert f"The notice would show an empty box in place of “{HIEROGLYPH}”" in errors
    assert "egyptian hieroglyph" in errors
    assert "An extension to the" in errors
    assert "🏡”" not in errors
    with pytest.raises(ValidationError, match="empty box"):
        refuse_unlawful(notice)


def test_the_report_is_issued_too(draft, few_fonts):
    notice = draft("ldc.proposed", Decision.LDC_GRANTED)
    notice.application.sections.create(slug="conclusion", text=f"So {TANGUT}.", updated_by=notice.application.officer)
    assert f"The report would show an empty box in place of “{TANGUT}”" in found(notice)


def test_a_mark_that_reverses_words_is_found_where_it_was_typed_into_the_notice(draft):
    notice = adding(draft("ldc.proposed", Decision.LDC_GRANTED), "heading", "Words \u202ethat turn\u202c round")
    assert "may change how words read, stands in “Words that turn round”" in found(notice)


def test_where_the_fonts_are_not_known_the_officer_is_asked_to_look(draft, monkeypatch, caplog):
    monkeypatch.setattr(glyphs, "drawable", cache(glyphs.drawable.__wrapped__))
    monkeypatch.setenv("PATH", "/nowhere")
    notice = draft("ldc.proposed", Decision.LDC_GRANTED, description="Café 北京")
    with caplog.at_level(logging.CRITICAL):
        assert "could not be checked whether every character" in found(notice, Level.WARNING)
    assert "box" not in found(notice)


def test_the_fonts_that_the_product_asks_for_draw_what_people_in_england_write():
    written = (
        "Ŵyn Łukasz Žižek Ελένη Наталія 李小龙 北京市 こんにちは 김유신 "
        "مرحبا שלום नमस्ते বাংলা ਪੰਜਾਬੀ தமிழ் ગુજરાતી ไทย m² ½ ≤ € ✓ ☎ 🏡 🌳 👍🏽"
    )
    assert glyphs.not_drawable(written) == []
    assert glyphs.not_drawable("lost \ufffd here \ue000") == ["\ufffd", "\ue000"]


def test_a_character_is_called_by_its_name_or_its_number():
    assert [glyphs.name_of(character) for character in "🏡\ue123"] == ["house with garden", "U+E123"]
