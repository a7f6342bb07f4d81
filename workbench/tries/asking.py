"""Asking for a try, and what came of it so far.

A try is a run of the job `try_colors`, in a queue of its own, so that it waits for no other work. Its summary grows as results come:

    {"cells": {"complete:0": {"key", "seconds", "lost_words", "facts"}, …},
     "phrases": [{"start", "end", "heat": key, "mask": key, "confidence", "pinned"}, …]}

Files lie among the media under the hashes of their content; `forgetting` removes those that nothing else needs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from db.enums import CaptionLevel
from db.models import Run
from workbench import runs
from workbench.colorizations.asked_colors import asked_colors
from workbench.errors import InvalidInputError

JOB, QUEUE = "try_colors", "interactive"
MOST_CELLS = 24
CHOSEN = ("steps", "guidance", "instances")
"""Settings that every colorization has; the others stand among its settings only where they were chosen."""


@dataclass(frozen=True)
class Asked:
    """All that the results of a try depend on.

    picture   media key of its upright pixels, a PNG file; `image_id` where it is one of the library's
    captions  by level; the first one is that which was typed
    settings  as `settings_of` gives them
    """

    picture: str
    captions: Mapping[str, str]
    seeds: Sequence[int] = (0,)
    checkpoint: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    image_id: int | None = None
    sha256: str = ""
    """Of the photo's file."""


def settings_of(
    *,
    steps: int | None = None,
    guidance: float | None = None,
    preset: str | None = None,
    expected: float | None = None,
    pins: Sequence[Mapping[str, Any]] = (),
    palette: Sequence[str] = (),
) -> dict[str, Any]:
    """The settings of a try, as colorizations have them; raises InvalidInputError for a color that is none."""
    chosen: dict[str, Any] = {"steps": steps, "guidance": guidance, "instances": True}
    chosen |= {name: value for name, value in (("preset", preset), ("expected", expected)) if value is not None}
    return chosen | asked_colors(pins, palette)


def cells_of(parameters: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """The cells of a try in the order in which they are colored: (name, level, seed), all seeds of the typed caption first."""
    return [(f"{level}:{seed}", level, seed) for level in parameters["captions"] for seed in parameters["seeds"]]


def ask(session: Session, request: Asked, *, requested_by: str) -> Run:
    """Ask the workers for a try; raises InvalidInputError where it asks for nothing, or for too much at once."""
    captions = {CaptionLevel(level).value: text.strip() for level, text in request.captions.items()}
    if not captions or not all(captions.values()):
        raise InvalidInputError("A try needs a caption; write what the picture shows and which colors it should have.")
    if not request.seeds or len(captions) * len(request.seeds) > MOST_CELLS:
        raise InvalidInputError(f"A try has 1 to {MOST_CELLS} pictures; name fewer seeds.")
    parameters = asdict(request) | {"captions": captions, "seeds": list(dict.fromkeys(request.seeds)), "settings": dict(request.settings)}
    return runs.create(session, JOB, parameters, requested_by=requested_by)


def results(run: Run) -> dict[str, dict[str, Any]]:
    """The cells that are there, by name."""
    return run.summary.get("cells", {})
