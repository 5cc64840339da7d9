"""The door for the web server."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connections

from config.checks import refuse_demonstration_accounts

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demonstration")
application = get_wsgi_application()
refuse_demonstration_accounts()
# The server forks now; an open connection must not be shared between its processes.
connections.close_all()
