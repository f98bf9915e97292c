"""Settings of the peer's project; `bench/django_ca.py` says what the environment holds.

Read by the peer's own processes only: one web process without Celery, so that what is asked is done before the
answer, and SQLite that is as durable as ours. A password is hashed by one round, as ours looks up an access
key by its hash: Django's usual number takes some third of a second for each request. Transactions begin as
ours do, for otherwise four clients at a time are told that the database is locked.
"""

import os
from pathlib import Path

import dns.resolver

FOLDER = Path(os.environ["BENCH_FOLDER"])
HOST = os.environ["BENCH_HOST"]

SECRET_KEY = "django-ca is measured here, and keeps nothing"
ALLOWED_HOSTS = [HOST.rpartition(":")[0]]
DEBUG = False
USE_TZ = True
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django_object_actions", "django_ca"]
PASSWORD_HASHERS = ["hashing.OneRound"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": FOLDER / "django-ca.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }
}
STORAGES = {
    "django-ca": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": FOLDER / "keys", "file_permissions_mode": 0o600},
    }
}
LOGGING = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"level": "ERROR", "handlers": ["console"]},
}

CA_DEFAULT_HOSTNAME = HOST
CA_DEFAULT_SIGNATURE_HASH_ALGORITHM = "SHA-256"
CA_ENABLE_ACME = True
CA_ENABLE_REST_API = True
CA_USE_CELERY = False
# Set, it answers what was signed before and heeds no nonce; unset, it signs each answer.
CA_OCSP_RESPONSE_CACHE_EXPIRES = 24 * 3600 if os.environ["BENCH_KEPT"] else None

if os.environ["BENCH_RESOLVER"]:
    _host, _, _port = os.environ["BENCH_RESOLVER"].rpartition(":")
    dns.resolver.default_resolver = dns.resolver.Resolver(configure=False)
    dns.resolver.default_resolver.nameservers = [_host]
    dns.resolver.default_resolver.port = int(_port)
