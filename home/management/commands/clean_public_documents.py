"""Makes clean copies of what was public before there were any. docs/deploy.md says when to run it."""

from typing import Any

from django.core.management.base import BaseCommand

from cases.documents.clean_copies import making
from cases.models import Document
from cases.statuses import PublicStatus
from home.editors_files import NotClean, clean_again, files_of_editors


class Command(BaseCommand):
    help = (
        "Makes the copies that the public gets, without author, position and names of files, of every document that "
        "was published before; and cleans the files of web editors. Broken off, it goes on where it was; run again, it "
        "does nothing. What cannot be copied is withheld from the register and listed. Exits with 1 while files wait."
    )

    def handle(self, **options: Any) -> None:
        waiting = self._documents() + self._editors_files()
        if waiting:
            self.stderr.write(f"{waiting} could not be read or written just now. Run this once more.")
            raise SystemExit(1)

    def _documents(self) -> int:
        made = withheld = waiting = last = 0
        while (row := making.missing().filter(pk__gt=last).order_by("pk").first()) is not None:
            last = row.pk
            making.CLEANING.run(last)
            after = Document.objects.select_related("application").get(pk=last)
            if after.clean_file:
                made += 1
            elif after.public_status == PublicStatus.WITHHOLD:
                withheld += 1
                self.stdout.write(f"Withheld: {after.application.reference}, “{after.title}”. {after.withheld_because}")
            else:
                waiting += 1
            if (seen := made + withheld + waiting) % 500 == 0:
                self.stdout.write(f"{seen} documents so far.")
        if made or withheld:
            self.stdout.write(f"Documents of cases: {_copies(made)} made, {withheld} withheld.")
        elif not waiting:
            self.stdout.write("Documents of cases: nothing is left to do.")
        return waiting

    def _editors_files(self) -> int:
        cleaned = waiting = 0
        for file in files_of_editors():
            try:
                cleaned += clean_again(file)
            except NotClean as error:
                self.stdout.write(f"Left as it is: {file.name}. {' '.join(error.messages)} Delete it, or send it anew.")
            except OSError:
                waiting += 1
        self.stdout.write(f"Files of web editors: {cleaned} cleaned.")
        return waiting


def _copies(number: int) -> str:
    return f"{number} {'copy' if number == 1 else 'copies'}"
