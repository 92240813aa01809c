"""Scan the files that came before there was a scanner, or all with new signatures. May be broken off at any time."""

from collections.abc import Iterator
from datetime import datetime

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db.models import F, Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from cases.documents import scanning
from cases.files import clamd
from cases.models import Document


class Command(BaseCommand):
    help = (
        "Scan the documents that were never scanned, one after the other; with --again all of them, also those found "
        "harmful before. What is harmful is locked away and taken off the register, a false alarm is opened."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", action="store_true", help="all that were not scanned since this began")
        parser.add_argument(
            "--not-since", metavar="TIME", help="with --again: all not scanned since then, as 2026-11-22T18:30"
        )

    def handle(self, *, again: bool, not_since: str | None, **options) -> None:
        if not scanning.is_configured():
            raise CommandError("There is no scanner: CLAMAV_ADDRESS is empty.")
        if not_since and not again:
            raise CommandError("--not-since goes with --again.")
        began = _time(not_since) if not_since else timezone.now()
        # With its distance from UTC: an hour of the night in which summer time ends is there twice.
        goes_on = f"--again --not-since {timezone.localtime(began).isoformat(timespec='seconds')}" if again else ""
        counts = {"clean": 0, "harmful": 0, "without": 0}
        # Each stays open until it is known to be harmful: the register is not closed for the time of the scan.
        try:
            for document in _scanned_again(began) if again else _never_scanned():
                counts[self._scan(document, goes_on)] += 1
        except KeyboardInterrupt as error:
            raise CommandError(f"Broken off. {_how(goes_on)}; what is scanned stays so.") from error
        if options["verbosity"]:
            self.stdout.write(
                f"{sum(counts.values())} files scanned: {counts['clean']} clean, {counts['harmful']} harmful, "
                f"{counts['without']} without a verdict."
            )

    def _scan(self, document: Document, goes_on: str) -> str:
        try:
            verdict = scanning.verdict_on(document)
        except (clamd.NoVerdict, OSError) as error:
            if not scanning.is_there():
                raise CommandError(f"{error} {_how(goes_on)} when it answers; what is scanned stays so.") from error
            self.stderr.write(f"Document {document.pk}: {error}")
            return "without"
        scanning.settle(document, verdict)
        return "clean" if verdict.is_clean else "harmful"


def _how(goes_on: str) -> str:
    return f"Start again with {goes_on}" if goes_on else "Start again"


def _never_scanned() -> Iterator[Document]:
    unscanned = Document.objects.with_file().filter(scan_status=Document.ScanStatus.NOT_SCANNED)
    return unscanned.order_by("pk").iterator(chunk_size=200)


def _scanned_again(began: datetime) -> Iterator[Document]:
    """Those with an old verdict or none, the oldest first; what waits for its first scan is left to the worker."""
    old = Document.objects.with_file().exclude(scan_status=Document.ScanStatus.WAITING)
    old = old.filter(Q(scanned_at=None) | Q(scanned_at__lt=began))
    return old.order_by(F("scanned_at").asc(nulls_first=True), "pk").iterator(chunk_size=200)


def _time(text: str) -> datetime:
    try:
        time = parse_datetime(text)
    except ValueError:
        time = None
    if time is None:
        raise CommandError("--not-since wants a day and a time, as 2026-11-22T18:30.")
    return time if timezone.is_aware(time) else timezone.make_aware(time)
