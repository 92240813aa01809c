"""Have documents prepared again whose preparing was given up: a store was away for a day, a limit was raised."""

from django.core.management import BaseCommand

from cases.documents.preparing.task import prepare_again
from cases.models import Document


class Command(BaseCommand):
    help = "Give the documents whose preparing was given up to the workers once more."

    def handle(self, **options) -> None:
        given_up = Document.objects.with_file().filter(prepared_at=None, prepare_due_at=None, prepare_attempts__gt=0)
        number = 0
        for document in given_up.order_by("pk").iterator(chunk_size=200):
            prepare_again(document)
            number += 1
        if options["verbosity"]:
            self.stdout.write(f"{number} documents given to the workers.")
