"""Stop another system from calling us."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import ApiToken


class Command(BaseCommand):
    help = "Revoke an API token, named by the first characters that the admin shows."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--authority", required=True, metavar="CODE")
        parser.add_argument("prefix", help="The first characters of the token, for example bops_a1B2c.")

    def handle(self, *args: Any, **options: Any) -> None:
        tokens = ApiToken.objects.filter(
            authority__code=options["authority"].upper(), prefix=options["prefix"], revoked_at=None
        )
        match list(tokens):
            case [token]:
                token.revoked_at = timezone.now()
                token.save(update_fields=["revoked_at"])
                self.stdout.write(f"{token.name} can no longer be used.")
            case []:
                raise CommandError("There is no such token in use.")
            case _:
                raise CommandError("Several tokens begin like this.")
