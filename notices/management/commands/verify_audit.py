from django.core.management.base import BaseCommand, CommandError

from accounts.models import LocalAuthority
from cases.models import PlanningApplication
from notices.audit import faults_of


class Command(BaseCommand):
    help = "Proves that the events of every case and every issued notice are as they were written. Exit 1 when not."

    def add_arguments(self, parser):
        parser.add_argument("--authority", metavar="CODE", help="Only this council's cases.")

    def handle(self, *args, authority, **options):
        applications = PlanningApplication.objects.select_related("authority").order_by("pk")
        if authority:
            council = LocalAuthority.objects.filter(code=authority.upper()).first()
            if council is None:
                raise CommandError(f"There is no council with the code {authority}.")
            applications = applications.of(council)
        looked_at = broken = 0
        for application in applications.iterator(chunk_size=500):
            faults = list(faults_of(application))
            looked_at += 1
            broken += bool(faults)
            for fault in faults:
                self.stderr.write(f"{application.authority.code} {application.reference}: {fault}")
        if broken:
            raise CommandError(f"{broken} of {looked_at} applications have records that were tampered with.")
        self.stdout.write(f"The records of {looked_at} applications are as they were written.")
