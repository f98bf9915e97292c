"""What granian serves. Behind a trusted proxy, a request comes from whom the proxy saw."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanaper.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from hanaper.processes.status_apart import apart

application = apart(wrap_wsgi_with_proxy_headers(get_wsgi_application(), settings.TRUSTED_PROXIES))
