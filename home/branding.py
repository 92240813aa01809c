"""The council's colour and typeface as a small stylesheet of its own: pages carry no inline styles.

Whatever colour a council chooses, its name stays readable on it (WCAG 2.2, success criteria 1.4.3 and 1.4.11).
"""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import LocalAuthority

from .council import council_or_404

READABLE_TEXT = 4.5
READABLE_SHAPE = 3.0
WHITE, BLACK = "#ffffff", "#000000"
A_YEAR = 365 * 24 * 3600


def luminance(colour: str) -> float:
    """Relative luminance of a colour such as #1d70b8, from 0 (black) to 1 (white), as WCAG defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def text_on(colour: str) -> str:
    """White where it can be read on the colour, else black, which then always can."""
    return WHITE if contrast(colour, WHITE) >= READABLE_TEXT else BLACK


def visible_on_white(colour: str) -> str:
    """The colour, darkened as far as lines in it need to be seen on a white page."""
    while contrast(colour, WHITE) < READABLE_SHAPE:
        channels = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        colour = "#" + "".join(f"{int(channel * 0.95):02x}" for channel in channels)
    return colour


def typefaces(font: str) -> str:
    """A font-family list from the council's own names, ending with what every computer has."""
    names = [f'"{name.strip()}"' for name in font.split(",") if name.strip()]
    return ", ".join([*names, "arial", "sans-serif"])


def stylesheet_of(council: LocalAuthority) -> str:
    colour = council.brand_colour.lower()
    return (
        ":root, .govuk-template {\n"
        f"  --council-colour: {colour};\n"
        f"  --council-text-colour: {text_on(colour)};\n"
        f"  --council-font: {typefaces(council.font)};\n"
        f"  --govuk-brand-colour: {visible_on_white(colour)};\n"
        "}\n"
    )


def stylesheet_url(council: LocalAuthority) -> str:
    """An address that changes with the content, so that browsers may keep it for a year."""
    return f"{reverse('council_stylesheet')}?v={hashlib.sha256(stylesheet_of(council).encode()).hexdigest()[:12]}"


@require_safe
def council_stylesheet(request: HttpRequest) -> HttpResponse:
    council = council_or_404(request)
    is_versioned = request.get_full_path() == stylesheet_url(council)
    lasting = f"public, max-age={A_YEAR}, immutable" if is_versioned else "public, max-age=60"
    return HttpResponse(stylesheet_of(council), content_type="text/css", headers={"Cache-Control": lasting})
