"""The job that proposes complete captions from the originals: the colors of each masked object, named."""

from typing import Any

from pipelines.worker.job import JobContext, Plan, Tally, batches_of
from workbench import images
from workbench.errors import WorkbenchError
from workbench.regions import colors_from_masks

BATCH = 20


def plan(context: JobContext) -> Plan:
    """The images of the query that have colors and masks."""
    asked = context.parameters["query"]
    query = f"({asked}) has:reference has:mask" if asked.strip() else "has:reference has:mask"
    with context.store.reading() as session:
        wanted = sorted(images.ids(session, query))
    return Plan(batches_of(wanted, BATCH), len(wanted))


def step(context: JobContext, batch: list[int]) -> Tally:
    """Describe a batch of images; where there is nothing to add, the image is passed over with the reason."""
    tally = Tally()
    for image_id in batch:
        context.check()
        try:
            with context.store.reading() as session:
                described = colors_from_masks.look(session, context.store.media, image_id)
            with context.store.writing() as session:
                made = colors_from_masks.propose(session, image_id, described, author=context.author, run_id=context.run_id)
                new = made.run_id == context.run_id
            tally += Tally(done=int(new), skipped=int(not new), findings=[1] if new else [])
        except WorkbenchError as refusal:
            context.skipped(f"image {image_id}", str(refusal))
            tally += Tally(skipped=1)
    return tally


def finish(_context: JobContext, findings: list[int]) -> dict[str, Any]:
    """How many proposals the run made."""
    return {"proposals": len(findings)}
