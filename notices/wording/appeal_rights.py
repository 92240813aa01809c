"""Rights of appeal as a notice or a letter must tell them: the act, the limit, the last day. Read from the type."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.law.deadlines import appeal_deadline

from .merge import long_date

# DMPO 2015 art. 37 counts from the date of the notice. These count from its receipt: TCPA s.78 as modified by the
# Advertisements Regulations 2007 (SI 2007/783) Sch. 4; Tree Preservation Regulations 2012 reg. 19(2); Hedgerows
# Regulations 1997 reg. 9(2). A last day cannot be printed for them.
_FROM_RECEIPT = ("Advertisement", "Tree Preservation", "Hedgerows")
_UNITS = ("days", "weeks", "months")


@dataclass(frozen=True)
class AppealRight:
    """One right of appeal. `limit` is {"weeks": 12} and the like; empty: an appeal can be made at any time."""

    basis: str
    limit: dict[str, int]
    from_receipt: bool
    form_url: str = ""

    @property
    def limit_words(self) -> str:
        """12 weeks · 6 months · at any time"""
        if not self.limit:
            return "at any time"
        unit, number = next(iter(self.limit.items()))
        return f"{number} {unit}"

    def last_day(self, decided_on: date | None) -> date | None:
        if decided_on is None or self.from_receipt or not self.limit:
            return None
        return appeal_deadline(decided_on, **self.limit)

    def on_a_notice(self, decided_on: date | None, *, is_correction: bool = False) -> str:
        """What the notice says of it; `decided_on` None is a draft, which cannot name the last day."""
        opening = f"You can appeal to the Secretary of State under the {self.basis}."
        if not self.limit:
            return f"{opening} There is no time limit for this appeal."
        return f"{opening} {self.within(decided_on, 'this notice', is_correction=is_correction)}"

    def within(self, decided_on: date | None, notice: str, *, is_correction: bool = False) -> str:
        """By when, as a sentence. Where the receipt of the notice counts, that of a corrected one does not."""
        start = f"the date of {notice}"
        if self.from_receipt:
            start = f"the day on which you receive {notice}"
            if is_correction:
                start = f"the day on which you received the first notice, of {long_date(decided_on)}"
        last_day = self.last_day(decided_on)
        until = f", that is by {long_date(last_day)}" if last_day else ""
        return f"The appeal must be made within {self.limit_words} of {start}{until}."


def appeal_right(appeal: dict[str, Any], ground: str) -> AppealRight | None:
    """The right of appeal of a type of application: `appeal` as in application_types.yaml.

    `ground` is refusal, conditions or part (what was not granted of a mixed decision; as a refusal). None where the
    law gives no appeal on this ground.
    """
    if not appeal.get("basis"):
        return None
    prefix = "conditions" if ground == "conditions" else "refusal"
    limit = {unit: appeal[f"{prefix}_{unit}"] for unit in _UNITS if appeal.get(f"{prefix}_{unit}")}
    if not limit and not appeal.get("no_limit"):
        return None
    return AppealRight(
        basis=appeal["basis"],
        limit=limit,
        from_receipt=any(word in appeal["basis"] for word in _FROM_RECEIPT),
        form_url=appeal.get("form_url", ""),
    )
