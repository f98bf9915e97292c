from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.journeys.driving import Service, Window, browsing, chromium, running


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder: Path = tmp_path_factory.mktemp("journeys") / "data"
    with running(folder) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ended with the file: while it lives its event loop runs in this thread, and Django refuses tables there."""
    if chromium() is None:
        pytest.skip("no chromium here: as root, apt-get install chromium (`make test` does it itself)")
    with browsing() as found:
        yield found


@pytest.fixture
def window(browser: Browser, service: Service) -> Iterator[Callable[..., Window]]:
    """Open a browser window of somebody; at the end nothing may have gone wrong in any of them."""
    opened = []

    def make(**settings: Any) -> Window:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings})
        opened.append(Window(context.new_page(), service))
        return opened[-1]

    yield make
    for one in opened:
        one.is_at_ease()
        one.page.context.close()


@pytest.fixture
def customer(window: Callable[..., Window]) -> Window:
    """Somebody new, signed up just now."""
    return window().sign_up()


@pytest.fixture
def reviewer(window: Callable[..., Window]) -> Window:
    return window().sign_in_as("reviewer")
