"""Production: every setting that protects is on, and what is unsafe stops the start."""

import os

from config.checks import refuse_unsafe_settings

from .base import *
from .base import SECRET_KEY

PRODUCTION = True
ALLOWED_HOSTS = [host.strip() for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host.strip()]
DEBUG = os.environ.get("DEBUG", "").lower() in {"1", "true", "yes", "on"}

SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
# Entering a domain in the browsers' preload list is its owner's decision, and hard to take back.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

refuse_unsafe_settings(secret_key=SECRET_KEY, debug=DEBUG, allowed_hosts=ALLOWED_HOSTS)
