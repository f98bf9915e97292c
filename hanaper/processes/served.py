"""What a worker of the web process loads: the application, ready by the time that the tables are.

The supervisor starts the web process while the tables are still being made, and closes a pipe once they are
there; whoever comes meanwhile waits.
"""

import os

from hanaper.processes.supervisor import GO_ON
from hanaper.wsgi import application  # sets Django up, so before what has tables

# isort: split
from django.template.loader import get_template
from django.urls import resolve

from hanaper.apps.clock.services import refuse_other_mode

__all__ = ["application"]

# Every address and the first page's templates are loaded now, while there is nothing to do but wait.
resolve("/accounts/login/")
get_template("account/login.html")

if gate := os.environ.get(GO_ON):
    os.read(int(gate), 1)
refuse_other_mode()
