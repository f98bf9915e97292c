"""Tables that stand upright on a phone, as docs/console.md promises: each row by itself, each cell with its name."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[3] / "hanaper" / "faces" / "templates" / "console"
UPRIGHT = (
    "balance", "keys", "members", "people", "private_ca/template_form", "operators/_transfers",
    "operators/_trials", "operators/system", "operators/catalogue", "operators/staff", "operators/accounts",
    "operators/policies", "operators/product", "operators/vouchers", "operators/policy", "operators/coupons",
    "operators/trial", "operators/promotions", "operators/queue", "operators/refunds", "webhooks", "webhook",
    "certificate", "private_ca/_table_faults", "private_ca/batch", "private_ca/_charts", "receipt", "_rules",
    "gateway/statistics",
)  # fmt: skip


@pytest.mark.parametrize("name", UPRIGHT)
def test_rows_stand_upright(name: str) -> None:
    """Every cell but a row's first, which is its name, and its last, if that is what can be done with it."""
    source = (TEMPLATES / f"{name}.html").read_text()
    tables = re.findall(r'<table class="(?:rows )?folds">(.*?)</table>', source, re.DOTALL)
    assert tables and source.count("<table") == len(tables)
    for table in tables:
        body = table.split("<tbody>")[1].replace("{% if not forloop.first %}", "")
        for row in body.split("<tr")[1:]:
            _first, *others = re.findall(r'<(?:td|th scope="row")([^>]*)>', row)
            assert all("data-label=" in cell or "actions" in cell for cell in others), name
