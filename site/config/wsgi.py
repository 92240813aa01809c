"""What a web server such as gunicorn runs: config.wsgi:application, with site/ and the repository on PYTHONPATH."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Nobody waits longer for a page. Imports, migrations and the worker, which do not come this way, may take their time.
os.environ.setdefault("DATABASE_STATEMENT_SECONDS", "30")

application = get_wsgi_application()
