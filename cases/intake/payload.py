"""Reading a payload that others have made: every part knows where it stands and notes what is wrong with it.

Three rules. What is missing is noted only where it is needed. What is of a form that we can still understand (a number
where text should be, a date that is none) is noted and read as well as it can be. What is of a wrong kind altogether
stops the submission: nobody knows what was meant.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from cases.faults import Fault
from cases.wording.figures import exactly

from .incoming import CannotBecomeACase
from .reading import shown

MISSING: Any = object()
TOO_LONG = 2_000  # characters: what is a little long is cut, what is longer than this was never such a thing
MAX_ITEMS = 10_000
MAX_MONEY = Decimal(10**8)
MAX_FAULTS = 200
# What senders write where they know nothing.
NOT_SAID = frozenset({"not provided", "not provided by agent", "ward not found", "unknown", "n/a", "none"})


@dataclass
class Findings:
    """What was found wrong: `noted` leaves a case possible, `stopping` does not."""

    noted: list[Fault] = field(default_factory=list)
    stopping: list[Fault] = field(default_factory=list)

    def note(self, path: str, reason: str) -> None:
        if len(self.noted) < MAX_FAULTS:
            self.noted.append(Fault(path, reason))

    def stop(self, path: str, reason: str) -> None:
        if len(self.stopping) < MAX_FAULTS:
            self.stopping.append(Fault(path, reason))

    def cut(self, path: str, text: str, limit: int) -> str:
        """What of a text can be kept; that it was cut is noted."""
        if len(text) <= limit:
            return text
        self.note(path, f"was cut to {limit:,} characters")
        return text[:limit].rstrip()

    def raise_if_stopped(self) -> None:
        if self.stopping:
            raise CannotBecomeACase("The submission cannot become an application.", [*self.stopping, *self.noted])


@dataclass(frozen=True)
class Part:
    """One value of the payload. Looking for a member of what is not there gives a part that is not there either."""

    value: Any
    path: str
    findings: Findings

    def __getitem__(self, key: str) -> "Part":
        path = f"{self.path}/{shown(key)}"
        if not isinstance(self.value, dict):
            # That the whole is missing has been found; its members would only say so again.
            return Part(MISSING, path, Findings())
        return Part(self.value.get(key, MISSING), path, self.findings)

    @property
    def is_there(self) -> bool:
        return self.value is not MISSING and self.value is not None

    def _present(self, needed: bool) -> bool:
        if self.is_there:
            return True
        if needed:
            self.findings.stop(self.path, "is missing")
        elif self.value is None:
            self.findings.note(self.path, "is null")
        return False

    def object(self, *, needed: bool = False) -> "Part":
        """This part, when it is an object; otherwise a part that is not there."""
        if not self._present(needed):
            return Part(MISSING, self.path, self.findings)
        if not isinstance(self.value, dict):
            self.findings.stop(self.path, "is not an object")
            return Part(MISSING, self.path, self.findings)
        return self

    def items(self) -> Iterator["Part"]:
        """The items of a list. Nothing when there is no list."""
        if not self._present(False):
            return
        if not isinstance(self.value, list):
            self.findings.stop(self.path, "is not a list")
            return
        if len(self.value) > MAX_ITEMS:
            self.findings.stop(self.path, f"has more than {MAX_ITEMS:,} items")
            return
        for index, item in enumerate(self.value):
            yield Part(item, f"{self.path}/{index}", self.findings)

    def text(self, limit: int | None = None, *, needed: bool = False) -> str:
        """Trimmed text. `limit` is the number of characters that we can keep."""
        if not self._present(needed):
            return ""
        value = self.value
        if isinstance(value, int) and not isinstance(value, bool):
            self.findings.note(self.path, "is a number where text should be")
            value = str(value)
        if not isinstance(value, str):
            self.findings.stop(self.path, "is not text")
            return ""
        value = value.strip()
        if needed and not value:
            self.findings.stop(self.path, "is empty")
        if limit is not None and len(value) > limit:
            if len(value) > max(TOO_LONG, limit):
                self.findings.stop(self.path, f"is longer than {limit:,} characters")
                return ""
            value = self.findings.cut(self.path, value, limit)
        return value

    def said(self, limit: int) -> str:
        """Text, unless it only says that nothing is known."""
        text = self.text(limit)
        return "" if text.lower() in NOT_SAID else text

    def number(self) -> Decimal | None:
        if not self._present(False):
            return None
        value = self.value
        if isinstance(value, str):
            self.findings.note(self.path, "is text where a number should be")
            try:
                return _finite(Decimal(value.strip()))
            except (InvalidOperation, ValueError):
                self.findings.stop(self.path, "is not a number")
                return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.findings.stop(self.path, "is not a number")
            return None
        return Decimal(str(value))

    def money(self) -> Decimal | None:
        """Pounds, to the penny."""
        amount = self.number()
        if amount is None:
            return None
        if not 0 <= amount < MAX_MONEY:
            self.findings.stop(self.path, "is not an amount that anybody could pay")
            return None
        pounds = amount.quantize(Decimal("0.01"))
        if pounds != amount:
            self.findings.note(self.path, f"has more than pence: {exactly(amount)} was rounded")
        return pounds

    def flag(self) -> bool | None:
        if not self._present(False):
            return None
        if not isinstance(self.value, bool):
            self.findings.stop(self.path, "is neither true nor false")
            return None
        return self.value

    def day(self) -> date | None:
        """A calendar date; of an instant, its date as written."""
        text = self.text(60)
        if not text:
            return None
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            self.findings.note(self.path, "is not a date")
            return None

    def instant(self) -> datetime | None:
        """A moment with its time zone (UTC where none is written)."""
        text = self.text(60).upper()
        if not text:
            return None
        try:
            # RFC 3339 allows the leap second, which Python does not.
            moment = datetime.fromisoformat(text.replace(":60", ":59"))
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self.findings.note(self.path, "is not a date and time")
            return None

    def raw(self) -> dict[str, Any]:
        """An object kept as it came."""
        part = self.object()
        return dict(part.value) if part.is_there else {}


def _finite(number: Decimal) -> Decimal:
    if not number.is_finite() or abs(number) > Decimal(10**12):
        raise ValueError("not finite")
    return number
