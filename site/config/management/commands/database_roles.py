from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, connection, transaction

from config.database_roles import Refused, apply, sql_of


class Command(BaseCommand):
    help = (
        "Prints what the runtime role of the database (DATABASE_RUNTIME_ROLE) is given and denied, as SQL; with "
        "--apply does it, and says what that role may not do. Run it as the owner of the tables after each migrate."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="Run the SQL, in one transaction, and check it.")
        parser.add_argument("--create", action="store_true", help="Make the role where there is none (no password).")

    def handle(self, *args: Any, create: bool, **options: Any) -> None:
        role = settings.DATABASE_RUNTIME_ROLE
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                if options["apply"]:
                    lines = apply(cursor, role, create=create)
                else:
                    lines = [f"{statement};" for statement in sql_of(cursor, role, create=create)]
        except (Refused, Error) as refusal:
            raise CommandError(str(refusal).strip()) from refusal
        self.stdout.write("\n".join(lines))
