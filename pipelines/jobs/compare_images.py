"""The job that compares images with all others for crops: those that came before crops were looked for, and by the way every import's."""

from functools import lru_cache
from typing import Any

from pipelines.worker.job import JobContext, Plan, Tally, batches_of
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
        wanted = list(session.scalars(crops.uncompared()))
    return Plan(batches_of(wanted, BATCH), len(wanted))


def step(context: JobContext, batch: list[int]) -> Tally:
    """Find the landmarks of a batch of images, keep them, and look for crops among all images."""
    tally, found = Tally(), {}
    for image_id in batch:
        context.check()
        try:
            with context.store.reading() as session:
                image = images.get(session, image_id)
            found[image_id] = landmarks_of(images.upright_rgb(context.store.media, image))
            tally += Tally(done=1)
        except (WorkbenchError, OSError) as error:
            context.failed(f"image {image_id}", str(error))
            tally += Tally(failed=1)
    with context.store.writing() as session:
        crops.keep(session, found)
    index = _index(context.store.settings.database_url, context.run_id)
    for image_id, own in found.items():
        index.add_found(image_id, own.descriptions)
    return tally + Tally(findings=[find_crops(context, list(found))])


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
