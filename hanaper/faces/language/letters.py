"""What notices and letters quote of the service's own words, said in their reader's language."""

from django.utils import translation

from hanaper.apps.events import texts
from hanaper.faces.console.labels import LABELS, label
from hanaper.faces.language import sentences


def connect() -> None:
    """Called once, at start."""
    texts.connect(say)


def say(words: str, language: str) -> str:
    """A word of a closed list, such as a reason of RFC 5280, by its label; anything else as sentences."""
    with translation.override(language):
        return label(words) if words in LABELS else sentences.translate(words)
