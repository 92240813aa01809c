"""What `bin/manage check` says of the outbox's settings, before anything runs."""

from django.conf import settings
from django.core import checks

from . import notify


def notify_keys(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """No key is allowed: messages are then held. A key of the wrong kind is not."""
    keys = {"NOTIFY_API_KEY": settings.NOTIFY_API_KEY}
    keys |= {f"NOTIFY_API_KEY_{code}": key for code, key in settings.NOTIFY_API_KEYS.items()}
    return [
        checks.Error(f"{name}: {words}", id="notices.E001")
        for name, key in keys.items()
        if key and (words := notify.why_not(key))
    ]


def register() -> None:
    checks.register(notify_keys)
