"""Settings for pytest and mypy, started by hand or by bin/test: config.settings as the test environment sees them.

pytest-django reads the settings before any conftest.py can speak, so the environment is set here.
"""

import os

os.environ["BOPS_ENV"] = "test"
# Playwright keeps an event loop running in the thread of the tests, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
if not os.environ.get("DATABASE_URL"):
    from config.local_postgres import database_url  # only where no other server was named

    os.environ["DATABASE_URL"] = database_url(for_tests=True)

from config.settings import *  # noqa: F403

# A thread of the live server keeps a browser's line open, and would keep its connection to a database that is about to
# be dropped.
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405

# A machine under load opens a file late: tests are not to depend on it.
OPENING_SECONDS = 60.0

# WhiteNoise looks for a file when it is asked for, not for all of them whenever a test makes a client.
WHITENOISE_AUTOREFRESH = True
