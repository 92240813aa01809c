from django.core.management.base import BaseCommand

from notices.drafting.templates import load_notice_templates


class Command(BaseCommand):
    help = "Loads the notice templates that come with BoPS. Run it after each upgrade; your own changes stay."

    def handle(self, *args, **options):
        self.stdout.write(f"Notice templates: {load_notice_templates()}.")
