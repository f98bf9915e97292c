"""Django's own commands, for developers: `python manage.py makemigrations`. Operators use `hanaper`."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanaper.settings")
execute_from_command_line(sys.argv)
