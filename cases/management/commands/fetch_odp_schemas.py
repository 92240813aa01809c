"""Install the published schemas that submissions are held against."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.intake.published_schemas import PUBLISHED_AT, VERSIONS, SchemaNotFetched, fetch_schemas


class Command(BaseCommand):
    help = "Fetch the JSON Schemas of Open Digital Planning into ODP_SCHEMA_DIR."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("versions", nargs="*", metavar="VERSION", help=f"Without any: {', '.join(VERSIONS)}.")
        parser.add_argument("--published-at", default=PUBLISHED_AT, metavar="ADDRESS")
        parser.add_argument("--pause", type=float, default=2, metavar="SECONDS", help="Before another attempt.")

    def handle(self, *args: Any, **options: Any) -> None:
        versions = options["versions"] or list(VERSIONS)
        for version in versions:
            if not re.fullmatch(r"v\d{1,3}\.\d{1,3}\.\d{1,3}", version):
                raise CommandError(f"{version} is not a version such as v0.7.7.")
        fetched = fetch_schemas(
            versions,
            into=Path(settings.ODP_SCHEMA_DIR),
            published_at=options["published_at"],
            pause_seconds=options["pause"],
        )
        try:
            for schema in fetched:
                state = "new" if schema.changed else "unchanged"
                self.stdout.write(f"{schema.file.parent.name}/{schema.file.name} {schema.sha256[:12]} {state}")
        except SchemaNotFetched as error:
            raise CommandError(str(error)) from error
