"""The model in a worker: loaded once a checkpoint, kept for the next batch."""

from collections import OrderedDict
from copy import deepcopy
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import torch

from db.models import Checkpoint, Image
from lcad import Colorizer, LCADPipeline, load_pipeline
from lcad.grounding import SamPredictor, load_sam
from lcad.precision import fast_dtype
from lcad.presets import Preset, with_preset
from pipelines.inference.checkpoint_location import location_of
from pipelines.inference.remembered_finds import RememberingFinder
from workbench import images
from workbench.colorizations import checkpoints
from workbench.errors import InvalidInputError, MissingPartError
from workbench.regions import interactive_segmentation
from workbench.settings import Settings, sam_weights
from workbench.store import MediaStore


def colorizer_of(checkpoint: Checkpoint) -> Colorizer:
    """What colors with a checkpoint, a pipeline or a guest; raises MissingPartError where its files are gone or no longer the same."""
    if checkpoint.location == checkpoints.MINI_LOCATION and checkpoints.folder_digest(checkpoints.mini_folder()) != checkpoint.digest:
        raise MissingPartError(f"{checkpoint.name} came with another version of the package; colorize with {checkpoints.MINI} instead.")
    try:
        return _loaded(location_of(checkpoint), checkpoint.digest)
    except (FileNotFoundError, ValueError) as error:
        raise MissingPartError(f"The checkpoint {checkpoint.name} cannot be loaded from {checkpoint.location}: {error}") from None


def pipeline_of(checkpoint: Checkpoint) -> LCADPipeline:
    """The loaded pipeline of a checkpoint; raises InvalidInputError for a guest, and MissingPartError as `colorizer_of` does."""
    colorizer = colorizer_of(checkpoint)
    if not isinstance(colorizer, LCADPipeline):
        raise InvalidInputError(f"{checkpoint.name} is a guest: it colors, but it cannot find phrases. Choose another checkpoint.")
    return colorizer


@lru_cache(maxsize=2)
def _loaded(location: str, _digest: str) -> Colorizer:
    return ready(load_pipeline(location))


def waited_for(checkpoint: Checkpoint) -> Colorizer:
    """What colors with a checkpoint while a person waits, beside the runs that color with it: the same weights, but no state in common.

    Raises MissingPartError as `colorizer_of` does.
    """
    colorizer = colorizer_of(checkpoint)
    return _beside(location_of(checkpoint), checkpoint.digest) if isinstance(colorizer, LCADPipeline) else colorizer


@lru_cache(maxsize=2)
def _beside(location: str, digest: str) -> Colorizer:
    """A pipeline whose layers are its own, since masks steer by changing them for a while, and whose tensors are the loaded one's."""
    loaded = _loaded(location, digest)
    if not isinstance(loaded, LCADPipeline):
        raise TypeError(f"expected a pipeline, got {type(loaded).__name__}")
    models = {name: getattr(loaded.components, name) for name in ("autoencoder", "unet", "text_encoder")}
    shared = {id(tensor): tensor for model in models.values() for tensor in (*model.parameters(), *model.buffers())}
    parts = replace(loaded.components, **{name: deepcopy(model, dict(shared)) for name, model in models.items()})
    return LCADPipeline(parts, loaded.settings, None if loaded.finder is None else RememberingFinder(loaded.finder))


def ready(colorizer: Colorizer) -> Colorizer:
    """A colorizer on this machine's fastest device, in the type and layout that are fast there (`lcad.precision`)."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return colorizer.to(device, fast_dtype(device), channels_last=True)


def steps_of(colorizer: Colorizer, preset: Preset | None) -> int:
    """The steps that a colorizer takes under a preset; a guest has but one."""
    return with_preset(colorizer.settings, preset).steps if isinstance(colorizer, LCADPipeline) else colorizer.settings.steps


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
