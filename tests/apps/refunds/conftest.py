"""Orders paid by balance, and the money followed to where it ends."""

from tests.apps.certificates.conftest import *  # noqa: F403 - certificates in every state
