"""The job that lets segment-anything read a picture as soon as somebody corrects its masks, so that the first click is answered at once.

What was read is kept by the worker's process (`models.clicked`); the same queue carries out the clicks, one after the other.
"""

from typing import Any

from pipelines.inference import loaded_models
from pipelines.worker.job import JobContext, Plan, StepResult
from workbench import images
from workbench.errors import MissingPartError


def plan(context: JobContext) -> Plan:
    """The one picture."""
    return Plan([context.parameters["image_id"]], 1)


def step(context: JobContext, image_id: int) -> StepResult:
    """Load the weights, where that was not done before, and read the picture."""
    with context.store.reading() as session:
        image = images.get(session, image_id)
    if loaded_models.clicked(context.store.settings, context.store.media, image) is None:
        raise MissingPartError("This worker's segment-anything weights are gone; put them back, or let GrabCut cut clicks out.")
    return StepResult(done=1)


def finish(_context: JobContext, _findings: list[Any]) -> dict[str, Any]:
    """Nothing but the reading itself."""
    return {}
