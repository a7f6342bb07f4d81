"""Colors that a person asks for beside the caption: pinned to things or strokes, and a palette; as settings of a colorization.

Among the settings, and so in what a colorization is keyed by, they stand only where there are any:

    pins     [{"thing": "car", "color": "burgundy"}] for what a caption calls so, [{"stroke": RLE, "color": "#0a5"}] for what is under it
    palette  ["navy", "#f5e6c8"]: the colors that the rest may have
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.errors import InvalidInputError
from workbench.imaging import color_note, palette_of, require_color

__all__ = ["MOST_COLORS", "asked_colors", "notes", "palette_of", "pins_in_words", "pins_of"]

MOST_COLORS = 24
"""In a palette, and pinned."""


def pins_of(text: str) -> list[dict[str, str]]:
    """The pins of a text such as "car = burgundy; sky = #88aaff"; raises InvalidInputError naming what cannot be read."""
    pins: dict[str, str] = {}
    for part in re.split(r"[;\n]|,(?=[^,=]*=)", text):
        if not part.strip():
            continue
        thing, sign, color = (piece.strip() for piece in part.partition("="))
        if not (thing and sign and color):
            raise InvalidInputError(f"“{part.strip()}” pins no color; write a thing of the caption and a color, such as car = burgundy.")
        pins[" ".join(thing.lower().split())] = require_color(color)
    return [{"thing": thing, "color": color} for thing, color in pins.items()]


def asked_colors(pins: Sequence[Mapping[str, Any]], palette: Sequence[str]) -> dict[str, Any]:
    """The settings of pins and a palette, checked; empty where neither is asked for. Raises InvalidInputError for what is no color."""
    for name, values in (("pins", pins), ("palette", palette)):
        if len(values) > MOST_COLORS:
            raise InvalidInputError(f"There are {len(values)} {name}; give {MOST_COLORS} or fewer.")
    checked = []
    for pin in pins:
        place = next((key for key in ("thing", "stroke") if pin.get(key)), None)
        if place is None or set(pin) != {place, "color"}:
            raise InvalidInputError("A pin is a color with a thing or with a stroke, and nothing else.")
        checked.append({place: pin[place], "color": require_color(pin["color"])})
    colors = [require_color(color) for color in palette]
    return ({"pins": checked} if checked else {}) | ({"palette": colors} if colors else {})


def pins_in_words(settings: Mapping[str, Any]) -> str:
    """The pins and the palette of a colorization's settings, for people: "car = burgundy · a stroke = #00aa55 · palette navy, mint"."""
    said = [f"{pin.get('thing', 'a stroke')} = {pin['color']}" for pin in settings.get("pins", ())]
    said += [f"palette {', '.join(settings['palette'])}"] if settings.get("palette") else []
    return " · ".join(said)


def notes(settings: Mapping[str, Any]) -> list[str]:
    """What the names of pinned colors and of a palette mean, where that is not plain."""
    colors = [*(pin["color"] for pin in settings.get("pins", ())), *settings.get("palette", ())]
    return [note for color in dict.fromkeys(colors) if (note := color_note(color))]
