"""The job that proposes complete captions from the originals: the colors of each masked object, named."""

from typing import Any

from pipelines.worker.job import JobContext, Plan, StepResult, batches_of
from workbench import images
from workbench.errors import WorkbenchError
from workbench.regions import colors_from_masks

BATCH = 20


def plan(context: JobContext) -> Plan:
    """The images of the query that have colors and masks."""
    query_text = context.parameters["query"]
    query = f"({query_text}) has:reference has:mask" if query_text.strip() else "has:reference has:mask"
    with context.store.reading() as session:
        image_ids = sorted(images.ids(session, query))
    return Plan(batches_of(image_ids, BATCH), len(image_ids))


def step(context: JobContext, batch: list[int]) -> StepResult:
    """Describe a batch of images; where there is nothing to add, the image is passed over with the reason."""
    tally = StepResult()
    for image_id in batch:
        context.check()
        try:
            with context.store.reading() as session:
                described = colors_from_masks.look(session, context.store.media, image_id)
            with context.store.writing() as session:
                made = colors_from_masks.propose(session, image_id, described, author=context.author, run_id=context.run_id)
                new = made.run_id == context.run_id
            tally += StepResult(done=int(new), skipped=int(not new), findings=[1] if new else [])
        except WorkbenchError as refusal:
            context.skipped(f"image {image_id}", str(refusal))
            tally += StepResult(skipped=1)
    return tally


def finish(_context: JobContext, findings: list[int]) -> dict[str, Any]:
    """How many proposals the run made."""
    return {"proposals": len(findings)}
