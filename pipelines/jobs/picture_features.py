"""The job that computes what images are found by as likenesses, for those that lack it, and then draws the map of the library anew."""

from functools import lru_cache
from typing import Any

import numpy as np
import PIL.Image
import torch
from numpy.typing import NDArray

from lcad.checkpoints import folder_of
from lcad.models.picture_features import NETWORK, SIDE, PictureFeatures
from pipelines.inference.library_map import lay_out
from pipelines.worker.job import JobContext, Plan, StepResult, batches_of
from workbench import images
from workbench.colorizations import checkpoints
from workbench.errors import WorkbenchError
from workbench.images import features
from workbench.store import MediaStore

BATCH = 16


def plan(context: JobContext) -> Plan:
    """The images of the query that have no features yet."""
    with context.store.reading() as session:
        image_ids = sorted(images.ids(session, context.parameters["query"]))
        lacking = features.lacking(session, image_ids, NETWORK)
    return Plan(batches_of(lacking, BATCH), len(image_ids), skipped=len(image_ids) - len(lacking))


def step(context: JobContext, batch: list[int]) -> StepResult:
    """Compute and keep the features of a batch of images."""
    tally, shown = StepResult(), {}
    for image_id in batch:
        context.check()
        try:
            with context.store.reading() as session:
                image = images.get(session, image_id)
            shown[image_id] = _small(context.store.media, image.upright_key)
            tally += StepResult(done=1)
        except (WorkbenchError, OSError) as error:
            context.failed(f"image {image_id}", str(error))
            tally += StepResult(failed=1)
    vectors = {image_id: _features(pixels) for image_id, pixels in shown.items()}
    with context.store.writing() as session:
        features.keep(session, vectors, NETWORK)
    return tally


def _small(media: MediaStore, key: str) -> NDArray[np.uint8]:
    """A picture at about twice the size at which it is looked at, (H, W, 3) uint8."""
    with media.open(key) as source, PIL.Image.open(source) as opened:
        opened.draft("RGB", (2 * SIDE, 2 * SIDE))
        picture = opened.convert("RGB")
        picture.thumbnail((2 * SIDE, 2 * SIDE))
        return np.asarray(picture)


def _features(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    network = _network()
    device = next(network.backbone.parameters()).device
    picture = torch.from_numpy(pixels.astype(np.float32) / 255).permute(2, 0, 1)[None].to(device)
    return network(picture)[0].cpu().numpy()


@lru_cache(maxsize=1)
def _network() -> PictureFeatures:
    """The classifier, loaded once a process."""
    network = PictureFeatures.from_checkpoint(folder_of(checkpoints.MINI))
    return network.to("cuda" if torch.cuda.is_available() else "cpu")


def finish(context: JobContext, _findings: list[Any]) -> dict[str, Any]:
    """Draw the map of all images that have features."""
    context.say("Drawing the map.")
    with context.store.reading() as session:
        keys, vectors = features.vectors(session, NETWORK)
    places = lay_out(vectors, features.SIDE)
    with context.store.writing() as session:
        features.place(session, keys, places)
    return {"on_the_map": len(keys)}
