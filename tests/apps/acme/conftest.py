from tests.apps.private_ca.conftest import *  # noqa: F403 - its fixtures
