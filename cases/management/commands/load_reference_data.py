"""bin/manage load_reference_data: application types, documents, constraints, limits, standard wordings, fees."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.reference_data.loading import ReferenceDataError, load_reference_data


class Command(BaseCommand):
    help = (
        "Brings the reference tables up to the files in cases/data. Rows that an administrator has changed are kept. "
        "Can be run again at any time."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tallies = load_reference_data()
        except ReferenceDataError as error:
            raise CommandError(f"Reference data was not loaded and nothing has changed.\n{error}") from error
        if options["verbosity"] > 0:
            for tally in tallies:
                self.stdout.write(str(tally))
