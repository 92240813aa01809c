"""Scan the files that came before there was a scanner. May be broken off and started again at any time."""

from django.core.management import BaseCommand, CommandError

from cases import clamd, scanning
from cases.models import Document


class Command(BaseCommand):
    help = "Scan the documents that were never scanned, one after the other; those found harmful are locked away."

    def handle(self, **options) -> None:
        if not scanning.is_configured():
            raise CommandError("There is no scanner: CLAMAV_ADDRESS is empty.")
        counts = {"clean": 0, "harmful": 0, "without": 0}
        unscanned = Document.objects.with_file().filter(scan_status=Document.ScanStatus.NOT_SCANNED).order_by("pk")
        # Each stays open until it is known to be harmful: the register is not closed for the time of the scan.
        for document in unscanned.iterator(chunk_size=200):
            counts[self._scan(document)] += 1
        if options["verbosity"]:
            self.stdout.write(
                f"{sum(counts.values())} files scanned: {counts['clean']} clean, {counts['harmful']} harmful, "
                f"{counts['without']} without a verdict."
            )

    def _scan(self, document: Document) -> str:
        try:
            verdict = scanning.verdict_on(document)
        except (clamd.NoVerdict, OSError) as error:
            if not scanning.is_there():
                raise CommandError(f"{error} Start again when it answers; what is scanned stays so.") from error
            self.stderr.write(f"Document {document.pk}: {error}")
            return "without"
        scanning.settle(document, verdict)
        return "clean" if verdict.is_clean else "harmful"
