"""The job that colors one picture while a person waits: cell by cell, each shown as it is ready, with the maps of the caption's phrases.

What it makes are files and the run's summary (`workbench.tries`): rows come of it only where somebody keeps a cell.
"""

import io
from typing import Any

import numpy as np
import PIL.Image

from db.models import Checkpoint
from lcad import Colorizer
from pipelines.inference import loaded_models
from pipelines.inference.colorize import CaptionedPicture, ColorizedPicture, Sampling, colorize, colors_asked
from pipelines.inference.image_metrics import measured
from pipelines.inference.phrase_maps import PhraseMap, phrase_maps
from pipelines.worker.job import JobContext, Plan, StepResult
from workbench import reviews, runs, tries
from workbench.colorizations import checkpoints
from workbench.colorizations.credentials import Making, with_credentials
from workbench.errors import CancelledError, InvalidInputError
from workbench.imaging import png_of

FAST = 1
"""Compression of the files, most of which are gone in a minute."""


def plan(context: JobContext) -> Plan:
    """All cells in one batch: what is there already is not made again."""
    return Plan(["all"], len(tries.cells_of(context.parameters)))


def step(context: JobContext, _batch: str) -> StepResult:
    """Color the cells that are not there yet; the first one comes before everything else, then the maps of its phrases."""
    parameters = context.parameters
    with context.store.writing() as session:
        checkpoint = checkpoints.named(session, parameters["checkpoint"])
        summary = dict(runs.get(session, context.run_id).summary)
    colorizer, rgb = loaded_models.waited_for(checkpoint), _pixels(context, parameters["picture"])
    for number, (name, level, seed) in enumerate(tries.cells_of(parameters)):
        if name not in summary.get("cells", {}):
            result = _color(context, colorizer, rgb, parameters["captions"][level], seed)
            summary = _show(context, summary, "cells", {name: _cell(context, checkpoint, rgb, result, seed)}, done=number + 1)
        if number == 0 and "phrases" not in summary:
            things = colors_asked(parameters["settings"], rgb)[1]
            maps = phrase_maps(colorizer, rgb, parameters["captions"][level], things)
            summary = _show(context, summary, "phrases", [_map(context, one) for one in maps], done=1)
    return StepResult(done=len(tries.cells_of(parameters)))


def _pixels(context: JobContext, key: str) -> np.ndarray:
    with context.store.media.open(key) as source, PIL.Image.open(io.BytesIO(source.read())) as opened:
        return np.array(opened.convert("RGB"))


def _color(context: JobContext, colorizer: Colorizer, rgb: np.ndarray, caption: str, seed: int) -> ColorizedPicture:
    settings = context.parameters["settings"]
    constraints, things = colors_asked(settings, rgb)
    picture = CaptionedPicture(rgb, caption, seed=seed, constraints=constraints, things=things)
    sampling = Sampling(settings["steps"], settings["guidance"], True, 1, settings.get("expected"), settings.get("preset"))
    context.check()
    try:
        return colorize(colorizer, [picture], sampling, progress=context.keep_going)[0]
    except ValueError as error:
        raise InvalidInputError(f"The model could not color it: {error}") from None


def _cell(context: JobContext, checkpoint: Checkpoint, rgb: np.ndarray, result: ColorizedPicture, seed: int) -> dict[str, Any]:
    """What the summary says of a cell, whose file is stored."""
    parameters, pixels = context.parameters, np.asarray(result.image)
    making = Making(checkpoint.name, checkpoint.digest, result.caption, seed, parameters["settings"], parameters["sha256"])
    key = context.store.media.put(with_credentials(png_of(pixels, FAST), making), ".png")
    metrics = measured(pixels, rgb, [], has_reference=False)
    facts = {"mentions": [], "lost_words": result.lost_words, "metrics": metrics} | reviews.facts_of([], steered=False)
    return {"key": key, "seconds": result.seconds, "lost_words": result.lost_words, "facts": facts}


def _map(context: JobContext, one: PhraseMap) -> dict[str, Any]:
    """What the summary says of a phrase, whose maps are stored as gray pictures."""
    heat, mask = (context.store.media.put(png_of((255 * plane).astype(np.uint8)), ".png") for plane in (one.heat, one.mask))
    return {"start": one.start, "end": one.end, "found": one.is_found, "exact": one.exact, "heat": heat, "mask": mask}


def _show(context: JobContext, summary: dict[str, Any], part: str, entry: Any, *, done: int) -> dict[str, Any]:
    """The summary with what was found, written down for the page; of a try that was forgotten meanwhile nothing stays."""
    whole = {**summary, part: {**summary.get(part, {}), **entry} if isinstance(entry, dict) else entry}
    with context.store.writing() as session:
        gone = runs.is_cancelled(session, context.run_id, workflow_id=context.workflow_id)
        if not gone:
            runs.progress(session, context.run_id, done=done, summary=whole)
    if gone:
        with context.store.writing() as session:
            tries.drop_files(session, context.store.media, context.run_id, {part: entry})
        raise CancelledError(f"Run {context.run_id} was cancelled.")
    return whole


def finish(context: JobContext, _findings: list[Any]) -> dict[str, Any]:
    """What was shown, which the page goes on showing."""
    with context.store.reading() as session:
        return runs.get(session, context.run_id).summary
