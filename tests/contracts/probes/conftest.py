from tests.fixtures_dns import *  # noqa: F403 - its fixtures
