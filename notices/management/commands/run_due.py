import logging

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from cases.jobs.database_away import is_away
from notices.due_work import JOBS

logger = logging.getLogger(__name__)
LOCK = 0x626F7073  # "bops": one run at a time in this database, whichever machine starts it


class Command(BaseCommand):
    help = (
        "Does what has fallen due: messages, lost tasks, documents, scheduled pages, tidying. Run it every 5 minutes."
    )

    def handle(self, *args, **options):
        if not self._lock("pg_try_advisory_lock"):
            self.stdout.write("Another run_due is at work; nothing done.")
            return
        try:
            failed = [words for words, job in JOBS if not self._do(words, job)]
        finally:
            self._lock("pg_advisory_unlock")
        if failed:
            raise CommandError(f"{len(failed)} of {len(JOBS)} jobs failed: {', '.join(failed)}.")

    def _do(self, words, job) -> bool:
        """One job that fails does not stop the others."""
        try:
            done = job()
        except Exception as error:
            if is_away(error):
                raise  # no other job would fare better; the next run does them all
            logger.exception("run_due: %s", words)
            self.stderr.write(f"FAILED: {words}")
            return False
        self.stdout.write(f"{'done' if done is None else done}: {words}")
        return True

    def _lock(self, function: str) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [LOCK])
            return cursor.fetchone()[0]
