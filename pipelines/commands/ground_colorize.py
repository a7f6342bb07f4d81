"""`workbench ground` and `workbench colorize`: masks and colorizations of images in the store."""

from typing import Annotated

import typer

from db.enums import CaptionLevel
from pipelines.commands.console import AsJson, Best, Fast, Guidance, Home, Instances, Query, Steps, Wait, ask, preset_of, store_at
from workbench.colorizations.asked_colors import asked_colors, palette_of, pins_of

Checkpoint = Annotated[str | None, typer.Option(help="Name of the checkpoint; by default the newest promoted one, else mini.")]

Pins = Annotated[
    list[str] | None,
    typer.Option(help="A color for a thing of the captions, such as car=burgundy or 'dress=#0a5'; may be given several times."),
]
Palette = Annotated[str, typer.Option(help="The colors that the rest may have, such as 'navy, #f5e6c8, mustard'.")]


def ground(query: Query = "", checkpoint: Checkpoint = None, wait: Wait = False, home: Home = None, as_json: AsJson = False) -> None:
    """Masks for the mentions of captions; images with exact masks are skipped."""
    with store_at(home) as store:
        ask(store, "ground_phrases", {"query": query, "checkpoint": checkpoint}, wait=wait, as_json=as_json)


def colorize(
    query: Query = "",
    levels: Annotated[str, typer.Option(help="Caption levels, separated by commas.")] = ",".join(CaptionLevel),
    checkpoint: Checkpoint = None,
    seeds: Annotated[str, typer.Option(help="Seeds, separated by commas.")] = "0",
    steps: Steps = None,
    guidance: Guidance = None,
    instances: Instances = True,
    fast: Fast = False,
    best: Best = False,
    pin: Pins = None,
    palette: Palette = "",
    wait: Wait = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Colorizations of images in the store, through the queue; what is there already is not made again."""
    parameters = {
        "query": query,
        "levels": _levels(levels),
        "checkpoint": checkpoint,
        "seeds": _seeds(seeds),
        "steps": steps,
        "guidance": guidance,
        "instances": instances,
        "preset": preset_of(fast, best),
        **({"pins": [], "palette": []} | asked_colors(pins_of(";".join(pin or ())), palette_of(palette))),
    }
    with store_at(home) as store:
        ask(store, "colorize_images", parameters, wait=wait, as_json=as_json)


def _levels(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in list(CaptionLevel):
            raise typer.BadParameter(f"{name!r} is no level; there are {', '.join(CaptionLevel)}", param_hint="--levels")
    return names


def _seeds(text: str) -> list[int]:
    try:
        seeds = [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        seeds = []
    if not seeds or min(seeds) < 0:
        raise typer.BadParameter(f"expected whole numbers from 0 on, separated by commas, got {text!r}", param_hint="--seeds")
    return seeds
