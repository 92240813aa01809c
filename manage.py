#!/usr/bin/env python
"""Django's command line. `site/` is a source root, so it goes on the path first (it is never a package)."""

import os
import sys
from pathlib import Path


def main() -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parent / "site"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured  # after the path and the settings are set
    from django.core.management import execute_from_command_line

    from cases.jobs.database_away import ERRORS, is_away, reason

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        sys.exit(f"BoPS does not start: {problem}")
    except ERRORS as problem:
        if not is_away(problem):
            raise
        sys.exit(f"The database cannot be reached; run this again when it can. {reason(problem)}")


if __name__ == "__main__":
    main()
