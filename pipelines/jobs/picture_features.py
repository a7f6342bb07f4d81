"""The job that computes what images are found by as likenesses, and how unsure the color prior is of them, for those that lack it, and then
draws the map of the library anew."""

from functools import lru_cache
from typing import Any

import numpy as np
import PIL.Image
import torch
from numpy.typing import NDArray

from lcad.checkpoints import folder_of
from lcad.imaging import lightness_of_image
from lcad.models.color_prior import ColorPrior
from lcad.models.picture_features import NETWORK, SIDE, PictureFeatures
from lcad.models.prior_doubt import doubt, looked_at_size, prior_of
from pipelines.inference.library_map import lay_out
from pipelines.worker.job import JobContext, Plan, StepResult, batches_of
from workbench import images
from workbench.colorizations import checkpoints
from workbench.errors import WorkbenchError
from workbench.images import features
from workbench.store import MediaStore

BATCH = 16
PLACED = 5_000
"""Images that one transaction puts on the map."""


def plan(context: JobContext) -> Plan:
    """The images of the query that have no features yet, or of which it is not known how unsure the color prior is."""
    _, prior_name = _prior()
    with context.store.reading() as session:
        image_ids = sorted(images.ids(session, context.parameters["query"]))
        absent = {*features.lacking(session, image_ids, NETWORK), *features.undoubted(session, image_ids, prior_name)}
    lacking = [key for key in image_ids if key in absent]
    return Plan(batches_of(lacking, BATCH), len(image_ids), skipped=len(image_ids) - len(lacking))


def step(context: JobContext, batch: list[int]) -> StepResult:
    """Compute and keep what a batch of images lacks."""
    tally, shown = StepResult(), {}
    _, prior_name = _prior()
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
    with context.store.reading() as session:
        lacking, undoubted = features.lacking(session, list(shown), NETWORK), features.undoubted(session, list(shown), prior_name)
    vectors = {image_id: _features(shown[image_id]) for image_id in lacking}
    doubts = {image_id: _doubt(shown[image_id]) for image_id in undoubted}
    with context.store.writing() as session:
        features.keep(session, vectors, NETWORK)
        features.keep_doubts(session, doubts, prior_name)
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


def _doubt(pixels: NDArray[np.uint8]) -> float:
    """How unsure the color prior is of a picture (H, W, 3), of which it sees the lightness alone."""
    prior, _ = _prior()
    rows, columns = looked_at_size(*pixels.shape[:2])
    lightness = lightness_of_image(np.asarray(PIL.Image.fromarray(pixels).resize((columns, rows), PIL.Image.Resampling.BOX)))
    return round(doubt(prior, torch.from_numpy(lightness)[None, None].to(prior.gain.device)).item(), 4)


@lru_cache(maxsize=1)
def _prior() -> tuple[ColorPrior, str]:
    """The embedded checkpoint's color prior and its name, loaded once a process."""
    prior, name = prior_of(folder_of(checkpoints.MINI))
    return prior.to("cuda" if torch.cuda.is_available() else "cpu"), name


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
    for first in range(0, len(keys), PLACED):
        with context.store.writing() as session:
            features.place(session, keys[first : first + PLACED], places[first : first + PLACED])
    return {"on_the_map": len(keys)}
