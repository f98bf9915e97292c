from tests.fixtures_authority import *  # noqa: F403 - its fixtures
from tests.fixtures_token import *  # noqa: F403
