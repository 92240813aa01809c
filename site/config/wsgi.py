"""What a web server such as gunicorn runs: config.wsgi:application, with site/ and the repository on PYTHONPATH."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
