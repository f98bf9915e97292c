"""Every word of the code that a page may show is written down for people."""

import importlib
import pkgutil
from enum import StrEnum

import hanaper.apps
import hanaper.core
from hanaper.faces.console.deeds import DEEDS
from hanaper.faces.console.labels import LABELS

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
