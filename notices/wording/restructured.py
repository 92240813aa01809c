"""Notices as they were written when the sentence that decides was typed, in the blocks of today.

Revisions and issued notices never change, so what they hold is read like this for as long as they are kept.
"""

from typing import Any

Raw = dict[str, Any]  # a block as it is stored: type, value, id

# What the shipped templates had in those places; whatever else was typed there is kept.
_SHIPPED = (
    "{{ authority_name }} grants planning permission for the following part of the development described above, in "
    "accordance with the plans listed below and subject to the conditions below.",
    "{{ authority_name }} refuses planning permission for the rest of the development described above, for the "
    "following reasons.",
    "{{ authority_name }} gives consent to display the following of the advertisements described above, subject to the "
    "conditions below.",
    "{{ authority_name }} refuses consent to display the others, for the following reasons.",
    "{{ authority_name }} gives consent to the work to the following trees, subject to the conditions below.",
    "{{ authority_name }} refuses consent to the work to the other trees, for the following reasons.",
    "The following details, as shown on the plans and documents listed below.",
    "The rest of the details, for the following reasons.",
)
_REFUSES_THE_REST = "the certificate is refused"
PARTS = ("granted_part", "refused_part")


def restructured(stored: list[Raw]) -> list[Raw]:
    """The stored blocks of a notice or template in the form of today; those that have it already stay as they are."""
    kinds = {block["value"].get("kind") for block in stored if _is_statement(block)}
    found: list[Raw] = []
    for block in stored:
        found += _in_todays_form(block, kinds)
    return found


def typed_sentences(stored: list[Raw]) -> list[str]:
    """What was typed where the decision is now made from its structure, as it was stored."""
    return [
        block["value"]["text"]
        for block in stored
        if _is_typed_decision(block)
        or (_is_statement(block) and block["value"].get("kind") in (*PARTS, "certification"))
    ]


def _is_statement(block: Raw) -> bool:
    return block.get("type") == "statement" and isinstance(block.get("value"), dict)


def _is_typed_decision(block: Raw) -> bool:
    return block.get("type") == "decision" and isinstance(block.get("value"), dict)


def _in_todays_form(block: Raw, kinds: set[Any]) -> list[Raw]:
    if _is_typed_decision(block):
        # Where the parts are decided each for itself, no sentence decides of the whole.
        return [] if kinds & set(PARTS) else [{**block, "value": block["value"].get("text", "")}]
    if block.get("type") == "reasons" and "certification" in kinds:
        return _reasons_of_the_rest(block)
    if not _is_statement(block):
        return [block]
    kind, heading, text = (block["value"].get(name, "") for name in ("kind", "heading", "text"))
    if kind == "certification":
        certifies, end, reason = text.partition("</p>")
        more = [{"type": "paragraph", "value": reason.strip()}] if reason.strip() else []
        return [{"type": "certification", "value": certifies + end}, *more]
    if kind in PARTS:
        return [{"type": kind, "value": {"heading": heading, "text": _without_shipped(text)}}]
    return [block]


def _reasons_of_the_rest(block: Raw) -> list[Raw]:
    """A certificate in part: that the rest is refused was typed above its reasons."""
    heading, introduction = (block["value"].get(name, "") for name in ("heading", "introduction"))
    kept = "" if _REFUSES_THE_REST in introduction.lower() else introduction
    return [
        {"type": "refused_part", "value": {"heading": heading, "text": kept}},
        {**block, "value": {"heading": "Reasons", "introduction": ""}},
    ]


def _without_shipped(text: str) -> str:
    for sentence in _SHIPPED:
        text = text.replace(f"<p>{sentence}</p>", "").replace(sentence, "")
    return text.strip()
