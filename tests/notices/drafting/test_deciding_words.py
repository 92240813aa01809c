"""The sentence that decides is made from the decision, of every type; nothing else on a notice says another thing."""

import json
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection
from django.urls import reverse
from wagtail.models import Revision

from cases.law.operative import Part, operative
from cases.models import StandardCondition, StandardInformative, StandardReason
from cases.statuses import REFUSALS, Decision
from notices.drafting.deciding_words import claims_of, contradicts
from notices.drafting.findings import Level
from notices.drafting.rendering import lines_of, render_draft
from notices.drafting.statute import lint
from notices.models import DecisionNotice, NoticeTemplate
from notices.signoff.approving import approve
from notices.signoff.drafting import draft_notice, save_draft
from notices.signoff.submitting import submit_for_sign_off
from notices.wording.restructured import restructured

from .test_templates import REAL, complete_case, filled_in

pytestmark = pytest.mark.django_db

GRANTS = [
    "{{ authority_name }} grants planning permission for the development.",
    "Testshire Council hereby approves the application.",
    "The council has no objection.|NO",
    "Planning permission is hereby granted.",
    "The application is approved, subject to conditions.",
    "Prior approval is given.",
    "The application for a certificate is granted.",
    "We approve the details.",
    "APPLICATION GRANTED",
]
REFUSES = [
    "{{ authority_name }} refuses planning permission for the development.",
    "The council does not grant permission.",
    "The application is refused.",
    "Prior approval is refused.",
    "The amendment is therefore rejected.",
    "Consent is not given.",
    "Refusal of planning permission",
    "Application refused",
]
# Decisions that refuse, that grant, that do both, and that answer another question.
IN_PART = {Decision.SPLIT, Decision.LDC_GRANTED_PART, Decision.DETAILS_PART}
ANSWERS = {Decision.PA_NOT_REQUIRED, Decision.TREE_NO_OBJECTION, Decision.NO_OBJECTION}
OTHERS = {
    Decision.PA_NOT_REQUIRED: ["Prior approval is required.", "Prior approval is therefore required and is given."],
    Decision.PA_APPROVED: ["Prior approval is not required.", "Prior approval was not needed."],
    Decision.PA_REFUSED: ["Prior approval is not required."],
    Decision.PA_NOT_PD: ["Prior approval is not required.", "Prior approval is given."],
    Decision.TREE_NO_OBJECTION: ["The council has made a tree preservation order.", "The trees must not be felled."],
    Decision.TREE_TPO_MADE: ["The council does not object.", "The work may go ahead."],
    Decision.NO_OBJECTION: ["The council objects.", "The hedgerow must not be removed."],
    Decision.DETAILS_REFUSED: ["The work may now begin."],
    Decision.REFUSED: ["You may begin.", "The development may proceed."],
    Decision.GRANTED: ["The council certifies that the use is lawful."],
}
# What a notice of any decision may say.
HARMLESS = [
    "Where permission is refused or granted subject to conditions, the owner may serve a purchase notice.",
    "If consent is given on appeal, the council is told.",
    "Planning permission was granted in 2019 for another scheme.",
    "No development may begin until the details have been submitted.",
    "This is not approval under the Building Regulations.",
    "The council offers advice before an application is made.",
]


def errors(notice: DecisionNotice) -> list[str]:
    return [str(finding) for finding in lint(notice) if finding.level == Level.ERROR]


def contradictions_of(decision: Decision) -> list[str]:
    said = list(OTHERS.get(decision, []))
    if decision in REFUSALS:
        said += [words for words in GRANTS if "|NO" not in words]
    elif decision in ANSWERS:
        said += [words for words in [*GRANTS, *REFUSES] if "|NO" not in words]
    elif decision not in IN_PART:
        said += REFUSES
    return said


def agreeing_with(decision: Decision) -> list[str]:
    if decision == Decision.TREE_TPO_MADE or decision in ANSWERS:
        return []
    if decision in REFUSALS:
        return REFUSES
    plain = [words for words in GRANTS if "planning permission" not in words.lower() and "|NO" not in words]
    return plain if decision not in IN_PART else [*plain, *REFUSES[2:]]


def with_words(notice: DecisionNotice, *words: str) -> DecisionNotice:
    """A copy of the notice with a paragraph more for each of these."""
    copy = DecisionNotice(**{field.attname: getattr(notice, field.attname) for field in notice._meta.concrete_fields})
    copy.application = notice.application
    more = [("paragraph", f"<p>{one}</p>") for one in words]
    copy.body = [*((child.block_type, child.value) for child in notice.body), *more]
    return copy


@pytest.fixture(params=REAL, ids=lambda pair: "-".join(pair))
def whole(request, make_application, officer) -> DecisionNotice:
    """The notice of a complete case, for every decision of every type."""
    type_code, decision = request.param
    return filled_in(draft_notice(complete_case(make_application, officer, type_code, decision), by=officer))


def test_every_decision_of_every_type_is_made_and_held_to_both_ways(whole):
    decision = Decision(whole.decision)
    assert errors(whole) == []
    # Its sentences stand on it, from the decision.
    made = operative(
        whole.application.application_type.code,
        decision,
        has_plans=True,
        has_conditions=bool(whole.particulars["conditions"]),
    )
    assert made is not None
    lines = lines_of(render_draft(whole))
    assert set(whole.particulars["operative"]) == {str(part) for part in made.sentences}
    for words in whole.particulars["operative"].values():
        assert lines.count(words) == 1, words
        assert "{{" not in words
    # Without them, or with them twice, it does not go out.
    kept = [(child.block_type, child.value) for child in whole.body]
    other = with_words(whole)
    other.body = [(kind, value) for kind, value in kept if kind not in made.sentences]
    assert sum("does not say its decision" in words for words in errors(other)) == len(made.sentences)
    other.body = [*kept, *((kind, value) for kind, value in kept if kind in made.sentences)]
    assert sum("twice on it" in words for words in errors(other)) == len(made.sentences)
    # What says something else is found, what says the same is not, nor what decides nothing.
    if decision != Decision.ADVICE_GIVEN:
        contradictions = contradictions_of(decision)
        found = "\n".join(errors(with_words(whole, *contradictions)))
        for words in contradictions:
            read = words.replace("{{ authority_name }}", "The council").replace("Testshire Council", "The council")
            assert f"“{read}”" in found
    assert errors(with_words(whole, *agreeing_with(decision), *HARMLESS)) == []


@pytest.mark.parametrize(("type_code", "decision"), [pair for pair in REAL if pair[0] in {"pp.full.minor", "listed"}])
def test_words_in_every_place_are_read(make_application, officer, type_code, decision):
    application = complete_case(make_application, officer, type_code, decision)
    contradiction = next(iter(contradictions_of(Decision(decision))), None)
    if contradiction is None:
        return
    application.informatives.create(title="Note", text=contradiction)
    notice = filled_in(draft_notice(application, by=officer))
    assert any("but the decision is" in found for found in errors(notice))


def test_the_libraries_contradict_no_decision(db):
    """Whatever standard text an officer takes, it is no fault of the notice."""
    fitting = {
        StandardCondition: [Decision.GRANTED_WITH_CONDITIONS, Decision.SPLIT, Decision.PA_APPROVED],
        StandardReason: [Decision.REFUSED, Decision.PA_REFUSED, Decision.SPLIT],
        StandardInformative: [Decision.GRANTED, Decision.REFUSED, Decision.PA_NOT_REQUIRED, Decision.LDC_GRANTED],
    }
    for model, decisions in fitting.items():
        for row in model.objects.all():
            for sentence in row.text.replace("\n", " ").split(". "):
                for claim, level in claims_of(sentence):
                    assert level == Level.WARNING or not any(contradicts(claim, one) for one in decisions), sentence


def test_what_is_told_of_another_day_is_a_warning(make_application, officer):
    notice = draft_notice(complete_case(make_application, officer, "pp.full.minor", Decision.REFUSED), by=officer)
    told = with_words(notice, "Planning permission has been granted for a similar scheme at number 9.")
    assert errors(told) == []
    assert any("but the decision is" in str(finding) for finding in lint(told))


def test_the_notice_of_a_refusal_is_not_headed_as_a_grant(make_application, officer):
    notice = draft_notice(complete_case(make_application, officer, "pp.full.minor", Decision.REFUSED), by=officer)
    notice.body = [
        (
            child.block_type,
            {**child.value, "title": "Planning permission"} if child.block_type == "title" else child.value,
        )
        for child in notice.body
    ]
    assert any("headed “Planning permission”" in found for found in errors(notice))


def test_a_part_says_which(make_application, officer):
    notice = draft_notice(complete_case(make_application, officer, "pp.full.minor", Decision.SPLIT), by=officer)
    assert any("[which part is granted]" in found for found in errors(notice))
    notice.body = [
        (child.block_type, {**child.value, "text": ""} if child.block_type == Part.GRANTED else child.value)
        for child in notice.body
    ]
    assert any("does not say which part is granted" in found for found in errors(notice))


def test_the_editor_cannot_type_over_it(make_application, officer, manager, client):
    """L3: recommend refusal, type a grant into the block, submit, approve: the notice refuses."""
    application = complete_case(make_application, officer, "pp.full.householder", Decision.REFUSED)
    notice = draft_notice(application, by=officer)
    typed = [
        {
            "type": child.block_type,
            "id": child.id,
            "value": {"text": "The council grants planning permission."}
            if child.block_type == "decision"
            else child.block.get_prep_value(child.value),
        }
        for child in notice.body
    ]
    save_draft(notice, by=officer, body=notice.body.stream_block.to_python(typed))
    client.force_login(officer)
    page = client.get(reverse(DecisionNotice.snippet_viewset.get_url_name("edit"), args=[notice.pk])).content.decode()
    assert "made from the decision itself" in page
    issued = approve(submit_for_sign_off(DecisionNotice.objects.get(pk=notice.pk), by=officer), by=manager)
    text = "\n".join(lines_of(issued.html))
    assert "Testshire Council refuses planning permission for the development described in this notice" in text
    assert "grants planning permission" not in text + str(issued.snapshot)
    (said,) = [block["words"] for block in issued.snapshot["text"] if block["block"] == "decision"]
    assert said == [issued.notice.particulars["operative"]["decision"]]


# --- What was written before ------------------------------------------------------------------------------------------


def statement(kind: str, text: str) -> dict:
    return {"type": "statement", "value": {"kind": kind, "heading": "H", "text": text}, "id": kind}


def test_a_notice_of_the_version_before_has_todays_blocks():
    shipped = (
        "{{ authority_name }} grants planning permission for the following part of the development described above, "
        "in accordance with the plans listed below and subject to the conditions below."
    )
    split = [statement("granted_part", f"<p>{shipped}</p><p>The porch.</p>"), statement("refused_part", "<p>No.</p>")]
    assert [(block["type"], block["value"]["text"]) for block in restructured(split)] == [
        ("granted_part", "<p>The porch.</p>"),
        ("refused_part", "<p>No.</p>"),
    ]
    part = [
        statement("certification", "<p>We certify that it was lawful.</p><p>It is ten years old.</p>"),
        {
            "type": "reasons",
            "value": {"heading": "Why", "introduction": "<p>For the rest the certificate is refused.</p>"},
        },
    ]
    assert [(block["type"], block["value"]) for block in restructured(part)] == [
        ("certification", "<p>We certify that it was lawful.</p>"),
        ("paragraph", "<p>It is ten years old.</p>"),
        ("refused_part", {"heading": "Why", "text": ""}),
        ("reasons", {"heading": "Reasons", "introduction": ""}),
    ]
    details = [{"type": "decision", "value": {"text": "approves in part"}}, statement("granted_part", "<p>A</p>")]
    assert [block["type"] for block in restructured(details)] == ["granted_part"]
    assert restructured(restructured(split)) == restructured(split)


@pytest.fixture
def typed_before(make_application, officer) -> DecisionNotice:
    """A draft whose sentence was typed, as the version before stored it."""
    notice = draft_notice(complete_case(make_application, officer, "pp.full.minor", Decision.REFUSED), by=officer)
    body = [
        {**block, "value": {"text": "We grant planning permission."}} if block["type"] == "decision" else block
        for block in json.loads(notice.latest_revision.content["body"])
    ]
    revision = notice.latest_revision
    content = {**revision.content, "body": json.dumps(body)}
    notice.latest_revision = Revision.objects.create(
        content_object=notice, base_content_type=revision.base_content_type, user=officer, content=content
    )
    notice.save()
    return DecisionNotice.objects.get(pk=notice.pk)


def test_an_open_draft_of_the_version_before_says_its_decision_and_what_was_typed(typed_before, officer, client):
    client.force_login(officer)
    page = client.get(reverse("case_notice", args=[typed_before.application_id])).content.decode()
    assert "“We grant planning permission.” was typed here before" in page
    preview = client.get(reverse("case_notice_preview", args=[typed_before.application_id])).content.decode()
    assert "refuses planning permission" in preview
    assert "We grant" not in preview


def test_what_is_no_longer_printed_is_named_when_the_database_is_migrated(typed_before, authority, capsys):
    shared = NoticeTemplate.objects.get(slug="permission-refused")
    NoticeTemplate.objects.create(
        authority=authority, slug="own", name="Our refusal", decisions=["refused"], body=shared.body, is_customised=True
    )
    with connection.cursor() as cursor:
        for slug, words in (("own", "We say no."), ("permission-refused", "As it was shipped.")):
            cursor.execute(
                "UPDATE notices_noticetemplate SET body = %s WHERE slug = %s",
                [f'[{{"type": "decision", "value": {{"text": "{words}"}}, "id": "1"}}]', slug],
            )
    migration = import_module("notices.migrations.0013_sentences_made_from_decisions")
    migration.name_what_was_typed(None, SimpleNamespace(connection=connection))
    said = capsys.readouterr().out
    assert "Notice template “Our refusal” (Testshire Council): “We say no.” is no longer printed" in said
    assert f"The draft notice of {typed_before.application.reference}: “We grant planning permission.”" in said
    assert "As it was shipped" not in said


def test_the_decisions_that_are_known_are_all_in_the_table():
    known = {decision for _, decision in REAL}
    assert known >= set(Decision.values) - {Decision.PA_DEEMED, Decision.DETAILS_DEEMED, Decision.RM_APPROVED}
