"""When an origin is taken out, and when it comes back: not at the first answer that differs."""

from dataclasses import dataclass, replace

ENOUGH = 2  # answers in a row that say something else than what is believed


@dataclass(frozen=True, slots=True)
class Health:
    """What is believed of an origin; `contrary`: answers in a row against it; `since`: seconds of the Unix
    epoch from when on it was found unwell."""

    well: bool = True
    contrary: int = 0
    problem: str = ""
    since: int = 0


def after(before: Health, problem: str, at: int) -> Health:
    """What is believed after an answer; `problem`: what was wrong with it, empty when nothing was."""
    if before.well == (problem == ""):
        return replace(before, contrary=0, problem=problem)
    if before.contrary + 1 < ENOUGH:
        return replace(before, contrary=before.contrary + 1)
    return Health(well=not before.well, problem=problem, since=at if before.well else 0)
