"""The job that compares images with all others for crops: those that came before crops were looked for, and by the way every import's."""

from functools import lru_cache
from typing import Any

from pipelines.worker.job import JobContext, Plan, StepResult, batches_of
from workbench import images
from workbench.errors import WorkbenchError
from workbench.images import crops
from workbench.imaging.crop_index import CropIndex
from workbench.imaging.landmarks import landmarks_of
from workbench.store import events

BATCH = 32


def plan(context: JobContext) -> Plan:
    """The images whose landmarks are not known."""
    with context.store.reading() as session:
        image_ids = list(session.scalars(images.uncompared()))
    return Plan(batches_of(image_ids, BATCH), len(image_ids))


def step(context: JobContext, batch: list[int]) -> StepResult:
    """Find the landmarks of a batch of images, keep them, and look for crops among all images."""
    tally, marks = StepResult(), {}
    for image_id in batch:
        context.check()
        try:
            with context.store.reading() as session:
                image = images.get(session, image_id)
            marks[image_id] = landmarks_of(images.upright_rgb(context.store.media, image))
            tally += StepResult(done=1)
        except (WorkbenchError, OSError) as error:
            context.failed(f"image {image_id}", str(error))
            tally += StepResult(failed=1)
    with context.store.writing() as session:
        crops.keep(session, marks)
    index = _index(context.store.settings.database_url, context.run_id)
    for image_id, own in marks.items():
        index.add_found(image_id, own.descriptions)
    return tally + StepResult(findings=[find_crops(context, list(marks))])


def find_crops(context: JobContext, image_ids: list[int]) -> int:
    """Record which images these are crops of, or the other way round; return how many pairs are new."""
    if not image_ids:
        return 0
    index = _index(context.store.settings.database_url, context.run_id)
    with context.store.reading() as session:
        pairs = crops.look(session, crops.catch_up(session, index), image_ids)
    if not pairs:
        return 0
    with context.store.writing() as session:
        named = {"actor": context.author, "run_id": context.run_id, "batch_id": events.batch_of_run(context.run_id)}
        return crops.record(session, pairs, **named)


@lru_cache(maxsize=1)
def _index(_store: str, _run_id: int) -> CropIndex:
    """The landmarks of a store's images, read once for a run in a process."""
    return CropIndex()


def finish(context: JobContext, findings: list[int]) -> dict[str, Any]:
    """How many pairs were found; what came meanwhile was compared with what was known then, so it is compared once more."""
    with context.store.reading() as session:
        newer = list(session.scalars(crops.newer_than_run(context.run_id)))
    return {"pairs": sum(findings) + find_crops(context, newer)}
