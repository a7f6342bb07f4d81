"""The job that carries out one click or box on the Ground page with segment-anything.

A mask that clicks alone have made is predicted anew from all of them. One that holds anything else (strokes, a proposal, an import)
is the prompt beside the clicks since, and is only added to by a click that adds, only taken from by one that takes away: so a click
spoils nothing that another tool made.
"""

from typing import Any

import numpy as np

from db.enums import RegionOrigin
from db.models import Image
from lcad.grounding import mask_of_clicks
from pipelines.inference import loaded_models
from pipelines.worker.job import JobContext, Plan, StepResult
from workbench import images, regions, runs
from workbench.errors import CancelledError, InvalidInputError, MissingPartError
from workbench.imaging import masks
from workbench.imaging.mask_editing import Correction
from workbench.regions import NEW, Clicks, interactive_segmentation


def plan(context: JobContext) -> Plan:
    """The one click."""
    return Plan([context.parameters["region_id"]], 1)


def step(context: JobContext, region_id: int) -> StepResult:
    """Predict the mask and keep it; a step that was interrupted after that does nothing."""
    image_id, mention_id = context.parameters["image_id"], context.parameters["mention_id"]
    with context.store.reading() as session:
        if interactive_segmentation.carried_out(session, context.run_id):
            return StepResult(done=1)
        correction = interactive_segmentation.correction_of(runs.get(session, context.run_id))
        image = images.get(session, image_id)
        anew = region_id == NEW or context.parameters.get("replaces", False)
        before = None if anew else masks.decode(regions.get(session, region_id).mask)
        history = Clicks() if anew else interactive_segmentation.clicks_of(session, region_id)
    mask, score = _cut(context, image, before, history, correction)
    with context.store.writing() as session:
        if runs.is_cancelled(session, context.run_id, workflow_id=context.workflow_id):  # dropped, or cut here with GrabCut instead
            raise CancelledError(f"Run {context.run_id} was cancelled.")
        region = interactive_segmentation.keep(
            session, image_id, mention_id, region_id, mask, origin=RegionOrigin.SAM, actor=context.actor, run_id=context.run_id
        )
    return StepResult(done=1, findings=[{"region": region.id, "score": round(score, 3)}])


def _cut(context: JobContext, image: Image, before: np.ndarray | None, history: Clicks, correction: Correction) -> tuple[np.ndarray, float]:
    """The mask (H, W) bool after a correction, and segment-anything's score of it."""
    predictor = loaded_models.clicked(context.store.settings, context.store.media, image)
    if predictor is None:
        raise MissingPartError("This worker's segment-anything weights are gone; cut this click with GrabCut, or put them back.")
    corrections = history.then(correction)
    try:
        mask, score = mask_of_clicks(predictor, corrections.points, corrections.adds, corrections.box, before)
    except ValueError as error:
        raise InvalidInputError(f"The click did nothing: {error}. Click elsewhere, draw a box, or paint.") from None
    if before is None or history.complete:
        return mask, score
    kept = before & mask if correction.kind == "remove" else before | mask
    if not kept.any():
        raise InvalidInputError("The click would take the whole mask away; remove the mask instead.")
    return kept, score


def finish(context: JobContext, findings: list[dict[str, Any]]) -> dict[str, Any]:
    """Which region the click changed, and by what."""
    return {"method": "segment-anything", **(findings[0] if findings else {})}
