"""The model in a worker: loaded once a checkpoint, kept for the next batch."""

from collections import OrderedDict
from functools import lru_cache
from pathlib import Path

import torch

from db.models import Checkpoint, Image
from lcad import LCADPipeline, load_pipeline
from lcad.grounding import SamPredictor, load_sam
from workbench import images
from workbench.colorizations import checkpoints
from workbench.errors import MissingPartError
from workbench.regions import interactive_segmentation
from workbench.settings import Settings, sam_weights
from workbench.store import MediaStore

EMBEDDED = "embedded:"


def location_of(checkpoint: Checkpoint) -> str:
    """What `lcad.load_pipeline` takes: an embedded checkpoint's name or a folder."""
    return checkpoint.location.removeprefix(EMBEDDED)


def pipeline_of(checkpoint: Checkpoint) -> LCADPipeline:
    """The loaded pipeline of a checkpoint; raises MissingPartError where its files are gone or no longer the same."""
    if checkpoint.location == checkpoints.MINI_LOCATION and checkpoints.folder_digest(checkpoints.mini_folder()) != checkpoint.digest:
        raise MissingPartError(f"{checkpoint.name} came with another version of the package; colorize with {checkpoints.MINI} instead.")
    try:
        return _loaded(location_of(checkpoint), checkpoint.digest)
    except (FileNotFoundError, ValueError) as error:
        raise MissingPartError(f"The checkpoint {checkpoint.name} cannot be loaded from {checkpoint.location}: {error}") from None


@lru_cache(maxsize=2)
def _loaded(location: str, _digest: str) -> LCADPipeline:
    pipeline = load_pipeline(location)
    return pipeline.to("cuda", torch.float16) if torch.cuda.is_available() else pipeline


def predictor_of(settings: Settings) -> SamPredictor | None:
    """Segment-anything with its weights; None where there are none. Raises MissingPartError where the named file is not usable."""
    path = sam_weights(settings.home)
    return None if path is None else _predictor(path)


def clicked(settings: Settings, media: MediaStore, image: Image) -> SamPredictor | None:
    """A predictor that has read a picture, kept for the next click on it; None where there are no weights.

    It is none that another job uses: what a predictor has read is its state, and clicks are carried out beside other runs. Raises
    MissingPartError as `predictor_of` does.
    """
    path = sam_weights(settings.home)
    if path is None:
        return None
    key = (path, image.upright_key)
    if key not in _read:
        predictor = SamPredictor(_predictor(path).model)
        predictor.set_image(images.upright_rgb(media, image))
        _read[key] = predictor
    _read.move_to_end(key)
    while len(_read) > interactive_segmentation.KEPT:  # an embedding has 4 MB
        _read.popitem(last=False)
    return _read[key]


_read: OrderedDict[tuple[Path, str], SamPredictor] = OrderedDict()


@lru_cache(maxsize=1)
def _predictor(path: Path) -> SamPredictor:
    try:
        return load_sam(path)
    except (FileNotFoundError, ValueError) as error:
        raise MissingPartError(f"Segment-anything cannot be loaded: {error}") from None
