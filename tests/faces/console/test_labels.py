"""Every word of the code that a page may show is written down for people."""

import importlib
import pkgutil
import re
from enum import StrEnum
from pathlib import Path

import pytest
from django.test import Client

import hanaper.apps
import hanaper.core
from hanaper.faces.console.deeds import DEEDS
from hanaper.faces.console.labels import LABELS
from tests.people import Person

PLACES = ("vocabulary", "states", "actor", "decision", "crl", "topics")
# Never shown: how things are done inside, or programs' words.
INSIDE = {
    "EventKind", "UseState", "Purpose", "CheckMethod", "IssuerOrderState", "Removal", "MovementKind", "Party", "Action",
    "_A", "_P", "CrlScope", "CancelReason", "DisabledBecause",
    "SignatureAlgorithm",
}  # fmt: skip


def test_every_word_has_a_label() -> None:
    missing = []
    for package in (hanaper.apps, hanaper.core):
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if found.name.endswith(PLACES):
                for name, kind in vars(importlib.import_module(found.name)).items():
                    if isinstance(kind, type) and issubclass(kind, StrEnum) and name not in INSIDE:
                        missing += [
                            (name, str(one))
                            for one in kind
                            if str(one) not in LABELS and str(one) not in DEEDS
                        ]
    assert missing == []


def test_every_box_for_a_time_says_its_zone() -> None:
    templates = Path(__file__).parents[3] / "hanaper" / "faces" / "templates"
    sources = "".join(file.read_text() for file in templates.rglob("*.html"))
    boxes = re.findall(r'([^>]*)</label><input [^>]*type="datetime-local"', sources)
    assert len(boxes) == sources.count('type="datetime-local"') > 0
    assert all(box.endswith(" ({% zone %})") for box in boxes)


@pytest.mark.django_db
def test_the_zone_is_the_reader_s(owner: Person) -> None:
    owner.user.zone = "Asia/Shanghai"
    owner.user.save()
    client = Client()
    client.force_login(owner.user)
    assert owner.account is not None
    shown = client.get(f"/a/{owner.account.public_id}/audit/").content.decode()
    assert "From (Asia/Shanghai)</label>" in shown
