"""The settings of a test run: the service's own, in a data folder of its own.

Each process that imports this (each worker of pytest-xdist) makes a folder and removes it at its end, so that
no test can meet another's secrets or a developer's database. `DATABASE_URL=postgres://... pytest` runs the
same suite on PostgreSQL.
"""

import atexit
import os
import shutil
import tempfile

FOLDER = tempfile.mkdtemp(prefix="hanaper-tests-")
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
os.environ["HANAPER_DATA"] = FOLDER
os.environ["XDG_CONFIG_HOME"] = FOLDER + "/config"
os.environ.setdefault("HANAPER_MODE", "sandbox")
os.environ.setdefault("HANAPER_LOG_LEVEL", "WARNING")
for name in ("HANAPER_KEY", "HANAPER_SERVER"):
    os.environ.pop(name, None)

from hanaper.settings import *  # noqa: F403

# Quick; what is kept of a password is tested by Django.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
