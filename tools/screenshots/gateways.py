"""Gateway instances in every state: waiting for DNS, served and visited, with a quota almost used up."""

from contextlib import suppress

from tests.journeys.driving import Window, issue
from tests.journeys.sites import add_domain, first_visit, gateway_of, point, visit
from tools.screenshots.buying import Buyer

SINGLE, MONTH = "hanaper-dv-single-1y", "https-gateway-1m"
SERVED, WAITING = "www.visited.test", "a-rather-long-name-of-a-host.that-waits.visited.test"
VISITS = 40


def fill(buyer: Buyer, window: Window, port: int) -> list[str]:
    """`window` is the customer's, with a contact; `port`: of an origin. The pages of what was made."""
    for domain in (SERVED, WAITING):
        issue(window, buyer.buy(SINGLE), domain)
    empty, waiting, served = (gateway_of(window, buyer.buy(MONTH)) for _ in range(3))
    add_domain(window, waiting, WAITING, port)
    add_domain(window, served, SERVED, port)
    point(window, SERVED)
    first_visit(window.service, SERVED)
    for number in range(VISITS):
        with suppress(OSError):
            visit(window.service, SERVED, f"/static/{number % 4}.js")
    window.open(f"gateways/{served}/access-log/").press("Bring the newest lines")
    return [
        f"gateways/{empty}/", f"gateways/{empty}/domain/", f"gateways/{empty}/domain/?domain={SERVED}",
        f"gateways/{empty}/domain/?domain=www.not-mine.test", f"gateways/{waiting}/", f"gateways/{served}/",
        f"gateways/{served}/behaviour/", f"gateways/{served}/statistics/", f"gateways/{served}/access-log/",
        f"gateways/{served}/reset/",
    ]  # fmt: skip
