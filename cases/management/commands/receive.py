"""Take submissions in from files, the same way as over HTTP."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import LocalAuthority
from cases.intake.receiving import Refused, receive


class Command(BaseCommand):
    help = "Take in submissions (Open Digital Planning application payloads) from files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--authority", metavar="CODE", help="Otherwise metadata.organisation says whose it is.")

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        authority = _authority(options["authority"])
        refused = 0
        for file in files:
            try:
                body = file.read_bytes()
            except OSError as error:
                raise CommandError(f"{file} cannot be read: {error.strerror}") from error
            try:
                received = receive(
                    body, authority=authority, content_type="application/json", through="bin/manage receive"
                )
            except Refused as refusal:
                refused += 1
                self.stderr.write(f"{file.name}: refused. {refusal}")
                for fault in refusal.faults:
                    self.stderr.write(f"    {fault.path or '(the whole)'} {fault.reason}")
                continue
            note = "" if received.created else " (had arrived before)"
            self.stdout.write(f"{file.name}: {received.application.reference}{note}")
        if refused:
            raise CommandError(f"{refused} of {len(files)} refused; they are kept in the list of submissions.")


def _authority(code: str | None) -> LocalAuthority | None:
    if code is None:
        return None
    try:
        return LocalAuthority.objects.get(code=code.upper(), is_active=True)
    except LocalAuthority.DoesNotExist as error:
        raise CommandError(f"There is no authority {code}.") from error
