"""What no log may tell: the addresses by which applicants come to their requests open them for whoever reads them."""

import logging
import re

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
