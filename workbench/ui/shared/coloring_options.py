"""How a person says how to colorize: checkpoint, seeds, speed, guidance, variety, pins and a palette, the same on every page."""

from typing import Any

import streamlit as st

from db.models import Checkpoint
from workbench.colorizations import checkpoints
from workbench.errors import InvalidInputError, WorkbenchError
from workbench.ui.app import context
from workbench.ui.shared.entries import entered

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
    if not names:
        return place.selectbox("Checkpoint", names, index=None)
    (default, promoted), field = _default(names), "coloring-checkpoint"
    # What was chosen stays, until another checkpoint is put to use or what was chosen is gone. A newer embedded one, which keeping its
    # first result enters, is no reason: the results on show would be of another checkpoint than the field says.
    if st.session_state.get("coloring-promoted") != promoted or st.session_state.get(f"{field}-entered") not in names:
        st.session_state["coloring-promoted"], st.session_state[field] = promoted, default
    return place.selectbox("Checkpoint", names, key=entered(field, default))


def _default(names: list[str]) -> tuple[str, str]:
    """The names of the checkpoint that colors by default and of the one that was put to use, which is empty where none was."""
    try:
        with context.reading() as session:
            row = checkpoints.default(session)
            return row.name, row.name if row.promoted_at else ""
    except WorkbenchError:
        return names[0], ""


def speed(place: Any) -> str | None:
    """The preset that is chosen; None for the checkpoint's own settings."""
    return SPEEDS[
        place.selectbox(
            "Speed", SPEEDS, key=entered("coloring-speed", "Default"), help="Fast takes about half of the time; best takes more steps"
        )
    ]


def guidance(place: Any) -> float | None:
    """How strongly the caption steers; None for the checkpoint's own."""
    key, help_text = entered("coloring-guidance", None), "How strongly the caption steers"
    return place.number_input("Guidance", 0.0, 30.0, key=key, placeholder="default", help=help_text)


def steps(place: Any) -> int | None:
    """The number of sampling steps; None for the checkpoint's own."""
    key, help_text = entered("coloring-steps", None), "More steps take longer and change little"
    return place.number_input("Steps", 1, 200, key=key, placeholder="default", help=help_text)


def variety(place: Any) -> float | None:
    """How far colors that nobody asks for keep to what the checkpoint expects; None for all the way, as it does by itself."""
    help_text = "Colors that the caption does not name: the likely ones, or others with each seed"
    return VARIETIES[place.selectbox("Other colors", VARIETIES, key=entered("coloring-variety", "Likely"), help=help_text)]


def pins(place: Any) -> str:
    """Colors pinned to things of the captions, in words."""
    help_text = "A thing in the captions and the color it must have, by name or hex code; separate several with semicolons"
    key = entered("coloring-pins", "")
    return place.text_input("Fixed colors (pins)", key=key, placeholder="car = burgundy; sky = #88aaff", help=help_text)


def palette(place: Any) -> str:
    """The colors of a palette, in words."""
    help_text = "The colors that everything else may have, by name or hex code"
    return place.text_input("Palette", key=entered("coloring-palette", ""), placeholder="navy, #f5e6c8, mustard", help=help_text)


def parse_seeds(text: str) -> list[int]:
    """Seeds from "0, 1, 4-6"; raises InvalidInputError naming what cannot be read."""
    seeds: list[int] = []
    for part in text.replace(",", " ").split():
        low, dash, high = part.partition("-")
        if not low.isdecimal() or (dash and not high.isdecimal()) or int(high or low) - int(low) > 999:
            raise InvalidInputError(f'"{part}" is no seed; write whole numbers such as 0, 1, 4-6.')
        seeds += range(int(low), int(high or low) + 1)
    if not seeds:
        raise InvalidInputError("Write at least one seed, such as 0.")
    return list(dict.fromkeys(seeds))
