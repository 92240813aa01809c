#!/usr/bin/env python
"""Django's command line. `site/` is a source root, so it goes on the path first (it is never a package)."""

import os
import sys
from pathlib import Path


def main() -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parent / "site"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line  # after the path and the settings are set

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
