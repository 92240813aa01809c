"""What `bin/manage check` says of the virus scanner's settings; with `--deploy` also whether it answers."""

from django.conf import settings
from django.core import checks

from . import clamd

ANSWER_SECONDS = 5


def scanner_address(app_configs, **kwargs) -> list[checks.CheckMessage]:
    if not settings.CLAMAV_ADDRESS:
        return []
    try:
        clamd.parsed(settings.CLAMAV_ADDRESS)
    except ValueError as error:
        return [checks.Error(f"CLAMAV_ADDRESS: {error}", id="cases.E001")]
    return []


def scanner_answers(app_configs, **kwargs) -> list[checks.CheckMessage]:
    if not settings.CLAMAV_ADDRESS:
        words = "CLAMAV_ADDRESS is empty: files that the public sends are not scanned for viruses."
        return [checks.Warning(words, id="cases.W001")]
    try:
        clamd.ping(address=settings.CLAMAV_ADDRESS, seconds=ANSWER_SECONDS)
    except clamd.NoVerdict as error:
        return [checks.Warning(f"{error} Until it answers every new file stays closed.", id="cases.W002")]
    return []


def register() -> None:
    checks.register(scanner_address)
    checks.register(scanner_answers, deploy=True)
