"""What no log tells: the addresses by which applicants come to their requests, which open them for whoever reads them;
and the same long traceback for every request while the database is away."""

import logging
import re

from cases.jobs.database_away import is_away, reason

# As in cases.requests.links.TOKEN, which cannot be imported: logging is set up before there are applications.
TOKEN = re.compile(r"[0-9a-f]{32}\.[A-Za-z0-9_-]{43}", re.ASCII)


class HideLinks(logging.Filter):
    """Puts dots in the place of the token of an applicant's link, wherever in a line it stands: address or referrer."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            said = record.getMessage()
        except (TypeError, ValueError, KeyError):
            return True  # the handler says what is wrong with the line
        if TOKEN.search(said):
            record.msg, record.args = TOKEN.sub("…", said), ()
        return True


class ShortOutages(logging.Filter):
    """While the database is away, a line for each request with the reason, and not the way there."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and is_away(error := record.exc_info[1]):
            record.msg, record.args = f"{record.getMessage()}: {reason(error)}", ()
            record.exc_info = None
        return True
