from django.core.management.base import BaseCommand
from django.db import transaction

from notices.letters.templates import load_templates


class Command(BaseCommand):
    help = "Loads the shipped e-mail and letter templates; what an administrator has changed is left alone."

    @transaction.atomic
    def handle(self, *args, **options):
        done = load_templates()
        self.stdout.write("Letter templates: " + ", ".join(f"{number} {what}" for what, number in done.items()) + ".")
