"""Is it the database that is away (stopped, starting, out of reach), or is something wrong with what was asked?"""

import psycopg2
from django.db import DatabaseError, InterfaceError, OperationalError

SENTENCE = "The database cannot be reached just now. Try again in a minute."
ERRORS = (DatabaseError, InterfaceError)
# SQLSTATE: the server is being stopped, has crashed, is starting. Class 08 is a broken connection; and where nobody
# answers there is no state at all.
NOT_SERVING = ("57P01", "57P02", "57P03")


def is_away(error: BaseException | None) -> bool:
    """Whether this error, or one behind it, says that there is no database to ask."""
    while error is not None:
        if isinstance(error, InterfaceError) and "connection" in str(error):
            return True
        # A server that crashes in the middle of a question is an error of no particular class.
        if isinstance(error, OperationalError) or type(error.__cause__) is psycopg2.DatabaseError:
            state = getattr(error.__cause__, "pgcode", None)
            if state is None or state.startswith("08") or state in NOT_SERVING:
                return True
        error = error.__cause__ or error.__context__
    return False


def reason(error: BaseException | None) -> str:
    """What the server or its client said first; the rest repeats it for each address."""
    return str(error).partition("\n")[0]
