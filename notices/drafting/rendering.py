"""A notice as HTML and as plain text: a pure rendering of its body and its particulars."""

import base64
import re
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import strip_tags

from accounts.models import LocalAuthority, User
from notices.models import DecisionNotice, NoticeTemplate
from notices.wording.appeal_rights import appeal_right
from notices.wording.merge import long_date

from .site_plan import site_plan_svg

LOGO = "max-480x160|format-png"


@dataclass(frozen=True)
class Issue:
    """What only the issue of a notice adds to it."""

    issued_on: date
    version: int
    signatory_name: str
    signatory_job_title: str
    snapshot_sha256: str = ""
    verify_url: str = ""
    correction_reason: str = ""
    corrects_on: date | None = None


def render_notice(notice: DecisionNotice | NoticeTemplate, *, particulars: dict[str, Any], issue: Issue | None) -> str:
    """The notice as an HTML fragment, `<article class="notice">`. Without an `issue` it says that it is a draft."""
    decided_on = issue.issued_on if issue else None
    values = {**particulars["values"], "decision_date": long_date(decided_on)}
    if issue:
        values |= {"signatory_name": issue.signatory_name, "signatory_job_title": issue.signatory_job_title}
    else:
        values["decision_date"] = "(the day of issue)"
    context = {
        "body": notice.body,
        "particulars": particulars,
        "values": values,
        "facts": {**particulars["facts"], "decision_date": values["decision_date"]},
        "issue": issue,
        "appeals": {
            ground: {"right": right, "sentence": right.sentence(decided_on)}
            for ground in ("refusal", "conditions", "part")
            if (right := appeal_right(particulars["appeal"], ground))
        },
        "site_plan": site_plan_address(particulars.get("boundary")),
        "logo": particulars.get("logo", ""),
    }
    return render_to_string("notices/notice.html", context)


def preview_of_notice(notice: DecisionNotice, user: User, mode: str) -> dict[str, Any]:
    return {"title": str(notice), "notice": render_notice(notice, particulars=notice.particulars, issue=None)}


def site_plan_address(boundary: dict[str, Any] | None) -> str:
    """The red line as a data: address, or nothing where there is none."""
    if not boundary:
        return ""
    return "data:image/svg+xml;base64," + base64.b64encode(site_plan_svg(boundary).encode()).decode()


def logo_address(authority: LocalAuthority) -> str:
    """The council's logo as a data: address, so that an issued notice holds it. Empty where there is none."""
    if authority.logo is None:
        return ""
    try:
        with authority.logo.get_rendition(LOGO).file.open("rb") as file:
            return "data:image/png;base64," + base64.b64encode(file.read()).decode()
    except OSError:  # the picture was lost from the disk: a decision does not wait for a logo
        return ""


_BLOCK_END = re.compile(r"</(p|h1|h2|h3|li|tr|caption|div|dt|dd|td|th)>|<br\s*/?>", re.IGNORECASE)
_CELL_END = re.compile(r"</t[hd]>\s*(?=<t[hd])", re.IGNORECASE)


def lines_of(html: str) -> list[str]:
    """What a reader reads of a notice, a line for each paragraph, item or table row. For lint and comparison."""
    text = unescape(strip_tags(_BLOCK_END.sub("\n", _CELL_END.sub(": ", html))))
    return [line for raw in text.split("\n") if (line := " ".join(raw.split()))]
