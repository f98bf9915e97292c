"""`hanaper.wsgi`, as the race asks for it."""

from hanaper.wsgi import application
from tests.races import guards

__all__ = ["application"]

guards.arm()
