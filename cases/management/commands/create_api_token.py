"""Let another system call us."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import ApiToken, LocalAuthority


class Command(BaseCommand):
    help = "Make a bearer token for another system. It is shown once; only its hash is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--authority", required=True, metavar="CODE")
        parser.add_argument("--name", required=True, help="Which system will use it.")
        parser.add_argument(
            "--scope",
            action="append",
            choices=ApiToken.Scope.values,
            help="What it may do; may be given several times. Without it: submit.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        authority = LocalAuthority.objects.filter(code=options["authority"].upper(), is_active=True).first()
        if authority is None:
            raise CommandError(f"There is no authority {options['authority']}.")
        if len(options["name"]) > 80:
            raise CommandError("The name may have 80 characters at most.")
        token, secret = ApiToken.create(
            authority=authority, name=options["name"], scopes=options["scope"] or [ApiToken.Scope.SUBMIT.value]
        )
        self.stderr.write(
            f"{token.name} for {authority}, may {', '.join(token.scopes)}. Keep it: it is not shown again."
        )
        self.stdout.write(secret)
