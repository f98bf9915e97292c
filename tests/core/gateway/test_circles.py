"""Redirects that lead nowhere."""

import pytest

from hanaper.core.gateway.behaviour import Redirect
from hanaper.core.gateway.circles import circles


@pytest.mark.parametrize(
    ("redirects", "fields", "said"),
    [
        ([("/a", "/a")], ["r.0.to"], "/a leads to itself"),
        ([("/a", "/A?x=1#y")], ["r.0.to"], "/a leads to itself"),
        ([("/a", "/x/../%61")], ["r.0.to"], "/a leads to itself"),
        ([("/a", "https://WWW.shop.test/a")], ["r.0.to"], "/a leads to itself"),
        ([("/", "http://www.shop.test:80")], ["r.0.to"], "/ leads to itself"),
        ([("/a", "/b"), ("/b", "/a")], ["r.1.to"], "lead in a circle: /a, /b, /a."),
        ([("/z", "/a"), ("/a", "/b"), ("/b", "/a")], ["r.2.to"], "lead in a circle: /a, /b, /a."),
        ([("/b", "/c"), ("/a", "/b"), ("/c", "/a"), ("/d", "/d")], ["r.1.to", "r.3.to"], "/b, /c, /a, /b."),
        ([("/a", "/b"), ("/b", "/c"), ("/d", "/b")], [], ""),
        ([("/a", "/a/")], [], ""),
        ([("/a", "https://other.test/a"), ("/b", "https://www.shop.test:8443/b")], [], ""),
    ],
)
def test_circles(redirects: list[tuple[str, str]], fields: list[str], said: str) -> None:
    found = circles([Redirect(path=path, to=to) for path, to in redirects], "www.shop.test", "r")
    assert [one.field for one in found] == fields
    assert not found or said in found[0].message
