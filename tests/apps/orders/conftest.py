from tests.shop import *  # noqa: F403 - its fixtures
