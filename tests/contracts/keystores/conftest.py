from tests.fixtures_authority import *  # noqa: F403 - its fixtures
