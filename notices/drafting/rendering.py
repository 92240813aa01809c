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

from .particulars import operative_words, with_facts
from .site_plan import site_plan_svg

LOGO = "max-480x160|format-png"
DAY_OF_ISSUE = "(the day of issue)"


@dataclass(frozen=True)
class Issue:
    """What the issue of a notice adds to it; of a draft, what is known of that beforehand.

    The date of a notice is the day of its decision, in every version of it: time to appeal (TCPA 1990 s.78; DMPO 2015
    art. 37) and time to begin (TCPA 1990 s.91) count from the decision. A correction decides nothing and begins no
    period anew: the slip rule under which a corrected decision counts from its correction (Planning and Compulsory
    Purchase Act 2004 ss.56 to 58) is the Secretary of State's, not a council's.
    """

    decided_on: date | None  # None: a draft, which is decided on the day of its issue
    version: int = 1
    corrected_on: date | None = None  # None: the first version, or the draft of a correction
    correction_reason: str = ""
    signatory_name: str = ""
    signatory_job_title: str = ""
    snapshot_sha256: str = ""
    verify_url: str = ""
    is_draft: bool = False

    @property
    def issued_on(self) -> date | None:
        """The day on which this version of it was issued."""
        return self.corrected_on or self.decided_on

    @property
    def days(self) -> dict[str, date | None]:
        return {"decided_on": self.decided_on, "corrected_on": self.corrected_on, "issued_on": self.issued_on}

    @property
    def is_correction(self) -> bool:
        return bool(self.correction_reason)

    @property
    def values(self) -> dict[str, str]:
        """The merge fields that only the issue fills in."""
        day = long_date(self.decided_on) or DAY_OF_ISSUE
        if self.is_draft:
            return {"decision_date": day}
        return {
            "decision_date": day,
            "signatory_name": self.signatory_name,
            "signatory_job_title": self.signatory_job_title,
        }


NOT_ISSUED = Issue(decided_on=None, is_draft=True)


def draft_of(notice: DecisionNotice) -> Issue:
    """What is known before its issue: of a correction the day of the decision, of any other notice nothing."""
    if not notice.is_correction:
        return NOT_ISSUED
    newest = notice.application.issued_notices.values_list("version", flat=True).first() or 0
    return Issue(
        decided_on=notice.application.decided_on,
        version=newest + 1,
        correction_reason=notice.correction_reason,
        is_draft=True,
    )


def render_notice(notice: DecisionNotice | NoticeTemplate, *, particulars: dict[str, Any], issue: Issue) -> str:
    """The notice as an HTML fragment, `<article class="notice">`; one that is not issued says that it is a draft."""
    values = {**particulars["values"], **issue.values}
    context = {
        "body": notice.body,
        "particulars": particulars,
        "values": values,
        "operative": operative_words(particulars),
        "facts": {**particulars["facts"], "decision_date": values["decision_date"]},
        "issue": issue,
        "appeals": {
            ground: {"right": right, "sentence": right.on_a_notice(issue.decided_on, is_correction=issue.is_correction)}
            for ground in ("refusal", "conditions", "part")
            if (right := appeal_right(particulars["appeal"], ground))
        },
        "site_plan": site_plan_address(particulars.get("boundary")),
        "logo": particulars.get("logo", ""),
    }
    return render_to_string("notices/notice.html", context)


def render_draft(notice: DecisionNotice) -> str:
    return render_notice(notice, particulars=notice.particulars, issue=draft_of(notice))


def preview_of(notice: DecisionNotice) -> str:
    """The draft as its paper will look, with the council's logo."""
    particulars = {**notice.particulars, "logo": logo_address(notice.application.authority)}
    return render_notice(notice, particulars=particulars, issue=draft_of(notice))


def preview_of_notice(notice: DecisionNotice, user: User, mode: str) -> dict[str, Any]:
    return {"title": str(notice), "notice": preview_of(with_facts(notice))}


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
