from django.core.management.base import BaseCommand, CommandError

from accounts.models import LocalAuthority
from cases.models import PlanningApplication
from notices.issuing.audit import Batch, batches

TOLD_EVERY = 10_000  # applications


class Command(BaseCommand):
    help = "Proves that the events of every case and every issued notice are as they were written. Exit 1 when not."

    def add_arguments(self, parser):
        parser.add_argument("--authority", metavar="CODE", help="Only this council's cases.")
        parser.add_argument(
            "--after",
            type=int,
            default=0,
            metavar="KEY",
            help="Go on after this key: the last one that a run which was broken off had told of.",
        )

    def handle(self, *args, authority, after, verbosity, **options):
        applications = PlanningApplication.objects.filter(pk__gt=after)
        if authority:
            council = LocalAuthority.objects.filter(code=authority.upper()).first()
            if council is None:
                raise CommandError(f"There is no council with the code {authority}.")
            applications = applications.of(council)
        all_of_them = applications.count() if verbosity else 0
        looked_at = broken = told = 0
        for batch in batches(applications, after=after):
            looked_at += len(batch.applications)
            broken += len(batch.faults)
            self._name(batch)
            if verbosity and looked_at - told >= TOLD_EVERY:
                told = looked_at
                self.stdout.write(
                    f"{looked_at:,} of {all_of_them:,} looked at. To go on from here: --after {batch.last}"
                )
        if broken:
            raise CommandError(f"{broken} of {looked_at} applications have records that were tampered with.")
        if verbosity:
            self.stdout.write(f"The records of {looked_at} applications are as they were written.")

    def _name(self, batch: Batch) -> None:
        for application in batch.applications:
            for fault in batch.faults.get(application.pk, ()):
                self.stderr.write(f"{application.authority.code} {application.reference}: {fault}")
