"""`make test`: everything real but the clock, the mail server and the outside."""

import os
from pathlib import Path

import dj_database_url

from config import services

from .base import *

SECRET_KEY = "only-for-the-test-suite"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
DEMONSTRATION = os.environ.get("COUNTERSIGN_TEST_DEMONSTRATION") == "1"

# Named servers, or those that tests/conftest.py starts at this place and names for the processes it starts.
TEST_PLACE = services.Place(
    var=Path(f"/tmp/countersign-test-{os.getpid()}/var"),
    sockets=Path(f"/tmp/countersign-test-{os.getpid()}/doors"),
)
ADDRESSES = services.get_named() or TEST_PLACE.addresses
DATABASES = {"default": dj_database_url.parse(ADDRESSES.database_url)}
# Each test process has a broker database of its own, as it has a database of its own.
REDIS_URL = services.get_numbered(ADDRESSES.redis_url, int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]))
CELERY_BROKER_URL = services.get_broker_url(REDIS_URL)
CELERY_TASK_ALWAYS_EAGER = False

EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Static files come from where they are written, so that nothing needs to be collected first.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
# The strong hasher stays the product's; here it only costs less, so that no test waits for a sign-in.
PASSWORD_HASHERS = ["accounts.hashers.QuickArgon2PasswordHasher"]
