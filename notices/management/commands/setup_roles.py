from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.roles import setup_groups
from accounts.websites import make_collections
from notices.signoff.submitting import setup_workflow


class Command(BaseCommand):
    help = "Makes the five groups with their permissions and the sign-off workflow. Run it after each upgrade."

    @transaction.atomic
    def handle(self, *args, **options):
        groups = setup_groups()
        workflow = setup_workflow()
        make_collections()
        self.stdout.write(f"{len(groups)} groups and the workflow “{workflow}” are as they should be.")
