"""Names made to look like other names: labels that mix scripts, or imitate Latin in another one.

The rule, after UTS 39 section 5.2 ("highly restrictive") and Chromium's IDN display policy:

1. All letters of one label are of one script; digits, hyphens and marks shared by scripts are
   ignored. Japanese (Han, Hiragana, Katakana), Chinese (Han, Bopomofo) and Korean (Han, Hangul) count
   as one script each, and each of the three may stand with Latin.
2. A label wholly in Cyrillic or Greek is refused if each of its letters looks like a Latin one,
   unless the top-level domain is written in that script too.
3. Letters of phonetic notation that are drawn like everyday Latin ones are refused (UTS 39 does not
   count them among those allowed in identifiers, IDNA2008 alone would let them pass).

Not covered: letters of the everyday alphabets that resemble each other (dotless i, l and I, 0 and o).

A label of plain ASCII is never refused. Rule 1 needs each character's script, which Python's
unicodedata does not give; the first word of a letter's Unicode name is its script for every script
that IDNA2008 admits and that rule 1 tells apart.
"""

import unicodedata

_TOGETHER = (
    frozenset({"LATIN", "HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "HAN", "BOPOMOFO"}),
    frozenset({"LATIN", "HAN", "HANGUL"}),
)

# Letters of the script that are drawn like Latin ones (Chromium's list for Cyrillic; Greek likewise).
_LIKE_LATIN = {
    "CYRILLIC": frozenset("асԁеһіјӏорԛѕԝхуъьҽпгѵѡкѐёїѓѝќўӓӧԍ"),
    "GREEK": frozenset("αιικνορτυχγωόίύάώϊϋ"),
}

_PHONETIC = frozenset(
    "\N{LATIN SMALL LETTER ALPHA}\N{LATIN SMALL LETTER SCRIPT G}\N{LATIN SMALL LETTER IOTA}"
)

_NAMED_OTHERWISE = {"CJK": "HAN", "IDEOGRAPHIC": "HAN"}


def lookalike_reason(label: str, *, top_level: str) -> str | None:
    """Why `label` (a U-label) is refused as a lookalike, or None. `top_level` is the name's last label."""
    if label.isascii():
        return None
    scripts = _scripts(label)
    if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
        mixed = " and ".join(sorted(script.title() for script in scripts))
        return f"The part {label} mixes letters of {mixed}, which can pass for another name."
    if _PHONETIC.intersection(label):
        return f"The part {label} holds a letter of phonetic notation that passes for another one."
    for script, lookalikes in _LIKE_LATIN.items():
        letters = {character for character in label if _script(character)}
        if scripts == {script} and letters <= lookalikes and _scripts(top_level) != {script}:
            return (
                f"The part {label} is written in {script.title()} letters that all look like Latin"
                " ones, so it can pass for another name."
            )
    return None


def _scripts(label: str) -> frozenset[str]:
    return frozenset(script for script in map(_script, label) if script)


def _script(character: str) -> str | None:
    """The script of a letter, None for what scripts share: digits, marks, hyphens, joiners."""
    if not unicodedata.category(character).startswith("L"):
        return None
    # The prolonged sound mark and the middle dots serve several scripts, and are named so.
    name = unicodedata.name(character, "UNNAMED")
    if name.startswith(("KATAKANA-HIRAGANA", "MODIFIER LETTER")):
        return None
    first = name.split()[0]
    return _NAMED_OTHERWISE.get(first, first)
