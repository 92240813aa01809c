"""What people outside the council typed, made inert before it goes to GOV.UK Notify, which reads Markdown."""

import re

_PLAIN = str.maketrans("[]{}`", "()()'")


def inert(text: str) -> str:
    """Text that stays text at Notify: no link, no heading, no placeholder comes out of what somebody typed."""
    text = re.sub(r"\b[a-z][a-z0-9+.-]*://", "", text, flags=re.IGNORECASE)
    text = re.sub(r"\bwww\.", "www ", text, flags=re.IGNORECASE)
    text = re.sub(r"^[ \t]*[#>^*+-]+[ \t]*", "", text, flags=re.MULTILINE)
    return text.replace("\r", "").translate(_PLAIN)
