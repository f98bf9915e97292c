"""An administrator writes a policy, tries it on the order book, and publishes it; a customer reads it."""

from collections.abc import Callable

import pytest

from tests.journeys.driving import Window, buy, draft_policy

pytestmark = pytest.mark.process
SINGLE = "hanaper-dv-single-1y"


def test_a_policy_from_the_first_draft_to_the_first_order(
    window: Callable[..., Window], customer: Window
) -> None:
    order = buy(customer, SINGLE)
    administrator = window().sign_in_as("administrator")
    administrator.open("policies/").has_no_barriers()
    administrator.follow("Write a draft")
    administrator.write("The text (TOML)", "name = 1").press("Save").sees("This is no refund policy")
    administrator.has_no_barriers()
    draft_policy(administrator, "two-weeks", days=14)
    administrator.sees("The refund window has 14 days instead of 7.").sees("It was not tried yet.")
    administrator.has_no_barriers()
    administrator.write("Days after payment", "10").press("Try it on every order")
    # By itself, and without touching the page.
    administrator.sees("Gains a refund", seconds=30).has_no_barriers()
    administrator.page.locator("h1", has_text="Done").wait_for()
    administrator.page.reload()
    administrator.page.get_by_label("Change", exact=True).select_option("gains")
    administrator.press("Show").sees(order)
    administrator.open("policies/two-weeks/").tick("I have read what it does otherwise.").press("Publish")
    administrator.sees("The policy is published.").sees("Orders that are placed now are bound by two-weeks")
    later = buy(customer, SINGLE)
    customer.open(f"orders/{later}/").follow("two-weeks").sees(
        "This refund policy binds orders"
    ).has_no_barriers()
    customer.open(f"orders/{order}/").follow("2024-10-25").sees("An order keeps the refund policy")
    administrator.open("policies/2024-10-25/").tick("I have read what it does otherwise.").press("Publish")
    administrator.sees("Orders that are placed now are bound by 2024-10-25")
