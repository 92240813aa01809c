"""What ready words leave open, in [square brackets], because only the officer knows it."""

import re
from collections.abc import Mapping

from cases.models import ValidationRequest

BLANK = re.compile(r"\[[^\[\]]+\]")


def blanks(request: ValidationRequest) -> list[str]:
    """The blanks of its ready words that are still in the request: "[side]". It does not go out with them.

    Brackets of an officer's own, such as "plan 12 [revision B]", are none.
    """
    if request.reason is None:
        return []
    ready = set(_found(request.reason.title, request.reason.text, request.reason.what_to_send))
    found = _found(request.title, request.text, request.what_to_send)
    return [blank for blank in dict.fromkeys(found) if blank in ready]


def filled(text: str, known: Mapping[str, str]) -> str:
    """The text with the blanks that are known filled in; the others stay, for the officer."""
    return BLANK.sub(lambda blank: known.get(blank[0], blank[0]), text)


def _found(*texts: str) -> list[str]:
    return BLANK.findall("\n".join(texts))
