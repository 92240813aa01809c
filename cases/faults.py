"""What is wrong with something that was sent to us."""

from typing import NamedTuple


class Fault(NamedTuple):
    """Something wrong with a submission: where, and why. Never the value, which may be personal."""

    path: str
    reason: str

    def as_dict(self) -> dict[str, str]:
        return {"path": self.path, "reason": self.reason}
