"""How a person says how to colorize: checkpoint, seeds, speed, guidance, variety, pins and a palette, the same on every page."""

from typing import Any

from db.models import Checkpoint
from workbench.colorizations import checkpoints
from workbench.errors import InvalidInputError, WorkbenchError
from workbench.ui.app import context

SPEEDS = {"Default": None, "Fast": "fast", "Best": "best"}
VARIETIES = {"Likely": None, "Mixed": 0.5, "Varied": 0.0}
"""How far colors that nobody asks for keep to what the checkpoint expects, by words."""


def known_checkpoints() -> list[Checkpoint]:
    """The checkpoints of the store; the embedded one is entered where there are none."""
    with context.reading() as session:
        known = checkpoints.listing(session)
    if not known:
        with context.attempt(), context.transaction() as session:
            known = [checkpoints.ensure_mini(session)]
    return known


def checkpoint(place: Any, known: list[Checkpoint]) -> str | None:
    """The name of the checkpoint that is chosen."""
    names = [one.name for one in known]
    return place.selectbox("Checkpoint", names, index=names.index(_default(names)) if names else None, key="coloring-checkpoint")


def _default(names: list[str]) -> str:
    try:
        with context.reading() as session:
            return checkpoints.default(session).name
    except WorkbenchError:
        return names[0]


def speed(place: Any) -> str | None:
    """The preset that is chosen; None for the checkpoint's own settings."""
    return SPEEDS[place.selectbox("Speed", SPEEDS, help="Fast takes about half of the time; best takes more steps")]


def guidance(place: Any) -> float | None:
    """How strongly the caption steers; None for the checkpoint's own."""
    return place.number_input("Guidance", 0.0, 30.0, None, placeholder="default", help="How strongly the caption steers")


def variety(place: Any) -> float | None:
    """How far colors that nobody asks for keep to what the checkpoint expects; None for all the way, as it does by itself."""
    help_text = "Colors that nobody asks for: the likely ones, or others with each seed"
    return VARIETIES[place.selectbox("Unasked colors", VARIETIES, help=help_text)]


def pins(place: Any) -> str:
    """Colors pinned to things of the captions, in words."""
    help_text = "A thing of the captions and its color, by name or hex code; several with semicolons between"
    return place.text_input("Pins", placeholder="car = burgundy; sky = #88aaff", help=help_text)


def palette(place: Any) -> str:
    """The colors of a palette, in words."""
    help_text = "The colors that all but pinned and captioned things may have, by name or hex code"
    return place.text_input("Palette", placeholder="navy, #f5e6c8, mustard", help=help_text)


def parse_seeds(text: str) -> list[int]:
    """Seeds from "0, 1, 4-6"; raises InvalidInputError naming what cannot be read."""
    seeds: list[int] = []
    for part in text.replace(",", " ").split():
        low, dash, high = part.partition("-")
        if not low.isdecimal() or (dash and not high.isdecimal()) or int(high or low) - int(low) > 999:
            raise InvalidInputError(f'"{part}" is no seed; write whole numbers such as 0, 1, 4-6.')
        seeds += range(int(low), int(high or low) + 1)
    if not seeds:
        raise InvalidInputError("Name one seed or more, such as 0.")
    return list(dict.fromkeys(seeds))
