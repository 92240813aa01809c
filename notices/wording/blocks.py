"""The StreamField blocks that a notice is made of.

A block either holds words (with merge fields, refused here when they are unknown or broken) or stands for a part of the
case: its conditions, its plans, its reasons. Each renders by a template under templates/notices/blocks/ from
`particulars` and `values`, which notices/drafting/rendering.py puts into the context.
"""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.rich_text import RichText

from accounts.plain_text import plain

from . import merge
from .restructured import restructured

WORDS = ["bold", "italic", "ol", "ul"]

# What a facts table can show: key in `particulars["facts"]` → the words beside it.
FACTS = [
    ("reference", "Reference"),
    ("application_type", "Type of application"),
    ("applicant_name", "Applicant"),
    ("agent_name", "Agent"),
    ("site_address", "Site"),
    ("uprn", "Unique property reference number"),
    ("description", "Description"),
    ("received_date", "Received"),
    ("valid_date", "Valid from"),
    ("expiry_date", "To be decided by"),
    ("consultation_end_date", "Consultation ended"),
    ("committee_date", "Committee"),
    ("parent_reference", "Earlier permission"),
    ("extension_depth", "Depth beyond the rear wall"),
    ("extension_height", "Greatest height"),
    ("extension_eaves", "Height of the eaves"),
    ("decision_date", "Date of this notice"),
]
STATEMENTS = [
    ("first_schedule", "First schedule: what is certified"),
    ("second_schedule", "Second schedule: the land"),
    ("bng", "Biodiversity net gain"),
    ("proactive", "Working with the applicant"),
    ("purchase_notice", "Purchase notice"),
    ("compensation", "Compensation"),
    ("other", "Other"),
]
APPEALS = [
    ("refusal", "Against the refusal"),
    ("conditions", "Against conditions"),
    ("part", "Against the part that was not granted"),
]


class _Merged:
    """Takes out what cannot be seen, and refuses unknown and broken merge fields where they were typed."""

    def clean(self, value: Any) -> Any:
        value = super().clean(value)  # type: ignore[misc]
        words = plain(getattr(value, "source", value))
        merge.check(words)
        return RichText(words) if isinstance(value, RichText) else words


class MergeChar(_Merged, blocks.CharBlock):
    pass


class MergeRichText(_Merged, blocks.RichTextBlock):
    def __init__(self, required=True, **kwargs):
        super().__init__(required=required, features=WORDS, **kwargs)


class TitleBlock(blocks.StructBlock):
    title = MergeChar(max_length=200, help_text="For example: Certificate of lawful use or development.")
    law = MergeChar(
        required=False, max_length=400, default="{{ legislation }}", help_text="The act under which it is given."
    )

    class Meta:
        icon = "title"
        label = "Title and act"
        template = "notices/blocks/title.html"


class MadeBlock(blocks.StaticBlock):
    """A sentence that decides: made from the decision (cases/law/operative.py), typed by nobody.

    Its value is what was typed in its place before that was so: never printed, and gone when the words are saved again.
    """

    def to_python(self, value: Any) -> str:
        return value if isinstance(value, str) else ""

    def get_prep_value(self, value: Any) -> str | None:
        return value or None


class DecisionBlock(MadeBlock):
    class Meta:
        icon = "check"
        label = "Decision"
        admin_text = "The decision in a sentence, made from the decision itself."
        template = "notices/blocks/decision.html"


class CertificationBlock(MadeBlock):
    class Meta:
        icon = "check"
        label = "Certification"
        admin_text = "What is certified, and for which day, in the words of the law. The reason comes next."
        template = "notices/blocks/certification.html"


class PartBlock(blocks.StructBlock):
    """A part decided in its own way: the sentence is made from the decision; which part it is, is written here."""

    heading = MergeChar(max_length=160)
    text = MergeRichText(required=False, help_text="Which part it is. Stands after the sentence that decides.")


class GrantedPartBlock(PartBlock):
    class Meta:
        icon = "check"
        label = "Part that is granted"
        template = "notices/blocks/granted_part.html"


class RefusedPartBlock(PartBlock):
    class Meta:
        icon = "cross"
        label = "Part that is refused"
        template = "notices/blocks/refused_part.html"


class FactsBlock(blocks.StructBlock):
    caption = MergeChar(max_length=120, default="The application")
    facts = blocks.MultipleChoiceBlock(
        choices=FACTS, widget=forms.CheckboxSelectMultiple, help_text="Facts that the case does not have are left out."
    )

    class Meta:
        icon = "table"
        label = "Facts table"
        template = "notices/blocks/facts.html"


class CaseListBlock(blocks.StructBlock):
    """A list that comes from the case; only its heading and introduction are written here."""

    heading = MergeChar(max_length=120)
    introduction = MergeRichText(required=False)


class ConditionsBlock(CaseListBlock):
    class Meta:
        icon = "list-ol"
        label = "Conditions"
        template = "notices/blocks/conditions.html"


class ReasonsBlock(CaseListBlock):
    class Meta:
        icon = "list-ol"
        label = "Reasons for refusal"
        template = "notices/blocks/reasons.html"


class InformativesBlock(CaseListBlock):
    class Meta:
        icon = "help"
        label = "Informatives"
        template = "notices/blocks/informatives.html"


class PlansBlock(CaseListBlock):
    class Meta:
        icon = "doc-full"
        label = "List of plans"
        template = "notices/blocks/plans.html"


class LimitsBlock(CaseListBlock):
    class Meta:
        icon = "table"
        label = "Permitted development limits"
        template = "notices/blocks/limits.html"


class StatementBlock(blocks.StructBlock):
    kind = blocks.ChoiceBlock(choices=STATEMENTS)
    heading = MergeChar(required=False, max_length=160)
    text = MergeRichText()

    class Meta:
        icon = "openquote"
        label = "Statement"
        template = "notices/blocks/statement.html"


class AppealBlock(blocks.StructBlock):
    """The act and the limit come from the type of application, so they cannot be typed wrongly."""

    kind = blocks.ChoiceBlock(choices=APPEALS)
    heading = MergeChar(max_length=160, default="Your right to appeal")
    text = MergeRichText(required=False, help_text="Stands after the sentence that names the act and the time limit.")

    class Meta:
        icon = "redirect"
        label = "Appeal notes"
        template = "notices/blocks/appeal.html"


class SitePlanBlock(blocks.StructBlock):
    caption = MergeChar(max_length=160, default="The land, edged red")

    class Meta:
        icon = "site"
        label = "Plan of the land"
        template = "notices/blocks/site_plan.html"


class NoticeBody(blocks.StreamBlock):
    title = TitleBlock()
    heading = MergeChar(max_length=160, icon="title", template="notices/blocks/heading.html")
    paragraph = MergeRichText(icon="pilcrow", template="notices/blocks/paragraph.html")
    decision = DecisionBlock()
    certification = CertificationBlock()
    granted_part = GrantedPartBlock()
    refused_part = RefusedPartBlock()
    facts = FactsBlock()
    conditions = ConditionsBlock()
    reasons = ReasonsBlock()
    informatives = InformativesBlock()
    plans = PlansBlock()
    limits = LimitsBlock()
    statement = StatementBlock()
    appeal = AppealBlock()
    site_plan = SitePlanBlock()
    signature = blocks.StaticBlock(
        icon="edit", admin_text="Who signs, with the date of the notice.", template="notices/blocks/signature.html"
    )
    page_break = blocks.StaticBlock(
        icon="minus", admin_text="A new page begins here.", template="notices/blocks/page_break.html"
    )

    def to_python(self, value: Any) -> blocks.StreamValue:
        """Also of what was written before decisions were made from their structure: kept where it cannot change."""
        if isinstance(value, str) and value:  # a revision holds the text of it
            value = json.loads(value)
        is_stored = isinstance(value, list) and all(isinstance(block, dict) for block in value)
        return super().to_python(restructured(value) if is_stored else value)


MADE = frozenset(name for name, block in NoticeBody.base_blocks.items() if isinstance(block, MadeBlock))


def texts_in(child: Any) -> list[str]:
    """Every text that somebody typed into a block of a notice and that is printed, rich text as its source."""
    return [] if child.block_type in MADE else _texts(child.value)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if hasattr(value, "source"):
        return [value.source]
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    return []


def check_body(body: Any) -> None:
    """Check the merge fields of a whole body again: a draft skips the blocks' own checks. Raises ValidationError."""
    errors = []
    for child in body:
        for text in texts_in(child):
            try:
                merge.check(text)
            except ValidationError as error:
                errors.extend(error.messages)
    if errors:
        raise ValidationError(list(dict.fromkeys(errors)))
