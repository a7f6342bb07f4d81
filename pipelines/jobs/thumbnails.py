"""The job that makes the small pictures of the gallery ahead of time."""

from typing import Any

from pipelines.worker.job import JobContext, Plan, StepResult, batches_of
from workbench import images
from workbench.errors import WorkbenchError
from workbench.images import thumbnails

BATCH = 32
PAGE = 500
KINDS = ("color", "gray")


def plan(context: JobContext) -> Plan:
    """The images of the query that lack a thumbnail."""
    settings, missing, total, after_id = context.store.settings, [], 0, 0
    with context.store.reading() as session:
        while page := images.find(session, context.parameters["query"], after_id=after_id, limit=PAGE):
            after_id, total = page[-1].id, total + len(page)
            places = {image.id: [thumbnails.place(settings, image.upright_key, kind) for kind in KINDS] for image in page}
            missing += [image_id for image_id, paths in places.items() if not all(path.exists() for path in paths)]
    return Plan(batches_of(missing, BATCH), total, skipped=total - len(missing))


def step(context: JobContext, batch: list[int]) -> StepResult:
    """Make the thumbnails of a batch of images."""
    tally = StepResult()
    for image_id in batch:
        context.check()
        with context.store.reading() as session:
            image = images.get(session, image_id)
        try:
            for kind in KINDS:
                thumbnails.thumbnail(context.store.settings, context.store.media, image.upright_key, kind)
            tally += StepResult(done=1)
        except (WorkbenchError, OSError) as error:
            context.failed(image.file_name, str(error))
            tally += StepResult(failed=1)
    return tally


def finish(_context: JobContext, _findings: list[Any]) -> dict[str, Any]:
    """Nothing to add to the counts."""
    return {}
