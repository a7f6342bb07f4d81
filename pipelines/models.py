"""The model in a worker: loaded once a checkpoint, kept for the next batch."""

import os
from functools import lru_cache
from pathlib import Path

import torch

from db.models import Checkpoint
from lcad import LCADPipeline, load_pipeline
from lcad.instances import SamPredictor, load_sam
from workbench import checkpoints
from workbench.errors import MissingPartError
from workbench.settings import Settings

EMBEDDED = "embedded:"
SAM_VARIABLE = "WORKBENCH_SAM_WEIGHTS"


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


def sam_weights(settings: Settings) -> Path | None:
    """The file with segment-anything's weights: $WORKBENCH_SAM_WEIGHTS, else the first `weights/sam*.pth` of the store's home."""
    named = os.environ.get(SAM_VARIABLE)
    return Path(named) if named else next(iter(sorted((settings.home / "weights").glob("sam*.pth"))), None)


def predictor_of(settings: Settings) -> SamPredictor | None:
    """Segment-anything with its weights; None where there are none. Raises MissingPartError where the named file is not usable."""
    path = sam_weights(settings)
    return None if path is None else _predictor(path)


@lru_cache(maxsize=1)
def _predictor(path: Path) -> SamPredictor:
    try:
        return load_sam(path)
    except (FileNotFoundError, ValueError) as error:
        raise MissingPartError(f"Segment-anything cannot be loaded: {error}") from None
