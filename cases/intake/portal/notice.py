"""The notice: which application waits, and where its ZIP lies. It is not the application."""

from dataclasses import dataclass
from datetime import datetime

from cases.intake.payload import Findings, Part
from cases.intake.reading import read_json

SUBMITTED = "submitted"
MOST_VERSIONS = 100_000


@dataclass(frozen=True)
class Notice:
    application_ref: str
    version: int
    package_url: str
    expires_at: datetime | None


def read_notice(body: bytes) -> Notice:
    """Raises NotReadable, or CannotBecomeACase with every reason that was found."""
    findings = Findings()
    root = Part(read_json(body), "", findings)
    reference = root["applicationRef"].text(40, needed=True)
    state = root["applicationState"].text(40)
    if state and state.lower() != SUBMITTED:
        findings.stop("/applicationState", "is not that of an application that was submitted")
    packages = [link for part in root["documentLinks"].items() if (link := _package(part.object()))]
    if not packages:
        findings.stop("/documentLinks", "names no ZIP of the application")
    version = root["applicationVersion"].number() if root["applicationVersion"].is_there else None
    if version is not None and version > MOST_VERSIONS:
        findings.stop("/applicationVersion", "is no number of a version")
    findings.raise_if_stopped()
    url, expires_at = packages[0]
    return Notice(reference, max(1, int(version or 1)), url, expires_at)


def _package(link: Part) -> tuple[str, datetime | None] | None:
    url = link["documentLink"].text(2_000)
    name = link["documentName"].text(300)
    if not url.startswith("https://") and not url.startswith("http://"):
        return None
    return (url, link["expiryDateTime"].instant()) if name.lower().endswith(".zip") or not name else None
